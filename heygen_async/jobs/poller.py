"""The one poller of a client: every waiting job, in as few status requests as will do.

Nothing runs while nobody waits, and there is no timer or task for a waiting job: one timer for
the next request that is due, one task for each request under way. What fails is looked at again,
and ends a wait only when it outlasts the policy's error budget.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import weakref
from typing import TYPE_CHECKING, Any, TypeAlias

from heygen_async.errors import HeyGenError, ResponseError, TransportError
from heygen_async.jobs.agenda import Agenda
from heygen_async.jobs.observer import Observer
from heygen_async.jobs.schedule import DurationModel
from heygen_async.jobs.watch import Watch
from heygen_async.models.statistics import Durations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from heygen_async.jobs.observer import Fetch, PollCounters
    from heygen_async.models.jobs import JobStatus
    from heygen_async.models.policies import PollPolicy, RetryPolicy
    from heygen_async.protocol.kinds import JobKind

Changes: TypeAlias = "asyncio.Queue[JobStatus | HeyGenError]"

logger = logging.getLogger("heygen_async.jobs")

MAX_STATUS_REQUESTS = 16
"""Status requests under way at once."""

MAX_DETAIL_REQUESTS = 32
"""Requests for the results of ended jobs under way at once."""


class Poller:
    """Looks at watched jobs until they end; started by the first waiter, stopped by the last."""

    def __init__(self, fetch: Fetch, policy: PollPolicy, retry: RetryPolicy) -> None:
        self._policy = policy
        self._agenda = Agenda(policy)
        self._observer = Observer(fetch, self._agenda, policy, retry)
        self._known: dict[JobKind[Any], weakref.WeakValueDictionary[str, Watch]] = {}
        self._models: dict[tuple[str, str], DurationModel] = {}
        self._status_tasks: set[asyncio.Task[None]] = set()
        self._detail_tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many jobs are being waited for."""
        return len(self._agenda)

    @property
    def counters(self) -> PollCounters:
        """What is counted of looks."""
        return self._observer.counters

    @property
    def lag(self) -> float:
        """The mean seconds from a job's end to its being noticed, of late."""
        lags = self._observer.lags
        return sum(lags) / len(lags) if lags else 0.0

    def durations(self) -> dict[str, Durations]:
        """Return what was learned of how long jobs take, by kind and variant."""
        return {
            "/".join(filter(None, names)): Durations(
                jobs=model.learned,
                p10=model.quantile(0.1),
                p50=model.quantile(0.5),
                p90=model.quantile(0.9),
            )
            for names, model in self._models.items()
        }

    def watch(
        self,
        kind: JobKind[Any],
        job_id: str,
        *,
        created_at: float,
        word: str,
        size: float | None = None,
        variant: str = "",
    ) -> Watch:
        """Return the watch of a job, the same for every handle on it; nothing is sent."""
        siblings = self._known.setdefault(kind, weakref.WeakValueDictionary())
        known = siblings.get(job_id)
        if known is None:
            model = self._models.get((kind.name, variant))
            if model is None:
                median = self._policy.typical_duration or kind.typical_duration
                model = self._models[kind.name, variant] = DurationModel(median)
            known = siblings[job_id] = Watch(
                kind,
                job_id,
                born=_now() - max(0.0, time.time() - created_at),
                created_at=int(created_at),
                status=kind.status(word),
                model=model,
                size=size,
            )
        return known

    def join(self, watch: Watch, deadline: float | None = None) -> asyncio.Future[None]:
        """Begin to wait; the future is done when the job has ended, or fails.

        It is the caller's own, and goes back by ``leave`` however the wait ends.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._join(watch, deadline)
        watch.waiters = (*watch.waiters, future)
        return future

    def leave(self, watch: Watch, future: asyncio.Future[None]) -> None:
        """End a wait that ``join`` began."""
        watch.waiters = tuple(other for other in watch.waiters if other is not future)
        self._leave(watch)

    @contextlib.contextmanager
    def changes(self, watch: Watch) -> Iterator[Changes]:
        """Give a queue of each change of status, and at last the terminal one or an error."""
        queue: Changes = asyncio.Queue()
        self._join(watch, None)
        watch.listeners = (*watch.listeners, queue)
        try:
            yield queue
        finally:
            watch.listeners = tuple(other for other in watch.listeners if other is not queue)
            self._leave(watch)

    async def look(self, watch: Watch) -> None:
        """Look at one job now; raises what goes wrong."""
        await self._observer.look(watch)

    async def aclose(self) -> None:
        """End every wait with an error, and leave no task behind."""
        self._closed = True
        for watch in self._agenda.waiting():
            self._observer.fail(watch, TransportError("the client was closed during the wait"))
        self._arm()
        tasks = self._status_tasks | self._detail_tasks
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _join(self, watch: Watch, deadline: float | None) -> None:
        if self._closed:
            raise TransportError("the client is closed", maybe_sent=False)
        if deadline is not None:
            earlier = watch.deadline is not None and _now() < watch.deadline < deadline
            watch.deadline = watch.deadline if earlier else deadline
        if watch not in self._agenda or (deadline is not None and watch.entry):
            self._agenda.resume(watch, _now())
            self._arm()

    def _leave(self, watch: Watch) -> None:
        if watch.deserted and watch in self._agenda:
            self._agenda.drop(watch)
            self._arm()

    def _arm(self) -> None:
        """Set the one timer to when the next request may go out."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        detail = self._agenda.next_detail()
        status = self._agenda.next_status()
        times = []
        if detail is not None and len(self._detail_tasks) < MAX_DETAIL_REQUESTS:
            times.append(detail)
        if status is not None and len(self._status_tasks) < MAX_STATUS_REQUESTS:
            times.append(status)
        if times:
            self._timer = asyncio.get_running_loop().call_at(min(times), self._tick)

    def _tick(self) -> None:
        """Start the requests that are due, then wait for the next."""
        now = _now()
        while len(self._detail_tasks) < MAX_DETAIL_REQUESTS:
            due = self._agenda.next_detail()
            if due is None or due > now:
                break
            self._observer.counters.details += 1
            self._start([self._agenda.take_detail()], self._detail_tasks)
        while len(self._status_tasks) < MAX_STATUS_REQUESTS:
            due = self._agenda.next_status()
            if due is None or due > now:
                break
            self._observer.counters.polls += 1
            self._start(self._agenda.take_status(now), self._status_tasks)
        self._arm()

    def _start(self, batch: Sequence[Watch], tasks: set[asyncio.Task[None]]) -> None:
        """Look at ``batch`` in a task; a bug there ends the waits, it does not hang them."""
        task = asyncio.get_running_loop().create_task(self._observer.ask(batch))
        tasks.add(task)

        def done(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            if not task.cancelled() and (bug := task.exception()) is not None:
                logger.warning("a look at %d jobs ended in a bug", len(batch), exc_info=bug)
                for watch in batch:
                    self._observer.fail(watch, ResponseError(f"internal error: {bug!r}"))
            self._arm()

        task.add_done_callback(done)


def _now() -> float:
    return asyncio.get_running_loop().time()
