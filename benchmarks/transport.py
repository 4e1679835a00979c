"""What a call costs: ``videos.get`` beside bare aiohttp and httpx, and what runs per answer.

The callers take turns in rounds on the same server, which runs in a process of its own; ratios
are medians over the rounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import time
import timeit
from typing import TYPE_CHECKING, Any

import aiohttp
from attrs import field, frozen

from benchmarks import report
from benchmarks.report import Table
from benchmarks.server import running
from heygen_async import HeyGen, PollPolicy
from heygen_async.jobs.schedule import next_delay
from heygen_async.protocol.answers import read
from heygen_async.protocol.heygen.videos import VIDEO

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from benchmarks.server import Server

    Call = Callable[[], Awaitable[object]]

try:
    import httpx
except ImportError:
    httpx = None  # type: ignore[assignment] # its rows are left out

OURS, AIOHTTP, HTTPX = "heygen.videos.get", "aiohttp and json.loads", "httpx and json.loads"
ROWS = 100
"""Rows of a bulk answer."""


@frozen
class Rounds:
    """Calls per second and CPU seconds per call, round by round."""

    rates: list[float] = field(factory=list)
    costs: list[float] = field(factory=list)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    options = report.parser("transport", __doc__)
    options.add_argument("--rounds", type=int, default=9, help="how often each caller has a turn")
    options.add_argument("--calls", type=int, default=1000, help="calls in a turn")
    given = options.parse_args(argv)
    report.announce(options)
    if given.quick:
        given.rounds, given.calls = 1, 50
    tables = asyncio.run(_calls(given.rounds, given.calls))
    report.publish([*tables, parts_table(quick=given.quick)], given.markdown)


async def _calls(rounds: int, calls: int) -> list[Table]:
    tables = []
    for kind, what in (
        ("constant", "a bare asyncio protocol that answers every request with the same bytes"),
        ("emulator", "the emulator, which takes longer for a call than the callers do"),
    ):
        table = Table(
            title=f"`videos.get`, server: {kind}",
            note=(
                f"The server is {what}. Medians of {rounds} rounds of {calls:,} calls each. "
                "Rates are bounded by the server as well; the CPU time is the client's alone."
            ),
            header=(
                "caller", "at once", "calls/s", "CPU µs/call", "rate, ours / this",
                "CPU, this / ours",
            ),
        )  # fmt: skip
        async with running(kind) as server, _callers(server) as callers:
            for at_once in (1, 50):
                table.rows.extend(await _compare(callers, at_once, rounds, calls))
        tables.append(table)
    return tables


@contextlib.asynccontextmanager
async def _callers(server: Server) -> AsyncIterator[dict[str, Call]]:
    """Give the ways to read one video, each with connections of its own."""
    video_id = (await server.add([0.0]))[0]
    url, headers = f"{server.url}/v3/videos/{video_id}", {"x-api-key": server.api_key}
    async with contextlib.AsyncExitStack() as stack:
        heygen = await stack.enter_async_context(HeyGen(server.api_key, base_url=server.url))
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def bare() -> object:
            async with session.get(url, headers=headers) as response:
                return json.loads(await response.read())["data"]

        callers: dict[str, Call] = {OURS: lambda: heygen.videos.get(video_id), AIOHTTP: bare}
        if httpx is not None:
            client = await stack.enter_async_context(httpx.AsyncClient())

            async def other() -> object:
                return json.loads((await client.get(url, headers=headers)).content)["data"]

            callers[HTTPX] = other
        yield callers


async def _compare(
    callers: dict[str, Call], at_once: int, rounds: int, calls: int
) -> list[tuple[Any, ...]]:
    """Let the callers take turns; return a row for each."""
    seen = {name: Rounds() for name in callers}
    for call in callers.values():
        await _turn(call, at_once, at_once, Rounds())
    for number in range(rounds):
        for name in sorted(callers, reverse=bool(number % 2)):
            await _turn(callers[name], at_once, calls, seen[name])
    ours = seen[OURS]
    return [
        (
            name,
            at_once,
            round(statistics.median(this.rates)),
            1e6 * statistics.median(this.costs),
            _median_ratio(ours.rates, this.rates),
            _median_ratio(this.costs, ours.costs),
        )
        for name, this in seen.items()
    ]


async def _turn(call: Call, at_once: int, calls: int, seen: Rounds) -> None:
    each = calls // at_once

    async def caller() -> None:
        for _ in range(each):
            await call()

    clock, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    seen.rates.append(each * at_once / (time.perf_counter() - clock))
    seen.costs.append((time.process_time() - cpu) / (each * at_once))


def _median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(above, below, strict=True))


def parts_table(*, quick: bool) -> Table:
    """Measure what is done for an answer and for a row, without any network."""
    ids = [f"{number:032x}" for number in range(ROWS)]
    request = VIDEO.get_statuses(ids)
    row = {"status": "processing", "error": None, "batch_id": None, "item_index": None}
    rows = [{"video_id": video_id, **row} for video_id in ids]
    body = json.dumps({"data": rows, "has_more": False, "next_token": None}).encode()
    policy = PollPolicy()
    table = Table(
        title="What an answer costs",
        note="Medians of 25 turns, in microseconds, in the process of the client.",
        header=("what", "µs"),
    )
    for name, work in (
        (f"decode a bulk answer of {ROWS} rows", lambda: read(request, 200, {}, body, now=0.0)),
        ("json.loads alone", lambda: json.loads(body)),
        (
            "next_delay, for one row",
            lambda: next_delay(policy, age=90.0, median=180.0, sigma=0.6, random=0.5),
        ),
    ):
        number = 10 if quick else 500
        turns = timeit.repeat(work, number=number, repeat=25)
        table.rows.append((name, 1e6 * statistics.median(turns) / number))
    return table


if __name__ == "__main__":
    main()
