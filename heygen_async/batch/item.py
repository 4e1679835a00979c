"""One item of a batch: what a ledger has of it, how it goes on, and how it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from heygen_async.errors import (
    ClaimLostError,
    HeyGenError,
    InvalidRequestError,
    SubmissionUnknownError,
)
from heygen_async.jobs.job import Job
from heygen_async.models._words import Described
from heygen_async.models.jobs import Spec, to_plain
from heygen_async.protocol.idempotency import outlived

T = TypeVar("T")

_PLACE = "heygen-batch"


@frozen(kw_only=True)
class Submitted(Described, Generic[T]):
    """A spec of a ``map`` whose job has been started, or found again."""

    index: int
    """Which spec it is, counted from 0."""
    spec: Spec[T]
    """The spec itself."""
    key: str | None = None
    """What ``map(key=…)`` made of the spec."""
    job: Job[T]
    """Its job."""


@frozen
class BadRow:
    """What stands among the specs of a ``map`` for a row of which none could be made."""

    error: HeyGenError


@frozen(kw_only=True)
class Outcome(Described, Generic[T]):
    """How one spec of a ``map`` ended: a result, or an error.

    For an item that an earlier run has finished nothing is sent: the URLs in its ``result`` are
    without signatures, and ``await outcome.job`` fetches fresh ones.
    """

    index: int
    """Which spec it is, counted from 0."""
    spec: Spec[T] | None
    """The spec itself; None where ``specs_from`` could make none."""
    key: str | None = None
    """What ``map(key=…)`` made of the spec."""
    job: Job[T] | None = None
    """Its job; None if none was started."""
    result: T | None = None
    """What the job gave; None for a failure."""
    error: HeyGenError | None = None
    """What went wrong; None if nothing did."""
    path: Path | None = None
    """The saved file; None if none was asked for."""
    paths: Mapping[str, Path] = field(factory=dict, hash=False)
    """All saved files, by the names that they were asked for with."""
    attempts: int = 0
    """How many renders were started for it."""

    @property
    def ok(self) -> bool:
        """Whether all went well, the download included."""
        return self.error is None

    def to_dict(self) -> dict[str, Any]:
        """Return what ``json.dumps`` takes: the job as its token, the error as text, no spec."""
        return {
            "index": self.index,
            "key": self.key,
            "token": self.job and self.job.token,
            "result": to_plain(self.result),
            "error": self.error and str(self.error),
            "path": self.path and str(self.path),
            "attempts": self.attempts,
        }

    def unwrap(self) -> T:
        """Return the result, or raise the error."""
        if self.error is not None:
            raise self.error
        if self.result is None:
            raise InvalidRequestError(
                f"{self.key!r} was finished by an earlier version, which kept no result: its file "
                f"is {self.path}, and 'await outcome.job' fetches it"
            )
        return self.result


@frozen
class Place:
    """Where an item stands in a batch that one POST has submitted, or was about to.

    As text it is a label of the item: the key of the POST, the index, the number of items, and
    the batch's id once it is known. The key stands in no field of its own, for a POST of the one
    item with it would be another job.
    """

    key: str
    index: int
    size: int
    batch_id: str | None = None

    def __str__(self) -> str:
        parts = (_PLACE, self.key, str(self.index), str(self.size), self.batch_id or "")
        return "/".join(parts)

    @classmethod
    def of(cls, labels: Iterable[str]) -> Place | None:
        """Return the place that labels tell, None if there is none."""
        for label in labels:
            if label.startswith(f"{_PLACE}/"):
                _, key, index, size, batch_id = label.split("/", 4)
                return cls(key, int(index), int(size), batch_id or None)
        return None

    @staticmethod
    def strip(labels: Iterable[str]) -> tuple[str, ...]:
        """Return the labels without a place."""
        return tuple(label for label in labels if not label.startswith(f"{_PLACE}/"))


class ItemState(StrEnum):
    """Where an item of a ledger stands."""

    OPEN = "open"  # no job: refused, or reopened; it will be submitted
    INTENT = "intent"  # about to be submitted, or submitted: its answer is not known
    SUBMITTED = "submitted"  # a job is on its way
    COMPLETED = "completed"
    FAILED = "failed"  # the vendor's word
    UNCERTAIN = "uncertain"  # a job may have been started, and nobody can tell


@frozen(kw_only=True)
class LedgerItem(Described):
    """One item of a ledger."""

    key: str
    """What the batch calls it."""
    digest: str
    """A checksum of its spec."""
    state: ItemState
    """Where it stands."""
    kind: str
    """The kind of its job."""
    labels: tuple[str, ...] = ()
    """What its job can be found by in the vendor's lists."""
    idempotency_key: str | None = None
    """The key that it was sent with."""
    token: str | None = None
    """What ``attach`` finds its job by."""
    path: str | None = None
    """Its file."""
    error: str | None = None
    """What went wrong last."""
    error_code: str | None = None
    """The vendor's code for that."""
    intended_at: float | None = None
    """When it was about to be submitted, in Unix seconds."""
    submitted_at: float | None = None
    """When its job began, in Unix seconds."""
    ended_at: float | None = None
    """When its job ended, in Unix seconds."""
    result: Mapping[str, Any] | None = field(default=None, hash=False)
    """What the vendor gave in the end, by its own names; URLs are without signatures."""
    attempts: int = 0
    """How many renders were started."""
    request: Mapping[str, Any] | None = field(default=None, hash=False)
    """The POST as it was or will be sent, ``path`` and ``json``, while its answer is not known.

    Media are uploaded by then. It is left out where a URL in it is signed.
    """
    machine: str | None = None
    """The machine that saved its file, in a ledger that several share."""
    version: int = 0
    """How often it was claimed, in a ledger that several share."""

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to be done for it."""
        return self.state in (ItemState.COMPLETED, ItemState.FAILED)


class Step(Enum):
    """How an item goes on."""

    SUBMIT = auto()
    RESEND = auto()  # with the same idempotency key, which gives the same job
    REJOIN = auto()  # the batch it was sent in, by the same POST or by its id
    ATTACH = auto()
    SEARCH = auto()  # among the vendor's jobs, by label


def next_step(item: LedgerItem | None, digest: str, now: float, *, path: str) -> Step:
    """Return how to go on with what the ledger has under a key; None is a new item.

    ``path`` is where its spec is posted to. Raises ``InvalidRequestError`` if the key belongs to
    another spec.
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
    if item.state is not ItemState.INTENT:
        return Step.SEARCH
    place = Place.of(item.labels)
    fresh = item.intended_at is not None and not outlived(path, item.intended_at, now)
    if place is not None and (fresh or place.batch_id is not None):
        return Step.REJOIN
    return Step.RESEND if fresh and item.idempotency_key is not None else Step.SEARCH


def taken_over(key: str | None) -> ClaimLostError:
    """Return what an item ends with that another process has taken from this one."""
    return ClaimLostError(
        f"{key!r}: another process has taken it over, for this one was silent for too long; what "
        "becomes of it stands in the ledger"
    )


def state_after(error: HeyGenError) -> ItemState:
    """Return where an item stands whose submission ended in ``error``.

    Only ``SubmissionUnknownError`` leaves it open whether there is a job; with a key that can be
    found out, without one nobody can tell.
    """
    if not isinstance(error, SubmissionUnknownError):
        return ItemState.OPEN
    return ItemState.INTENT if error.idempotency_key else ItemState.UNCERTAIN


def only_match(
    found: Iterable[Job[Any]], item: LedgerItem, others: Iterable[LedgerItem]
) -> Job[Any] | None:
    """Return the one of ``found`` that can only be the job of ``item``, or None.

    A job of another item is none. Where another item of the same label lacks its job, too, nobody
    can tell whose it is.
    """
    taken: set[str] = set()
    for other in others:
        if other.token is not None:
            taken.add(other.token.split("/", 2)[2])
        elif other.state is not ItemState.OPEN and set(other.labels) & set(item.labels):
            return None
    free = [job for job in found if job.id not in taken]
    return free[0] if len(free) == 1 else None
