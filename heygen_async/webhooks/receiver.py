"""``WebhookReceiver``: deliveries in, checked; the waiting job looked at; handlers called."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias, TypeVar, overload

from heygen_async.errors import InvalidRequestError, TransportError, WebhookError
from heygen_async.models.webhooks import WebhookEvent
from heygen_async.protocol.deliveries import MAX_BODY, receive
from heygen_async.protocol.heygen.webhooks import SENDER as HEYGEN
from heygen_async.protocol.jogg.webhooks import SENDER as JOGG
from heygen_async.webhooks.handlers import Handler, Handlers
from heygen_async.webhooks.handover import call_in
from heygen_async.webhooks.intake import Intake
from heygen_async.webhooks.memory import Memory, marks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType

    from aiohttp import web

    from heygen_async.protocol.signatures import Headers
    from heygen_async.webhooks.asgi import Application

E = TypeVar("E", bound=WebhookEvent)

_SENDERS = {sender.api: sender for sender in (HEYGEN, JOGG)}
_LATER = 503


Home: TypeAlias = "Callable[[], asyncio.AbstractEventLoop | None]"


class Hints(Protocol):
    """What a receiver needs of its client."""

    @property
    def api(self) -> str:
        """The vendor whose deliveries are meant: ``HeyGen`` or ``JoggAI``."""

    def _hint(self, kinds: Sequence[str], job_id: str, *, signed: bool) -> None:
        """Look at this job now, if anybody waits for it; one of ``kinds`` is its kind."""


class WebhookReceiver:
    """Takes in what the vendor of ``client`` delivers; use it as ``async with`` or ``aclose`` it.

    A delivery is believed to come from the vendor if one of ``secrets`` signed it, and even then
    its news is only a reason to look at the job. Handlers get signed events, each one once, after
    the delivery has been answered. Deliveries may come in any event loop and thread: handlers run
    in the client's loop or, before its first use, in that of the receiver. With
    ``allow_unsigned``, deliveries to a ``callback_url``, which HeyGen does not sign, are taken
    too: they make the client look, and no more.

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
    ) -> None:
        self._client = client
        # A stand-in for a client may live anywhere; a client of ours has a loop.
        self._home_of_client: Home = getattr(client, "_home", lambda: None)
        self._loop = _running_loop()
        self._lock = threading.Lock()
        self._sender = _SENDERS[client.api]
        self._max_body = max_body
        self._allow_unsigned = allow_unsigned
        self._clock = clock
        self._memory = Memory()
        self._handlers = Handlers()
        self._intake = Intake(self.handle, max_body)
        self._closed = False
        self.rotate(secrets)
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

        def add(wanted: Handler[E]) -> Handler[E]:
            self._handlers.add(kind, wanted)
            return wanted

        return add if handler is None else add(handler)

    async def handle(self, body: bytes, headers: Headers) -> WebhookEvent | None:
        """Take in one delivery and return its event, or None if it came before.

        ``body`` are the bytes as they arrived, ``headers`` a mapping or pairs. Answer with 200,
        or with the ``status`` of the ``WebhookError`` that this raises: 401 for a signature that
        is wrong, missing or old, 400 for what cannot be read, 413 for too much, 503 to have it
        delivered again later.
        """
        self._check_open()
        event = receive(
            self._sender,
            body,
            headers,
            self._secrets,
            now=self._clock(),
            max_body=self._max_body,
            allow_unsigned=self._allow_unsigned,
        )
        home = self._where()
        if home is asyncio.get_running_loop():
            return self._take(event, body)
        return await call_in(home, functools.partial(self._take, event, body))

    def _check_open(self) -> asyncio.AbstractEventLoop | None:
        """Return the loop of the client, if it has one; raise what sends a delivery back."""
        if self._closed:
            raise WebhookError("the receiver is closed", status=_LATER)
        try:
            return self._home_of_client()
        except TransportError as error:
            raise WebhookError(str(error), status=_LATER) from None

    def _where(self) -> asyncio.AbstractEventLoop:
        """Return the loop for hints and handlers: the client's, else this receiver's own."""
        home = self._check_open()
        if home is not None:
            return home
        with self._lock:
            if self._loop is None or not self._loop.is_running():
                self._loop = asyncio.get_running_loop()
            return self._loop

    def _take(self, event: WebhookEvent, body: bytes) -> WebhookEvent | None:
        self._check_open()  # again: this may be in another loop, and later
        if event.signed and not self._is_new(event, body):
            return None
        if event.job is not None:
            self._client._hint(*event.job, signed=event.signed)  # noqa: SLF001 - made for this class
        if event.signed:
            self._handlers.start(event)
        return event

    def _is_new(self, event: WebhookEvent, body: bytes) -> bool:
        """Remember a signed event."""
        marks = marks_of(body, event.event_id)
        with self._lock:  # the loop may have changed between two deliveries of one event
            now = self._clock()
            room = self._memory.has_room(now)
            if self._memory.knows(marks):
                return False
            if not room or self._handlers.full:
                raise WebhookError("too many events at once", status=_LATER)
            self._memory.add(marks, now)
        return True

    def routes(self, path: str) -> list[web.RouteDef]:
        """Return the routes that take deliveries at ``path`` of an ``aiohttp.web`` application."""
        from heygen_async.webhooks.aiohttp_routes import routes  # noqa: PLC0415 - only if used

        return routes(self._intake, path)

    @functools.cached_property
    def asgi(self) -> Application:
        """An ASGI application that takes deliveries at any path; mount it or run it."""
        from heygen_async.webhooks.asgi import application  # noqa: PLC0415 - only if used

        return application(self._intake, self._open, self.aclose)

    async def aclose(self) -> None:
        """Take no more events and wait for the handlers at work; cancelling this cancels them."""
        self._closed = True
        self._intake.refusals.tell()
        await self._handlers.aclose()

    def _open(self) -> None:
        """Take events, also after it was closed: an application may be started twice."""
        self._closed = False
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> Self:
        self._open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
