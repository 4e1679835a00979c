"""HeyGen v3 voices that are made, speech without a video, and sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
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
    voice_name: str = field(validator=checks.max_length(100))
    language: str | None = checks.option(checks.text)
    remove_background_noise: bool | None = checks.option(checks.flag)


@frozen(kw_only=True)
class VoiceDesign(Result):
    """The voices that fit a description; the next ``seed`` gives others."""

    voices: tuple[Voice, ...]
    seed: int | None = None


@frozen(kw_only=True)
class WordTimestamp(Result):
    """When a word is spoken, in seconds."""

    word: str
    start: float
    end: float


@frozen(kw_only=True)
class SpokenAudio(Result):
    """A text as it was spoken; ``duration`` is seconds.

    https://developers.heygen.com/reference/create-speech
    """

    audio_url: str
    duration: float | None = None
    request_id: str | None = None
    word_timestamps: tuple[WordTimestamp, ...] | None = None


@frozen(kw_only=True)
class WordAlignment(Result):
    """When a word is spoken, in seconds from the start, and how sure that is, 0 to 1."""

    text: str
    start_time: float
    end_time: float
    confidence: float | None = None


@frozen(kw_only=True)
class SpeechPart:
    """A part of a speech that is still being made: a WAV file of its own, or the words in it."""

    audio: bytes | None = field(default=None, repr=False)
    part_index: int | None = None
    words: tuple[WordAlignment, ...] = ()


@frozen(kw_only=True)
class Sound(Result):
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


@frozen(kw_only=True)
class ModelVoice(Result):
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


def _recordings(value: Sequence[Media]) -> tuple[Media, ...]:
    items: tuple[Media, ...] = checks.as_tuple(value)
    return items


@frozen(kw_only=True)
class VoiceTraining(Spec[ModelVoice]):
    """A professional voice after 1 to 10 recordings of together at least 20 minutes.

    ``voice_id`` trains a voice that exists once more; ``name``, ``language`` and ``mode`` are
    those of a new one.

    https://developers.heygen.com/reference/create-model-audio-voice
    """

    audio: tuple[Media, ...] = field(
        metadata=AUDIO,
        converter=_recordings,
        validator=checks.several(1, 10, media),
        repr=show_many,
    )
    name: str | None = checks.option(checks.max_length(256))
    language: str | None = checks.option(checks.max_length(32))
    mode: Literal["professional"] | None = checks.option(checks.one_of(("professional",)))
    voice_id: str | None = checks.option(checks.max_length(64))
