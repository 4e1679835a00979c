"""Virtual time: the library's own scheduler on simulated jobs, and rivals' loops on the same.

There is no event loop and no network. A request takes ``latency`` seconds and shows the job as
it is half-way. What the poller does beside asking its scheduler is re-stated in
``SimulatedClient``: how many requests run at once, and that a bulk row which says "ended" costs a
detail request, while a look at a single job returns the detail at once.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, cast

import attrs

from heygen_async.jobs.poller import MAX_DETAIL_REQUESTS, MAX_STATUS_REQUESTS
from heygen_async.jobs.schedule import DurationModel
from heygen_async.jobs.scheduler import PollScheduler
from heygen_async.jobs.tracked import TrackedJob
from heygen_async.protocol.heygen.videos import VIDEO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.durations import LogNormal
    from benchmarks.rivals import Rival
    from heygen_async.models.policies import PollPolicy

LATENCY = 0.1
SUBMISSION_WINDOW = 10.0
"""All jobs are submitted at random moments of the first ten seconds."""

_RUNNING = "processing"


@attrs.define
class Tally:
    """What simulated jobs cost, and how late each was noticed."""

    lags: list[float] = attrs.field(factory=list)
    status: int = 0
    details: int = 0
    given_up: int = 0
    seconds: Counter[int] = attrs.field(factory=Counter)
    highest: int = 0  # of the rounds before

    @property
    def status_per_job(self) -> float:
        """Status requests per job."""
        return self.status / len(self.lags)

    @property
    def requests_per_job(self) -> float:
        """All requests per job."""
        return (self.status + self.details) / len(self.lags)

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

    __slots__ = ("ends",)

    ends: float


class SimulatedClient:
    """A client's poller without its loop; it lives on from one round of jobs to the next."""

    def __init__(
        self, policy: PollPolicy, luck: Random, *, learns: bool = True, latency: float = LATENCY
    ) -> None:
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
        self._answers: list[tuple[float, int, bool, Sequence[SimulatedJob]]] = []
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
        job.ends = start + duration
        self._scheduler.resume(job, now)

    def _ask(self, now: float) -> None:
        while batch := self._scheduler.take(now, **self._room()):
            detail = batch[0].fetch_result
            self.tally.details += detail
            self.tally.status += not detail
            self._send(now, batch, detail=detail)

    def _send(self, now: float, batch: Sequence[TrackedJob], *, detail: bool) -> None:
        self._asking[detail] += 1
        self.tally.seconds[int(now)] += 1
        known = cast("Sequence[SimulatedJob]", batch)
        heapq.heappush(self._answers, (now + self._latency, next(self._tickets), detail, known))

    def _answer(self, now: float) -> None:
        at, _, detail, batch = heapq.heappop(self._answers)
        self._asking[detail] -= 1
        for job in batch:
            ended = job.ends <= at - self._latency / 2
            if ended and len(batch) == 1:
                self._end(job, now)
            else:
                delay = job.see_word("completed" if ended else _RUNNING, now)
                self._scheduler.queue(job, now, delay)

    def _end(self, job: SimulatedJob, now: float) -> None:
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
) -> Tally:
    """Wait for at least ``jobs`` jobs, ``together`` at a time, in rounds.

    A client that ``learns`` does so through all rounds; else nothing is ever learned. It comes
    ``since`` seconds late: what was submitted before, it attaches to then.
    """
    luck = Random(seed)
    rounds = math.ceil(jobs / together)
    durations = law.sample(rounds * together, luck)
    client = SimulatedClient(policy, luck, learns=learns, latency=latency)
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
