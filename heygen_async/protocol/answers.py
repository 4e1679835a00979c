"""Bytes in, value or exception out: how an answer of the server is read."""

from __future__ import annotations

import json
import math
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
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
from heygen_async.protocol.redact import redact, redact_text
from heygen_async.protocol.request import Submission

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
# What HeyGen refuses a call with; https://developers.heygen.com/docs/error-codes, and the numbers
# of v1 and v2, https://docs.heygen.com/reference/errors. An answer with one of them did nothing
# and cost nothing; one with a code that is not listed may have.
REFUSALS: frozenset[str | int] = frozenset(
    """
    invalid_parameter resource_limit_reached download_failed payload_too_large conflict gone
    content_policy_violation script_too_short tts_text_invalid voice_unavailable voice_not_usable
    avatar_not_usable avatar_consent_required asset_not_available resource_not_ready
    insufficient_credit trial_limit_exceeded plan_upgrade_required rate_limit_exceeded
    quota_exceeded unauthorized authentication_failed forbidden resource_access_denied
    ai_vendor_access_restricted unlimited_mode_disabled ephemeral_upload_disabled
    not_found resource_not_found video_not_found avatar_not_found avatar_group_not_found
    voice_not_found template_not_found asset_not_found webhook_not_found
    hyperframes_render_not_found hyperframes_project_invalid hyperframes_project_too_large
    """.split()  # noqa: SIM905 - a list of one word a line would be a page long
) | {40001, 40009, 40031, 400112, 400175, 400542, 400543, 400562, 400573, 400599, 400631}

MAX_DEPTH = 100
"""How deeply an answer may be nested; the deepest known one has 8 levels."""

_SERVER_FAULT = 500
_NO_CONTENT = 204
_FIRST_REFUSAL = 300
_FIRST_ERROR = 400
_SHOWN = 200
_KEPT = 2000  # characters of a body that an error keeps
_SECRET = frozenset({"set-cookie", "set-cookie2", "authorization", "proxy-authorization"})


def read(
    request: Request[T], status: int, headers: Mapping[str, str], body: bytes, *, now: float
) -> T:
    """Return what the answer holds.

    ``headers`` are looked up without regard to case by the caller's mapping; ``now`` is Unix
    time, for a ``Retry-After`` given as a date. Raises ``APIError`` for an error, and
    ``ResponseError`` for an answer that makes no sense.
    """
    payload, problem = parse(body)
    where = f"{request.method} {request.path}"
    if status >= _FIRST_REFUSAL or (isinstance(payload, dict) and payload.get("error")):
        error = api_error(request, status, headers, payload, now=now, body=body)
        by_vendor = status < _FIRST_REFUSAL or _FIRST_ERROR <= status < _SERVER_FAULT
        error.known_refusal = by_vendor and (error.code in REFUSALS or _older_refusal(payload))
        return accepted(request, payload, error)
    if status == _NO_CONTENT:
        return decoded(request, None)
    if problem is not None:
        raise ResponseError(f"{where}: {status} with a body that is not JSON: {problem}")
    return decoded(request, payload)


def _older_refusal(payload: Any) -> bool:
    """Tell whether this is the envelope in which v2 refuses without a code; no gateway has it."""
    plain = isinstance(payload, dict) and payload.keys() == {"error", "data"}
    return plain and isinstance(payload["error"], str) and payload["data"] is None


def accepted(request: Request[T], payload: Any, error: APIError) -> T:
    """Return the job that a paid call made all the same, whatever stands beside it; else raise.

    An answer that names a job is paid for: "200 with an error" is a warning then, and to throw
    the id away is to pay again.
    """
    if request.paid:
        try:
            result = decoded(request, payload)
        except ResponseError:
            raise error from None
        if isinstance(result, Submission) and result.named:
            return attrs.evolve(result, warning=str(error))
        data = payload.get("data") if isinstance(payload, dict) else None
        if result is payload and error.status < _FIRST_REFUSAL and data:
            return result  # of the escape hatch, whose caller reads it himself
    raise error


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
    body: bytes = b"",
) -> APIError:
    """Return the error that the answer stands for, whatever its shape: v3, v2, v1, HTML, empty."""
    code, message, param, doc_url = _details(payload)
    if status < _FIRST_ERROR and "Location" in headers:
        message = (
            f"the server redirects to {_text(redact(headers['Location']))}; the key is not sent "
            "there, set base_url to the API's own address"
        )
    error_type = _BY_STATUS.get(status) or (ServerError if status >= _SERVER_FAULT else APIError)
    error = error_type(
        message or "the server gave no reason",
        status=status,
        code=code,
        param=param,
        doc_url=doc_url,
        request_id=_text(headers.get("X-Request-Id")),
        method=request.method,
        path=request.path,
        headers=_shown_headers(headers),
        body=redact_text(body[: 4 * _KEPT].decode("utf-8", "replace")[:_KEPT]),
    )
    error.retry_after = retry_after(headers.get("Retry-After"), now=now)
    return error


def _shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what an error may tell of the headers: no cookie, and no query of a URL."""
    return {
        name: redact(value) if name.lower().endswith("location") else redact_text(value)
        for name, value in headers.items()
        if name.lower() not in _SECRET
    }


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


def parse(body: bytes) -> tuple[Any, str | None]:
    """Return the JSON of an answer, or None and what stands there instead."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        shown = body[:_SHOWN].decode("utf-8", "replace").strip()
        return None, shown or "empty"
    # Only a body with so many brackets can be so deep; few have, so few are walked.
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _deeper(payload, MAX_DEPTH):
        return None, f"JSON of more than {MAX_DEPTH} levels"
    return payload, None


def _deeper(payload: Any, levels: int) -> bool:
    """Tell whether JSON has more than so many levels."""
    level = [payload]
    while level and levels >= 0:
        values = [item.values() if isinstance(item, dict) else item for item in level]
        level = [item for among in values for item in among if isinstance(item, dict | list)]
        levels -= 1
    return bool(level)


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
        code if isinstance(code, int) else _text(code) if isinstance(code, str) else None,
        _text(error.get("message") or error.get("msg") or error.get("detail")),
        _text(error.get("param")),
        _text(error.get("doc_url")),
    )


def _text(value: Any) -> str | None:
    """Return a text for people.

    Half a surrogate pair, which JSON and headers may hold, is none: no log or terminal takes it.
    """
    return None if value is None else str(value).encode(errors="replace").decode()
