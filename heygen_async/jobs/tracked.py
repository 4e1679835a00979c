"""``TrackedJob``: all that is known of one job, and what each thing that befalls it changes.

Pure: no loop and no clock of its own. ``now`` is the time of the event loop's clock, and so are
all times here but ``created_at``, which is in Unix seconds.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

from heygen_async.errors import BadRequestError, HeyGenError, NotFoundError, ResponseError
from heygen_async.jobs.pages import NOT_SOUGHT
from heygen_async.models.jobs import JobStatus, State

if TYPE_CHECKING:
    from heygen_async.jobs.schedule import DurationModel
    from heygen_async.models.policies import PollPolicy
    from heygen_async.protocol.kinds import JobKind, JobSnapshot

Changes: TypeAlias = "asyncio.Queue[JobStatus | HeyGenError]"
"""Gets each change of status, and at last the terminal one or an error."""

Waiter: TypeAlias = "asyncio.Future[None] | Changes"
"""Whoever waits for a job: a future for its end, or a queue of its changes."""

_MIN_FAILURES = 3  # failed requests in a row, before trouble ends a wait
_UNKNOWN_BUDGET = 1800.0, 10.0  # at the least so many seconds, and expected durations
_MOST_DOUBTS = 8  # unknown words of one job, each of which is worth a request of its own
_DOUBT_PAUSE = 30.0  # seconds between further requests on their account, at the least
_NOTIFY_PAUSE = 1.0  # seconds between requests for one job, however often events speak of it
_OLD = 24 * 3600.0  # seconds after which no job still runs
_PATIENCE = 6 * 3600.0  # seconds for which a job of a patient kind may be missing
_BEFORE_DEADLINE = 1.0  # seconds before a caller's deadline, for the answer to arrive in time

_tickets = itertools.count(1)


class TrackedJob:
    """The state of one job; it has no other owner, and only its own methods write it.

    The methods that take in an answer return the delay in seconds after which the job is to be
    asked for again, None where the schedule decides that, or the error that ends its waits.
    """

    __slots__ = (
        "__weakref__",
        "_doubt",  # see _doubtful
        "_failures",  # requests in a row that told nothing
        "_policy",
        "_trouble_since",
        "_unknown_since",  # when it began to show words that nobody knows
        "alone",  # the bulk status does not serve it, or its kind has none
        "born",
        "created_at",
        "deadline",  # the earliest of those who wait, until a request is queued just before it
        "due",  # when it is to be asked for; kept while nobody waits, None while it is asked for
        "fetch_result",  # the bulk status, or an event, says that it has ended
        "id",
        "kind",
        "last_error",  # what went wrong when it was last asked for, None if that went well
        "model",
        "notified",  # an event spoke of it: whether it was signed; None without one
        "page",  # of the list where it was last seen; kept by ``ListPages``
        "seen_at",  # when it was last seen to be unfinished
        "size",
        "snapshot",  # what it ended with
        "status",
        "ticket",  # of its place in a queue, 0 while it has none
        "took",  # how many seconds it ran, or about so many; None if nobody knows, or it runs
        "waiters",
    )

    def __init__(
        self,
        kind: JobKind[Any],
        job_id: str,
        policy: PollPolicy,
        model: DurationModel,
        *,
        born: float,
        created_at: int,
        word: str = "",
        size: float | None = None,
    ) -> None:
        self.kind = kind
        self.id = job_id
        self._policy = policy
        self.model = model
        self.born = born
        self.created_at = created_at
        self.status = kind.interpret(word)[0]  # the same object for the same word
        self.size = size
        self.snapshot: JobSnapshot[Any] | None = None
        self.waiters: tuple[Waiter, ...] = ()  # tuples are small, and waiters few
        self.alone = not kind.statuses_limit
        self.fetch_result = False
        self.notified: bool | None = None
        self.page: str | None = NOT_SOUGHT
        self.seen_at: float | None = None
        self.due: float | None = None
        self.ticket = 0
        self.deadline: float | None = None
        self.took: float | None = None
        self.last_error: HeyGenError | None = None
        self._trouble_since: float | None = None
        self._failures = 0
        self._unknown_since: float | None = None
        self._doubt: tuple[tuple[str, ...], float, float] | None = None

    @property
    def token(self) -> str:
        """The line by which ``attach`` finds the job again."""
        return self.kind.token(self.id, self.created_at)

    def join(self, waiter: Waiter, now: float, deadline: float | None = None) -> None:
        """Take in that somebody waits, until ``deadline`` if he has one."""
        if not self.waiters:  # a wait starts with a budget of its own
            self.deadline = self._trouble_since = self._unknown_since = None
            self._failures = 0
        self.waiters = (*self.waiters, waiter)
        if deadline is not None:
            known = self.deadline
            # One that has passed is that of a wait which has ended, and hides no later one.
            ahead = known is not None and now < known < deadline
            self.deadline = known if ahead else deadline

    def leave(self, waiter: Waiter) -> bool:
        """Take in that somebody waits no more; tell whether nobody does now."""
        self.waiters = tuple(other for other in self.waiters if other is not waiter)
        if not self.waiters:
            self.ticket = 0
        return not self.waiters

    def queued(self, now: float, delay: float) -> float:
        """Give the job a new place in a queue and return when it is due; an older one is void.

        That is in ``delay`` seconds, or just before the deadline of somebody who waits: what has
        ended by then is no timeout for him.
        """
        due = now + delay
        deadline = self.deadline
        if deadline is not None and now < deadline < due + _BEFORE_DEADLINE:
            due = min(due, deadline - min(_BEFORE_DEADLINE, (deadline - now) / 2))
            self.deadline = None  # one request on its account is enough
        self.due = due
        self.ticket = next(_tickets)
        return due

    def taken(self) -> None:
        """Take in that it is being asked for; its answer says when it is due again."""
        self.due = None
        self.ticket = 0

    def notify(self, now: float, *, signed: bool) -> float:
        """Take in that an event spoke of the job; what it says is only a reason to ask."""
        self.notified = signed or bool(self.notified)
        self.fetch_result = True
        if self.seen_at is None:
            return 0.0
        return max(0.0, self.seen_at + _NOTIFY_PAUSE - now)

    def follow(self, kind: JobKind[Any], job_id: str, model: DurationModel, now: float) -> None:
        """Take in that the job goes on as another one, which is as good as new."""
        self.kind, self.id, self.model, self.size = kind, job_id, model, None
        self.born, self.seen_at, self.page = now, None, NOT_SOUGHT
        self.alone, self.fetch_result = not kind.statuses_limit, False
        self._is_well()
        self._unknown_since = self._doubt = None

    def see_word(self, word: str | None, now: float) -> float | None:
        """Take in its row of a bulk status, None if it has none."""
        if word is None:
            # A young job may be late in the bulk status. Of an older one its own status has to
            # say whether it is there.
            self.alone = not self._in_grace(now)
            return 0.0 if self.alone else None
        status, known = self.kind.interpret(word)
        self._is_well()
        # A new word may hide an end. What the job's own status says decides, also on giving up.
        doubtful = not known and (self._too_unknown(now) or self._doubtful(word, now))
        if status.terminal or self.notified is not None or doubtful:
            self.fetch_result = True
            return 0.0
        self.fetch_result = False
        self.seen_at = now
        if known:
            self._unknown_since = self._doubt = None
            if status.raw != self.status.raw:  # else what is known may tell of its progress, too
                self._publish(status)
        return None

    def see(self, snapshot: JobSnapshot[Any], now: float) -> float | HeyGenError | None:
        """Take in its own status; at its end ``snapshot`` is kept, and all who wait are woken."""
        status = self.kind.judge(snapshot)
        if snapshot.progress is not None and not status.terminal:
            status = JobStatus(status.state, status.raw, snapshot.progress)
        if snapshot.follows is not None and self.snapshot is None:
            if status.terminal:  # what has ended is this part of it
                status = JobStatus(State.RUNNING, status.raw)
            self._publish(status)
            return 0.0
        if status.state is State.COMPLETED and snapshot.result is None:
            line = f"{self.kind.name} {self.id} is completed but has no file yet"
            return self.trouble(ResponseError(line), now, self._policy.interval)
        if self.snapshot is not None and not status.terminal:
            return None  # an end is final: this answer was overtaken, or comes from a stale cache
        self.alone, self.fetch_result = not self.kind.statuses_limit, False
        self._is_well()
        if status.terminal:
            if self.snapshot is None:
                self.took = snapshot.duration
                if self.took is None and self.seen_at is not None:
                    # Half-way since it was last seen to run.
                    self.took = (self.seen_at + now) / 2 - self.born
            self.snapshot = snapshot
            self._publish(status)
            return None
        self.seen_at = now
        self._publish(status)
        if self.kind.knows(snapshot.word):
            self._unknown_since = None
        elif self._too_unknown(now):
            # If the word stood for an end, the wait would last for ever.
            return ResponseError(
                f"{self.token} has shown the unknown status {status.raw[:100]!r} for more than "
                f"{self._unknown_budget():g} s; look at it in the vendor's own pages, and wait "
                "for it again, with a longer PollPolicy.unknown_budget if it still runs"
            )
        early, self.notified = self.notified is not None, None
        return self._policy.interval if early else None  # an event may be ahead of the status

    def trouble(self, error: HeyGenError, now: float, delay: float) -> float | HeyGenError | None:
        """Take in that a request for it told nothing, and is worth another after ``delay``.

        The error comes back, to end the waits, only when trouble outlasts the error budget, or
        when the vendor says that there is no such job.
        """
        self.alone = self.alone or isinstance(error, BadRequestError)  # it spoils a bulk request
        self.last_error = error
        if not self.waiters:
            return None
        late = self._in_grace(now) or (self.kind.patient and now - self.born < _PATIENCE)
        if isinstance(error, NotFoundError) and late:
            return None
        if self._trouble_since is None:
            self._trouble_since = now
        self._failures += 1
        if isinstance(error, NotFoundError) and self._is_gone(error, now):
            gone, line = copy.copy(error), "it was deleted, or it belongs to another account"
            gone.message = f"{error.message}; {self.token} is not there: {line}"
            return gone
        # When there is more to ask than the request budget allows, the requests for one job may
        # be further apart than the error budget: a single failure must not end its wait.
        lasts = now - self._trouble_since > self._policy.error_budget
        return error if lasts and self._failures >= _MIN_FAILURES else delay

    def fail(self, error: HeyGenError) -> None:
        """End the waits, though not the job.

        Each waiter gets a copy, for an error carries its own traceback and its own job.
        """
        waiters, self.waiters, self.ticket = self.waiters, (), 0
        for waiter in waiters:
            if isinstance(waiter, asyncio.Queue):
                waiter.put_nowait(copy.copy(error))
            elif not waiter.done():  # else its wait was cancelled in this very moment
                waiter.set_exception(copy.copy(error))

    def eta(self, now: float) -> float | None:
        """Return in how many seconds half of those that lasted so long have ended; see ``Job``."""
        if self.snapshot is not None:
            return 0.0
        if not self.model.learned or self.status.state is State.NEEDS_ACTION:
            return None
        return self.model.remaining(self.size, now - self.born)

    def lasted(self, now: float) -> float | None:
        """Return for how many seconds it has run, or ran; None if that is not known."""
        if self.snapshot is not None:
            return self.took
        return now - self.born if self.created_at else None

    def _is_gone(self, error: NotFoundError, now: float) -> bool:
        """Tell whether a job that is not found, and not late, is to be given up."""
        if self.status.raw != "" or self.seen_at is not None or self.notified:
            return False  # we know better
        if error.code is not None or error.known_refusal:  # the vendor's own words
            return True
        # A gateway's page proves nothing; but of a job so old nothing else is to be hoped for.
        return now - self.born > _OLD and self._failures >= _MIN_FAILURES

    def _is_well(self) -> None:
        """Take in an answer that tells of the job."""
        self._trouble_since, self._failures, self.last_error = None, 0, None

    def _in_grace(self, now: float) -> bool:
        """Tell whether it is so young that the vendor may not know of it yet."""
        return now - self.born < self._policy.not_found_grace

    def _too_unknown(self, now: float) -> bool:
        """Take in a word that nobody knows; tell whether that is more of them than is borne."""
        if self._unknown_since is None:
            self._unknown_since = now
        return now - self._unknown_since > self._unknown_budget()

    def _unknown_budget(self) -> float:
        if self._policy.unknown_budget is not None:
            return self._policy.unknown_budget
        least, durations = _UNKNOWN_BUDGET
        return max(least, durations * self.model.expect(self.size)[0])

    def _doubtful(self, word: str, now: float) -> bool:
        """Tell whether an unknown ``word`` of the bulk status is a reason to ask for the job alone.

        It is when it is new, and then ever more rarely: each time that twice as long has passed
        since the first. A word that stays does not double all requests, and what it hides is found.
        """
        words, first, last = self._doubt or ((), now, now)
        new = word not in words and len(words) < _MOST_DOUBTS
        if not new and now - first < max(2 * (last - first), last - first + _DOUBT_PAUSE):
            return False
        self._doubt = ((*words, word) if new else words, first, now)
        return True

    def _publish(self, status: JobStatus) -> None:
        """Note the status, tell the queues of changes if it is news, and at the end the futures."""
        news, self.status = status != self.status, status
        for waiter in self.waiters:
            if isinstance(waiter, asyncio.Queue):
                if news:
                    waiter.put_nowait(status)
            elif self.snapshot is not None and not waiter.done():  # done: it was just cancelled
                waiter.set_result(None)
        if self.snapshot is not None:
            self.waiters, self.ticket = (), 0
