"""A Starlette service: ``PUT`` an order, then read its changes as server-sent events."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import uvicorn
from _session import out, portrait, session
from _tokens import Tokens
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from heygen_async import HeyGen, HeyGenError


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, object]]:
    """Open what all requests share; it is found in ``request.state``."""
    with closing(Tokens(out("starlette.sqlite"))) as tokens:
        async with session(HeyGen) as heygen:
            yield {"heygen": heygen, "tokens": tokens}


async def order(request: Request) -> JSONResponse:
    """Submit an order, once: its id is the idempotency key, and its token is kept."""
    heygen, tokens = request.state.heygen, request.state.tokens
    name, script = request.path_params["order"], request.query_params["script"]
    if await asyncio.to_thread(tokens.get, name) is None:
        try:
            job = await heygen.submit(await portrait(heygen, script), idempotency_key=name)
        except HeyGenError as error:
            return JSONResponse({"error": str(error)}, 502)
        await asyncio.to_thread(tokens.put, name, job.token)
    return JSONResponse({"events": str(request.url_for("events", order=name))}, 202)


async def events(request: Request) -> Response:
    """Stream the states of an order; whoever has lost the line asks again and goes on."""
    if token := await asyncio.to_thread(request.state.tokens.get, request.path_params["order"]):
        stream = changes(request.state.heygen, token)
        return StreamingResponse(stream, media_type="text/event-stream")
    return Response(status_code=404)


async def changes(heygen: HeyGen, token: str) -> AsyncIterator[str]:  # noqa: D103
    try:
        async for status in (job := heygen.attach(token)).events():
            yield f"data: {status.state}\n\n"
        yield f"event: video\ndata: {(await job).video_url}\n\n"
    except HeyGenError as error:
        yield f"event: failure\ndata: {error}\n\n"


ROUTES = [Route("/orders/{order}", order, methods=["PUT"]), Route("/orders/{order}/events", events)]
app = Starlette(routes=ROUTES, lifespan=lifespan)
uvicorn.run(app, port=int(os.environ.get("PORT", "8000")))
