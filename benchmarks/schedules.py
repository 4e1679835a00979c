"""When to look: our schedule, those of others, and the best possible one, in virtual time.

Jobs take log-normal times with a median of 180 s and a sigma of 0.6. Nothing here waits, opens
a socket or starts an event loop, and the same seed gives the same figures.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import optimum, plot, report
from benchmarks.durations import LogNormal
from benchmarks.optimum import Point
from benchmarks.report import Table, ratio
from benchmarks.rivals import RIVALS, Rival, every
from benchmarks.simulation import LATENCY, Tally, simulate, simulate_rival
from heygen_async.models.policies import PollPolicy

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

COUNTS = (1, 10, 100, 1000, 10_000, 100_000)
INTERVALS = (2.0, 3.0, 5.0, 8.0, 12.0)
ALL_INTERVALS = (0.05, 0.1, 0.2, 0.5, 1.0, *INTERVALS, 20.0, 30.0, 45.0)
CONSTANT = (0.3, 1.0, 3.0, 10.0, 30.0)
LAG = 5.0
"""The mean lag in seconds at which all requests are compared."""

RESTART = 150.0
"""How long after the first submission a restarted client attaches to the jobs, in seconds."""

PURE = LogNormal()
MIXED = LogNormal(stuck=0.02)
_FOLDED = 1000  # jobs and more, of which status requests are compared with those of single loops
_ENOUGH = 150  # jobs that are simulated at the least, however often each is looked at


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    options = report.parser("schedules", __doc__)
    options.add_argument("--jobs", type=int, default=2000, help="jobs simulated for each figure")
    options.add_argument("--most", type=int, default=COUNTS[-1], help="most jobs waiting together")
    options.add_argument("--svg", type=Path, help="write the plot to this file")
    given = options.parse_args(argv)
    report.announce(options)
    if given.quick:
        given.jobs, given.most = min(given.jobs, 10), min(given.most, 100)
    report.publish(tables(given), given.markdown)


def tables(given: Namespace) -> list[Table]:
    """Return all tables, and draw the plot."""
    limit = optimum.frontier(PURE)
    alone = [_alone(interval, MIXED, given.jobs) for interval in ALL_INTERVALS]
    if given.svg:
        given.svg.write_text(_plot(limit, given), encoding="utf-8")
    result = [
        limit_table(limit, given.jobs),
        rival_table(alone, given.jobs),
        count_table(given),
        late_table(given),
        prior_table(given),
    ]
    return [*result, folding_table(alone, given)] if given.most >= _FOLDED else result


def _policy(interval: float, **changes: float) -> PollPolicy:
    return PollPolicy(interval=interval, max_interval=max(60.0, interval), **changes)


def _alone(interval: float, law: LogNormal, jobs: int, latency: float = LATENCY) -> Point:
    """Return what our schedule costs for jobs that are waited for one at a time, unlearned."""
    tally = simulate(
        _policy(interval, max_requests_per_second=1000.0),
        law,
        together=1,
        jobs=max(min(_ENOUGH, jobs), round(jobs * min(interval / 2, 1.0))),
        learns=False,
        latency=latency,
    )
    return _point(tally)


def _point(tally: Tally) -> Point:
    return Point(tally.requests_per_job, tally.mean_lag)


def _constant(seconds: float) -> Rival:
    return Rival(name=f"every {seconds:g} s", delays=every(seconds))


def limit_table(limit: Sequence[Point], jobs: int) -> Table:
    """Compare our schedule for one job with the best possible one."""
    table = Table(
        title="One job, and the best schedule for it",
        note=(
            "Log-normal, none stuck, answers in no time, nothing learned. The optimum is that of "
            "dynamic programming on a grid of 0.5 s for the known law, at the same number of "
            "requests; the constant interval has the same number of requests as well."
        ),
        header=(
            "`PollPolicy.interval`", "requests", "mean lag, s", "optimum, s", "lag / optimum",
            "constant / optimum",
        ),
    )  # fmt: skip
    for interval in INTERVALS:
        ours = _alone(interval, PURE, jobs, latency=0.0)
        best = optimum.lag_at(limit, ours.requests)
        constant = PURE.mean / (ours.requests - 0.5) / 2
        cells = interval, ours.requests, ours.lag, best, ratio(ours.lag, best)
        table.rows.append((*cells, ratio(constant, best)))
    return table


def rival_table(alone: Sequence[Point], jobs: int) -> Table:
    """Compare the loops of others with our schedule without folding."""
    table = Table(
        title="One loop per job, as others do it",
        note=(
            "2 % of the jobs stuck for 30 min, answers in 0.1 s. Peaks are scaled from "
            f"{jobs:,} jobs, all submitted in the first 10 s. 'Ours' is the mean lag of our "
            "schedule for a single job with the same number of requests, before any folding. "
            "'Gives up' is the share of jobs that outlast the package's own deadline."
        ),
        header=(
            "schedule", "requests/job", "mean lag, s", "p99 lag, s", "ours, s", "times ours",
            "peak/s, 1,000 jobs", "10,000", "100,000", "gives up, %",
        ),
    )  # fmt: skip
    for rival in RIVALS:
        tally = simulate_rival(rival, MIXED, jobs=jobs)
        ours = optimum.lag_at(alone, tally.requests_per_job)
        peaks = [round(tally.peak / jobs * count) for count in (1000, 10_000, 100_000)]
        cells = tally.requests_per_job, tally.mean_lag, tally.p99_lag, ours
        given_up = 100 * tally.given_up / jobs
        table.rows.append((rival.name, *cells, ratio(tally.mean_lag, ours), *peaks, given_up))
    return table


def count_table(given: Namespace) -> Table:
    """Show our schedule with folding, for few jobs and for many."""
    table = Table(
        title="Jobs that wait together on one client",
        note=(
            "The same jobs, default `PollPolicy` (at most 10 status requests per second). All "
            "are submitted at random in the first 10 s. Small counts are repeated until there "
            f"are {given.jobs:,} jobs; a client that learns lives on through the repetitions."
        ),
        header=(
            "jobs", "learning", "status requests/job", "all requests/job", "mean lag, s",
            "p99 lag, s", "peak requests/s",
        ),
    )  # fmt: skip
    for count in (count for count in COUNTS if count <= given.most):
        for learns in (False, True):
            tally = simulate(PollPolicy(), MIXED, together=count, jobs=given.jobs, learns=learns)
            cells = tally.status_per_job, tally.requests_per_job, tally.mean_lag, tally.p99_lag
            table.rows.append((count, "yes" if learns else "no", *cells, tally.peak))
    return table


def late_table(given: Namespace) -> Table:
    """Show a client that attaches to all jobs a minute after they were submitted."""
    table = Table(
        title="After a restart",
        note=(
            f"As above, with learning, but the client attaches to all jobs {RESTART:g} s after "
            "the first was submitted. Lags count from then on."
        ),
        header=("jobs", "status requests/job", "mean lag, s", "p99 lag, s"),
    )
    for count in (count for count in COUNTS if count <= given.most):
        tally = simulate(PollPolicy(), MIXED, together=count, jobs=given.jobs, since=RESTART)
        table.rows.append((count, tally.status_per_job, tally.mean_lag, tally.p99_lag))
    return table


def prior_table(given: Namespace) -> Table:
    """Show what learning is for: the typical duration is wrong by a factor of 3."""
    table = Table(
        title="A wrong idea of how long jobs take",
        note="As above, with `PollPolicy.typical_duration` wrong by a factor of 3 both ways.",
        header=(
            "typical duration, s", "jobs", "learning", "status requests/job", "mean lag, s",
            "p99 lag, s",
        ),
    )  # fmt: skip
    for typical in (60.0, 540.0):
        for count in (count for count in (1, 1000) if count <= given.most):
            for learns in (False, True):
                policy = PollPolicy(typical_duration=typical)
                tally = simulate(policy, MIXED, together=count, jobs=given.jobs, learns=learns)
                cells = tally.status_per_job, tally.mean_lag, tally.p99_lag
                table.rows.append((typical, count, "yes" if learns else "no", *cells))
    return table


def folding_table(alone: Sequence[Point], given: Namespace) -> Table:
    """Compare folded requests with those of single loops at the same mean lag."""
    table = Table(
        title="What folding saves at the same mean lag",
        note=(
            "Requests of per-job polling over ours: status requests, and all requests with the "
            "detail of each finished job. Per-job polling is our own schedule without folding, "
            "and a constant interval, each at the interval that gives the same lag."
        ),
        header=(
            "jobs", "interval, s", "mean lag, s", "status/job", "all/job", "own schedule/job",
            "constant/job", "own / status", "constant / status", "own / all", "constant / all",
        ),
    )  # fmt: skip
    constant = [
        _point(simulate_rival(_constant(seconds), MIXED, jobs=given.jobs)) for seconds in CONSTANT
    ]
    for count in (count for count in COUNTS if _FOLDED <= count <= given.most):
        for interval, tally in _folded(count, given.jobs):
            lag, status, requests = tally.mean_lag, tally.status_per_job, tally.requests_per_job
            singles = optimum.requests_at(alone, lag), optimum.requests_at(constant, lag)
            ratios = [ratio(single, ours) for ours in (status, requests) for single in singles]
            table.rows.append((count, interval, lag, status, requests, *singles, *ratios))
    return table


def _folded(count: int, jobs: int) -> list[tuple[float, Tally]]:
    """Simulate at some intervals, and at the one where the mean lag is about ``LAG``."""
    if count > 10 * _FOLDED:
        return [(5.0, simulate(_policy(5.0), MIXED, together=count, jobs=jobs))]
    tallies = [
        (interval, simulate(_policy(interval), MIXED, together=count, jobs=jobs))
        for interval in INTERVALS
    ]
    wanted = optimum.lag_at([Point(tally.mean_lag, one) for one, tally in tallies], LAG)
    if wanted is not None:
        tallies.append((wanted, simulate(_policy(wanted), MIXED, together=count, jobs=jobs)))
    return sorted(tallies, key=lambda pair: pair[0])


def _plot(limit: Sequence[Point], given: Namespace) -> str:
    """Draw everybody, for jobs none of which is stuck and answers that take no time."""
    shown = [interval for interval in ALL_INTERVALS if interval >= 0.1]
    folded = min(_FOLDED, given.most)
    together = [
        simulate(_policy(interval), PURE, together=folded, jobs=given.jobs, latency=0.0)
        for interval in INTERVALS
    ]
    return plot.draw(
        "Waiting for a render: lag against requests (log-normal, median 180 s, sigma 0.6)",
        [
            plot.Series(
                name="best possible for one job", colour="#2a7", points=limit, line=True, dots=False
            ),
            plot.Series(
                name="one loop per job, as others do it",
                colour="#888",
                points=[
                    _point(simulate_rival(rival, PURE, jobs=given.jobs, latency=0.0))
                    for rival in RIVALS
                ],
                labels=[rival.name for rival in RIVALS],
            ),
            plot.Series(
                name="ours for one job, by interval",
                colour="#26c",
                points=[_alone(interval, PURE, given.jobs, latency=0.0) for interval in shown],
                labels=[f"{interval:g} s" for interval in shown],
                line=True,
            ),
            plot.Series(
                name=f"ours, {folded:,} jobs folded, details included",
                colour="#c33",
                points=[_point(tally) for tally in together],
                labels=[f"{interval:g} s" for interval in INTERVALS],
                line=True,
            ),
        ],
    )


if __name__ == "__main__":
    main()
