"""The voices, avatar groups and looks that every emulated account has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from heygen_async.emulator._avatars import Group, Look

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

VOICES: Mapping[str, Voice] = {voice.id: voice for voice in _VOICES}

PUBLISHED = 1_700_000_000.0
"""Unix time at which the public avatars came out."""

GROUPS = tuple(
    Group(id=f"group_{name.lower()}", name=name, created_at=PUBLISHED, public=True)
    for name in ("Ada", "Ben", "Greta")
)

LOOKS = (
    Look(
        id="photo_ada",
        name="Ada at work",
        avatar_type="photo_avatar",
        group_id="group_ada",
        gender="female",
        default_voice_id="v1",
        matting=True,
    ),
    Look(
        id="photo_silent",
        name="Ada in silence",
        avatar_type="photo_avatar",
        group_id="group_ada",
        gender="female",
        matting=True,
    ),
    Look(
        id="twin_ben",
        name="Ben in a suit",
        avatar_type="digital_twin",
        group_id="group_ben",
        gender="male",
        default_voice_id="v2",
        matting=True,
    ),
    Look(
        id="twin_plain",
        name="Ben at home",
        avatar_type="digital_twin",
        group_id="group_ben",
        gender="male",
        default_voice_id="v2",
    ),
    Look(
        id="studio_greta",
        name="Greta in the studio",
        avatar_type="studio_avatar",
        group_id="group_greta",
        gender="female",
        default_voice_id="v7",
        matting=True,
    ),
)
