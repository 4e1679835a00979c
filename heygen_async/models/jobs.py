"""What a job is to its user: the spec that starts it, and the status it is in."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

T_co = TypeVar("T_co", covariant=True)


NEEDED: Mapping[str, Any] = {"needed": True}
"""Metadata of a field of an answer that has a default, but without which nothing can go on.

An answer in which it has a wrong type makes no sense; of other fields the raw value is kept.
"""


class Spec(Generic[T_co]):
    """What to render; the type argument is what the finished job gives."""

    __slots__ = ()


class State(StrEnum):
    """Where a job stands, the same five words for every vendor."""

    QUEUED = "queued"
    RUNNING = "running"
    NEEDS_ACTION = "needs_action"
    COMPLETED = "completed"
    FAILED = "failed"


@frozen
class JobStatus:
    """A job's state, in ``raw`` the vendor's own word for it, and whether it has ended."""

    state: State
    raw: str
    terminal: bool = field(init=False, eq=False, repr=False)

    @terminal.default
    def _has_ended(self) -> bool:
        return self.state in (State.COMPLETED, State.FAILED)


@frozen(kw_only=True)
class Orphan:
    """A submission that was paid, or may have been, while its caller was cancelled.

    ``job`` is its job, or None if the answer never came; then ``submit`` with the same ``spec``
    and ``idempotency_key`` within 24 hours gives the one job, where there is a key.
    """

    spec: Spec[Any]
    job: Any = None
    idempotency_key: str | None = None
