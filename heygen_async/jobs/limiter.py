"""How many jobs are in flight at the vendor: a queue for slots, and what a 429 does to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from heygen_async.errors import (
    ClaimLostError,
    HeyGenError,
    JobFailedError,
    RateLimitError,
    SubmissionUnknownError,
)
from heygen_async.protocol.retry import pause_after
from heygen_async.transport.loops import LoopBinding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from heygen_async.jobs.job import Job
    from heygen_async.models.policies import RetryPolicy
    from heygen_async.transport.rate_limiter import Pace

T = TypeVar("T")

logger = logging.getLogger("heygen_async.jobs")


class SlotLimiter(Protocol):
    """Bounds the jobs in flight; one of your own can stand in for the client's.

    ``limit`` is how many jobs it lets in at most. A slot is whatever ``acquire`` returns.
    """

    @property
    def limit(self) -> int:
        """How many jobs may be in flight at once at most."""

    async def acquire(self, key: str, *, first: bool = False) -> Any:
        """Return a slot as soon as there is one; ``first`` goes before all that wait.

        ``key`` is the item's in the ledger, or one that nothing else has.
        """

    async def bind(self, slot: Any, token: str) -> None:
        """Take note of the job that has the slot by now, by its ``Job.token``."""

    async def release(
        self, slot: Any, *, pause: float | None = None, running: bool = False
    ) -> None:
        """Take the slot back; a ``pause`` in seconds says that its job was refused with 429.

        ``running`` says that nobody waits any more, and that a job may still run at the vendor.
        """


@runtime_checkable
class SharedSlots(Protocol):
    """What ``Ledger.slots`` has beside a ``SlotLimiter`` where several processes share it."""

    def for_account(self, account: Mapping[str, str]) -> None:
        """Learn whose jobs are bounded (``Transport.account``), before the first of them."""

    def pace(self, limit: int, window: float) -> Pace:
        """Return what lets ``limit`` POSTs out in any ``window`` seconds, of all processes."""


class JobLimiter:
    """Lets at most ``limit`` jobs in, fewer while the server refuses some.

    A refusal halves what is allowed, never below one, and nobody gets in before its pause is
    over; each job that ends then raises it, by one for a whole round of them. Those who wait
    get in one after another.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0  # jobs in flight
        self._allowed = float(limit)
        self._round = 0
        self._opens_at = 0.0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._loop = LoopBinding("limiter of concurrent jobs")

    @property
    def allowed(self) -> int:
        """How many jobs may be in flight at present."""
        return int(self._allowed)

    async def acquire(self, key: str, *, first: bool = False) -> int:  # noqa: ARG002 - all are alike
        """Return a slot: the number of the round it was given in."""
        self._loop.check()  # clients may share it, but not across loops: a turn would get lost
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if first:
            self._queue.appendleft(turn)
        else:
            self._queue.append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            # If it had been let in already, in this very moment, its slot goes to the next one.
            self.taken -= not turn.cancelled()
            self._admit()
            raise
        return self._round

    async def bind(self, slot: int, token: str) -> None:
        """Do nothing: a job is waited for by the process that has its slot."""

    async def release(
        self, slot: int, *, pause: float | None = None, running: bool = False
    ) -> None:
        """Take a slot back, and learn from how its job fared."""
        self.taken -= 1
        if running:  # it still counts at the vendor, so nothing speaks for letting more in
            logger.info("a slot is given back though its job may still run")
        elif pause is None:
            self._allowed = min(float(self.limit), self._allowed + 1 / self._allowed)
        else:
            self._opens_at = max(self._opens_at, asyncio.get_running_loop().time() + pause)
            if slot == self._round:  # once for all that were let in before the first refusal
                self._round += 1
                self._allowed = max(1.0, self._allowed / 2)
                line = "refused with 429: at most %d jobs for now, the next in %.1f s"
                logger.info(line, self.allowed, pause)
        self._admit()

    def _admit(self) -> None:
        """Let in who may come in now, or set the timer for when they may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        while self._queue and self.taken < int(self._allowed):
            if loop.time() < self._opens_at:
                self._timer = loop.call_at(self._opens_at, self._admit)
                return
            turn = self._queue.popleft()
            if not turn.done():  # else it gave up waiting
                self.taken += 1
                turn.set_result(None)


_releases: set[asyncio.Task[None]] = set()  # an event loop holds its tasks only weakly


def give_back(slots: SlotLimiter, slot: Any, **how: Any) -> asyncio.Task[None]:
    """Release a slot in a task, which no cancellation of who waits for it reaches if shielded."""

    async def release() -> None:
        try:
            await slots.release(slot, **how)
        except HeyGenError as error:  # what the job gave counts all the same
            logger.warning("a slot was not given back: %s", error)

    task = asyncio.create_task(release())
    _releases.add(task)
    task.add_done_callback(_releases.discard)
    return task


async def submit_in_slot(
    slots: SlotLimiter,
    submit: Callable[[], Awaitable[Job[T]]],
    retry: RetryPolicy,
    key: str | None = None,
) -> tuple[Job[T], Any]:
    """Submit as soon as there is a slot; return the job and the slot, which is to be released.

    ``key`` is that of the item in its ledger. A job that is refused with 429 gives its slot back
    and waits at the head of the queue. Raises what ``submit`` raises, ``RateLimitError`` after
    ``max_attempts`` refusals.
    """
    refusals = 0
    key = uuid.uuid4().hex if key is None else key
    while True:
        # Who was refused has waited already, and keeps its turn: so it goes before all the others.
        slot = await slots.acquire(key, first=refusals > 0)
        try:
            job = await submit()
            await _bind(slots, slot, job)
        except RateLimitError as error:
            refusals += 1
            pause = pause_after(retry, refusals, error, random.random())  # noqa: S311 - no secret
            await asyncio.shield(give_back(slots, slot, pause=pause))
            if refusals >= retry.max_attempts:
                raise
        except (SubmissionUnknownError, ClaimLostError, asyncio.CancelledError):
            # Not awaited: a cancellation meanwhile would hide that a job may be paid.
            give_back(slots, slot, running=True)
            raise
        except BaseException:
            await asyncio.shield(give_back(slots, slot))
            raise
        else:
            return job, slot


async def _bind(slots: SlotLimiter, slot: Any, job: Job[Any]) -> None:
    try:
        await slots.bind(slot, job.token)
    except HeyGenError as error:  # the job is paid, and waited for all the same
        logger.warning("nobody else will know that %s has a slot: %s", job.token, error)


@contextlib.asynccontextmanager
async def hold_slot(
    slots: SlotLimiter,
    submit: Callable[[], Awaitable[Job[T]]],
    retry: RetryPolicy,
    key: str | None = None,
) -> AsyncIterator[Job[T]]:
    """Submit as ``submit_in_slot`` does, give the job, and hold the slot until the block ends."""
    job, slot = await submit_in_slot(slots, submit, retry, key)
    try:
        yield job
    except JobFailedError:
        await asyncio.shield(give_back(slots, slot))
        raise
    except BaseException:  # a wait that is given up, for whatever reason: the job goes on
        await asyncio.shield(give_back(slots, slot, running=True))
        raise
    await asyncio.shield(give_back(slots, slot))
