"""Assets: ``/v3/assets``; files above its limit go the way of ``uploads``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import BodyPartReader, web

from heygen_async.emulator._answers import single
from heygen_async.emulator._assets import Asset, sniff
from heygen_async.emulator._errors import ApiError, invalid
from heygen_async.emulator._heygen.users import USERNAME
from heygen_async.emulator._requests import read_query
from heygen_async.emulator._world import WORLD, World

if TYPE_CHECKING:
    from heygen_async.emulator._schema import Json

NO_FILE = "File is required. Upload a file using multipart/form-data."


async def upload_asset(request: web.Request) -> web.Response:
    """``POST /v3/assets``: one multipart field ``file``, recognised by its first bytes."""
    read_query(request)
    if request.content_type != "multipart/form-data":
        raise invalid("file", NO_FILE)
    world = request.app[WORLD]
    try:
        name, content = await _read_file(request, world.max_upload)
    except ValueError:
        raise invalid("file", "The multipart body cannot be read.") from None
    if content is None:
        raise invalid("file", NO_FILE)
    mime_type = sniff(content)
    if mime_type is None:
        raise invalid("file", "Unsupported file type.")
    asset = world.assets.add(content, mime_type=mime_type, name=name, uploaded_at=world.unix())
    return single(uploaded(world, asset))


async def get_asset(request: web.Request) -> web.Response:
    """``GET /v3/assets/{asset_id}``."""
    read_query(request)
    world = request.app[WORLD]
    asset = world.assets.get(request.match_info["asset_id"])
    return single(
        {
            "id": asset.id,
            "name": asset.name,
            "type": asset.mime_type.partition("/")[0],
            "owner": USERNAME,
            "space_id": "space_1",
            "folder_id": None,
            "uploaded_at": asset.uploaded_at,
            "url": world.signer.sign(asset.path),
        }
    )


async def delete_asset(request: web.Request) -> web.Response:
    """``DELETE /v3/assets/{asset_id}``."""
    read_query(request)
    assets = request.app[WORLD].assets
    asset = assets.get(request.match_info["asset_id"])
    assets.delete(asset.id)
    return single({"id": asset.id})


ROUTES = (
    web.post("/v3/assets", upload_asset),
    web.get("/v3/assets/{asset_id}", get_asset, allow_head=False),
    web.delete("/v3/assets/{asset_id}", delete_asset),
)


def uploaded(world: World, asset: Asset) -> Json:
    """Return an asset as the answer to its upload."""
    return {
        "asset_id": asset.id,
        "url": world.signer.sign(asset.path),
        "mime_type": asset.mime_type,
        "size_bytes": len(asset.content),
    }


async def _read_file(request: web.Request, limit: int) -> tuple[str, bytes | None]:
    name, content = "", None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name != "file":
            raise invalid(part.name if isinstance(part, BodyPartReader) else None, "Extra field.")
        name, content = part.filename or "", await _read_part(part, limit)
    return name, content


async def _read_part(part: BodyPartReader, limit: int) -> bytes:
    """Read a file to its end, and keep it if it is small enough."""
    content, size = bytearray(), 0
    while chunk := await part.read_chunk():
        size += len(chunk)
        if size <= limit:
            content += chunk
    if size > limit:
        message = f"The file is larger than {limit} bytes."
        raise ApiError(413, "payload_too_large", message, param="file")
    return bytes(content)
