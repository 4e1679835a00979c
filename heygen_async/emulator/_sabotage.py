"""The middleware that carries out a plan of faults, on the API and on the file server."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, cast

from aiohttp import web

from heygen_async.emulator._errors import generic
from heygen_async.emulator._world import FACE, WORLD, route_of

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from heygen_async.emulator._faults import Fault

DELAY: ContextVar[float] = ContextVar("DELAY", default=0.0)
"""The seconds that pass before the work of the request at hand."""


@web.middleware
async def sabotage(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request, unless the plan has a fault for it."""
    world = request.app[WORLD]
    fault = world.faults.strike(route_of(request), elapsed=world.clock.elapsed())
    if fault is None:
        return await handler(request)
    response = await _answer(fault, request, handler)
    if fault.reset:
        return _drop(request)
    if fault.cut is not None:
        return await _send_part(request, response, fault.cut)
    return response


def _drop(request: web.Request) -> web.StreamResponse:
    """Abort the connection; the answer returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _answer(fault: Fault, request: web.Request, handler: Handler) -> web.Response:
    if fault.reset == "before" or (fault.status is not None and not fault.work):
        await asyncio.sleep(fault.delay)
        response = web.Response()
    else:
        token = DELAY.set(fault.delay)
        try:
            response = cast("web.Response", await handler(request))  # no endpoint here streams
        finally:
            DELAY.reset(token)
    if fault.status is not None:
        response = _failure(request, fault, fault.status)
    if fault.body is not None:
        response.text = fault.body
        response.content_type = fault.content_type
    return response


def _failure(request: web.Request, fault: Fault, status: int) -> web.Response:
    headers = None if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    response = request.app[FACE].refuse(request, generic(status, "A planned fault.", headers))
    response.set_status(status)
    return response


async def _send_part(request: web.Request, whole: web.Response, size: int) -> web.StreamResponse:
    body = cast("bytes", whole.body)
    part = web.StreamResponse(status=whole.status, headers=whole.headers)
    part.content_length = len(body)
    await part.prepare(request)
    await part.write(body[:size])
    if request.transport is not None:
        request.transport.close()  # not abort(): what was written has to arrive
    return part
