"""``PollScheduler``: which jobs to ask for next, and when; pure, without a loop or a clock."""

from __future__ import annotations

import heapq
import math
import random
from typing import TYPE_CHECKING, Any

from heygen_async.jobs.pages import ListPages
from heygen_async.jobs.schedule import next_delay
from heygen_async.models.jobs import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from heygen_async.jobs.pages import Place
    from heygen_async.jobs.tracked import TrackedJob
    from heygen_async.models.policies import PollPolicy
    from heygen_async.protocol.kinds import JobKind

TRUSTED_AFTER = 3
"""How many jobs of a kind have to be announced in a row before webhooks are relied on."""

_ON_ITS_WAY = 10.0  # seconds that an event may take
_OVERDUE = 1.28  # sigmas: nine of ten jobs have ended by then
_EVENTS_MISSED = 2.0  # so many events, expected and not received, are a reason to ask
_REFUSED = 60.0  # seconds for which a refused bulk status is done without; twice as long if again
_REFUSED_LONGEST = 3600.0
_SHORTEST = 0.01  # seconds between requests for one job that the demand is counted with


class PollQueue:
    """Tracked jobs by due time; O(log n) to add, and leaving costs nothing."""

    __slots__ = ("_heap",)

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, TrackedJob]] = []

    def push(self, job: TrackedJob, due: float) -> None:
        """Queue ``job`` under its present ticket; places under older ones are void."""
        heapq.heappush(self._heap, (due, job.ticket, job))

    def first(self) -> tuple[float, TrackedJob] | None:
        """Return when the first one is due, and the job, None if there is none."""
        heap = self._heap
        # To remove a job from the middle of a heap is slow, so void places are passed over here.
        while heap and heap[0][2].ticket != heap[0][1]:
            heapq.heappop(heap)
        return (heap[0][0], heap[0][2]) if heap else None

    def pop(self, limit: int) -> list[TrackedJob]:
        """Take out up to ``limit`` jobs, the first due first."""
        taken: list[TrackedJob] = []
        while len(taken) < limit and self.first() is not None:
            job = heapq.heappop(self._heap)[2]
            job.taken()
            taken.append(job)
        return taken


class PollScheduler:
    """All jobs that are waited for, each in a queue for what is to be asked next.

    There is one queue for the bulk status of each kind, one for jobs that are asked for one by
    one, and one for the results of ended jobs.

    Status requests share the budget ``PollPolicy.max_requests_per_second``; results do not, for
    each is needed once. When all jobs together ask for more than the budget, every delay is
    ``slowdown`` times as long, which is how the expected lag of all is least.

    It learns as well, kind by kind, whether the bulk status serves, and from the jobs that end
    whether their webhooks can be relied on; then such jobs are asked for only when overdue.
    """

    def __init__(self, policy: PollPolicy, jitter: Callable[[], float] = random.random) -> None:
        self._policy = policy
        self._jitter = jitter
        self._bulk: dict[JobKind[Any], PollQueue] = {}
        self._single = PollQueue()
        self._results = PollQueue()
        # Who is waited for, with the status requests per second that each is planned for.
        self._rates: dict[TrackedJob, float] = {}
        self._demand = 0.0  # the sum of these rates
        self._pages: dict[JobKind[Any], ListPages] = {}
        self._refused_until: dict[JobKind[Any], float] = {}
        self._refused_for: dict[JobKind[Any], float] = {}  # seconds
        self._in_a_row: dict[JobKind[Any], int] = {}  # jobs that ended after their signed event
        # Kinds of which webhooks tell the ends, with the time of the last request for one.
        self.relied_on: dict[JobKind[Any], float] = {}
        self._next_request = 0.0
        self._paused_until = 0.0

    def __len__(self) -> int:
        return len(self._rates)

    def waiting(self) -> list[TrackedJob]:
        """Return all jobs that somebody waits for."""
        return list(self._rates)

    def resume(self, job: TrackedJob, now: float) -> None:
        """Queue a job that somebody begins to wait for; a request that was due is not put off.

        The first one is due at the same age whenever the wait begins: of an old job at once.
        """
        if job in self._rates and (job.deadline is None or not job.ticket):
            return  # it has its place, or gets one with the answer that is under way
        begins, due = job not in self._rates, job.due
        if due is None:
            first = self._policy.first_poll
            due = job.born + (self._plan(job, now, 0.0) if first is None else first)
        self._plan(job, now, now - job.born)
        if begins:  # after the plan, which is made by what the others are known to take
            job.model.running += 1
            self.pages(job.kind).add(job)
        self.queue(job, now, max(0.0, due - now))

    def queue(self, job: TrackedJob, now: float, delay: float | None = None) -> None:
        """Queue the next request for a job, if somebody waits for it.

        That is after ``delay`` seconds, or without one where the schedule puts it.
        """
        if job not in self._rates:
            return
        due = job.queued(now, self._plan(job, now, now - job.born) if delay is None else delay)
        if job.fetch_result:
            self._results.push(job, due)
        elif job.alone or now < self._refused_until.get(job.kind, 0.0):
            self._single.push(job, due)
        else:
            if job.kind not in self._bulk:
                self._bulk[job.kind] = PollQueue()
            self._bulk[job.kind].push(job, due)

    def drop(self, job: TrackedJob) -> None:
        """Ask for a job no more: nobody waits for it, or it has ended."""
        if job in self._rates:
            self._demand = max(0.0, self._demand - self._rates.pop(job))
            job.model.running -= 1
            self.pages(job.kind).remove(job)

    def ended(self, job: TrackedJob, now: float) -> float | None:
        """Drop a job that has ended and learn from it; return how late its end was noticed.

        That is in seconds, None if it is not known or the job has failed.
        """
        assert job.snapshot is not None  # noqa: S101 - it has ended
        age, told, took = now - job.born, job.snapshot.duration, job.took
        late = None if took is None else max(0.0, age - took)
        # One job without its (signed) event is enough to ask for all of its kind by the schedule
        # again; but one that was noticed just after its end may have been ahead of its event.
        ahead = told is not None and age - told < _ON_ITS_WAY
        if job.notified or not ahead:
            in_a_row = self._in_a_row.get(job.kind, 0) + 1 if job.notified else 0
            self._in_a_row[job.kind] = in_a_row
            if in_a_row >= TRUSTED_AFTER:
                self.relied_on[job.kind] = now
            elif self.relied_on.pop(job.kind, None) is not None:
                for other in self._in_queue(job.kind):
                    self.queue(other, now)
        if job.status.state is State.FAILED:  # its duration says nothing about the others'
            late = None
        elif took is not None:
            job.model.learn(took, job.size)
        self.drop(job)
        return late

    def pause(self, until: float) -> None:
        """Let nothing go out before ``until``: the server asked for it."""
        self._paused_until = max(self._paused_until, until)

    def refuse_bulk(self, kind: JobKind[Any], now: float) -> bool:
        """Ask for jobs of ``kind`` one by one for a while; tell whether that is news.

        A hiccup may look like a refusal, so the bulk status is tried again: see ``take``.
        """
        if now < self._refused_until.get(kind, 0.0):
            return False  # another request that was under way
        before = self._refused_for.get(kind, 0.0)
        self._refused_for[kind] = min(max(2 * before, _REFUSED), _REFUSED_LONGEST)
        self._refused_until[kind] = now + self._refused_for[kind]
        for job in self._in_queue(kind):  # at their times, but each asks for a whole request now
            due = job.due or now
            self._plan(job, now, now - job.born)
            self.queue(job, now, max(0.0, due - now))
        return before == 0.0

    def accept_bulk(self, kind: JobKind[Any]) -> bool:
        """Note that the bulk status of ``kind`` serves; tell whether that is news."""
        self._refused_until.pop(kind, None)
        return self._refused_for.pop(kind, None) is not None

    def next_due(self, *, results: bool = True, statuses: bool = True) -> float | None:
        """Return when the next request of these sorts may go out, None if there is none."""
        dues = []
        if results and (first := self._results.first()) is not None:
            dues.append(first[0])
        if statuses and (best := self._first_status()) is not None:
            dues.append(max(best[0], self._next_request))
        return max(min(dues), self._paused_until) if dues else None

    def pages(self, kind: JobKind[Any]) -> ListPages:
        """Return what is known of the pages of a kind's list."""
        found = self._pages.get(kind)
        if found is None:
            found = self._pages[kind] = ListPages()
        return found

    def take_page(
        self, now: float, *, results: bool = True, statuses: bool = True
    ) -> tuple[Place, Sequence[TrackedJob]] | None:
        """Take out the jobs of a page of their list, if that does more than what is due."""
        if now < self._paused_until:
            return None
        first = self._results.first() if results else None
        is_result = first is not None and first[0] <= now
        if first is None or not is_result:
            best = self._first_status() if statuses and now >= self._next_request else None
            if best is None or best[0] > now:
                return None
            first, in_bulk = best[:2], best[2]
        job = first[1]
        if not job.kind.lists:
            return None
        pages = self.pages(job.kind)
        bulk = 1 if is_result or not in_bulk else min(job.kind.statuses_limit, pages.waiting)
        chosen = pages.choose(job, now, bulk, max(0.0, now - first[0]))
        if chosen is not None:
            if not is_result:
                self._next_request = now + 1 / self._policy.max_requests_per_second
                if job.kind in self.relied_on:
                    self.relied_on[job.kind] = now
            for each in chosen[1]:
                each.taken()
        return chosen

    def take(
        self, now: float, *, results: bool = True, statuses: bool = True
    ) -> Sequence[TrackedJob]:
        """Take out the jobs for one request that may go out now, none if nothing is due.

        That is one job whose result is due (``fetch_result``), or those for a status request: the
        first due, and others of its kind. A place in a bulk request costs nothing, so it is filled
        up with jobs that are not due yet.
        """
        if now < self._paused_until:
            return ()
        if results and (first := self._results.first()) is not None and first[0] <= now:
            return self._results.pop(1)
        best = self._first_status() if statuses and now >= self._next_request else None
        if best is None or best[0] > now:
            return ()
        self._next_request = now + 1 / self._policy.max_requests_per_second
        _, job, bulk = best
        if not bulk and not job.alone and now >= self._refused_until.get(job.kind, math.inf):
            self._try_bulk(job.kind, now)
            bulk = True
        if not bulk:
            return self._single.pop(1)
        if job.kind in self.relied_on:
            self.relied_on[job.kind] = now
        return self._bulk[job.kind].pop(job.kind.statuses_limit)

    def _try_bulk(self, kind: JobKind[Any], now: float) -> None:
        """Queue the jobs of ``kind`` for the bulk status again: its refusal is some time ago."""
        for job in self._in_queue(kind):
            # Their requests may have been slowed down; together they need not be.
            due = job.due
            self.queue(job, now)
            if due is not None and job.due is not None and due < job.due:
                self.queue(job, now, max(0.0, due - now))

    def _in_queue(self, kind: JobKind[Any]) -> list[TrackedJob]:
        """Return the jobs of ``kind`` whose status is to be asked for, and is not just now."""
        return [
            job for job in self._rates if job.kind is kind and job.ticket and not job.fetch_result
        ]

    def _first_status(self) -> tuple[float, TrackedJob, bool] | None:
        """Return when the first status request is due, for which job, and whether in bulk."""
        first = self._single.first()
        best = None if first is None else (*first, False)
        for kind, queue in self._bulk.items():
            first = queue.first()
            if first is None:
                continue
            due, job = first
            if kind in self.relied_on:
                # Silence for longer than is usual when so many jobs run is odd. Then some are
                # asked for, overdue or not: one request for a hundred tells as much.
                usual = job.model.expect(None)[0] / max(1, job.model.running)
                silence = max(_EVENTS_MISSED * usual, 2 * self._policy.interval)
                due = min(due, self.relied_on[kind] + silence)
            if best is None or due < best[0]:
                best = (due, job, True)
        return best

    def _plan(self, job: TrackedJob, now: float, age: float) -> float:
        """Return the delay after ``age`` by the schedule, and count what it asks of the budget."""
        slowdown = max(1.0, self._demand / self._policy.max_requests_per_second)
        median, sigma = job.model.expect(job.size)
        delay = next_delay(
            self._policy,
            age=age,
            median=median,
            sigma=sigma,
            random=self._jitter(),
            slowdown=slowdown,
        )
        if job.kind in self.relied_on:
            overdue = median * math.exp(_OVERDUE * sigma)
            delay = max(delay, overdue - age, self._policy.max_interval)
        alone = job.alone or now < self._refused_until.get(job.kind, 0.0)
        # What the job asks for without the slowdown, or the demand would follow its own answer.
        rate = slowdown / max(delay, _SHORTEST) / (1 if alone else job.kind.statuses_limit)
        self._demand = max(0.0, self._demand - self._rates.get(job, 0.0) + rate)
        self._rates[job] = rate
        return delay
