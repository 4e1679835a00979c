"""Uploads: ``upload/asset`` signs a URL for a PUT; the file is then at another one for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._errors import invalid
from heygen_async.emulator._files import PUBLIC
from heygen_async.emulator._jogg.answers import answer
from heygen_async.emulator._requests import read_json
from heygen_async.emulator._schema import Choice, Number, Record, Text
from heygen_async.emulator._world import WORLD

if TYPE_CHECKING:
    from collections.abc import Mapping

MEGABYTE = 1024**2
IMAGE, VIDEO, AUDIO = 10 * MEGABYTE, 100 * MEGABYTE, 20 * MEGABYTE
TYPES: Mapping[str, tuple[str, int]] = {
    "image/jpeg": ("jpg", IMAGE),
    "image/png": ("png", IMAGE),
    "image/webp": ("webp", IMAGE),
    "image/gif": ("gif", IMAGE),
    "video/mp4": ("mp4", VIDEO),
    "video/webm": ("webm", VIDEO),
    "video/quicktime": ("mov", VIDEO),
    "audio/mpeg": ("mp3", AUDIO),
    "audio/wav": ("wav", AUDIO),
    "audio/mp4": ("m4a", AUDIO),
    "audio/x-m4a": ("m4a", AUDIO),
}
"""The suffix and the most bytes of each media type."""

SIGN_UPLOAD = Record(
    {
        "filename": Text(min_length=1),
        "content_type": Choice(tuple(TYPES)),
        "file_size": Number(integer=True, minimum=1),
    },
    required=("filename", "content_type"),
)


async def sign_upload(request: web.Request) -> web.Response:
    """``POST /v2/upload/asset``."""
    world = request.app[WORLD]
    body = await read_json(request, SIGN_UPLOAD)
    suffix, most = TYPES[body["content_type"]]
    size = body.get("file_size")
    if size is not None and size > most:
        raise invalid("file_size", f"At most {most} bytes of {body['content_type']}.")
    upload = world.uploads.reserve(
        filename=body["filename"],
        content_type=body["content_type"],
        headers={"Content-Type": body["content_type"]},
        size=size,
    )
    asset_url = f"{world.signer.base_url}{PUBLIC}{upload.path}.{suffix}"
    return answer({"sign_url": world.signer.sign(upload.path), "asset_url": asset_url})


ROUTES = (web.post("/v2/upload/asset", sign_upload),)
