"""Every exception this package raises, in one tree.

    HeyGenError
    ├── InvalidRequestError      (also ValueError) bad input; nothing was sent
    ├── APIError                 the server answered with an error
    │   ├── BadRequestError          400, 413, 415, 422
    │   ├── AuthenticationError      401
    │   ├── InsufficientCreditError  402
    │   ├── PermissionDeniedError    403
    │   ├── NotFoundError            404
    │   ├── ConflictError            409
    │   ├── RateLimitError           429
    │   └── ServerError              5xx
    ├── TransportError           no answer: refused, reset, timed out, closed
    ├── ResponseError            an answer that makes no sense
    ├── SubmissionUnknownError   a paid call whose outcome is not known
    ├── JobFailedError           the render ended without a result
    ├── JobTimeoutError          (also TimeoutError) the caller's deadline passed
    ├── BudgetError              the caller's own bound on what is spent is reached
    ├── DownloadError            a file could not be saved
    ├── LedgerError              a ledger that cannot be used: busy, full, read-only, damaged
    │   └── ClaimLostError           another process has taken this one's item over
    └── WebhookError             a delivery that cannot be trusted or read

Nothing else leaves the public API, ``asyncio.CancelledError`` aside. An error that ends a
wait carries the job in ``job``: the render goes on, ``attach(job.token)`` finds it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "APIError",
    "AuthenticationError",
    "BadRequestError",
    "BudgetError",
    "ClaimLostError",
    "ConflictError",
    "DownloadError",
    "HeyGenError",
    "InsufficientCreditError",
    "InvalidRequestError",
    "JobFailedError",
    "JobTimeoutError",
    "LedgerError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "ResponseError",
    "ServerError",
    "SubmissionUnknownError",
    "TransportError",
    "WebhookError",
]


class HeyGenError(Exception):
    """The base of all errors of this package.

    ``job`` is the job whose wait this error ended, else None.
    """

    job: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild from arguments and attributes, so that copies and pickles work."""
        return (_rebuild, (type(self), self.args, self.__dict__))


class InvalidRequestError(HeyGenError, ValueError):
    """The input is wrong; the message says what to write instead. Nothing was sent."""


class APIError(HeyGenError):
    """The server answered with an error.

    ``status`` is the HTTP status, ``code`` and ``message`` the vendor's own, ``param`` the
    field it blames, ``doc_url`` its explanation, ``request_id`` what its support asks for.
    ``retry_after`` is the server's wish in seconds, or None. ``known_refusal`` says that this is
    the vendor's own answer, with a code that is known to mean that nothing was done. ``body`` is
    the first of the answer, at most 2,000 characters, with the key and the queries of URLs left
    out; it is empty for an answer of a file server.
    """

    retry_after: float | None = None
    known_refusal: bool = False

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | int | None = None,
        param: str | None = None,
        doc_url: str | None = None,
        request_id: str | None = None,
        method: str | None = None,
        path: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.body = body
        # A tuple, for what is read-only cannot be pickled.
        self._headers = tuple((headers or {}).items())
        self.code = code
        self.param = param
        self.doc_url = doc_url
        self.request_id = request_id
        self.method = method
        self.path = path

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers, whatever their case and read-only; cookies are left out."""
        from multidict import CIMultiDict, CIMultiDictProxy  # noqa: PLC0415 - seldom asked for

        return CIMultiDictProxy(CIMultiDict(self._headers))

    def __str__(self) -> str:
        where = f"{self.method} {self.path}: " if self.method else ""
        code = f" {self.code}" if self.code is not None else ""
        param = f" (param {self.param})" if self.param else ""
        request_id = f" [request {self.request_id}]" if self.request_id else ""
        return f"{where}{self.status}{code}: {self.message}{param}{request_id}"


class BadRequestError(APIError):
    """400, 413, 415 or 422: the server refused the request as it is."""


class AuthenticationError(APIError):
    """401: the API key is missing, wrong or revoked."""


class InsufficientCreditError(APIError):
    """402: the account has not enough credit for this call."""


class PermissionDeniedError(APIError):
    """403: the key may not do this."""


class NotFoundError(APIError):
    """404: no such resource, or it is not yours."""


class ConflictError(APIError):
    """409: the resource is busy, or the same call is already in progress."""


class RateLimitError(APIError):
    """429: too many requests or too many jobs at once; nothing was done."""


class ServerError(APIError):
    """5xx: the server failed."""


class TransportError(HeyGenError):
    """No answer arrived.

    ``maybe_sent`` is False only if the request surely never reached the server.
    """

    maybe_sent: bool

    def __init__(self, message: str, *, maybe_sent: bool = True) -> None:
        super().__init__(message)
        self.maybe_sent = maybe_sent


class ResponseError(HeyGenError):
    """An answer arrived that makes no sense: not JSON, cut short, or of another shape."""


class SubmissionUnknownError(HeyGenError):
    """A paid call whose outcome is not known: it may have started a job, or not.

    ``spec`` is what was submitted and ``idempotency_key`` the key it was sent with, or None
    where the operation takes none. Where there is a key, ``submit(spec, idempotency_key=…)``
    within 24 hours gives the same job and costs nothing more.
    """

    def __init__(
        self, message: str, *, spec: Any = None, idempotency_key: str | None = None
    ) -> None:
        super().__init__(message)
        self.spec = spec
        self.idempotency_key = idempotency_key


class JobFailedError(HeyGenError):
    """The vendor reports that the job failed; ``code`` and ``message`` are its own."""

    def __init__(self, job: Any, *, code: str | None, message: str | None) -> None:
        super().__init__(
            f"{job.token} failed: {message or 'no reason given'} ({code or 'no code'})"
        )
        self.job = job
        self.code = code
        self.message = message


class JobTimeoutError(HeyGenError, TimeoutError):
    """The caller's deadline passed; the render goes on, and ``job`` can be waited for again.

    ``last_error`` is what went wrong when the job was last looked at, None if that went well.
    """

    def __init__(self, job: Any, timeout: float, last_error: HeyGenError | None = None) -> None:
        trouble = "" if last_error is None else f"; the last look at it failed: {last_error}"
        super().__init__(
            f"{job.token} did not end within {timeout:g} s; it goes on, "
            f"wait for it again with attach({job.token!r}){trouble}"
        )
        self.job = job
        self.last_error = last_error


class BudgetError(HeyGenError):
    """The balance is as low as the caller lets it be; this item was not submitted."""


class DownloadError(HeyGenError):
    """A file could not be saved; nothing is left under its name."""


class LedgerError(HeyGenError):
    """A ledger cannot be opened, read or written; the message says why and what to do."""


class ClaimLostError(LedgerError):
    """Another process has taken an item over, for this one was silent for too long.

    Nothing more was written or sent for it here; its outcome is what the other process writes.
    """


class WebhookError(HeyGenError):
    """A delivery that cannot be trusted or read.

    ``status`` is the HTTP status to answer with.
    """

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def _rebuild(
    cls: type[HeyGenError], args: tuple[Any, ...], attributes: dict[str, Any]
) -> HeyGenError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error
