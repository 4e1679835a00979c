"""Which failure is worth another attempt, and when: decisions without I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.errors import (
    APIError,
    ConflictError,
    HeyGenError,
    RateLimitError,
    ResponseError,
    ServerError,
    TransportError,
)

if TYPE_CHECKING:
    from heygen_async.models.policies import RetryPolicy
    from heygen_async.protocol.request import Request

_REQUEST_TIMEOUT = 408
_SAYS_NOTHING = frozenset({401, 403, 409, 429})


def retry_delay(
    policy: RetryPolicy, request: Request[Any], attempt: int, error: HeyGenError, spread: float
) -> float | None:
    """Return the seconds to wait before the next attempt, or None to give up.

    ``attempt`` counts from 1; ``spread`` is random in [0, 1) and keeps clients out of step.
    What the server asks for in ``Retry-After`` is waited for, up to the policy's cap, and a
    little longer; else the delay doubles with each attempt.
    """
    if attempt >= policy.max_attempts or not _worth_repeating(request, error):
        return None
    return pause_after(policy, attempt, error, spread)


def pause_after(policy: RetryPolicy, failures: int, error: HeyGenError, spread: float) -> float:
    """Return the pause that ``error`` asks for, or the usual one after so many ``failures``."""
    if isinstance(error, APIError) and error.retry_after is not None:
        wait = min(error.retry_after, policy.max_retry_after)
        return wait + spread * max(policy.base_delay, wait / 4)
    return backoff_delay(policy, failures, spread)


def backoff_delay(policy: RetryPolicy, failures: int, spread: float) -> float:
    """Return the pause after so many ``failures``: doubling, capped, and spread out."""
    longest = min(policy.max_delay, policy.base_delay * 2.0 ** min(failures - 1, 32))
    return longest * (1 + spread) / 2


def maybe_done(request: Request[Any], error: HeyGenError) -> bool:
    """Tell whether the server may have done the work although ``error`` came back."""
    if isinstance(error, TransportError):
        return error.maybe_sent
    if isinstance(error, APIError):
        return isinstance(error, ServerError) or _unfinished(request, error)
    return isinstance(error, ResponseError)


def settles(request: Request[Any], error: HeyGenError) -> bool:
    """Tell whether ``error`` proves that an earlier attempt with the same key did nothing.

    The server replays the first answer to a key, so a plain refusal means that there is none;
    a refusal that is given before the key is looked at (401, 403, 409, 429) proves nothing.
    """
    return (
        isinstance(error, APIError)
        and error.status not in _SAYS_NOTHING
        and not isinstance(error, ServerError)
        and not _unfinished(request, error)
    )


def _worth_repeating(request: Request[Any], error: HeyGenError) -> bool:
    if isinstance(error, RateLimitError):
        return not request.queued
    if isinstance(error, TransportError) and not error.maybe_sent:
        return True
    return request.repeatable and maybe_done(request, error)


def _unfinished(request: Request[Any], error: APIError) -> bool:
    """Whether the request timed out at the server, or is still being worked on."""
    in_progress = isinstance(error, ConflictError) and error.code == request.busy_code
    return in_progress or error.status == _REQUEST_TIMEOUT
