"""The benchmarks tell the truth: simulators against arithmetic, and every program runs."""

from __future__ import annotations

import itertools
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from benchmarks import optimum, plot, report
from benchmarks.durations import STUCK, LogNormal
from benchmarks.optimum import Point
from benchmarks.rivals import RIVALS, Rival, by_name, every
from benchmarks.simulation import SimulatedClient, Tally, simulate, simulate_rival
from heygen_async import PollPolicy
from heygen_async.jobs.poller import MAX_DETAIL_REQUESTS

ROOT = Path(__file__).parent.parent
LAW = LogNormal()
KNOWN = {108: 0.81, 36: 2.4, 22: 3.95, 15: 5.9, 7.7: 11.6}
"""The best possible lag by requests per job, computed elsewhere."""

BOUNDS = {
    "the vendor's example": [(10, 10)] * 4,
    "replicate": [(0.5, 0.5)] * 4,
    "fal": [(0.1, 0.1)] * 4,
    "runway": [(4.5, 7.5)] * 4,
    "openai videos": [(1, 1)] * 4,
    "elevenlabs flows": [(3, 3.6)] * 4,
    "azure long-running": [(30, 30)] * 4,
    "google-api-core async": [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (0, 32), (0, 60), (0, 60)],
    "google-api-core sync": [(0, 1), (0, 1.5), (0, 2.25), (0, 3.375)],
    "botocore waiter": [(15, 15)] * 4,
    "smithy waiter": [(2, 2), (2, 4), (2, 8), (2, 16), (2, 32), (2, 64), (2, 120), (2, 120)],
    "HeyGen CLI": [(1.5, 2.5), (3, 5), (6, 10), (12, 20), (22.5, 37.5), (22.5, 37.5)],
    "comfy": [(0.5, 0.5), (0.75, 0.75), (1.125, 1.125), (1.6875, 1.6875)],
    "visionstory": [(5, 5)] * 4,
    "videogen": [(1.5, 1.5)] * 4,
}
FIRST = {"replicate": (0.5, 0.5), "runway": (4.5, 7.5), "elevenlabs flows": (3, 3.6)}


@pytest.fixture(scope="module")
def frontier():
    return optimum.frontier(LAW)


@pytest.mark.parametrize(("requests", "lag"), KNOWN.items())
def test_the_optimum_hits_the_known_figures(frontier, requests, lag):
    """Dynamic programming finds the lags that another computation found."""
    assert optimum.lag_at(frontier, requests) == pytest.approx(lag, rel=0.025)


@pytest.mark.parametrize("price", [0.5, 5.0])
def test_the_search_for_the_optimum_leaves_nothing_out(price):
    """A search among all places for each next look finds nothing better."""
    law = LogNormal(median=20.0)
    grid = [2.0 * index for index in range(61)]
    costs = [0.0] * len(grid)
    for now in reversed(range(len(grid) - 1)):
        costs[now] = price * law.survival(grid[now]) + min(
            grid[then] * (law.survival(grid[now]) - law.survival(grid[then]))
            - (law.mean_above(grid[now]) - law.mean_above(grid[then]))
            + costs[then]
            for then in range(now + 1, len(grid))
        )
    found = optimum.best(law, price, step=2.0, horizon=120.0)
    assert found.lag + price * found.requests == pytest.approx(costs[0])


def test_no_simulated_schedule_beats_the_optimum(frontier):
    """Neither a constant interval nor ours gets below the limit."""
    constant = simulate_rival(Rival(name="10 s", delays=every(10)), LAW, jobs=1000, latency=0)
    ours = simulate(PollPolicy(), LAW, together=1, jobs=3000, learns=False, latency=0)
    for tally in (constant, ours):
        assert tally.mean_lag > 0.99 * optimum.lag_at(frontier, tally.requests_per_job)


def test_durations_follow_their_law():
    """Samples have the median, the mean and the stuck jobs that were asked for."""
    durations = sorted(LogNormal(stuck=0.02).sample(10_000, Random(1)))
    usual = [seconds for seconds in durations if seconds != STUCK]
    assert len(usual) == pytest.approx(9800, abs=1)
    assert usual[len(usual) // 2] == pytest.approx(180, rel=0.01)
    assert sum(usual) / len(usual) == pytest.approx(LAW.mean, rel=0.01)
    above = sum(seconds for seconds in usual if seconds > 300) / len(usual)
    assert above == pytest.approx(LAW.mean_above(300), rel=0.02)


@pytest.mark.parametrize(("interval", "latency"), [(2.0, 0.0), (10.0, 0.0), (5.0, 0.5)])
def test_a_constant_interval_is_late_by_half_of_it(interval, latency):
    """Requests and lag of a constant interval are what arithmetic says."""
    rival = Rival(name="constant", delays=every(interval))
    tally = simulate_rival(rival, LAW, jobs=4000, latency=latency)
    cycle = interval + latency
    assert tally.mean_lag == pytest.approx(cycle / 2 + latency / 2, rel=0.05)
    assert tally.requests_per_job == pytest.approx(LAW.mean / cycle + 0.5, rel=0.05)


def test_a_single_job_costs_no_detail():
    """A look at a job that waits alone returns its detail; all looks are one request each."""
    tally = simulate(PollPolicy(), LAW, together=1, jobs=50)
    assert len(tally.lags) == 50
    assert tally.details == 0
    assert tally.peak == 1
    assert min(tally.lags) >= 0


def test_folded_jobs_cost_one_detail_each():
    """Jobs that wait together share status requests, and each has its own detail request."""
    tally = simulate(PollPolicy(), LAW, together=200, jobs=200, pages=False)
    assert len(tally.lags) == 200
    assert 150 < tally.details <= 200
    alone = simulate(PollPolicy(), LAW, together=1, jobs=200)
    assert tally.status * tally.mean_lag < alone.status * alone.mean_lag / 8


def test_the_simulation_keeps_to_the_budget():
    """No second sees more status requests than the policy allows, and as few details at once."""
    policy = PollPolicy(max_requests_per_second=2.0)
    client = SimulatedClient(policy, Random(1), latency=10.0)
    client.round([0.0] * 500, [30.0] * 500)
    assert len(client.tally.lags) == 500
    assert client.tally.peak <= 2 + MAX_DETAIL_REQUESTS


def test_a_late_client_counts_lags_from_its_start():
    """Jobs that ended before the client came are late from then on, and are looked at at once."""
    client = SimulatedClient(PollPolicy(), Random(1), latency=0.0)
    client.round([0.0] * 30, [50.0] * 30, since=400.0)
    assert len(client.tally.lags) == 30
    assert 0 <= max(client.tally.lags) < 100
    assert min(client.tally.seconds, default=400) >= 400


def test_the_same_seed_gives_the_same_figures():
    """A simulation is repeatable."""
    one, other = (simulate(PollPolicy(), LAW, together=20, jobs=60, seed=3) for _ in range(2))
    assert one == other


def test_a_tally_adds_up():
    """Peaks are per second of one round, quantiles are of all lags."""
    tally = Tally(lags=[float(lag) for lag in range(1, 101)], status=250, details=100)
    tally.seconds = Counter({1: 7, 2: 9})
    tally.next_round()
    tally.seconds = Counter({1: 3})
    assert (tally.peak, tally.p99_lag, tally.mean_lag) == (9, 99.0, 50.5)
    assert (tally.status_per_job, tally.requests_per_job) == (2.5, 3.5)


def test_every_schedule_of_the_table_is_there():
    """The rivals are those of the table, each once."""
    assert [rival.name for rival in RIVALS] == list(BOUNDS)


@pytest.mark.parametrize("name", BOUNDS)
def test_a_rival_waits_as_its_package_does(name):
    """First waits and delays lie within the bounds of the table, and reach for both of them."""
    rival, luck = by_name(name), Random(1)
    low, high = FIRST.get(name, (0.0, 0.0))
    assert all(low <= rival.first(luck) <= high for _ in range(50))
    runs = [list(itertools.islice(rival.delays(luck), len(BOUNDS[name]))) for _ in range(300)]
    for delays, (low, high) in zip(zip(*runs, strict=True), BOUNDS[name], strict=True):
        assert low <= min(delays) <= low + (high - low) / 10
        assert high - (high - low) / 10 <= max(delays) <= high


def test_a_rivals_delays_have_no_end():
    """After ten thousand attempts every delay is still finite and not negative."""
    for rival in RIVALS:
        late = next(itertools.islice(rival.delays(Random(1)), 10_000, None))
        assert 0 <= late <= 120


def test_jobs_beyond_a_deadline_are_counted():
    """What a package gives up on by default is told."""
    law = LogNormal(stuck=1.0)
    assert simulate_rival(by_name("botocore waiter"), law, jobs=20).given_up == 20
    assert simulate_rival(by_name("azure long-running"), law, jobs=20).given_up == 0


def test_a_line_is_read_between_its_points():
    """Lags and requests between points lie on the log-log line, beyond them there is nothing."""
    points = [Point(100.0, 1.0), Point(10.0, 10.0)]
    assert optimum.lag_at(points, 31.6227766) == pytest.approx(3.16227766)
    assert optimum.requests_at(points, 2.0) == pytest.approx(50.0)
    assert optimum.lag_at(points, 100.0) == pytest.approx(1.0)
    assert optimum.lag_at(points, 101.0) is None
    assert optimum.lag_at(points, 9.0) is None


def test_tables_are_the_same_in_both_forms():
    """Text and markdown carry the same figures."""
    table = report.Table(title="T", note="N", header=("who", "what"))
    table.rows.extend([("a", 1234), ("b", 0.5), ("c", None), ("d", 12.34)])
    for word in ("1,234", "0.500", "-", "12.3"):
        assert word in table.text()
        assert f"| {word} |" in table.markdown()


def test_the_plot_is_well_formed():
    """The SVG parses, and every label is in it, also one that has to be escaped."""
    points = [Point(10.0, 1.0), Point(20.0, 2.0)]
    series = plot.Series(name="s", colour="#000", points=points, labels=["a<b", "c"], line=True)
    tree = ET.fromstring(plot.draw("title", [series]))
    words = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a<b", "c", "s", "title"} <= set(words)


@pytest.mark.real_time
@pytest.mark.timeout(240)
def test_every_program_runs(tmp_path):
    """All benchmarks run in small, and the page has a heading, a command and figures of each."""
    command = [sys.executable, "-W", "error", "-m", "benchmarks.run", "--quick"]
    subprocess.run([*command, "--output", tmp_path], check=True, cwd=ROOT, timeout=220)
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    for name in ("schedules", "waiters", "transport", "ledger", "webhooks"):
        assert f"`python -m benchmarks.{name} --quick`" in page
    assert "| heygen_async | 50 |" in page
    assert "| 50 | with |" in page
    assert "nan" not in page
    assert ET.parse(tmp_path / "frontier.svg").getroot().tag.endswith("svg")


@pytest.mark.real_time
@pytest.mark.usefixtures("postgres")
def test_the_fleet_runs(tmp_path):
    """In small, with kills and a restart of the server: nothing lost, nothing paid twice."""
    command = [sys.executable, "-W", "error", "-m", "benchmarks.fleet", "--quick"]
    markdown = tmp_path / "tables.md"
    subprocess.run([*command, "--markdown", markdown], check=True, cwd=ROOT, timeout=120)
    row = markdown.read_text(encoding="utf-8").partition("| ledger on PostgreSQL | ")[2]
    _, renders, kills, restarts, lost, twice, uncertain, refused, *_ = row.split(" | ")
    assert (renders, kills, restarts) == ("24", "3", "1")
    assert (lost, twice, uncertain, refused) == ("0", "0", "0", "0")


@pytest.mark.real_time
@pytest.mark.parametrize(
    "name",
    [
        "fleet",
        "ledger",
        "run",
        "schedules",
        "server",
        "transport",
        "waiters",
        "waiting",
        "webhooks",
    ],
)
def test_every_program_has_help(name):
    """``--help`` tells what a program is for."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--help"],
        check=True, capture_output=True, text=True, cwd=ROOT, timeout=30,
    )  # fmt: skip
    assert f"python -m benchmarks.{name}" in done.stdout
