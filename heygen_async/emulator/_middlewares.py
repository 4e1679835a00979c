"""What every request passes on its way to an endpoint, from the outside in."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, cast

from aiohttp import web

from heygen_async.emulator._errors import ApiError, generic
from heygen_async.emulator._idempotency import scope_of
from heygen_async.emulator._journal import Received
from heygen_async.emulator._sabotage import DELAY, sabotage
from heygen_async.emulator._world import JOURNAL, WORLD, route_of

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Write a request and its answer into the journal."""
    journal, clock = request.app[JOURNAL], request.app[WORLD].clock
    route, at = route_of(request), clock.now()
    journal.counts[route] += 1
    status: int | None = None
    try:
        response = await handler(request)
        if request.transport is not None and not request.transport.is_closing():
            status = response.status
        return response
    finally:
        journal.requests.append(
            Received(
                method=request.method,
                path=request.path,
                route=route,
                headers=request.headers,
                status=status,
                at=at,
            )
        )


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into the error envelope."""
    try:
        return await handler(request)
    except ConnectionError:
        return web.Response()  # the client left amid its request: nobody reads this
    except ApiError as error:
        return error.response()
    except web.HTTPException as error:
        allow = error.headers.get("Allow")
        return generic(error.status, error.reason, {"Allow": allow} if allow else None).response()


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only the owner of the API key pass."""
    key = request.app[WORLD].api_key
    headers = request.headers
    if headers.get("x-api-key") != key and headers.get("Authorization") != f"Bearer {key}":
        raise ApiError(401, "unauthorized", "Unauthorized")
    return await handler(request)


@web.middleware
async def replay(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a POST under an idempotency key once, and then with the same answer."""
    scope = scope_of(request, route_of(request))
    if scope is None:
        return await handler(request)
    world = request.app[WORLD]
    if answer := world.idempotency.begin(scope, now=world.clock.now()):
        return answer.response()
    try:
        response = cast("web.Response", await handler(request))
        world.idempotency.store(scope, response, now=world.clock.now())
        return response
    finally:
        world.idempotency.end(scope)


@web.middleware
async def pause(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the latency and a planned delay pass before the work.

    A JSON body is read first, so that the work is done even if the client has left by then.
    """
    seconds = request.app[WORLD].latency + request.get(DELAY, 0.0)
    if seconds:
        if request.content_type == "application/json":
            await request.read()
        await asyncio.sleep(seconds)
    return await handler(request)


async def stamp(_request: web.Request, response: web.StreamResponse) -> None:
    """Give an answer its ``X-Request-Id``, as a signal that comes before the headers go out."""
    response.headers["X-Request-Id"] = uuid.uuid4().hex


API: tuple[Middleware, ...] = (observe, sabotage, explain, authenticate, replay, pause)
FILE_SERVER: tuple[Middleware, ...] = (observe, sabotage, pause)
