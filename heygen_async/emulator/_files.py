"""The file server: presigned URLs to videos and assets, with byte ranges, on its own port."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from heygen_async.emulator._faults import FILES
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
}
"""What a render yields, as ``/<kind>/<id>.<suffix>``: the packaged file and its media type."""


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
    """Answer with a file or one range of it: 200, 206, 403, 404, 405 or 416."""
    world = request.app[WORLD]
    if request.method not in {"GET", "HEAD"}:
        return _refuse(405, "MethodNotAllowed", "The method is not allowed for a file.")
    complaint = world.signer.complaint(request.path, request.query)
    if complaint:
        return _refuse(403, "AccessDenied", complaint)
    file = _find(world, request.path)
    if file is None:
        return _refuse(404, "NoSuchKey", "The specified key does not exist.")
    return _part(request, file)


ROUTES = (web.route("*", "/{path:.*}", serve, name=FILES),)


def _find(world: World, path: str) -> File | None:
    kind, _, name = path.lstrip("/").partition("/")
    stem, _, suffix = name.rpartition(".")
    if kind == "asset":
        asset = world.assets.all.get(stem)
        return None if asset is None else File(asset.content, asset.mime_type, f'"{asset.id}"')
    return media().get(f"{kind}.{suffix}") if stem in world.book.jobs else None


def _part(request: web.Request, file: File) -> web.Response:
    size = len(file.content)
    headers = {"Accept-Ranges": "bytes", "ETag": file.etag}
    span = _span(request, file.etag)
    if span is None:
        return web.Response(body=file.content, content_type=file.mime_type, headers=headers)
    part = range(size)[span]
    if not part:
        headers["Content-Range"] = f"bytes */{size}"
        return _refuse(416, "InvalidRange", "The requested range is not satisfiable.", headers)
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


def _refuse(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return web.Response(status=status, text=text, content_type="application/xml", headers=headers)
