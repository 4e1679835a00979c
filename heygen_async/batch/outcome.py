"""``Outcome``: how one item of a batch ended."""

from __future__ import annotations

from pathlib import Path
from typing import Generic, TypeVar

from attrs import frozen

from heygen_async.errors import HeyGenError, InvalidRequestError
from heygen_async.jobs.job import Job
from heygen_async.models.jobs import Spec

T = TypeVar("T")


@frozen(kw_only=True)
class Outcome(Generic[T]):
    """How one spec of a ``map`` ended: a result, or an error.

    ``index`` counts the specs from 0, ``key`` is what ``map(key=…)`` made of the spec. ``job``
    is None if none was started. ``path`` is the saved file. An item that an earlier run has
    finished and saved has no ``result``: nothing is sent for it, and ``await outcome.job``
    fetches it.
    """

    index: int
    spec: Spec[T]
    key: str | None = None
    job: Job[T] | None = None
    result: T | None = None
    error: HeyGenError | None = None
    path: Path | None = None

    @property
    def ok(self) -> bool:
        """Whether all went well, the download included."""
        return self.error is None

    def unwrap(self) -> T:
        """Return the result, or raise the error."""
        if self.error is not None:
            raise self.error
        if self.result is None:
            raise InvalidRequestError(
                f"{self.key!r} was finished by an earlier run: its file is {self.path}, "
                "and 'await outcome.job' fetches its result"
            )
        return self.result
