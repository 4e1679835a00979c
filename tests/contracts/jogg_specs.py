"""JoggAI's specs with every option, and the bodies they become."""

from __future__ import annotations

from typing import Any

from heygen_async import (
    JoggLipSync,
    JoggPreviewRender,
    JoggProductAvatar,
    JoggProductMotion,
    JoggProductPreviews,
    JoggProductVideo,
    JoggScript,
    JoggTemplateVideo,
    JoggTranslation,
    JoggVariable,
)

VOICE = "en-US-ChristopherNeural"
CLIP = "https://a.example/clip.mp4"
PICTURE = "https://a.example/picture.png"
SOUND = "https://a.example/sound.mp3"
HOOK = "https://a.example/hook"

LIP_SYNC = {"video_url": CLIP, "audio_url": SOUND, "playback_type": "normal_reverse"}
TRANSLATION: dict[str, Any] = {
    "video_url": CLIP,
    "output_language": "Spanish",
    "title": "A title",
    "translate_audio_only": False,
    "output_voice": VOICE,
    "add_subtitles": True,
    "enable_dynamic_duration": True,
    "callback_url": HOOK,
}
TEMPLATE: dict[str, Any] = {
    "template_id": 1234,
    "video_name": "A title",
    "avatar_id": 81,
    "voice_language": "english",
    "voice_id": VOICE,
    "captions_enabled": True,
    "background_music_id": 13,
    **dict.fromkeys(("disable_random_trans", "disable_random_moving"), True),
    **dict.fromkeys(("disable_trans", "disable_moving"), False),
}
VARIABLES = (
    JoggVariable(type="text", name="title", content="Hello", webhook_url=HOOK),
    JoggVariable(type="image", name="picture", url=PICTURE),
    JoggVariable(type="video", name="clip", asset_id=7),
)
JOGG_LIP_SYNC = JoggLipSync(**LIP_SYNC)
JOGG_TRANSLATION = JoggTranslation(**TRANSLATION)
JOGG_TEMPLATE = JoggTemplateVideo(variables=VARIABLES, avatar_type="custom", **TEMPLATE)
OF_PRODUCT: dict[str, Any] = {
    "product_id": "p1",
    "length": "30",
    "style": "Storytime",
    "avatar_id": 81,
    "avatar_type": "public",
    "voice_id": VOICE,
    "music_id": 13,
    "aspect_ratio": "portrait",
    "caption": True,
    "name": "A title",
    "override_script": "Buy it",
    "webhook_url": HOOK,
    "language": "english",
}
PRODUCT_BODY: dict[str, Any] = {
    "product_id": "p1",
    "video_spec": {"length": "30", "aspect_ratio": "portrait", "caption": True, "name": "A title"},
    "avatar": {"id": 81, "type": 0},
    "voice": {"id": VOICE},
    "audio": {"music_id": 13},
    "script": {"style": "Storytime", "language": "english"},
    "override_script": "Buy it",
    "webhook_url": HOOK,
}
STYLE = "Simple Product Switch"
JOGG_PRODUCT_VIDEO = JoggProductVideo(visual_style=STYLE, **OF_PRODUCT)
JOGG_PREVIEWS = JoggProductPreviews(visual_styles=[STYLE], **OF_PRODUCT)
AVATAR: dict[str, Any] = {
    "product_image_url": PICTURE,
    "prompt": "holds it",
    "quality": "low",
    "aspect_ratio": "2:3",
    "num_images": 2,
    "webhook_url": HOOK,
}
JOGG_PRODUCT_AVATAR = JoggProductAvatar(avatar_id=81, avatar_type="public", **AVATAR)
MOTION: dict[str, Any] = {
    "generation_id": "g1",
    "model": 2,
    "name": "Ada",
    "voice_id": VOICE,
    "description": "nods",
    "aspect_ratio": "square",
}
SCRIPT = {
    "language": "english",
    "video_length_seconds": "15",
    "script_style": "Data",
    "target_audience": "all",
}
JOGG_PRODUCT_MOTION = JoggProductMotion(**MOTION)
JOGG_SCRIPT = JoggScript(name="Cup", description="A cup", **SCRIPT)

JOGG_FULL: tuple[tuple[Any, dict[str, Any]], ...] = (
    (JOGG_LIP_SYNC, LIP_SYNC),
    (JOGG_TRANSLATION, TRANSLATION),
    (
        JOGG_TEMPLATE,
        {
            **TEMPLATE,
            "avatar_type": 1,
            "variables": [
                {
                    "type": "text",
                    "name": "title",
                    "properties": {"content": "Hello", "webhook_url": HOOK},
                },
                {"type": "image", "name": "picture", "properties": {"url": PICTURE}},
                {"type": "video", "name": "clip", "properties": {"asset_id": 7}},
            ],
        },
    ),
    (
        JOGG_PRODUCT_VIDEO,
        {**PRODUCT_BODY, "visual_style": STYLE},
    ),
    (
        JOGG_PREVIEWS,
        {**PRODUCT_BODY, "visual_styles": [STYLE]},
    ),
    (JoggPreviewRender(preview_id="r1"), {"preview_id": "r1"}),
    (
        JOGG_PRODUCT_AVATAR,
        {**AVATAR, "avatar_source": {"type": "id", "avatar_id": 81, "avatar_type": "public"}},
    ),
    (
        JoggProductAvatar(avatar_image=PICTURE, **AVATAR),
        {**AVATAR, "avatar_source": {"type": "image", "value": PICTURE}},
    ),
    (
        JoggProductAvatar(avatar_description="a countess", **AVATAR),
        {**AVATAR, "avatar_source": {"type": "description", "value": "a countess"}},
    ),
    (JOGG_PRODUCT_MOTION, MOTION),
    (
        JOGG_SCRIPT,
        {
            **SCRIPT,
            "product_info": {
                "source_type": "details",
                "data": {"name": "Cup", "description": "A cup"},
            },
        },
    ),
    (
        JoggScript(product_id="p1", **SCRIPT),
        {**SCRIPT, "product_info": {"source_type": "id", "data": {"id": "p1"}}},
    ),
)
