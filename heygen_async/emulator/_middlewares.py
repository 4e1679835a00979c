"""What every request passes on its way to an endpoint, from the outside in."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import TYPE_CHECKING, cast

from aiohttp import web

from heygen_async.emulator._drift import distort
from heygen_async.emulator._errors import ApiError, generic
from heygen_async.emulator._idempotency import scope_of
from heygen_async.emulator._journal import Received
from heygen_async.emulator._sabotage import DELAY, sabotage
from heygen_async.emulator._world import FACE, JOURNAL, WORLD, route_of

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
async def drift(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let an answer depart from the vendor's pages as the options say."""
    response = cast("web.Response", await handler(request))  # no endpoint here streams
    options = request.app[WORLD].drift
    if (options.extra_fields or options.nulls) and response.content_type == "application/json":
        body = distort(json.loads(response.text or ""), options)
        response.text = json.dumps(body)
    return response


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into the error envelope of the API."""
    refuse = request.app[FACE].refuse
    try:
        return await handler(request)
    except ConnectionError:
        return web.Response()  # the client left amid its request: nobody reads this
    except ApiError as error:
        return refuse(request, error)
    except web.HTTPException as error:
        allow = error.headers.get("Allow")
        refusal = generic(error.status, error.reason, {"Allow": allow} if allow else None)
        response = refuse(request, refusal)
        response.set_status(error.status)
        return response


@web.middleware
async def retire(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 410 to v1 and v2 if they are retired."""
    if request.app[WORLD].drift.v2_retired and request.path.startswith(("/v1/", "/v2/")):
        raise generic(410, "API v1 and v2 were retired on 2026-11-01. Use v3.")
    return await handler(request)


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only the owner of the API key pass, who may send it as a bearer token to HeyGen."""
    face, headers = request.app[FACE], request.headers
    bearer = face.bearer and headers.get("Authorization") == f"Bearer {face.api_key}"
    if headers.get("x-api-key") != face.api_key and not bearer:
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
    seconds = request.app[WORLD].latency + DELAY.get()
    if seconds:
        if request.content_type == "application/json":
            await request.read()
        await asyncio.sleep(seconds)
    return await handler(request)


async def stamp(_request: web.Request, response: web.StreamResponse) -> None:
    """Give an answer its ``X-Request-Id``, as a signal that comes before the headers go out."""
    response.headers["X-Request-Id"] = uuid.uuid4().hex


HEYGEN: tuple[Middleware, ...] = (
    observe,
    sabotage,
    drift,
    explain,
    retire,
    authenticate,
    replay,
    pause,
)
FILE_SERVER: tuple[Middleware, ...] = (observe, sabotage, pause)
