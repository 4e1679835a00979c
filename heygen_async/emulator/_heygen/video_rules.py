"""The rules of ``POST /v3/videos`` that tie one field to another, or to what exists.

Each rule gets a part of the request that already has its shape, and the path of that part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from heygen_async.emulator._errors import invalid
from heygen_async.emulator._heygen.references import AUDIO, IMAGES, VIDEOS, References, given
from heygen_async.emulator._schema import Json, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from heygen_async.emulator._avatars import Look

AUDIO_SOURCES = ("script", "audio_url", "audio_asset_id")
MAX_REFERENCED = {"image": 9, "video": 3}


def check_video(body: Json, references: References) -> None:
    """Raise the 400 or 404 for the first rule that a well-shaped request breaks."""
    KINDS[body["type"]](body, references)
    if watermark := body.get("watermark"):
        references.media(watermark["image"], "watermark.image", IMAGES)


def _avatar(body: Json, references: References) -> None:
    _performance(body, "", references, resolution=body.get("resolution"))
    look = references.look(body["avatar_id"], "avatar_id")
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
        if scene["type"] == "avatar_video":
            _subject(scene["input"], f"{at}.input", references, body.get("resolution"))
        elif scene["type"] == "image":
            _still(scene, at, references)
        else:
            references.media(scene["source"], f"{at}.source", VIDEOS)
            check_speech(scene, at, references, required=False)


KINDS: Mapping[str, Callable[[Json, References], None]] = {
    "avatar": _avatar,
    "image": _image,
    "cinematic_avatar": _cinematic,
    "studio": _studio,
}


def _subject(part: Json, at: str, references: References, resolution: str | None) -> None:
    """Check an avatar or an image that speaks in a scene."""
    if part["type"] == "avatar":
        _performance(part, at, references, resolution=resolution)
    else:
        references.media(part["image"], f"{at}.image", IMAGES)
        check_speech(part, at, references)


def _still(scene: Json, at: str, references: References) -> None:
    """Let a picture stay for a duration or for as long as its sound, never both."""
    references.media(scene["source"], f"{at}.source", IMAGES)
    sources = given(scene, *AUDIO_SOURCES)
    if (scene.get("duration") is None) == (not sources):
        raise invalid(f"{at}.duration", "Exactly one of duration or an audio source is required.")
    check_speech(scene, at, references, required=False)


def _performance(part: Json, at: str, references: References, *, resolution: str | None) -> None:
    """Require an avatar that exists, and that speaks and moves as its type and engine allow."""
    look = references.look(part["avatar_id"], join(at, "avatar_id"))
    check_speech(part, at, references, default_voice=look.default_voice_id)
    _motion(part, at, look)
    engine = part.get("engine") or {}
    if reference := engine.get("reference_look_id"):
        references.look(reference, join(at, "engine.reference_look_id"))
    if engine.get("type") == "avatar_iii" and look.is_photo and resolution == "4k":
        raise invalid("resolution", "Photo avatars do not support 4k with avatar_iii.")


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
    if voice_id is not None:
        references.voice(voice_id, join(at, "voice_id"))
    _voice_settings(part, at, references, voice_id)


def _voice_settings(part: Json, at: str, references: References, voice_id: str | None) -> None:
    """Allow settings only for a script, and only those of the engine that speaks it."""
    settings = part.get("voice_settings")
    if settings is None:
        return
    at = join(at, "voice_settings")
    if part.get("script") is None or voice_id is None:
        raise invalid(at, "voice_settings is only supported with script.")
    engine = (settings.get("engine_settings") or {}).get("engine_type")
    if engine is not None and engine != references.voice(voice_id, at).engine:
        raise invalid(f"{at}.engine_settings", f"Voice {voice_id} is not a voice of {engine}.")


def _motion(part: Json, at: str, look: Look) -> None:
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
        kind = mime_type.split("/")[0] if mime_type else _kind_of_url(source["url"])
        if not left[kind]:
            raise invalid(at, f"At most {MAX_REFERENCED[kind]} {kind} references are supported.")
        left[kind] -= 1


def _kind_of_url(url: str) -> str:
    return "video" if urlsplit(url).path.lower().endswith((".mp4", ".webm")) else "image"
