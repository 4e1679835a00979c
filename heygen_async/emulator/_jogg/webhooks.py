"""Webhooks: ``endpoint`` and ``endpoints``, with their secrets, and ``events``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._endpoints import EndpointUrl
from heygen_async.emulator._errors import invalid
from heygen_async.emulator._herald import HERALD
from heygen_async.emulator._jogg.answers import answer
from heygen_async.emulator._jogg.events import EVENTS
from heygen_async.emulator._jogg.users import USERNAME
from heygen_async.emulator._requests import read_json, read_query
from heygen_async.emulator._schema import Array, Choice, Record
from heygen_async.emulator._world import WORLD

if TYPE_CHECKING:
    from heygen_async.emulator._endpoints import Endpoint
    from heygen_async.emulator._schema import Json

MAX_ENDPOINTS = 20
ENDPOINT = Record(
    {
        "url": EndpointUrl(),
        "status": Choice(("enabled", "disabled")),
        "events": Array(items=Choice(EVENTS)),
    },
    required=("url", "status", "events"),
)


async def create_endpoint(request: web.Request) -> web.Response:
    """``POST /v2/endpoint``."""
    herald = request.app[HERALD]
    body = await read_json(request, ENDPOINT)
    if len(herald.endpoints.all) >= MAX_ENDPOINTS:
        raise invalid(None, f"At most {MAX_ENDPOINTS} endpoints.")
    endpoint = herald.endpoints.add(
        body["url"],
        tuple(body["events"]),
        enabled=body["status"] == "enabled",
        created_at=request.app[WORLD].unix(),
    )
    herald.listen()
    return answer(_show(endpoint))


async def list_endpoints(request: web.Request) -> web.Response:
    """``GET /v2/endpoints``, oldest first."""
    read_query(request)
    endpoints = request.app[HERALD].endpoints.all.values()
    return answer({"endpoints": [_show(endpoint) for endpoint in endpoints]})


async def replace_endpoint(request: web.Request) -> web.Response:
    """``PUT /v2/endpoint/{endpoint_id}``: all but the secret."""
    herald = request.app[HERALD]
    body = await read_json(request, ENDPOINT)
    endpoint = herald.endpoints.get(request.match_info["endpoint_id"])
    endpoint.url = body["url"]
    endpoint.enabled = body["status"] == "enabled"
    endpoint.events = tuple(body["events"])
    herald.listen()
    return answer(_show(endpoint))


async def delete_endpoint(request: web.Request) -> web.Response:
    """``DELETE /v2/endpoint/{endpoint_id}``."""
    read_query(request)
    request.app[HERALD].endpoints.delete(request.match_info["endpoint_id"])
    return answer({"message": "webhook deleted"})


async def list_events(request: web.Request) -> web.Response:
    """``GET /v2/events``: the types there are."""
    read_query(request)
    return answer({"events": list(EVENTS)})


ROUTES = (
    web.post("/v2/endpoint", create_endpoint),
    web.get("/v2/endpoints", list_endpoints, allow_head=False),
    web.put("/v2/endpoint/{endpoint_id}", replace_endpoint),
    web.delete("/v2/endpoint/{endpoint_id}", delete_endpoint),
    web.get("/v2/events", list_events, allow_head=False),
)


def _show(endpoint: Endpoint) -> Json:
    return {
        "endpoint_id": endpoint.id,
        "url": endpoint.url,
        "secret": endpoint.secret,
        "status": "enabled" if endpoint.enabled else "disabled",
        "events": list(endpoint.events or ()),
        "username": USERNAME,
        "created_at": int(endpoint.created_at),
    }
