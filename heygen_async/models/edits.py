"""HeyGen v3 jobs that make something new of a video: clips, layers, a film without filler words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.jobs import NEEDED, Spec
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
class Clip:
    """One clip of a clipping, with a status of its own; ``virality_score`` is 0 to 100."""

    id: str
    status: str
    duration_seconds: float | None = None
    aspect_ratio: str | None = None
    title: str | None = None
    virality_score: int | None = None
    thumbnail_url: str | None = None
    video_url: str | None = None
    failure_message: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Clipping:
    """The clips of a video, or a clipping on its way; ``progress`` is per cent.

    https://developers.heygen.com/reference/get-ai-clipping
    """

    id: str
    status: str
    title: str | None = None
    input_language: str | None = None
    source_duration: float | None = None
    output_settings: Any = None
    clips: tuple[Clip, ...] = ()
    progress: float | None = None
    callback_id: str | None = None
    created_at: int | None = None
    failure_message: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


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
class RemovedBackground:
    """The layers of a video, each under its name with its URL, or a removal on its way.

    https://developers.heygen.com/reference/get-background-removal
    """

    id: str
    status: str
    layers: Mapping[str, Any] = field(factory=dict, hash=False)
    duration: float | None = None
    created_at: int | None = None
    completed_at: int | None = None
    error: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


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
class CleanSpeech:
    """A film without its filler words, or one on its way; durations are seconds.

    https://developers.heygen.com/reference/get-filler-word-removal
    """

    id: str
    status: str
    title: str | None = None
    progress: float | None = None
    video_url: str | None = field(default=None, metadata=NEEDED)
    thumbnail_url: str | None = None
    original_duration: float | None = None
    output_duration: float | None = None
    num_cuts: int | None = None
    reduction_pct: float | None = None
    callback_id: str | None = None
    created_at: int | None = None
    failure_message: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


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
