"""The aiohttp adapter: one attempt, and attempts until the policy is satisfied."""

from __future__ import annotations

import asyncio
import functools
import logging
import random
import time
import warnings
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import aiohttp
import attrs
import backoff
from multidict import CIMultiDict
from yarl import URL

from heygen_async.errors import (
    HeyGenError,
    RateLimitError,
    ResponseError,
    SubmissionUnknownError,
    TransportError,
)
from heygen_async.models.telemetry import RequestEvent, RetryEvent
from heygen_async.protocol.answers import read_elsewhere
from heygen_async.protocol.idempotency import mint_key, outlived
from heygen_async.protocol.retry import did_nothing, retry_delay, settles
from heygen_async.transport.failures import transport_error
from heygen_async.transport.loops import LoopBinding
from heygen_async.transport.rate_limiter import RateLimiter
from heygen_async.transport.uploads import body_of

if TYPE_CHECKING:
    from heygen_async.models.policies import RetryPolicy
    from heygen_async.models.telemetry import Event
    from heygen_async.protocol.request import Request
    from heygen_async.protocol.vendors import Vendor

T = TypeVar("T")

logger = logging.getLogger("heygen_async.transport")

# The vendor's own command line waits as long: 30 s for reads, 120 s for writes (99 % of video
# creations answer within 31 s), 10 minutes for files.
READ_TIMEOUT = 30.0
WRITE_TIMEOUT = 120.0
FILE_TIMEOUT = 600.0
CONNECT_TIMEOUT = 10.0

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes that an answer may have when it is decompressed; the largest known page has 1 MiB."""

WRITING_TIME = 10.0
"""Seconds that ``aclose`` allows, beyond the timeout of a request, for what follows its answer."""


_HIDDEN = "…"
_SHORTEST_KEY = 8


class ApiKey(str):
    """The API key as a header value that never shows itself: tracebacks print their variables.

    It is a ``str``, for aiohttp takes nothing else; only its ``repr`` is another.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "ApiKey('…')"


@attrs.define
class Counters:
    """What the transport counts."""

    requests: int = 0
    retries: int = 0
    rate_limited: int = 0


@attrs.frozen
class PostHooks(Generic[T]):
    """What the caller of a paid request wants done around it, whether or not he is still there.

    ``before`` is awaited directly before the first byte of each attempt, ``after`` when the call
    has ended well, or when it has ended at all and its caller was cancelled. ``abandoned`` is
    called once if the caller was cancelled and the call has done something, or may have: with
    its result, or with None. ``tasks`` holds the attempts on the wire.
    """

    before: Callable[[], Awaitable[None]]
    after: Callable[[T | HeyGenError], Awaitable[None]]
    abandoned: Callable[[T | None], None]
    tasks: set[asyncio.Task[None]] = attrs.field(factory=set)


@attrs.define(eq=False)
class _Call(Generic[T]):
    """One logical call on its way through its attempts."""

    request: Request[T]
    hooks: PostHooks[T] | None = None
    attempts: int = 0
    unsettled: bool = False  # an attempt may have done the work, and nothing since disproved it
    sent_at: float = 0.0  # Unix time of the first attempt that may have done the work
    abandoned: bool = False
    result: T | None = None
    error: HeyGenError | None = None
    delay: float | None = None
    waits_for_loop: bool = False


class Transport:
    """Sends requests to one vendor; owns its aiohttp session unless it was lent one."""

    def __init__(
        self,
        vendor: Vendor,
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
        self.vendor = vendor
        self.counters = Counters()
        self._rate_limiter = (
            RateLimiter(*vendor.posts_per_window) if vendor.posts_per_window else None
        )
        self._warned = False
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        self._retry = retry
        self._timeout = timeout
        self._emit = emit
        # An attempt says in ``delay``, jittered already, when the next is due, or None to stop.
        self._repeat = backoff.on_predicate(
            backoff.runtime,
            lambda call: call.delay is not None,
            value=lambda call: call.delay,
            jitter=None,
            logger=None,
        )(self._attempt)
        self._on_the_wire: set[asyncio.Task[None]] = set()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The aiohttp session, opened at its first use."""
        self.loop.check()
        if self._closed or (self._session is not None and self._session.closed):
            raise TransportError("the client is closed", maybe_sent=False)
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    @property
    def account(self) -> dict[str, str]:
        """The API, its origin, and the key as the name of the account; no ``repr`` shows it."""
        origin = str(URL(self._base_url).origin())
        return {"api": self.vendor.api, "origin": origin, "account": self._api_key}

    async def aclose(self) -> None:
        """Close the session if it is owned; no request goes out after this.

        Paid requests that are on the wire are waited for, as long as a request may take.
        """
        self._closed = True  # first: what is on the wire makes no further attempt
        wire = set(self._on_the_wire)
        if wire and not self.loop.dead:
            await asyncio.wait(wire, timeout=(self._timeout or WRITE_TIMEOUT) + WRITING_TIME)
        await self.abort()

    async def abort(self) -> None:
        """Close at once; what is on the wire is cut off, and tells that it may be paid."""
        self._closed = True
        if not self.loop.dead:
            late = set(self._on_the_wire)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._owned and self._session is not None:
            await self._session.close()

    async def send(self, request: Request[T], hooks: PostHooks[T] | None = None) -> T:
        """Send, and send again as the policy and the request's safety allow.

        A paid request that is on the wire is seen through when the caller is cancelled; then
        ``hooks`` hear of it, and no further attempt is made.
        """
        self.loop.check()  # before the attempts, which would count its error as one of theirs
        call = _Call(self.with_key(request), hooks)
        if request.key_sent_at is not None:  # an earlier run may have sent it
            call.unsettled, call.sent_at = True, request.key_sent_at
        try:
            await self._attempt(call)
            if call.delay is not None:
                await self._repeat(call)
        except BaseException:
            # An attempt on the wire tells for itself. Cancelled or stopped between two attempts,
            # what may have been done is told here.
            if call.unsettled and not call.abandoned and hooks is not None:
                hooks.abandoned(None)
            raise
        if call.error is None:
            return call.result  # type: ignore[return-value] # decode's own result, maybe None
        raise self._final_error(call)

    def _final_error(self, call: _Call[Any]) -> HeyGenError:
        """Return the error that a call ends with: unknown, unless it surely did nothing."""
        error, request = call.error, call.request
        assert error is not None  # noqa: S101 - asked of calls that failed
        if not (request.paid and call.unsettled):
            return error
        unknown = SubmissionUnknownError(
            f"{request.method} {request.path}: its outcome is not known after "
            f"{call.attempts} attempts, the last one: {error}",
            idempotency_key=request.idempotency_key,
        )
        unknown.__cause__ = error
        return unknown

    async def send_once(self, request: Request[T]) -> T:
        """Send exactly once."""
        self.loop.check()
        if request.upload is None:
            return await self._exchange(request, None)
        async with body_of(request.upload) as body:
            return await self._exchange(request, body)

    async def _exchange(self, request: Request[T], data: Any) -> T:
        if not self._warned and request.path.startswith(self.vendor.retired):
            self._warned = True
            warnings.warn(self.vendor.retirement, DeprecationWarning, stacklevel=2)
        self.counters.requests += 1
        start = time.monotonic()
        answer = await self._receive(request, data)
        if isinstance(answer, HeyGenError):
            self._tell(request, start, error=answer)
            raise answer  # here, for an error of aiohttp's carries the request's headers
        status, headers, body = answer
        self._tell(request, start, status=status)
        try:
            read = self.vendor.read if request.url is None else read_elsewhere
            return read(request, status, headers, body, now=time.time())
        except RateLimitError:
            self.counters.rate_limited += 1
            raise

    async def _receive(
        self, request: Request[Any], data: Any
    ) -> tuple[int, Mapping[str, str], bytes] | HeyGenError:
        """Return status, headers and body of an answer, or what went wrong.

        An answer of the API is returned without the key, should it repeat it.
        """
        try:
            # All that a lent session may have set otherwise is said for each request.
            async with self.session.request(
                request.method,
                URL(request.url or self._base_url + request.path, encoded=True),
                params=request.params or None,
                json=request.json,
                data=data,
                headers=self._headers(request),
                timeout=self._timeout_of(request),
                allow_redirects=False,
                raise_for_status=False,
            ) as response:
                body = await _body_of(response, request)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return transport_error(error, request)
        except ResponseError as error:
            return error
        key, headers = self._api_key, response.headers
        # What is shorter is no secret, and stands in an answer by chance.
        if request.url is not None or len(key) < _SHORTEST_KEY:
            return response.status, headers, body
        body = body.replace(key.encode(), _HIDDEN.encode())
        if not any(key in value for value in headers.values()):
            return response.status, headers, body
        scrubbed = CIMultiDict((name, text.replace(key, _HIDDEN)) for name, text in headers.items())
        return response.status, scrubbed, body

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
        if self._rate_limiter is not None and call.request.method == "POST":
            await self._rate_limiter.acquire()  # a wait that may be cancelled: nothing has left yet
        call.attempts += 1
        self.counters.retries += call.attempts > 1
        call.delay = None
        if call.request.paid:
            await self._see_through(call)
        else:
            await self._try(call)
        return call

    async def _see_through(self, call: _Call[Any]) -> None:
        """Make one attempt at a paid call in a task of its own.

        What is on the wire may be paid whoever still waits for it, so the caller's cancellation
        does not reach it; it goes out at once all the same.
        """
        task = asyncio.create_task(self._try_paid(call))
        wires = [self._on_the_wire] if call.hooks is None else [self._on_the_wire, call.hooks.tasks]
        for wire in wires:
            wire.add(task)
            task.add_done_callback(wire.discard)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            call.abandoned = True
            # It may have ended in this very moment; and nobody else asks how it ended.
            task.add_done_callback(lambda task: task.cancelled() or task.exception())
            if task.done() and not task.cancelled() and task.exception() is None:
                self._report(call)
            raise

    async def _try_paid(self, call: _Call[Any]) -> None:
        """Make one attempt at a paid call, and have it written down before and after."""
        hooks = call.hooks
        if hooks is not None:
            await hooks.before()
        call.error = TransportError("cancelled on the wire")  # until something else is known
        try:
            await self._try(call)
            if hooks is not None and (call.error is None or call.abandoned):
                await hooks.after(call.result if call.error is None else self._final_error(call))
        except asyncio.CancelledError:  # a shutdown that cancels every task there is
            call.unsettled = True
            self._report(call)
            raise
        if call.abandoned:
            self._report(call)

    def _report(self, call: _Call[Any]) -> None:
        """Tell of a call whose caller has gone, if it did something, or may have."""
        hooks, call.hooks = call.hooks, None  # once
        if hooks is not None and (call.unsettled or call.error is None):
            hooks.abandoned(None if call.error is not None else call.result)

    async def _try(self, call: _Call[T]) -> None:
        """Send once, and take in how that went."""
        request = call.request
        now = time.time()
        if call.unsettled and request.idempotency_key is not None and outlived(call.sent_at, now):
            # By the wall clock, and here: the machine may have slept since the last attempt.
            call.error = TransportError(
                f"{request.method} {request.path}: its idempotency key is too old to be sent again",
                maybe_sent=False,
            )
            return
        if not call.unsettled:
            call.sent_at = now
        try:
            call.result = await self.send_once(request)
        except HeyGenError as error:
            self._take_in(call, error)
        else:
            call.error, call.unsettled = None, False

    def _take_in(self, call: _Call[Any], error: HeyGenError) -> None:
        """Decide what a failed attempt proves, and whether another is worth its delay."""
        call.error = error
        call.unsettled = not did_nothing(call.request, error) or (
            call.unsettled and not settles(call.request, error)
        )
        if call.unsettled and call.request.queued:
            call.request = attrs.evolve(call.request, queued=False)  # it has to be settled here
        if not self._closed and not call.abandoned:
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

    def with_key(self, request: Request[T]) -> Request[T]:
        """Return the request with an idempotency key, a new one where it is honoured."""
        if request.idempotency_key is None and self.vendor.honours_key(
            request.method, request.path
        ):
            return attrs.evolve(request, idempotency_key=mint_key())
        return request

    def _headers(self, request: Request[Any]) -> dict[str, str]:
        if request.url is not None:
            return dict(request.headers)
        headers = {"x-api-key": self._api_key, "Accept": "application/json"}
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
                f"unclosed {self.vendor.api} client; use 'async with' or await its aclose()",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )


async def _body_of(response: aiohttp.ClientResponse, request: Request[Any]) -> bytes:
    """Return the whole body, or stop where no answer of the API can be that long.

    597 KiB of gzip can hold more than 1 GiB, so what counts is what comes out.
    """
    length = response.content_length
    if length is not None and length <= MAX_ANSWER and "Content-Encoding" not in response.headers:
        return await response.read()
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER:
            response.close()
            raise ResponseError(
                f"{request.method} {request.path}: the answer has more than {MAX_ANSWER:,} bytes"
            )
    return bytes(body)


@functools.lru_cache(maxsize=16)
def _timeout(total: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total, sock_connect=CONNECT_TIMEOUT)
