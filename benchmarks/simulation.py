"""Virtual time: the library's own scheduler on simulated jobs, and rivals' loops on the same.

There is no event loop and no network. A request takes ``latency`` seconds and shows the job as
it is half-way. What the poller does beside asking its scheduler is re-stated in
``SimulatedClient``: how many requests run at once, that a bulk row which says "ended" costs a
detail request, and that a look at a single job, or at a page of the list, returns the detail at
once. The list has the newest first; a token says after which one a page begins.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, cast

import attrs

from heygen_async.jobs.pages import NOT_LISTED, PAGE_SIZE
from heygen_async.jobs.poller import MAX_DETAIL_REQUESTS, MAX_STATUS_REQUESTS
from heygen_async.jobs.schedule import DurationModel
from heygen_async.jobs.scheduler import PollScheduler
from heygen_async.jobs.tracked import TrackedJob
from heygen_async.protocol.heygen.videos import VIDEO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.durations import LogNormal
    from benchmarks.rivals import Rival
    from heygen_async.jobs.pages import Place
    from heygen_async.models.policies import PollPolicy

LATENCY = 0.1
SUBMISSION_WINDOW = 10.0
"""All jobs are submitted at random moments of the first ten seconds."""

_RUNNING = "processing"
NO_PAGE = NOT_LISTED


@attrs.define
class Tally:
    """What simulated jobs cost, and how late each was noticed."""

    lags: list[float] = attrs.field(factory=list)
    status: int = 0
    details: int = 0
    pages: int = 0
    given_up: int = 0
    seconds: Counter[int] = attrs.field(factory=Counter)
    highest: int = 0  # of the rounds before

    @property
    def status_per_job(self) -> float:
        """Status requests and pages of the list per job."""
        return (self.status + self.pages) / len(self.lags)

    @property
    def requests_per_job(self) -> float:
        """All requests per job."""
        return (self.status + self.pages + self.details) / len(self.lags)

    @property
    def mean_lag(self) -> float:
        """The mean time from a job's end to its result, in seconds."""
        return math.fsum(self.lags) / len(self.lags)

    @property
    def p99_lag(self) -> float:
        """The lag that 99 of 100 jobs stay below, in seconds."""
        return sorted(self.lags)[math.ceil(len(self.lags) * 0.99) - 1]

    @property
    def peak(self) -> int:
        """The requests of the busiest second."""
        return max(self.highest, max(self.seconds.values(), default=0))

    def next_round(self) -> None:
        """Begin to count the seconds anew."""
        self.highest = self.peak
        self.seconds.clear()


class SimulatedJob(TrackedJob):
    """A job that knows when it ends."""

    __slots__ = ("ends", "number")

    ends: float
    number: int  # in the list, from 0 for the oldest


class SimulatedClient:
    """A client's poller without its loop; it lives on from one round of jobs to the next."""

    def __init__(
        self,
        policy: PollPolicy,
        luck: Random,
        *,
        learns: bool = True,
        latency: float = LATENCY,
        pages: bool = True,
    ) -> None:
        self._pages = pages
        self._waiting: set[SimulatedJob] = set()
        self.tally = Tally()
        self._policy = policy
        self._luck = luck
        self._learns = learns
        self._latency = latency
        self._model = DurationModel(policy.typical_duration or VIDEO.typical_duration)
        self._tickets = itertools.count()

    def round(
        self, starts: Iterable[float], durations: Iterable[float], *, since: float = 0.0
    ) -> None:
        """Wait for jobs that were submitted at ``starts``, from ``since`` until all have ended."""
        self._since = since
        self._scheduler = PollScheduler(self._policy, self._luck.random)
        self._answers: list[tuple[float, int, bool, Place, Sequence[SimulatedJob]]] = []
        self._list: list[SimulatedJob] = []
        self._asking = {True: 0, False: 0}  # requests under way: details, status
        jobs = sorted(zip(starts, durations, strict=True), reverse=True)
        while jobs or self._answers or len(self._scheduler):
            now = max(since, min(jobs[-1][0] if jobs else math.inf, self._next_event()))
            while jobs and jobs[-1][0] <= now:
                self._join(now, *jobs.pop())
            while self._answers and self._answers[0][0] <= now:
                self._answer(now)
            self._ask(now)
        self.tally.next_round()

    def _next_event(self) -> float:
        times = [self._answers[0][0]] if self._answers else []
        due = self._scheduler.next_due(**self._room())
        return min([*times, math.inf if due is None else due])

    def _room(self) -> dict[str, bool]:
        return {
            "results": self._asking[True] < MAX_DETAIL_REQUESTS,
            "statuses": self._asking[False] < MAX_STATUS_REQUESTS,
        }

    def _join(self, now: float, start: float, duration: float) -> None:
        job = SimulatedJob(
            VIDEO, "", self._policy, self._model, born=start, created_at=0, word=_RUNNING
        )
        job.ends, job.number = start + duration, len(self._list)
        self._list.append(job)
        self._waiting.add(job)
        self._scheduler.resume(job, now)

    def _ask(self, now: float) -> None:
        while True:
            if self._pages and (page := self._scheduler.take_page(now, **self._room())):
                self.tally.pages += 1
                self._send(now, page[1], detail=False, place=page[0])
            elif batch := self._scheduler.take(now, **self._room()):
                detail = batch[0].fetch_result
                self.tally.details += detail
                self.tally.status += not detail
                self._send(now, batch, detail=detail)
            else:
                return

    def _send(
        self, now: float, batch: Sequence[TrackedJob], *, detail: bool, place: Place = NO_PAGE
    ) -> None:
        self._asking[detail] += 1
        self.tally.seconds[int(now)] += 1
        known = cast("Sequence[SimulatedJob]", batch)
        answer = now + self._latency, next(self._tickets), detail, place, known
        heapq.heappush(self._answers, answer)

    def _show(self, now: float, place: Place, batch: Sequence[SimulatedJob], at: float) -> None:
        """Answer with a page of the list."""
        before = len(self._list) if place is None else int(place)
        rows = self._list[max(0, before - PAGE_SIZE) : before]
        then = str(before - PAGE_SIZE) if before > PAGE_SIZE else None
        found = [job for job in rows if job in self._waiting]
        pages = self._scheduler.pages(VIDEO)
        pages.see(place, then, found, batch, now)
        for job in found:
            if job.ends <= at - self._latency / 2:
                self._end(job, now)
            else:
                self._scheduler.queue(job, now, job.see_word(_RUNNING, now))
        pages.learn(rows=len(found), ends=sum(job not in self._waiting for job in found))
        for job in batch:
            if job not in found:
                self._scheduler.queue(job, now, 0.0)

    def _answer(self, now: float) -> None:
        at, _, detail, place, batch = heapq.heappop(self._answers)
        self._asking[detail] -= 1
        if place != NO_PAGE:
            self._show(now, place, batch, at)
            return
        if not detail:
            ended = sum(job.ends <= at - self._latency / 2 for job in batch)
            self._scheduler.pages(VIDEO).learn(rows=len(batch), ends=ended)
        for job in batch:
            ended = job.ends <= at - self._latency / 2
            if ended and len(batch) == 1:
                self._end(job, now)
            else:
                delay = job.see_word("completed" if ended else _RUNNING, now)
                self._scheduler.queue(job, now, delay)

    def _end(self, job: SimulatedJob, now: float) -> None:
        if job not in self._waiting:  # two requests have told of its end
            return
        self._waiting.remove(job)
        job.taken()  # it may be queued as well, where a page has told of it
        self._scheduler.drop(job)
        self.tally.lags.append(now - max(job.ends, self._since))
        if self._learns:
            self._model.learn(job.ends - job.born, job.size)


def simulate(
    policy: PollPolicy,
    law: LogNormal,
    *,
    together: int,
    jobs: int,
    learns: bool = True,
    latency: float = LATENCY,
    since: float = 0.0,
    seed: int = 1,
    pages: bool = True,
) -> Tally:
    """Wait for at least ``jobs`` jobs, ``together`` at a time, in rounds.

    A client that ``learns`` does so through all rounds; else nothing is ever learned. It comes
    ``since`` seconds late: what was submitted before, it attaches to then. Without ``pages`` it
    asks for statuses and results alone.
    """
    luck = Random(seed)
    rounds = math.ceil(jobs / together)
    durations = law.sample(rounds * together, luck)
    client = SimulatedClient(policy, luck, learns=learns, latency=latency, pages=pages)
    for begin in range(0, len(durations), together):
        starts = [luck.uniform(0, SUBMISSION_WINDOW) for _ in range(together)]
        client.round(starts, durations[begin : begin + together], since=since)
    return client.tally


def simulate_rival(
    rival: Rival, law: LogNormal, *, jobs: int, latency: float = LATENCY, seed: int = 1
) -> Tally:
    """Let each of ``jobs`` jobs, submitted like ours, be polled by a loop of its own.

    Jobs that outlast the rival's own deadline are counted, and polled on.
    """
    luck = Random(seed)
    tally = Tally()
    for duration in law.sample(jobs, luck):
        start = luck.uniform(0, SUBMISSION_WINDOW)
        ends = start + duration
        tally.given_up += rival.deadline is not None and duration > rival.deadline
        delays = rival.delays(luck)
        now = start + rival.first(luck)
        while True:
            tally.status += 1
            tally.seconds[int(now)] += 1
            seen = now + latency / 2
            if seen >= ends:
                break
            now += latency + next(delays)
        tally.lags.append(now + latency - ends)
    return tally
