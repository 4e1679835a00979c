"""Policies are safe by their bounds, and states are five words."""

from __future__ import annotations

import attrs
import pytest

from heygen_async import InvalidRequestError, JobStatus, PollPolicy, RetryPolicy, State

DAY = 86_400.0

BOUNDS = [
    (PollPolicy, "first_poll", 0.0, DAY),
    (PollPolicy, "typical_duration", 0.001, DAY),
    (PollPolicy, "jitter", 0.0, 0.5),
    (PollPolicy, "error_budget", 0.0, DAY),
    (PollPolicy, "not_found_grace", 0.0, DAY),
    (PollPolicy, "unknown_budget", 0.0, 365 * DAY),
    (PollPolicy, "max_requests_per_second", 0.001, 1000.0),
    (RetryPolicy, "max_attempts", 1, 100),
    (RetryPolicy, "base_delay", 0.0, 3600.0),
    (RetryPolicy, "max_delay", 0.0, 3600.0),
    (RetryPolicy, "max_retry_after", 0.0, 3600.0),
]


@pytest.mark.parametrize(("cls", "field", "low", "high"), BOUNDS)
def test_a_policy_keeps_its_bounds(cls, field, low, high):
    """The bounds are good, the next value beyond is refused by name."""
    for good in (low, high):
        assert getattr(cls(**{field: good}), field) == good
    step = 1 if field == "max_attempts" else 1e-6
    for bad in (low - step, high + step):
        with pytest.raises(InvalidRequestError, match=f"{cls.__name__}: {field} must be"):
            cls(**{field: bad})


@pytest.mark.parametrize("field", ["interval", "max_interval"])
def test_intervals_keep_their_bounds(field):
    """An interval is a millisecond at least and a day at most."""
    for good in (0.001, DAY):
        assert getattr(PollPolicy(interval=good, max_interval=good), field) == good
    for bad in (0, 0.0009, DAY + 1):
        with pytest.raises(InvalidRequestError, match=f"{field} must be a number from 0.001"):
            PollPolicy(**{"interval": 0.001, "max_interval": DAY, field: bad})


def test_the_longest_interval_is_no_shorter_than_the_usual():
    """``max_interval`` below ``interval`` is refused, with both numbers."""
    assert PollPolicy(interval=60).max_interval == 60
    with pytest.raises(InvalidRequestError, match=r"max_interval \(60\).*below interval \(60\.5\)"):
        PollPolicy(interval=60.5)


def test_the_defaults_are_the_documented_ones():
    """Who says nothing gets 5 s looks, 300 s of patience with errors and 8 attempts."""
    assert attrs.asdict(PollPolicy()) == {
        "interval": 5.0,
        "max_interval": 60.0,
        "first_poll": None,
        "typical_duration": None,
        "jitter": 0.1,
        "error_budget": 300.0,
        "not_found_grace": 60.0,
        "unknown_budget": None,
        "max_requests_per_second": 10.0,
    }
    assert attrs.asdict(RetryPolicy()) == {
        "max_attempts": 8,
        "base_delay": 0.5,
        "max_delay": 30.0,
        "max_retry_after": 120.0,
    }


@pytest.mark.parametrize("state", State)
def test_only_completed_and_failed_are_terminal(state):
    """A job that needs action goes on once it gets it."""
    assert JobStatus(state, "any").terminal is (state in {State.COMPLETED, State.FAILED})


def test_states_are_the_five_words():
    """A state is its word, for comparisons and for printing."""
    words = ["queued", "running", "needs_action", "completed", "failed"]
    assert [str(state) for state in State] == words
    assert list(State) == words


def test_a_policy_follows_the_speed_of_its_server():
    """A hundred times as fast: looks a hundredth as far apart, jobs a hundredth as long."""
    policy = PollPolicy().at_speed(100)
    assert policy.interval == pytest.approx(0.05)
    assert policy.max_interval == pytest.approx(0.6)
    assert policy.typical_duration == pytest.approx(1.8)
    assert policy.max_requests_per_second == 1000.0
    assert PollPolicy().at_speed(1) == PollPolicy(typical_duration=180.0)
    assert PollPolicy(typical_duration=60).at_speed(2, 600).typical_duration == 30.0
