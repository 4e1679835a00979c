"""``WebhookReceiver``: deliveries in, checked; the waiting job looked at; handlers called."""

from __future__ import annotations

import functools
import hashlib
import time
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, overload

from heygen_async.errors import InvalidRequestError, WebhookError
from heygen_async.models.webhooks import WebhookEvent
from heygen_async.protocol import heygen_webhooks, jogg_webhooks
from heygen_async.protocol.deliveries import MAX_BODY, receive
from heygen_async.webhooks.handlers import Handler, Handlers
from heygen_async.webhooks.intake import Intake
from heygen_async.webhooks.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType

    from aiohttp import web

    from heygen_async.protocol.signatures import Headers
    from heygen_async.webhooks.asgi import Application

E = TypeVar("E", bound=WebhookEvent)

_SENDERS = {sender.api: sender for sender in (heygen_webhooks.SENDER, jogg_webhooks.SENDER)}
_LATER = 503


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
    the delivery has been answered. With ``allow_unsigned``, deliveries to a ``callback_url``,
    which HeyGen does not sign, are taken too: they make the client look, and no more.

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
        if self._closed:
            raise WebhookError("the receiver is closed", status=_LATER)
        event = receive(
            self._sender,
            body,
            headers,
            self._secrets,
            now=self._clock(),
            max_body=self._max_body,
            allow_unsigned=self._allow_unsigned,
        )
        if event.signed and not self._is_new(event, body):
            return None
        if event.job is not None:
            self._client._hint(*event.job, signed=event.signed)  # noqa: SLF001 - made for this class
        if event.signed:
            self._handlers.start(event)
        return event

    def _is_new(self, event: WebhookEvent, body: bytes) -> bool:
        """Remember a signed event; the id may be missing, or stand outside of what is signed."""
        marks: set[str | bytes] = {hashlib.sha256(body).digest()}
        if event.event_id is not None:
            marks.add(event.event_id)
        if self._memory.knows(marks):
            return False
        if self._handlers.full:
            raise WebhookError("too many events are being handled", status=_LATER)
        self._memory.add(marks)
        return True

    def routes(self, path: str) -> list[web.RouteDef]:
        """Return the routes that take deliveries at ``path`` of an ``aiohttp.web`` application."""
        from heygen_async.webhooks.aiohttp_routes import routes  # noqa: PLC0415 - only if used

        return routes(self._intake, path)

    @functools.cached_property
    def asgi(self) -> Application:
        """An ASGI application that takes deliveries at any path; mount it or run it."""
        from heygen_async.webhooks.asgi import application  # noqa: PLC0415 - only if used

        return application(self._intake, self.aclose)

    async def aclose(self) -> None:
        """Take no more events and wait for the handlers at work; cancelling this cancels them."""
        self._closed = True
        await self._handlers.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
