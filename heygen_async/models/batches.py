"""Batches of HeyGen: what the vendor tells of many jobs that one POST has started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from heygen_async.models.jobs import NEEDED, Result


@frozen(kw_only=True)
class BatchItem(Result):
    """One item of a batch."""

    item_index: int
    """Where it stood in the submission, from 0."""
    status: str
    """The vendor's word: ``queued``, ``processing``, ``completed`` or ``failed``."""
    video_id: str | None = field(default=None, metadata=NEEDED)
    """The id of its job, of whatever kind; None until it has one, and where it was refused."""
    error: Mapping[str, Any] | None = field(default=None, hash=False)
    """Why it failed or was refused, as the vendor has it; None unless it did."""


@frozen(kw_only=True)
class BatchDetail(Result):
    """A batch and its items, in the order in which they were submitted.

    https://developers.heygen.com/reference/get-video-batch
    """

    batch_id: str
    """The batch's id."""
    status: str
    """The vendor's word: ``processing``, ``completed`` or ``failed``."""
    total_items: int
    """How many items it has."""
    items: tuple[BatchItem, ...] = ()
    """Its items, in the order in which they were submitted."""
    title: str | None = None
    """Its name in the vendor's app."""
    counts_by_status: Mapping[str, Any] | None = field(default=None, hash=False)
    """How many items there are of each status, by the vendor's words."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
