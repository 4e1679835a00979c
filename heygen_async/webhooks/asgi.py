"""Deliveries through any ASGI server or framework."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from heygen_async.webhooks.intake import ALLOW

if TYPE_CHECKING:
    from heygen_async.webhooks.intake import Intake

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


def application(
    intake: Intake, reopen: Callable[[], None], aclose: Callable[[], Awaitable[None]]
) -> Application:
    """Return the ASGI 3 application; run by itself, it begins and ends with these two."""

    # A plain function, not a bound method: servers look at it to tell ASGI 3 from ASGI 2.
    async def webhooks(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send, reopen, aclose)
        elif scope["type"] == "http":
            await _answer(intake, scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    return webhooks


async def _answer(intake: Intake, scope: Message, receive: Receive, send: Send) -> None:
    try:
        async with aclosing(_chunks(receive)) as body:
            status = await intake.respond(scope["method"], scope["headers"], body)
    except ConnectionError:
        return
    headers = [(b"content-length", b"0")]
    if status == 405:  # noqa: PLR2004 - method not allowed
        headers.append((b"allow", ALLOW.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _chunks(receive: Receive) -> AsyncGenerator[bytes, None]:
    """Yield the body as it comes; raises ``ConnectionError`` if the caller leaves before."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the caller left")
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def _live(
    receive: Receive,
    send: Send,
    reopen: Callable[[], None],
    aclose: Callable[[], Awaitable[None]],
) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await aclose()
            await send({"type": "lifespan.shutdown.complete"})
            return
        reopen()
        await send({"type": "lifespan.startup.complete"})
