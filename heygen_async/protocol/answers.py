"""Bytes in, value or exception out: how an answer of the server is read."""

from __future__ import annotations

import json
import math
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

import cattrs

from heygen_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InsufficientCreditError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseError,
    ServerError,
)
from heygen_async.protocol.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.protocol.request import Request

T = TypeVar("T")

_BY_STATUS: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: InsufficientCreditError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: BadRequestError,
    415: BadRequestError,
    422: BadRequestError,
    429: RateLimitError,
}
_SERVER_FAULT = 500
_NO_CONTENT = 204
_FIRST_REFUSAL = 300
_FIRST_ERROR = 400
_SHOWN = 200


def read(
    request: Request[T], status: int, headers: Mapping[str, str], body: bytes, *, now: float
) -> T:
    """Return what the answer holds.

    ``headers`` are looked up without regard to case by the caller's mapping; ``now`` is Unix
    time, for a ``Retry-After`` given as a date. Raises ``APIError`` for an error, and
    ``ResponseError`` for an answer that makes no sense.
    """
    payload, problem = _parse(body)
    where = f"{request.method} {request.path}"
    if status >= _FIRST_REFUSAL or (isinstance(payload, dict) and payload.get("error")):
        raise api_error(request, status, headers, payload, now=now)
    if status == _NO_CONTENT:
        return decoded(request, None)
    if problem is not None:
        raise ResponseError(f"{where}: {status} with a body that is not JSON: {problem}")
    return decoded(request, payload)


def read_elsewhere(
    request: Request[T], status: int, headers: Mapping[str, str], _body: bytes, *, now: float
) -> T:
    """Read the answer of a file server, whose body tells nothing."""
    if status >= _FIRST_REFUSAL:
        raise api_error(request, status, headers, None, now=now)
    return request.decode(None)


def decoded(request: Request[T], payload: Any) -> T:
    """Return what the request's decoder makes of a good answer; raises ``ResponseError``."""
    where = f"{request.method} {request.path}"
    try:
        return request.decode(payload)
    except cattrs.BaseValidationError as error:
        reasons = "; ".join(cattrs.transform_error(error, path="answer"))
        raise ResponseError(f"{where}: unexpected answer: {reasons}") from None
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise ResponseError(f"{where}: unexpected answer: {error!r}") from None


def api_error(
    request: Request[Any],
    status: int,
    headers: Mapping[str, str],
    payload: Any,
    *,
    now: float,
) -> APIError:
    """Return the error that the answer stands for, whatever its shape: v3, v2, v1, HTML, empty."""
    code, message, param, doc_url = _details(payload)
    if status < _FIRST_ERROR and "Location" in headers:
        message = (
            f"the server redirects to {redact(headers['Location'])}; the key is not sent "
            "there, set base_url to the API's own address"
        )
    error_type = _BY_STATUS.get(status) or (ServerError if status >= _SERVER_FAULT else APIError)
    error = error_type(
        message or "the server gave no reason",
        status=status,
        code=code,
        param=param,
        doc_url=doc_url,
        request_id=headers.get("X-Request-Id"),
        method=request.method,
        path=request.path,
    )
    error.retry_after = retry_after(headers.get("Retry-After"), now=now)
    return error


def retry_after(value: str | None, *, now: float) -> float | None:
    """Read a ``Retry-After`` header, seconds or an HTTP date; None if it is neither."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _parse(body: bytes) -> tuple[Any, str | None]:
    try:
        return json.loads(body), None
    except (ValueError, RecursionError):
        shown = body[:_SHOWN].decode("utf-8", "replace").strip()
        return None, shown or "empty"


def _details(payload: Any) -> tuple[Any, str | None, str | None, str | None]:
    """Find code, message, param and doc_url in an error of any of the vendor's shapes."""
    if not isinstance(payload, dict):
        return None, None, None, None
    error = payload.get("error")
    if isinstance(error, str):  # older v2
        error = {"code": payload.get("code"), "message": error}
    if not isinstance(error, dict):  # v1, and what nobody foresaw
        error = payload
    code = error.get("code")
    return (
        code if isinstance(code, str | int) else None,
        _text(error.get("message") or error.get("msg") or error.get("detail")),
        _text(error.get("param")),
        _text(error.get("doc_url")),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
