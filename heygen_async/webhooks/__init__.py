"""Receiving webhooks: verified deliveries wake the jobs that they speak of."""

from heygen_async.models.webhooks import (
    JobEvent,
    JobRef,
    JoggAvatarEvent,
    JoggMotionEvent,
    JoggPhotoEvent,
    JoggVideoEvent,
    TranslationEvent,
    UnknownEvent,
    VideoAgentEvent,
    VideoEvent,
    WebhookEvent,
)
from heygen_async.webhooks.receiver import Hints, WebhookReceiver

__all__ = [
    "Hints",
    "JobEvent",
    "JobRef",
    "JoggAvatarEvent",
    "JoggMotionEvent",
    "JoggPhotoEvent",
    "JoggVideoEvent",
    "TranslationEvent",
    "UnknownEvent",
    "VideoAgentEvent",
    "VideoEvent",
    "WebhookEvent",
    "WebhookReceiver",
]
