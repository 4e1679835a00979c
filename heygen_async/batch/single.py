"""What ``run`` and ``submit`` do with a ledger: a run of one spec, by its key."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, TypeVar

from heygen_async.errors import JobFailedError, LedgerError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from heygen_async.batch.item import Outcome, Submitted
    from heygen_async.batch.map_run import Outcomes
    from heygen_async.jobs.job import Job

T = TypeVar("T")

logger = logging.getLogger("heygen_async.batch")


async def result_of(outcomes: Outcomes[T], key: str | None) -> T:
    """Return the result of a run of one, with URLs that are fresh as long as the job is known."""
    async with contextlib.aclosing(outcomes):
        outcome = _there(await _last(outcomes), key)
    job = outcome.job
    if outcome.error is not None or job is None:
        return outcome.unwrap()
    try:
        if not job.status.terminal:  # an earlier run has seen its end
            await job.refresh()
        return await job
    except (NotFoundError, JobFailedError):  # the vendor has deleted it
        if outcome.result is None:
            raise
        return outcome.result


async def job_of(
    run: Callable[..., Outcomes[T]], key: str | None, tasks: set[asyncio.Task[Any]]
) -> Job[T]:
    """Return the job of a run of one as soon as it is known; ``tasks`` holds what sees it out."""
    started: asyncio.Future[Job[T]] = asyncio.get_running_loop().create_future()

    def tell(item: Submitted[T]) -> None:
        if not started.done():
            started.set_result(item.job)

    outcomes = run(on_submit=tell)
    ending = asyncio.create_task(_last(outcomes))
    tasks.add(ending)
    ending.add_done_callback(tasks.discard)
    try:
        both: list[asyncio.Future[Any]] = [started, ending]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        ending.add_done_callback(_tell_trouble)
        await outcomes.aclose()
        raise
    if started.done():
        ending.add_done_callback(_tell_trouble)
        return started.result()
    outcome = _there(ending.result(), key)
    if outcome.job is None:
        outcome.unwrap()
        raise AssertionError(outcome)  # what has a result has a job
    return outcome.job


async def _last(outcomes: Outcomes[T]) -> Outcome[T] | None:
    last = None
    async for outcome in outcomes:
        last = outcome
    return last


def _there(outcome: Outcome[T] | None, key: str | None) -> Outcome[T]:
    if outcome is None:
        raise LedgerError(f"all were asked to stop before {key!r} was submitted")
    return outcome


def _tell_trouble(ending: asyncio.Task[Outcome[Any] | None]) -> None:
    """Log what nobody else hears of: whoever has the job waits for nothing else."""
    if ending.cancelled():
        return
    outcome = None if ending.exception() is not None else ending.result()
    error = ending.exception() or (outcome and outcome.error)
    if error is not None and not isinstance(error, JobFailedError):
        logger.warning("a job that was submitted for a ledger: %s", error)
