"""JoggAI v2 webhooks: the endpoints, and what is delivered to them."""

from __future__ import annotations

from heygen_async.models.webhooks import (
    JoggAvatarEvent,
    JoggMotionEvent,
    JoggPhotoEvent,
    JoggVideoEvent,
    JoggWebhookEndpoint,
)
from heygen_async.protocol.deliveries import EventSchema, WebhookSource
from heygen_async.protocol.jogg.tables import CONVERTER, NumberedCollection
from heygen_async.protocol.operations import Collection, Operation, decode_none

_FAILED = {"error": "message", "error_msg": "message"}
_VIDEO = EventSchema(
    event=JoggVideoEvent,
    id="video_id",
    aliases={"project_id": "video_id", "video_translate_id": "video_id", **_FAILED},
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
        "generated_product_video": _VIDEO,
        "generated_template_video": _VIDEO,
        "generated_translate_video": _VIDEO,
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


_ITEM = Collection(
    item="/v2/endpoint/{endpoint_id}", model=JoggWebhookEndpoint, converter=CONVERTER
)
ENDPOINTS = NumberedCollection(
    item="/v2/endpoints/{endpoint_id}",
    model=JoggWebhookEndpoint,
    converter=CONVERTER,
    name="endpoints",
    paged=False,
)
CREATE_ENDPOINT = Operation("POST", _ITEM.path, _ITEM.read)
REPLACE_ENDPOINT = Operation("PUT", _ITEM.item, _ITEM.read)
DELETE_ENDPOINT = Operation("DELETE", _ITEM.item, decode_none)
EVENT_TYPES = Operation(
    "GET",
    "/v2/events",
    lambda payload: CONVERTER.structure(payload["data"]["events"], tuple[str, ...]),
)
