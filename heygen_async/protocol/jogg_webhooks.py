"""JoggAI v2 webhooks on the wire: the endpoints, and what is delivered to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.errors import InvalidRequestError
from heygen_async.models.webhooks import (
    JoggAvatarEvent,
    JoggMotionEvent,
    JoggPhotoEvent,
    JoggVideoEvent,
    JoggWebhookEndpoint,
)
from heygen_async.protocol.convert import converter, nothing, one, readable
from heygen_async.protocol.deliveries import EventSchema, WebhookSource
from heygen_async.protocol.endpoints import event_names, https_url
from heygen_async.protocol.pages import Page
from heygen_async.protocol.request import Request, at

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENDPOINT = "/v2/endpoint/{}"

_FAILED = {"error": "message", "error_msg": "message"}
_VIDEO = EventSchema(
    event=JoggVideoEvent, id="video_id", aliases={"project_id": "video_id", **_FAILED}
)

SOURCE = WebhookSource(
    api="JoggAI",
    signatures=(b"x-webhook-signature",),
    type_field="event",
    id_field="event_id",
    time_field="timestamp",
    data_field="data",
    family=lambda event_type: event_type.rpartition("_")[0],
    schemas={
        "generated_avatar_video": _VIDEO,
        "generated_video": _VIDEO,
        "generated_image": EventSchema(
            event=JoggPhotoEvent,
            id="photo_id",
            aliases={"image_url_list": "photo_urls", **_FAILED},
        ),
        "generated_motion": EventSchema(
            event=JoggMotionEvent,
            id="motion_id",
            aliases={"motion_preview_url": "motion_url", **_FAILED},
        ),
        "generated_photo_avatar": EventSchema(
            event=JoggAvatarEvent, id="avatar_id", aliases=_FAILED
        ),
    },
)
"""JoggAI's deliveries.

https://docs.jogg.ai/api-reference/v2/API%20Documentation/WebhookIntegration
"""


def create_endpoint(
    url: str, *, events: Iterable[str], status: str
) -> Request[JoggWebhookEndpoint]:
    """``POST /v2/endpoint``; raises ``InvalidRequestError``."""
    return Request(
        method="POST",
        path="/v2/endpoint",
        json=_body(url, events, status),
        decode=one(JoggWebhookEndpoint),
    )


def list_endpoints() -> Request[Page[JoggWebhookEndpoint]]:
    """``GET /v2/endpoints``, which has one page only."""

    def decode(payload: Any) -> Page[JoggWebhookEndpoint]:
        rows = payload["data"].get("endpoints") or ()
        items = readable(rows, lambda row: converter.structure(row, JoggWebhookEndpoint))
        return Page(items=items, next_token=None)

    return Request(method="GET", path="/v2/endpoints", decode=decode)


def replace_endpoint(
    endpoint_id: str, *, url: str, events: Iterable[str], status: str
) -> Request[JoggWebhookEndpoint]:
    """``PUT /v2/endpoint/{endpoint_id}``; raises ``InvalidRequestError``."""
    return Request(
        method="PUT",
        path=at(_ENDPOINT, endpoint_id),
        json=_body(url, events, status),
        decode=one(JoggWebhookEndpoint),
    )


def delete_endpoint(endpoint_id: str) -> Request[None]:
    """``DELETE /v2/endpoint/{endpoint_id}``."""
    return Request(method="DELETE", path=at(_ENDPOINT, endpoint_id), decode=nothing)


def event_types() -> Request[tuple[str, ...]]:
    """``GET /v2/events``."""
    return Request(
        method="GET",
        path="/v2/events",
        decode=lambda payload: converter.structure(payload["data"]["events"], tuple[str, ...]),
    )


def _body(url: str, events: Iterable[str], status: str) -> dict[str, Any]:
    if status not in ("enabled", "disabled"):
        raise InvalidRequestError(f"status must be 'enabled' or 'disabled', not {status!r}")
    return {"url": https_url(url), "status": status, "events": event_names(events)}
