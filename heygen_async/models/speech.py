"""Who speaks and how: a script with a voice, or a recording."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.media import AUDIO, Media, media, show_media

_share = checks.optional(checks.between(0, 1))


@frozen(kw_only=True)
class ElevenLabsSettings:
    """Engine settings of an ElevenLabs voice; each share runs from 0 to 1.

    ``eleven_v3`` takes a ``stability`` of 0, 0.5 or 1 only.
    """

    model: (
        Literal["eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3"]
        | None
    ) = checks.option(
        checks.one_of(
            ("eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3")
        )
    )
    similarity_boost: float | None = field(default=None, validator=_share)
    stability: float | None = field(default=None, validator=_share)
    style: float | None = field(default=None, validator=_share)
    use_speaker_boost: bool | None = checks.option(checks.flag)

    def __attrs_post_init__(self) -> None:
        if self.model == "eleven_v3" and self.stability not in (None, 0, 0.5, 1):
            raise checks.refuse(self, "eleven_v3 takes a stability of 0, 0.5 or 1 only")


@frozen(kw_only=True)
class FishSettings:
    """Engine settings of a Fish voice; each share runs from 0 to 1."""

    model: Literal["s1", "s2-pro"] | None = checks.option(checks.one_of(("s1", "s2-pro")))
    stability: float | None = field(default=None, validator=_share)
    similarity: float | None = field(default=None, validator=_share)


@frozen(kw_only=True)
class StarfishSettings:
    """Engine settings of a Starfish voice: it has none, naming it chooses the engine."""


@frozen(kw_only=True)
class VoiceSettings:
    """How a script is spoken.

    ``speed`` 0.5 to 1.5, ``pitch`` -50 to 50 semitones, ``volume`` 0 to 1, ``locale`` such as
    ``"en-US"`` for voices that know several.
    """

    speed: float = field(default=1.0, validator=checks.between(0.5, 1.5))
    pitch: float = field(default=0.0, validator=checks.between(-50, 50))
    volume: float = field(default=1.0, validator=checks.between(0, 1))
    locale: str | None = checks.option(checks.text)
    engine_settings: ElevenLabsSettings | FishSettings | StarfishSettings | None = checks.option(
        checks.instance_of(ElevenLabsSettings, FishSettings, StarfishSettings)
    )


@frozen(kw_only=True)
class Speech:
    """The fields for speech that specs and scenes share.

    Either ``script``, spoken by ``voice_id`` as ``voice_settings`` say, or ``audio`` (at most
    10 minutes), never both. Beside audio the server ignores the settings.
    """

    script: str | None = checks.option(checks.max_length(5000))
    voice_id: str | None = checks.option(checks.text)
    audio: Media | None = field(
        default=None, validator=checks.optional(media), metadata=AUDIO, repr=show_media
    )
    voice_settings: VoiceSettings | None = checks.option(checks.instance_of(VoiceSettings))

    def _check_speech(self, *, required: bool = True, default_voice: bool = False) -> None:
        if self.script is not None and self.audio is not None:
            raise checks.refuse(self, "script and audio exclude each other; give one of them")
        if required and self.script is None and self.audio is None:
            raise checks.refuse(self, "give either script (with voice_id) or audio")
        if self.script is not None and self.voice_id is None and not default_voice:
            raise checks.refuse(
                self, "a script needs a voice_id; heygen.voices.list() has them all"
            )
