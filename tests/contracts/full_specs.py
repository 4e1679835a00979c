"""Specs that use every option, with the body that each is sent as."""

from __future__ import annotations

from typing import Any

import attrs

from heygen_async import (
    AddLooks,
    AddMotion,
    AddSoundEffect,
    AssetId,
    Background,
    CreateGroup,
    DigitalTwin,
    JoggMotion,
    JoggPhoto,
    JoggVideo,
    LegacyPhoto,
    LegacyVideo,
    Lipsync,
    PhotoAvatar,
    PromptAvatar,
    TrainGroup,
    UpscaleAvatar,
    VideoAgent,
    VoiceSettings,
)

PICTURE, SOUND, HOOK = "https://a.example/p.png", "https://a.example/s.mp3", "https://a.example/h"
BY_URL = {"type": "url", "url": PICTURE}
BY_ID = {"type": "asset_id", "asset_id": "asset-1"}

LEGACY_VIDEO = LegacyVideo(
    avatar_id="look-1",
    script="Hello",
    voice_id="voice-1",
    title="A title",
    resolution="720p",
    aspect_ratio="9:16",
    motion_prompt="nods",
    expressiveness="high",
    remove_background=True,
    background=Background(type="color", value="#00ff88"),
    voice_settings=VoiceSettings(speed=0.9, pitch=-3, volume=0.8, locale="en-GB"),
)
LEGACY_BODY = {
    "avatar_id": "look-1",
    "script": "Hello",
    "voice_id": "voice-1",
    "title": "A title",
    "resolution": "720p",
    "aspect_ratio": "9:16",
    "motion_prompt": "nods",
    "expressiveness": "high",
    "remove_background": True,
    "background": {"type": "color", "value": "#00ff88"},
    "voice_settings": {"speed": 0.9, "pitch": -3, "volume": 0.8, "locale": "en-GB"},
}
LEGACY_DEFAULTS = {"resolution": "1080p", "aspect_ratio": "16:9", "remove_background": False}

JOGG_PHOTO = JoggPhoto(
    age="Adult",
    gender="Female",
    avatar_style="Social",
    model="classic",
    aspect_ratio="square",
    ethnicity="African",
    background="a garden",
    appearance="a hat",
    image_url=PICTURE,
)
LEGACY_PHOTO = LegacyPhoto(
    name="Ada",
    age="Senior",
    gender="Woman",
    ethnicity="Pacific",
    orientation="square",
    pose="close_up",
    style="Noir",
    appearance="a hat",
)
ADD_MOTION = AddMotion(id="look-1", prompt="nods", motion_type="kling")
JOGG_MOTION = JoggMotion(
    image_url=PICTURE,
    name="Ada",
    voice_id="voice-1",
    model="2.0-Pro",
    photo_id="photo-1",
    description="a countess",
    welcome_msg="Hello",
)
JOGG_VIDEO = JoggVideo(
    avatar_id="123",
    voice_id="voice-1",
    script="Hello",
    aspect_ratio="landscape",
    screen_style=3,
    caption=True,
    webhook_url=HOOK,
    video_name="A title",
)
JOGG_BODY = {
    "avatar": {"avatar_type": 1, "avatar_id": 123},
    "voice": {"type": "script", "voice_id": "voice-1", "script": "Hello"},
    "aspect_ratio": "landscape",
    "screen_style": 3,
    "caption": True,
    "webhook_url": HOOK,
    "video_name": "A title",
}

LIPSYNC_OPTIONS: dict[str, Any] = {
    "title": "A title",
    "mode": "precision",
    **dict.fromkeys(
        (
            "enable_caption",
            "keep_the_same_format",
            "enable_dynamic_duration",
            "disable_music_track",
            "enable_speech_enhancement",
            "enable_watermark",
        ),
        True,
    ),
    "start_time": 1.5,
    "end_time": 4.0,
    "fps_mode": "vfr",
    "folder_id": "folder-1",
    "callback_url": HOOK,
    "callback_id": "mine",
}


def said(spec: Any) -> dict[str, Any]:
    """Return what a spec says where each field is sent as it is."""
    return {name: value for name, value in attrs.asdict(spec).items() if value is not None}


AGENT_OPTIONS: dict[str, Any] = {
    **dict.fromkeys(("avatar_id", "voice_id", "style_id", "brand_kit_id"), "x"),
    "brand_glossary_id": "g",
    "prompt": "A film",
    "mode": "chat",
    "orientation": "portrait",
    "callback_url": HOOK,
    "callback_id": "c",
    "incognito_mode": True,
}
FULL: tuple[tuple[Any, dict[str, Any]], ...] = (
    (
        Lipsync(video=AssetId("asset-1"), audio=PICTURE, **LIPSYNC_OPTIONS),
        {"video": BY_ID, "audio": BY_URL, **LIPSYNC_OPTIONS},
    ),
    (Lipsync(video=PICTURE, audio=AssetId("asset-1")), {"video": BY_URL, "audio": BY_ID}),
    (
        VideoAgent(files=[PICTURE, AssetId("asset-1")], **AGENT_OPTIONS),
        {"files": [BY_URL, BY_ID], **AGENT_OPTIONS},
    ),
    (
        PhotoAvatar(name="Ada", file=PICTURE, avatar_group_id="group-1"),
        {"type": "photo", "name": "Ada", "file": BY_URL, "avatar_group_id": "group-1"},
    ),
    (
        PhotoAvatar(name="Ada", file=AssetId("asset-1")),
        {"type": "photo", "name": "Ada", "file": BY_ID},
    ),
    (
        DigitalTwin(name="Ada", file=PICTURE, avatar_group_id="group-1"),
        {"type": "digital_twin", "name": "Ada", "file": BY_URL, "avatar_group_id": "group-1"},
    ),
    (
        DigitalTwin(name="Ada", file=AssetId("asset-1")),
        {"type": "digital_twin", "name": "Ada", "file": BY_ID},
    ),
    (
        PromptAvatar(
            name="Ada",
            prompt="A countess",
            reference_images=[PICTURE, AssetId("asset-1")],
            avatar_group_id="group-1",
            avatar_id="look-1",
        ),
        {
            "type": "prompt",
            "name": "Ada",
            "prompt": "A countess",
            "reference_images": [BY_URL, BY_ID],
            "avatar_group_id": "group-1",
            "avatar_id": "look-1",
        },
    ),
    (LEGACY_VIDEO, LEGACY_BODY),
    (
        LegacyVideo(
            image_url=PICTURE, audio_url=SOUND, background=Background(type="image", url=PICTURE)
        ),
        {
            **LEGACY_DEFAULTS,
            "image_url": PICTURE,
            "audio_url": SOUND,
            "background": {"type": "image", "url": PICTURE},
        },
    ),
    (
        LegacyVideo(
            image_asset_id="asset-1",
            audio_asset_id="asset-2",
            background=Background(type="image", asset_id="asset-3"),
        ),
        {
            **LEGACY_DEFAULTS,
            "image_asset_id": "asset-1",
            "audio_asset_id": "asset-2",
            "background": {"type": "image", "asset_id": "asset-3"},
        },
    ),
    (
        # The page has no volume, so the usual one is not spelt out.
        LegacyVideo(
            image_url=PICTURE,
            script="Hello",
            voice_id="voice-1",
            voice_settings=VoiceSettings(speed=0.9),
        ),
        {
            **LEGACY_DEFAULTS,
            "image_url": PICTURE,
            "script": "Hello",
            "voice_id": "voice-1",
            "voice_settings": {"speed": 0.9, "pitch": 0},
        },
    ),
    (ADD_MOTION, {"id": "look-1", "prompt": "nods", "motion_type": "kling"}),
    (AddMotion(id="look-1"), {"id": "look-1", "motion_type": "consistent"}),
    (AddSoundEffect(id="look-1"), {"id": "look-1"}),
    (UpscaleAvatar(id="look-1"), {"id": "look-1"}),
    (LEGACY_PHOTO, said(LEGACY_PHOTO)),
    (
        CreateGroup(name="Ada", image_key="key-1", generation_id="generation-1"),
        {"name": "Ada", "image_key": "key-1", "generation_id": "generation-1"},
    ),
    (TrainGroup(group_id="group-1"), {"group_id": "group-1"}),
    (
        AddLooks(
            group_id="group-1",
            image_keys=["key-1", "key-2"],
            name="Ada",
            generation_id="generation-1",
        ),
        {
            "group_id": "group-1",
            "image_keys": ["key-1", "key-2"],
            "name": "Ada",
            "generation_id": "generation-1",
        },
    ),
    (JOGG_PHOTO, said(JOGG_PHOTO)),
    (JOGG_MOTION, said(JOGG_MOTION)),
    (JOGG_VIDEO, JOGG_BODY),
    (
        JoggVideo(avatar_id=81, avatar_type="public", voice_id="voice-1", audio=SOUND),
        {
            "avatar": {"avatar_type": 0, "avatar_id": 81},
            "voice": {"type": "audio", "voice_id": "voice-1", "audio_url": SOUND},
            "aspect_ratio": "portrait",
            "screen_style": 1,
        },
    ),
)
