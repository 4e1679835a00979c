"""What webhooks save: the same renders with a receiver and without, in requests and in lag.

Emulator, receiver and client share one process and the ordinary clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import frozen

from benchmarks import report
from benchmarks.report import Table, ratio
from heygen_async import HeyGen, ImageVideo, JoggAI, JoggMotion, PollPolicy, Spec
from heygen_async.emulator import Emulator
from heygen_async.webhooks import WebhookReceiver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

MEDIAN = 2.0  # seconds that a render lasts
SPEED = 180.0 / MEDIAN
WARM_UP = 5  # jobs by which durations are learned and events come to be relied on

POLL = PollPolicy().at_speed(SPEED)

VIDEO = ImageVideo(image="https://example.com/ada.png", script="Hello!", voice_id="v1")
MOTION = JoggMotion(
    image_url="https://example.com/ada.png",
    name="Ada",
    voice_id="en-US-ChristopherNeural",
    model="2.0",
)


@frozen
class Load:
    """So many jobs of a sort, so many of them at once."""

    name: str
    spec: Spec[Any]
    jobs: int
    at_once: int


LOADS = (
    Load("videos", VIDEO, 15, 1),
    Load("videos", VIDEO, 100, 10),
    Load("videos", VIDEO, 500, 500),
    Load("JoggAI motions", MOTION, 10, 2),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    options = report.parser("webhooks", __doc__)
    given = options.parse_args(argv)
    if not given.quick:
        report.announce(options)
    loads = [Load("videos", VIDEO, 4, 2)] if given.quick else LOADS
    report.publish([asyncio.run(measured(loads))], given.markdown)


async def measured(loads: Sequence[Load]) -> Table:
    """Measure each load with webhooks and without."""
    table = Table(
        title="Waits with webhooks, and without",
        note=(
            f"Renders of about {MEDIAN:g} s, the default schedule in proportion. Requests are "
            "those for the status and the result of a job, counted after a warm-up; the lag is "
            "from a job's end to the end of its wait."
        ),
        header=(
            "jobs", "at once", "webhooks", "requests/job", "fewer by", "median lag, ms",
            "p99 lag, ms",
        ),
    )  # fmt: skip
    for load in loads:
        plain = None
        for push in (False, True):
            requests, lags = await run(load, push=push)
            plain = plain if push else requests
            fewer = ratio(plain, requests) if push else None
            ordered = sorted(1e3 * lag for lag in lags)
            middle, late = statistics.median(ordered), ordered[int(0.99 * len(ordered))]
            how = "yes" if push else "no"
            table.rows.append((load.name, load.at_once, how, requests, fewer, middle, late))
    return table


async def run(load: Load, *, push: bool) -> tuple[float, list[float]]:
    """Return the requests for each job of ``load``, and the lag of each wait in seconds."""
    emulator = Emulator(
        seed=1, median=MEDIAN, max_concurrent_jobs=10_000, jogg_posts_per_minute=10_000
    )
    async with emulator, contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(_client(emulator, load))
        if push:
            await stack.enter_async_context(_receiving(client))
        await _render(emulator, client, load, WARM_UP)
        before = client.statistics()
        lags = await _render(emulator, client, load, load.jobs)
        after = client.statistics()
    requests = after.polls + after.details - before.polls - before.details
    return requests / load.jobs, lags


def _client(emulator: Emulator, load: Load) -> HeyGen | JoggAI:
    if load.spec is MOTION:
        return JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url, poll=POLL)
    return HeyGen(emulator.api_key, base_url=emulator.url, poll=POLL)


@contextlib.asynccontextmanager
async def _receiving(client: HeyGen | JoggAI) -> AsyncIterator[None]:
    """Take in what the emulator delivers; it alone registers URLs that are not https."""
    receiver = WebhookReceiver(client, ["not known yet"])
    app = web.Application()
    app.add_routes(receiver.routes("/hooks"))
    async with TestServer(app, host="127.0.0.1") as server, receiver:
        body: dict[str, Any] = {"url": str(server.make_url("/hooks"))}
        path = "/v3/webhooks/endpoints"
        if isinstance(client, JoggAI):
            path = "/v2/endpoint"
            body |= {"status": "enabled", "events": ["generated_motion_success"]}
        answer = await client.request("POST", path, json=body)
        receiver.rotate([answer["data"]["secret"]])
        yield


async def _render(
    emulator: Emulator, client: HeyGen | JoggAI, load: Load, jobs: int
) -> list[float]:
    """Render ``jobs``, as many at once as the load says; return by how much each wait was late."""
    room = asyncio.Semaphore(load.at_once)
    clock = asyncio.get_running_loop().time

    async def one() -> float:
        async with room:
            job = await client.submit(load.spec)
            await job.wait()
            return clock() - emulator.jobs[job.id].finished_at

    return await asyncio.gather(*(one() for _ in range(jobs)))


if __name__ == "__main__":
    main()
