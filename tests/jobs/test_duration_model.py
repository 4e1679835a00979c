"""What is learned of durations from the jobs that ended."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async.jobs.schedule import MEMORY, PRIOR_SIGMA, DurationModel


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
    """When the vendor gets faster, the model follows, and its memory stays bounded."""
    model = taught(*[600.0] * 5000)
    assert model.expect(None)[0] == pytest.approx(600, rel=0.05)
    for _ in range(10_000):
        model.learn(60.0, None)
    assert model.expect(None)[0] == pytest.approx(60, rel=0.1)
    assert model.learned == 15_000
    assert model._count <= MEMORY


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
