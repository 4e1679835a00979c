"""The one poller of a client: every waiting job, in as few status requests as will do.

Nothing runs while nobody waits, and there is no timer or task for a waiting job: one timer for
the next request that is due, one task for each request under way. What fails is looked at again,
and ends a wait only when it outlasts the policy's error budget.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
import weakref
from typing import TYPE_CHECKING, Any, TypeAlias

from heygen_async.errors import HeyGenError, ResponseError, TransportError
from heygen_async.jobs.agenda import Agenda
from heygen_async.jobs.announcements import Announcements
from heygen_async.jobs.observer import Observer
from heygen_async.jobs.schedule import DurationModel
from heygen_async.jobs.watch import Watch
from heygen_async.models.statistics import Durations
from heygen_async.transport.loops import LoopBinding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence

    from heygen_async.jobs.observer import Fetch, PollCounters
    from heygen_async.models.jobs import JobStatus
    from heygen_async.models.policies import PollPolicy, RetryPolicy
    from heygen_async.models.telemetry import Event
    from heygen_async.protocol.kinds import JobKind

History: TypeAlias = "Callable[[], AsyncIterator[tuple[str, tuple[Sequence[str], str] | None]]]"
"""The events that were delivered, newest first: each its id, and the job it speaks of."""

Changes: TypeAlias = "asyncio.Queue[JobStatus | HeyGenError]"

logger = logging.getLogger("heygen_async.jobs")

MAX_STATUS_REQUESTS = 16
"""Status requests under way at once."""

HEAD_START = 0.5
"""Seconds by which the history of events is read before jobs are looked at."""

MAX_DETAIL_REQUESTS = 32
"""Requests for the results of ended jobs under way at once."""


class Poller:
    """Looks at watched jobs until they end; started by the first waiter, stopped by the last."""

    def __init__(
        self,
        fetch: Fetch,
        policy: PollPolicy,
        retry: RetryPolicy,
        history: History | None = None,
        emit: Callable[[Event], None] | None = None,
        *,
        loop: LoopBinding | None = None,
    ) -> None:
        self._loop = loop or LoopBinding("poller")
        self._policy = policy
        self._agenda = Agenda(policy)
        self._announcements = Announcements(self._agenda)
        self._observer = Observer(
            fetch, self._agenda, self._announcements, policy, retry, emit=emit
        )
        self._history = history
        self._read_at = -math.inf
        self._last_event: str | None = None
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
        self._loop.check()  # its birth is told by the clock of the loop
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
        self._join(watch, deadline)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
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

    def hint(self, kinds: Sequence[str], job_id: str, *, signed: bool) -> None:
        """Look at a job that an event spoke of, if anybody waits for it; unknown ids cost nothing.

        Only ``signed`` events count towards relying on events.
        """
        for kind, siblings in self._known.items():
            if kind.name in kinds:
                watch = siblings.get(job_id)
                if watch is not None and watch in self._agenda:
                    self._announcements.take(watch, _now(), signed=signed)
                    self._arm()

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
        self._loop.check()
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
            watch = self._agenda.take_detail()
            self._start(self._observer.ask([watch]), [watch], self._detail_tasks)
        while len(self._status_tasks) < MAX_STATUS_REQUESTS:
            due = self._agenda.next_status()
            if due is None or due > now:
                break
            self._observer.counters.polls += 1
            batch = self._agenda.take_status(now)
            if self._agenda.announces(batch[0].kind) and self._reads_history(now):
                for watch in batch:
                    self._agenda.queue(watch, now, HEAD_START)
            else:
                self._start(self._observer.ask(batch), batch, self._status_tasks)
        self._arm()

    def _reads_history(self, now: float) -> bool:
        """Catch up with events that did not come here, unless that was done just now.

        A look at jobs that should have been announced waits for it: one request may wake them all.
        """
        if self._history is None or now - self._read_at < self._policy.interval:
            return False
        self._read_at = now
        self._start(self._catch_up(self._history), (), self._status_tasks)
        return True

    async def _catch_up(self, history: History) -> None:
        """Take in the history from its newest event back to the last one that was seen."""
        seen, newest = self._last_event, None
        try:
            async for event_id, job in history():
                newest = newest or event_id
                if event_id == seen:
                    break
                if job is not None:
                    self.hint(*job, signed=True)
        except HeyGenError as error:
            logger.info("the history of events cannot be read: %s", error)
        else:
            self._last_event = newest or seen

    def _start(
        self,
        look: Coroutine[Any, Any, None],
        batch: Sequence[Watch],
        tasks: set[asyncio.Task[None]],
    ) -> None:
        """Run ``look`` in a task; a bug in it ends the waits for ``batch``, it hangs none."""
        task = asyncio.get_running_loop().create_task(look)
        tasks.add(task)

        def done(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            if task.cancelled():
                # Not by us, unless the client closes: a shutdown that cancels every task there is
                # must not leave those who still wait without a look.
                for watch in () if self._closed else batch:
                    if not watch.entry and watch.detail is None:
                        self._observer.again(watch, plan=True)
            elif (bug := task.exception()) is not None:
                logger.warning("a look at %d jobs ended in a bug", len(batch), exc_info=bug)
                for watch in batch:
                    self._observer.fail(watch, ResponseError(f"internal error: {bug!r}"))
            self._arm()

        task.add_done_callback(done)


def _now() -> float:
    return asyncio.get_running_loop().time()
