"""For each model that a user builds: the least that makes a valid one."""

from __future__ import annotations

from typing import Any

from heygen_async import (
    AssetId,
    AvatarScene,
    AvatarVideo,
    Background,
    Caption,
    CinematicVideo,
    ElevenLabsSettings,
    Engine,
    FishSettings,
    ImageScene,
    ImageVideo,
    Playback,
    PollPolicy,
    RetryPolicy,
    StarfishSettings,
    StudioVideo,
    VideoScene,
    VoiceSettings,
    Watermark,
    WatermarkPlacement,
)

URL = "https://media.example/file"

IMAGE = {"image": URL, "script": "Hello", "voice_id": "v"}
AVATAR = {"avatar_id": "look", "script": "Hello"}
CINEMATIC = {"prompt": "A walk", "avatar_id": "look"}
STUDIO = {"scenes": [ImageScene(source=URL, duration=1)]}

LEAST_FIELDS: dict[type, dict[str, Any]] = {
    ImageVideo: IMAGE,
    AvatarVideo: AVATAR,
    CinematicVideo: CINEMATIC,
    StudioVideo: STUDIO,
    AvatarScene: AVATAR,
    ImageScene: {"source": URL, "duration": 1},
    VideoScene: {"source": URL},
    Playback: {},
    Background: {"type": "color", "value": "#00ff88"},
    Caption: {},
    Watermark: {"image": URL},
    WatermarkPlacement: {},
    Engine: {"type": "avatar_v"},
    VoiceSettings: {},
    ElevenLabsSettings: {},
    FishSettings: {},
    StarfishSettings: {},
    AssetId: {"id": "asset"},
    PollPolicy: {},
    RetryPolicy: {},
}
SPECS = (ImageVideo, AvatarVideo, CinematicVideo, StudioVideo)


def make(cls: type, **changes: Any) -> Any:
    """Build one with some fields changed; None takes a field away."""
    fields = {**LEAST_FIELDS[cls], **changes}
    return cls(**{name: value for name, value in fields.items() if value is not None})
