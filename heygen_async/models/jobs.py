"""What a job is to its user: the spec that starts it, and the status it is in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described

T_co = TypeVar("T_co", covariant=True)


NEEDED: Mapping[str, Any] = {"needed": True}
"""Metadata of a field of an answer that has a default, but without which nothing can go on.

An answer in which it has a wrong type makes no sense; of other fields the raw value is kept.
"""


@frozen(kw_only=True, slots=False)  # beside bases with slots of their own
class Spec(Described, Generic[T_co]):
    """What to render; the type argument is what the finished job gives."""

    extra_body: Mapping[str, Any] | None = field(
        default=None, validator=checks.optional(checks.json_object), repr=False, hash=False
    )
    """Fields that this version does not know; sent beside the others, or in their place."""


class State(StrEnum):
    """Where a job stands, the same five words for every vendor."""

    QUEUED = "queued"
    RUNNING = "running"
    NEEDS_ACTION = "needs_action"
    COMPLETED = "completed"
    FAILED = "failed"


@frozen
class JobStatus:
    """A job's state, in ``raw`` the vendor's own word for it, and whether it has ended.

    ``progress`` is a percentage from 0 to 100, None where the vendor tells none. ``error`` is what
    a bulk status says of a failure, as the vendor has it.
    """

    state: State
    raw: str
    progress: float | None = None
    error: Mapping[str, Any] | None = field(default=None, eq=False, repr=False)
    terminal: bool = field(init=False, eq=False, repr=False)

    @terminal.default
    def _has_ended(self) -> bool:
        return self.state in (State.COMPLETED, State.FAILED)


@frozen(kw_only=True)
class Orphan(Described):
    """A submission that was paid, or may have been, while its caller was cancelled.

    Without ``job``, ``submit`` with the same ``spec`` and ``idempotency_key`` gives the one job;
    for a batch it is ``create_batch`` of ``batch`` with that key that gives the one batch.
    """

    spec: Spec[Any]
    """What was submitted."""
    job: Any = None
    """Its job; None if the answer never came."""
    idempotency_key: str | None = None
    """The key to send it again with, within 24 hours; None where there is none."""
    batch: tuple[Spec[Any], ...] = ()
    """All specs of the POST, in its order, if that was a batch."""
