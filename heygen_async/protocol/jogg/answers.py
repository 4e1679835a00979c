"""How an answer of JoggAI is read: the envelope decides, whatever the HTTP status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from heygen_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    InsufficientCreditError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from heygen_async.protocol.answers import accepted, api_error, decoded, parse, read, retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.protocol.request import Request

T = TypeVar("T")

RATE_LIMIT_WAIT = 60.0
"""Seconds to wait after a 429 that does not say how long: the documented window."""

_BY_CODE: dict[int, type[APIError]] = {
    429: RateLimitError,
    10104: NotFoundError,
    10105: AuthenticationError,
    18001: BadRequestError,
    18020: InsufficientCreditError,
    18025: PermissionDeniedError,
    40000: BadRequestError,
    50000: ServerError,
}
_REFUSALS = frozenset(_BY_CODE) - {50000}  # after a system error nobody can tell what was done


def read_jogg(
    request: Request[T], status: int, headers: Mapping[str, str], body: bytes, *, now: float
) -> T:
    """Return what the envelope ``{rid, code, msg, data}`` holds, or raise what its code means.

    An unknown code keeps its number. What is no envelope is read by its HTTP status.
    """
    payload, _ = parse(body)
    if not isinstance(payload, dict) or "code" not in payload:
        return read(request, status, headers, body, now=now)
    code = payload["code"]
    if code in (0, "0") or (code is None and payload.get("data")):
        return decoded(request, payload)
    plain = api_error(request, status, headers, payload, now=now, body=body)
    error_type = _BY_CODE.get(code, type(plain)) if isinstance(code, int) else type(plain)
    error = error_type(
        plain.message,
        status=status,
        code=code if isinstance(code, int) else plain.code,
        request_id=payload.get("rid") or plain.request_id,
        method=request.method,
        path=request.path,
        headers=plain.headers,
        body=plain.body,
    )
    error.retry_after = plain.retry_after
    error.known_refusal = code in _REFUSALS if isinstance(code, int) else False
    if isinstance(error, RateLimitError) and error.retry_after is None:
        error.retry_after = _wish(payload, now)
    return accepted(request, payload, error)


def _wish(payload: Any, now: float) -> float:
    """Find the wait that a 429 asks for: in the body, somewhere, or the documented minute."""
    data = payload.get("data")
    for place in (payload, data if isinstance(data, dict) else {}):
        for name in ("retryAfter", "retry_after"):
            wish = retry_after(str(place.get(name)), now=now)
            if wish is not None:
                return wish
    return RATE_LIMIT_WAIT
