"""Batches of HeyGen: what the vendor tells of many jobs that one POST has started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from heygen_async.models.jobs import NEEDED, Result


@frozen(kw_only=True)
class BatchItem(Result):
    """One item of a batch; ``video_id`` is the id of its job, of whatever kind, None before that.

    An item that has failed without an id was refused, for the reason in ``error``.
    """

    item_index: int
    status: str
    video_id: str | None = field(default=None, metadata=NEEDED)
    error: Mapping[str, Any] | None = field(default=None, hash=False)


@frozen(kw_only=True)
class BatchDetail(Result):
    """A batch and its items, in the order in which they were submitted.

    https://developers.heygen.com/reference/get-video-batch
    """

    batch_id: str
    status: str
    total_items: int
    items: tuple[BatchItem, ...] = ()
    title: str | None = None
    counts_by_status: Mapping[str, Any] | None = field(default=None, hash=False)
    created_at: int | None = None
