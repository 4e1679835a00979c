"""``WebhookReceiver``: deliveries in, checked; the waiting job looked at; handlers called."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import functools
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, overload

from heygen_async.errors import (
    InvalidRequestError,
    LedgerError,
    TransportError,
    WebhookError,
)
from heygen_async.models.webhooks import WebhookEvent
from heygen_async.protocol.deliveries import MAX_BODY, fold, receive
from heygen_async.protocol.heygen.webhooks import SOURCE as HEYGEN_SOURCE
from heygen_async.protocol.jogg.webhooks import SOURCE as JOGG_SOURCE
from heygen_async.webhooks.handlers import Handler, Handlers
from heygen_async.webhooks.requests import (
    WebhookRequestHandler,
    aiohttp_routes,
    asgi_application,
)
from heygen_async.webhooks.seen import SeenEvents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from aiohttp import web

    from heygen_async.batch.ledger import Ledger
    from heygen_async.protocol.deliveries import FoldedHeaders, Headers
    from heygen_async.webhooks.requests import Application

    Answer = concurrent.futures.Future[WebhookEvent | WebhookError | None]
    """What became of a delivery; the error is a result, for nobody may be left to ask for it."""

E = TypeVar("E", bound=WebhookEvent)
R = TypeVar("R")

_SOURCES = {source.api: source for source in (HEYGEN_SOURCE, JOGG_SOURCE)}
_LATER = 503

PATIENCE = 4.0
"""Seconds to wait for the other loop and the ledger: JoggAI takes no answer after 5, HeyGen 10."""


class Hints(Protocol):
    """What a receiver needs of its client: ``HeyGen`` and ``JoggAI`` have it."""

    @property
    def api(self) -> str:
        """The vendor whose deliveries are meant: ``HeyGen`` or ``JoggAI``."""

    @property
    def event_loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop to call ``notify`` and handlers in, None if any will do.

        Raises ``TransportError`` when nothing is taken any more: deliveries are sent back then.
        """

    def notify(self, kinds: Sequence[str], job_id: str, *, signed: bool) -> None:
        """Look at this job now, if anybody waits for it; one of ``kinds`` is its kind."""


class WebhookReceiver:
    """Takes in what the vendor of ``client`` delivers; use it as ``async with`` or ``aclose`` it.

    A delivery is believed to come from the vendor if one of ``secrets`` signed it, and even then
    its news is only a reason to look at the job. Handlers get signed events, each one once, after
    the delivery has been answered. Deliveries may come in any event loop and thread: handlers run
    in the client's loop or, before its first use, in that of the receiver. With
    ``allow_unsigned``, deliveries to a ``callback_url``, which HeyGen does not sign, are taken
    too: they make the client look, and no more.

    With a ``ledger``, open in the client's loop, an event is known again by all who have one in
    the same store: also after a restart, and handlers run in one process of many. If it is on
    PostgreSQL, the job is looked at in whatever process it is waited for. An unsigned event wakes
    this process only, for anybody may send a million. While the ledger fails or takes too long,
    signed deliveries are sent back, to come again.

    ``max_body`` is in bytes, ``clock`` tells Unix time. Raises ``InvalidRequestError`` if there
    are no secrets, unless unsigned deliveries are allowed.
    """

    def __init__(
        self,
        client: Hints,
        secrets: Iterable[str] = (),
        *,
        max_body: int = MAX_BODY,
        allow_unsigned: bool = False,
        on_event: Handler[WebhookEvent] | None = None,
        clock: Callable[[], float] = time.time,
        ledger: Ledger | None = None,
    ) -> None:
        self._client = client
        self._source = _SOURCES[client.api]
        self._max_body = max_body
        self._allow_unsigned = allow_unsigned
        self._clock = clock
        self._ledger = ledger
        self._seen = SeenEvents()
        self._handlers = Handlers()
        self._requests = WebhookRequestHandler(self._take_in, max_body)
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None  # used while the client has none
        self._loop_lock = threading.Lock()
        with contextlib.suppress(RuntimeError):  # made at the top of a module, it has none yet
            self._loop = asyncio.get_running_loop()
        self.rotate(secrets)
        if ledger is not None:
            ledger.hear(client.notify)
        if on_event is not None:
            self._handlers.add(WebhookEvent, on_event)

    def rotate(self, secrets: Iterable[str]) -> None:
        """Accept from now on what one of ``secrets`` signed; the old ones are forgotten."""
        known = [] if isinstance(secrets, str) else list(secrets)
        if not all(isinstance(secret, str) and secret.strip() for secret in known) or (
            not known and not self._allow_unsigned
        ):
            raise InvalidRequestError("secrets must be a list of the endpoints' secrets")
        self._secrets = tuple(secret.strip().encode() for secret in known)

    @overload
    def on(self, kind: type[E], handler: Handler[E]) -> Handler[E]: ...
    @overload
    def on(self, kind: type[E]) -> Callable[[Handler[E]], Handler[E]]: ...

    def on(self, kind: type[E], handler: Handler[E] | None = None) -> Any:
        """Call ``handler`` with each event that is a ``kind``; also as a decorator.

        ``WebhookEvent`` stands for all of them. A plain function is called in the event loop and
        must not block it. What a handler raises is logged.
        """
        if handler is None:
            return functools.partial(self.on, kind)
        self._handlers.add(kind, handler)
        return handler

    async def handle(self, body: bytes, headers: Headers) -> WebhookEvent | None:
        """Take in one delivery and return its event, or None if it came before.

        ``body`` are the bytes as they arrived, ``headers`` a mapping or pairs. Answer with 200,
        or with the ``status`` of the ``WebhookError`` that this raises: 401 for a signature that
        is wrong, missing or old, 400 for what cannot be read, 413 for too much, 503 to have it
        delivered again later.
        """
        if not isinstance(body, bytes | bytearray):
            raise InvalidRequestError(
                "body must be the bytes as they came: the signature is theirs"
            )
        if len(body) > self._max_body:
            raise WebhookError(f"the body has more than {self._max_body} bytes", status=413)
        return await self._take_in(body, fold(headers))

    async def _take_in(self, body: bytes, headers: FoldedHeaders) -> WebhookEvent | None:
        """Take in a delivery whose size is right."""
        self._home()
        event = receive(
            self._source,
            body,
            headers,
            self._secrets,
            now=self._clock(),
            allow_unsigned=self._allow_unsigned,
        )
        # Only now: a forged delivery must not make its loop that of the handlers.
        home, running = self._home(), asyncio.get_running_loop()
        if home is None:
            with self._loop_lock:  # deliveries of two threads may come first at once
                if self._loop is None or not self._loop.is_running():
                    self._loop = running
                home = self._loop
        marks = SeenEvents.marks(body, event.event_id) if event.signed else []
        if marks and self._ledger is not None:
            return await self._share(home, self._ledger, event, marks)
        if home is running:
            return self._take(event, marks)
        return await _call_in(home, functools.partial(self._take, event, marks))

    def _home(self) -> asyncio.AbstractEventLoop | None:
        """Return the loop of the client, if it has one; raise what sends a delivery back."""
        if self._closed:
            raise WebhookError("the receiver is closed", status=_LATER)
        return self._client_loop()

    def _client_loop(self) -> asyncio.AbstractEventLoop | None:
        try:
            loop = self._client.event_loop
            if loop is None and self._ledger is not None:
                loop = self._ledger.event_loop
        except (TransportError, LedgerError) as error:
            raise WebhookError(str(error), status=_LATER) from None
        return loop

    def _take(self, event: WebhookEvent, marks: Sequence[bytes]) -> WebhookEvent | None:
        """Remember the event, wake its job, start its handlers: all at once, or nothing of it.

        There is no await in here, so that no close comes in between.
        """
        self._home()  # again: this may be in another loop, and later
        if marks and not self._seen.add(marks, self._clock(), full=self._handlers.full):
            return None
        self._start(event)
        return event

    def _start(self, event: WebhookEvent) -> None:
        """Wake the job of an event, and have its handlers called."""
        for kinds, job_id in event.jobs:
            self._client.notify(kinds, job_id, signed=event.signed)
        if event.signed:
            self._handlers.start(event)

    async def _share(
        self,
        home: asyncio.AbstractEventLoop,
        ledger: Ledger,
        event: WebhookEvent,
        marks: Sequence[bytes],
    ) -> WebhookEvent | None:
        """Take in an event if it is new to all who share the ledger."""
        begin = functools.partial(self._begin, ledger, event, marks)
        try:
            async with asyncio.timeout(PATIENCE):
                here = home is asyncio.get_running_loop()
                answer = begin() if here else await _call_in(home, begin)
                # Waited for so that no end of the wait ends it: the ledger has it by then, maybe.
                await asyncio.wait([asyncio.wrap_future(answer)])
        except TimeoutError:
            raise WebhookError("the ledger does not answer", status=_LATER) from None
        if isinstance(told := answer.result(), WebhookError):
            raise told
        return told

    def _begin(self, ledger: Ledger, event: WebhookEvent, marks: Sequence[bytes]) -> Answer:
        """Begin to take in an event, in a task that ``aclose`` waits for, as for handlers."""
        self._home()  # again: this may be in another loop, and later
        answer: Answer = concurrent.futures.Future()
        answer.set_running_or_notify_cancel()  # nobody cancels it
        if self._seen.knows(marks, self._clock()):
            answer.set_result(None)
        elif self._handlers.full:
            raise WebhookError("too many events at once", status=_LATER)
        else:
            self._handlers.spawn(self._take_shared(ledger, event, marks, answer), event)
        return answer

    async def _take_shared(
        self, ledger: Ledger, event: WebhookEvent, marks: Sequence[bytes], answer: Answer
    ) -> None:
        """Let the ledger remember the event, and take it if it is new; ``answer`` is told."""
        told: WebhookEvent | WebhookError | None
        told = WebhookError("it was cut off", status=_LATER)
        try:
            if await ledger.remember(marks, [(*job, True) for job in event.jobs]):
                try:
                    self._client_loop()  # the client may have been closed meanwhile
                except WebhookError:
                    await ledger.forget(marks)
                    raise
                self._seen.note(marks, self._clock())
                self._start(event)
                told = event
            else:  # not noted: who has taken it may have to give it back
                told = None
        except WebhookError as error:
            told = error
        except LedgerError as error:
            told = WebhookError(str(error), status=_LATER)
        finally:
            answer.set_result(told)

    def routes(self, path: str) -> list[web.RouteDef]:
        """Return the routes that take deliveries at ``path`` of an ``aiohttp.web`` application."""
        return aiohttp_routes(self._requests, path)

    @functools.cached_property
    def asgi(self) -> Application:
        """An ASGI application that takes deliveries at any path; mount it or run it."""
        return asgi_application(self._requests, self._open, self.aclose)

    async def aclose(self) -> None:
        """Take no more events and wait for the handlers at work; cancelling this cancels them."""
        self._closed = True  # first: what comes while the handlers end is sent back
        self._requests.tell_refusals()
        await self._handlers.aclose()

    def _open(self) -> None:
        """Take events, also after it was closed: an application may be started twice."""
        self._closed = False
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> Self:
        self._open()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()


async def _call_in(loop: asyncio.AbstractEventLoop, function: Callable[[], R]) -> R:
    """Call ``function`` in ``loop``, which may run in another thread, and return what it returns.

    Raises ``WebhookError`` with 503 if that loop does not answer; nothing has been done then.
    """
    answer: concurrent.futures.Future[R] = concurrent.futures.Future()

    # A callback, not a task: a loop that ends cancels its tasks, and that would come out here.
    def call() -> None:
        if answer.set_running_or_notify_cancel():  # False once nobody waits any more
            try:
                answer.set_result(function())
            except Exception as error:  # noqa: BLE001 - whatever it is, it is raised over here
                answer.set_exception(error)

    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:
        raise WebhookError("the event loop of the client has been closed", status=_LATER) from None
    try:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.wrap_future(answer)
    except TimeoutError:
        raise WebhookError("the event loop of the client does not answer", status=_LATER) from None
