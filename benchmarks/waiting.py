"""One measurement of many waits, in a process of its own; the result is a line of JSON."""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import math
import os
import resource
import sys
import time
import tracemalloc
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.durations import LogNormal
from benchmarks.rivals import by_name
from benchmarks.server import running
from heygen_async import HeyGen, HeyGenError, PollPolicy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.rivals import Rival
    from benchmarks.server import Server

LAW = LogNormal()
LONGEST = 3.0
"""Jobs that end within the window last at most that many medians, so that it is short."""

_LONG = 36_000.0
_SETTLE = 0.6  # windows before the one that counts: attaching old jobs makes them all due
_GIVE_UP = 120.0


async def steady(jobs: int, seconds: float, *, trace: bool) -> dict[str, float]:
    """Wait for jobs of all ages none of which ends; return what a client then does per second."""
    luck = Random(1)
    async with running("emulator") as server:
        ids = await server.add([_LONG] * jobs)
        async with _client(server, PollPolicy()) as heygen:
            await heygen.videos.get(ids[0])
            memory = _Memory(trace=trace)
            begun = time.process_time()
            tasks = [
                asyncio.create_task(heygen.attach(f"heygen.video/{born}/{job_id}").wait())
                for job_id, born in zip(ids, _births(jobs, luck), strict=True)
            ]
            await asyncio.sleep(0)
            attached = time.process_time() - begun
            await asyncio.sleep(_SETTLE * seconds)
            sent, cpu, clock = heygen.statistics(), time.process_time(), time.monotonic()
            while time.monotonic() < clock + seconds:
                await asyncio.sleep(seconds / 20)
                memory.look()
            took, told = time.monotonic() - clock, heygen.statistics()
            cpu = time.process_time() - cpu
        await asyncio.gather(*tasks, return_exceptions=True)
    polls = told.polls - sent.polls
    return {
        "requests": (told.requests - sent.requests) / took,
        "fill": (told.bulk_rows - sent.bulk_rows) / max(1, polls),
        "cpu": cpu / took,
        "cpu_per_request": cpu / max(1, polls),
        "attach": attached / jobs,
        "memory": memory.peak / jobs,
    }


async def bare(jobs: int, *, trace: bool) -> dict[str, float]:
    """Return the memory of the least a wait can be: an object, its future, and a task."""
    memory = _Memory(trace=trace)
    waits = [_Bare() for _ in range(jobs)]
    tasks = [asyncio.create_task(wait.ended()) for wait in waits]
    await asyncio.sleep(0)
    memory.look()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {"memory": memory.peak / jobs}


async def ending(jobs: int, speed: float) -> dict[str, float]:
    """Wait until all jobs have ended, with the default policy at ``speed``."""
    policy = PollPolicy(
        typical_duration=LAW.median / speed,
        interval=5.0 / speed,
        max_interval=60.0 / speed,
        max_requests_per_second=min(10.0 * speed, 1000.0),
    )

    async def wait(heygen: HeyGen, job_id: str, created_at: float) -> None:
        await heygen.attach(f"heygen.video/{created_at:.0f}/{job_id}").wait()

    return await _until_ended(jobs, speed, policy, wait)


async def loops(rival: Rival, jobs: int, speed: float) -> dict[str, float]:
    """Poll each job in a loop of its own, on the same transport, until all have ended."""
    luck = Random(2)

    async def wait(heygen: HeyGen, job_id: str, _created_at: float) -> None:
        await asyncio.sleep(rival.first(luck) / speed)
        for delay in rival.delays(luck):
            video = await heygen.videos.get(job_id)
            if video.status in ("completed", "failed"):
                return
            await asyncio.sleep(delay / speed)

    return await _until_ended(jobs, speed, PollPolicy(), wait)


async def _until_ended(
    jobs: int,
    speed: float,
    policy: PollPolicy,
    wait: Callable[[HeyGen, str, float], Awaitable[None]],
) -> dict[str, float]:
    luck = Random(1)
    seen: dict[str, float] = {}

    async def one(heygen: HeyGen, job_id: str, created_at: float) -> None:
        try:
            await wait(heygen, job_id, created_at)
        except HeyGenError:
            return
        seen[job_id] = time.monotonic()

    async with running("emulator") as server, _client(server, policy) as heygen:
        ids = await server.add([_short(luck) / speed for _ in range(jobs)])
        before, created_at, clock = time.process_time(), time.time(), time.monotonic()
        tasks = [asyncio.create_task(one(heygen, job_id, created_at)) for job_id in ids]
        _, late = await asyncio.wait(tasks, timeout=_GIVE_UP)
        cpu, took, told = (
            time.process_time() - before,
            time.monotonic() - clock,
            heygen.statistics(),
        )
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        look = await server.ask("look")
    lags = sorted(at - look["ends"][job_id] for job_id, at in seen.items()) or [float("nan")]
    counts = look["counts"]
    return {
        "ended": len(seen),
        "took": took,
        # Of which a page of the list takes the place.
        "status": counts.get("GET /v3/videos/statuses", 0) + counts.get("GET /v3/videos", 0),
        "single": counts.get("GET /v3/videos/{video_id}", 0),
        # Others count no details, and of ours some are rows of a page.
        "details": min(told.details, counts.get("GET /v3/videos/{video_id}", 0)),
        "retries": told.retries,
        "lag": sum(lags) / len(lags) * speed,
        "p99": lags[int(len(lags) * 0.99)] * speed,
        "cpu": cpu / jobs,
        "server_cpu": look["cpu"] / jobs,
    }


class _Memory:
    """The memory that came on top since the start, as the system or as tracemalloc counts it."""

    def __init__(self, *, trace: bool) -> None:
        gc.collect()
        self._trace = trace
        if trace:
            tracemalloc.start()
        self._begin = self._now()
        self.peak = 0

    def look(self) -> None:
        """Take note of what is in use now."""
        self.peak = max(self.peak, self._now() - self._begin)

    def _now(self) -> int:
        if self._trace:
            return tracemalloc.get_traced_memory()[1]
        try:
            pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        except OSError:  # not Linux: the highest so far will do
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class _Bare:
    __slots__ = ("_future",)

    def __init__(self) -> None:
        self._future = asyncio.get_running_loop().create_future()

    async def ended(self) -> None:
        await self._future


def _client(server: Server, policy: PollPolicy) -> HeyGen:
    return HeyGen(server.api_key, base_url=server.url, poll=policy)


def _births(jobs: int, luck: Random) -> list[int]:
    """Return when jobs were created that are found waiting at a random moment."""
    now = time.time()
    long = LogNormal(median=LAW.median * math.exp(LAW.sigma**2))  # the long are met oftener
    return [int(now - duration * luck.random()) for duration in long.sample(jobs, luck)]


def _short(luck: Random) -> float:
    drawn = (LAW.median * math.exp(luck.gauss(0, LAW.sigma)) for _ in itertools.count())
    return next(duration for duration in drawn if duration <= LONGEST * LAW.median)


def main() -> None:
    """Measure what the command line says, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.waiting", description=__doc__)
    parser.add_argument("what", help="steady, bare, ending, or the name of a rival's schedule")
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--speed", type=float, default=10.0)
    parser.add_argument("--trace", action="store_true", help="count memory with tracemalloc")
    given = parser.parse_args()
    match given.what:
        case "steady":
            work: Any = steady(given.jobs, given.seconds, trace=given.trace)
        case "bare":
            work = bare(given.jobs, trace=given.trace)
        case "ending":
            work = ending(given.jobs, given.speed)
        case rival:
            work = loops(by_name(rival), given.jobs, given.speed)
    print(json.dumps(asyncio.run(work)))


if __name__ == "__main__":
    main()
