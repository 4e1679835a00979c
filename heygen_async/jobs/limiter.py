"""How many jobs are in flight at the vendor: a queue for slots, and what a 429 does to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from heygen_async.errors import JobFailedError, RateLimitError
from heygen_async.protocol.retry import pause_after
from heygen_async.transport.loops import LoopBinding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from heygen_async.models.policies import RetryPolicy

T = TypeVar("T")

logger = logging.getLogger("heygen_async.jobs")


class SlotLimiter(Protocol):
    """Bounds the jobs in flight; one for several processes can stand in for ``JobLimiter``.

    ``limit`` is how many jobs it lets in at most.
    """

    @property
    def limit(self) -> int:
        """How many jobs may be in flight at once at most."""

    async def acquire(self, *, first: bool = False) -> Any:
        """Return a slot as soon as there is one; ``first`` goes before all that wait."""

    def release(self, slot: Any, *, pause: float | None = None, running: bool = False) -> None:
        """Take the slot back; a ``pause`` in seconds says that its job was refused with 429.

        ``running`` says that the wait was given up, and the job may still run at the vendor.
        """


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

    async def acquire(self, *, first: bool = False) -> int:
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

    def release(self, slot: int, *, pause: float | None = None, running: bool = False) -> None:
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


async def submit_in_slot(
    slots: SlotLimiter, submit: Callable[[], Awaitable[T]], retry: RetryPolicy
) -> tuple[T, Any]:
    """Submit as soon as there is a slot; return the job and the slot, which is to be released.

    A job that is refused with 429 gives its slot back and waits at the head of the queue. Raises
    what ``submit`` raises, ``RateLimitError`` after ``max_attempts`` refusals.
    """
    refusals = 0
    while True:
        # Who was refused has waited already, and keeps its turn: so it goes before all the others.
        slot = await slots.acquire(first=refusals > 0)
        try:
            return await submit(), slot
        except RateLimitError as error:
            refusals += 1
            pause = pause_after(retry, refusals, error, random.random())  # noqa: S311 - no secret
            slots.release(slot, pause=pause)
            if refusals >= retry.max_attempts:
                raise
        except BaseException:
            slots.release(slot)
            raise


@contextlib.asynccontextmanager
async def hold_slot(
    slots: SlotLimiter, submit: Callable[[], Awaitable[T]], retry: RetryPolicy
) -> AsyncIterator[T]:
    """Submit as ``submit_in_slot`` does, give the job, and hold the slot until the block ends."""
    job, slot = await submit_in_slot(slots, submit, retry)
    try:
        yield job
    except JobFailedError:
        slots.release(slot)
        raise
    except BaseException:  # a wait that is given up, for whatever reason: the job goes on
        slots.release(slot, running=True)
        raise
    slots.release(slot)
