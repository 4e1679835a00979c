"""JoggAI's specs with every option, and the bodies they become."""

from __future__ import annotations

from typing import Any

from heygen_async import JoggLipSync, JoggTemplateVideo, JoggTranslation, JoggVariable

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
)
