"""The voices and avatar looks that every emulated account has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen(kw_only=True)
class Voice:
    """A voice; ``engine`` is the speech engine whose settings it understands."""

    id: str
    name: str
    language: str
    gender: Literal["female", "male"]
    engine: Literal["elevenlabs", "fish", "starfish"] = "starfish"
    support_locale: bool = False
    type: Literal["public", "private"] = "public"


@attrs.frozen(kw_only=True)
class Look:
    """An avatar look; ``matting`` says whether its background can be removed."""

    id: str
    avatar_type: Literal["photo_avatar", "digital_twin", "studio_avatar"]
    default_voice_id: str | None = None
    matting: bool = False

    @property
    def is_photo(self) -> bool:
        """Whether the look was made from a photo, otherwise from video."""
        return self.avatar_type == "photo_avatar"


_VOICES = (
    Voice(id="v1", name="Ada", language="English", gender="female", support_locale=True),
    Voice(id="v2", name="Ben", language="English", gender="male", engine="elevenlabs"),
    Voice(id="v3", name="Carla", language="Spanish", gender="female"),
    Voice(id="v4", name="Diego", language="Spanish", gender="male", engine="elevenlabs"),
    Voice(id="v5", name="Elise", language="French", gender="female"),
    Voice(id="v6", name="Fabien", language="French", gender="male", engine="fish"),
    Voice(id="v7", name="Greta", language="German", gender="female", engine="elevenlabs"),
    Voice(id="v8", name="Hans", language="German", gender="male"),
    Voice(id="v9", name="Ichika", language="Japanese", gender="female", engine="fish"),
    Voice(id="v10", name="Jun", language="Japanese", gender="male"),
    Voice(id="v11", name="Katia", language="Portuguese", gender="female"),
    Voice(id="v12", name="Luca", language="Italian", gender="male", engine="elevenlabs"),
    Voice(id="p1", name="My voice", language="English", gender="female", type="private"),
    Voice(id="p2", name="My brand", language="German", gender="male", type="private"),
)

_LOOKS = (
    Look(id="photo_ada", avatar_type="photo_avatar", default_voice_id="v1", matting=True),
    Look(id="photo_silent", avatar_type="photo_avatar", matting=True),
    Look(id="twin_ben", avatar_type="digital_twin", default_voice_id="v2", matting=True),
    Look(id="twin_plain", avatar_type="digital_twin", default_voice_id="v2"),
    Look(id="studio_greta", avatar_type="studio_avatar", default_voice_id="v7", matting=True),
)

VOICES: Mapping[str, Voice] = {voice.id: voice for voice in _VOICES}
LOOKS: Mapping[str, Look] = {look.id: look for look in _LOOKS}
