"""HeyGen v3 jobs that make something new of a video: clips, layers, a film without filler words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.media import VIDEO, Media, media, show_media

_LONGEST_ID = 128
_LONGEST_TITLE = 255


@frozen(kw_only=True)
class ClipSettings:
    """What clips are to be like; ``duration_types`` are in seconds, or ``"long"``."""

    duration_types: tuple[Literal["30", "60", "180", "long"], ...] | None = field(
        default=None,
        converter=checks.as_tuple,
        validator=checks.optional(checks.several(1, 4, checks.one_of(("30", "60", "180", "long")))),
    )
    aspect_ratio: Literal["landscape", "portrait", "square"] | None = checks.option(
        checks.one_of(("landscape", "portrait", "square"))
    )
    captions: bool | None = checks.option(checks.flag)
    caption_style: str | None = checks.option(checks.text)
    prompt: str | None = checks.option(checks.max_length(500))


@frozen(kw_only=True)
class Clip(Result):
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


@frozen(kw_only=True)
class Clipping(Result):
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


@frozen(kw_only=True)
class AiClipping(Spec[Clipping]):
    """Short clips of a long ``video``; its job may have several files.

    https://developers.heygen.com/reference/create-ai-clipping
    """

    video: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    title: str | None = checks.option(checks.max_length(_LONGEST_TITLE))
    input_language: str | None = checks.option(checks.text)
    output_settings: ClipSettings | None = checks.option(checks.instance_of(ClipSettings))
    callback_url: str | None = checks.option(checks.http_url)
    callback_id: str | None = checks.option(checks.max_length(_LONGEST_ID))


@frozen(kw_only=True)
class RemovedBackground(Result):
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


@frozen(kw_only=True)
class BackgroundRemoval(Spec[RemovedBackground]):
    """A ``video`` taken apart into ``layers``: ``foreground``, ``mask`` and ``background``.

    Its idempotency key goes as the vendor's ``request_id``.

    https://developers.heygen.com/reference/create-background-removal
    """

    video: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    layers: tuple[str, ...] | None = field(
        default=None,
        converter=checks.as_tuple,
        validator=checks.optional(checks.several(1, 10, checks.text)),
    )
    title: str | None = checks.option(checks.text)


@frozen(kw_only=True)
class CleanSpeech(Result):
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


@frozen(kw_only=True)
class FillerWordRemoval(Spec[CleanSpeech]):
    """A ``video`` without filler words and overlong silences.

    https://developers.heygen.com/reference/create-filler-word-removal
    """

    video: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    title: str | None = checks.option(checks.max_length(_LONGEST_TITLE))
    callback_url: str | None = checks.option(checks.http_url)
    callback_id: str | None = checks.option(checks.max_length(_LONGEST_ID))
