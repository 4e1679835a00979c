"""What a ledger costs: batches of ``map`` with one and without, and what a batch holds in memory.

Each run is measured in a process of its own, with the emulator in yet another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from benchmarks import report
from benchmarks.report import Table, ratio
from benchmarks.server import ROOT
from heygen_async import HeyGen, ImageVideo, Ledger, PollPolicy, RetryPolicy, Video
from heygen_async.emulator import Emulator
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.transport.loops import LoopBinding

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncIterator, Iterator, Sequence

WITH, WITHOUT, LAZY, SERVE = "with", "without", "lazy", "serve"
MEDIAN = 0.25  # seconds that a render lasts
POLL = PollPolicy(interval=0.05, max_interval=0.5, typical_duration=MEDIAN)
"""At most 10 looks in a second, as by default: the less there is to do, the more a ledger shows."""

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
_PATIENCE = 900.0


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    options = report.parser("ledger", __doc__)
    options.add_argument("--items", type=int, default=10_000, help="renders in a batch")
    options.add_argument("--lazy", type=int, default=1_000_000, help="specs of the longest batch")
    options.add_argument("--at-once", type=int, default=100, help="renders in flight")
    options.add_argument("--rounds", type=int, default=5, help="how often a batch is run")
    options.add_argument("--measure", choices=(WITH, WITHOUT, LAZY, SERVE), help="one part of it")
    given = options.parse_args(argv)
    if given.measure is not None:
        asyncio.run(_part(given))
        return
    report.announce(options)
    if given.quick:
        given.items, given.lazy, given.at_once, given.rounds = 50, 500, 10, 1
    report.publish([cost_table(given), lazy_table(given)], given.markdown)


def measure(what: str, given: Namespace, items: int) -> dict[str, float]:
    """Run one batch in a process of its own and return its figures."""
    command = [
        sys.executable, "-m", "benchmarks.ledger", "--measure", what,
        "--items", str(items), "--at-once", str(given.at_once),
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603 - our own module
        command, check=True, stdout=subprocess.PIPE, text=True, timeout=_PATIENCE, cwd=ROOT
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def cost_table(given: Namespace) -> Table:
    """Measure batches with a ledger beside the same without."""
    table = Table(
        title="A batch with a ledger, and without",
        note=(
            f"`map` over `ImageVideo`s of about {MEDIAN:g} s, {given.at_once} in flight, on the "
            "emulator in another process. CPU is that of all threads of the batch's own process; "
            f"medians of {given.rounds} runs in turn. The ledger's share is what comes on top, "
            "of the whole with a ledger. Memory is the highest RSS of the process."
        ),
        header=(
            "items", "ledger", "requests/item", "CPU ms/item", "ledger's share, %", "items/s",
            "peak memory, MiB",
        ),
    )  # fmt: skip
    for items in (max(1, given.items // 10), given.items):
        seen: dict[str, list[dict[str, float]]] = {WITHOUT: [], WITH: []}
        for _ in range(given.rounds):
            for what, runs in seen.items():
                runs.append(measure(what, given, items))
        plain = _median(seen[WITHOUT], "cpu")
        for what, runs in seen.items():
            cpu = _median(runs, "cpu")
            share = 100 * (cpu - plain) / cpu if what == WITH else None
            requests, rate, memory = (
                _median(runs, name) for name in ("requests", "rate", "memory")
            )
            table.rows.append((items, what, requests, 1e3 * cpu / items, share, rate, memory))
    return table


def lazy_table(given: Namespace) -> Table:
    """Measure batches of more and more specs, with nobody at the other end."""
    table = Table(
        title="More and more specs, lazily",
        note=(
            "`map` without a ledger, on a stand-in that sends nothing and ends each job at once; "
            f"{given.at_once} in flight. 'Held' is the highest number of specs that were taken "
            "and whose outcome was not fetched yet."
        ),
        header=("specs", "peak memory, MiB", "held", "CPU µs/spec"),
    )
    for items in (given.lazy // 100, given.lazy // 10, given.lazy):
        figures = measure(LAZY, given, items)
        cpu = ratio(1e6 * figures["cpu"], items)
        table.rows.append((items, figures["memory"], round(figures["held"]), cpu))
    return table


def _median(runs: Sequence[dict[str, float]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


async def _part(given: Namespace) -> None:
    if given.measure == SERVE:
        await _serve()
        return
    run = _lazy(given) if given.measure == LAZY else _batch(given)
    print(json.dumps(await run))


async def _serve() -> None:
    """Serve an emulator until the input ends."""
    async with Emulator(
        seed=1, median=MEDIAN, max_concurrent_jobs=1_000_000, balance=1e9
    ) as emulator:
        print(json.dumps([emulator.api_key, emulator.url]), flush=True)
        await asyncio.to_thread(sys.stdin.read)


@contextlib.asynccontextmanager
async def _serving() -> AsyncIterator[tuple[str, str]]:
    """Run an emulator in a process of its own; give its key and its URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.ledger", "--measure", SERVE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )  # fmt: skip
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the emulator has no pipes")
    try:
        api_key, url = json.loads(await process.stdout.readline())
        yield api_key, url
    finally:
        process.stdin.close()
        await process.wait()


async def _batch(given: Namespace) -> dict[str, float]:
    """Render a batch; return what it took."""
    with tempfile.TemporaryDirectory() as folder:
        async with contextlib.AsyncExitStack() as stack:
            api_key, url = await stack.enter_async_context(_serving())
            heygen = HeyGen(api_key, base_url=url, max_concurrent_jobs=given.at_once, poll=POLL)
            await stack.enter_async_context(heygen)
            clock, cpu = time.monotonic(), time.process_time()
            ledger = None
            if given.measure == WITH:
                ledger = await stack.enter_async_context(Ledger(Path(folder, "run.sqlite")))
            ended = 0
            async for outcome in heygen.map(_specs(given.items), key=_title, ledger=ledger):
                outcome.unwrap()
                ended += 1
            cpu, took = time.process_time() - cpu, time.monotonic() - clock
            requests = heygen.statistics().requests
    return {
        "cpu": cpu,
        "rate": ended / took,
        "requests": requests / ended,
        "memory": _memory(),
    }


def _specs(items: int) -> Iterator[ImageVideo]:
    for number in range(items):
        yield ImageVideo(
            image="https://example.com/ada.png",
            script="Hello!",
            voice_id="v1",
            title=f"item-{number}",
        )


def _title(spec: ImageVideo) -> str:
    return str(spec.title)


def _memory() -> float:
    """Return the highest RSS of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT / 2**20


@frozen
class _Ended:
    """A job that ends at the loop's next turn."""

    result: Video
    token: str = "heygen.video/0/v"  # noqa: S105 - it names a job

    async def wait(self, _timeout: float | None) -> Video:
        await asyncio.sleep(0)
        return self.result


@frozen
class _Service:
    """Stands in for a client's service: what is submitted to it ends at once."""

    result: Video
    transport: Any = field(
        factory=lambda: SimpleNamespace(loop=LoopBinding("benchmark"), retry=RetryPolicy())
    )

    def kind_of(self, spec: Any) -> Any:
        return HEYGEN.kind_for(type(spec))

    def key_for(self, _spec: Any, key: str | None) -> str | None:
        return key

    async def submit(self, *_given: Any, hooks: Any, **_options: Any) -> _Ended:
        job = _Ended(self.result)
        await asyncio.sleep(0)
        await hooks.before()
        await hooks.after(job)
        return job


async def _lazy(given: Namespace) -> dict[str, float]:
    """Run a batch on a service that sends nothing; return what it took, and the most it held."""
    taken = fetched = held = 0

    def specs() -> Iterator[ImageVideo]:
        nonlocal taken, held
        for spec in _specs(given.items):
            taken += 1
            held = max(held, taken - fetched)
            yield spec

    service: Any = _Service(Video(id="v", status="completed"))
    cpu = time.process_time()
    async with HeyGen("no-key", max_concurrent_jobs=given.at_once) as heygen:
        heygen._service = service  # noqa: SLF001 - nobody is to be asked
        async for _ in heygen.map(specs()):
            fetched += 1
    return {"cpu": time.process_time() - cpu, "memory": _memory(), "held": held}


if __name__ == "__main__":
    main()
