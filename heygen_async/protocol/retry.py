"""Which failure is worth another attempt, and when: decisions without I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.errors import (
    APIError,
    AuthenticationError,
    BudgetError,
    ConflictError,
    HeyGenError,
    InsufficientCreditError,
    JobFailedError,
    RateLimitError,
    ResponseError,
    ServerError,
    TransportError,
)

if TYPE_CHECKING:
    from heygen_async.models.policies import RetryPolicy
    from heygen_async.protocol.request import Request

_REQUEST_TIMEOUT = 408
_BEFORE_THE_KEY = frozenset({401, 403, 409, 429})
# Codes of jobs that have failed, in lower case.
_ANOTHER_TIME = frozenset({"rendering_failed", "internal_error", "timeout", "50000"})
_NO_CREDIT = frozenset({"movio_payment_insufficient_credit", "insufficient_credit", "18020"})


def retry_delay(
    policy: RetryPolicy, request: Request[Any], attempt: int, error: HeyGenError, jitter: float
) -> float | None:
    """Return the seconds to wait before the next attempt, or None to give up.

    ``attempt`` counts from 1; ``jitter`` is random in [0, 1) and keeps clients out of step.
    What the server asks for in ``Retry-After`` is waited for, up to the policy's cap, and a
    little longer; else the delay doubles with each attempt.
    """
    if attempt >= policy.max_attempts or not _worth_repeating(request, error):
        return None
    return pause_after(policy, attempt, error, jitter)


def may_succeed_again(code: str | None) -> bool:
    """Whether a job that failed with ``code`` may do better: its reason was the vendor's."""
    return str(code).lower() in _ANOTHER_TIME


def ends_submissions(error: HeyGenError) -> bool:
    """Whether what else is submitted would fare no better: no credit is left, or the key is bad."""
    if isinstance(error, InsufficientCreditError):
        return error.code != "plan_upgrade_required"  # which is about this one request
    if isinstance(error, JobFailedError):
        return str(error.code).lower() in _NO_CREDIT
    return isinstance(error, AuthenticationError | BudgetError)


def pause_after(policy: RetryPolicy, failures: int, error: HeyGenError, jitter: float) -> float:
    """Return the pause that ``error`` asks for, or the usual one after so many ``failures``."""
    if isinstance(error, APIError) and error.retry_after is not None:
        wait = min(error.retry_after, policy.max_retry_after)
        return wait + jitter * max(policy.base_delay, wait / 4)
    return backoff_delay(policy, failures, jitter)


def backoff_delay(policy: RetryPolicy, failures: int, jitter: float) -> float:
    """Return the pause after so many ``failures``: doubling, capped, and jittered."""
    longest = min(policy.max_delay, policy.base_delay * 2.0 ** min(failures - 1, 32))
    return longest * (1 + jitter) / 2


def did_nothing(request: Request[Any], error: HeyGenError) -> bool:
    """Tell whether ``error`` proves that the attempt which it ended did nothing, and cost nothing.

    Proof is that no byte left, a 429, or the vendor's own envelope with a code that is known for a
    refusal. A gateway's page, an unknown code or a server's fault prove nothing.
    """
    if isinstance(error, APIError):
        limited = isinstance(error, RateLimitError)
        return limited or (error.known_refusal and not _unfinished(request, error))
    if isinstance(error, TransportError):
        return not error.maybe_sent
    return not isinstance(error, ResponseError)


def settles(request: Request[Any], error: HeyGenError) -> bool:
    """Tell whether ``error`` proves that the earlier attempts with the same key did nothing, too.

    The server replays the first answer to a key, so its refusal means that there is none; but
    one that is given before the key is looked at (401, 403, 409, 429) says nothing of them.
    """
    return (
        isinstance(error, APIError)
        and error.status not in _BEFORE_THE_KEY
        and did_nothing(request, error)
    )


def _worth_repeating(request: Request[Any], error: HeyGenError) -> bool:
    if isinstance(error, RateLimitError):  # given before any work, so safe without a key, too
        return not request.queued
    if isinstance(error, TransportError) and not error.maybe_sent:  # no byte left
        return True
    if isinstance(error, APIError):
        passing = isinstance(error, ServerError) or _unfinished(request, error)
        return passing and request.repeatable
    return isinstance(error, TransportError | ResponseError) and request.repeatable


def _unfinished(request: Request[Any], error: APIError) -> bool:
    """Whether the request timed out at the server, or is still being worked on."""
    in_progress = isinstance(error, ConflictError) and error.code == request.busy_code
    return in_progress or error.status == _REQUEST_TIMEOUT
