"""The delay to the next look: finite, dense where jobs end, and near the best there can be."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async.jobs.schedule import next_delay
from heygen_async.models.policies import PollPolicy

YEAR = 365 * 86_400.0
STEADY = PollPolicy(jitter=0.0)
MEDIAN, SIGMA = 180.0, 0.6


def delay(
    age: float,
    policy: PollPolicy = STEADY,
    *,
    median: float = MEDIAN,
    sigma: float = SIGMA,
    random: float = 0.5,
    slowdown: float = 1.0,
) -> float:
    return next_delay(policy, age=age, median=median, sigma=sigma, random=random, slowdown=slowdown)


intervals = st.floats(0.001, 86_400)
policies = st.tuples(intervals, intervals, st.floats(0, 0.5)).map(
    lambda drawn: PollPolicy(interval=min(drawn[:2]), max_interval=max(drawn[:2]), jitter=drawn[2])
)


@given(
    policy=policies,
    age=st.floats(-YEAR, 10 * YEAR),
    median=st.floats(0.001, YEAR),
    sigma=st.floats(0.05, 3),
    random=st.floats(0, 1, exclude_max=True),
    slowdown=st.floats(1, 1e6),
)
def test_invariant_7_any_delay_is_finite_and_not_negative(
    *, policy, age, median, sigma, random, slowdown
):
    """Whatever the age, the kind, the model and the load: a delay within the two intervals."""
    found = delay(age, policy, median=median, sigma=sigma, random=random, slowdown=slowdown)
    assert found >= policy.interval * slowdown * (1 - policy.jitter) * (1 - 1e-12)
    assert 0 <= found <= policy.max_interval * slowdown * (1 + policy.jitter) * (1 + 1e-12)
    assert math.isfinite(found)


@pytest.mark.parametrize("age", [86_400, YEAR, 10 * YEAR])
@pytest.mark.parametrize(("median", "sigma"), [(180, 0.6), (20, 0.05), (3600, 1)])
def test_long_overdue_jobs_are_looked_at_at_the_longest_interval(age, median, sigma):
    """A job that should have ended long ago costs one look a minute."""
    assert delay(age, median=median, sigma=sigma) == STEADY.max_interval


@pytest.mark.parametrize("median", [10.0, 180.0, 3600.0])
@pytest.mark.parametrize("sigma", [0.1, 0.3, 0.6])
def test_looks_are_densest_where_jobs_are_likeliest_to_end(median, sigma):
    """The shortest delay lies where the chance to end just now is greatest, none far from it."""
    policy = PollPolicy(jitter=0.0, interval=min(5.0, median / 36), max_interval=86_400)
    delays = {share: delay(share * median, policy, median=median, sigma=sigma) for share in shares}
    hazards = {share: hazard(share, sigma) for share in shares}
    densest = max(hazards, key=hazards.__getitem__)
    assert delays[densest] <= 1.25 * min(delays.values())
    assert delays[0.01] > 2 * delays[densest]
    assert delays[20.0] > 2 * delays[densest]


shares = [0.01 * 1.1**n for n in range(80)]
shares[-1] = 20.0


def hazard(share: float, sigma: float) -> float:
    """Return the chance of a log-normal job to end just now, and not be a surprise."""
    z = math.log(share) / sigma
    density = math.exp(-z * z / 2) / (share * sigma * math.sqrt(2 * math.pi))
    alive = math.erfc(z / math.sqrt(2)) / 2
    return density / (alive + 0.01)


def test_the_interval_is_the_delay_at_the_peak():
    """``PollPolicy.interval`` is the delay while a job of the usual sort is likeliest to end."""
    for interval in (1.0, 5.0, 20.0):
        policy = PollPolicy(interval=interval, jitter=0.0)
        assert min(delay(age, policy) for age in range(600)) == pytest.approx(interval, rel=0.05)


def test_a_smaller_interval_means_more_looks_everywhere():
    """Halving the interval shortens the delay at any age short of the longest."""
    for age in (0, 50, 100, 200, 400):
        assert delay(age, PollPolicy(interval=2, jitter=0)) < delay(
            age, PollPolicy(interval=4, jitter=0)
        )


def test_jitter_spreads_a_delay_both_ways():
    """A tenth of the delay either way, none on the average."""
    policy = PollPolicy(jitter=0.1)
    middle = delay(100, policy, random=0.5)
    assert delay(100, policy, random=0.0) == pytest.approx(0.9 * middle)
    assert delay(100, policy, random=math.nextafter(1, 0)) == pytest.approx(1.1 * middle)
    assert middle == delay(100)


@pytest.mark.parametrize("age", [0, 60, 150, 300, 5000])
def test_a_slowdown_spaces_all_looks_out(age):
    """Under load delays grow with the factor, the longest one too."""
    assert delay(age, slowdown=1.0) < delay(age, slowdown=3.0) <= 3 * STEADY.max_interval
    assert delay(10**6, slowdown=3.0) == 3 * STEADY.max_interval


def simulate(policy: PollPolicy, jobs: int, seed: int) -> tuple[float, float]:
    """Return mean lag and looks per job for log-normal jobs."""
    chance = random.Random(seed)
    lag = looks = 0.0
    for _ in range(jobs):
        end = MEDIAN * math.exp(chance.gauss(0, SIGMA))
        age = 0.0
        while age < end:
            age += delay(age, policy, random=chance.random())
            looks += 1
        lag += age - end
    return lag / jobs, looks / jobs


BEST = 87.5
"""Mean lag times looks of the best possible schedule, from 15 looks a job (5.9 s) to 36 (2.4 s)."""


@pytest.mark.parametrize("interval", [3.0, 5.0, 8.0])
def test_the_lag_is_within_a_tenth_of_the_best_schedule(interval):
    """Lag times looks is a constant for good schedules, and this one's is within 10 % of it."""
    lag, looks = simulate(PollPolicy(interval=interval), jobs=3000, seed=5)
    assert 12 < looks < 60
    assert lag * looks <= 1.1 * BEST


def test_a_constant_interval_would_not_do():
    """The bar is one that a constant interval misses, so passing it says something."""
    chance = random.Random(5)
    ends = [MEDIAN * math.exp(chance.gauss(0, SIGMA)) for _ in range(3000)]
    looks = [math.ceil(end / 10) for end in ends]
    lag = sum(10 * count - end for count, end in zip(looks, ends, strict=True)) / len(ends)
    assert lag * sum(looks) / len(looks) > 1.1 * BEST
