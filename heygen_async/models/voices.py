"""HeyGen v3 voices that are made, speech without a video, and sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.account import Voice
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.media import AUDIO, Media, media, show_many, show_media

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen(kw_only=True)
class VoiceClone(Spec[Voice]):
    """A voice after the recording in ``audio``.

    https://developers.heygen.com/reference/create-voice-clone
    """

    audio: Media = field(validator=media, metadata=AUDIO, repr=show_media)
    """A recording of one person who speaks."""
    voice_name: str = field(validator=checks.max_length(100))
    """The name of the new voice."""
    language: str | None = checks.option(checks.text)
    """The language of the recording; found out if left out."""
    remove_background_noise: bool | None = checks.option(checks.flag)
    """Cleans the recording first."""


@frozen(kw_only=True)
class VoiceDesign(Result):
    """The voices that fit a description."""

    voices: tuple[Voice, ...]
    """The voices."""
    seed: int | None = None
    """What the choice was drawn with; the next number gives other voices."""


@frozen(kw_only=True)
class WordTimestamp(Result):
    """When a word of a speech is spoken."""

    word: str
    """The word."""
    start: float
    """Its beginning, in seconds from the start of the speech."""
    end: float
    """Its end, in seconds from the start of the speech."""


@frozen(kw_only=True)
class SpokenAudio(Result):
    """A text as it was spoken.

    https://developers.heygen.com/reference/create-speech
    """

    audio_url: str
    """The sound. Signed, and expires."""
    duration: float | None = None
    """Its length in seconds."""
    request_id: str | None = None
    """The vendor's name for the request, for questions to its support."""
    word_timestamps: tuple[WordTimestamp, ...] | None = None
    """When each word is spoken; None if the voice does not tell."""


@frozen(kw_only=True)
class WordAlignment(Result):
    """When a word of a streamed speech is spoken."""

    text: str
    """The word."""
    start_time: float
    """Its beginning, in seconds from the start of the speech."""
    end_time: float
    """Its end, in seconds from the start of the speech."""
    confidence: float | None = None
    """How sure these times are, 0 to 1."""


@frozen(kw_only=True)
class SpeechPart(Described):
    """A part of a speech that is still being made."""

    audio: bytes | None = field(default=None, repr=False)
    """A WAV file of its own with this part of the sound; None where it has words only."""
    part_index: int | None = None
    """Which part of the sound it is, from 0."""
    words: tuple[WordAlignment, ...] = ()
    """The words that are spoken in it, if they were asked for."""


@frozen(kw_only=True)
class Sound(Result):
    """Music or a sound effect.

    https://developers.heygen.com/reference/list-audio-sounds
    """

    id: str
    """Its id in the vendor's library."""
    audio_url: str
    """The sound file. Signed, and may expire."""
    name: str | None = None
    """Its name."""
    description: str | None = None
    """What it sounds like."""
    duration: float | None = None
    """Its length in seconds."""
    peak_offset: float | None = None
    """Where it is loudest, in seconds from its start."""
    placement: str | None = None
    """What the vendor says of its place in a film."""
    score: float | None = None
    """How well it fits the search, 0 to 1."""
    type: str | None = None
    """``music`` or ``sound_effects``."""


@frozen(kw_only=True)
class ModelVoice(Result):
    """A professional voice, or one in training.

    https://developers.heygen.com/reference/get-model-audio-voice
    """

    voice_id: str
    """The voice's id, which specs take."""
    status: str
    """The vendor's word: ``PENDING``, ``ACTIVE`` or ``FAILED``."""
    mode: str | None = None
    """How it was trained: ``professional``."""
    name: str | None = None
    """Its name."""
    language: str | None = None
    """The language of its recordings."""
    created_at: int | None = None
    """When the training was ordered, in Unix seconds."""
    failure_reason: str | None = field(default=None, metadata=NEEDED)
    """Why the training failed, in the vendor's word; None unless it did."""


def _recordings(value: Sequence[Media]) -> tuple[Media, ...]:
    items: tuple[Media, ...] = checks.as_tuple(value)
    return items


@frozen(kw_only=True)
class VoiceTraining(Spec[ModelVoice]):
    """A professional voice after recordings of a person.

    https://developers.heygen.com/reference/create-model-audio-voice
    """

    audio: tuple[Media, ...] = field(
        metadata=AUDIO,
        converter=_recordings,
        validator=checks.several(1, 10, media),
        repr=show_many,
    )
    """The recordings; together at least 20 minutes."""
    name: str | None = checks.option(checks.max_length(256))
    """The name of a new voice."""
    language: str | None = checks.option(checks.max_length(32))
    """The language of a new voice."""
    mode: Literal["professional"] | None = checks.option(checks.one_of(("professional",)))
    """What sort of training a new voice gets."""
    voice_id: str | None = checks.option(checks.max_length(64))
    """A voice that is trained once more; a new one if left out."""
