"""What a ledger on PostgreSQL holds and costs: processes that are killed, a server that restarts.

Workers are processes of their own; the emulator, whose limit of jobs answers 429 beyond 10, lives
in this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
from attrs import define, field

from benchmarks import report
from benchmarks.report import Table, ratio
from benchmarks.server import ROOT
from heygen_async import HeyGen, HeyGenError, ImageVideo, ItemState, Ledger, LegacyVideo, PollPolicy
from heygen_async.batch.item import LedgerItem
from heygen_async.emulator import Emulator
from tests.fleet.servers import PostgresServer

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncIterator, Sequence

    from heygen_async import Spec

LIMIT = 10
MEDIAN = 0.8  # seconds that a render lasts
POLL = PollPolicy(interval=0.1, max_interval=1.0, typical_duration=MEDIAN)
LEASE = 2.0
NAME = "fleet"
PICTURE = "https://example.com/ada.jpg"


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    options = report.parser("fleet", __doc__)
    options.add_argument("--renders", type=int, default=1000, help="rows of the fleet's table")
    options.add_argument("--kills", type=int, default=100, help="SIGKILLs in its course")
    options.add_argument("--restarts", type=int, default=10, help="of the database server")
    options.add_argument("--processes", type=int, default=4)
    options.add_argument("--rows", type=int, default=1_000_000, help="of the largest table")
    options.add_argument("--only", default="fleet,wake,step,claims,size", help="parts to measure")
    options.add_argument("--worker", help="what this process is to do, for the others")
    given = options.parse_args(argv)
    if given.worker is not None:
        asyncio.run(_work(json.loads(given.worker)))
        return
    report.announce(options)
    if given.quick:
        given.renders, given.kills, given.restarts, given.rows = 24, 3, 1, 2000
        given.processes = 2
    parts = {
        "fleet": fleet_table,
        "wake": wake_table,
        "step": step_table,
        "claims": claims_table,
        "size": size_table,
    }
    with PostgresServer(fsync=True) as server:
        tables = [asyncio.run(parts[name](given, server)) for name in given.only.split(",")]
    report.publish(tables, given.markdown)


# The workers


async def _work(told: dict[str, Any]) -> None:
    """Do what the parent has said, and print what it asks for as JSON."""
    what = {"map": _map, "alone": _alone, "wait": _wait, "claim": _claim}
    print(json.dumps(await what[told["what"]](told)), flush=True)


def _specs(told: dict[str, Any]) -> list[Spec[Any]]:
    if told.get("v2"):
        return [
            LegacyVideo(title=f"t{n}", image_url=PICTURE, script="Hello", voice_id="v1")
            for n in range(told["renders"])
        ]
    return [
        ImageVideo(image=PICTURE, script="Hello", voice_id="v1", title=f"t{n}")
        for n in range(told["renders"])
    ]


def _client(told: dict[str, Any]) -> HeyGen:
    return HeyGen(told["key"], base_url=told["url"], max_concurrent_jobs=LIMIT, poll=POLL)


def _ledger(told: dict[str, Any]) -> Ledger:
    if told["ledger"].startswith("postgresql:"):
        return Ledger(told["ledger"], name=NAME, lease=LEASE)
    return Ledger(told["ledger"])


async def _map(told: dict[str, Any]) -> dict[str, Any]:
    """Render a table with a ledger, as the other processes do."""
    states = Counter[str]()
    async with _ledger(told) as ledger, _client(told) as heygen:
        outcomes = heygen.map(_specs(told), key=lambda spec: spec.title, ledger=ledger)
        async for outcome in outcomes:
            states["ok" if outcome.ok else type(outcome.error).__name__] += 1
    return dict(states)


async def _alone(told: dict[str, Any]) -> dict[str, Any]:
    """Render the rows of a queue with nothing shared but the queue: one render at a time, ten."""
    pool = await asyncpg.create_pool(told["ledger"], min_size=1, max_size=4)
    take = """
        UPDATE queue SET taken = clock_timestamp() WHERE id = (
            SELECT id FROM queue WHERE NOT done
            AND (taken IS NULL OR taken < clock_timestamp() - interval '8 seconds')
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) RETURNING id
    """

    async def one(heygen: HeyGen) -> None:
        while (number := await pool.fetchval(take)) is not None:
            with contextlib.suppress(HeyGenError):  # the queue gives it to somebody again
                await heygen.run(_specs(told)[number])
                await pool.execute("UPDATE queue SET done = true WHERE id = $1", number)

    async with _client(told) as heygen:
        while await pool.fetchval("SELECT count(*) FROM queue WHERE NOT done"):
            await asyncio.gather(*(one(heygen) for _ in range(LIMIT)))
            await asyncio.sleep(0.5)
    await pool.close()
    return {}


async def _wait(told: dict[str, Any]) -> dict[str, Any]:
    """Wait for jobs by their tokens, a line for each, with looks that are far apart."""
    rare = PollPolicy(interval=told["looks"], max_interval=told["looks"])
    client = HeyGen(told["key"], base_url=told["url"], poll=rare)
    async with _ledger(told) as ledger, client as heygen:
        ledger.hear(heygen.notify)
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            job = heygen.attach(line.strip())
            waiting = asyncio.create_task(job.wait())
            await asyncio.sleep(0.3)  # its first look is over
            print("waits", flush=True)
            await waiting
            print(time.monotonic(), flush=True)
    return {}


async def _claim(told: dict[str, Any]) -> dict[str, Any]:
    """Claim, write and leave rows that nobody renders; return when each was done."""
    keys = [f"t{n}" for n in range(told["renders"])]
    first = random.Random(os.getpid()).randrange(len(keys))
    keys = keys[first:] + keys[:first]
    done: list[float] = []
    async with _ledger(told) as ledger:
        await ledger.claim(api="HeyGen", origin="http://127.0.0.1", account="key")
        for key in keys:
            known = await ledger.get(key)
            if known is not None and known.ended:
                continue
            known = await ledger.take(key)
            if known is None:
                await ledger.put(_row(key, ItemState.COMPLETED))
                done.append(time.monotonic())
            ledger.leave(key)
    return {"done": done}


def _row(key: str, state: ItemState) -> LedgerItem:
    now = time.time()
    return LedgerItem(
        key=key, digest="d" * 32, state=state, kind="heygen.video", labels=(f"l-{key}",),
        token=f"heygen.video/1790000000/{key}", submitted_at=now, ended_at=now,
    )  # fmt: skip


# The parent


@define
class Fleet:
    """Processes that do the same, started again when they are killed."""

    told: dict[str, Any]
    processes: int
    kills: int = 0
    seconds: float = 0.0
    busiest: int = 0
    fill: float = 0.0
    outputs: list[dict[str, Any]] = field(factory=list)
    running: set[Any] = field(factory=set)

    async def run(self, emulator: Emulator | None, *, pause: float = 0.0) -> None:
        """Run until each has ended well; ``pause`` is that between two kills, in seconds."""
        start = time.monotonic()
        watching = asyncio.create_task(self._watch(emulator)) if emulator else None
        killing = asyncio.create_task(self._kill(pause))
        try:
            self.outputs = await asyncio.gather(*(self._one() for _ in range(self.processes)))
        finally:
            self.seconds = time.monotonic() - start
            tasks = [task for task in (watching, killing) if task is not None]
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended
            for process in self.running:
                process.kill()

    async def _one(self) -> dict[str, Any]:
        while True:
            process = await _start(self.told)
            self.running.add(process)
            output, _ = await process.communicate()
            self.running.discard(process)
            if process.returncode == 0:
                result: dict[str, Any] = json.loads(output.splitlines()[-1])
                return result
            if process.returncode != -signal.SIGKILL:
                raise RuntimeError(f"a worker ended with {process.returncode}")

    async def _kill(self, pause: float) -> None:
        wanted, self.kills = self.kills, 0
        while self.kills < wanted:
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            if self.running:
                random.choice([*self.running]).kill()
                self.kills += 1

    async def _watch(self, emulator: Emulator) -> None:
        """See how many jobs are in flight, and the mean of it while there is enough to do."""
        seen = []
        while True:
            await asyncio.sleep(0.02)
            now = _in_flight(emulator)
            self.busiest = max(self.busiest, now)
            left = self.told["renders"] - len(emulator.wallet.charges)
            if emulator.wallet.charges and left > 0:
                seen.append(now)
                self.fill = statistics.fmean(seen) / LIMIT


def _in_flight(emulator: Emulator) -> int:
    """Return how many jobs the vendor has that have not ended."""
    backend = emulator._backend  # noqa: SLF001 - nobody else is to know
    now = backend.clock.now()
    return sum(job.finished_at > now for job in backend.rendering)


async def _start(told: dict[str, Any], **pipes: Any) -> Any:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.fleet"]
    return await asyncio.create_subprocess_exec(
        *command, "--worker", json.dumps(told), stdout=asyncio.subprocess.PIPE, cwd=ROOT, **pipes
    )


@contextlib.asynccontextmanager
async def _emulated(**told: Any) -> AsyncIterator[tuple[Emulator, dict[str, Any]]]:
    options = {"median": MEDIAN, "sigma": 0.3, "max_concurrent_jobs": LIMIT, "balance": 1e9}
    async with Emulator(**options) as emulator:
        yield emulator, {"url": emulator.url, "key": emulator.api_key, **told}


async def fleet_table(given: Namespace, server: PostgresServer) -> Table:
    """Measure fleets that are killed, and what is paid, lost and refused meanwhile."""
    table = Table(
        title="Processes that are killed",
        note=(
            f"One table of renders of about {MEDIAN:g} s for several processes, {LIMIT} jobs "
            "allowed at once: an eleventh is answered 429. Killed processes are started again; the "
            f"lease is {LEASE:g} s. 'In flight' is the most at once, 'fill' the mean while not all "
            "is submitted, as a part of what is allowed. The server restarts at once, without a "
            "word to its clients. 'Nothing shared' takes rows from a queue in PostgreSQL and has "
            "no ledger."
        ),
        header=(
            "way", "processes", "renders", "kills", "restarts", "lost", "paid twice", "uncertain",
            "429", "in flight", "fill", "requests/render", "seconds",
        ),
    )  # fmt: skip
    many, few = given.renders, max(10, given.renders // 5)
    some = given.kills // 5
    runs: list[tuple[str, dict[str, Any], int, int, int]] = [
        ("ledger on PostgreSQL", {"renders": many}, given.processes, given.kills, given.restarts),
        ("the same, no kills", {"renders": few}, given.processes, 0, 0),
        ("the same, one process", {"renders": few}, 1, 0, 0),
        ("ledger in SQLite", {"renders": few, "file": True}, 1, 0, 0),
        ("ledger on PostgreSQL, v2", {"renders": few, "v2": True}, given.processes, some, 0),
        ("nothing shared", {"renders": few, "alone": True}, given.processes, some, 0),
    ]
    for way, told, processes, kills, restarts in runs:
        table.rows.append(await _measure(server, way, told, processes, kills, restarts))
    return table


async def _measure(  # noqa: PLR0917 - a row of the table
    server: PostgresServer,
    way: str,
    asked: dict[str, Any],
    processes: int,
    kills: int,
    restarts: int,
) -> tuple[str | int | float | None, ...]:
    database = await asyncio.to_thread(server.database)
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / "run.sqlite") if asked.get("file") else database
        what = "alone" if asked.get("alone") else "map"
        async with _emulated(what=what, ledger=place, **asked) as (emulator, told):
            if what == "alone":
                await _fill_queue(database, told["renders"])
            fleet = Fleet(told, processes, kills)
            least = told["renders"] * MEDIAN / LIMIT
            running = asyncio.create_task(fleet.run(emulator, pause=max(0.4, least / (kills + 1))))
            for _ in range(restarts):
                await asyncio.sleep(max(1.0, least / (restarts + 1)))
                await asyncio.to_thread(server.restart)
            await running
            jobs = emulator.jobs
            charges = Counter(jobs[charge.job_id].title for charge in emulator.wallet.charges)
            states = await _states(told, what)
            answers = Counter(seen.status for seen in emulator.received)
    twice = sum(charges.values()) - len(charges)
    lost = told["renders"] - states["completed"] - states["uncertain"]
    per_render = sum(answers.values()) / told["renders"]
    return (
        way, processes, told["renders"], fleet.kills, restarts, lost, twice, states["uncertain"],
        answers[429], fleet.busiest, fleet.fill, per_render, fleet.seconds,
    )  # fmt: skip


async def _fill_queue(database: str, renders: int) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute(
        "CREATE TABLE queue (id integer PRIMARY KEY, done boolean DEFAULT false, taken timestamptz)"
    )
    await connection.execute("INSERT INTO queue SELECT generate_series(0, $1::int - 1)", renders)
    await connection.close()


async def _states(told: dict[str, Any], what: str) -> Counter[str]:
    """Return how many rows ended how."""
    if what == "alone":
        connection = await asyncpg.connect(told["ledger"])
        done = await connection.fetchval("SELECT count(*) FROM queue WHERE done")
        await connection.close()
        return Counter(completed=done)
    async with _ledger(told) as ledger:
        return Counter({str(state): number for state, number in (await ledger.counts()).items()})


async def wake_table(given: Namespace, server: PostgresServer) -> Table:
    """Measure how soon a webhook at one process ends a wait in another."""
    table = Table(
        title="A webhook here wakes a waiter there",
        note=(
            "From the news in one process to the end of `job.wait()` in another, in milliseconds; "
            "the looks of the waiter are 2 s apart. 'Looks alone' is the same without the news."
        ),
        header=("way", "waits", "median, ms", "longest, ms"),
    )
    rounds = 5 if given.quick else 50
    for way in ("NOTIFY", "looks alone"):
        times = await _wake(server, rounds if way == "NOTIFY" else max(3, rounds // 5), way)
        table.rows.append((way, len(times), 1e3 * statistics.median(times), 1e3 * max(times)))
    return table


async def _wake(server: PostgresServer, rounds: int, way: str) -> list[float]:
    database = await asyncio.to_thread(server.database)
    pipes = {"stdin": asyncio.subprocess.PIPE}
    times = []
    async with (
        _emulated(what="wait", ledger=database, looks=2.0) as (emulator, told),
        _ledger(told) as ledger,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        process = await _start(told, **pipes)
        await process.stdout.readline()
        await asyncio.sleep(LEASE / 3 + 0.2)  # its listener is there
        for _ in range(rounds):
            job = await heygen.submit(_specs({"renders": 1})[0])
            process.stdin.write(f"{job.token}\n".encode())
            await process.stdout.readline()
            ends = emulator.jobs[job.id].finished_at
            await asyncio.sleep(ends - asyncio.get_running_loop().time())
            start = time.monotonic()
            if way == "NOTIFY":
                await ledger.remember([os.urandom(32)], [((job.kind,), job.id, True)])
            times.append(float(await process.stdout.readline()) - start)
        process.stdin.close()
        await process.wait()
    return times


async def step_table(given: Namespace, server: PostgresServer) -> Table:
    """Measure what a key and a ledger add to one render."""
    table = Table(
        title="What `run(key=, ledger=)` adds to a render",
        note=(
            "One render after the other, the ways in turn; medians. A render lasts 0.2 s, and is "
            "looked at every 10 ms."
        ),
        header=("ledger", "renders", "median, ms", "added, ms"),
    )
    rounds = 5 if given.quick else 60
    database = await asyncio.to_thread(server.database)
    fine = PollPolicy(interval=0.01, max_interval=0.01, typical_duration=0.2)
    took: dict[str, list[float]] = {"none": [], "SQLite": [], "PostgreSQL": []}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Emulator(median=0.2, sigma=1e-6, balance=1e9) as emulator,
            HeyGen(emulator.api_key, base_url=emulator.url, poll=fine) as heygen,
            Ledger(Path(folder) / "run.sqlite") as file,
            Ledger(database, name=NAME) as shared,
        ):
            for number in range(rounds):
                for name, ledger in (("none", None), ("SQLite", file), ("PostgreSQL", shared)):
                    spec = _specs({"renders": 1})[0]
                    key = None if ledger is None else f"order-{name}-{number}"
                    start = time.perf_counter()
                    await heygen.run(spec, key=key, ledger=ledger)
                    took[name].append(time.perf_counter() - start)
    plain = statistics.median(took["none"])
    for name, times in took.items():
        median = statistics.median(times)
        table.rows.append((name, len(times), 1e3 * median, 1e3 * (median - plain)))
    return table


async def claims_table(given: Namespace, server: PostgresServer) -> Table:
    """Measure many processes that claim the rows of one table, in orders of their own."""
    table = Table(
        title="Rows that are claimed, written and left",
        note=(
            "No renders. Each process goes through all rows, from a place of its own. 'Longest "
            "pause' is the longest time in which none of them got on."
        ),
        header=("processes", "rows", "rows/s", "longest pause, ms"),
    )
    rows = min(10_000, given.rows)
    for processes in (1, 2 * given.processes):
        database = await asyncio.to_thread(server.database)
        wanted = rows if processes > 1 else max(1, rows // 10)
        fleet = Fleet({"what": "claim", "ledger": database, "renders": wanted}, processes)
        await fleet.run(None)
        done = sorted(at for output in fleet.outputs for at in output["done"])
        pauses = [after - before for before, after in itertools.pairwise(done)]
        rate = ratio(len(done), done[-1] - done[0])
        table.rows.append((processes, len(done), rate, 1e3 * max(pauses)))
    return table


async def size_table(given: Namespace, server: PostgresServer) -> Table:
    """Measure the same steps in an empty table and in a large one."""
    table = Table(
        title="The size of the table",
        note="Medians of each step in milliseconds, and the large table's against the empty one's.",
        header=("step", "empty", f"{given.rows:,} rows", "ratio"),
    )
    database = await asyncio.to_thread(server.database)
    empty = await _steps(database, "a", given)
    connection = await asyncpg.connect(database)
    await connection.execute(
        "INSERT INTO heygen_async.items (ledger, key, digest, state, kind, labels, token) "
        "SELECT ledger, 'old-' || n, md5(n::text), 'completed', 'heygen.video', "
        "ARRAY['l-' || n], 'heygen.video/1790000000/' || md5(n::text) "
        "FROM generate_series(1, $1::int) AS n, (SELECT max(id) AS ledger "
        "FROM heygen_async.ledgers) AS newest",
        given.rows,
        timeout=300,
    )
    await connection.execute("VACUUM ANALYZE heygen_async.items", timeout=300)
    await connection.close()
    full = await _steps(database, "b", given)
    for step, before in empty.items():
        table.rows.append((step, before, full[step], ratio(full[step], before)))
    return table


async def _steps(database: str, prefix: str, given: Namespace) -> dict[str, float]:
    """Return the median milliseconds of each step in the life of a row."""
    took: dict[str, list[float]] = {}
    async with Ledger(database, name=NAME) as ledger:
        await ledger.claim(api="HeyGen", origin="http://127.0.0.1", account="key")
        slots = ledger.slots(LIMIT)

        async def step(name: str, work: Any) -> Any:
            start = time.perf_counter()
            result = await work
            took.setdefault(name, []).append(1e3 * (time.perf_counter() - start))
            return result

        for number in range(20 if given.quick else 300):
            key = f"{prefix}-{number}"
            await step("take", ledger.take(key))
            slot = await step("acquire", slots.acquire(key))
            row = _row(key, ItemState.COMPLETED)
            await step("put", ledger.put(row))
            await step("related", ledger.related(row, [key]))
            await step("release", slots.release(slot))
            ledger.leave(key)
    return {name: statistics.median(times) for name, times in took.items()}


if __name__ == "__main__":
    main()
