"""HeyGen v3 video quality: two videos compared by a judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import Result, Spec
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
class QualityVerdict(Result):
    """Which of two videos is the better one."""

    model_a: str
    """The name that the comparison gave the first video."""
    model_b: str
    """The name that the comparison gave the second video."""
    winner: str
    """The name of the better one."""
    winner_side: str
    """Which of the two it is: ``a`` or ``b``."""
    confidence: float
    """How sure the judge is, 0 to 1."""
    question_id: str | None = None
    """What was asked of the judge, in the vendor's word, such as ``engagement``."""
    judge_model_version: str | None = None
    """Which judge it was."""


@frozen(kw_only=True)
class QualityComparison(Result):
    """A comparison of two videos, or one on its way.

    https://developers.heygen.com/reference/get-video-quality-comparison
    """

    comparison_id: str
    """The comparison's id, which is that of its job, too."""
    status: str
    """The vendor's word: ``processing``, ``completed`` or ``failed``."""
    result: QualityVerdict | None = None
    """Which one is better; None until it has ended."""
    error: Mapping[str, Any] | None = field(default=None, hash=False)
    """Why it failed, as the vendor has it; None unless it did."""


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
