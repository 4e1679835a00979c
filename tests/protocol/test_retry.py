"""The retry decision: which request, which attempt, which outcome; wait or give up."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    DownloadError,
    HeyGenError,
    InsufficientCreditError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseError,
    RetryPolicy,
    ServerError,
    TransportError,
)
from heygen_async.protocol.request import Request
from heygen_async.protocol.retry import backoff_delay, did_nothing, retry_delay, settles

POLICY = RetryPolicy()


def known(error: APIError) -> APIError:
    """Mark an error as the vendor's own, with a code that is known for a refusal."""
    error.known_refusal = True
    return error


def call(method: str, key: str | None = None) -> Request[object]:
    return Request(method=method, path="/v3/any", decode=lambda x: x, idempotency_key=key)


READ = call("GET")
KEYED = call("POST", "key-1")
PLAIN = call("POST")

UNSENT = TransportError("refused", maybe_sent=False)
LOST = TransportError("reset")
GARBAGE = ResponseError("cut short")
BUSY = ConflictError("busy", status=409, code="request_in_progress")
CONFLICT = known(ConflictError("exists", status=409, code="conflict"))
LIMITED = RateLimitError("slow down", status=429)
TIMED_OUT = APIError("slow client", status=408)
DOWN = [ServerError("down", status=status) for status in (500, 502, 503, 504, 599)]
ODD = [
    BadRequestError("a page of a gateway", status=400),
    InsufficientCreditError("pay for the Wi-Fi", status=402),
    AuthenticationError("log in to the proxy", status=401),
    NotFoundError("nginx", status=404),
    APIError("misdirected", status=421),
    APIError("new", status=200, code="a_new_code"),
    APIError("elsewhere", status=302),
]
REFUSED = [
    known(BadRequestError("no", status=400, code="invalid_parameter")),
    known(BadRequestError("no", status=422, code="invalid_parameter")),
    known(InsufficientCreditError("no", status=402, code="insufficient_credit")),
    known(NotFoundError("no", status=404, code="avatar_not_found")),
]
NOT_LOOKED_AT = [
    known(AuthenticationError("no", status=401, code="unauthorized")),
    known(PermissionDeniedError("no", status=403, code="forbidden")),
]

# Repeated if it: (reads, has a key, is a POST without one); (did nothing, nor did earlier ones).
TABLE = [
    (UNSENT, (True, True, True), (True, False)),
    (LOST, (True, True, False), (False, False)),
    (GARBAGE, (True, True, False), (False, False)),
    (BUSY, (True, True, False), (False, False)),
    (known(BUSY), (True, True, False), (False, False)),
    (CONFLICT, (False, False, False), (True, False)),
    (LIMITED, (True, True, True), (True, False)),
    (TIMED_OUT, (True, True, False), (False, False)),
    *((error, (True, True, False), (False, False)) for error in DOWN),
    *((error, (False, False, False), (False, False)) for error in ODD),
    *((error, (False, False, False), (True, True)) for error in REFUSED),
    *((error, (False, False, False), (True, False)) for error in NOT_LOOKED_AT),
    (InvalidRequestError("bad"), (False, False, False), (True, False)),
    (DownloadError("bad"), (False, False, False), (True, False)),
]


@pytest.mark.parametrize(("error", "repeated", "meaning"), TABLE)
def test_each_outcome_has_its_decision(error, repeated, meaning):
    """A read or a call with a key is repeated after a fault, others only if surely not done."""
    delays = [retry_delay(POLICY, each, 1, error, 0.5) for each in (READ, KEYED, PLAIN)]
    assert tuple(delay is not None for delay in delays) == repeated
    assert (did_nothing(PLAIN, error), settles(PLAIN, error)) == meaning


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_methods_that_may_be_repeated_are(method):
    """A call that does no more when sent twice needs no key."""
    assert retry_delay(POLICY, call(method), 1, LOST, 0) is not None


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_methods_that_may_not_be_repeated_are_not(method):
    """A call that may do more when sent twice is sent twice with a key only."""
    assert retry_delay(POLICY, call(method), 1, LOST, 0) is None
    assert retry_delay(POLICY, call(method, "key"), 1, LOST, 0) is not None


@pytest.mark.parametrize("attempts", [1, 2, 8, 100])
def test_the_last_attempt_is_the_last(attempts):
    """After ``max_attempts`` there is no other, whatever the outcome."""
    policy = RetryPolicy(max_attempts=attempts)
    for error in (UNSENT, LOST, LIMITED, *DOWN):
        delays = [retry_delay(policy, READ, attempt, error, 0.5) for attempt in range(1, 200)]
        assert [delay is not None for delay in delays] == [n < attempts for n in range(1, 200)]


def test_delays_double_up_to_the_cap():
    """Half to all of 0.5, 1, 2, 4 … seconds, and never more than the longest delay."""
    least = [backoff_delay(POLICY, failures, 0.0) for failures in range(1, 9)]
    assert least == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    most = [backoff_delay(POLICY, failures, math.nextafter(1, 0)) for failures in range(1, 9)]
    assert most == pytest.approx([0.5, 1, 2, 4, 8, 16, 30, 30])


@pytest.mark.parametrize(
    ("wish", "jitter", "delay"),
    [
        (0.0, 0.0, 0.0),
        (0.0, 0.5, 0.25),
        (7.0, 0.0, 7.0),
        (7.0, 0.5, 7.875),
        (120.0, 0.0, 120.0),
        (1e9, 0.0, 120.0),
        (1e9, 0.5, 135.0),
    ],
)
@pytest.mark.parametrize("cls", [RateLimitError, ServerError])
def test_the_servers_wish_is_waited_for(cls, wish, jitter, delay):
    """``Retry-After`` is obeyed up to its cap, and a little longer by chance."""
    error = cls("later", status=503)
    error.retry_after = wish
    for attempt in (1, 5):
        assert retry_delay(POLICY, READ, attempt, error, jitter) == delay


policies = st.builds(
    RetryPolicy,
    max_attempts=st.integers(1, 100),
    base_delay=st.floats(0, 3600),
    max_delay=st.floats(0, 3600),
    max_retry_after=st.floats(0, 3600),
)
jitters = st.floats(0, 1, exclude_max=True)
attempts = st.integers(1, 10_000)


def with_wish(error: APIError, wish: float | None) -> APIError:
    error.retry_after = wish
    return error


errors = st.sampled_from(
    [UNSENT, LOST, GARBAGE, BUSY, CONFLICT, TIMED_OUT, *REFUSED, *ODD]
) | st.builds(
    with_wish,
    st.integers(300, 599).map(lambda status: ServerError("x", status=status))
    | st.builds(RateLimitError, st.just("x"), status=st.just(429)),
    st.none() | st.floats(0, allow_infinity=False),
)
requests = st.sampled_from([READ, KEYED, PLAIN, call("DELETE"), call("PATCH")])


@given(policies, requests, attempts, errors, jitters)
def test_any_delay_is_finite_and_within_the_caps(policy, request_, attempt, error, jitter):
    """No delay is negative or endless, or longer than the policy's caps and their jitter."""
    delay = retry_delay(policy, request_, attempt, error, jitter)
    wish = getattr(error, "retry_after", None)
    if delay is None:
        return
    assert attempt < policy.max_attempts
    if wish is None:
        assert 0 <= delay <= policy.max_delay
    else:
        wait = min(wish, policy.max_retry_after)
        assert wait <= delay <= wait + max(policy.base_delay, wait / 4)


@given(policies, attempts, jitters)
def test_any_pause_is_finite_and_within_the_cap(policy, failures, jitter):
    """However many failures there were, the pause stays below the longest delay."""
    delay = backoff_delay(policy, failures, jitter)
    assert min(policy.max_delay, policy.base_delay) / 2 <= delay <= policy.max_delay


@given(policies, st.sampled_from(["POST", "PATCH"]), attempts, errors, jitters)
def test_invariant_1_without_a_key_nothing_is_sent_twice(policy, method, attempt, error, jitter):
    """A POST without a key is never sent again after it may have been done."""
    delay = retry_delay(policy, call(method), attempt, error, jitter)
    surely_not_done = isinstance(error, RateLimitError) or error is UNSENT
    assert delay is None or surely_not_done


@given(errors)
def test_no_outcome_settles_that_may_have_done_something(error):
    """An outcome that may hide a job never settles that there is none."""
    assert did_nothing(KEYED, error) or not settles(KEYED, error)
    assert isinstance(error, HeyGenError)
