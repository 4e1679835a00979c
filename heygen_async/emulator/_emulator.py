"""The emulator itself: three servers on the loopback interface, and the handles tests hold."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from concurrent.futures import Future
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from heygen_async.emulator import (
    _brands,
    _edits,
    _files,
    _heygen,
    _jogg,
    _legacy,
    _realtime,
    _templates,
    _translations,
    _video_agents,
    _videos,
    _voices,
    _workflows,
)
from heygen_async.emulator._deviations import Drift
from heygen_async.emulator._faults import FaultPlan
from heygen_async.emulator._jobs import JobStore
from heygen_async.emulator._middleware import FILE_SERVER, HEYGEN, call_operation
from heygen_async.emulator._publisher import EventPublisher
from heygen_async.emulator._sender import Deliveries, WebhookSender, is_local
from heygen_async.emulator._server import Server, ServerConfig
from heygen_async.emulator._state import Avatars, Backend, Clock, UrlSigner, Wallet

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from heygen_async.emulator._jobs import RenderJob
    from heygen_async.emulator._sender import Attempt
    from heygen_async.emulator._server import Received
    from heygen_async.emulator._state import Asset

T = TypeVar("T")

HEYGEN_API = ServerConfig(
    serve=call_operation,
    middlewares=HEYGEN,
    refuse=_heygen.refuse,
    answer=_heygen.answer,
    documents=("heygen", "legacy"),
    handlers={
        **_heygen.HANDLERS,
        **_videos.HANDLERS,
        **_voices.HANDLERS,
        **_translations.HANDLERS,
        **_brands.HANDLERS,
        **_edits.HANDLERS,
        **_video_agents.HANDLERS,
        **_templates.HANDLERS,
        **_workflows.HANDLERS,
        **_realtime.HANDLERS,
        **_legacy.HANDLERS,
    },
    takes_bearer=True,
)
FILES = ServerConfig(serve=_files.serve, middlewares=FILE_SERVER, refuse=_heygen.refuse)


class Emulator:
    """A local HeyGen: ``async with Emulator(speed=60) as emulator`` serves at ``emulator.url``.

    ``with Emulator(speed=60) as emulator`` serves from a thread of its own: for synchronous
    programs, and for those with more than one loop. All that stands here can then be used from
    any thread; ``await emulator.deliver(…)`` in any loop.

    Jobs last log-normal times around ``median`` seconds (a video; other kinds in proportion)
    with ``sigma``, divided by ``speed``; a share ``failure_rate`` of them fails. ``seed`` makes
    both repeatable. Each accepted job costs credits of ``balance``. Above
    ``max_concurrent_jobs`` unfinished videos the API answers 429, above ``max_upload`` bytes a
    plain upload 413, and ``max_motions`` are all the motions that v2 makes. Files are served
    from another port, under URLs that last ``url_ttl`` seconds. ``latency`` seconds pass before
    each answer, ``faults`` says what goes wrong, ``drift`` how answers depart from the pages and
    ``deliveries`` how webhooks go astray. All times are of the running loop's clock.

    A JoggAI with a key, a port and credits of its own is at ``emulator.jogg_url``; it takes
    ``jogg_posts_per_minute`` POSTs in any 60 seconds.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        port: int = 0,
        api_key: str = "emulator-key",
        faults: FaultPlan | None = None,
        drift: Drift | None = None,
        deliveries: Deliveries | None = None,
        seed: int | None = None,
        median: float = 180.0,
        sigma: float = 0.6,
        failure_rate: float = 0.0,
        max_concurrent_jobs: int = 10,
        max_upload: int = 32 * 1024 * 1024,
        max_motions: int = 100,
        balance: float = 10_000.0,
        url_ttl: float = 604_800.0,
        latency: float = 0.0,
        jogg_port: int = 0,
        jogg_api_key: str = "emulator-jogg-key",
        jogg_balance: float = 10_000.0,
        jogg_posts_per_minute: int = 20,
    ) -> None:
        if speed <= 0 or median <= 0:
            raise ValueError("speed and median have to be above 0")
        clock = Clock()
        jobs = JobStore(seed=seed, median=median / speed, sigma=sigma, failure_rate=failure_rate)
        self._backend = Backend(
            latency=latency,
            max_upload=max_upload,
            max_motions=max_motions,
            clock=clock,
            signer=UrlSigner(clock, url_ttl),
            jobs=jobs,
            max_concurrent_jobs=max_concurrent_jobs,
            wallet=Wallet(balance),
            jogg_wallet=Wallet(jogg_balance),
            jogg_posts_per_minute=jogg_posts_per_minute,
            faults=faults or FaultPlan(),
            drift=drift or Drift(),
            avatars=Avatars(jobs),
        )
        self._sender = WebhookSender(clock, deliveries or Deliveries(), speed=speed, seed=seed)
        self._publisher = EventPublisher(self._backend, _heygen.EVENT_FORMAT, self._sender)
        self._jogg_publisher = EventPublisher(self._backend, _jogg.EVENT_FORMAT, self._sender)
        self._files = Server(FILES, self._backend, self._publisher)
        self._api = Server(
            HEYGEN_API, backend=self._backend, publisher=self._publisher, api_key=api_key, port=port
        )
        self._jogg_api = Server(
            _jogg.CONFIG,
            backend=self._backend,
            publisher=self._jogg_publisher,
            api_key=jogg_api_key,
            port=jogg_port,
        )
        self._running = False
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None

    async def start(self) -> None:
        """Serve the APIs and the files, until ``aclose``."""
        if self._running:
            raise RuntimeError("the emulator is running")
        self._running = True
        _files.media()  # read once for the process, and not while a request waits
        self._backend.clock.start()
        try:
            await self._files.start()
            self._backend.signer.base_url = self._files.url
            await self._api.start()
            await self._jogg_api.start()
            self._publisher.start()
            self._jogg_publisher.start()
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Stop serving and drop all connections; may be called again."""
        self._running = False
        self._publisher.close()
        self._jogg_publisher.close()
        await self._sender.aclose()
        for server in (self._jogg_api, self._api, self._files):
            await server.aclose()

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

    def __enter__(self) -> Self:
        started: Future[asyncio.Event] = Future()
        thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="heygen-emulator", daemon=True
        )
        thread.start()
        self._stop = started.result()
        self._thread = thread
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._thread and self._stop:
            self._call(self._stop.set)
            self._thread.join()
        self._thread = None

    @property
    def url(self) -> str:
        """The base URL of the API, without a slash at its end."""
        return self._api.url

    @property
    def files_url(self) -> str:
        """The base URL of the file server, another origin than the API."""
        return self._files.url

    @property
    def jogg_url(self) -> str:
        """The base URL of JoggAI's API."""
        return self._jogg_api.url

    @property
    def api_key(self) -> str:
        """The only key that the API accepts."""
        return self._api.api_key

    @property
    def jogg_api_key(self) -> str:
        """The only key that JoggAI's API accepts."""
        return self._jogg_api.api_key

    @property
    def wallet(self) -> Wallet:
        """What the account was charged."""
        return self._backend.wallet

    @property
    def jogg_wallet(self) -> Wallet:
        """What the account at JoggAI was charged."""
        return self._backend.jogg_wallet

    @property
    def faults(self) -> FaultPlan:
        """The plan of faults, open to changes at any time."""
        return self._backend.faults

    @property
    def deliveries(self) -> Deliveries:
        """How webhooks go astray, open to changes at any time."""
        return self._sender.deliveries

    @property
    def deliveries_made(self) -> deque[Attempt]:
        """The last attempts to deliver a webhook, in the order in which they ended."""
        return self._sender.attempts

    @property
    def jobs(self) -> Mapping[str, RenderJob]:
        """The jobs of every kind by id, in order of creation; read-only.

        A job's id is that of the look, the generation, the training flow or the motion it makes.
        """
        return self._backend.jobs.all

    @property
    def videos(self) -> Mapping[str, RenderJob]:
        """The videos of HeyGen by id, in order of creation; read-only."""
        return MappingProxyType(self._backend.jobs.of(_videos.VIDEO))

    @property
    def assets(self) -> Mapping[str, Asset]:
        """The uploaded assets by id; read-only."""
        return MappingProxyType(self._backend.assets)

    @property
    def counts(self) -> Counter[str]:
        """How many requests each route of the APIs, and ``FILES``, has received.

        The routes of JoggAI begin with ``"JOGG "``.
        """
        servers = (self._api, self._jogg_api, self._files)
        return self._call(lambda: sum((each.log.counts for each in servers), Counter()))

    @property
    def received(self) -> deque[Received]:
        """The last requests to the API, oldest first."""
        return self._api.log.requests

    @property
    def files_received(self) -> deque[Received]:
        """The last requests to the file server, oldest first."""
        return self._files.log.requests

    @property
    def jogg_received(self) -> deque[Received]:
        """The last requests to JoggAI's API, oldest first."""
        return self._jogg_api.log.requests

    def count(self, route: str) -> int:
        """Return how many requests reached *route*, as ``GET /v3/videos/{video_id}``."""
        return self.counts[route]

    def add_video(self, duration: float | None = None) -> str:
        """Return the id of a new job that no request made, that costs nothing and takes no slot.

        It lasts *duration* seconds, else as long as any other.
        """
        request, now = {"type": "image", "title": None}, self._backend.clock.now()
        create = self._backend.jobs.create
        return self._call(lambda: create(request, _videos.VIDEO, now=now, duration=duration)).id

    def complete(self, job_id: str) -> None:
        """End a job of any kind now, with success. Raises ``KeyError`` for an unknown id.

        A digital twin then still waits for its ``consent``.
        """
        self._finish(job_id)

    def fail(self, job_id: str, code: str | None = None, message: str | None = None) -> None:
        """End a job of any kind now, with a failure. Raises ``KeyError`` for an unknown id."""
        usual_code, usual_message = self.jobs[job_id].kind.failure
        self._finish(job_id, (code or usual_code, message or usual_message))

    def consent(self, group_id: str) -> None:
        """Let the person of an avatar group agree. Raises ``KeyError`` for an unknown id."""
        avatars = self._backend.avatars
        self._call(lambda: avatars.consent(avatars.groups[group_id]))

    async def deliver(
        self,
        url: str,
        event: Mapping[str, Any],
        *,
        secret: str | None = None,
        jogg: bool = False,
        how: Deliveries | None = None,
    ) -> int | None:
        """POST a webhook of the test's own making, once, and return the status it is answered.

        None is for no answer in time. *event* is the body; without a *secret* it comes as to a
        callback, unsigned. *how* says what is wrong with the signature or the time; lateness,
        loss and the like are the test's own to do. Raises ``ValueError`` for a URL that is not
        on the loopback interface.
        """
        if not self._running:
            raise RuntimeError("the emulator is not running")
        if not is_local(url):
            raise ValueError(f"{url} is not on the loopback interface")
        publisher = self._jogg_publisher if jogg else self._publisher
        sent = publisher.deliver(url, event, secret, how or Deliveries())
        loop = self._backend.clock.loop
        if loop is None or loop is asyncio.get_running_loop():
            return await sent
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(sent, loop))

    def _finish(self, job_id: str, failure: tuple[str, str] | None = None) -> None:
        job = self.jobs[job_id]

        def finish() -> None:
            job.finish(self._backend.clock.now(), failure)
            self._backend.jobs.changed(job)

        self._call(finish)

    async def _serve(self, started: Future[asyncio.Event]) -> None:
        """Serve in a thread's loop; *started* gets the event that ends it, or what went wrong."""
        stop = asyncio.Event()
        try:
            await self.start()
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            started.set_exception(error)
            return
        started.set_result(stop)
        await stop.wait()
        await self.aclose()

    def _call(self, function: Callable[[], T]) -> T:
        """Call a function in the thread that serves, so that nothing changes under its hands."""
        loop = self._backend.clock.loop
        if loop is None or self._thread in (None, threading.current_thread()):
            return function()

        async def call() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), loop).result()
