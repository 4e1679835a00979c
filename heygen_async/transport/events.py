"""Event streams: events as they come, and on from the last one when the connection breaks."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs

from heygen_async.errors import HeyGenError, ResponseError, ServerError, TransportError
from heygen_async.protocol.event_stream import EventParser
from heygen_async.protocol.retry import pause_after
from heygen_async.transport.failures import transport_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async.protocol.event_stream import ServerEvent
    from heygen_async.protocol.request import Request
    from heygen_async.transport.http import Transport


async def events(transport: Transport, request: Request[Any]) -> AsyncIterator[ServerEvent]:
    """Yield the events of a stream until it ends.

    A GET that breaks off is sent again, as often in a row as the policy of retries allows, and
    tells the last event's id; a server that pays no heed begins anew. Raises ``APIError``,
    ``TransportError``, and ``ResponseError`` for what is no event stream.
    """
    failures, headers = 0, dict[str, str]()
    while True:
        try:
            async for event in _read(transport, attrs.evolve(request, headers=headers)):
                failures = 0
                if event.id is not None:
                    headers = {"Last-Event-ID": event.id}
                yield event
        except (TransportError, ResponseError, ServerError) as error:
            failures += 1
            if request.method != "GET" or failures >= transport.retry.max_attempts:
                raise
            jitter = random.random()  # noqa: S311 - no secret
            await asyncio.sleep(pause_after(transport.retry, failures, error, jitter))
        else:
            return


async def _read(transport: Transport, request: Request[Any]) -> AsyncIterator[ServerEvent]:
    """Yield the events of one answer."""
    parser, failure = EventParser(), None
    try:
        async with transport.opened(request) as response:
            async for chunk in response.content.iter_any():
                for event in parser.feed(chunk):
                    yield event
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        failure = transport_error(error, request)
    except ValueError as error:
        failure = ResponseError(f"{request.method} {request.path}: {error}")
    # Raised in this frame, and not from aiohttp's error, which holds the request's headers.
    if isinstance(failure, HeyGenError):
        raise failure
