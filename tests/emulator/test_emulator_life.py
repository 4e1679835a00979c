"""Starting, stopping, the passing of time, and independence from the client."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import aiohttp
import pytest

import heygen_async.emulator
from heygen_async.emulator import Emulator, Fault, FaultPlan
from heygen_async.emulator._jobs import JobStore, RenderJob, job_kind

from .conftest import until

PACKAGE = Path(heygen_async.emulator.__file__).parent


def test_a_job_passes_through_its_states():
    """A job is pending for 15 % of its life, then processing, then done."""
    job = RenderJob(
        id="j", number=1, created_at=100.0, finished_at=200.0, request={}, kind=job_kind("video")
    )
    states = [job.status(at) for at in (100.0, 114.9, 115.0, 199.9, 200.0)]
    assert states == ["pending", "pending", "processing", "processing", "completed"]
    job.failure = ("rendering_failed", "")
    assert job.status(200.0) == "failed"


def test_durations_are_log_normal_and_repeatable():
    """Half of the jobs take longer than the median, and a seed gives the same again."""
    kind = job_kind("video")

    def durations():
        store = JobStore(seed=3, median=180.0, sigma=0.6, failure_rate=0.0)
        return [store.create({}, kind, now=0.0).duration for _ in range(2000)]

    drawn = sorted(durations())
    assert drawn == sorted(durations())
    assert 170 < drawn[1000] < 190
    assert 90 < drawn[317] < 107  # one sigma below: 180 / e^0.6


async def test_a_clean_end(recwarn):
    """After closing no task is left and the ports are free of listeners."""
    before = asyncio.all_tasks()
    async with aiohttp.ClientSession() as session:
        async with Emulator() as emulator:
            url, headers = emulator.url, {"x-api-key": emulator.api_key}
            async with session.get(f"{url}/v3/voices", headers=headers) as response:
                await response.read()
        assert asyncio.all_tasks() == before
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{url}/v3/voices", headers=headers)
    assert not recwarn.list


@pytest.mark.real_time
async def test_no_task_outlives_a_stall():
    """A request that hangs when the emulator closes leaves no task behind."""
    before = asyncio.all_tasks()
    async with aiohttp.ClientSession() as session:
        async with Emulator(faults=FaultPlan([Fault(route="*", delay=3600)])) as emulator:
            headers = {"x-api-key": emulator.api_key}
            task = asyncio.create_task(session.get(f"{emulator.url}/v3/voices", headers=headers))
            await until(lambda: emulator.counts)
        assert asyncio.all_tasks() - before <= {task}
        with pytest.raises(aiohttp.ClientConnectionError):
            await task


async def test_an_emulator_can_be_closed_twice_and_started_again():
    """Closing is idempotent, starting twice is not, and a restart keeps the jobs."""
    emulator = Emulator()
    await emulator.start()
    with pytest.raises(RuntimeError):
        await emulator.start()
    video_id = emulator.add_video()
    await emulator.aclose()
    await emulator.aclose()
    async with emulator:
        assert video_id in emulator.videos


async def test_a_port_can_be_chosen_and_a_taken_one_is_reported():
    """A failed start leaves nothing listening."""
    async with Emulator() as first:
        second = Emulator(port=int(first.url.rpartition(":")[2]))
        with pytest.raises(OSError, match="address already in use"):
            await second.start()
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectionError):
                await session.get(second.files_url)


async def test_hundreds_of_requests_at_once(api):
    """A burst is answered whole."""
    replies = await asyncio.gather(*(api.get("/v3/voices") for _ in range(300)))
    assert {reply.status for reply in replies} == {200}


def test_the_emulator_knows_nothing_of_the_client():
    """No module imports anything of the package outside the emulator."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if name.startswith("heygen_async"):
                    assert name.startswith("heygen_async.emulator"), path
