"""A job's handle on a poller: its result, its errors, and what it leaves behind."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace

import pytest

from heygen_async import (
    JobFailedError,
    JobTimeoutError,
    PermissionDeniedError,
    PollPolicy,
    RetryPolicy,
    TransportError,
)
from heygen_async.jobs.job import Job
from heygen_async.jobs.poller import Poller
from heygen_async.protocol.kinds import JobSnapshot

from .fakes import DONE, FILM, RUNNING, FakeServer

pytestmark = pytest.mark.usefixtures("nothing_left")


@contextlib.asynccontextmanager
async def running(answer):
    """Give a job that is answered for by ``answer``, and its poller."""
    poller = Poller(FakeServer(answer), PollPolicy(), RetryPolicy())
    tracked = poller.track(FILM, "a", created_at=0.0, word="waiting")
    try:
        yield Job(SimpleNamespace(poller=poller), tracked), poller
    finally:
        await poller.aclose()


async def test_a_wait_gives_the_result_to_everybody():
    """Also to who waits when the job has ended, without another request."""
    async with running(lambda _: DONE) as (job, poller):
        assert await asyncio.gather(job.wait(), job.wait(60)) == ["film", "film"]
        assert (await job, poller.counters.polls) == ("film", 1)


@pytest.mark.parametrize("seconds", [None, 1000.0])
async def test_a_cancelled_wait_leaves_the_poller(seconds):
    """With and without a timeout; nobody is left to be asked for."""
    async with running(lambda _: RUNNING) as (job, poller):
        task = asyncio.create_task(job.wait(seconds))
        await asyncio.sleep(10)
        assert poller.waiting == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (poller.waiting, task.cancelled()) == (0, True)


async def test_a_timeout_carries_the_job_and_an_outer_one_is_not_taken_for_it():
    """The render goes on; whose deadline has passed is told apart."""
    async with running(lambda _: RUNNING) as (job, poller):
        with pytest.raises(JobTimeoutError) as caught:
            await job.wait(30)
        assert (caught.value.job, poller.waiting) == (job, 0)
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(30):
                await job.wait(60)
        assert not isinstance(caught.value, JobTimeoutError)


@pytest.mark.parametrize(
    ("snapshot", "says"),
    [
        (JobSnapshot(word="failed", code="bad_face", message="No face."), "No face."),
        (JobSnapshot(word="rejected"), "its status is 'rejected'"),
        (JobSnapshot(word="failed"), "fake.film/0/a"),
    ],
)
async def test_a_failed_job_says_why(snapshot, says):
    """In the vendor's words, or by its status where it has none."""
    async with running(lambda _: snapshot) as (job, _):
        with pytest.raises(JobFailedError, match=says) as caught:
            await job
        assert (caught.value.job, caught.value.code) == (job, snapshot.code)


async def test_an_error_carries_the_job():
    """That of a wait, of a wait on a closed client, and of one who listens."""
    async with running(lambda _: PermissionDeniedError("no", status=403)) as (job, poller):
        with pytest.raises(PermissionDeniedError) as caught:
            await job
        assert caught.value.job is job
        with pytest.raises(PermissionDeniedError) as caught:
            _ = [status async for status in job.events()]
        assert caught.value.job is job
        await poller.aclose()
        with pytest.raises(TransportError) as caught:
            await job
        assert caught.value.job is job


async def test_events_tell_each_change_and_end():
    """From the status as it is to the terminal one; who leaves early leaves nothing."""
    now = asyncio.get_running_loop().time
    async with running(lambda _: DONE if now() > 30 else RUNNING) as (job, poller):
        early = job.events()
        assert (await anext(early)).raw == "waiting"
        await early.aclose()
        assert poller.waiting == 0
        words = [status.raw async for status in job.events()]
        assert words == ["waiting", "working", "done"]
        assert poller.waiting == 0
