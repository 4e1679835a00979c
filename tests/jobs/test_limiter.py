"""First come, first served; halved by a refusal, raised step by step, never below one."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from heygen_async import RateLimitError, RetryPolicy
from heygen_async.jobs.limiter import JobLimiter, hold_slot

JOB = SimpleNamespace(token="heygen.video/0/v")
NOW = 0.0  # a pause that is over at once


def refusal(retry_after=None):
    error = RateLimitError("slow down", status=429)
    error.retry_after = retry_after
    return error


async def take(slots, count):
    """Take so many slots and return them."""
    return [await slots.acquire("k") for _ in range(count)]


async def waiting(slots, order, name, **how):
    """Return a task that waits for a slot and says when it has got it."""

    async def wait():
        slot = await slots.acquire("k", **how)
        order.append(name)
        return slot

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    return task


async def test_no_more_get_in_than_there_are_slots():
    """The third of two has to wait until one is released."""
    slots, order = JobLimiter(2), []
    first, _ = await take(slots, 2)
    third = await waiting(slots, order, "third")
    assert (slots.taken, order) == (2, [])
    await slots.release(first)
    await third
    assert (slots.taken, order) == (2, ["third"])


async def test_they_get_in_in_the_order_they_came_and_the_refused_before_all():
    """The queue is fair; ``first`` goes to its head."""
    slots, order = JobLimiter(1), []
    (held,) = await take(slots, 1)
    tasks = [await waiting(slots, order, name) for name in ("a", "b")]
    tasks.append(await waiting(slots, order, "again", first=True))
    await slots.release(held)
    while tasks:
        (done,), tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await slots.release(done.result())
    assert order == ["again", "a", "b"]


async def test_a_refusal_halves_what_is_allowed_once_for_all_that_were_in():
    """Five 429 of one burst count as one; the next burst counts again."""
    slots = JobLimiter(8)
    held = await take(slots, 8)
    for slot in held[:5]:
        await slots.release(slot, pause=NOW)
    assert slots.allowed == 4
    again = await slots.acquire("k", first=True)
    await slots.release(again, pause=NOW)
    assert slots.allowed == 2


async def test_it_never_goes_below_one():
    """However often it is refused, one job at a time is tried."""
    slots = JobLimiter(3)
    for _ in range(10):
        await slots.release(await slots.acquire("k"), pause=NOW)
    assert slots.allowed == 1


async def test_it_grows_by_one_for_each_round_of_jobs_up_to_its_limit():
    """Additive increase: from 1, one job ended gives 2, two more give 3, and so on."""
    slots = JobLimiter(4)
    while slots.allowed > 1:
        await slots.release(await slots.acquire("k"), pause=NOW)
    seen = []
    for _ in range(12):
        await slots.release(await slots.acquire("k"))
        seen.append(slots.allowed)
    assert seen[:6] == [2, 2, 2, 3, 3, 3]  # 1+1, +1/2, +1/2.5, +1/2.9, …
    assert seen[-1] == 4


async def test_nobody_gets_in_before_the_pause_is_over():
    """A 429 with a pause of 7 s holds back all, also those who come meanwhile."""
    slots, clock = JobLimiter(2), asyncio.get_running_loop().time
    await slots.release(await slots.acquire("k"), pause=7.0)
    start = clock()
    await slots.acquire("k")
    assert 7.0 <= clock() - start < 7.1


async def test_who_gives_up_waiting_takes_nothing_with_him():
    """A cancelled wait leaves the queue in order, in the queue and right after its turn."""
    slots, order = JobLimiter(1), []
    (held,) = await take(slots, 1)
    gone, stays = [await waiting(slots, order, name) for name in ("gone", "stays")]
    gone.cancel()
    await slots.release(held)
    slot = await stays
    assert (order, slots.taken) == (["stays"], 1)
    late = await waiting(slots, order, "late")
    await slots.release(slot)
    late.cancel()  # it has been let in, and does not know it yet
    await asyncio.gather(late, return_exceptions=True)
    assert slots.taken == 0
    await slots.acquire("k")


async def test_a_refused_job_goes_first_in_the_next_round():
    """``hold_slot`` submits again after the pause, before those who have come meanwhile."""
    slots, order, clock = JobLimiter(1), [], asyncio.get_running_loop().time
    answers = [refusal(retry_after=3.0), refusal(retry_after=3.0), JOB]
    start = clock()

    async def submit():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def render():
        async with hold_slot(slots, submit, RetryPolicy(base_delay=0)) as job:
            order.append("job" if job is JOB else job)

    refused = asyncio.create_task(render())
    await asyncio.sleep(1)
    other = await waiting(slots, order, "other")
    await refused
    await other
    assert order == ["job", "other"]
    assert 6.0 <= clock() - start < 8.0


async def test_refusals_end_when_the_policy_says_so():
    """After ``max_attempts`` refusals the error is the caller's, and the slot is free."""
    slots, calls = JobLimiter(1), []

    async def submit():
        calls.append(1)
        raise refusal()

    with pytest.raises(RateLimitError):
        async with hold_slot(slots, submit, RetryPolicy(max_attempts=3)):
            pytest.fail("there is no job")
    assert (len(calls), slots.taken) == (3, 0)


async def test_a_429_of_the_wait_is_not_one_of_the_submission():
    """What fails inside the block is not submitted again."""
    slots, calls = JobLimiter(1), []

    async def submit():
        calls.append(1)
        return JOB

    with pytest.raises(RateLimitError):
        async with hold_slot(slots, submit, RetryPolicy()):
            raise refusal()
    assert (len(calls), slots.taken, slots.allowed) == (1, 0, 1)


async def test_the_timer_is_the_only_thing_that_runs_during_a_pause():
    """Ten who wait through a pause of a minute are woken once: nobody spins."""
    slots, order, loop = JobLimiter(10), [], asyncio.get_running_loop()
    await slots.release(await slots.acquire("k"), pause=60.0)
    tasks = [await waiting(slots, order, number) for number in range(10)]
    jumps = loop.jumps
    assert len(loop.timers()) == 1
    await asyncio.gather(*tasks[:5])
    assert (order, loop.jumps - jumps, loop.timers()) == (list(range(5)), 1, [])
    for task in tasks[5:]:
        task.cancel()
    await asyncio.gather(*tasks[5:], return_exceptions=True)


async def test_a_slot_is_given_back_though_its_holder_is_cancelled_meanwhile():
    """A limiter elsewhere takes its time; what may still run is told."""
    heard = []

    class Slow(JobLimiter):
        async def release(self, slot, **how):
            await asyncio.sleep(2)
            heard.append(how)

    async def submit():
        await asyncio.sleep(3600)

    async def render():
        async with hold_slot(Slow(1), submit, RetryPolicy()):
            pytest.fail("there is no job")

    task = asyncio.create_task(render())
    await asyncio.sleep(0)
    for _ in range(2):  # during the submission, and during the release
        task.cancel()
        await asyncio.sleep(0.5)
    assert (task.cancelled(), heard) == (True, [])
    await asyncio.sleep(2)
    assert heard == [{"running": True}]
