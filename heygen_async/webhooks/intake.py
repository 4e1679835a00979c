"""One HTTP request in, one status out: what the adapters of all frameworks share."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections import Counter
from collections.abc import AsyncIterable, Awaitable, Callable

from attrs import field, frozen

from heygen_async.errors import WebhookError
from heygen_async.models.webhooks import WebhookEvent
from heygen_async.protocol.signatures import Folded, Headers, fold

READ_TIMEOUT = 10.0
"""Seconds that a body may take to arrive; the vendors give up by then."""

ALLOW = "GET, HEAD, OPTIONS, POST"
"""What a 405 says in its ``Allow`` header."""

_PROBES = frozenset({"GET", "HEAD", "OPTIONS"})  # HeyGen probes an endpoint it registers

REFUSAL_INTERVAL = 60.0
"""Seconds between two lines in the log about deliveries that were refused."""

logger = logging.getLogger("heygen_async.webhooks")


class Refusals:
    """Says in the log what is refused: a line a minute at most, for anybody can cause them.

    The others are counted, and told by the next line or at the end. At debug each has a line.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # deliveries may come in several loops
        self._counts: Counter[int] = Counter()
        self._told_at = -math.inf

    def note(self, error: WebhookError) -> None:
        """Take note of a refusal."""
        now = asyncio.get_running_loop().time()
        with self._lock:
            if now - self._told_at < REFUSAL_INTERVAL:
                self._counts[error.status] += 1
                level, more = logging.DEBUG, ""
            else:
                self._told_at = now
                level, more = logging.WARNING, self._take()
        logger.log(level, "refused a delivery with %d: %s%s", error.status, error, more)

    def tell(self) -> None:
        """Log what was counted and not told yet."""
        with self._lock:
            more = self._take()
        if more:
            logger.warning("refused deliveries%s", more)

    def _take(self) -> str:
        """Return the counts in words, and begin anew."""
        counts, self._counts = self._counts, Counter()
        each = ", ".join(f"{number:,} with {status}" for status, number in sorted(counts.items()))
        return f" (and since the last line: {each})" if each else ""


@frozen
class Intake:
    """Reads a request's body, hands it to ``handle``, and says what to answer."""

    handle: Callable[[bytes, Headers], Awaitable[WebhookEvent | None]]
    max_body: int
    refusals: Refusals = field(factory=Refusals)

    async def respond(self, method: str, headers: Headers, body: AsyncIterable[bytes]) -> int:
        """Return the status to answer with; the answer has no body."""
        if method in _PROBES:
            return 200
        if method != "POST":
            return 405
        try:
            folded = fold(headers)
            await self.handle(await self._collect(folded, body), folded)
        except WebhookError as error:
            self.refusals.note(error)
            return error.status
        return 200

    async def _collect(self, headers: Folded, body: AsyncIterable[bytes]) -> bytes:
        """Return the whole body, or stop as soon as it is too long or too late."""
        too_long = WebhookError(f"the body has more than {self.max_body} bytes", status=413)
        length = headers.get(b"content-length", b"")
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
