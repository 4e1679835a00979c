"""Thousands of waits on one client, in real time, beside a loop per job on the same transport.

Each row is measured in a process of its own, with the emulator in yet another one. All of it
stays on the loopback interface and ends within minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks import report
from benchmarks.report import Cell, Table, ratio
from benchmarks.server import ROOT

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

COUNTS = (1000, 10_000, 100_000)
TRACED = 10_000  # tracemalloc is slow
MOST_ENDING = 10_000  # of more the emulator would be the bottleneck
LOOPS = ("the vendor's example", "runway", "HeyGen CLI")
TRACE = "--trace"
_PATIENCE = 600.0


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    options = report.parser("waiters", __doc__)
    options.add_argument("--jobs", type=int, default=COUNTS[-1], help="most jobs waiting together")
    options.add_argument("--seconds", type=float, default=20.0, help="window of the steady waits")
    options.add_argument("--speed", type=float, default=10.0, help="how much faster jobs end")
    given = options.parse_args(argv)
    report.announce(options)
    if given.quick:
        given.jobs, given.seconds, given.speed = min(given.jobs, 50), 0.2, 1000.0
    report.publish([*steady_tables(given), ending_table(given)], given.markdown)


def _counts(most: int) -> list[int]:
    return [count for count in COUNTS if count <= most] or [most]


def measure(what: str, given: Namespace, jobs: int, *more: str) -> dict[str, float]:
    """Run one measurement and return its figures."""
    command = [
        sys.executable, "-m", "benchmarks.waiting", what, "--jobs", str(jobs),
        "--seconds", str(given.seconds), "--speed", str(given.speed), *more,
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603 - our own module
        command, check=True, stdout=subprocess.PIPE, text=True, timeout=_PATIENCE, cwd=ROOT
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def steady_tables(given: Namespace) -> list[Table]:
    """Measure waits for jobs that do not end meanwhile: what they cost, and what they hold."""
    table = Table(
        title="Waiting, with no job ending",
        note=(
            f"One client, default `PollPolicy`, a window of {given.seconds:g} s. The jobs are as "
            "old as those are that one finds waiting at a random moment. 'Attach' is the CPU "
            "time to attach a job, start its task and begin to wait."
        ),
        header=(
            "jobs", "requests/s", "rows per request", "a look at each job every, s",
            "CPU, % of one core", "CPU ms/request",
            "attach, µs/job",
        ),
    )  # fmt: skip
    memory = Table(
        title="Peak memory per waiting job",
        note=(
            "With its handle and the task that awaits it, in KiB. 'Bare' is a task that awaits "
            "a future in an object with one slot. RSS is the growth of the process."
        ),
        header=("jobs", "counted by", "KiB/job", "bare, KiB", "on top of bare, KiB"),
    )
    for count in _counts(given.jobs):
        figures = measure("steady", given, count)
        requests, fill = figures["requests"], figures["fill"]
        cpu, request = 100 * figures["cpu"], 1e3 * figures["cpu_per_request"]
        cells = requests, fill, ratio(count, requests * fill), cpu, request
        table.rows.append((count, *cells, 1e6 * figures["attach"]))
        memory.rows.append(_memory(given, count, figures))
    traced = min(TRACED, given.jobs)
    memory.rows.append(_memory(given, traced, measure("steady", given, traced, TRACE), TRACE))
    return [table, memory]


def _memory(
    given: Namespace, count: int, figures: dict[str, float], *more: str
) -> tuple[Cell, ...]:
    ours, bare = figures["memory"], measure("bare", given, count, *more)["memory"]
    counter = "tracemalloc" if more else "RSS"
    return count, counter, ours / 1024, bare / 1024, (ours - bare) / 1024


def ending_table(given: Namespace) -> Table:
    """Measure waits until all jobs have ended, and loops per job beside them."""
    table = Table(
        title="Waiting until all jobs have ended",
        note=(
            f"Everything runs {given.speed:g} times as fast as in life, and lags are given in "
            "the time of life: jobs are log-normal with a median of 180 s and none above three "
            "medians, and all are submitted at once. The request budget of `PollPolicy` grows "
            "with the speed. A loop that the server cannot keep up with asks less often than it "
            "would, and is later."
        ),
        header=(
            "schedule", "jobs", "status requests/job", "all requests/job", "mean lag, s",
            "p99 lag, s", "CPU ms/job", "requests, this / ours", "CPU, this / ours", "not ended",
        ),
    )  # fmt: skip
    counts = [count for count in _counts(given.jobs) if count <= MOST_ENDING]
    for count in counts:
        ours = measure("ending", given, count)
        table.rows.append(("heygen_async", *_ended(count, ours, ours)))
        for name in LOOPS if count == counts[0] and not given.quick else LOOPS[:1]:
            table.rows.append((name, *_ended(count, measure(name, given, count), ours)))
    return table


def _ended(jobs: int, figures: dict[str, float], ours: dict[str, float]) -> Sequence[Cell]:
    return (
        jobs,
        (_requests(figures) - figures["details"]) / jobs,
        _requests(figures) / jobs,
        figures["lag"],
        figures["p99"],
        1e3 * figures["cpu"],
        ratio(_requests(figures), _requests(ours)),
        ratio(figures["cpu"], ours["cpu"]),
        jobs - round(figures["ended"]),
    )


def _requests(figures: dict[str, float]) -> float:
    return figures["status"] + figures["single"]


if __name__ == "__main__":
    main()
