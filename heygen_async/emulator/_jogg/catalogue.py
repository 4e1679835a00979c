"""The voices and avatars that every emulated JoggAI account has, as its lists show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

RESOURCES = "https://res.jogg.ai"


def _voice(name: str, language: str, gender: str, age: str, accent: str) -> Mapping[str, str]:
    voice_id = f"{accent}-{name}Neural"
    return {
        "name": name,
        "voice_id": voice_id,
        "audio_url": f"{RESOURCES}/voices/{voice_id}.mp3",
        "language": language,
        "gender": gender,
        "age": age,
        "accent": accent,
        "use_case": "narrative_story",
    }


VOICES = (
    _voice("Christopher", "english", "male", "young", "en-US"),
    _voice("Jenny", "english", "female", "young", "en-US"),
    _voice("Ryan", "english", "male", "middle_aged", "en-GB"),
    _voice("Libby", "english", "female", "old", "en-GB"),
    _voice("Xiaoxiao", "chinese", "female", "young", "zh-CN"),
    _voice("Yunxi", "chinese", "male", "middle_aged", "zh-CN"),
    _voice("Katja", "german", "female", "middle_aged", "de-DE"),
    _voice("Conrad", "german", "male", "old", "de-DE"),
    _voice("Denise", "french", "female", "young", "fr-FR"),
    _voice("Henri", "french", "male", "middle_aged", "fr-FR"),
    _voice("Elvira", "spanish", "female", "old", "es-ES"),
    _voice("Alvaro", "spanish", "male", "young", "es-ES"),
)

CUSTOM_VOICES: tuple[Mapping[str, str], ...] = (
    {
        "name": "My voice",
        "voice_id": "tb_0123456789abcdef0123456789abcdef",
        "audio_url": f"{RESOURCES}/voices/mine.mp3",
        "language": "english",
    },
    {
        "name": "My brand",
        "voice_id": "tb_fedcba9876543210fedcba9876543210",
        "audio_url": f"{RESOURCES}/voices/brand.mp3",
        "language": "",
    },
)


def _avatar(number: int, name: str, **facts: object) -> Mapping[str, Any]:
    return {
        "id": number,
        "name": name,
        "video_url": f"{RESOURCES}/avatars/{number}.mp4",
        "cover_url": f"{RESOURCES}/avatars/{number}.jpg",
        **facts,
    }


PUBLIC_AVATARS = (
    _avatar(81, "Amelia", aspect_ratio=0, style="professional", gender="female", age="adult"),
    _avatar(82, "Boris", aspect_ratio=1, style="professional", gender="male", age="senior"),
    _avatar(83, "Chloe", aspect_ratio=2, style="social", gender="female", age="young_adult"),
    _avatar(84, "Dario", aspect_ratio=0, style="social", gender="male", age="adult"),
)

SURROUNDINGS: Mapping[int, Mapping[str, str]] = {
    81: {"scene": "business", "ethnicity": "european"},
    82: {"scene": "studio", "ethnicity": "european"},
    83: {"scene": "outdoors", "ethnicity": "african"},
    84: {"scene": "lifestyle", "ethnicity": "south_american"},
}
"""What public avatars are found by, although the list does not show it."""


def _own(number: int, name: str, status: str, fail_msg: str = "") -> Mapping[str, Any]:
    url = f"{RESOURCES}/avatars/{number}/source.mp4"
    facts = {"api_only": False, "avatar_status": status, "fail_msg": fail_msg, "avatar_url": url}
    return _avatar(number, name, **facts)


CUSTOM_AVATARS = (
    _own(9001, "Me", "completed"),
    _own(9002, "Me again", "processing"),
    _own(9003, "Me in the dark", "failed", "Video quality insufficient"),
)
"""The instant avatars of the account."""
