"""HeyGen v3 webhooks on the wire: the endpoints, and what is delivered to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.errors import InvalidRequestError, WebhookError
from heygen_async.models.webhooks import (
    DeliveredEvent,
    EventType,
    JobRef,
    TranslationEvent,
    VideoEvent,
    WebhookEndpoint,
)
from heygen_async.protocol.convert import nothing, one
from heygen_async.protocol.deliveries import EventSchema, WebhookSource, read_event
from heygen_async.protocol.endpoints import event_names, https_url
from heygen_async.protocol.pages import Page, page
from heygen_async.protocol.request import Request, at, present, query

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENDPOINTS = "/v3/webhooks/endpoints"
_ENDPOINT = "/v3/webhooks/endpoints/{}"

_VIDEO = EventSchema(
    event=VideoEvent,
    id="video_id",
    aliases={"project_id": "video_id", "msg": "message", "video_url": "url"},
)
_TRANSLATION = EventSchema(
    event=TranslationEvent, id="video_translate_id", aliases={"msg": "message", "video_url": "url"}
)

# The signature is documented as ``Heygen-Signature`` and seen in the field as ``Signature``.
SOURCE = WebhookSource(
    api="HeyGen",
    signatures=(b"heygen-signature", b"signature"),
    timestamp=b"heygen-timestamp",
    event_id=b"heygen-event-id",
    type_field="event_type",
    id_field="event_id",
    time_field="created_at",
    data_field="event_data",
    family=lambda event_type: event_type.rpartition(".")[0],
    schemas={
        "avatar_video": _VIDEO,
        "avatar_video_gif": _VIDEO,
        "avatar_video_caption": _VIDEO,
        "video_translate": _TRANSLATION,
    },
)
"""HeyGen's deliveries: https://developers.heygen.com/docs/webhook-events"""


def create_endpoint(
    url: str, *, events: Iterable[str] | None, entity_id: str | None
) -> Request[WebhookEndpoint]:
    """``POST /v3/webhooks/endpoints``; raises ``InvalidRequestError``."""
    body = present(
        url=https_url(url),
        events=None if events is None else event_names(events),
        entity_id=entity_id,
    )
    return Request(method="POST", path=_ENDPOINTS, json=body, decode=one(WebhookEndpoint))


def list_endpoints(*, limit: int, token: str | None) -> Request[Page[WebhookEndpoint]]:
    """``GET /v3/webhooks/endpoints``, one page."""
    params = query(limit=limit, token=token)
    return Request(method="GET", path=_ENDPOINTS, params=params, decode=page(WebhookEndpoint))


def update_endpoint(
    endpoint_id: str, *, url: str | None, events: Iterable[str] | None
) -> Request[WebhookEndpoint]:
    """``PATCH /v3/webhooks/endpoints/{endpoint_id}``; raises ``InvalidRequestError``."""
    body = present(
        url=None if url is None else https_url(url),
        events=None if events is None else event_names(events),
    )
    if not body:
        raise InvalidRequestError("nothing to update: give url, events or both")
    path = at(_ENDPOINT, endpoint_id)
    return Request(method="PATCH", path=path, json=body, decode=one(WebhookEndpoint))


def delete_endpoint(endpoint_id: str) -> Request[None]:
    """``DELETE /v3/webhooks/endpoints/{endpoint_id}``."""
    return Request(method="DELETE", path=at(_ENDPOINT, endpoint_id), decode=nothing)


def rotate_secret(endpoint_id: str) -> Request[str]:
    """``POST /v3/webhooks/endpoints/{endpoint_id}/rotate-secret``."""

    def decode(payload: Any) -> str:
        secret = payload["data"]["secret"]
        if not isinstance(secret, str):
            raise TypeError("the secret is no text")
        return secret

    return Request(method="POST", path=at(_ENDPOINT + "/rotate-secret", endpoint_id), decode=decode)


def event_types() -> Request[tuple[EventType, ...]]:
    """``GET /v3/webhooks/event-types``; a list that has one page only."""
    decode = page(EventType)
    return Request(
        method="GET",
        path="/v3/webhooks/event-types",
        decode=lambda payload: decode(payload).items,
    )


def list_events(
    *, event_type: str | None, entity_id: str | None, limit: int, token: str | None
) -> Request[Page[DeliveredEvent]]:
    """``GET /v3/webhooks/events``, one page."""
    params = query(event_type=event_type, entity_id=entity_id, limit=limit, token=token)
    return Request(
        method="GET", path="/v3/webhooks/events", params=params, decode=page(DeliveredEvent)
    )


def job_of(event: DeliveredEvent) -> JobRef | None:
    """Return the job that a delivered event speaks of."""
    try:
        return read_event(SOURCE, event.event_type, event.event_data).job
    except WebhookError:
        return None
