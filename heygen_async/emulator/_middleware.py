"""What every request passes on its way to an endpoint, and how an API's endpoint is called."""

from __future__ import annotations

import asyncio
import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn, cast

from aiohttp import BodyPartReader, web

from heygen_async.emulator._collections import Call, EventStream
from heygen_async.emulator._deviations import deviate
from heygen_async.emulator._errors import ApiError, generic, invalid
from heygen_async.emulator._rules import resolve_references
from heygen_async.emulator._server import Exchange, Next, Received, Step
from heygen_async.emulator._state import PRECISION

if TYPE_CHECKING:
    from heygen_async.emulator._faults import Fault
    from heygen_async.emulator._openapi import Json, Operation

KEY_HEADER = "Idempotency-Key"
KEY_PATTERN = re.compile(r"[A-Za-z0-9_\-:.]{1,255}")
MINUTE, DAY = 60.0, 24 * 3600.0
NO_FILE = "File is required. Upload a file using multipart/form-data."


async def log_requests(exchange: Exchange, answer: Next) -> web.StreamResponse:
    """Write a request and its answer into the log."""
    request, log = exchange.request, exchange.server.log
    at = exchange.backend.clock.now()
    log.counts[exchange.route] += 1
    status: int | None = None
    try:
        response = await answer()
        if request.transport is not None and not request.transport.is_closing():
            status = response.status
        return response
    finally:
        received = Received(
            method=request.method,
            path=request.path,
            route=exchange.route,
            headers=request.headers,
            status=status,
            at=at,
        )
        log.requests.append(received)


async def inject_faults(exchange: Exchange, answer: Next) -> web.StreamResponse:
    """Answer a request, unless the plan has a fault for it."""
    backend, transport = exchange.backend, exchange.request.transport
    fault = backend.faults.strike(exchange.route, elapsed=backend.clock.elapsed())
    if fault is None:
        return await answer()
    response = await _answer_with_fault(fault, exchange, answer)
    if fault.reset:
        if transport is not None:
            transport.abort()
        return web.Response()  # it goes nowhere
    if fault.cut is not None:
        return await _send_part(exchange.request, response, fault.cut)
    return response


async def _answer_with_fault(fault: Fault, exchange: Exchange, answer: Next) -> web.Response:
    if fault.reset == "before" or (fault.status is not None and not fault.work):
        await asyncio.sleep(fault.delay)
        response = web.Response()
    else:
        exchange.delay = fault.delay
        response = cast("web.Response", await answer())  # no endpoint here streams
    if fault.status is not None:
        headers = None if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        _, body = _refuse(exchange, generic(fault.status, "A planned fault."))
        response = web.json_response(body, status=fault.status, headers=headers)
    if fault.body is not None:
        response.text = fault.body
        response.content_type = fault.content_type
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


async def error_middleware(exchange: Exchange, answer: Next) -> web.StreamResponse:
    """Turn refusals into the error envelope of the API."""
    try:
        return await answer()
    except ConnectionError:
        return web.Response()  # the client left amid its request: nobody reads this
    except ApiError as error:
        return error_response(exchange, error)
    except web.HTTPException as error:  # no path, no such method, not emulated, too large a body
        headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        response = error_response(exchange, generic(error.status, error.reason, headers))
        response.set_status(error.status)  # also where an API refuses under 200
        return response


def error_response(exchange: Exchange, error: ApiError) -> web.Response:
    """Return a refusal in the envelope of the API."""
    status, body = _refuse(exchange, error)
    body = deviate(body, exchange.backend.drift)
    return web.json_response(body, status=status, headers=error.headers)


def _refuse(exchange: Exchange, error: ApiError) -> tuple[int, Json]:
    return exchange.server.config.refuse(exchange.backend, exchange.request.path, error)


async def gone(exchange: Exchange, answer: Next) -> web.StreamResponse:
    """Answer 410 to v1 and v2 if they are retired."""
    is_old = exchange.request.path.startswith(("/v1/", "/v2/"))
    if is_old and exchange.backend.drift.v2_retired:
        raise generic(410, "API v1 and v2 were retired on 2026-11-01. Use v3.")
    return await answer()


async def authenticate(exchange: Exchange, answer: Next) -> web.StreamResponse:
    """Let only the owner of the API key pass, who may send it as a bearer token to HeyGen."""
    server, headers = exchange.server, exchange.request.headers
    bearer = headers.get("Authorization") == f"Bearer {server.api_key}"
    if headers.get("x-api-key") != server.api_key and not (server.config.takes_bearer and bearer):
        raise generic(401, "Unauthorized")
    return await answer()


async def throttle(exchange: Exchange, answer: Next) -> web.StreamResponse:
    """Refuse a POST above JoggAI's limit with 429; only those that pass are counted."""
    if exchange.request.method != "POST":
        return await answer()
    backend, posts = exchange.backend, exchange.backend.jogg_posts
    now, limit = backend.clock.now(), backend.jogg_posts_per_minute
    while posts and posts[0] + MINUTE <= now:
        posts.popleft()
    if len(posts) >= limit:
        seconds = str(max(1, math.ceil(posts[0] + MINUTE - now - PRECISION)))
        headers = {"Retry-After": seconds} if backend.drift.jogg_retry_after else {}
        raise generic(429, "", {**headers, "X-RateLimit-Remaining": "0"})
    posts.append(now)
    response = await answer()
    response.headers["X-RateLimit-Remaining"] = str(limit - len(posts))
    return response


async def idempotency(exchange: Exchange, answer: Next) -> web.StreamResponse:
    """Answer a POST under an idempotency key once, and for 24 hours with the same answer.

    Only the operations whose document has the header look at it. The body may be another one.
    Only answers of success are kept, so a refused request may be sent again under its key.
    """
    request, operation = exchange.request, exchange.match.operation
    key = request.headers.get(KEY_HEADER)
    if key is None or operation is None or not operation.has_key:
        return await answer()
    if not KEY_PATTERN.fullmatch(key):
        raise invalid(KEY_HEADER, "Idempotency-Key should match ^[A-Za-z0-9_\\-:.]{1,255}$.")
    replays, clock = exchange.backend.replays, exchange.backend.clock
    while replays and (oldest := next(iter(replays.values()))) and oldest[0] <= clock.now():
        del replays[next(iter(replays))]
    scope = request.method, request.path, key
    replay = replays.get(scope)
    if replay is None and scope in replays:
        message = "A request with this Idempotency-Key is already in progress. Retry shortly."
        raise ApiError(409, "request_in_progress", message)
    if replay and replay[0] > clock.now():
        return web.Response(status=replay[1], text=replay[2], content_type="application/json")
    replays[scope] = None
    try:
        response = cast("web.Response", await answer())
        replays[scope] = clock.now() + DAY, response.status, response.text or ""
        return response
    finally:
        if replays[scope] is None:  # refused, or its client has left
            del replays[scope]


async def latency(exchange: Exchange, answer: Next) -> web.StreamResponse:
    """Let the latency and a planned delay pass before the work.

    A JSON body is read first, so that the work is done even if the client has left by then.
    """
    seconds, request = exchange.backend.latency + exchange.delay, exchange.request
    if seconds:
        if request.content_type == "application/json":
            await request.read()
        await asyncio.sleep(seconds)
    return await answer()


HEYGEN: tuple[Step, ...] = (
    log_requests,
    inject_faults,
    error_middleware,
    gone,
    authenticate,
    idempotency,
    latency,
)
JOGG: tuple[Step, ...] = (
    log_requests,
    inject_faults,
    error_middleware,
    authenticate,
    throttle,
    latency,
)
FILE_SERVER: tuple[Step, ...] = (log_requests, inject_faults, latency)


async def call_operation(exchange: Exchange) -> web.Response:
    """Check a request by its document and do what it asks for.

    An operation that is not emulated answers 501, so that nobody takes it for a wrong path.
    """
    request, server = exchange.request, exchange.server
    operation, methods = exchange.match.operation, exchange.match.methods
    if operation is None and methods:
        raise web.HTTPMethodNotAllowed(request.method, methods)
    if operation is None:
        raise web.HTTPNotFound
    handler = server.config.handlers.get(operation.name)
    if handler is None:
        raise web.HTTPNotImplemented(reason=f"The emulator does not emulate {operation.name}.")
    query = operation.read_query(request.query.items())
    body = await _read_body(request, operation, server.backend.max_upload)
    takes_json = operation.takes == "application/json"
    references = operation.check_body(body) if takes_json else []
    piecewise = operation.name.endswith("/batches")  # one bad item does not refuse the others
    call = Call(
        backend=server.backend,
        publisher=server.publisher,
        operation=operation,
        ids=exchange.match.ids,
        query=query,
        body=body,
        references=references,
        looks=[] if piecewise else resolve_references(server.backend, references),
        idempotency_key=request.headers.get(KEY_HEADER),
        last_event_id=request.headers.get("Last-Event-ID"),
    )
    answered = handler(call)
    if isinstance(answered, EventStream):
        lines = (
            f"id: {name}\ndata: {data}\n\n" if name else f"data: {data}\n\n"
            for name, data in answered.events
        )
        return web.Response(text="".join(lines), content_type="text/event-stream")
    whole = server.config.answer(call, answered)
    return web.json_response(deviate(whole, server.backend.drift), status=operation.status)


async def _read_body(request: web.Request, operation: Operation, max_upload: int) -> Any:
    """Return the JSON body, or name and content of an uploaded file."""
    if operation.takes is None:
        return None
    if operation.takes == "multipart/form-data":
        return await _read_file(request, max_upload)
    if request.content_type != "application/json":
        raise invalid(None, "Content-Type should be application/json.")
    try:
        return json.loads(await request.read(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise invalid(None, "The request body is not valid JSON.") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


async def _read_file(request: web.Request, limit: int) -> tuple[str, bytes]:
    """Return the multipart field ``file``, the only one there may be, if it is small enough."""
    if request.content_type != "multipart/form-data":
        raise invalid("file", NO_FILE)
    name, content, size = "", None, 0
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name != "file":
                raise invalid(getattr(part, "name", None), "Extra field.")
            name, content, size = part.filename or "", bytearray(), 0
            while chunk := await part.read_chunk():
                size += len(chunk)
                if size <= limit:  # what is too large is still read to its end
                    content += chunk
    except ValueError:
        raise invalid("file", "The multipart body cannot be read.") from None
    if size > limit:
        message = f"The file is larger than {limit} bytes."
        raise ApiError(413, "payload_too_large", message, param="file")
    if content is None:
        raise invalid("file", NO_FILE)
    return name, bytes(content)
