"""Direct uploads: a place for a large file, a presigned PUT, and its completion."""

from __future__ import annotations

import base64
import binascii
import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._answers import single
from heygen_async.emulator._assets import SUFFIXES, sniff
from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._heygen.assets import uploaded
from heygen_async.emulator._heygen.video_shapes import TEXT
from heygen_async.emulator._requests import read_json
from heygen_async.emulator._schema import Choice, Number, Record, Text
from heygen_async.emulator._world import WORLD

if TYPE_CHECKING:
    from heygen_async.emulator._schema import Json
    from heygen_async.emulator._uploads import Upload

MAX_BYTES = 1024**3
EXPIRES_IN = 3600
DIGEST_SIZE = 32

CREATE_UPLOAD = Record(
    {
        "filename": Text(min_length=1),
        "content_type": Choice(tuple(SUFFIXES)),
        "size_bytes": Number(integer=True, minimum=1, maximum=MAX_BYTES),
        "checksum_sha256": TEXT,
    },
    required=("filename", "content_type", "size_bytes"),
)
COMPLETE_UPLOAD = Record({"checksum_sha256": TEXT})


async def create_upload(request: web.Request) -> web.Response:
    """``POST /v3/assets/direct-uploads``."""
    world = request.app[WORLD]
    body = await read_json(request, CREATE_UPLOAD)
    checksum = _read_checksum(body)
    headers = {"Content-Type": body["content_type"], "x-amz-meta-origin": "direct-upload"}
    if checksum:
        headers["x-amz-checksum-sha256"] = base64.b64encode(checksum).decode()
    upload = world.uploads.reserve(
        filename=body["filename"],
        content_type=body["content_type"],
        headers=headers,
        size=body["size_bytes"],
        checksum=checksum,
    )
    return single(
        {
            "asset_id": upload.id,
            "upload_url": world.signer.sign(upload.path, EXPIRES_IN),
            "upload_headers": headers,
            "expires_in_seconds": EXPIRES_IN,
            "max_bytes": MAX_BYTES,
            "status": "pending_upload",
        }
    )


async def complete_upload(request: web.Request) -> web.Response:
    """``POST /v3/assets/{asset_id}/complete``: 409 before the PUT, the same answer ever after."""
    world = request.app[WORLD]
    checksum = _read_checksum(await read_json(request, COMPLETE_UPLOAD))
    asset_id = request.match_info["asset_id"]
    upload = world.uploads.all.get(asset_id)
    if upload is None:
        raise not_found("asset", asset_id)
    content = _arrived(upload, checksum)
    asset = world.assets.all.get(asset_id) or world.assets.add(
        content,
        mime_type=upload.content_type,
        name=upload.filename,
        uploaded_at=world.unix(),
        asset_id=asset_id,
    )
    return single({**uploaded(world, asset), "status": "processing"})


ROUTES = (
    web.post("/v3/assets/direct-uploads", create_upload),
    web.post("/v3/assets/{asset_id}/complete", complete_upload),
)


def _arrived(upload: Upload, checksum: bytes | None) -> bytes:
    """Return the content, which has to be there and to be what was announced."""
    if upload.content is None:
        raise ApiError(
            409,
            "conflict",
            "Uploaded object not found yet. Retry after the upload PUT returns 200.",
        )
    if checksum and not hmac.compare_digest(sha256(upload.content).digest(), checksum):
        raise invalid("checksum_sha256", "The uploaded object has another checksum.")
    if sniff(upload.content) != upload.content_type:
        raise invalid("content_type", "The uploaded object is of another type.")
    return upload.content


def _read_checksum(body: Json) -> bytes | None:
    """Return a SHA-256, in hex or base64: the page does not say which of them it wants."""
    text = body.get("checksum_sha256")
    if text is None:
        return None
    for decode in (bytes.fromhex, binascii.a2b_base64):
        try:
            digest = decode(text)
        except ValueError:
            continue
        if len(digest) == DIGEST_SIZE:
            return digest
    raise invalid("checksum_sha256", "Input should be a SHA-256 in hex or base64.")
