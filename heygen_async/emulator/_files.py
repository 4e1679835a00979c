"""The file server: videos and assets under URLs, with byte ranges, and presigned PUTs.

HeyGen's URLs are presigned and expire. JoggAI's are plain and last: they begin with
``/public`` and need no signature.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from importlib import resources
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._server import Exchange
    from heygen_async.emulator._state import Backend, Upload


@attrs.frozen
class File:
    """A file as it is served."""

    content: bytes = attrs.field(repr=False)
    mime_type: str
    etag: str


PICTURES = 4
"""How many a generation of photos makes."""

RENDERED: Mapping[str, tuple[str, str]] = {
    "video.mp4": ("video.mp4", "video/mp4"),
    "video.webm": ("video.webm", "video/webm"),
    "captioned.mp4": ("video.mp4", "video/mp4"),
    "captioned.webm": ("video.webm", "video/webm"),
    "thumbnail.jpg": ("thumbnail.jpg", "image/jpeg"),
    "gif.gif": ("preview.gif", "image/gif"),
    "srt.srt": ("subtitles.srt", "application/x-subrip"),
    "audio.wav": ("sound.wav", "audio/wav"),
    "stock.jpg": ("thumbnail.jpg", "image/jpeg"),
    "preview.jpg": ("thumbnail.jpg", "image/jpeg"),
    **{f"photo{number}.jpg": ("thumbnail.jpg", "image/jpeg") for number in range(1, PICTURES + 1)},
}
"""What a job yields, as ``/<kind>/<id>.<suffix>``: the packaged file and its media type."""

PREVIEW_SIZE = 160, 90
"""Width and height of the packaged picture."""

VIDEO_SECONDS = 2.4
"""The length of the packaged video."""

PUBLIC = "/public"
KEY_HEADERS = ("x-api-key", "Authorization")
READING = {"GET", "HEAD"}
CONSENT_PAGE = "<!doctype html><title>Consent</title><p>Thank you, your consent was recorded."


@functools.cache
def media() -> Mapping[str, File]:
    """Return the packaged files by kind and suffix, read once."""
    folder = resources.files("heygen_async.emulator") / "media"
    files = {}
    for served, (name, mime_type) in RENDERED.items():
        content = (folder / name).read_bytes()
        files[served] = File(content, mime_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
    return files


def image_keys(job_id: str) -> list[str]:
    """Return the keys of the pictures of a generation; each is a path on the file server."""
    return [f"photo{number}/{job_id}.jpg" for number in range(1, PICTURES + 1)]


async def serve(exchange: Exchange) -> web.Response:
    """Answer with a file or one range of it, take an upload, or show the page of consent.

    The status is 200, 206, 400, 403, 404, 405, 411 or 416.
    """
    backend, request = exchange.backend, exchange.request
    path = request.path.removeprefix(PUBLIC)
    signed = path == request.path
    kind, _, name = path.lstrip("/").partition("/")
    if request.method not in ({"PUT"} if signed and kind == "upload" else READING):
        return _refuse_xml(405, "MethodNotAllowed", "The method is not allowed for a file.")
    if signed and (fault := backend.signer.find_fault(path, request.query)):
        return _refuse_xml(403, "AccessDenied", fault)
    if request.method == "PUT" and (upload := backend.uploads.get(name)):
        return await _receive(request, upload)
    if signed and kind == "consent" and (group := backend.avatars.groups.get(name)):
        backend.avatars.consent(group)
        return web.Response(text=CONSENT_PAGE, content_type="text/html")
    file = _find(backend, kind, name)
    if file is None:
        return _refuse_xml(404, "NoSuchKey", "The specified key does not exist.")
    return _part(request, file)


def _find(backend: Backend, kind: str, name: str) -> File | None:
    stem, _, suffix = name.rpartition(".")
    if kind == "asset":
        asset = backend.assets.get(stem)
        return None if asset is None else File(asset.content, asset.mime_type, f'"{asset.id}"')
    if kind == "upload":
        upload = backend.uploads.get(stem)
        if upload is None or upload.content is None:
            return None
        return File(upload.content, upload.content_type, f'"{upload.id}"')
    known = kind in {"audio", "stock"} or stem in backend.jobs.all or stem in backend.avatars.looks
    return media().get(f"{kind}.{suffix}") if known else None


def _part(request: web.Request, file: File) -> web.Response:
    size = len(file.content)
    headers = {"Accept-Ranges": "bytes", "ETag": file.etag}
    span = _span(request, file.etag)
    if span is None:
        return web.Response(body=file.content, content_type=file.mime_type, headers=headers)
    part = range(size)[span]
    if not part:
        headers["Content-Range"] = f"bytes */{size}"
        return _refuse_xml(416, "InvalidRange", "The requested range is not satisfiable.", headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    content = file.content[part.start : part.stop]
    return web.Response(status=206, body=content, content_type=file.mime_type, headers=headers)


def _span(request: web.Request, etag: str) -> slice | None:
    """Return the one range that was asked for; None means the whole file, as RFC 9110 lets."""
    if "Range" not in request.headers or request.headers.get("If-Range", etag) != etag:
        return None
    try:
        return request.http_range
    except ValueError:
        return None


def _refuse_xml(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a refusal as object stores give it."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return web.Response(status=status, text=text, content_type="application/xml", headers=headers)


async def _receive(request: web.Request, upload: Upload) -> web.Response:
    """Take the bytes of a PUT if it is the one that was announced, else refuse it."""
    content = bytearray()
    async for chunk in request.content.iter_any():
        if upload.size is None or len(content) <= upload.size:
            content += chunk
    if refusal := _refuse_put(request, upload, content):
        return refusal
    upload.content = bytes(content)
    return web.Response(headers={"ETag": f'"{upload.id}"'})


def _refuse_put(request: web.Request, upload: Upload, content: bytearray) -> web.Response | None:
    """Return what is wrong with a PUT, None if nothing is."""
    if any(name in request.headers for name in KEY_HEADERS):
        message = "Only one auth mechanism allowed: the signature of the URL."
        return _refuse_xml(400, "InvalidArgument", message)
    for name, value in upload.headers.items():
        if request.headers.get(name) != value:
            message = f"The header {name} is not the signed one."
            return _refuse_xml(403, "SignatureDoesNotMatch", message)
    if request.content_length is None:
        message = "You must provide the Content-Length HTTP header."
        return _refuse_xml(411, "MissingContentLength", message)
    if upload.size is not None and len(content) != upload.size:
        code = "IncompleteBody" if len(content) < upload.size else "EntityTooLarge"
        return _refuse_xml(400, code, f"{upload.size} bytes were announced.")
    if upload.checksum and not hmac.compare_digest(
        hashlib.sha256(content).digest(), upload.checksum
    ):
        return _refuse_xml(400, "BadDigest", "The SHA-256 is not the announced one.")
    return None
