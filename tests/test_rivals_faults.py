"""The faults that were measured in other SDKs, each with the test that keeps it out.

1  a create whose answer is lost goes out again and is paid again: ``test_invariant_1_…``
2  a burst of 503 ends a paid wait: ``test_invariant_3_…``
3  an unknown status raises or is taken as final: ``test_invariant_4_…``, and below
4  the server's first hint is frozen for the whole wait: below
5  the delay overflows and turns negative after minutes: ``test_invariant_7_…``, and below
6  a local timeout hides the id: ``test_invariant_2_…``
7  a key made of the payload merges two intended renders: ``test_each_call_has_a_key_of_its_own``
9  Retry-After is ignored, uncapped or a type error: ``tests/transport/test_retry.py``, below
10 waiting in short slices burns the processor: below
11 a finished video is lost with one failed download: ``test_invariant_8_…``
12 one waiter's cancel hits the others: ``test_invariant_6_…``
"""

from __future__ import annotations

import asyncio
import itertools
import json

import pytest

from heygen_async import State
from heygen_async.emulator import Fault
from heygen_async.jobs.schedule import next_delay
from heygen_async.models.policies import PollPolicy
from heygen_async.protocol.retry import backoff_delay
from tests.conftest import image_video

GET = "GET /v3/videos/{video_id}"


def looks(emulator):
    return [seen.at for seen in emulator.received if seen.route == GET]


async def test_fault_3_an_unknown_status_is_neither_an_error_nor_the_end(heygen, emulator):
    """A word from the future is shown, and the job is looked at until it ends."""
    job = await heygen.submit(image_video())
    body = json.dumps({"data": {"id": job.id, "status": "CANCELLING_SOON"}})
    emulator.faults.add(Fault(route=GET, nth=(1, 2, 3), body=body))
    waiting = asyncio.create_task(job.wait())
    await asyncio.sleep(30)
    assert (job.status.state, job.status.raw) == (State.RUNNING, "CANCELLING_SOON")
    assert (await waiting).status == "completed"


async def test_fault_4_a_hint_holds_once(heygen, emulator):
    """A long Retry-After delays the next look, and no look after that."""
    video_id = emulator.add_video(duration=400)
    emulator.faults.add(Fault(route=GET, nth=2, status=503, retry_after=100))
    await heygen.attach(f"heygen.video/2000000000/{video_id}")
    gaps = [later - earlier for earlier, later in itertools.pairwise(looks(emulator))]
    assert 100 <= gaps[1] <= 103
    assert max(gaps[2:]) < 25


@pytest.mark.parametrize("attempt", [33, 34, 64, 65, 1024, 10_000])
def test_fault_5_no_delay_overflows(attempt):
    """Delays stay in their bounds at attempts and ages where powers of two give out."""
    from heygen_async import RetryPolicy

    assert 15 <= backoff_delay(RetryPolicy(), attempt, 0.5) <= 30
    delay = next_delay(PollPolicy(), age=attempt * 30.0, median=180, sigma=0.6, random=0.5)
    assert 1 <= delay <= 66


@pytest.mark.parametrize("value", ["0", "1e400", "-5", "soon", "Wed, 99 Foo 2026", "nan", ""])
async def test_fault_9_an_odd_retry_after_is_no_harm(heygen, emulator, value):
    """Whatever stands in the header, the wait goes on at a pace of its own."""
    video_id = emulator.add_video(duration=60)
    emulator.faults.add(Fault(route=GET, nth=(1, 2), status=429, retry_after=value))
    await heygen.attach(f"heygen.video/2000000000/{video_id}")
    assert asyncio.get_running_loop().time() < 90
    assert len(looks(emulator)) < 40


async def test_fault_10_waiting_costs_no_wake_ups(heygen, emulator):
    """A thousand waiters for ten minutes wake the loop for the requests and for nothing else."""
    ids = [emulator.add_video(duration=1e6) for _ in range(1000)]
    jobs = [heygen.attach(f"heygen.video/2000000000/{video_id}") for video_id in ids]
    waits = [asyncio.create_task(job.wait()) for job in jobs]
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    before = loop.jumps
    await asyncio.sleep(600)
    assert loop.jumps - before <= 4 * heygen.statistics().requests
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
