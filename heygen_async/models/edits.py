"""HeyGen v3 jobs that make something new of a video: clips, layers, a film without filler words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.media import VIDEO, Media, media, show_media

_LONGEST_ID = 128
_LONGEST_TITLE = 255


@frozen(kw_only=True)
class ClipSettings(Described):
    """What clips are to be like."""

    duration_types: tuple[Literal["30", "60", "180", "long"], ...] | None = field(
        default=None,
        converter=checks.as_tuple,
        validator=checks.optional(checks.several(1, 4, checks.one_of(("30", "60", "180", "long")))),
    )
    """How long clips may be, in seconds; ``long`` is longer."""
    aspect_ratio: Literal["landscape", "portrait", "square"] | None = checks.option(
        checks.one_of(("landscape", "portrait", "square"))
    )
    """The shape of the clips."""
    captions: bool | None = checks.option(checks.flag)
    """Burns subtitles into the clips."""
    caption_style: str | None = checks.option(checks.text)
    """The vendor's name for how subtitles look."""
    prompt: str | None = checks.option(checks.max_length(500))
    """What to look for in the video."""


@frozen(kw_only=True)
class Clip(Result):
    """One clip of a clipping, with a status of its own."""

    id: str
    """The clip's id."""
    status: str
    """The vendor's word: ``pending``, ``completed`` or ``failed``."""
    duration_seconds: float | None = None
    """Its length in seconds."""
    aspect_ratio: str | None = None
    """Its shape, as ``ClipSettings`` has it."""
    title: str | None = None
    """What it is about, in the vendor's words."""
    virality_score: int | None = None
    """How far the vendor expects it to spread, 0 to 100."""
    thumbnail_url: str | None = None
    """A still picture of it. Signed, and expires."""
    video_url: str | None = None
    """The clip. Signed, and expires; None until it is done."""
    failure_message: str | None = None
    """Why it failed, for people; None unless it did."""


@frozen(kw_only=True)
class Clipping(Result):
    """The clips of a video, or a clipping on its way.

    https://developers.heygen.com/reference/get-ai-clipping
    """

    id: str
    """The clipping's id, which is that of its job, too."""
    status: str
    """The vendor's word: ``pending``, ``running``, ``completed``, ``failed`` or ``cancelled``."""
    title: str | None = None
    """Its name in the vendor's app."""
    input_language: str | None = None
    """The language that is spoken in the video."""
    source_duration: float | None = None
    """Length of the video in seconds."""
    output_settings: Any = None
    """What was asked for, as the vendor has it."""
    clips: tuple[Clip, ...] = ()
    """The clips, those that failed among them."""
    progress: float | None = None
    """How far it is, 0 to 100 per cent."""
    callback_id: str | None = None
    """The ``callback_id`` of its spec."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    failure_message: str | None = None
    """Why it failed, for people; None unless it did."""


@frozen(kw_only=True)
class AiClipping(Spec[Clipping]):
    """Short clips of a long ``video``; its job may have several files.

    https://developers.heygen.com/reference/create-ai-clipping
    """

    video: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    """The long video."""
    title: str | None = checks.option(checks.max_length(_LONGEST_TITLE))
    """The name in the vendor's app."""
    input_language: str | None = checks.option(checks.text)
    """The language that is spoken in it; found out if left out."""
    output_settings: ClipSettings | None = checks.option(checks.instance_of(ClipSettings))
    """What the clips are to be like."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""
    callback_id: str | None = checks.option(checks.max_length(_LONGEST_ID))
    """Your own id for the job, given back in its webhook events."""


@frozen(kw_only=True)
class RemovedBackground(Result):
    """The layers of a video, or a removal on its way.

    https://developers.heygen.com/reference/get-background-removal
    """

    id: str
    """The removal's id, which is that of its job, too."""
    status: str
    """The vendor's word."""
    layers: Mapping[str, Any] = field(factory=dict, hash=False)
    """The URL of each layer under its name. Signed, and expire."""
    duration: float | None = None
    """Length of the film in seconds."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    completed_at: int | None = None
    """When it was done, in Unix seconds; None until then."""
    error: str | None = None
    """Why it failed, for people; None unless it did."""


@frozen(kw_only=True)
class BackgroundRemoval(Spec[RemovedBackground]):
    """A ``video`` taken apart into ``layers``.

    Its idempotency key goes as the vendor's ``request_id``.

    https://developers.heygen.com/reference/create-background-removal
    """

    video: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    """The video to take apart."""
    layers: tuple[str, ...] | None = field(
        default=None,
        converter=checks.as_tuple,
        validator=checks.optional(checks.several(1, 10, checks.text)),
    )
    """Which layers to make: ``foreground``, ``mask``, ``background``."""
    title: str | None = checks.option(checks.text)
    """The name in the vendor's app."""


@frozen(kw_only=True)
class CleanSpeech(Result):
    """A film without its filler words, or one on its way.

    https://developers.heygen.com/reference/get-filler-word-removal
    """

    id: str
    """The removal's id, which is that of its job, too."""
    status: str
    """The vendor's word: ``pending``, ``running``, ``completed`` or ``failed``."""
    title: str | None = None
    """Its name in the vendor's app."""
    progress: float | None = None
    """How far it is, 0 to 100 per cent."""
    video_url: str | None = field(default=None, metadata=NEEDED)
    """The film. Signed, and expires; None until it is done."""
    thumbnail_url: str | None = None
    """A still picture of it. Signed, and expires."""
    original_duration: float | None = None
    """Length of the film before, in seconds."""
    output_duration: float | None = None
    """Length of the film now, in seconds."""
    num_cuts: int | None = None
    """How many cuts were made."""
    reduction_pct: float | None = None
    """How much shorter it became, in per cent."""
    callback_id: str | None = None
    """The ``callback_id`` of its spec."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    failure_message: str | None = None
    """Why it failed, for people; None unless it did."""


@frozen(kw_only=True)
class FillerWordRemoval(Spec[CleanSpeech]):
    """A ``video`` without filler words and overlong silences.

    https://developers.heygen.com/reference/create-filler-word-removal
    """

    video: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    """The video to shorten."""
    title: str | None = checks.option(checks.max_length(_LONGEST_TITLE))
    """The name in the vendor's app."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""
    callback_id: str | None = checks.option(checks.max_length(_LONGEST_ID))
    """Your own id for the job, given back in its webhook events."""
