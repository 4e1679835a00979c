"""The emulator itself: three servers on the loopback interface, and the handles tests hold."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self

from heygen_async.emulator._assembly import make_heralds, make_sites, make_world
from heygen_async.emulator._courier import Courier
from heygen_async.emulator._deliveries import Deliveries
from heygen_async.emulator._drift import Drift
from heygen_async.emulator._endpoints import Endpoint, is_local
from heygen_async.emulator._faults import FaultPlan
from heygen_async.emulator._files import media
from heygen_async.emulator._jobs import JobBook
from heygen_async.emulator._jogg.account import Account
from heygen_async.emulator._kinds import VIDEO

if TYPE_CHECKING:
    from collections import Counter, deque
    from collections.abc import Mapping
    from types import TracebackType

    from heygen_async.emulator._assets import Asset
    from heygen_async.emulator._deliveries import Attempt
    from heygen_async.emulator._jobs import RenderJob
    from heygen_async.emulator._journal import Received
    from heygen_async.emulator._wallet import Wallet


class Emulator:
    """A local HeyGen: ``async with Emulator(speed=60) as emulator`` serves at ``emulator.url``.

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
        self._jogg = Account(balance=jogg_balance, posts_per_minute=jogg_posts_per_minute)
        self._world = make_world(
            JobBook(seed=seed, median=median / speed, sigma=sigma, failure_rate=failure_rate),
            max_concurrent_jobs=max_concurrent_jobs,
            max_upload=max_upload,
            max_motions=max_motions,
            balance=balance,
            url_ttl=url_ttl,
            latency=latency,
            faults=faults or FaultPlan(),
            drift=drift or Drift(),
        )
        self._courier = Courier(
            self._world.clock, deliveries or Deliveries(), speed=speed, seed=seed
        )
        self._heralds = make_heralds(self._world, self._courier)
        self._files, self._api, self._jogg_api = make_sites(
            self._world, self._jogg, self._heralds, (port, jogg_port), (api_key, jogg_api_key)
        )
        self._running = False

    async def start(self) -> None:
        """Serve the APIs and the files, until ``aclose``."""
        if self._running:
            raise RuntimeError("the emulator is running")
        self._running = True
        media()
        self._world.clock.start()
        try:
            await self._files.start()
            self._world.signer.base_url = self._files.url
            await self._api.start()
            await self._jogg_api.start()
            for herald in self._heralds:
                herald.start()
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Stop serving and drop all connections; may be called again."""
        self._running = False
        for herald in self._heralds:
            herald.close()
        await self._courier.aclose()
        for site in (self._jogg_api, self._api, self._files):
            await site.aclose()

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
        return self._api.face.api_key

    @property
    def jogg_api_key(self) -> str:
        """The only key that JoggAI's API accepts."""
        return self._jogg_api.face.api_key

    @property
    def wallet(self) -> Wallet:
        """What the account was charged."""
        return self._world.wallet

    @property
    def jogg_wallet(self) -> Wallet:
        """What the account at JoggAI was charged."""
        return self._jogg.wallet

    @property
    def faults(self) -> FaultPlan:
        """The plan of faults, open to changes at any time."""
        return self._world.faults

    @property
    def deliveries(self) -> Deliveries:
        """How webhooks go astray, open to changes at any time."""
        return self._courier.deliveries

    @property
    def deliveries_made(self) -> deque[Attempt]:
        """The last attempts to deliver a webhook, in the order in which they ended."""
        return self._courier.attempts

    @property
    def jobs(self) -> Mapping[str, RenderJob]:
        """The jobs of every kind by id, in order of creation; read-only.

        A job's id is that of the look, the generation, the training flow or the motion it makes.
        """
        return self._world.book.jobs

    @property
    def videos(self) -> Mapping[str, RenderJob]:
        """The videos of HeyGen by id, in order of creation; read-only."""
        return self._world.book.of(VIDEO)

    @property
    def assets(self) -> Mapping[str, Asset]:
        """The uploaded assets by id; read-only."""
        return self._world.assets.all

    @property
    def counts(self) -> Counter[str]:
        """How many requests each route of the APIs, and ``FILES``, has received.

        The routes of JoggAI begin with ``"JOGG "``.
        """
        apis = self._api.journal.counts + self._jogg_api.journal.counts
        return apis + self._files.journal.counts

    @property
    def received(self) -> deque[Received]:
        """The last requests to the API, oldest first."""
        return self._api.journal.requests

    @property
    def files_received(self) -> deque[Received]:
        """The last requests to the file server, oldest first."""
        return self._files.journal.requests

    @property
    def jogg_received(self) -> deque[Received]:
        """The last requests to JoggAI's API, oldest first."""
        return self._jogg_api.journal.requests

    def count(self, route: str) -> int:
        """Return how many requests reached *route*, as ``GET /v3/videos/{video_id}``."""
        return self.counts[route]

    def add_video(self, duration: float | None = None) -> str:
        """Return the id of a new job that no request made, that costs nothing and takes no slot.

        It lasts *duration* seconds, else as long as any other.
        """
        request = {"type": "image", "title": None}
        return self._world.book.create(request, now=self._world.clock.now(), duration=duration).id

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
        self._heralds[0].consent(self._world.avatars.groups[group_id])

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
        parcel = self._heralds[jogg].parcel(
            event,
            event_id=str(event.get("event_id") or uuid.uuid4().hex),
            event_type=str(event.get("event" if jogg else "event_type")),
            endpoint=Endpoint(url=url, secret=secret),
        )
        return await self._courier.attempt(parcel, how or Deliveries())

    def _finish(self, job_id: str, failure: tuple[str, str] | None = None) -> None:
        job = self.jobs[job_id]
        job.finish(self._world.clock.now(), failure)
        for herald in self._heralds:
            herald.look_again(job)
