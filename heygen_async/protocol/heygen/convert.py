"""How HeyGen writes specs: tags that tell the members of a union apart, and fields of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.models.avatars import DigitalTwin, PhotoAvatar, PromptAvatar
from heygen_async.models.legacy import LegacyVideo
from heygen_async.models.realtime import RealtimeSpeech
from heygen_async.models.speech import ElevenLabsSettings, FishSettings, StarfishSettings
from heygen_async.models.templates import VARIABLES
from heygen_async.models.videos import (
    AvatarScene,
    AvatarVideo,
    CinematicVideo,
    ImageScene,
    ImageVideo,
    StudioVideo,
    VideoScene,
)
from heygen_async.protocol import convert

if TYPE_CHECKING:
    from collections.abc import Callable

    import cattrs


def make_converter() -> cattrs.Converter:
    """Return the converter for all of HeyGen's API, v3 and older."""
    return convert.make_converter(
        requests={
            ImageVideo: _tag(type="image"),
            AvatarVideo: _tag(type="avatar"),
            CinematicVideo: _tag(type="cinematic_avatar"),
            StudioVideo: _tag(type="studio"),
            ImageScene: _tag(type="image"),
            VideoScene: _tag(type="video"),
            AvatarScene: _avatar_scene,
            ElevenLabsSettings: _tag(engine_type="elevenlabs"),
            FishSettings: _tag(engine_type="fish"),
            StarfishSettings: _tag(engine_type="starfish"),
            PhotoAvatar: _tag(type="photo"),
            DigitalTwin: _tag(type="digital_twin"),
            PromptAvatar: _tag(type="prompt"),
            LegacyVideo: _legacy_video,
            RealtimeSpeech: _realtime,
            **{cls: _tag(type=sort) for sort, cls in VARIABLES.items()},
        }
    )


def _tag(**tag: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what adds the tag, and flattens audio: HeyGen has a field for each sort of it."""

    def reshape(fields: dict[str, Any]) -> dict[str, Any]:
        audio = fields.pop("audio", None)
        if audio is not None:
            sort = audio["type"]
            fields[f"audio_{sort}"] = audio[sort]
        return {**tag, **fields}

    return reshape


def _realtime(fields: dict[str, Any]) -> dict[str, Any]:
    more = fields.pop("more_text")
    spoken = "text_stream" if more else "tts"
    return {"type": "audio" if "audio" in fields else spoken, **fields}


def _avatar_scene(fields: dict[str, Any]) -> dict[str, Any]:
    color = fields.pop("background_color", None)
    if color is not None:
        fields["background"] = {"type": "color", "color": color}
    return {"type": "avatar_video", "input": _tag(type="avatar")(fields)}


def _legacy_video(fields: dict[str, Any]) -> dict[str, Any]:
    """Write what v2 knows: its page has no volume, so it goes out only if it was changed."""
    if isinstance(fields.get("avatar_id"), dict):  # given as an ``AvatarLook``
        fields["avatar_id"] = fields["avatar_id"]["id"]
    settings = fields.get("voice_settings")
    if settings is not None and settings.get("volume") == 1:
        fields["voice_settings"] = {k: v for k, v in settings.items() if k != "volume"}
    return fields


CONVERTER = make_converter()
"""What HeyGen's collections are read and its specs are written by."""
