"""What a ledger knows of one item, and what is to be done with it when a batch goes on."""

from __future__ import annotations

from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING, Any

from attrs import frozen

from heygen_async.errors import (
    APIError,
    HeyGenError,
    InvalidRequestError,
    SubmissionUnknownError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heygen_async.jobs.job import Job

KEY_LIFETIME = 23.5 * 3600
"""Seconds for which an idempotency key is trusted; the vendor keeps it for 24 hours."""

CLOCK_SKEW = 300.0
"""Seconds by which this machine's clock and the vendor's may differ."""

_SAYS_NOTHING = frozenset({401, 403, 409, 429})


class ItemState(StrEnum):
    """Where an item of a ledger stands."""

    OPEN = "open"  # no job: refused, or reopened; it will be submitted
    INTENT = "intent"  # about to be submitted, or submitted: its answer is not known
    SUBMITTED = "submitted"  # a job is on its way
    COMPLETED = "completed"
    FAILED = "failed"  # the vendor's word
    UNCERTAIN = "uncertain"  # a job may have been started, and nobody can tell


@frozen(kw_only=True)
class LedgerItem:
    """One line of a ledger; times are Unix seconds.

    ``token`` finds the job with ``attach``, ``path`` is its file, ``labels`` are what the job can
    be found by in the vendor's lists. ``error`` and ``error_code`` tell what went wrong last.
    """

    key: str
    digest: str
    state: ItemState
    kind: str
    labels: tuple[str, ...] = ()
    idempotency_key: str | None = None
    token: str | None = None
    path: str | None = None
    error: str | None = None
    error_code: str | None = None
    intended_at: float | None = None
    submitted_at: float | None = None
    ended_at: float | None = None

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to be done for it."""
        return self.state in (ItemState.COMPLETED, ItemState.FAILED)


class Step(Enum):
    """How an item goes on."""

    SUBMIT = auto()
    RESEND = auto()  # with the same idempotency key, which gives the same job
    ATTACH = auto()
    SEARCH = auto()  # among the vendor's jobs, by label


def next_step(item: LedgerItem | None, digest: str, now: float) -> Step:
    """Return how to go on with what the ledger has under a key; None is a new item.

    Raises ``InvalidRequestError`` if the key belongs to another spec.
    """
    if item is None or item.state is ItemState.OPEN:
        return Step.SUBMIT
    if item.digest != digest:
        raise InvalidRequestError(
            f"the ledger has key {item.key!r} for another spec (digest {item.digest}, this one "
            f"has {digest}); give the new spec a key of its own"
        )
    if item.token is not None:
        return Step.ATTACH
    fresh = item.intended_at is not None and (-CLOCK_SKEW <= now - item.intended_at < KEY_LIFETIME)
    if item.state is ItemState.INTENT and item.idempotency_key is not None and fresh:
        return Step.RESEND
    return Step.SEARCH


def state_after(error: HeyGenError, step: Step) -> ItemState:
    """Return where an item stands whose submission ended in ``error``.

    A key that was sent before may have been accepted then; only a refusal that is given after
    the key was looked at proves that it was not.
    """
    if isinstance(error, SubmissionUnknownError):
        return ItemState.INTENT if error.idempotency_key else ItemState.UNCERTAIN
    proof = isinstance(error, APIError) and error.status not in _SAYS_NOTHING
    return ItemState.OPEN if step is Step.SUBMIT or proof else ItemState.INTENT


def only_match(
    found: Iterable[Job[Any]], item: LedgerItem, others: Iterable[LedgerItem]
) -> Job[Any] | None:
    """Return the one of ``found`` that can only be the job of ``item``, or None.

    A job of another item is none, and where another item of the same label lacks its job, too,
    nobody can tell whose it is.
    """
    taken: set[str] = set()
    for other in others:
        if other.token is not None:
            taken.add(other.token.split("/", 2)[2])
        elif other.state is not ItemState.OPEN and set(other.labels) & set(item.labels):
            return None
    free = [job for job in found if job.id not in taken]
    return free[0] if len(free) == 1 else None
