"""HeyGen v3 voices that are made, speech without a video, and sounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.account import Voice
from heygen_async.models.jobs import NEEDED, Spec
from heygen_async.models.media import AUDIO, Media, media, show_many, show_media


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
class VoiceDesign:
    """The voices that fit a description; the next ``seed`` gives others."""

    voices: tuple[Voice, ...]
    seed: int | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class WordTimestamp:
    """When a word is spoken, in seconds."""

    word: str
    start: float
    end: float
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class SpokenAudio:
    """A text as it was spoken; ``duration`` is seconds.

    https://developers.heygen.com/reference/create-speech
    """

    audio_url: str
    duration: float | None = None
    request_id: str | None = None
    word_timestamps: tuple[WordTimestamp, ...] | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class WordAlignment:
    """When a word is spoken, in seconds from the start, and how sure that is, 0 to 1."""

    text: str
    start_time: float
    end_time: float
    confidence: float | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class SpeechPart:
    """A part of a speech that is still being made: a WAV file of its own, or the words in it."""

    audio: bytes | None = field(default=None, repr=False)
    part_index: int | None = None
    words: tuple[WordAlignment, ...] = ()


@frozen(kw_only=True)
class Sound:
    """Music or a sound effect; ``score`` from 0 to 1 says how well it fits the search.

    https://developers.heygen.com/reference/list-audio-sounds
    """

    id: str
    audio_url: str
    name: str | None = None
    description: str | None = None
    duration: float | None = None
    peak_offset: float | None = None
    placement: str | None = None
    score: float | None = None
    type: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class ModelVoice:
    """A professional voice, or one in training; ``created_at`` is Unix seconds.

    https://developers.heygen.com/reference/get-model-audio-voice
    """

    voice_id: str
    status: str
    mode: str | None = None
    name: str | None = None
    language: str | None = None
    created_at: int | None = None
    failure_reason: str | None = field(default=None, metadata=NEEDED)
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


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
