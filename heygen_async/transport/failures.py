"""What went wrong below HTTP, told in this package's errors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import aiohttp

from heygen_async.errors import HeyGenError, InvalidRequestError, ResponseError, TransportError
from heygen_async.protocol.answers import api_error

if TYPE_CHECKING:
    from heygen_async.protocol.request import Request

# The connection was never made, so no byte of the request left.
_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.ClientHttpProxyError,
)
_FIRST_REFUSAL = 300
_BAD_URL = (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)


def transport_error(error: BaseException, request: Request[Any]) -> HeyGenError:
    """Return the error to raise for what aiohttp or the operating system raised.

    The text names the exception and never repeats a header.
    """
    where = f"{request.method} {request.path}"
    if isinstance(error, _BAD_URL):
        return InvalidRequestError(f"{where}: base_url makes no usable address")
    if isinstance(error, _NEVER_SENT):
        reason = getattr(error, "os_error", None) or type(error).__name__
        if isinstance(error, aiohttp.ClientHttpProxyError):
            reason = f"the proxy answered {error.status}"
        return TransportError(f"{where}: cannot connect: {reason}", maybe_sent=False)
    if isinstance(error, TimeoutError):
        return TransportError(f"{where}: no answer in time")
    if isinstance(error, aiohttp.ClientPayloadError):
        return ResponseError(f"{where}: the answer was cut short")
    if isinstance(error, aiohttp.ClientResponseError):
        return _unread(error, request)
    return TransportError(f"{where}: the connection broke: {type(error).__name__}")


def _unread(error: aiohttp.ClientResponseError, request: Request[Any]) -> HeyGenError:
    """Return what an answer means whose body was not read: a middleware of a lent session raised.

    Nor is any text of it repeated, for that may hold what we sent.
    """
    if error.status < _FIRST_REFUSAL:
        return ResponseError(f"{request.method} {request.path}: the answer is not HTTP")
    wish = error.headers.get("Retry-After") if error.headers else None
    headers = {} if wish is None else {"Retry-After": wish}
    return api_error(request, error.status, headers, None, now=time.time())
