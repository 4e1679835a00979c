"""The aiohttp adapter: one attempt, and attempts until the policy is satisfied."""

from __future__ import annotations

import functools
import logging
import random
import time
import uuid
import warnings
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import aiohttp
import attrs
from yarl import URL

from heygen_async.errors import (
    HeyGenError,
    RateLimitError,
    SubmissionUnknownError,
    TransportError,
)
from heygen_async.models.telemetry import RequestEvent, RetryEvent
from heygen_async.protocol.answers import read_elsewhere
from heygen_async.protocol.retry import maybe_done, retry_delay, settles
from heygen_async.transport.failures import transport_error
from heygen_async.transport.loops import LoopBinding
from heygen_async.transport.pace import Pace
from heygen_async.transport.repeat import repeat
from heygen_async.transport.uploads import body_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from heygen_async.models.policies import RetryPolicy
    from heygen_async.models.telemetry import Event
    from heygen_async.protocol.dialects import Dialect
    from heygen_async.protocol.request import Request

T = TypeVar("T")

logger = logging.getLogger("heygen_async.transport")

# The vendor's own command line waits as long: 30 s for reads, 120 s for writes (99 % of video
# creations answer within 31 s), 10 minutes for files.
READ_TIMEOUT = 30.0
WRITE_TIMEOUT = 120.0
FILE_TIMEOUT = 600.0
CONNECT_TIMEOUT = 10.0

_ERROR = 400


class ApiKey:
    """A secret that shows itself only to ``reveal``."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself."""
        return self._value

    def __repr__(self) -> str:
        return "ApiKey('…')"


@attrs.define
class Counters:
    """What the transport counts."""

    requests: int = 0
    retries: int = 0
    rate_limited: int = 0


@attrs.define(eq=False)
class _Call(Generic[T]):
    """One logical call on its way through its attempts."""

    request: Request[T]
    attempts: int = 0
    unsettled: bool = False  # an attempt may have done the work, and nothing since disproved it
    result: T | None = None
    error: HeyGenError | None = None
    delay: float | None = None
    waits_for_loop: bool = False


class Transport:
    """Sends requests to one vendor; owns its aiohttp session unless it was lent one."""

    def __init__(
        self,
        dialect: Dialect,
        *,
        api_key: ApiKey,
        base_url: str,
        session: aiohttp.ClientSession | None,
        retry: RetryPolicy,
        timeout: float | None,
        emit: Callable[[Event], None] | None = None,
    ) -> None:
        self._session = session
        self._owned = session is None
        self._closed = False
        # A lent session has a loop already, and works in no other.
        self.loop = LoopBinding("client", loop=getattr(session, "_loop", None))
        self.dialect = dialect
        self.counters = Counters()
        self._pace = Pace(*dialect.posts_per_window) if dialect.posts_per_window else None
        self._warned = False
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        self._retry = retry
        self._timeout = timeout
        self._emit = emit
        self._repeat = repeat(self._attempt)

    @property
    def session(self) -> aiohttp.ClientSession:
        """The aiohttp session, opened at its first use."""
        self.loop.check()
        if self._closed or (self._session is not None and self._session.closed):
            raise TransportError("the client is closed", maybe_sent=False)
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def aclose(self) -> None:
        """Close the session if it is owned; no request goes out after this."""
        self._closed = True
        if self._owned and self._session is not None:
            await self._session.close()

    async def send(self, request: Request[T]) -> T:
        """Send, and send again as the policy and the request's safety allow."""
        call = await self._attempt(_Call(self.with_key(request)))
        if call.delay is not None:
            call = await self._repeat(call)
        if call.error is None:
            return call.result  # type: ignore[return-value] # decode's own result, maybe None
        if request.paid and call.unsettled:
            raise SubmissionUnknownError(
                f"{request.method} {request.path}: its outcome is not known after "
                f"{call.attempts} attempts, the last one: {call.error}",
                idempotency_key=call.request.idempotency_key,
            ) from call.error
        raise call.error

    async def send_once(self, request: Request[T]) -> T:
        """Send exactly once."""
        self.loop.check()
        if request.upload is None:
            return await self._exchange(request, None)
        async with body_of(request.upload) as body:
            return await self._exchange(request, body)

    async def _exchange(self, request: Request[T], data: Any) -> T:
        if self._pace is not None and request.method == "POST":
            await self._pace.turn()
        if not self._warned and self.dialect.retired(request.path):
            self._warned = True
            warnings.warn(self.dialect.retirement, DeprecationWarning, stacklevel=2)
        self.counters.requests += 1
        start = time.monotonic()
        try:
            async with self.session.request(
                request.method,
                URL(request.url or self._base_url + request.path, encoded=True),
                params=request.params or None,
                json=request.json,
                data=data,
                headers=self._headers(request),
                timeout=self._timeout_of(request),
                allow_redirects=False,
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = transport_error(error, request)
            self._tell(request, start, error=failure)
            raise failure from None
        self._tell(request, start, status=response.status)
        if response.status >= _ERROR:  # an error that repeats the key is told without it
            body = body.replace(self._api_key.reveal().encode(), b"\xe2\x80\xa6")
        try:
            read = self.dialect.read if request.url is None else read_elsewhere
            return read(request, response.status, response.headers, body, now=time.time())
        except RateLimitError:
            self.counters.rate_limited += 1
            raise

    def _tell(
        self,
        request: Request[Any],
        start: float,
        *,
        status: int | None = None,
        error: HeyGenError | None = None,
    ) -> None:
        """Log how an attempt went, and tell the hook."""
        if self._emit is None and not logger.isEnabledFor(logging.DEBUG):
            return
        took = time.monotonic() - start
        method, path = request.method, request.path
        logger.debug("%s %s: %s in %.3f s", method, path, status or error, took)
        if self._emit is not None:
            told = None if error is None else str(error)
            self._emit(
                RequestEvent(method=method, path=path, seconds=took, status=status, error=told)
            )

    async def _attempt(self, call: _Call[T]) -> _Call[T]:
        """Make one attempt and decide whether another is worth its delay.

        The first is made before the loop; the loop's own first turn only waits for its delay.
        """
        if call.waits_for_loop:
            call.waits_for_loop = False
            return call
        call.attempts += 1
        self.counters.retries += call.attempts > 1
        call.error = call.delay = None
        try:
            call.result = await self.send_once(call.request)
        except HeyGenError as error:
            call.error = error
            disproved = settles(call.request, error)
            call.unsettled = maybe_done(call.request, error) or (call.unsettled and not disproved)
            if call.unsettled and call.request.queued:
                call.request = attrs.evolve(call.request, queued=False)  # it has to be settled here
            if not self._closed:
                spread = random.random()  # noqa: S311 - jitter, no secret
                call.delay = retry_delay(self._retry, call.request, call.attempts, error, spread)
            if call.delay is not None:
                call.waits_for_loop = call.attempts == 1
                line = "attempt %d failed, the next one in %.1f s: %s"
                logger.info(line, call.attempts, call.delay, error)
                if self._emit is not None:
                    self._emit(
                        RetryEvent(
                            method=call.request.method,
                            path=call.request.path,
                            attempt=call.attempts,
                            delay=call.delay,
                            error=str(error),
                        )
                    )
        return call

    def with_key(self, request: Request[T]) -> Request[T]:
        """Return the request with an idempotency key, a new one where it is honoured."""
        if request.idempotency_key is None and self.dialect.honours_key(
            request.method, request.path
        ):
            return attrs.evolve(request, idempotency_key=uuid.uuid4().hex)
        return request

    def _headers(self, request: Request[Any]) -> dict[str, str]:
        if request.url is not None:
            return dict(request.headers)
        headers = {"x-api-key": self._api_key.reveal(), "Accept": "application/json"}
        if request.idempotency_key is not None:
            headers["Idempotency-Key"] = request.idempotency_key
        return headers

    def _timeout_of(self, request: Request[Any]) -> aiohttp.ClientTimeout:
        if request.upload is not None:
            return _timeout(FILE_TIMEOUT)
        if self._timeout is not None:
            return _timeout(self._timeout)
        return _timeout(READ_TIMEOUT if request.method == "GET" else WRITE_TIMEOUT)

    def __del__(self) -> None:
        if self._owned and not self._closed and self._session is not None:
            warnings.warn(
                f"unclosed {self.dialect.api} client; use 'async with' or await its aclose()",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )


@functools.lru_cache(maxsize=16)
def _timeout(total: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total, sock_connect=CONNECT_TIMEOUT)
