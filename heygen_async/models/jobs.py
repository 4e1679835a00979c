"""What a job is to its user: the spec that starts it, its status, and the base of its results."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Generic, TypeVar

import attrs
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


@frozen(kw_only=True)
class Result(Described):
    """What a vendor tells of a job's result, of a row of a list, of an account: the base of them.

    A field that the answer did not have is None. One that came with another type is None, too, and
    what came stands in ``extra`` under the same name.
    """

    extra: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)
    """What the vendor added since, by its own names."""

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as ``json.dumps`` takes them, those of nested results included.

        Fields that are None are there, too, and ``extra`` stands under its own name.
        """
        fields: dict[str, Any] = to_plain(self)
        return fields


def to_plain(value: Any) -> Any:
    """Return a model, or what stands in one, as dicts, lists and what else JSON has."""
    if attrs.has(type(value)):
        names = [attribute.name for attribute in attrs.fields(type(value))]
        plain = {name: to_plain(getattr(value, name)) for name in names}
        if "extra" in plain:  # as a field of the base it is the first, where nobody looks for it
            plain["extra"] = plain.pop("extra")
        return plain
    if isinstance(value, Mapping):
        return {name: to_plain(item) for name, item in value.items()}
    return [to_plain(item) for item in value] if isinstance(value, tuple | list) else value


class State(StrEnum):
    """Where a job stands, the same five words for every vendor."""

    QUEUED = "queued"
    RUNNING = "running"
    NEEDS_ACTION = "needs_action"
    COMPLETED = "completed"
    FAILED = "failed"


@frozen
class JobStatus(Described):
    """Where a job stands."""

    state: State
    """One of five words, the same for every vendor."""
    raw: str
    """The vendor's own word for it."""
    progress: float | None = None
    """How far it is, 0 to 100 per cent; None where the vendor does not tell."""
    error: Mapping[str, Any] | None = field(default=None, eq=False, repr=False)
    """What a bulk status says of a failure, as the vendor has it; None unless it says something."""
    terminal: bool = field(init=False, eq=False, repr=False)
    """Whether the job has ended, well or not."""

    @terminal.default
    def _has_ended(self) -> bool:
        return self.state in (State.COMPLETED, State.FAILED)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as ``json.dumps`` takes them."""
        fields: dict[str, Any] = to_plain(self)
        return fields


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
