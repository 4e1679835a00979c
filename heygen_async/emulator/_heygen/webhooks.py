"""Webhooks: ``/v3/webhooks``, its endpoints, its types of events and those delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._answers import cut_page, listing, single
from heygen_async.emulator._endpoints import EndpointUrl, new_secret
from heygen_async.emulator._errors import ApiError
from heygen_async.emulator._herald import HERALD
from heygen_async.emulator._heygen.events import EVENT_TYPES, iso, show_event
from heygen_async.emulator._heygen.video_shapes import TEXT
from heygen_async.emulator._requests import read_choice, read_json, read_limit, read_query
from heygen_async.emulator._schema import Array, Choice, Nullable, Record
from heygen_async.emulator._world import WORLD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heygen_async.emulator._endpoints import Endpoint, Endpoints
    from heygen_async.emulator._schema import Json

EVENTS = Nullable(Array(items=Choice(tuple(EVENT_TYPES))))
CREATE_ENDPOINT = Record(
    {"url": EndpointUrl(), "events": EVENTS, "entity_id": TEXT}, required=("url",)
)
UPDATE_ENDPOINT = Record({"url": Nullable(EndpointUrl()), "events": EVENTS})


async def create_endpoint(request: web.Request) -> web.Response:
    """``POST /v3/webhooks/endpoints``; only this answer and a rotation's show the secret."""
    herald = request.app[HERALD]
    body = await read_json(request, CREATE_ENDPOINT)
    _require_free(herald.endpoints, body["url"])
    endpoint = herald.endpoints.add(
        body["url"],
        _types(body.get("events")),
        entity_id=body.get("entity_id"),
        created_at=request.app[WORLD].unix(),
    )
    herald.listen()
    return single({**_show(endpoint), "secret": endpoint.secret})


async def list_endpoints(request: web.Request) -> web.Response:
    """``GET /v3/webhooks/endpoints``, oldest first."""
    query = read_query(request, "limit", "token")
    page, token = cut_page(
        request.app[HERALD].endpoints.all.values(),
        position=lambda endpoint: endpoint.number,
        limit=read_limit(query, default=10),
        token=query.get("token"),
    )
    return listing([_show(endpoint) for endpoint in page], token)


async def update_endpoint(request: web.Request) -> web.Response:
    """``PATCH /v3/webhooks/endpoints/{endpoint_id}``; null leaves what was there."""
    herald = request.app[HERALD]
    body = await read_json(request, UPDATE_ENDPOINT)
    endpoint = herald.endpoints.get(request.match_info["endpoint_id"])
    url = body.get("url")
    if url is not None and url != endpoint.url:
        _require_free(herald.endpoints, url)
        endpoint.url = url
    if body.get("events") is not None:
        endpoint.events = _types(body["events"])
    herald.listen()
    return single(_show(endpoint))


async def delete_endpoint(request: web.Request) -> web.Response:
    """``DELETE /v3/webhooks/endpoints/{endpoint_id}``, whose answer looks like v2's."""
    read_query(request)
    request.app[HERALD].endpoints.delete(request.match_info["endpoint_id"])
    return web.json_response({"error": None, "data": {}})


async def rotate_secret(request: web.Request) -> web.Response:
    """``POST /v3/webhooks/endpoints/{endpoint_id}/rotate-secret``: the old one ends at once."""
    read_query(request)
    endpoint = request.app[HERALD].endpoints.get(request.match_info["endpoint_id"])
    endpoint.secret = new_secret()
    return single({"endpoint_id": endpoint.id, "secret": endpoint.secret})


async def list_event_types(request: web.Request) -> web.Response:
    """``GET /v3/webhooks/event-types``, all of them."""
    read_query(request)
    return listing(
        [{"event_type": name, "description": text} for name, text in EVENT_TYPES.items()]
    )


async def list_events(request: web.Request) -> web.Response:
    """``GET /v3/webhooks/events``: those that an endpoint has taken, newest first."""
    query = read_query(request, "event_type", "entity_id", "limit", "token")
    event_type = read_choice(query, "event_type", tuple(EVENT_TYPES))
    events = sorted(request.app[HERALD].history.values(), key=lambda event: -event.number)
    page, token = cut_page(
        (
            event
            for event in events
            if event_type in {None, event.type}
            and query.get("entity_id") in {None, event.entity_id}
        ),
        position=lambda event: -event.number,
        limit=read_limit(query, default=10),
        token=query.get("token"),
    )
    return listing([show_event(event) for event in page], token)


ROUTES = (
    web.post("/v3/webhooks/endpoints", create_endpoint),
    web.get("/v3/webhooks/endpoints", list_endpoints, allow_head=False),
    web.patch("/v3/webhooks/endpoints/{endpoint_id}", update_endpoint),
    web.delete("/v3/webhooks/endpoints/{endpoint_id}", delete_endpoint),
    web.post("/v3/webhooks/endpoints/{endpoint_id}/rotate-secret", rotate_secret),
    web.get("/v3/webhooks/event-types", list_event_types, allow_head=False),
    web.get("/v3/webhooks/events", list_events, allow_head=False),
)


def _types(events: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if events is None else tuple(events)


def _require_free(endpoints: Endpoints, url: str) -> None:
    if any(endpoint.url == url for endpoint in endpoints.all.values()):
        message = "A webhook endpoint with this URL already exists for this account."
        raise ApiError(409, "conflict", message)


def _show(endpoint: Endpoint) -> Json:
    return {
        "endpoint_id": endpoint.id,
        "url": endpoint.url,
        "events": None if endpoint.events is None else list(endpoint.events),
        "status": "enabled",
        "created_at": iso(endpoint.created_at),
        "secret": None,
    }
