"""Receiving webhooks: verified deliveries wake the jobs that they speak of."""

from heygen_async.models.webhooks import (
    JobEndEvent,
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
    "JobEndEvent",
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
