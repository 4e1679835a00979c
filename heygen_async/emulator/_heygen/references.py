"""What a request points at: voices, looks and media, which have to exist and to fit."""

from __future__ import annotations

import base64
import binascii

import attrs

from heygen_async.emulator._avatars import Look
from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._heygen.catalogue import VOICES, Voice
from heygen_async.emulator._schema import Json, join
from heygen_async.emulator._world import World

IMAGES = frozenset({"image/png", "image/jpeg"})
VIDEOS = frozenset({"video/mp4", "video/webm"})
AUDIO = frozenset({"audio/mpeg", "audio/wav"})


@attrs.frozen
class References:
    """Looks up what a request names; *at* is the parameter to blame."""

    world: World
    looks: list[Look] = attrs.field(factory=list)
    """The avatar looks that were asked for so far."""

    def voice(self, voice_id: str, at: str) -> Voice:
        """Return a voice; 404 ``voice_not_found``."""
        if voice := VOICES.get(voice_id):
            return voice
        raise not_found("voice", voice_id, param=at)

    def look(self, look_id: str, at: str) -> Look:
        """Return an avatar look; 404 ``avatar_not_found``, 400 until it is completed."""
        avatars = self.world.avatars
        look = avatars.looks.get(look_id)
        if look is None:
            raise not_found("avatar", look_id, param=at)
        if avatars.status(look, self.world.clock.now()) != "completed":
            raise ApiError(400, "avatar_not_usable", f"Avatar {look_id} is not ready.", param=at)
        self.looks.append(look)
        return look

    def asset(self, asset_id: str, at: str, allowed: frozenset[str]) -> str:
        """Return an asset's media type; 404 ``asset_not_found``, 400 if it is not *allowed*."""
        return _fitting(self.world.assets.get(asset_id, at).mime_type, at, allowed)

    def media(self, source: Json, at: str, allowed: frozenset[str]) -> str | None:
        """Return the media type behind an asset input, None for a URL, whose type is not known."""
        if source["type"] == "url":
            return None
        if source["type"] == "asset_id":
            return self.asset(source["asset_id"], join(at, "asset_id"), allowed)
        _decode(source["data"], join(at, "data"))
        return _fitting(source["media_type"], join(at, "media_type"), allowed)


def _fitting(mime_type: str, at: str, allowed: frozenset[str]) -> str:
    if mime_type not in allowed:
        expected = ", ".join(sorted(allowed))
        raise invalid(at, f"Unsupported media type {mime_type}; expected one of: {expected}.")
    return mime_type


def _decode(data: str, at: str) -> None:
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(at, "Input should be valid base64.") from None
    if not content:
        raise invalid(at, "The file is empty.")


def given(part: Json, *names: str) -> list[str]:
    """Return those of *names* whose field is present and not null."""
    return [name for name in names if part.get(name) is not None]
