"""Jobs of every kind: their state is computed when asked, so ten thousand cost nothing."""

from __future__ import annotations

import math
import random
import uuid
from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from heygen_async.emulator._kinds import VIDEO, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from heygen_async.emulator._schema import Json


PENDING_SHARE = 0.15
"""The part of a job's life that it spends ``pending``, before ``processing``."""


@attrs.define(kw_only=True)
class RenderJob:
    """One job of any kind: when it was created, when it ends and how, and what was asked.

    Times are seconds of the loop's clock. ``failure`` is the code and message it will fail
    with, or None. ``number`` counts jobs from 1 in order of creation.
    """

    id: str
    number: int
    created_at: float
    finished_at: float
    request: Json
    kind: Kind = VIDEO
    failure: tuple[str, str] | None = None

    @property
    def duration(self) -> float:
        """The seconds from creation to the end."""
        return self.finished_at - self.created_at

    def status(self, now: float) -> str:
        """Return ``pending``, ``processing``, ``completed`` or ``failed`` at the time *now*."""
        if now >= self.finished_at:
            return "failed" if self.failure else "completed"
        age = now - self.created_at
        return "pending" if age < PENDING_SHARE * self.duration else "processing"

    def finish(self, now: float, failure: tuple[str, str] | None = None) -> None:
        """End the job at the time *now*, with or without a failure."""
        self.finished_at = now
        self.failure = failure


class JobBook:
    """All jobs by id, and the law that their durations and failures are drawn from."""

    __slots__ = (
        "_failure_rate",
        "_jobs",
        "_kinds",
        "_luck",
        "_median",
        "_number",
        "_observers",
        "_sigma",
    )

    def __init__(
        self, *, seed: int | None, median: float, sigma: float, failure_rate: float
    ) -> None:
        self._luck = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._median = median
        self._sigma = sigma
        self._failure_rate = failure_rate
        self._jobs: dict[str, RenderJob] = {}
        self._kinds: dict[str, dict[str, RenderJob]] = defaultdict(dict)
        self._number = 0
        self._observers: list[Callable[[RenderJob], None]] = []

    @property
    def jobs(self) -> Mapping[str, RenderJob]:
        """A read-only view of the jobs by id, in order of creation."""
        return MappingProxyType(self._jobs)

    def of(self, kind: Kind) -> Mapping[str, RenderJob]:
        """Return a read-only view of the jobs of one kind, in order of creation."""
        return MappingProxyType(self._kinds[kind.name])

    def create(
        self, request: Json, *, now: float, kind: Kind = VIDEO, duration: float | None = None
    ) -> RenderJob:
        """Return a new job; without a *duration* one is drawn, log-normal around the median."""
        drawn = self._luck.lognormvariate(math.log(self._median * kind.pace), self._sigma)
        failed = self._luck.random() < self._failure_rate
        self._number += 1
        job = RenderJob(
            id=kind.prefix + uuid.uuid4().hex,
            number=self._number,
            created_at=now,
            finished_at=now + (drawn if duration is None else duration),
            request=request,
            kind=kind,
            failure=kind.failure if failed else None,
        )
        self._jobs[job.id] = self._kinds[kind.name][job.id] = job
        for observer in self._observers:
            observer(job)
        return job

    def on_create(self, observer: Callable[[RenderJob], None]) -> None:
        """Have each new job shown to an observer."""
        self._observers.append(observer)

    def delete(self, job_id: str) -> None:
        """Forget a job."""
        job = self._jobs.pop(job_id)
        del self._kinds[job.kind.name][job_id]


class Slots:
    """The account's limit of jobs that render at the same time."""

    __slots__ = ("_jobs", "_limit")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._jobs: list[RenderJob] = []

    def wait(self, now: float) -> float:
        """Return the seconds until a job may start: 0.0 with a slot free."""
        self._jobs = [job for job in self._jobs if job.finished_at > now]
        if len(self._jobs) < self._limit:
            return 0.0
        return min(job.finished_at for job in self._jobs) - now

    def take(self, job: RenderJob) -> None:
        """Let a job render in a slot until it ends."""
        self._jobs.append(job)

    def free(self, job: RenderJob) -> None:
        """Free the slot of a job that was deleted, if it had one."""
        self._jobs = [other for other in self._jobs if other is not job]
