"""What is learned of durations, and the delay to the next look that follows from it."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async.jobs.schedule import PRIOR_SIGMA, DurationModel, next_delay
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


def taught(*seconds: float, size: float | None = None, median: float = 180.0) -> DurationModel:
    model = DurationModel(median)
    for each in seconds:
        model.learn(each, size)
    return model


def spread_out(median: float, sigma: float, jobs: int, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [median * math.exp(chance.gauss(0, sigma)) for _ in range(jobs)]


def test_at_first_the_prior_is_all_there_is():
    """A new model expects what it was told, whatever the size."""
    model = DurationModel(180.0)
    assert model.expect(None)[0] == pytest.approx(180)
    assert model.expect(500.0)[0] == pytest.approx(180)
    assert model.expect(None)[1] == pytest.approx(PRIOR_SIGMA)
    assert model.learned == 0


def test_the_median_is_learned():
    """After 100 jobs of 20 s, 20 s is expected, and with confidence."""
    model = taught(*[20.0] * 100)
    assert 20 <= model.expect(None)[0] < 22.5
    assert model.expect(None)[1] < PRIOR_SIGMA
    assert model.learned == 100


def test_one_odd_job_changes_little():
    """The prior counts for a few jobs, so that one does not upset it."""
    assert 90 < taught(20.0).expect(None)[0] < 180


@pytest.mark.parametrize(("median", "sigma"), [(20.0, 0.2), (600.0, 0.9), (60.0, 0.1)])
def test_the_spread_is_learned(median, sigma):
    """After many jobs median and spread are theirs."""
    model = taught(*spread_out(median, sigma, 2000))
    assert model.expect(None)[0] == pytest.approx(median, rel=0.2)
    assert model.expect(None)[1] == pytest.approx(sigma, rel=0.25)


def test_quantiles_lie_around_the_median():
    """Nine of ten jobs end before the 0.9 quantile."""
    durations = spread_out(60.0, 0.4, 1000)
    model = taught(*durations)
    assert model.quantile(0.5) == pytest.approx(60, rel=0.1)
    below = sum(each < model.quantile(0.9) for each in durations) / len(durations)
    assert below == pytest.approx(0.9, abs=0.04)


def test_what_remains_is_the_median_of_those_that_lasted_as_long():
    """It is never negative, and never nothing, however long a job is overdue."""
    durations = spread_out(60.0, 0.4, 1000)
    model = taught(*durations)
    assert model.remaining(None, 0.0) == pytest.approx(60, rel=0.1)
    for age in (30.0, 60.0, 100.0):
        longer = sorted(each - age for each in durations if each > age)
        assert model.remaining(None, age) == pytest.approx(longer[len(longer) // 2], rel=0.2)
    for age in (600.0, 6000.0):
        assert 1 < model.remaining(None, age) < age
    assert model.remaining(None, YEAR) >= 0


def test_the_length_of_a_script_sharpens_the_forecast():
    """Where size tells the duration, it is used, and what is left to chance is less."""
    chance = random.Random(2)
    model, blind = DurationModel(180.0), DurationModel(180.0)
    for _ in range(300):
        size = math.exp(chance.uniform(math.log(20), math.log(2000)))
        seconds = 0.5 * size * math.exp(chance.gauss(0, 0.1))
        model.learn(seconds, size)
        blind.learn(seconds, None)
    assert model.expect(None)[1] < 0.25
    assert blind.expect(None)[1] > 1.0
    for size in (50.0, 500.0, 1500.0):
        assert model.expect(size)[0] == pytest.approx(0.5 * size, rel=0.25)


def test_a_size_that_says_nothing_is_not_believed():
    """Where durations do not depend on size, neither does the forecast."""
    chance = random.Random(3)
    model = DurationModel(180.0)
    for _ in range(300):
        model.learn(60 * math.exp(chance.gauss(0, 0.4)), chance.uniform(10, 2000))
    assert model.expect(10.0)[0] == pytest.approx(model.expect(2000.0)[0], rel=0.35)


def test_sizes_may_be_missing():
    """A job without a size teaches the median, and is forecast by it."""
    model = taught(*[20.0] * 50)
    assert model.expect(700.0) == model.expect(None)
    model.learn(20.0, 500.0)
    assert model.expect(0.0) == model.expect(None)


def test_the_past_fades():
    """When the vendor gets faster, the model follows: of the past only so many jobs count."""
    model = taught(*[600.0] * 5000)
    assert model.expect(None)[0] == pytest.approx(600, rel=0.05)
    for _ in range(10_000):
        model.learn(60.0, None)
    assert model.expect(None)[0] == pytest.approx(60, rel=0.1)
    assert model.learned == 15_000


@pytest.mark.parametrize("seconds", [0.0, -1.0, -1e9, 1e-300])
def test_an_impossible_duration_does_no_harm(seconds):
    """Clocks may differ, so a job may seem to take no time or less."""
    model = taught(*[seconds] * 50, size=100.0)
    assert 0 < model.expect(100.0)[0] < 180
    assert 0 < model.expect(None)[1] <= 3


@given(
    st.floats(0.001, 86_400),
    st.lists(
        st.tuples(st.floats(-10, 1e7), st.none() | st.integers(1, 5000).map(float)), max_size=60
    ),
    st.none() | st.integers(1, 5000).map(float),
)
def test_any_past_gives_a_usable_forecast(median, past, size):
    """Whatever was learned, median and spread are finite and above zero."""
    model = DurationModel(median)
    for seconds, its_size in past:
        model.learn(seconds, its_size)
    assert 0 < model.expect(size)[0] < math.inf
    assert 0.05 <= model.expect(None)[1] <= 3
    assert model.learned == len(past)


def test_jobs_that_still_run_keep_the_prior_alive():
    """The first of a thousand jobs to end are the short ones, and do not speak for the rest."""
    crowded, alone = DurationModel(180.0), DurationModel(180.0)
    crowded.running = 990
    for model in (crowded, alone):
        for _ in range(10):
            model.learn(60.0, None)
    assert crowded.expect(None)[0] > 170
    assert alone.expect(None)[0] < 90
    crowded.running = 0
    assert crowded.expect(None) == alone.expect(None)


def test_one_length_teaches_nothing_about_others():
    """A thousand jobs of one length teach nothing about other lengths."""
    model, chance = DurationModel(180.0), random.Random(1)
    for _ in range(5000):
        model.learn(180 * math.exp(chance.gauss(0, 0.3)), 500.0)
    model.learn(400.0, 501.0)
    assert model.expect(5000.0)[0] < 86_400


def test_overdue_jobs_of_a_short_kind_are_looked_at_less_often():
    """Looks at overdue jobs of a short kind thin out as well."""
    assert delay(1e6, median=0.1) == 60
