"""Webhooks on their way: delivered once or again, late or never, as the switches of a test say."""

from __future__ import annotations

import asyncio
import hmac
import random
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import attrs
from attrs.validators import ge, instance_of, le

from heygen_async.emulator._openapi import Json

if TYPE_CHECKING:
    from heygen_async.emulator._state import Clock

NUMBER = instance_of((int, float))
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
REMEMBERED = 10_000
"""How many of the last attempts are kept."""

STALE_AGE = 600.0
"""Seconds that a stale webhook lies back: twice what the vendors' pages let pass."""

SUCCESS = range(200, 300)
"""The statuses with which a receiver takes a webhook."""

MAX_CONNECTIONS = 50
"""To receivers at the same time."""


@attrs.define(kw_only=True)
class Deliveries:
    """What happens to each webhook on its way; the default is: it arrives once and at once.

    It starts ``late`` seconds after its event, and up to ``shuffle`` seconds more by chance, so
    that events overtake each other. It is sent ``duplicates`` times more than once, and a share
    ``drop`` of the webhooks is never sent. To registered endpoints it goes ``unsigned``, signed
    with a wrong secret (``forged``), or ten minutes old by what it says of its time (``stale``);
    ``plain_signature`` is HeyGen's header ``signature`` in place of its three documented ones.

    Open to changes at any time: each attempt goes by the switches of its moment. The seconds
    are of the loop's clock, whatever the speed. Only hosts on the loopback interface get
    anything: the addresses in a test's data are not to be called.
    """

    late: float = attrs.field(default=0.0, validator=[NUMBER, ge(0)])
    shuffle: float = attrs.field(default=0.0, validator=[NUMBER, ge(0)])
    duplicates: int = attrs.field(default=0, validator=[instance_of(int), ge(0)])
    drop: float = attrs.field(default=0.0, validator=[NUMBER, ge(0), le(1)])
    unsigned: bool = False
    forged: bool = False
    stale: bool = False
    plain_signature: bool = False


@attrs.frozen(kw_only=True)
class Attempt:
    """One POST of a webhook: ``status`` is None if no answer came in time.

    ``at`` is the loop time, in seconds, when it went out.
    """

    url: str
    event_id: str
    event_type: str
    status: int | None
    at: float


@attrs.define(kw_only=True)
class Endpoint:
    """A receiver of events: of all types if ``events`` is None, of all things without an entity.

    Without a ``secret`` it is not registered but the callback of one job.
    """

    id: str = ""
    url: str
    events: tuple[str, ...] | None = None
    entity_id: str | None = None
    secret: str | None = attrs.field(default=None, repr=False)
    enabled: bool = True
    created_at: float = 0.0

    @property
    def is_reachable(self) -> bool:
        """Whether anything is sent there."""
        return self.enabled and is_local(self.url)

    def wants(self, event_type: str, entity_id: str) -> bool:
        """Return whether events of this type about this thing are asked for."""
        wanted = self.events is None or event_type in self.events
        return wanted and self.entity_id in {None, entity_id}


@attrs.frozen(kw_only=True)
class Delivery:
    """One event on its way to one receiver, and what is to be done once it is there."""

    event_id: str
    event_type: str
    body: Json
    endpoint: Endpoint
    on_arrival: Callable[[], None] = lambda: None


@attrs.frozen(kw_only=True)
class DeliveryPolicy:
    """How a vendor delivers.

    ``encode`` makes body and headers of a POST at a Unix time. An answer is waited for
    ``timeout`` seconds; without a good one the webhook is sent again after each of ``pauses``.
    """

    encode: Callable[[Delivery, float, Deliveries], tuple[bytes, dict[str, str]]]
    timeout: float
    pauses: Sequence[float]


class WebhookSender:
    """Delivers each webhook in a task of its own, and remembers each attempt.

    The pauses between attempts are divided by *speed*, as the lives of jobs are; the time a
    receiver has for its answer is not, since that is a real program.
    """

    def __init__(
        self, clock: Clock, deliveries: Deliveries, *, speed: float, seed: int | None
    ) -> None:
        self.deliveries = deliveries
        self.attempts: deque[Attempt] = deque(maxlen=REMEMBERED)
        self._clock = clock
        self._speed = speed
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, delivery: Delivery, policy: DeliveryPolicy) -> None:
        """Set off to deliver a webhook, as often and as late as the switches say."""
        if self._random.random() < self.deliveries.drop:
            return
        for _ in range(1 + self.deliveries.duplicates):
            delay = self.deliveries.late + self._random.uniform(0, self.deliveries.shuffle)
            task = asyncio.create_task(self._deliver(delivery, policy, delay))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def attempt(
        self, delivery: Delivery, policy: DeliveryPolicy, how: Deliveries
    ) -> int | None:
        """POST a webhook once and return the status of the answer, None if none came in time."""
        at = self._clock.now()
        content, headers = policy.encode(delivery, self._clock.unix(at), how)
        limits = aiohttp.ClientTimeout(sock_connect=policy.timeout, sock_read=policy.timeout)
        status: int | None = None
        try:
            async with self._open_session().post(
                delivery.endpoint.url,
                data=content,
                headers={"Content-Type": "application/json", **headers},
                timeout=limits,
                allow_redirects=False,
            ) as response:
                status = response.status
        except aiohttp.ClientError:
            pass  # an attempt without an answer; the record says so
        event_id, event_type, url = delivery.event_id, delivery.event_type, delivery.endpoint.url
        self.attempts.append(
            Attempt(url=url, event_id=event_id, event_type=event_type, status=status, at=at)
        )
        return status

    async def aclose(self) -> None:
        """Give up what is on its way; may be called again."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        session, self._session = self._session, None
        if session:
            await session.close()

    async def _deliver(self, delivery: Delivery, policy: DeliveryPolicy, delay: float) -> None:
        await asyncio.sleep(delay)
        for pause in (0.0, *policy.pauses):
            await asyncio.sleep(pause / self._speed)
            if not delivery.endpoint.is_reachable:
                return
            if await self.attempt(delivery, policy, self.deliveries) in SUCCESS:
                delivery.on_arrival()
                return

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            # a connection each: a POST on one that its receiver just closed would be lost
            connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS, force_close=True)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(),
            )
        return self._session


def is_local(url: str) -> bool:
    """Return whether a URL is of a host on the loopback interface."""
    try:
        return urlsplit(url).hostname in LOOPBACK
    except ValueError:
        return False


def new_secret() -> str:
    """Return a secret to sign with."""
    return f"whsec_{secrets.token_hex(16)}"


def sign(content: bytes, secret: str | None, how: Deliveries) -> str | None:
    """Return the HMAC-SHA256 of a body in hex, a wrong one if it is forged, None for none."""
    if secret is None or how.unsigned:
        return None
    key = new_secret() if how.forged else secret
    return hmac.digest(key.encode(), content, "sha256").hex()
