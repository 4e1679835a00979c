"""The file server's own words: its XML refusals, and how it takes a presigned PUT."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._uploads import Upload

KEY_HEADERS = ("x-api-key", "Authorization")


def refuse_xml(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a refusal as object stores give it."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return web.Response(status=status, text=text, content_type="application/xml", headers=headers)


async def receive(request: web.Request, upload: Upload) -> web.Response:
    """Take the bytes of a PUT if it is the one that was announced, else refuse it."""
    content = bytearray()
    async for chunk in request.content.iter_any():
        if upload.size is None or len(content) <= upload.size:
            content += chunk
    if refusal := _complaint(request, upload, content):
        return refusal
    upload.content = bytes(content)
    return web.Response(headers={"ETag": f'"{upload.id}"'})


def _complaint(request: web.Request, upload: Upload, content: bytearray) -> web.Response | None:
    """Return what is wrong with a PUT, None if nothing is."""
    if any(name in request.headers for name in KEY_HEADERS):
        message = "Only one auth mechanism allowed: the signature of the URL."
        return refuse_xml(400, "InvalidArgument", message)
    for name, value in upload.headers.items():
        if request.headers.get(name) != value:
            message = f"The header {name} is not the signed one."
            return refuse_xml(403, "SignatureDoesNotMatch", message)
    if request.content_length is None:
        message = "You must provide the Content-Length HTTP header."
        return refuse_xml(411, "MissingContentLength", message)
    if upload.size is not None and len(content) != upload.size:
        code = "IncompleteBody" if len(content) < upload.size else "EntityTooLarge"
        return refuse_xml(400, code, f"{upload.size} bytes were announced.")
    if upload.checksum and not hmac.compare_digest(
        hashlib.sha256(content).digest(), upload.checksum
    ):
        return refuse_xml(400, "BadDigest", "The SHA-256 is not the announced one.")
    return None
