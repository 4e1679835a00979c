"""The rules that tie one field of a request to another, or to what exists.

Each rule gets a part of a request that its document has found well formed, and the path of that
part. A request points at voices, looks and media; ``References`` looks them up.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._openapi import join, read_data
from heygen_async.emulator._state import Backend, Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from heygen_async.emulator._openapi import Json

IMAGES = frozenset({"image/png", "image/jpeg"})
VIDEOS = frozenset({"video/mp4", "video/webm"})
AUDIO = frozenset({"audio/mpeg", "audio/wav"})
AUDIO_SOURCES = ("script", "audio_url", "audio_asset_id")
MAX_REFERENCED = {"image": 9, "video": 3}


@attrs.frozen
class References:
    """Looks up what a request names; *at* is the parameter to blame."""

    backend: Backend
    looks: list[Look] = attrs.field(factory=list)
    """The avatar looks that were asked for so far."""

    def voice(self, voice_id: str, at: str) -> Json:
        """Return a voice; 404 ``voice_not_found``."""
        for voice in read_data("fixtures")["voices"]:
            if voice["voice_id"] == voice_id:
                found: Json = voice
                return found
        raise not_found("voice", voice_id, param=at)

    def look(self, look_id: str, at: str) -> Look:
        """Return an avatar look; 404 ``avatar_not_found``, 400 until it is completed."""
        avatars = self.backend.avatars
        look = avatars.looks.get(look_id)
        if look is None:
            raise not_found("avatar", look_id, param=at)
        if avatars.status(look, self.backend.clock.now()) != "completed":
            raise ApiError(400, "avatar_not_usable", f"Avatar {look_id} is not ready.", param=at)
        self.looks.append(look)
        return look

    def asset(self, asset_id: str, at: str, allowed: frozenset[str]) -> str:
        """Return an asset's media type; 404 ``asset_not_found``, 400 if it is not *allowed*."""
        if asset := self.backend.assets.get(asset_id):
            return _require_type(asset.mime_type, at, allowed)
        raise not_found("asset", asset_id, param=at)

    def media(self, source: Json, at: str, allowed: frozenset[str]) -> str | None:
        """Return the media type behind an asset input, None for a URL, whose type is not known."""
        if source["type"] == "url":
            return None
        if source["type"] == "asset_id":
            return self.asset(source["asset_id"], join(at, "asset_id"), allowed)
        try:
            content = base64.b64decode(source["data"], validate=True)
        except (binascii.Error, ValueError):
            raise invalid(join(at, "data"), "Input should be valid base64.") from None
        if not content:
            raise invalid(join(at, "data"), "The file is empty.")
        return _require_type(source["media_type"], join(at, "media_type"), allowed)


def _require_type(mime_type: str, at: str, allowed: frozenset[str]) -> str:
    if mime_type not in allowed:
        expected = ", ".join(sorted(allowed))
        raise invalid(at, f"Unsupported media type {mime_type}; expected one of: {expected}.")
    return mime_type


def given(part: Json, *names: str) -> list[str]:
    """Return those of *names* whose field is present and not null."""
    return [name for name in names if part.get(name) is not None]


def check_video(body: Json, references: References) -> None:
    """Raise the 400 or 404 for the first rule that a request for a v3 video breaks."""
    KINDS[body["type"]](body, references)
    if watermark := body.get("watermark"):
        references.media(watermark["image"], "watermark.image", IMAGES)


def _avatar(body: Json, references: References) -> None:
    look = _performance(body, "", references, resolution=body.get("resolution"))
    check_background(body, references)
    check_matting(body, look)


def _image(body: Json, references: References) -> None:
    references.media(body["image"], "image", IMAGES)
    check_speech(body, "", references)
    check_background(body, references)


def _cinematic(body: Json, references: References) -> None:
    for index, look_id in enumerate(body["avatar_id"]):
        references.look(look_id, f"avatar_id[{index}]")
    if body.get("auto_duration") and body.get("duration") is not None:
        raise invalid("duration", "Omit duration when auto_duration is true.")
    _referenced(body.get("references") or (), references)


def _studio(body: Json, references: References) -> None:
    for index, scene in enumerate(body["scenes"]):
        at = f"scenes[{index}]"
        if scene["type"] == "image":
            _still(scene, at, references)
        elif scene["type"] == "video":
            references.media(scene["source"], f"{at}.source", VIDEOS)
            check_speech(scene, at, references, required=False)
        elif (part := scene["input"])["type"] == "avatar":
            _performance(part, f"{at}.input", references, resolution=body.get("resolution"))
        else:
            references.media(part["image"], f"{at}.input.image", IMAGES)
            check_speech(part, f"{at}.input", references)


KINDS: Mapping[str, Callable[[Json, References], None]] = {
    "avatar": _avatar,
    "image": _image,
    "cinematic_avatar": _cinematic,
    "studio": _studio,
}


def _still(scene: Json, at: str, references: References) -> None:
    """Let a picture stay for a duration or for as long as its sound, never both."""
    references.media(scene["source"], f"{at}.source", IMAGES)
    if (scene.get("duration") is None) == (not given(scene, *AUDIO_SOURCES)):
        raise invalid(f"{at}.duration", "Exactly one of duration or an audio source is required.")
    check_speech(scene, at, references, required=False)


def _performance(part: Json, at: str, references: References, *, resolution: str | None) -> Look:
    """Return an avatar that exists, and that speaks and moves as its type and engine allow."""
    look = references.look(part["avatar_id"], join(at, "avatar_id"))
    check_speech(part, at, references, default_voice=look.default_voice_id)
    _check_motion(part, at, look)
    engine = part.get("engine") or {}
    if reference := engine.get("reference_look_id"):
        references.look(reference, join(at, "engine.reference_look_id"))
    if engine.get("type") == "avatar_iii" and look.is_photo and resolution == "4k":
        raise invalid("resolution", "Photo avatars do not support 4k with avatar_iii.")
    return look


def check_speech(
    part: Json,
    at: str,
    references: References,
    *,
    required: bool = True,
    default_voice: str | None = None,
) -> None:
    """Require one source of sound: a script with a voice, or a recording."""
    sources = given(part, *AUDIO_SOURCES)
    if len(sources) > 1:
        raise invalid(join(at, sources[1]), f"{sources[1]} excludes {sources[0]}.")
    if required and not sources:
        raise invalid(join(at, "script"), f"One of {', '.join(AUDIO_SOURCES)} is required.")
    if part.get("audio_asset_id") is not None:
        references.asset(part["audio_asset_id"], join(at, "audio_asset_id"), AUDIO)
    voice_id = default_voice if part.get("voice_id") is None else part["voice_id"]
    if "script" in sources and voice_id is None:
        raise invalid(join(at, "voice_id"), "voice_id is required with script.")
    voice = None if voice_id is None else references.voice(voice_id, join(at, "voice_id"))
    settings: Any = part.get("voice_settings")
    if settings is None:
        return
    at = join(at, "voice_settings")
    if voice is None or "script" not in sources:
        raise invalid(at, "voice_settings is only supported with script.")
    engine = (settings.get("engine_settings") or {}).get("engine_type")
    if engine is not None and engine != voice.get("engine", "starfish"):
        raise invalid(f"{at}.engine_settings", f"Voice {voice_id} is not a voice of {engine}.")


def _check_motion(part: Json, at: str, look: Look) -> None:
    """Allow a motion prompt or an expressiveness where avatar type and engine take one."""
    engine = (part.get("engine") or {"type": "avatar_iv"})["type"]
    if part.get("motion_prompt") is not None:
        if engine == "avatar_iii":
            raise invalid(join(at, "motion_prompt"), "avatar_iii takes no motion_prompt.")
        if not look.is_photo and engine != "avatar_v":
            raise invalid(join(at, "motion_prompt"), "Video avatars need avatar_v for this.")
    if part.get("expressiveness") is not None and not (look.is_photo and engine == "avatar_iv"):
        raise invalid(join(at, "expressiveness"), "Only for photo avatars with avatar_iv.")


def check_background(body: Json, references: References) -> None:
    """Require one colour or one picture, and no background at all for WebM."""
    background = body.get("background")
    if background is None:
        return
    if body.get("output_format") == "webm":
        raise invalid("background", "background is not supported with output_format webm.")
    if background["type"] == "color":
        if background.get("value") is None:
            raise invalid("background.value", "value is required for a color background.")
    elif len(sources := given(background, "url", "asset_id")) != 1:
        raise invalid("background.url", "Exactly one of url and asset_id is required.")
    elif "asset_id" in sources:
        references.asset(background["asset_id"], "background.asset_id", IMAGES)


def check_matting(body: Json, look: Look) -> None:
    """Require a trained avatar for whatever takes the background away."""
    if look.matting:
        return
    if body.get("remove_background"):
        raise invalid("remove_background", f"Avatar {look.id} does not support matting.")
    if body.get("output_format") == "webm":
        raise invalid("output_format", f"Avatar {look.id} does not support matting.")


def _referenced(sources: Iterable[Json], references: References) -> None:
    """Allow so many pictures and videos, whatever way they are given."""
    left = dict(MAX_REFERENCED)
    for index, source in enumerate(sources):
        at = f"references[{index}]"
        mime_type = references.media(source, at, IMAGES | VIDEOS)
        if mime_type is None:
            is_video = urlsplit(source["url"]).path.lower().endswith((".mp4", ".webm"))
            mime_type = "video/" if is_video else "image/"
        kind = mime_type.split("/")[0]
        if not left[kind]:
            raise invalid(at, f"At most {MAX_REFERENCED[kind]} {kind} references are supported.")
        left[kind] -= 1


def check_v2_video(body: Json, references: References) -> None:
    """Raise the 400 or 404 for the first rule that a request for a v2 video breaks."""
    if len(given(body, "avatar_id", "image_url", "image_asset_id")) != 1:
        raise invalid(
            "avatar_id",
            "Exactly one visual source required: avatar_id, image_url, or image_asset_id.",
        )
    # an empty audio_url is the page's default for: none
    check_speech({**body, "audio_url": body.get("audio_url") or None}, "", references)
    check_background(body, references)
    if body.get("image_asset_id") is not None:
        references.asset(body["image_asset_id"], "image_asset_id", IMAGES)
    if body.get("avatar_id") is None:
        return
    look = references.look(body["avatar_id"], "avatar_id")
    check_matting(body, look)
    if not look.is_photo and (moving := given(body, "motion_prompt", "expressiveness")):
        raise invalid(moving[0], f"{moving[0]} is supported for photo avatars only.")
