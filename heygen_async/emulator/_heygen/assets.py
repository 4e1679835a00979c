"""Assets: ``POST /v3/assets``."""

from __future__ import annotations

from aiohttp import BodyPartReader, web

from heygen_async.emulator._answers import single
from heygen_async.emulator._assets import sniff
from heygen_async.emulator._errors import ApiError, invalid
from heygen_async.emulator._world import WORLD

MAX_BYTES = 32 * 1024 * 1024
NO_FILE = "File is required. Upload a file using multipart/form-data."


async def upload_asset(request: web.Request) -> web.Response:
    """``POST /v3/assets``: one multipart field ``file``, recognised by its first bytes."""
    if request.content_type != "multipart/form-data":
        raise invalid("file", NO_FILE)
    try:
        content = await _read_file(request)
    except ValueError:
        raise invalid("file", "The multipart body cannot be read.") from None
    if content is None:
        raise invalid("file", NO_FILE)
    mime_type = sniff(content)
    if mime_type is None:
        raise invalid("file", "Unsupported file type.")
    world = request.app[WORLD]
    asset = world.assets.add(mime_type, content)
    return single(
        {
            "asset_id": asset.id,
            "url": world.signer.sign(asset.path),
            "mime_type": asset.mime_type,
            "size_bytes": len(asset.content),
        }
    )


ROUTES = (web.post("/v3/assets", upload_asset),)


async def _read_file(request: web.Request) -> bytes | None:
    content = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name != "file":
            raise invalid(part.name if isinstance(part, BodyPartReader) else None, "Extra field.")
        content = await _read_part(part)
    return content


async def _read_part(part: BodyPartReader) -> bytes:
    """Read a file to its end, and keep it if it is small enough."""
    content, size = bytearray(), 0
    while chunk := await part.read_chunk():
        size += len(chunk)
        if size <= MAX_BYTES:
            content += chunk
    if size > MAX_BYTES:
        raise ApiError(413, "payload_too_large", "The file is larger than 32 MB.", param="file")
    return bytes(content)
