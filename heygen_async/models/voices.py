"""The voices that can speak a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Voice:
    """A voice of the catalogue; ``voice_id`` goes into a spec.

    https://developers.heygen.com/reference/list-voices
    """

    voice_id: str
    name: str | None = None
    language: str | None = None
    gender: str | None = None
    preview_audio_url: str | None = None
    support_pause: bool | None = None
    support_locale: bool | None = None
    type: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)
