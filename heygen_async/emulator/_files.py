"""The file server: URLs to videos and assets, with byte ranges, on its own port.

HeyGen's URLs are presigned and expire. JoggAI's are plain and last: they begin with
``/public`` and need no signature.
"""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from heygen_async.emulator._faults import FILES
from heygen_async.emulator._herald import HERALD
from heygen_async.emulator._storage import receive, refuse_xml
from heygen_async.emulator._world import WORLD, World

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class File:
    """A file as it is served."""

    content: bytes = attrs.field(repr=False)
    mime_type: str
    etag: str


RENDERED: Mapping[str, tuple[str, str]] = {
    "video.mp4": ("video.mp4", "video/mp4"),
    "video.webm": ("video.webm", "video/webm"),
    "captioned.mp4": ("video.mp4", "video/mp4"),
    "captioned.webm": ("video.webm", "video/webm"),
    "thumbnail.jpg": ("thumbnail.jpg", "image/jpeg"),
    "gif.gif": ("preview.gif", "image/gif"),
    "srt.srt": ("subtitles.srt", "application/x-subrip"),
    "preview.jpg": ("thumbnail.jpg", "image/jpeg"),
    **{f"photo{number}.jpg": ("thumbnail.jpg", "image/jpeg") for number in range(1, 5)},
}
"""What a job yields, as ``/<kind>/<id>.<suffix>``: the packaged file and its media type."""

PREVIEW_SIZE = 160, 90
"""Width and height of the packaged picture."""

PUBLIC = "/public"


@functools.cache
def media() -> Mapping[str, File]:
    """Return the packaged files by kind and suffix, read once."""
    folder = resources.files("heygen_async.emulator") / "media"
    files = {}
    for served, (name, mime_type) in RENDERED.items():
        content = (folder / name).read_bytes()
        files[served] = File(content, mime_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
    return files


async def serve(request: web.Request) -> web.Response:
    """Answer with a file or one range of it, take an upload, or show the page of consent.

    The status is 200, 206, 400, 403, 404, 405, 411 or 416.
    """
    world = request.app[WORLD]
    path = request.path.removeprefix(PUBLIC)
    signed = path == request.path
    kind, _, name = path.lstrip("/").partition("/")
    if request.method not in ({"PUT"} if signed and kind == "upload" else READING):
        return refuse_xml(405, "MethodNotAllowed", "The method is not allowed for a file.")
    if signed and (complaint := world.signer.complaint(path, request.query)):
        return refuse_xml(403, "AccessDenied", complaint)
    if request.method == "PUT" and (upload := world.uploads.all.get(name)):
        return await receive(request, upload)
    if signed and kind == "consent" and (group := world.avatars.groups.get(name)):
        request.app[HERALD].consent(group)
        return web.Response(text=CONSENT_PAGE, content_type="text/html")
    file = _find(world, kind, name)
    if file is None:
        return refuse_xml(404, "NoSuchKey", "The specified key does not exist.")
    return _part(request, file)


READING = {"GET", "HEAD"}
CONSENT_PAGE = "<!doctype html><title>Consent</title><p>Thank you, your consent was recorded."
ROUTES = (web.route("*", "/{path:.*}", serve, name=FILES),)


def _find(world: World, kind: str, name: str) -> File | None:
    stem, _, suffix = name.rpartition(".")
    if kind == "asset":
        asset = world.assets.all.get(stem)
        return None if asset is None else File(asset.content, asset.mime_type, f'"{asset.id}"')
    if kind == "upload":
        upload = world.uploads.all.get(stem)
        if upload is None or upload.content is None:
            return None
        return File(upload.content, upload.content_type, f'"{upload.id}"')
    known = stem in world.book.jobs or stem in world.avatars.looks
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
        return refuse_xml(416, "InvalidRange", "The requested range is not satisfiable.", headers)
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
