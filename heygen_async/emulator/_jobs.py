"""Jobs of every kind: their state is computed when asked, so ten thousand cost nothing."""

from __future__ import annotations

import math
import random
import uuid
from collections import defaultdict
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from heygen_async.emulator._openapi import read_data

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from heygen_async.emulator._openapi import Json
    from heygen_async.emulator._state import Backend

T = TypeVar("T")

PENDING_SHARE = 0.15
"""The part of a job's life that it spends ``pending``, before ``processing``."""


class Store(dict[str, T]):
    """Things by id, oldest first, each with a number that orders them for pages.

    A number is never given twice, so that a page's token stays good when rows come and go.
    """

    def __init__(self) -> None:
        super().__init__()
        self.numbers: dict[str, int] = {}
        self._count = count(1)

    def add(self, key: str, row: T) -> T:
        """Keep a new thing and return it."""
        self[key] = row
        self.numbers[key] = next(self._count)
        return row


@attrs.define(kw_only=True, frozen=True, eq=False)
class JobKind:
    """One kind of job: what it costs, how long it lasts, how it fails, what it is called.

    ``price`` is in credits. Only some prices are published: a motion on HeyGen (1 credit) and all
    of JoggAI's; the others are taken to be 1 too, so that a job submitted twice shows in the
    wallet. ``duration_factor`` is its median duration as a multiple of a video's; one that
    ``takes_slot`` counts against the limit of concurrent jobs; ids begin with ``prefix``.
    ``words`` are the statuses of single answers, and ``bulk_words`` those of bulk ones, where they
    differ from the emulator's own. ``result`` gives the fields of a completed job, and
    ``announce`` type and data of the event that tells of an end, None for: not yet.
    """

    name: str
    failure: tuple[str, str]
    page: str = ""
    vendor: str = "HeyGen"
    price: float = 1.0
    duration_factor: float = 1.0
    takes_slot: bool = False
    prefix: str = ""
    words: Mapping[str, str] = attrs.field(factory=dict)
    bulk_words: Mapping[str, str] = attrs.field(factory=dict)
    result: Callable[[Backend, RenderJob], Json] = lambda _backend, _job: {}
    announce: Callable[[Backend, RenderJob], tuple[str, Json] | None] | None = None


def job_kind(name: str, **behaviour: Any) -> JobKind:
    """Return the kind of job that ``page_facts.json`` has under a name."""
    facts = dict(read_data("page_facts")["kinds"][name])
    return JobKind(name=name, failure=tuple(facts.pop("failure")), **facts, **behaviour)


@attrs.define(kw_only=True)
class RenderJob:
    """One job of any kind: when it was created, when it ends and how, and what was asked.

    Times are seconds of the loop's clock. ``failure`` is the code and message it will fail
    with, or None. ``number`` counts jobs from 1 in order of creation. ``title`` may be changed.
    """

    id: str
    number: int
    created_at: float
    finished_at: float
    request: Json
    kind: JobKind
    failure: tuple[str, str] | None = None
    title: str | None = None

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


class JobStore:
    """All jobs by id, and the law that their durations and failures are drawn from.

    Who wants to hear of new jobs, and of jobs whose end has moved, adds itself to ``on_create``
    or ``on_change``.
    """

    def __init__(
        self, *, seed: int | None, median: float, sigma: float, failure_rate: float
    ) -> None:
        self.on_create: list[Callable[[RenderJob], None]] = []
        self.on_change: list[Callable[[RenderJob], None]] = []
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._law = median, sigma, failure_rate
        self._numbers = count(1)
        self._jobs: dict[str, RenderJob] = {}
        self._kinds: dict[str, Store[RenderJob]] = defaultdict(Store)

    @property
    def all(self) -> Mapping[str, RenderJob]:
        """A read-only view of the jobs by id, in order of creation."""
        return MappingProxyType(self._jobs)

    def of(self, kind: JobKind) -> Store[RenderJob]:
        """Return the jobs of one kind."""
        return self._kinds[kind.name]

    def create(
        self, request: Json, kind: JobKind, *, now: float, duration: float | None = None
    ) -> RenderJob:
        """Return a new job; without a *duration* one is drawn, log-normal around the median."""
        # both are drawn for each job, so that one seed gives the same jobs whatever is asked
        median, sigma, failure_rate = self._law
        drawn = self._random.lognormvariate(math.log(median * kind.duration_factor), sigma)
        failed = self._random.random() < failure_rate
        job = RenderJob(
            id=kind.prefix + uuid.uuid4().hex,
            number=next(self._numbers),
            created_at=now,
            finished_at=now + (drawn if duration is None else duration),
            request=request,
            kind=kind,
            failure=kind.failure if failed else None,
            title=request.get("title"),
        )
        self._jobs[job.id] = self._kinds[kind.name].add(job.id, job)
        for hear in self.on_create:
            hear(job)
        return job

    def changed(self, job: RenderJob) -> None:
        """Tell that what can be said of a job's end has changed."""
        for hear in self.on_change:
            hear(job)

    def delete(self, job: RenderJob) -> None:
        """Forget a job."""
        del self._jobs[job.id], self._kinds[job.kind.name][job.id]
