"""Specs that use every option, with the body that each is sent as."""

from __future__ import annotations

from typing import Any

import attrs

from heygen_async import (
    AddLooks,
    AddMotion,
    AddSoundEffect,
    AiClipping,
    AssetId,
    AudioVariable,
    Background,
    BackgroundRemoval,
    BrandKitImport,
    CharacterVariable,
    ClipSettings,
    CreateGroup,
    DigitalTwin,
    Dimension,
    FillerWordRemoval,
    HyperframesRender,
    ImageVariable,
    JoggMotion,
    JoggPhoto,
    JoggVideo,
    LegacyPhoto,
    LegacyVideo,
    Lipsync,
    PhotoAvatar,
    Podcast,
    PromptAvatar,
    Proofread,
    ProofreadTranslation,
    StockVoices,
    SubtitlePosition,
    TemplateSubtitles,
    TemplateVideo,
    TrainGroup,
    UpscaleAvatar,
    VideoAgent,
    VideoComparison,
    VideoTranslation,
    VideoVariable,
    VoiceClone,
    VoiceSettings,
    VoiceTraining,
    VoiceVariable,
    WorkflowRun,
)

from .jogg_specs import JOGG_FULL

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


TRANSLATION_OPTIONS: dict[str, Any] = {
    "title": "A title",
    "folder_id": "f1",
    "callback_url": HOOK,
    "callback_id": "mine",
    **dict.fromkeys(
        (
            "translate_audio_only",
            "enable_caption",
            "keep_the_same_format",
            "enable_dynamic_duration",
            "disable_music_track",
            "enable_speech_enhancement",
            "enable_watermark",
        ),
        True,
    ),
    "input_language": "English",
    "speaker_num": 2,
    "mode": "precision",
    "start_time": 1.5,
    "end_time": 4.0,
    "brand_voice_id": "b1",
    "brand_glossary_id": "g1",
    "srt_role": "output",
    "fps_mode": "cfr",
}
PROOFREAD_OPTIONS: dict[str, Any] = {
    "title": "A title",
    "brand_voice_id": "b1",
    "brand_glossary_id": "g1",
    "speaker_num": 2,
    "folder_id": "f1",
    "enable_video_stretching": True,
    "disable_music_track": True,
    "enable_speech_enhancement": True,
    "mode": "speed",
    "keep_the_same_format": True,
}
GENERATE_OPTIONS: dict[str, Any] = {
    "captions": True,
    "translate_audio_only": True,
    "callback_url": HOOK,
    "callback_id": "mine",
}
STOCK = StockVoices(use_stock_voice=True, preferred_stock_voice_ids=["v1"])
STOCK_BODY = {"use_stock_voice": True, "preferred_stock_voice_ids": ["v1"]}


def translations(medium: Any, body: Any) -> Any:
    """Return specs with a medium in each place where one can stand."""
    french: Any = {"output_languages": ["French"]}
    one = {"video": medium, "srt": medium, **french}
    other = {"video": body, "srt": body, **french}
    yield (
        VideoTranslation(**one, audio=medium, stock_voice_config=STOCK, **TRANSLATION_OPTIONS),
        {**other, "audio": body, "stock_voice_config": STOCK_BODY, **TRANSLATION_OPTIONS},
    )
    yield Proofread(**one, **PROOFREAD_OPTIONS), {**other, **PROOFREAD_OPTIONS}


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
CALLBACK: dict[str, Any] = {"callback_url": HOOK, "callback_id": "mine"}
CLIP_SETTINGS: dict[str, Any] = {
    "aspect_ratio": "square",
    "captions": False,
    "caption_style": "outline_classic",
    "prompt": "the best of it",
}
CLIPPING_OPTIONS: dict[str, Any] = {"title": "A title", "input_language": "English", **CALLBACK}
AI_CLIPPING = AiClipping(
    video=PICTURE,
    output_settings=ClipSettings(duration_types=["30", "long"], **CLIP_SETTINGS),
    **CLIPPING_OPTIONS,
)
BACKGROUND_REMOVAL = BackgroundRemoval(video=PICTURE, layers=["mask"], title="A title")
FILLER_WORD_REMOVAL = FillerWordRemoval(video=PICTURE, title="A title", **CALLBACK)
RENDER_OPTIONS: dict[str, Any] = {
    "fps": 60,
    "quality": "high",
    "format": "webm",
    "resolution": "4k",
    "aspect_ratio": "1:1",
    "composition": "main",
    "variables": {"name": "Ada"},
    "title": "A title",
    **CALLBACK,
}
HYPERFRAMES = HyperframesRender(project=PICTURE, **RENDER_OPTIONS)
PODCAST_OPTIONS: dict[str, Any] = {
    "host_avatar_id": "photo_ada",
    "guest_avatar_id": "photo_ada",
    "host_voice_id": "v1",
    "guest_voice_id": "v2",
    "topic": "Rivers",
    "layout": "portrait",
    "duration": "1min",
    "instructions": "calm",
    **CALLBACK,
}
PODCAST = Podcast(source_files=[PICTURE], **PODCAST_OPTIONS)


def edits(medium: Any, body: Any) -> Any:
    """Return specs with a medium in each place where one can stand."""
    settings = {"duration_types": ["30", "long"], **CLIP_SETTINGS}
    yield (
        attrs.evolve(AI_CLIPPING, video=medium),
        {"video": body, "output_settings": settings, **CLIPPING_OPTIONS},
    )
    yield (
        attrs.evolve(BACKGROUND_REMOVAL, video=medium),
        {"video": body, "layers": ["mask"], "title": "A title"},
    )
    yield (
        attrs.evolve(FILLER_WORD_REMOVAL, video=medium),
        {"video": body, "title": "A title", **CALLBACK},
    )
    yield attrs.evolve(HYPERFRAMES, project=medium), {"project": body, **RENDER_OPTIONS}
    yield (
        attrs.evolve(PODCAST, source_files=[medium]),
        {"source_files": [body], **PODCAST_OPTIONS},
    )


RUN_OPTIONS: dict[str, Any] = {
    "workflow_id": "w1",
    "version_number": 2,
    "inputs": {"script": "Hello"},
}
TEMPLATE_OPTIONS: dict[str, Any] = {
    **dict.fromkeys(("title", "folder_id", "brand_voice_id", "brand_glossary_id"), "n"),
    **dict.fromkeys(
        (
            "caption",
            "reorder_music",
            "keep_text_vertically_centered",
            "include_gif",
            "enable_sharing",
        ),
        True,
    ),
    "fps": 30,
    **CALLBACK,
}
SUBTITLES = {"preset_name": "plain", "alignment": 8, "disable_highlight": True, "font_size": 30}
COMPARISON_OPTIONS: dict[str, Any] = {
    "prompt": "A walk",
    "model_a": "one",
    "model_b": "two",
    "question_id": "craft",
    "judge_model_version": "judge-1",
}


def rest(medium: Any, body: Any) -> Any:
    """Return specs with a medium in each place where one can stand."""
    yield (
        TemplateVideo(
            template_id="t1",
            variables={
                "a": "Hello",
                "b": ImageVariable(asset=medium, fit="cover"),
                "c": VideoVariable(asset=medium, fit="crop", play_style="once", volume=0.5),
                "d": AudioVariable(asset=medium),
                "e": CharacterVariable(character_id="look-1", character_type="talking_photo"),
                "f": VoiceVariable(voice_id="voice-1", locale="en-GB"),
            },
            subtitles=TemplateSubtitles(**SUBTITLES, position=SubtitlePosition(x=1, y=2)),
            dimension=Dimension(width=1280, height=720),
            scene_ids=["s1"],
            **TEMPLATE_OPTIONS,
        ),
        {
            "variables": {
                "a": {"type": "text", "content": "Hello"},
                "b": {"type": "image", "asset": body, "fit": "cover"},
                "c": {
                    "type": "video",
                    "asset": body,
                    "fit": "crop",
                    "play_style": "once",
                    "volume": 0.5,
                },
                "d": {"type": "audio", "asset": body},
                "e": {
                    "type": "character",
                    "character_id": "look-1",
                    "character_type": "talking_photo",
                },
                "f": {"type": "voice", "voice_id": "voice-1", "locale": "en-GB"},
            },
            "subtitles": {**SUBTITLES, "position": {"x": 1, "y": 2}},
            "dimension": {"width": 1280, "height": 720},
            "scene_ids": ["s1"],
            **TEMPLATE_OPTIONS,
        },
    )
    yield (
        VideoComparison(video_a=medium, video_b=medium, **COMPARISON_OPTIONS),
        {"video_a": body, "video_b": body, **COMPARISON_OPTIONS},
    )


FULL: tuple[tuple[Any, dict[str, Any]], ...] = (
    *rest(PICTURE, BY_URL),
    *rest(AssetId("asset-1"), BY_ID),
    (WorkflowRun(**RUN_OPTIONS), RUN_OPTIONS),
    *edits(PICTURE, BY_URL),
    *edits(AssetId("asset-1"), BY_ID),
    *translations(PICTURE, BY_URL),
    *translations(AssetId("asset-1"), BY_ID),
    (ProofreadTranslation(proofread_id="p1", **GENERATE_OPTIONS), GENERATE_OPTIONS),
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
            aspect_ratio="4:5",
        ),
        {
            "type": "prompt",
            "name": "Ada",
            "prompt": "A countess",
            "reference_images": [BY_URL, BY_ID],
            "avatar_group_id": "group-1",
            "avatar_id": "look-1",
            "aspect_ratio": "4:5",
        },
    ),
    (
        VoiceClone(audio=SOUND, voice_name="Ada", language="en", remove_background_noise=False),
        {
            "audio": {"type": "url", "url": SOUND},
            "voice_name": "Ada",
            "language": "en",
            "remove_background_noise": False,
        },
    ),
    (VoiceClone(audio=AssetId("asset-1"), voice_name="Ada"), {"audio": BY_ID, "voice_name": "Ada"}),
    (
        VoiceTraining(
            audio=[PICTURE, AssetId("asset-1")],
            name="Ada",
            language="en",
            mode="professional",
            voice_id="voice-1",
        ),
        {
            "audio": [BY_URL, BY_ID],
            "name": "Ada",
            "language": "en",
            "mode": "professional",
            "voice_id": "voice-1",
        },
    ),
    (BrandKitImport(url=HOOK, name="Ada"), {"url": HOOK, "name": "Ada"}),
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
    *JOGG_FULL,
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
