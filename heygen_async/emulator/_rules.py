"""What a request points at has to exist and to fit; and the rules of videos that depend on it."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._openapi import join
from heygen_async.emulator._voices import find_voice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from heygen_async.emulator._collections import Call
    from heygen_async.emulator._openapi import Json, Reference
    from heygen_async.emulator._state import Backend, Look

MEDIA = {
    "image": ("image/png", "image/jpeg"),
    "video": ("video/mp4", "video/webm"),
    "audio": ("audio/mpeg", "audio/wav"),
    "document": ("application/pdf",),
}
MAX_REFERENCED = {"image": 9, "video": 3}


def resolve_references(backend: Backend, references: Iterable[Reference]) -> list[Look]:
    """Return the avatar looks among what a request points at; 400 or 404 for what does not fit."""
    looks = []
    for reference, value, at in references:
        sort, *media = reference.split()
        if sort == "voice":
            find_voice(backend, value, at)
        elif sort == "group":
            backend.avatars.own_group(value, at=at)
        elif sort == "look":
            looks.append(_find_look(backend, value, at))
        elif sort == "asset":
            _require_asset(backend, value, at, media)
        elif value["type"] == "asset_id":
            _require_asset(backend, value["asset_id"], join(at, "asset_id"), media)
        elif value["type"] == "base64":
            _require_content(value, at, media)
    return looks


def _find_look(backend: Backend, look_id: str, at: str) -> Look:
    look = backend.avatars.looks.get(look_id)
    if look is None:
        raise not_found("avatar", look_id, param=at)
    if backend.avatars.status(look, backend.clock.now()) != "completed":
        raise ApiError(400, "avatar_not_usable", f"Avatar {look_id} is not ready.", param=at)
    return look


def _require_asset(backend: Backend, asset_id: str, at: str, media: Sequence[str]) -> None:
    asset = backend.assets.get(asset_id)
    if asset is None:
        raise not_found("asset", asset_id, param=at)
    _require_type(asset.mime_type, at, media)


def _require_content(source: Json, at: str, media: Sequence[str]) -> None:
    try:
        content = base64.b64decode(source["data"], validate=True)
    except (binascii.Error, ValueError):
        raise invalid(join(at, "data"), "Input should be valid base64.") from None
    if not content:
        raise invalid(join(at, "data"), "The file is empty.")
    _require_type(source["media_type"], join(at, "media_type"), media)


def _require_type(mime_type: str, at: str, media: Sequence[str]) -> None:
    allowed = [each for sort in media for each in MEDIA[sort]]
    if mime_type not in allowed:
        expected = ", ".join(sorted(allowed))
        raise invalid(at, f"Unsupported media type {mime_type}; expected one of: {expected}.")


def check_video(call: Call) -> None:
    """Raise the 400 for what avatars, voices and engines do not support in a v3 video."""
    body, looks = call.body, call.backend.avatars.looks
    if body["type"] == "cinematic_avatar":
        _check_referenced(call.backend, body.get("references") or ())
        return
    parts = [("", body)]
    if body["type"] == "studio":
        scenes = [(f"scenes[{index}]", scene) for index, scene in enumerate(body["scenes"])]
        parts = [
            (f"{at}.input", scene["input"]) if "input" in scene else (at, scene)
            for at, scene in scenes
        ]
    for at, part in parts:
        look = looks[part["avatar_id"]] if "avatar_id" in part else None
        _check_voice(call.backend, part, at, look.default_voice_id if look else None)
        if look:
            _check_engine(part, at, look, body.get("resolution"))
    if "avatar_id" in body:
        check_matting(body, looks[body["avatar_id"]])


def _check_voice(backend: Backend, part: Json, at: str, default_voice: str | None) -> None:
    """Require a voice for a script, and the settings of the engine that speaks with it."""
    voice_id = default_voice if part.get("voice_id") is None else part["voice_id"]
    if part.get("script") is not None and voice_id is None:
        raise invalid(join(at, "voice_id"), "voice_id is required with script.")
    settings = (part.get("voice_settings") or {}).get("engine_settings") or {}
    engine = settings.get("engine_type")
    at_voice = join(at, "voice_id")
    if engine and engine != find_voice(backend, voice_id or "", at_voice)["engine"]:
        message = f"Voice {voice_id} is not a voice of {engine}."
        raise invalid(join(at, "voice_settings.engine_settings"), message)


def _check_engine(part: Json, at: str, look: Look, resolution: str | None) -> None:
    """Allow motion, expressiveness and resolution where avatar type and engine take them."""
    engine = (part.get("engine") or {"type": "avatar_iv"})["type"]
    if part.get("motion_prompt") is not None:
        if engine == "avatar_iii":
            raise invalid(join(at, "motion_prompt"), "avatar_iii takes no motion_prompt.")
        if not look.is_photo and engine != "avatar_v":
            raise invalid(join(at, "motion_prompt"), "Video avatars need avatar_v for this.")
    if part.get("expressiveness") is not None and not (look.is_photo and engine == "avatar_iv"):
        raise invalid(join(at, "expressiveness"), "Only for photo avatars with avatar_iv.")
    if engine == "avatar_iii" and look.is_photo and resolution == "4k":
        raise invalid("resolution", "Photo avatars do not support 4k with avatar_iii.")


def check_matting(body: Json, look: Look) -> None:
    """Require a trained avatar for whatever takes the background away."""
    for name, wanted in (("remove_background", True), ("output_format", "webm")):
        if body.get(name) == wanted and not look.matting:
            raise invalid(name, f"Avatar {look.id} does not support matting.")


def _check_referenced(backend: Backend, sources: Iterable[Json]) -> None:
    """Allow so many pictures and videos, whatever way they are given."""
    left = dict(MAX_REFERENCED)
    for index, source in enumerate(sources):
        if source["type"] == "url":
            path = urlsplit(source["url"]).path.lower()
            kind = "video" if path.endswith((".mp4", ".webm")) else "image"
        elif source["type"] == "asset_id":
            kind = backend.assets[source["asset_id"]].mime_type.split("/")[0]
        else:
            kind = source["media_type"].split("/")[0]
        if kind not in left:
            continue
        if not left[kind]:
            message = f"At most {MAX_REFERENCED[kind]} {kind} references are supported."
            raise invalid(f"references[{index}]", message)
        left[kind] -= 1


def check_v2_video(call: Call) -> None:
    """Raise the 400 for what an avatar does not support in a v2 video."""
    if call.body.get("avatar_id") is None:
        return
    look = call.backend.avatars.looks[call.body["avatar_id"]]
    check_matting(call.body, look)
    for name in ("motion_prompt", "expressiveness"):
        if call.body.get(name) is not None and not look.is_photo:
            raise invalid(name, f"{name} is supported for photo avatars only.")
