"""The one poller of a client: every waiting job, in as few status requests as will do.

Nothing runs while nobody waits, and there is no timer or task for a waiting job: one timer for
the next request that is due, one task for each request under way. ``PollScheduler`` says what to
ask next, ``TrackedJob`` what an answer means; here are the loop, the requests and the logs.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import functools
import logging
import math
import random
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from heygen_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    HeyGenError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseError,
    TransportError,
)
from heygen_async.jobs.schedule import DurationModel
from heygen_async.jobs.scheduler import PollScheduler
from heygen_async.jobs.tracked import TrackedJob, Waiter
from heygen_async.models.jobs import State
from heygen_async.models.statistics import Durations
from heygen_async.models.telemetry import JobEvent, PollEvent
from heygen_async.protocol.convert import UNREADABLE
from heygen_async.protocol.retry import backoff_delay
from heygen_async.transport.loops import LoopBinding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence

    from heygen_async.jobs.pages import Place
    from heygen_async.models.jobs import Spec
    from heygen_async.models.policies import PollPolicy, RetryPolicy
    from heygen_async.models.telemetry import Event
    from heygen_async.models.webhooks import JobRef
    from heygen_async.protocol.kinds import JobKind, JobSnapshot
    from heygen_async.protocol.request import Request

History: TypeAlias = "Callable[[], AsyncIterator[tuple[str, JobRef | None]]]"
"""The events that were delivered, newest first: each its id, and the job it speaks of."""

Tasks: TypeAlias = "set[asyncio.Task[None]]"

logger = logging.getLogger("heygen_async.jobs")

MAX_STATUS_REQUESTS = 16
"""Status requests under way at once."""

MAX_DETAIL_REQUESTS = 32
"""Requests for the results of ended jobs under way at once."""

_HEAD_START = 0.5  # seconds that the history of events is read before jobs are asked for
_MISSING_DELAY = 15.0  # seconds between requests for a job that the server does not know
_LAGS = 1000  # how many lags are remembered
_MOST_WORDS = 100  # unknown words that are warned of


@attrs.define
class PollCounters:
    """What is counted of status requests; ``bulk_places`` is how many jobs they had room for."""

    polls: int = 0
    bulk_polls: int = 0
    bulk_rows: int = 0
    bulk_places: int = 0
    details: int = 0
    pages: int = 0
    ended: int = 0


class Poller:
    """Asks for the jobs that are waited for until they end.

    The first who waits starts it, the last one stops it. All of it runs on one event loop and
    awaits nothing but answers, so it needs no lock: between two awaits nobody else can come in.
    """

    def __init__(
        self,
        send_once: Callable[[Request[Any]], Coroutine[Any, Any, Any]],
        policy: PollPolicy,
        retry: RetryPolicy,
        history: History | None = None,
        emit: Callable[[Event], None] | None = None,
        *,
        loop: LoopBinding | None = None,
    ) -> None:
        self.counters = PollCounters()
        self._send_once = send_once
        self.policy = policy
        self._retry = retry
        self._history = history
        self._emit = emit
        self._loop = loop or LoopBinding("poller")
        self.scheduler = PollScheduler(policy)
        # Weak, so that a job which nobody holds or waits for is forgotten.
        self._known: dict[JobKind[Any], weakref.WeakValueDictionary[str, TrackedJob]] = {}
        self._models: dict[tuple[str, str], DurationModel] = {}
        self._lags: deque[float] = deque(maxlen=_LAGS)
        self._failures = 0  # requests that failed since one succeeded
        self._warned: set[tuple[str, str]] = set()  # of which kind's unknown words
        self._read_at = -math.inf  # when the history was read
        self._last_event: str | None = None
        self._status_tasks: Tasks = set()
        self._detail_tasks: Tasks = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many jobs are being waited for."""
        return len(self.scheduler)

    @property
    def lag(self) -> float:
        """The mean seconds from a job's end to its being noticed, of late."""
        return sum(self._lags) / len(self._lags) if self._lags else 0.0

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

    def track(
        self,
        kind: JobKind[Any],
        job_id: str,
        *,
        created_at: float,
        word: str,
        spec: Spec[Any] | None = None,
    ) -> TrackedJob:
        """Return the state of a job, the same for every handle on it; nothing is sent.

        ``created_at`` is in Unix seconds, ``word`` its last known status, and ``spec`` helps to
        tell how long it takes.
        """
        self._loop.check()  # its birth is told by the clock of the loop
        siblings = self._known.setdefault(kind, weakref.WeakValueDictionary())
        known = siblings.get(job_id)
        if known is None:
            model = self._model(kind, str(getattr(spec, "resolution", None) or ""))
            age = max(0.0, time.time() - created_at)
            known = siblings[job_id] = TrackedJob(
                kind,
                job_id,
                self.policy,
                model,
                born=asyncio.get_running_loop().time() - age,
                created_at=int(created_at),
                word=word,
                size=None if spec is None else kind.size(spec),
            )
        return known

    def _model(self, kind: JobKind[Any], variant: str = "") -> DurationModel:
        """Return what is known of the durations of a kind, or of one variant of it."""
        model = self._models.get((kind.name, variant))
        if model is None:
            model = DurationModel(self.policy.typical_duration or kind.typical_duration)
            self._models[kind.name, variant] = model
        return model

    def join(self, job: TrackedJob, waiter: Waiter, deadline: float | None = None) -> None:
        """Begin to wait: ``waiter`` hears of the end of the job, or of an error.

        It is the caller's own, and goes back by ``leave`` however the wait ends.
        """
        self._loop.check()
        if self._closed:
            raise TransportError("the client is closed", maybe_sent=False)
        now = asyncio.get_running_loop().time()
        job.join(waiter, now, deadline)
        self.scheduler.resume(job, now)
        self._arm()

    def leave(self, job: TrackedJob, waiter: Waiter) -> None:
        """End a wait that ``join`` began; the last one to leave a job stops the asking for it."""
        if job.leave(waiter):
            self.scheduler.drop(job)
            self._arm()

    def when_ended(self, job: TrackedJob, then: Callable[[bool], object]) -> None:
        """Wait for a job without a task; ``then`` is told once whether its end was seen.

        It was not if the wait ends with an error, or with the client.
        """
        if job.snapshot is not None or self._closed:
            then(job.snapshot is not None)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def end(waiter: asyncio.Future[None]) -> None:
            self.leave(job, waiter)
            then(not waiter.cancelled() and waiter.exception() is None)

        waiter.add_done_callback(end)
        self.join(job, waiter)

    def clock(self) -> float:
        """Return the time of its event loop's clock; may be called outside of the loop."""
        assert self._loop.loop is not None  # noqa: S101 - it has tracked a job
        return self._loop.loop.time()

    def notify(self, kinds: Sequence[str], job_id: str, *, signed: bool) -> None:
        """Ask for a job that an event spoke of, if anybody waits; unknown ids cost nothing.

        Without an id it may be any job of the kinds, without kinds one of any. Only ``signed``
        events count towards relying on webhooks.
        """
        now = asyncio.get_running_loop().time()
        for kind, siblings in self._known.items():
            if kinds and kind.name not in kinds:
                continue
            found = [siblings.get(job_id)] if job_id else list(siblings.values())
            for job in found:
                if job is not None and job.waiters and (job_id or job.kind is kind):
                    self.scheduler.queue(job, now, job.notify(now, signed=signed))
                    self._arm()

    async def refresh(self, job: TrackedJob) -> None:
        """Ask for one job now; raises what goes wrong."""
        self._saw(job, await self._send_once(job.kind.get_status(job.id)))
        self._arm()

    async def aclose(self) -> None:
        """End every wait with an error, and leave no task behind."""
        self._closed = True
        for job in self.scheduler.waiting():
            self._fail(job, TransportError("the client was closed during the wait"))
        self._arm()
        tasks = self._status_tasks | self._detail_tasks
        for task in tasks:
            task.cancel()
        # Their own cancellation is collected here; that of the caller still gets through.
        await asyncio.gather(*tasks, return_exceptions=True)

    def _arm(self) -> None:
        """Set the one timer to when the next request may go out.

        Even what is due now waits for the loop's next turn: then the hundred waits that begin in
        this one share a request.
        """
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.scheduler.next_due(
            results=len(self._detail_tasks) < MAX_DETAIL_REQUESTS,
            statuses=len(self._status_tasks) < MAX_STATUS_REQUESTS,
        )
        if due is not None:
            self._timer = asyncio.get_running_loop().call_at(due, self._tick)

    def _tick(self) -> None:
        """Start the requests that are due, then wait for the next."""
        loop, scheduler = asyncio.get_running_loop(), self.scheduler
        now = loop.time()
        while True:
            results = len(self._detail_tasks) < MAX_DETAIL_REQUESTS
            statuses = len(self._status_tasks) < MAX_STATUS_REQUESTS
            page = scheduler.take_page(now, results=results, statuses=statuses)
            batch = page[1] if page else scheduler.take(now, results=results, statuses=statuses)
            if not batch:
                break
            kind, tasks, reads_history = batch[0].kind, self._status_tasks, False
            if batch[0].fetch_result:
                self.counters.details += 1
                tasks = self._detail_tasks
            else:
                self.counters.polls += 1
                recent = now - self._read_at < self.policy.interval
                reads_history = not recent and kind in scheduler.relied_on
            if reads_history and self._history:
                # These should have been announced. The history goes first: one request may
                # tell of all events that did not come here, not of these jobs' only.
                self._read_at = now
                if page:
                    scheduler.pages(kind).failed(page[0])
                for job in batch:
                    scheduler.queue(job, now, _HEAD_START)
                request, batch = self._catch_up(self._history), ()
            else:
                request = self._ask_page(*page) if page else self._ask(batch)
            task = loop.create_task(request)
            tasks.add(task)
            task.add_done_callback(functools.partial(self._done, batch, tasks))
        self._arm()

    def _done(self, batch: Sequence[TrackedJob], tasks: Tasks, task: asyncio.Task[None]) -> None:
        """Forget a request; what ended it but an answer must leave nobody waiting for ever."""
        tasks.discard(task)
        if task.cancelled():
            # Not by us, unless the client closes: by a shutdown that cancels every task there is.
            for job in () if self._closed else batch:
                if not job.ticket and job.snapshot is None:
                    self.scheduler.queue(job, asyncio.get_running_loop().time())
        elif (bug := task.exception()) is not None:
            logger.warning("a look at %d jobs ended in a bug", len(batch), exc_info=bug)
            for job in batch:
                self._fail(job, ResponseError(f"internal error: {bug!r}"))
        self._arm()

    async def _ask(self, batch: Sequence[TrackedJob]) -> None:
        """Send one request for ``batch``; a single job's own status tells more than a row."""
        kind = batch[0].kind
        if self._emit is not None:
            self._emit(PollEvent(kind=kind.name, jobs=len(batch)))
        try:
            if len(batch) > 1:
                await self._ask_bulk(kind, batch)
            else:
                self._saw(batch[0], await self._send_once(kind.get_status(batch[0].id)))
            self._failures = 0
        except HeyGenError as error:
            self._failed(batch, error)

    async def _ask_bulk(self, kind: JobKind[Any], batch: Sequence[TrackedJob]) -> None:
        """Ask for many jobs of a kind at once; a bad id among them is found by halving."""
        self.counters.bulk_polls += 1
        self.counters.bulk_rows += len(batch)
        self.counters.bulk_places += kind.statuses_limit
        words: Mapping[str, str]
        try:
            words = await self._send_once(kind.get_statuses([job.id for job in batch]))
        except BadRequestError:
            half = len(batch) // 2
            await self._ask(batch[:half])
            await self._ask(batch[half:])
            return
        except (PermissionDeniedError, NotFoundError) as error:
            # It is the bulk status that is refused; the jobs' own may be read all the same.
            now = asyncio.get_running_loop().time()
            news = self.scheduler.refuse_bulk(kind, now)
            line = "%s: bulk status refused, looking at jobs one by one for a while: %s"
            logger.log(logging.WARNING if news else logging.INFO, line, kind.name, error)
            self._again(batch)
            return
        if self.scheduler.accept_bulk(kind):
            logger.warning("%s: bulk status serves again", kind.name)
        for job in batch:
            self._see_word(job, words.get(job.id))
        pages = self.scheduler.pages(kind)
        pages.learn(rows=len(batch), ends=sum(job.fetch_result for job in batch))

    async def _ask_page(self, place: Place, batch: Sequence[TrackedJob]) -> None:
        """Ask for a page of the list of a kind, on which ``batch`` and others should be."""
        kind = batch[0].kind
        pages = self.scheduler.pages(kind)
        self.counters.pages += 1
        if self._emit is not None:
            self._emit(PollEvent(kind=kind.name, jobs=len(batch)))
        try:
            page = await self._send_once(kind.get_page(place))
            self._failures = 0
        except HeyGenError as error:
            pages.failed(place)
            if isinstance(error, AuthenticationError | RateLimitError):
                self._failed(batch, error)
            else:
                # It may be the list alone that fails; the jobs' own statuses are asked instead.
                logger.info("%s: no page of the list: %s", kind.name, error)
                pages.stop(asyncio.get_running_loop().time())
                self._again(batch)
            return
        known = self._known[kind]
        rows = [
            (job, row)
            for job_id, row in page.rows.items()
            if (job := known.get(job_id)) is not None and job.waiters
        ]
        found = [job for job, _ in rows]
        pages.see(place, page.then, found, batch, asyncio.get_running_loop().time())
        for job, row in rows:
            self._see_row(job, row)
        pages.learn(rows=len(rows), ends=sum(job.snapshot is not None for job in found))
        self._again([job for job in batch if job not in found])

    def _see_row(self, job: TrackedJob, row: Any) -> None:
        """Take in a row of a list, if it says that the job has ended, or only runs on.

        The list may lag behind, and have less than the job's own status: that has the last word.
        """
        word = row.get("status")
        if type(word) is str and job.kind.knows(word):
            status = job.kind.status(word)
            if not status.terminal and not job.fetch_result:
                self._see_word(job, word)
                return
            with contextlib.suppress(*UNREADABLE):
                snapshot = job.kind.read_row(row)
                failed = status.state is State.FAILED
                if status.terminal and (failed or snapshot.result is not None):
                    self._saw(job, snapshot)
                    return
        self.scheduler.pages(job.kind).lose(job)
        self._again([job])

    def _again(self, jobs: Sequence[TrackedJob]) -> None:
        """Ask anew for jobs of which a request told nothing."""
        for job in jobs:
            self.scheduler.queue(job, asyncio.get_running_loop().time(), 0.0)

    def _see_word(self, job: TrackedJob, word: str | None) -> None:
        """Take in the word for a job in an answer about many, None if it has none there."""
        now, before = asyncio.get_running_loop().time(), job.status
        delay = job.see_word(word, now)
        if word is not None and not job.kind.knows(word):
            self._warn(job, word)
        if self._emit is not None and job.status != before:
            self._emit(JobEvent(token=job.token, kind=job.kind.name, status=job.status))
        self.scheduler.queue(job, now, delay)

    def _saw(self, job: TrackedJob, snapshot: JobSnapshot[Any]) -> None:
        """Take in the answer to a request for one job."""
        now, before = asyncio.get_running_loop().time(), job.status
        ended_before = job.snapshot is not None
        then = job.see(snapshot, now)
        if snapshot.follows is not None and not ended_before:
            self._move(job, *snapshot.follows, now)
        if self._emit is not None and job.status != before:
            self._emit(JobEvent(token=job.token, kind=job.kind.name, status=job.status))
        if job.snapshot is None:
            if snapshot.follows is None and not job.kind.knows(snapshot.word):
                self._warn(job, snapshot.word)
            self._follow(job, now, then)
        elif ended_before:  # somebody has refreshed it, or listens for more
            self.scheduler.drop(job)
        else:
            self.counters.ended += 1
            late = self.scheduler.ended(job, now)
            if late is not None:
                self._lags.append(late)

    def _move(self, job: TrackedJob, kind: JobKind[Any], job_id: str, now: float) -> None:
        """Let a job go on as another; who has its first token still finds it."""
        if (job.kind, job.id) == (kind, job_id):
            return  # another answer was quicker
        self.scheduler.drop(job)
        job.follow(kind, job_id, self._model(kind), now)
        self._known.setdefault(kind, weakref.WeakValueDictionary())[job_id] = job
        if job.waiters:
            self.scheduler.resume(job, now)  # among those of its new kind

    def _follow(self, job: TrackedJob, now: float, then: float | HeyGenError | None) -> None:
        """Do what an answer comes to: end the waits, or ask again."""
        if isinstance(then, HeyGenError):
            self._fail(job, then)
        else:
            self.scheduler.queue(job, now, then)

    def _fail(self, job: TrackedJob, error: HeyGenError) -> None:
        """End the waits for a job, though not the job."""
        self.scheduler.drop(job)
        job.fail(error)

    def _warn(self, job: TrackedJob, word: str) -> None:
        """Warn of a word that nobody knows, once for each, and not of any number of them."""
        if len(self._warned) < _MOST_WORDS and (job.kind.name, word) not in self._warned:
            self._warned.add((job.kind.name, word))
            line = "%s: the status %.100r is new, and taken for one of a job that still runs"
            logger.warning(line, job.token, word)

    def _failed(self, batch: Sequence[TrackedJob], error: HeyGenError) -> None:
        """Ask again after a pause that grows while nothing succeeds, as the server wishes."""
        if isinstance(error, AuthenticationError):
            batch = self.scheduler.waiting()  # the key is no good for any of them
        if isinstance(error, AuthenticationError | PermissionDeniedError):
            for job in batch:
                self._fail(job, error)
            return
        now, jitter = asyncio.get_running_loop().time(), random.random()  # noqa: S311 - no secret
        if isinstance(error, NotFoundError | BadRequestError):
            delay = _MISSING_DELAY * (1 + jitter) / 2  # it says nothing of the server's health
        else:
            self._failures += 1
            delay = backoff_delay(self._retry, self._failures, jitter)
        if isinstance(error, APIError) and error.retry_after is not None:
            wish = min(error.retry_after, self._retry.max_retry_after)
            self.scheduler.pause(now + wish + jitter * self._retry.base_delay)
        logger.info("a look at %d jobs failed, next in %.1f s: %s", len(batch), delay, error)
        error = copy.copy(error)  # the jobs keep it, and its traceback would keep much else
        for job in batch:
            self._follow(job, now, job.trouble(error, now, delay))

    async def _catch_up(self, history: History) -> None:
        """Take in the history from its newest event back to the last one that was seen."""
        seen, newest = self._last_event, None
        try:
            async for event_id, job in history():
                newest = newest or event_id
                if event_id == seen:
                    break
                if job is not None:
                    self.notify(*job, signed=True)
            self._last_event = newest or seen  # only when all between the two has been read
        except HeyGenError as error:
            logger.info("the history of events cannot be read: %s", error)
