"""One HTTP request in, one status out: what the adapters of all frameworks share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Awaitable, Callable

from attrs import frozen

from heygen_async.errors import WebhookError
from heygen_async.models.webhooks import WebhookEvent
from heygen_async.protocol.signatures import Headers, fold

READ_TIMEOUT = 10.0
"""Seconds that a body may take to arrive; the vendors give up by then."""

ALLOW = "GET, HEAD, OPTIONS, POST"
"""What a 405 says in its ``Allow`` header."""

_PROBES = frozenset({"GET", "HEAD", "OPTIONS"})  # HeyGen probes an endpoint it registers

logger = logging.getLogger("heygen_async.webhooks")


@frozen
class Intake:
    """Reads a request's body, hands it to ``handle``, and says what to answer."""

    handle: Callable[[bytes, Headers], Awaitable[WebhookEvent | None]]
    max_body: int

    async def respond(self, method: str, headers: Headers, body: AsyncIterable[bytes]) -> int:
        """Return the status to answer with; the answer has no body."""
        if method in _PROBES:
            return 200
        if method != "POST":
            return 405
        try:
            await self.handle(await self._collect(headers, body), headers)
        except WebhookError as error:
            logger.warning("refused a delivery with %d: %s", error.status, error)
            return error.status
        return 200

    async def _collect(self, headers: Headers, body: AsyncIterable[bytes]) -> bytes:
        """Return the whole body, or stop as soon as it is too long or too late."""
        too_long = WebhookError(f"the body has more than {self.max_body} bytes", status=413)
        length = fold(headers).get(b"content-length", b"")
        if length.isdigit() and int(length[:20]) > self.max_body:
            raise too_long
        collected = bytearray()
        try:
            async with asyncio.timeout(READ_TIMEOUT):
                async for chunk in body:
                    collected += chunk
                    if len(collected) > self.max_body:
                        raise too_long
        except TimeoutError:
            raise WebhookError("the body did not arrive in time", status=408) from None
        return bytes(collected)
