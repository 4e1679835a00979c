"""HeyGen v3 translations of videos, and the proofreads that may come before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs
from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
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
class StockVoices(Described):
    """Voices of the vendor in place of the speakers' own."""

    use_stock_voice: bool | None = checks.option(checks.flag)
    """Takes voices of the vendor in place of the speakers' own."""
    preferred_stock_voice_ids: tuple[str, ...] | None = field(
        default=None, converter=checks.as_tuple, validator=checks.optional(_SEVERAL)
    )
    """Which voices to take before others."""


@frozen(kw_only=True)
class VideoTranslation(Spec[Translation]):
    """A ``video`` in other languages.

    It leads to a job for each language: ``heygen.translations.create`` returns them all;
    ``submit``, ``run`` and ``map`` take one language at a time, for which ``each`` makes specs.

    https://developers.heygen.com/reference/create-video-translation
    """

    video: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    """The video to translate."""
    output_languages: tuple[str, ...] = field(converter=_languages, validator=_SEVERAL)
    """The languages, as ``heygen.translations.languages()`` names them; each is a job."""
    title: str | None = checks.option(checks.text)
    """The name in the vendor's app."""
    audio: Media | None = field(
        default=None, validator=checks.optional(media), metadata=AUDIO, repr=show_media
    )
    """A sound to translate in place of that of the video."""
    input_language: str | None = checks.option(checks.text)
    """The language that is spoken in it; found out if left out."""
    translate_audio_only: bool | None = checks.option(checks.flag)
    """Changes the sound only, and leaves the lips as they are."""
    speaker_num: int | None = checks.option(checks.whole(1, 1000))
    """How many people speak; found out if left out."""
    mode: Literal["speed", "precision"] | None = checks.option(checks.one_of(_MODES))
    """Sooner done, or with better lips."""
    enable_caption: bool | None = checks.option(checks.flag)
    """Makes subtitles, too."""
    keep_the_same_format: bool | None = checks.option(checks.flag)
    """Keeps resolution and bit rate of the source."""
    enable_dynamic_duration: bool | None = checks.option(checks.flag)
    """Lets the film become longer or shorter, to suit the new language."""
    disable_music_track: bool | None = checks.option(checks.flag)
    """Drops background music from the result."""
    enable_speech_enhancement: bool | None = checks.option(checks.flag)
    """Cleans up the speech."""
    enable_watermark: bool | None = checks.option(checks.flag)
    """Puts a watermark on the film."""
    start_time: float | None = checks.option(checks.between(0.0, _MOST_SECONDS))
    """Where the part to translate begins, in seconds of the video."""
    end_time: float | None = checks.option(checks.between(0.0, _MOST_SECONDS))
    """Where the part to translate ends, in seconds of the video."""
    brand_voice_id: str | None = checks.option(checks.text)
    """An older name of ``brand_glossary_id``."""
    brand_glossary_id: str | None = checks.option(checks.text)
    """The brand glossary whose words apply."""
    stock_voice_config: StockVoices | None = checks.option(checks.instance_of(StockVoices))
    """Voices of the vendor in place of the speakers' own."""
    srt: Media | None = field(
        default=None, validator=checks.optional(media), metadata=_SUBTITLES, repr=show_media
    )
    """Subtitles of your own, as a SubRip file; ``srt_role`` says whose they are."""
    srt_role: Literal["input", "output"] | None = checks.option(checks.one_of(("input", "output")))
    """Whether ``srt`` is what was said, or what is to be said."""
    fps_mode: Literal["vfr", "cfr", "passthrough"] | None = checks.option(
        checks.one_of(("vfr", "cfr", "passthrough"))
    )
    """Whether the frame rate varies, is constant, or stays that of the source."""
    folder_id: str | None = checks.option(checks.text)
    """The folder of the vendor's app to put it into."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""
    callback_id: str | None = checks.option(checks.text)
    """Your own id for the job, given back in its webhook events."""

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
    """The video to translate."""
    output_languages: tuple[str, ...] = field(converter=_languages, validator=_SEVERAL)
    """The languages, as ``heygen.translations.languages()`` names them; each is a job."""
    title: str = field(validator=checks.text)
    """The name in the vendor's app."""
    brand_voice_id: str | None = checks.option(checks.text)
    """An older name of ``brand_glossary_id``."""
    brand_glossary_id: str | None = checks.option(checks.text)
    """The brand glossary whose words apply."""
    speaker_num: int | None = checks.option(checks.whole(1, 1000))
    """How many people speak; found out if left out."""
    folder_id: str | None = checks.option(checks.text)
    """The folder of the vendor's app to put it into."""
    enable_video_stretching: bool | None = checks.option(checks.flag)
    """Lets the film become longer or shorter, to suit the new language."""
    disable_music_track: bool | None = checks.option(checks.flag)
    """Drops background music from the result."""
    enable_speech_enhancement: bool | None = checks.option(checks.flag)
    """Cleans up the speech."""
    srt: Media | None = field(
        default=None, validator=checks.optional(media), metadata=_SUBTITLES, repr=show_media
    )
    """Subtitles of your own, as a SubRip file."""
    mode: Literal["speed", "precision"] | None = checks.option(checks.one_of(_MODES))
    """Sooner done, or with better lips."""
    keep_the_same_format: bool | None = checks.option(checks.flag)
    """Keeps resolution and bit rate of the source."""

    def each(self) -> tuple[Proofread, ...]:
        """Return a spec for each of the languages."""
        return tuple(attrs.evolve(self, output_languages=(one,)) for one in self.output_languages)


@frozen(kw_only=True)
class ProofreadTranslation(Spec[Translation]):
    """The translation of a proofread as its text is now.

    https://developers.heygen.com/reference/generate-proofread-video
    """

    proofread_id: str = field(validator=checks.text)
    """The ``id`` of the proofread."""
    captions: bool | None = checks.option(checks.flag)
    """Makes subtitles, too."""
    translate_audio_only: bool | None = checks.option(checks.flag)
    """Changes the sound only, and leaves the lips as they are."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""
    callback_id: str | None = checks.option(checks.text)
    """Your own id for the job, given back in its webhook events."""


@frozen(kw_only=True)
class ProofreadSubtitles(Result):
    """Where the text of a proofread lies."""

    srt_url: str
    """The translated text as a SubRip file. Signed, and expires."""
    original_srt_url: str | None = None
    """The text of the original as a SubRip file. Signed, and expires."""
