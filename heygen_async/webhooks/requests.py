"""One HTTP request in, one status out; through ``aiohttp.web``, and through any ASGI server."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, MutableMapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from heygen_async.errors import WebhookError
from heygen_async.protocol.deliveries import fold

if TYPE_CHECKING:
    from aiohttp import web

    from heygen_async.protocol.deliveries import FoldedHeaders, Headers

READ_TIMEOUT = 10.0
"""Seconds that a body may take to arrive; the vendors give up by then."""

REFUSAL_INTERVAL = 60.0
"""Seconds between two lines in the log about deliveries that were refused."""

_PROBES = frozenset({"GET", "HEAD", "OPTIONS"})  # HeyGen probes an endpoint it registers
_ALLOW = "GET, HEAD, OPTIONS, POST"
_NOT_ALLOWED = 405
_CHUNK = 65536

logger = logging.getLogger("heygen_async.webhooks")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class WebhookRequestHandler:
    """Reads a request's body, hands it to ``handle`` with the headers, and says what to answer.

    What is refused is said in the log: a line a minute at most, for anybody can cause them. The
    others are counted, and told by the next line or at the end. At debug each has a line.
    """

    def __init__(
        self, handle: Callable[[bytes, FoldedHeaders], Awaitable[object]], max_body: int
    ) -> None:
        self._handle = handle
        self._max_body = max_body
        self._lock = threading.Lock()  # deliveries may come in several loops, so threads
        self._refused: Counter[int] = Counter()
        self._told_at = -math.inf

    async def respond(self, method: str, headers: Headers, body: AsyncIterable[bytes]) -> int:
        """Return the status to answer with; the answer has no body."""
        if method in _PROBES:
            return 200
        if method != "POST":
            return _NOT_ALLOWED
        try:
            folded = fold(headers)
            await self._handle(await self._collect(folded, body), folded)
        except WebhookError as error:
            self._note(error)
            return error.status
        return 200

    async def _collect(self, headers: FoldedHeaders, body: AsyncIterable[bytes]) -> bytes:
        """Return the whole body, or stop as soon as it is too long or too late."""
        too_long = WebhookError(f"the body has more than {self._max_body} bytes", status=413)
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:20]) > self._max_body:  # int has a limit of its own
            raise too_long
        collected = bytearray()
        try:
            # For the whole body: a limit for each chunk lets one that drips hold on for ever.
            async with asyncio.timeout(READ_TIMEOUT):
                async for chunk in body:
                    collected += chunk
                    if len(collected) > self._max_body:
                        raise too_long
        except TimeoutError:
            raise WebhookError("the body did not arrive in time", status=408) from None
        return bytes(collected)

    def _note(self, error: WebhookError) -> None:
        """Log a refusal, or count it."""
        now = asyncio.get_running_loop().time()
        level, more = logging.DEBUG, ""
        with self._lock:
            if now - self._told_at < REFUSAL_INTERVAL:
                self._refused[error.status] += 1
            else:
                level, more, self._told_at = logging.WARNING, self._take_counts(), now
        logger.log(level, "refused a delivery with %d: %s%s", error.status, error, more)

    def tell_refusals(self) -> None:
        """Log what was counted and not told yet."""
        with self._lock:
            more = self._take_counts()
        if more:
            logger.warning("refused deliveries%s", more)

    def _take_counts(self) -> str:
        """Return the counts in words, and begin anew."""
        counts, self._refused = self._refused, Counter()
        each = ", ".join(f"{number:,} with {status}" for status, number in sorted(counts.items()))
        return f" (and since the last line: {each})" if each else ""


def aiohttp_routes(handler: WebhookRequestHandler, path: str) -> list[web.RouteDef]:
    """Return the routes of ``path``, for ``app.add_routes``."""
    from aiohttp import web  # noqa: PLC0415 - an ASGI service does without

    async def deliver(request: web.Request) -> web.Response:
        try:
            chunks = request.content.iter_chunked(_CHUNK)
            status = await handler.respond(request.method, request.headers, chunks)
        except (web.RequestPayloadError, ConnectionError):
            status = 400  # the body broke off; if anybody is left to hear it
        headers = {"Allow": _ALLOW} if status == _NOT_ALLOWED else None
        return web.Response(status=status, headers=headers)

    return [web.route("*", path, deliver)]


def asgi_application(
    handler: WebhookRequestHandler,
    reopen: Callable[[], None],
    aclose: Callable[[], Awaitable[None]],
) -> Application:
    """Return the ASGI 3 application; run by itself, it begins and ends with the last two."""

    # A plain function, not a bound method: servers look at it to tell ASGI 3 from ASGI 2.
    async def webhooks(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                reopen()
                await send({"type": "lifespan.startup.complete"})
            await aclose()
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        try:
            async with aclosing(_chunks(receive)) as body:
                status = await handler.respond(scope["method"], scope["headers"], body)
        except ConnectionError:
            return
        headers = [(b"content-length", b"0")]
        if status == _NOT_ALLOWED:
            headers.append((b"allow", _ALLOW.encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return webhooks


async def _chunks(receive: Receive) -> AsyncGenerator[bytes, None]:
    """Yield the body as it comes; raises ``ConnectionError`` if the caller leaves before."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the caller left")
        yield message.get("body", b"")
        more = message.get("more_body", False)
