"""HeyGen v3 webhooks: the endpoints, and what is delivered to them."""

from __future__ import annotations

from typing import Any

from heygen_async.errors import WebhookError
from heygen_async.models.webhooks import (
    JOB_EVENTS,
    DeliveredEvent,
    EventType,
    JobEndEvent,
    JobRef,
    TranslationEvent,
    VideoAgentEvent,
    VideoEvent,
    WebhookEndpoint,
)
from heygen_async.protocol.deliveries import EventSchema, WebhookSource, read_event
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.operations import Collection, Operation

_VIDEO = EventSchema(
    event=VideoEvent,
    id="video_id",
    aliases={"project_id": "video_id", "msg": "message", "video_url": "url"},
)
_TRANSLATION = EventSchema(
    event=TranslationEvent,
    id="video_translate_id",
    aliases={
        "video_translation_id": "video_translate_id",
        "msg": "message",
        "video_url": "url",
    },
)
_JOB = EventSchema(
    event=JobEndEvent,
    id="id",
    aliases={
        **dict.fromkeys(
            (
                "ai_clipping_id",
                "filler_word_removal_id",
                "flow_id",
                "generation_id",
                "job_id",
                "podcast_id",
                "proofread_id",
                "render_id",
            ),
            "id",
        ),
        "msg": "message",
        "video_url": "url",
    },
    bare=False,
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
        "video_translate.preflight": _TRANSLATION,
        "video_agent": EventSchema(
            event=VideoAgentEvent,
            id=("session_id", "video_id"),
            aliases={"msg": "message", "video_url": "url"},
        ),
        **dict.fromkeys(JOB_EVENTS, _JOB),
    },
)
"""HeyGen's deliveries: https://developers.heygen.com/docs/webhook-events"""


ENDPOINTS = Collection(
    item="/v3/webhooks/endpoints/{endpoint_id}", model=WebhookEndpoint, converter=CONVERTER
)
EVENTS = Collection(
    item="/v3/webhooks/events/{event_id}", model=DeliveredEvent, converter=CONVERTER
)
_TYPES = Collection(item="/v3/webhooks/event-types/{name}", model=EventType, converter=CONVERTER)
EVENT_TYPES = Operation("GET", _TYPES.path, lambda payload: _TYPES.read_page(payload).items)
CREATE_ENDPOINT = Operation("POST", ENDPOINTS.path, ENDPOINTS.read)


def _secret(payload: Any) -> str:
    secret = payload["data"]["secret"]
    if not isinstance(secret, str):
        raise TypeError("the secret is no text")
    return secret


ROTATE_SECRET = Operation("POST", ENDPOINTS.item + "/rotate-secret", _secret)


def jobs_of(event: DeliveredEvent) -> tuple[JobRef, ...]:
    """Return the names of the job that a delivered event speaks of."""
    try:
        return read_event(SOURCE, event.event_type, event.event_data).jobs
    except WebhookError:
        return ()
