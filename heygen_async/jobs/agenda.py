"""What to ask next: the waiting jobs by due time, within the request budget; no clock, no I/O."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

from heygen_async.jobs.schedule import next_delay
from heygen_async.jobs.watch import Watch, WatchQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from heygen_async.models.policies import PollPolicy
    from heygen_async.protocol.kinds import JobKind

_SHORTEST = 0.01  # seconds between looks, for the books
_OVERDUE = 1.28  # sigmas: nine of ten jobs have ended by then
_EVENTS_MISSED = 2.0  # so many events, expected and not heard, are a reason to look
_REFUSED = 60.0  # seconds for which a refused bulk status is done without; twice as long if again
_REFUSED_LONGEST = 3600.0
_LAST_LOOK = 1.0  # seconds before a caller's deadline, for the answer to arrive in time


class Agenda:
    """Three sorts of queues: bulk status by kind, single status, and details of ended jobs.

    Status requests share the budget ``PollPolicy.max_requests_per_second``; details do not, for
    each is needed once. When all jobs together ask for more than the budget, every delay is
    stretched by the same factor, which is how the expected lag of all is least.
    """

    def __init__(self, policy: PollPolicy, spread: Callable[[], float] = random.random) -> None:
        self._policy = policy
        self._spread = spread
        self._bulk: dict[JobKind[Any], WatchQueue] = {}
        self._single = WatchQueue()
        self._details = WatchQueue()
        self._refused: dict[JobKind[Any], tuple[float, float]] = {}  # until when, for how long
        self._heard: dict[JobKind[Any], float] = {}  # of kinds whose events are relied on
        self._waiting: set[Watch] = set()
        self._demand = 0.0  # status requests per second that all watches are planned for
        self._next_request = 0.0
        self._paused_until = 0.0

    def __contains__(self, watch: Watch) -> bool:
        return watch in self._waiting

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting(self) -> list[Watch]:
        """Return all jobs that somebody waits for."""
        return list(self._waiting)

    def plan(self, watch: Watch, now: float) -> None:
        """Queue the next look where the schedule puts it."""
        delay = self._delay(watch, now - watch.born)
        self._book(watch, delay, now)
        self.queue(watch, now, delay)

    def resume(self, watch: Watch, now: float) -> None:
        """Queue a job that somebody begins to wait for; a look that was due is not put off.

        The first look is due at the same age whenever the wait begins: at an old job at once.
        """
        if watch.due is None:
            first = self._policy.first_poll
            watch.due = watch.born + (self._delay(watch, 0.0) if first is None else first)
        self._book(watch, self._delay(watch, now - watch.born), now)
        self.queue(watch, now, max(0.0, watch.due - now))

    def queue(self, watch: Watch, now: float, delay: float) -> None:
        """Queue the next look for ``delay`` seconds from now, or just before the deadline."""
        if watch not in self._waiting:
            self._waiting.add(watch)
            watch.model.running += 1
        due = now + delay
        if watch.deadline is not None and now < watch.deadline < due + _LAST_LOOK:
            due = min(due, watch.deadline - min(_LAST_LOOK, (watch.deadline - now) / 2))
            watch.deadline = None  # this is its last look
        if watch.fetch_detail:
            self._details.push(watch, due)
        elif self._alone(watch, now):
            self._single.push(watch, due)
        else:
            self._bulk.setdefault(watch.kind, WatchQueue()).push(watch, due)

    def drop(self, watch: Watch) -> None:
        """Take a job out: nobody waits for it, or it has ended."""
        if watch in self._waiting:
            self._waiting.discard(watch)
            watch.model.running -= 1
        self._demand = max(0.0, self._demand - watch.rate)
        watch.rate = 0.0
        watch.entry = 0
        watch.deadline = None
        watch.unknown_since = None
        watch.calm()

    def pause(self, until: float) -> None:
        """Let nothing go out before ``until``: the server asked for it."""
        self._paused_until = max(self._paused_until, until)

    def refuse_bulk(self, kind: JobKind[Any], now: float) -> bool:
        """Look at jobs of ``kind`` one by one for a while; tell whether that is news.

        A hiccup may look like a refusal, so the bulk status is tried again: see ``take_status``.
        """
        until, pause = self._refused.get(kind, (-math.inf, 0.0))
        if now < until:
            return False  # another request that was under way
        again = min(max(2 * pause, _REFUSED), _REFUSED_LONGEST)
        self._refused[kind] = (now + again, again)
        waiting = self._bulk.pop(kind, WatchQueue())
        while batch := waiting.pop(kind.statuses_limit):
            for watch in batch:
                self.resume(watch, now)
        return pause == 0.0

    def accept_bulk(self, kind: JobKind[Any]) -> bool:
        """Note that the bulk status of ``kind`` serves; tell whether that is news."""
        return self._refused.pop(kind, None) is not None

    def announces(self, kind: JobKind[Any]) -> bool:
        """Tell whether events are relied on to tell of the ends of such jobs."""
        return kind in self._heard

    def rely_on_events(self, kind: JobKind[Any], now: float, *, rely: bool) -> None:
        """Look at jobs of ``kind`` only when they are overdue, or by the schedule again."""
        if rely:
            self._heard[kind] = now
        elif self._heard.pop(kind, None) is not None:
            for watch in self._waiting:
                if watch.kind is kind and watch.entry and not watch.fetch_detail:
                    self.plan(watch, now)

    def next_detail(self) -> float | None:
        """Return when a detail may be fetched next, None if none is wanted."""
        due = self._details.due()
        return None if due is None else max(due, self._paused_until)

    def next_status(self) -> float | None:
        """Return when a status request may go out next, None if none is wanted."""
        due = self._first()[0]
        return None if due is None else max(due, self._paused_until, self._next_request)

    def take_detail(self) -> Watch:
        """Take out the job whose detail is due first."""
        return self._details.pop(1)[0]

    def take_status(self, now: float) -> Sequence[Watch]:
        """Take out the jobs for one status request: the first due and its next of kin."""
        self._next_request = now + 1 / self._policy.max_requests_per_second
        _, kind = self._first()
        if kind is None and self._refused:
            kind = self._try_bulk(now)
        if kind in self._heard:
            self._heard[kind] = now
        return self._single.pop(1) if kind is None else self._bulk[kind].pop(kind.statuses_limit)

    def _try_bulk(self, now: float) -> JobKind[Any] | None:
        """If the first single look need be none any more, queue all of its kind for the bulk."""
        first = self._single.first()
        if first is None or first.kind not in self._refused or self._alone(first, now):
            return None
        for watch in list(self._waiting):
            if watch.kind is first.kind and watch.entry and not watch.fetch_detail:
                # Their looks may have been stretched far apart; together they need not be.
                due = watch.due
                self.plan(watch, now)
                if due is not None and watch.due is not None and due < watch.due:
                    self.queue(watch, now, max(0.0, due - now))
        return first.kind

    def _delay(self, watch: Watch, age: float) -> float:
        median, sigma = watch.model.expect(watch.size), watch.model.sigma
        delay = next_delay(
            self._policy,
            age=age,
            median=median,
            sigma=sigma,
            spread=self._spread(),
            stretch=self._stretch(),
        )
        if watch.kind in self._heard:
            overdue = median * math.exp(_OVERDUE * sigma)
            return max(delay, overdue - age, self._policy.max_interval)
        return delay

    def _first(self) -> tuple[float | None, JobKind[Any] | None]:
        """Return when the first status request is due, and its kind (None for a single look)."""
        best, best_kind = self._single.due(), None
        for kind, queue in self._bulk.items():
            due = queue.due()
            if due is not None and kind in self._heard:
                due = min(due, self._heard[kind] + self._silence(queue))
            if due is not None and (best is None or due < best):
                best, best_kind = due, kind
        return best, best_kind

    def _silence(self, queue: WatchQueue) -> float:
        """Return how long no event is odd, in seconds, when so many jobs run.

        Then some are looked at, overdue or not: one request for a hundred tells as much.
        """
        first = queue.first()
        assert first is not None  # noqa: S101 - asked of queues that hold some
        usual = first.model.expect(None) / max(1, first.model.running)
        return max(_EVENTS_MISSED * usual, 2 * self._policy.interval)

    def _alone(self, watch: Watch, now: float) -> bool:
        if watch.solo or not watch.kind.statuses_limit:
            return True
        refused = self._refused.get(watch.kind)
        return refused is not None and now < refused[0]

    def _stretch(self) -> float:
        return max(1.0, self._demand / self._policy.max_requests_per_second)

    def _book(self, watch: Watch, delay: float, now: float) -> None:
        """Take note of the requests per second that looks every ``delay`` seconds ask for."""
        places = 1 if self._alone(watch, now) else watch.kind.statuses_limit
        rate = self._stretch() / max(delay, _SHORTEST) / places
        self._demand = max(0.0, self._demand - watch.rate + rate)
        watch.rate = rate
