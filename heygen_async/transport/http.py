"""The aiohttp adapter: one attempt, and attempts until the policy is satisfied."""

from __future__ import annotations

import asyncio
import copy
import functools
import logging
import random
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

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
from heygen_async.protocol.request import check_headers, check_timeout
from heygen_async.protocol.retry import did_nothing, retry_delay, settles
from heygen_async.transport.failures import transport_error
from heygen_async.transport.rate_limiter import Pace, RateLimiter
from heygen_async.transport.session import Session
from heygen_async.transport.uploads import body_of

if TYPE_CHECKING:
    from ssl import SSLContext

    from heygen_async.models.policies import RetryPolicy
    from heygen_async.models.telemetry import Event
    from heygen_async.protocol.request import Request
    from heygen_async.protocol.vendors import Vendor

T = TypeVar("T")

_Answer: TypeAlias = "tuple[int, Mapping[str, str], bytes]"

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
    retired: int = 0  # requests to paths that the vendor has retired


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


class Transport:
    """Sends requests to one vendor."""

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
        proxy: str | None = None,
        ssl: SSLContext | None = None,
    ) -> None:
        self.session = Session(vendor.api, session, proxy=proxy, ssl=ssl)
        self.loop = self.session.loop
        self.vendor = vendor
        self.retry = retry
        self.emit = emit
        self.counters = Counters()
        self.on_the_wire: set[asyncio.Task[None]] = set()
        window = vendor.posts_per_window
        self.rate_limiter: Pace | None = RateLimiter(*window) if window is not None else None
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        self.timeout = check_timeout(timeout)
        self.headers = CIMultiDict[str]()
        url = URL(self._base_url)
        self._proxy = self.session.proxy_for(url.scheme, url.host or "")

    def with_options(
        self,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        rate_limiter: Pace | None = None,
    ) -> Transport:
        """Return a transport with other options, where they are given; the rest is shared."""
        if timeout is None and retry is None and headers is None and rate_limiter is None:
            return self
        other = copy.copy(self)
        if retry is not None:
            other.retry = retry
        if timeout is not None:
            other.timeout = check_timeout(timeout)
        if headers is not None:
            other.headers = CIMultiDict(self.headers)
            other.headers.update(check_headers(headers))
        other.rate_limiter = rate_limiter or self.rate_limiter
        return other

    @property
    def closed(self) -> bool:
        """Whether it has been closed: no request goes out any more."""
        return self.session.closed

    @property
    def account(self) -> dict[str, str]:
        """The API, its origin, and the key as the name of the account; no ``repr`` shows it."""
        origin = str(URL(self._base_url).origin())
        return {"api": self.vendor.api, "origin": origin, "account": self._api_key}

    async def aclose(self) -> None:
        """Close the session if it is owned; no request goes out after this.

        Paid requests that are on the wire are waited for, as long as a request may take.
        """
        self.session.stop()  # first: what is on the wire makes no further attempt
        wire = set(self.on_the_wire)
        if wire and not self.loop.dead:
            await asyncio.wait(wire, timeout=(self.timeout or WRITE_TIMEOUT) + WRITING_TIME)
        await self.abort()

    async def abort(self) -> None:
        """Close at once; what is on the wire is cut off, and tells that it may be paid."""
        self.session.stop()
        if not self.loop.dead:
            late = set(self.on_the_wire)
            for task in late:
                task.cancel()
            # Awaited, for each of them has yet to write down that its outcome is not known.
            await asyncio.gather(*late, return_exceptions=True)
        await self.session.aclose()

    async def send(self, request: Request[T], hooks: PostHooks[T] | None = None) -> T:
        """Send, and send again as the policy and the request's safety allow.

        A paid request that is on the wire is seen through when the caller is cancelled; then
        ``hooks`` hear of it, and no further attempt is made.
        """
        self.loop.check()  # before the attempts, which would count its error as one of theirs
        unkeyed = request.idempotency_key is None and request.method != "GET"
        if unkeyed and self.vendor.honours_key(request.method, request.path):
            # Here and not in an attempt: one call has one key, however often it is sent.
            request = attrs.evolve(request, idempotency_key=mint_key())
        call = _Call(self, request, hooks, unsettled_since=request.key_sent_at)
        try:
            await call.run()
        except BaseException:
            # An attempt on the wire tells for itself. Cancelled or stopped between two attempts,
            # what may have been done is told here.
            if call.unsettled_since is not None and not call.abandoned and hooks is not None:
                hooks.abandoned(None)
            raise
        if call.error is not None:
            raise call.final_error()
        return call.result  # type: ignore[return-value] # decode's own result, maybe None

    async def send_once(self, request: Request[T]) -> T:
        """Send exactly once, and return what the answer holds."""
        self.loop.check()
        if request.path.startswith(self.vendor.retired):
            self.counters.retired += 1
            if self.counters.retired == 1:
                warnings.warn(self.vendor.retirement, DeprecationWarning, stacklevel=2)
        async with body_of(request.upload) if request.upload else nullcontext() as data:
            self.counters.requests += 1
            start = time.monotonic()
            answer = await self._exchange(request, data)
        if self.emit is not None or logger.isEnabledFor(logging.DEBUG):
            self._tell(request, time.monotonic() - start, answer)
        if isinstance(answer, HeyGenError):
            raise answer
        read = self.vendor.read if request.url is None else read_elsewhere
        try:
            return read(request, *answer, now=time.time())
        except RateLimitError:
            self.counters.rate_limited += 1
            raise

    async def _exchange(self, request: Request[Any], data: Any) -> _Answer | HeyGenError:
        """Return status, headers and body of an answer, or what went wrong.

        Raised in this frame, an error would show whoever prints the variables of a traceback what
        aiohttp's objects hold: the request's headers, and the key in an answer that repeats it.
        """
        url, headers, proxy = self._address(request)
        usual = READ_TIMEOUT if request.method == "GET" else WRITE_TIMEOUT
        timeout = usual if self.timeout is None else self.timeout
        try:
            async with self.session.request(
                request.method,
                url,
                params=request.params or None,
                json=request.json,
                data=data,
                headers=headers,
                proxy=proxy,
                timeout=_timeout(FILE_TIMEOUT if request.upload else timeout),
            ) as response:
                length = response.content_length
                if length is None or length > MAX_ANSWER or "Content-Encoding" in response.headers:
                    body = await _read_bounded(response, request)
                else:
                    body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return transport_error(error, request)
        except ResponseError as error:
            return error
        return self._without_key(request, response, body)

    def _without_key(
        self, request: Request[Any], response: aiohttp.ClientResponse, body: bytes
    ) -> _Answer:
        """Return an answer in which the key does not stand, whatever it repeats."""
        key = self._api_key
        # A shorter key is no secret, and stands in an answer by chance.
        if request.url is not None or len(key) < _SHORTEST_KEY:
            return response.status, response.headers, body
        body = body.replace(key.encode(), _HIDDEN.encode())
        answered: Mapping[str, str] = response.headers
        if any(key in value for value in answered.values()):
            answered = CIMultiDict((n, v.replace(key, _HIDDEN)) for n, v in answered.items())
        return response.status, answered, body

    def _address(self, request: Request[Any]) -> tuple[URL, dict[str, str], URL | None]:
        """Return where a request goes, with which headers, and by which proxy."""
        if request.url is not None:  # presigned, so it leads elsewhere: the key stays home
            there = URL(request.url, encoded=True)
            proxy = self.session.proxy_for(there.scheme, there.host or "")
            return there, dict(request.headers), proxy
        headers = {**self.headers, **request.headers}
        headers |= {"x-api-key": self._api_key, "Accept": "application/json"}
        if request.idempotency_key is not None and request.key_field is None:
            headers["Idempotency-Key"] = request.idempotency_key
        return URL(self._base_url + request.path, encoded=True), headers, self._proxy

    @asynccontextmanager
    async def opened(self, request: Request[Any]) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send once, and give the answer of a success with its event stream not yet read.

        Raises what aiohttp raises, and ``APIError``. There is a timeout for the silence between
        two events, and none for the whole.
        """
        self.loop.check()
        url, headers, proxy = self._address(request)
        self.counters.requests += 1
        async with self.session.request(
            request.method,
            url,
            json=request.json,
            headers=headers | {"Accept": "text/event-stream"},
            proxy=proxy,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=CONNECT_TIMEOUT, sock_read=self.timeout or WRITE_TIMEOUT
            ),
        ) as response:
            if response.content_type != "text/event-stream":
                body = await _read_bounded(response, request)
                answer = self._without_key(request, response, body)
                self.vendor.read(request, *answer, now=time.time())
                where = f"{request.method} {request.path}"
                raise ResponseError(f"{where}: the answer is no event stream")
            yield response

    def _tell(self, request: Request[Any], took: float, answer: _Answer | HeyGenError) -> None:
        """Log how an exchange went, and tell the hook."""
        failure = str(answer) if isinstance(answer, HeyGenError) else None
        status = None if isinstance(answer, HeyGenError) else answer[0]
        method, path = request.method, request.path
        logger.debug("%s %s: %s in %.3f s", method, path, status or failure, took)
        if self.emit is not None:
            self.emit(
                RequestEvent(method=method, path=path, seconds=took, status=status, error=failure)
            )


@attrs.define(eq=False)
class _Call(Generic[T]):
    """One logical call: its attempts, and what they prove. Nobody else writes its fields.

    ``unsettled_since`` is the Unix time of the first attempt that may have done the work, None
    once nothing is left that may have. ``delay`` says when the next attempt is due, in seconds;
    with None there is none.
    """

    transport: Transport
    request: Request[T]
    hooks: PostHooks[T] | None
    unsettled_since: float | None
    attempts: int = 0
    delay: float | None = None
    abandoned: bool = False
    result: T | None = None
    error: HeyGenError | None = None

    async def run(self) -> None:
        """Make one attempt after the other, as long as one says when the next is due.

        It is the loop of ``backoff.on_predicate`` with ``backoff.runtime``, whose decorator costs
        even a call that needs no retry a tenth of its time.
        """
        waits = backoff.runtime(value=lambda call: call.delay)  # with its jitter: retry_delay's
        next(waits)
        while await self._attempt():
            wait = waits.send(self)
            self._tell_of_retry(wait)
            await asyncio.sleep(wait)

    async def _attempt(self) -> bool:
        """Make one attempt; return whether there is to be another one."""
        limiter = self.transport.rate_limiter
        if limiter is not None and self.request.method == "POST":
            await limiter.acquire()  # a wait that may be cancelled: nothing has left yet
        self.attempts += 1
        self.transport.counters.retries += self.attempts > 1
        self.delay = None
        if self.request.paid:
            await self._see_through()
        else:
            await self._try()
        return self.delay is not None

    def _tell_of_retry(self, wait: float) -> None:
        """Log that another attempt is due, and tell the hook."""
        error, emit = self.error, self.transport.emit
        logger.info("attempt %d failed, the next one in %.1f s: %s", self.attempts, wait, error)
        if emit is not None:
            emit(
                RetryEvent(
                    method=self.request.method,
                    path=self.request.path,
                    attempt=self.attempts,
                    delay=wait,
                    error=str(error),
                )
            )

    async def _see_through(self) -> None:
        """Make a paid attempt in a task of its own, which its caller's cancellation spares.

        What is on the wire may be paid whoever still waits for it. Only ``Transport.abort`` and
        the end of the loop cancel the task.
        """
        name = f"paid {self.request.method} {self.request.path}"
        task = asyncio.create_task(self._try_paid(), name=name)
        wires = [self.transport.on_the_wire, *((self.hooks.tasks,) if self.hooks else ())]
        for wire in wires:
            wire.add(task)
            task.add_done_callback(wire.discard)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            self.abandoned = True
            # It may have ended in this very moment; and nobody else asks how it ended.
            task.add_done_callback(lambda task: task.cancelled() or task.exception())
            if task.done() and not task.cancelled() and task.exception() is None:
                self._report()
            raise

    async def _try_paid(self) -> None:
        """Make a paid attempt, and have it written down before and after."""
        hooks = self.hooks
        if hooks is not None:
            await hooks.before()  # what cannot be written down is not sent
        try:
            await self._try()
            if hooks is not None and (self.error is None or self.abandoned):
                ended = self.result if self.error is None else self.final_error()
                await hooks.after(ended)  # type: ignore[arg-type] # decode's own, maybe None
        except asyncio.CancelledError:  # a shutdown that cancels every task there is
            self.unsettled_since = self.unsettled_since or time.time()
            self._report()
            raise
        if self.abandoned:
            self._report()

    async def _try(self) -> None:
        """Send once, and take in what that proves."""
        request, since, now = self.request, self.unsettled_since, time.time()
        if (
            since is not None
            and request.idempotency_key is not None
            and outlived(request.path, since, now)
        ):
            # By the wall clock, and here: the machine may have slept since the last attempt.
            self.error = TransportError(
                f"{request.method} {request.path}: its idempotency key is too old to be sent again",
                maybe_sent=False,
            )
            return
        try:
            self.result = await self.transport.send_once(request)
        except HeyGenError as error:
            self._fail(error, now if since is None else since)
        else:
            self.error = self.unsettled_since = None

    def _fail(self, error: HeyGenError, since: float) -> None:
        """Take in what a failed attempt proves, and whether another is worth its delay."""
        self.error = error
        unsettled = self.unsettled_since is not None and not settles(self.request, error)
        if unsettled or not did_nothing(self.request, error):
            self.unsettled_since = since
            # Back in its queue, nobody would know that an attempt is unsettled: it stays here.
            self.request = attrs.evolve(self.request, queued=False)
        else:
            self.unsettled_since = None
        if not self.transport.closed:
            jitter = random.random()  # noqa: S311 - no secret
            policy = self.transport.retry
            self.delay = retry_delay(policy, self.request, self.attempts, error, jitter)

    def _report(self) -> None:
        """Tell of a call whose caller has gone, if it did something, or may have; once."""
        hooks, self.hooks = self.hooks, None
        if hooks is not None and (self.unsettled_since is not None or self.error is None):
            hooks.abandoned(None if self.error is not None else self.result)

    def final_error(self) -> HeyGenError:
        """Return the error that the call ends with: unknown, unless it surely did nothing."""
        error, request = self.error, self.request
        assert error is not None  # noqa: S101 - asked of calls that failed
        if not request.paid or self.unsettled_since is None:
            return error
        unknown = SubmissionUnknownError(
            f"{request.method} {request.path}: its outcome is not known after "
            f"{self.attempts} attempts, the last one: {error}",
            idempotency_key=request.idempotency_key,
        )
        unknown.__cause__ = error
        return unknown


async def _read_bounded(response: aiohttp.ClientResponse, request: Request[Any]) -> bytes:
    """Return the whole body, or stop where no answer of the API can be that long.

    597 KiB of gzip can hold more than 1 GiB, so what counts is what comes out.
    """
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER:
            response.close()
            where = f"{request.method} {request.path}"
            raise ResponseError(f"{where}: the answer has more than {MAX_ANSWER:,} bytes")
    return bytes(body)


@functools.lru_cache(maxsize=16)
def _timeout(total: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total, sock_connect=CONNECT_TIMEOUT)
