"""What an API refuses: one exception for all of them, before it takes an API's own shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ApiError(Exception):
    """A refused request: HTTP status, the vendor's code and message, and the guilty parameter."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.headers = headers


def invalid(param: str | None, message: str) -> ApiError:
    """Return a 400 ``invalid_parameter`` about *param*."""
    return ApiError(400, "invalid_parameter", message, param=param)


def not_found(kind: str, name: str, *, param: str | None = None) -> ApiError:
    """Return the 404 for an unknown *kind* of thing, such as ``video`` or ``voice``."""
    message = f"{kind.capitalize()} {name} not found"
    return ApiError(404, f"{kind}_not_found", message, param=param)


GENERIC_CODES: Mapping[int, str] = {
    400: "invalid_parameter",
    401: "unauthorized",
    402: "insufficient_credit",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    410: "gone",
    413: "payload_too_large",
    429: "rate_limit_exceeded",
    501: "not_emulated",
    504: "gateway_timeout",
}


def generic(status: int, message: str, headers: Mapping[str, str] | None = None) -> ApiError:
    """Return the error for a bare HTTP status that no endpoint has words for."""
    return ApiError(status, GENERIC_CODES.get(status, "internal_error"), message, headers=headers)
