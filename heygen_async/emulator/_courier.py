"""The courier: carries webhooks to their receivers, again if need be, or loses them as told."""

from __future__ import annotations

import asyncio
import hmac
import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import aiohttp
import attrs

from heygen_async.emulator._deliveries import Attempt, Deliveries
from heygen_async.emulator._endpoints import Endpoint, new_secret
from heygen_async.emulator._journal import REMEMBERED
from heygen_async.emulator._schema import Json

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from heygen_async.emulator._clock import Clock

STALE_AGE = 600.0
"""Seconds that a stale webhook lies back: twice what the vendors' pages let pass."""

SUCCESS = range(200, 300)
"""The statuses with which a receiver takes a webhook."""

AT_ONCE = 50
"""Connections to receivers at the same time."""


class Pack(Protocol):
    """How a vendor turns an event into the bytes and headers of a POST."""

    def __call__(
        self, body: Json, *, event_id: str, secret: str | None, now: float, how: Deliveries
    ) -> tuple[bytes, Mapping[str, str]]:
        """Return body and headers at the Unix time *now*."""


@attrs.frozen(kw_only=True)
class Terms:
    """On what terms a vendor delivers.

    An answer is waited for ``timeout`` seconds; without a good one the webhook is sent again
    after each of ``pauses``, given in seconds too.
    """

    pack: Pack
    timeout: float
    pauses: Sequence[float]


@attrs.frozen(kw_only=True)
class Parcel:
    """One event on its way to one receiver, and what is to be done once it is there."""

    event_id: str
    event_type: str
    body: Json
    endpoint: Endpoint
    terms: Terms
    on_arrival: Callable[[], None] = lambda: None


class Courier:
    """Delivers each parcel in a task of its own, and remembers each attempt.

    The pauses between attempts are divided by *speed*, as the lives of jobs are; the time a
    receiver has for its answer is not, since that is a real program.
    """

    __slots__ = ("_clock", "_luck", "_session", "_speed", "_tasks", "attempts", "deliveries")

    def __init__(
        self, clock: Clock, deliveries: Deliveries, *, speed: float, seed: int | None
    ) -> None:
        self.deliveries = deliveries
        self.attempts: deque[Attempt] = deque(maxlen=REMEMBERED)
        self._clock = clock
        self._speed = speed
        self._luck = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, parcel: Parcel) -> None:
        """Set off to deliver a parcel, as often and as late as the switches say."""
        if self._luck.random() < self.deliveries.drop:
            return
        for _ in range(1 + self.deliveries.duplicates):
            delay = self.deliveries.late + self._luck.uniform(0, self.deliveries.shuffle)
            self._spawn(self._deliver(parcel, delay))

    async def attempt(self, parcel: Parcel, how: Deliveries) -> int | None:
        """POST a parcel once, and return the status of the answer, None if none came in time."""
        at, terms, url = self._clock.now(), parcel.terms, parcel.endpoint.url
        content, headers = terms.pack(
            parcel.body,
            event_id=parcel.event_id,
            secret=parcel.endpoint.secret,
            now=self._clock.unix(at),
            how=how,
        )
        limits = aiohttp.ClientTimeout(sock_connect=terms.timeout, sock_read=terms.timeout)
        status: int | None = None
        try:
            async with self._open_session().post(
                url,
                data=content,
                headers={"Content-Type": "application/json", **headers},
                timeout=limits,
                allow_redirects=False,
            ) as response:
                status = response.status
        except aiohttp.ClientError:
            pass  # an attempt without an answer; the record says so
        made = Attempt(
            url=url,
            event_id=parcel.event_id,
            event_type=parcel.event_type,
            status=status,
            at=at,
        )
        self.attempts.append(made)
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

    async def _deliver(self, parcel: Parcel, delay: float) -> None:
        await asyncio.sleep(delay)
        for pause in (0.0, *parcel.terms.pauses):
            await asyncio.sleep(pause / self._speed)
            if not parcel.endpoint.is_reachable:
                return
            status = await self.attempt(parcel, self.deliveries)
            if status in SUCCESS:
                parcel.on_arrival()
                return

    def _spawn(self, delivery: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(delivery)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            # a connection each: a POST on one that its receiver just closed would be lost
            connector = aiohttp.TCPConnector(limit=AT_ONCE, force_close=True)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(),
            )
        return self._session


def sign(content: bytes, secret: str | None, how: Deliveries) -> str | None:
    """Return the HMAC-SHA256 of a body in hex, a wrong one if it is forged, None for none."""
    if secret is None or how.unsigned:
        return None
    key = new_secret() if how.forged else secret
    return hmac.digest(key.encode(), content, "sha256").hex()
