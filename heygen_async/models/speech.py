"""Who speaks and how: a script with a voice, or a recording."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.media import AUDIO, Media, media, show_media

_share = checks.optional(checks.between(0, 1))


@frozen(kw_only=True)
class ElevenLabsSettings(Described):
    """Engine settings of an ElevenLabs voice."""

    model: (
        Literal["eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3"]
        | None
    ) = checks.option(
        checks.one_of(
            ("eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3")
        )
    )
    """The model that speaks; the voice's own if left out."""
    similarity_boost: float | None = field(default=None, validator=_share)
    """How closely it keeps to the recorded voice."""
    stability: float | None = field(default=None, validator=_share)
    """How evenly it speaks, low being livelier; ``eleven_v3`` takes 0, 0.5 and 1 only."""
    style: float | None = field(default=None, validator=_share)
    """How much it exaggerates the voice's own manner."""
    use_speaker_boost: bool | None = checks.option(checks.flag)
    """Brings it closer still to the recorded voice, at the cost of time."""

    def __attrs_post_init__(self) -> None:
        if self.model == "eleven_v3" and self.stability not in (None, 0, 0.5, 1):
            raise checks.refuse(self, "eleven_v3 takes a stability of 0, 0.5 or 1 only")


@frozen(kw_only=True)
class FishSettings(Described):
    """Engine settings of a Fish voice."""

    model: Literal["s1", "s2-pro"] | None = checks.option(checks.one_of(("s1", "s2-pro")))
    """The model that speaks; the voice's own if left out."""
    stability: float | None = field(default=None, validator=_share)
    """How evenly it speaks, low being livelier."""
    similarity: float | None = field(default=None, validator=_share)
    """How closely it keeps to the recorded voice."""


@frozen(kw_only=True)
class StarfishSettings:
    """Engine settings of a Starfish voice: it has none, naming it chooses the engine."""


@frozen(kw_only=True)
class VoiceSettings(Described):
    """How a script is spoken."""

    speed: float = field(default=1.0, validator=checks.between(0.5, 1.5))
    """How fast it speaks, as a factor."""
    pitch: float = field(default=0.0, validator=checks.between(-50, 50))
    """How much higher or lower it speaks, in semitones."""
    volume: float = field(default=1.0, validator=checks.between(0, 1))
    """How loud it speaks, as a factor."""
    locale: str | None = checks.option(checks.text)
    """The accent, such as ``en-US``; for voices that know several."""
    engine_settings: ElevenLabsSettings | FishSettings | StarfishSettings | None = checks.option(
        checks.instance_of(ElevenLabsSettings, FishSettings, StarfishSettings)
    )
    """Settings of the voice's engine; they have to be those of its own engine."""


@frozen(kw_only=True)
class Speech(Described):
    """The fields for speech that specs and scenes share."""

    script: str | None = checks.option(checks.max_length(5000))
    """What is said; either this or ``audio``."""
    voice_id: str | None = checks.option(checks.text)
    """Who says the script, a ``voice_id`` of ``heygen.voices.list()``."""
    audio: Media | None = field(
        default=None, validator=checks.optional(media), metadata=AUDIO, repr=show_media
    )
    """A recording of what is said, in place of a script; 10 minutes at most."""
    voice_settings: VoiceSettings | None = checks.option(checks.instance_of(VoiceSettings))
    """How the script is spoken; beside ``audio`` the server ignores it."""

    def _check_speech(self, *, required: bool = True, default_voice: bool = False) -> None:
        if self.script is not None and self.audio is not None:
            raise checks.refuse(self, "script and audio exclude each other; give one of them")
        if required and self.script is None and self.audio is None:
            raise checks.refuse(self, "give either script (with voice_id) or audio")
        if self.script is not None and self.voice_id is None and not default_voice:
            raise checks.refuse(
                self, "a script needs a voice_id; heygen.voices.list() has them all"
            )
