"""HeyGen v3 video quality: two videos compared by a judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import Spec
from heygen_async.models.media import VIDEO, Media, media, show_media

_QUESTIONS = (
    "engagement",
    "prompt_intent",
    "composition",
    "temporal_consistency",
    "craft",
    "q1",
)


@frozen(kw_only=True)
class QualityVerdict:
    """Which of two videos is the better one, and how sure the judge is, 0 to 1."""

    model_a: str
    model_b: str
    winner: str
    winner_side: str
    confidence: float
    question_id: str | None = None
    judge_model_version: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class QualityComparison:
    """A comparison of two videos, or one on its way; ``result`` is there when it has ended.

    https://developers.heygen.com/reference/get-video-quality-comparison
    """

    comparison_id: str
    status: str
    result: QualityVerdict | None = None
    error: Mapping[str, Any] | None = field(default=None, hash=False)
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class VideoComparison(Spec[QualityComparison]):
    """Two videos that two models made of one ``prompt``, to be compared for one question.

    https://developers.heygen.com/reference/create-video-quality-comparison
    """

    prompt: str = field(validator=checks.max_length(10_000))
    """What both videos were made from."""
    model_a: str = field(validator=checks.max_length(255))
    """The name of the model that made ``video_a``."""
    model_b: str = field(validator=checks.max_length(255))
    """The name of the model that made ``video_b``."""
    video_a: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    """One of the videos."""
    video_b: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    """The other one."""
    question_id: Literal[
        "engagement", "prompt_intent", "composition", "temporal_consistency", "craft", "q1"
    ] = field(validator=checks.one_of(_QUESTIONS))
    """What they are compared for."""
    judge_model_version: str | None = checks.option(checks.max_length(128))
    """The version of the judge; the newest if left out."""
