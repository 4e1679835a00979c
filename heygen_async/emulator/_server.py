"""One server on the loopback interface: middlewares around what it serves, and a request log."""

from __future__ import annotations

import uuid
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web

from heygen_async.emulator._collections import Call, Handler
from heygen_async.emulator._errors import ApiError
from heygen_async.emulator._faults import FILES
from heygen_async.emulator._openapi import Json, Match, load
from heygen_async.emulator._state import Backend

if TYPE_CHECKING:
    from heygen_async.emulator._publisher import EventPublisher

HOST = "127.0.0.1"
MAX_BODY = 64 * 1024 * 1024
"""Bytes of a JSON body; media may stand in it as base64."""

SHUTDOWN_TIMEOUT = 0.05
KEEPALIVE_TIMEOUT = 3600.0
"""Longer than any client's, so that idle connections are closed by the client alone."""

REMEMBERED = 10_000
"""How many of the last requests are kept whole; the counts know them all."""


@attrs.frozen(kw_only=True)
class Received:
    """One request: ``status`` is None if the connection was lost before the answer was out.

    ``route`` is the route's pattern (``GET /v3/videos/{video_id}``), ``FILES`` for the file
    server, ``unmatched`` where nothing fits. ``at`` is loop time in seconds. ``headers`` finds
    names in any case.
    """

    method: str
    path: str
    route: str
    headers: Mapping[str, str]
    status: int | None
    at: float


class RequestLog:
    """The last requests whole, and how many there were of each route."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.requests: deque[Received] = deque(maxlen=REMEMBERED)


@attrs.define
class Exchange:
    """One request on its way through a server, and what its steps tell each other.

    ``match`` is what it leads to, ``route`` its name in the log; ``delay`` is the seconds that a
    planned fault lets pass before the work.
    """

    request: web.Request
    server: Server
    match: Match
    route: str
    delay: float = 0.0

    @property
    def backend(self) -> Backend:
        """What all requests share."""
        return self.server.backend


Next = Callable[[], Awaitable[web.StreamResponse]]
Step = Callable[[Exchange, Next], Awaitable[web.StreamResponse]]
"""A middleware: it answers itself, or lets the next one answer."""


@attrs.frozen(kw_only=True)
class ServerConfig:
    """What makes one server different from another.

    ``serve`` answers what the ``middlewares`` let through, the first one outermost. An API has
    ``documents``, and ``handlers`` for those of their operations that are emulated; ``answer``
    puts the data of a success into its envelope, and ``refuse`` gives the status and the body of
    a refusal to a request for a path. ``mark`` stands before its routes. It may take its key as a
    bearer token.
    """

    serve: Callable[[Exchange], Awaitable[web.StreamResponse]]
    middlewares: tuple[Step, ...]
    refuse: Callable[[Backend, str, ApiError], tuple[int, Json]]
    answer: Callable[[Call, Any], Json] = lambda _call, data: data
    documents: tuple[str, ...] = ()
    handlers: Mapping[str, Handler] = attrs.field(factory=dict)
    mark: str = ""
    takes_bearer: bool = False


class Server:
    """A server that can be started and closed any number of times."""

    def __init__(
        self,
        config: ServerConfig,
        backend: Backend,
        publisher: EventPublisher,
        api_key: str = "",
        port: int = 0,
    ) -> None:
        self.config = config
        self.backend = backend
        self.publisher = publisher
        self.api_key = api_key
        self.log = RequestLog()
        self.url = ""
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self._runner is not None

    async def start(self) -> None:
        """Listen, on the given port or a free one."""
        load(*self.config.documents)  # once for the process, and not while a request waits
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        if not self.config.mark:
            app.on_response_prepare.append(_add_request_id)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=SHUTDOWN_TIMEOUT,
            keepalive_timeout=KEEPALIVE_TIMEOUT,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"

    async def aclose(self) -> None:
        """Stop listening and drop all connections; may be called again."""
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        config, match = self.config, Match()
        route = FILES
        if config.documents:
            match = load(*config.documents).find(request.method, request.rel_url.raw_path)
            route = config.mark + (match.operation.name if match.operation else "unmatched")
        exchange = Exchange(request, self, match, route)
        answer: Next = partial(config.serve, exchange)
        for middleware in reversed(config.middlewares):
            answer = partial(middleware, exchange, answer)
        return await answer()


async def _add_request_id(_request: web.Request, response: web.StreamResponse) -> None:
    """Give an answer of HeyGen's its ``X-Request-Id``, before the headers go out."""
    response.headers["X-Request-Id"] = uuid.uuid4().hex
