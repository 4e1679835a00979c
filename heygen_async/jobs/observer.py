"""One look at one job or at many: ask, read the answer, and decide what follows from it."""

from __future__ import annotations

import asyncio
import copy
import logging
import random
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import attrs

from heygen_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    HeyGenError,
    NotFoundError,
    PermissionDeniedError,
    ResponseError,
)
from heygen_async.models.jobs import JobStatus, State
from heygen_async.models.telemetry import JobEvent, PollEvent
from heygen_async.protocol.retry import backoff_delay

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from heygen_async.jobs.agenda import Agenda
    from heygen_async.jobs.announcements import Announcements
    from heygen_async.jobs.watch import Watch
    from heygen_async.models.policies import PollPolicy, RetryPolicy
    from heygen_async.models.telemetry import Event
    from heygen_async.protocol.kinds import JobSnapshot
    from heygen_async.protocol.request import Request

T = TypeVar("T")

logger = logging.getLogger("heygen_async.jobs")

_MISSING_DELAY = 15.0  # between looks at a job that the server does not know
_LAGS = 1000  # how many lags are remembered
_MIN_FAILED_LOOKS = 3  # in a row, before trouble ends a wait
_UNKNOWN_BUDGET = 1800.0, 10.0  # at the least so many seconds, and expected durations
_MOST_WORDS = 100  # unknown words that are warned of


class Fetch(Protocol):
    """Sends one request once."""

    def __call__(self, request: Request[T], /) -> Coroutine[Any, Any, T]:
        """Return what the answer holds."""


@attrs.define
class PollCounters:
    """What is counted of looks and of what they found."""

    polls: int = 0
    bulk_polls: int = 0
    bulk_rows: int = 0
    details: int = 0
    ended: int = 0


class Observer:
    """Asks for jobs, reads what comes back, and queues the next look or ends the wait."""

    def __init__(
        self,
        fetch: Fetch,
        agenda: Agenda,
        announcements: Announcements,
        policy: PollPolicy,
        retry: RetryPolicy,
        *,
        emit: Callable[[Event], None] | None = None,
    ) -> None:
        self.counters = PollCounters()
        self._fetch = fetch
        self._agenda = agenda
        self._announcements = announcements
        self._policy = policy
        self._retry = retry
        self._emit = emit
        self.lags: deque[float] = deque(maxlen=_LAGS)
        self._failures = 0  # looks that failed since one succeeded
        self._warned: set[tuple[str, str]] = set()  # of which kind's unknown words

    async def look(self, watch: Watch) -> None:
        """Look at one job; raises what goes wrong."""
        self._saw(watch, await self._fetch(watch.kind.get_status(watch.id)))

    async def ask(self, batch: Sequence[Watch]) -> None:
        """Send one request for ``batch``; a single job's detail tells more than its status."""
        if self._emit is not None:
            self._emit(PollEvent(kind=batch[0].kind.name, jobs=len(batch)))
        try:
            if len(batch) > 1:
                await self._look_many(batch)
            else:
                await self.look(batch[0])
            self._failures = 0
        except HeyGenError as error:
            self._failed(batch, error)

    async def _look_many(self, batch: Sequence[Watch]) -> None:
        """Look at many jobs of a kind at once; a bad id among them is found by halving."""
        kind = batch[0].kind
        self.counters.bulk_polls += 1
        self.counters.bulk_rows += len(batch)
        try:
            words = await self._fetch(kind.get_statuses([watch.id for watch in batch]))
        except BadRequestError:
            half = len(batch) // 2
            await self.ask(batch[:half])
            await self.ask(batch[half:])
        except (PermissionDeniedError, NotFoundError) as error:
            news = self._agenda.refuse_bulk(kind, _now())
            line = "%s: bulk status refused, looking at jobs one by one for a while: %s"
            logger.log(logging.WARNING if news else logging.INFO, line, kind.name, error)
            for watch in batch:
                self.again(watch)
        else:
            if self._agenda.accept_bulk(kind):
                logger.warning("%s: bulk status serves again", kind.name)
            now = _now()
            for watch in batch:
                self._saw_word(watch, words.get(watch.id), now)

    def _saw_word(self, watch: Watch, word: str | None, now: float) -> None:
        """Take in a row of a bulk status; a job that has none is looked at by itself."""
        if word is None:
            watch.solo = not self._in_grace(watch)
            self.again(watch, plan=not watch.solo)
            return
        status = watch.kind.status(word)
        watch.calm()
        known = watch.kind.knows(word)
        # A new word may hide an end: what the detail says of it decides, also on giving up.
        doubtful = not known and (self._unknown(watch, word, now) or watch.doubtful(word, now))
        if status.terminal or watch.hinted is not None or doubtful:
            watch.fetch_detail = True
            self.again(watch)
            return
        watch.fetch_detail = False
        watch.looked_at = now
        if known:
            watch.unknown_since = watch.doubt = None
            self._publish(watch, status)
        self.again(watch, plan=True)

    def _saw(self, watch: Watch, detail: JobSnapshot[Any]) -> None:
        """Take in the answer to a look at one job."""
        status = watch.kind.judge(detail)
        if status.state is State.COMPLETED and detail.result is None:
            error = ResponseError(f"{watch.kind.name} {watch.id} is completed but has no file yet")
            self._trouble(watch, error, self._policy.interval)
            return
        watch.solo = watch.fetch_detail = False
        watch.calm()
        if status.terminal:
            self._end(watch, status, detail)
            return
        watch.looked_at = _now()
        self._publish(watch, status)
        if watch.kind.knows(detail.word):
            watch.unknown_since = None
        elif self._unknown(watch, detail.word, watch.looked_at) and watch in self._agenda:
            self._give_up(watch)
            return
        early, watch.hinted = watch.hinted is not None, None
        if early and watch in self._agenda:  # the event may be ahead of the status
            self._agenda.queue(watch, _now(), self._policy.interval)
        else:
            self.again(watch, plan=True)

    def _unknown(self, watch: Watch, word: str, now: float) -> bool:
        """Take in a word that nobody knows; tell whether it is more of them than is borne."""
        name = watch.kind.name
        if (name, word) not in self._warned and len(self._warned) < _MOST_WORDS:
            self._warned.add((name, word))
            line = "%s: the status %.100r is new, and taken for one of a job that still runs"
            logger.warning(line, _token(watch), word)
        if watch.unknown_since is None:
            watch.unknown_since = now
        return now - watch.unknown_since > self._unknown_budget(watch)

    def _unknown_budget(self, watch: Watch) -> float:
        if self._policy.unknown_budget is not None:
            return self._policy.unknown_budget
        least, durations = _UNKNOWN_BUDGET
        return max(least, durations * watch.model.expect(watch.size))

    def _give_up(self, watch: Watch) -> None:
        """End a wait that would last for ever if the unknown word stood for an end."""
        self.fail(
            watch,
            ResponseError(
                f"{_token(watch)} has shown the unknown status {watch.status.raw[:100]!r} for more "
                f"than {self._unknown_budget(watch):g} s; look at it in the vendor's own pages, "
                "and wait for it again, with a longer PollPolicy.unknown_budget if it still runs"
            ),
        )

    def again(self, watch: Watch, *, plan: bool = False) -> None:
        """Queue the next look, by the schedule or at once, if anybody still waits."""
        if watch not in self._agenda:
            watch.due = None
        elif plan:
            self._agenda.plan(watch, _now())
        else:
            self._agenda.queue(watch, _now(), 0.0)

    def _end(self, watch: Watch, status: JobStatus, detail: JobSnapshot[Any]) -> None:
        """Keep what the job ended with, learn from it, and wake who waits."""
        if watch.detail is None:
            age = _now() - watch.born
            late = None if detail.duration is None else age - detail.duration
            self.counters.ended += 1
            self._announcements.ended(watch, _now(), late)
            if status.state is State.COMPLETED:
                self._learn(watch, age, detail.duration)
        self._agenda.drop(watch)
        self._tell(watch, status)
        watch.end(status, detail)

    def _publish(self, watch: Watch, status: JobStatus) -> None:
        self._tell(watch, status)
        watch.publish(status)

    def _tell(self, watch: Watch, status: JobStatus) -> None:
        """Tell the hook of a status that is news."""
        if self._emit is not None and status != watch.status:
            self._emit(JobEvent(token=_token(watch), kind=watch.kind.name, status=status))

    def _learn(self, watch: Watch, age: float, took: float | None) -> None:
        """Take in a duration; where the vendor tells none, the job ended since the last look."""
        if took is None and watch.looked_at is not None:
            took = (watch.looked_at - watch.born + age) / 2
        if took is not None:
            self.lags.append(max(0.0, age - took))
            watch.model.learn(took, watch.size)

    def _failed(self, batch: Sequence[Watch], error: HeyGenError) -> None:
        """Look again after a pause that grows while nothing succeeds, as the server wishes."""
        if isinstance(error, AuthenticationError):
            batch = self._agenda.waiting()  # the key is no good for any of them
        if isinstance(error, AuthenticationError | PermissionDeniedError):
            for watch in batch:
                self.fail(watch, error)
            return
        spread = random.random()  # noqa: S311 - jitter, no secret
        if isinstance(error, NotFoundError | BadRequestError):
            delay = _MISSING_DELAY * (1 + spread) / 2
        else:
            self._failures += 1
            delay = backoff_delay(self._retry, self._failures, spread)
        if isinstance(error, APIError) and error.retry_after is not None:
            wish = min(error.retry_after, self._retry.max_retry_after)
            self._agenda.pause(_now() + wish + spread * self._retry.base_delay)
        logger.info("a look at %d jobs failed, next in %.1f s: %s", len(batch), delay, error)
        for watch in batch:
            watch.solo = watch.solo or isinstance(error, BadRequestError)
            self._trouble(watch, error, delay)

    def _trouble(self, watch: Watch, error: HeyGenError, delay: float) -> None:
        """Note that a look told nothing; end the wait only if that goes on for too long."""
        now = _now()
        if watch not in self._agenda or (
            isinstance(error, NotFoundError) and self._in_grace(watch)
        ):
            self.again(watch, plan=True)
            return
        if isinstance(error, NotFoundError) and error.code is not None and not watch.alive:
            # The vendor itself says so, of a job that nobody here has ever seen: it is not late.
            gone = copy.copy(error)
            gone.message = (
                f"{error.message}; {_token(watch)} is not there: it was deleted, or it belongs to "
                "another account"
            )
            self.fail(watch, gone)
            return
        if watch.trouble_since is None:
            watch.trouble_since = now
        watch.failures += 1
        # When there is more to ask than the request budget allows, one job's looks may be further
        # apart than the error budget: a single failure must not end its wait.
        if (
            now - watch.trouble_since > self._policy.error_budget
            and watch.failures >= _MIN_FAILED_LOOKS
        ):
            self.fail(watch, error)
        else:
            self._agenda.queue(watch, now, delay)

    def fail(self, watch: Watch, error: HeyGenError) -> None:
        """End the waits for a job, though not the job."""
        self._agenda.drop(watch)
        watch.fail(error)

    def _in_grace(self, watch: Watch) -> bool:
        return _now() - watch.born < self._policy.not_found_grace


def _token(watch: Watch) -> str:
    return watch.kind.token(watch.id, watch.created_at)


def _now() -> float:
    return asyncio.get_running_loop().time()
