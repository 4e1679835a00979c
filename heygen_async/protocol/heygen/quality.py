"""HeyGen v3 video quality, and the kind of job that compares two videos."""

from __future__ import annotations

from heygen_async.models.jobs import State
from heygen_async.models.quality import QualityComparison, VideoComparison
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.kinds import JobKind, JobSnapshot
from heygen_async.protocol.operations import Collection

COMPARISONS = Collection(
    item="/v3/video-quality/comparisons/{comparison_id}",
    model=QualityComparison,
    converter=CONVERTER,
)


def comparison_snapshot(found: QualityComparison) -> JobSnapshot[QualityComparison]:
    """Read a comparison as the state of its job."""
    error = found.error or {}
    return JobSnapshot(
        word=found.status,
        result=found if found.result is not None else None,
        code=error.get("code"),
        message=error.get("message"),
    )


COMPARISON = JobKind(
    name="heygen.video-comparison",
    specs=(VideoComparison,),
    collection=COMPARISONS,
    first_word="processing",
    status_map={"processing": State.RUNNING},
    snapshot=comparison_snapshot,
    typical_duration=60.0,
    batch_field="comparisons",
)
