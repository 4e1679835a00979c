"""The emulator itself: two servers on the loopback interface, and the handles tests hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from aiohttp import web

from heygen_async.emulator import _files, _heygen, _middlewares
from heygen_async.emulator._assets import Asset, Assets
from heygen_async.emulator._clock import Clock
from heygen_async.emulator._faults import FaultPlan
from heygen_async.emulator._idempotency import IdempotencyStore
from heygen_async.emulator._jobs import RENDERING_FAILED, JobBook, RenderJob, Slots
from heygen_async.emulator._journal import Journal, Received
from heygen_async.emulator._signing import Signer
from heygen_async.emulator._wallet import Wallet
from heygen_async.emulator._world import JOURNAL, WORLD, World

if TYPE_CHECKING:
    from collections import Counter, deque
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from aiohttp.typedefs import Middleware

HOST = "127.0.0.1"
MAX_BODY = 64 * 1024 * 1024
"""Bytes of a JSON body; media may stand in it as base64."""

SHUTDOWN_TIMEOUT = 0.05
KEEPALIVE_TIMEOUT = 3600.0
"""Longer than any client's, so that idle connections are closed by the client alone."""


class Emulator:
    """A local HeyGen: ``async with Emulator(speed=60) as emulator`` serves at ``emulator.url``.

    Renders last log-normal times around ``median`` seconds with ``sigma``, divided by
    ``speed``; a share ``failure_rate`` of them fails. ``seed`` makes both repeatable. Each
    accepted render costs a credit of ``balance``. Above ``max_concurrent_jobs`` unfinished
    ones the API answers 429. Files are served from another port, under URLs that last
    ``url_ttl`` seconds. ``latency`` seconds pass before each answer, and ``faults`` says what
    goes wrong. All times are of the running loop's clock.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        port: int = 0,
        api_key: str = "emulator-key",
        faults: FaultPlan | None = None,
        seed: int | None = None,
        median: float = 180.0,
        sigma: float = 0.6,
        failure_rate: float = 0.0,
        max_concurrent_jobs: int = 10,
        balance: float = 10_000.0,
        url_ttl: float = 604_800.0,
        latency: float = 0.0,
    ) -> None:
        if speed <= 0 or median <= 0:
            raise ValueError("speed and median have to be above 0")
        clock = Clock()
        self._port = port
        self._world = World(
            api_key=api_key,
            latency=latency,
            clock=clock,
            wallet=Wallet(balance),
            book=JobBook(seed=seed, median=median / speed, sigma=sigma, failure_rate=failure_rate),
            slots=Slots(max_concurrent_jobs),
            assets=Assets(),
            faults=FaultPlan() if faults is None else faults,
            idempotency=IdempotencyStore(),
            signer=Signer(clock, url_ttl),
        )
        self._journal = Journal()
        self._files_journal = Journal()
        self._runners: list[web.AppRunner] = []
        self._url = ""

    async def start(self) -> None:
        """Serve the API and the files, until ``aclose``."""
        if self._runners:
            raise RuntimeError("the emulator is running")
        _files.media()
        self._world.clock.start()
        try:
            self._world.signer.base_url = await self._serve(
                _files.ROUTES, _middlewares.FILE_SERVER, self._files_journal, port=0
            )
            self._url = await self._serve(
                _heygen.ROUTES, _middlewares.API, self._journal, port=self._port
            )
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Stop serving and drop all connections; may be called again."""
        while self._runners:
            await self._runners.pop().cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _serve(
        self,
        routes: Iterable[web.RouteDef],
        middlewares: Iterable[Middleware],
        journal: Journal,
        *,
        port: int,
    ) -> str:
        app = web.Application(middlewares=list(middlewares), client_max_size=MAX_BODY)
        app[WORLD] = self._world
        app[JOURNAL] = journal
        app.add_routes(routes)
        app.on_response_prepare.append(_middlewares.stamp)
        runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=SHUTDOWN_TIMEOUT,
            keepalive_timeout=KEEPALIVE_TIMEOUT,
        )
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, HOST, port).start()
        return f"http://{HOST}:{runner.addresses[0][1]}"

    @property
    def url(self) -> str:
        """The base URL of the API, without a slash at its end."""
        return self._url

    @property
    def files_url(self) -> str:
        """The base URL of the file server, another origin than the API."""
        return self._world.signer.base_url

    @property
    def api_key(self) -> str:
        """The only key that the API accepts."""
        return self._world.api_key

    @property
    def wallet(self) -> Wallet:
        """What the account was charged."""
        return self._world.wallet

    @property
    def faults(self) -> FaultPlan:
        """The plan of faults, open to changes at any time."""
        return self._world.faults

    @property
    def videos(self) -> Mapping[str, RenderJob]:
        """The render jobs by id, in order of creation; read-only."""
        return self._world.book.jobs

    @property
    def assets(self) -> Mapping[str, Asset]:
        """The uploaded assets by id; read-only."""
        return self._world.assets.all

    @property
    def counts(self) -> Counter[str]:
        """How many requests each route of the API, and ``FILES``, has received."""
        return self._journal.counts + self._files_journal.counts

    @property
    def received(self) -> deque[Received]:
        """The last requests to the API, oldest first."""
        return self._journal.requests

    @property
    def files_received(self) -> deque[Received]:
        """The last requests to the file server, oldest first."""
        return self._files_journal.requests

    def count(self, route: str) -> int:
        """Return how many requests reached *route*, as ``GET /v3/videos/{video_id}``."""
        return self.counts[route]

    def add_video(self, duration: float | None = None) -> str:
        """Return the id of a new job that no request made, that costs nothing and takes no slot.

        It lasts *duration* seconds, else as long as any other.
        """
        request = {"type": "image", "title": None}
        return self._world.book.create(request, now=self._world.clock.now(), duration=duration).id

    def complete(self, video_id: str) -> None:
        """End a job now, with success. Raises ``KeyError`` for an unknown id."""
        self.videos[video_id].finish(self._world.clock.now())

    def fail(
        self,
        video_id: str,
        code: str = RENDERING_FAILED[0],
        message: str = RENDERING_FAILED[1],
    ) -> None:
        """End a job now, with a failure. Raises ``KeyError`` for an unknown id."""
        self.videos[video_id].finish(self._world.clock.now(), (code, message))
