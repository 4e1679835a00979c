"""HeyGen v3 translations of videos, and the proofreads that may come before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs
from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.media import AUDIO, VIDEO, Media, media, show_media

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_SECONDS = 86_400.0
_SEVERAL = checks.several(1, 200, checks.text)
_MODES = ("speed", "precision")
_SUBTITLES = {"media": ("application",)}


def _languages(value: Sequence[str]) -> tuple[str, ...]:
    names: tuple[str, ...] = checks.as_tuple(value)
    return names


@frozen(kw_only=True)
class Translation(Result):
    """A translation into one language, or one on its way.

    https://developers.heygen.com/reference/get-video-translation
    """

    id: str
    """The translation's id, which is that of its job, too."""
    status: str
    """The vendor's word: ``pending``, ``running``, ``completed`` or ``failed``."""
    title: str | None = None
    """Its name in the vendor's app."""
    output_language: str | None = None
    """The language it is translated into."""
    input_language: str | None = None
    """The language of the original."""
    duration: float | None = None
    """Length of the film in seconds."""
    translate_audio_only: bool | None = None
    """Whether only the sound was translated, and the lips left as they were."""
    video_url: str | None = field(default=None, metadata=NEEDED)
    """The translated film. Signed, and expires; None until it is done."""
    audio_url: str | None = None
    """Its sound alone. Signed, and expires."""
    srt_caption_url: str | None = None
    """Its captions as a SubRip file, if they were asked for. Signed, and expires."""
    vtt_caption_url: str | None = None
    """Its captions as a WebVTT file, if they were asked for. Signed, and expires."""
    callback_id: str | None = None
    """The ``callback_id`` of its spec."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    failure_message: str | None = None
    """Why it failed, for people; None unless it did."""


@frozen(kw_only=True)
class StockVoices:
    """Voices of the vendor in place of the speakers' own."""

    use_stock_voice: bool | None = checks.option(checks.flag)
    preferred_stock_voice_ids: tuple[str, ...] | None = field(
        default=None, converter=checks.as_tuple, validator=checks.optional(_SEVERAL)
    )


@frozen(kw_only=True)
class VideoTranslation(Spec[Translation]):
    """A ``video`` in other languages, named as ``heygen.translations.languages()`` has them.

    It leads to a job for each language: ``heygen.translations.create`` returns them all;
    ``submit``, ``run`` and ``map`` take one language at a time, for which ``each`` makes specs.
    ``start_time`` and ``end_time`` are seconds of the video.

    https://developers.heygen.com/reference/create-video-translation
    """

    video: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    output_languages: tuple[str, ...] = field(converter=_languages, validator=_SEVERAL)
    title: str | None = checks.option(checks.text)
    audio: Media | None = field(
        default=None, validator=checks.optional(media), metadata=AUDIO, repr=show_media
    )
    input_language: str | None = checks.option(checks.text)
    translate_audio_only: bool | None = checks.option(checks.flag)
    speaker_num: int | None = checks.option(checks.whole(1, 1000))
    mode: Literal["speed", "precision"] | None = checks.option(checks.one_of(_MODES))
    enable_caption: bool | None = checks.option(checks.flag)
    keep_the_same_format: bool | None = checks.option(checks.flag)
    enable_dynamic_duration: bool | None = checks.option(checks.flag)
    disable_music_track: bool | None = checks.option(checks.flag)
    enable_speech_enhancement: bool | None = checks.option(checks.flag)
    enable_watermark: bool | None = checks.option(checks.flag)
    start_time: float | None = checks.option(checks.between(0.0, _MOST_SECONDS))
    end_time: float | None = checks.option(checks.between(0.0, _MOST_SECONDS))
    brand_voice_id: str | None = checks.option(checks.text)
    brand_glossary_id: str | None = checks.option(checks.text)
    stock_voice_config: StockVoices | None = checks.option(checks.instance_of(StockVoices))
    srt: Media | None = field(
        default=None, validator=checks.optional(media), metadata=_SUBTITLES, repr=show_media
    )
    srt_role: Literal["input", "output"] | None = checks.option(checks.one_of(("input", "output")))
    fps_mode: Literal["vfr", "cfr", "passthrough"] | None = checks.option(
        checks.one_of(("vfr", "cfr", "passthrough"))
    )
    folder_id: str | None = checks.option(checks.text)
    callback_url: str | None = checks.option(checks.http_url)
    callback_id: str | None = checks.option(checks.text)

    def each(self) -> tuple[VideoTranslation, ...]:
        """Return a spec for each of the languages."""
        return tuple(attrs.evolve(self, output_languages=(one,)) for one in self.output_languages)


@frozen(kw_only=True)
class ProofreadResult(Result):
    """A draft of a translation, whose text can be read and changed before it is made.

    https://developers.heygen.com/reference/get-proofread
    """

    id: str
    """The proofread's id, which ``ProofreadTranslation`` takes."""
    status: str
    """The vendor's word: ``processing``, ``completed`` or ``failed``."""
    title: str | None = None
    """Its name in the vendor's app."""
    output_language: str | None = None
    """The language it is translated into."""
    input_language: str | None = None
    """The language of the original."""
    submitted_for_review: bool | None = None
    """Whether it was given to somebody for review."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    failure_message: str | None = None
    """Why it failed, for people; None unless it did."""


@frozen(kw_only=True)
class Proofread(Spec[ProofreadResult]):
    """Drafts of the translations of a ``video``, one for each language; see ``VideoTranslation``.

    https://developers.heygen.com/reference/create-proofread
    """

    video: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    output_languages: tuple[str, ...] = field(converter=_languages, validator=_SEVERAL)
    title: str = field(validator=checks.text)
    brand_voice_id: str | None = checks.option(checks.text)
    brand_glossary_id: str | None = checks.option(checks.text)
    speaker_num: int | None = checks.option(checks.whole(1, 1000))
    folder_id: str | None = checks.option(checks.text)
    enable_video_stretching: bool | None = checks.option(checks.flag)
    disable_music_track: bool | None = checks.option(checks.flag)
    enable_speech_enhancement: bool | None = checks.option(checks.flag)
    srt: Media | None = field(
        default=None, validator=checks.optional(media), metadata=_SUBTITLES, repr=show_media
    )
    mode: Literal["speed", "precision"] | None = checks.option(checks.one_of(_MODES))
    keep_the_same_format: bool | None = checks.option(checks.flag)

    def each(self) -> tuple[Proofread, ...]:
        """Return a spec for each of the languages."""
        return tuple(attrs.evolve(self, output_languages=(one,)) for one in self.output_languages)


@frozen(kw_only=True)
class ProofreadTranslation(Spec[Translation]):
    """The translation of a proofread as its text is now.

    https://developers.heygen.com/reference/generate-proofread-video
    """

    proofread_id: str = field(validator=checks.text)
    captions: bool | None = checks.option(checks.flag)
    translate_audio_only: bool | None = checks.option(checks.flag)
    callback_url: str | None = checks.option(checks.http_url)
    callback_id: str | None = checks.option(checks.text)


@frozen(kw_only=True)
class ProofreadSubtitles(Result):
    """Where the text of a proofread lies."""

    srt_url: str
    """The translated text as a SubRip file. Signed, and expires."""
    original_srt_url: str | None = None
    """The text of the original as a SubRip file. Signed, and expires."""
