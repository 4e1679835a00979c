"""The shapes of ``POST /v3/videos``: every field, bound and word, as tables.

What one field says about another is in ``video_rules``.
"""

from __future__ import annotations

from collections.abc import Mapping

from heygen_async.emulator._schema import (
    Array,
    Choice,
    Flag,
    Nullable,
    Number,
    Record,
    Shape,
    Text,
    Union,
)

Fields = Mapping[str, Shape]

TEXT = Nullable(Text())
URL = Text(pattern=r"https?://\S+")
OPTIONAL_URL = Nullable(URL)
UNIT = Number(minimum=0, maximum=1)
OFFSET = Number(minimum=-1, maximum=1)
HEX_COLOR = Text(pattern="#[0-9a-fA-F]{6}")
ASPECT_RATIO = Choice(("16:9", "9:16", "4:5", "5:4", "1:1", "auto"))
RESOLUTION = Choice(("4k", "1080p", "720p"))

MEDIA = Union(
    "type",
    {
        "url": Record({"url": URL}, required=("url",)),
        "asset_id": Record({"asset_id": Text()}, required=("asset_id",)),
        "base64": Record(
            {"media_type": Text(), "data": Text()},
            required=("media_type", "data"),
        ),
    },
)

ELEVENLABS_MODEL = Choice(
    ("eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3")
)
SPEECH_ENGINE = Union(
    "engine_type",
    {
        "elevenlabs": Record(
            {
                "model": Nullable(ELEVENLABS_MODEL),
                "similarity_boost": Nullable(UNIT),
                "stability": Nullable(UNIT),
                "style": Nullable(UNIT),
                "use_speaker_boost": Nullable(Flag()),
            }
        ),
        "fish": Record(
            {
                "model": Nullable(Choice(("s1", "s2-pro"))),
                "stability": Nullable(UNIT),
                "similarity": Nullable(UNIT),
            }
        ),
        "starfish": Record({}),
    },
)
VOICE_SETTINGS = Record(
    {
        "speed": Number(minimum=0.5, maximum=1.5),
        "pitch": Number(minimum=-50, maximum=50),
        "volume": UNIT,
        "locale": TEXT,
        "engine_settings": Nullable(SPEECH_ENGINE),
    }
)
SPEECH: Fields = {
    "script": Nullable(Text(min_length=1, max_length=5000)),
    "voice_id": TEXT,
    "audio_url": OPTIONAL_URL,
    "audio_asset_id": TEXT,
    "voice_settings": Nullable(VOICE_SETTINGS),
}

AVATAR_ENGINE = Union(
    "type",
    {
        "avatar_v": Record({"reference_look_id": TEXT}),
        "avatar_iv": Record({}),
        "avatar_iii": Record({}),
    },
)
MOTION: Fields = {
    "motion_prompt": TEXT,
    "expressiveness": Nullable(Choice(("high", "medium", "low"))),
}

BACKGROUND = Record(
    {
        "type": Choice(("color", "image")),
        "value": Nullable(HEX_COLOR),
        "url": OPTIONAL_URL,
        "asset_id": TEXT,
    },
    required=("type",),
)
PLACEMENT = Record(
    {
        "position": Choice(("top_left", "top_right", "bottom_left", "bottom_right")),
        "offset_x": Nullable(OFFSET),
        "offset_y": Nullable(OFFSET),
    }
)
WATERMARK = Record(
    {
        "image": MEDIA,
        "scale": Number(above=0, maximum=2),
        "opacity": UNIT,
        "placement": Nullable(PLACEMENT),
    },
    required=("image",),
)
CAPTION = Record({"file_format": Choice(("srt",)), "style": Nullable(Choice(("default",)))})

PRODUCTION: Fields = {
    "title": TEXT,
    "resolution": Nullable(RESOLUTION),
    "aspect_ratio": Nullable(ASPECT_RATIO),
    "callback_url": OPTIONAL_URL,
    "callback_id": TEXT,
    "caption": Nullable(CAPTION),
    "watermark": Nullable(WATERMARK),
}
PORTRAIT: Fields = {
    **PRODUCTION,
    **SPEECH,
    **MOTION,
    "fit": Nullable(Choice(("contain", "cover"))),
    "background": Nullable(BACKGROUND),
    "remove_background": Nullable(Flag()),
    "output_format": Choice(("mp4", "webm")),
}

CINEMATIC: Fields = {
    "title": TEXT,
    "prompt": Text(min_length=1, max_length=10_000),
    "avatar_id": Array(items=Text(), min_items=1, max_items=3),
    "references": Nullable(Array(items=MEDIA)),
    "aspect_ratio": Choice(("16:9", "9:16", "1:1")),
    "resolution": Choice(("720p", "1080p")),
    "auto_duration": Flag(),
    "duration": Nullable(Number(minimum=4, maximum=15, integer=True)),
    "enhance_prompt": Flag(),
}

SCENE_BACKGROUND = Union("type", {"color": Record({"color": HEX_COLOR}, required=("color",))})
SCENE_SUBJECT = Union(
    "type",
    {
        "avatar": Record(
            {
                **SPEECH,
                **MOTION,
                "avatar_id": Text(),
                "engine": Nullable(AVATAR_ENGINE),
                "background": Nullable(SCENE_BACKGROUND),
            },
            required=("avatar_id",),
        ),
        "image": Record(
            {**SPEECH, **MOTION, "image": MEDIA, "background": Nullable(SCENE_BACKGROUND)},
            required=("image",),
        ),
    },
)
PLAYBACK = Record({"volume": UNIT, "mute": Flag()})
SCENE = Union(
    "type",
    {
        "avatar_video": Record({"input": SCENE_SUBJECT}, required=("input",)),
        "image": Record(
            {**SPEECH, "source": MEDIA, "duration": Nullable(Number(above=0, maximum=300))},
            required=("source",),
        ),
        "video": Record(
            {**SPEECH, "source": MEDIA, "playback": Nullable(PLAYBACK)},
            required=("source",),
        ),
    },
)

CREATE_VIDEO = Union(
    "type",
    {
        "avatar": Record(
            {**PORTRAIT, "avatar_id": Text(), "engine": Nullable(AVATAR_ENGINE)},
            required=("avatar_id",),
        ),
        "image": Record({**PORTRAIT, "image": MEDIA}, required=("image",)),
        "cinematic_avatar": Record(CINEMATIC, required=("prompt", "avatar_id")),
        "studio": Record(
            {**PRODUCTION, "scenes": Array(items=SCENE, min_items=1, max_items=50)},
            required=("scenes",),
        ),
    },
)
