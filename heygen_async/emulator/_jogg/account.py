"""JoggAI's side of the world: its wallet, its limit of POSTs, and the avatars made there."""

from __future__ import annotations

from collections import deque
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from heygen_async.emulator._jobs import RenderJob
from heygen_async.emulator._wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._kinds import Kind
    from heygen_async.emulator._schema import Json
    from heygen_async.emulator._world import World

WINDOW = 60.0
"""Seconds in which the limit of POSTs holds."""

FIRST_AVATAR_ID = 155_182


class SlidingWindow:
    """The moments of the last POSTs, at most *limit* within a window."""

    __slots__ = ("_limit", "_moments")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._moments: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Return the seconds until the next POST may come: 0.0 if it may at once."""
        while self._moments and self._moments[0] + WINDOW <= now:
            self._moments.popleft()
        return 0.0 if self.remaining else self._moments[0] + WINDOW - now

    @property
    def remaining(self) -> int:
        """How many more POSTs there is room for."""
        return self._limit - len(self._moments)

    def take(self, now: float) -> None:
        """Count a POST."""
        self._moments.append(now)


@attrs.frozen(kw_only=True)
class PhotoAvatar:
    """An avatar that moves; ``id`` is its number, its job's is the motion's."""

    id: int
    job: RenderJob

    @property
    def name(self) -> str:
        """The name it was given."""
        return str(self.job.request["name"])


class Account:
    """What belongs to the owner of JoggAI's key."""

    __slots__ = ("_avatars", "_by_job", "_ids", "wallet", "window")

    def __init__(self, *, balance: float, posts_per_minute: int) -> None:
        self.wallet = Wallet(balance)
        self.window = SlidingWindow(posts_per_minute)
        self._ids = count(FIRST_AVATAR_ID)
        self._avatars: dict[int, PhotoAvatar] = {}
        self._by_job: dict[str, PhotoAvatar] = {}

    @property
    def avatars(self) -> Mapping[int, PhotoAvatar]:
        """A read-only view of the photo avatars by number, oldest first."""
        return MappingProxyType(self._avatars)

    def submit(self, world: World, request: Json, kind: Kind) -> RenderJob:
        """Return a new job, charged once and at once; 402 without credits."""
        now = world.clock.now()
        self.wallet.require(kind.price, "request")
        job = world.book.create(request, now=now, kind=kind)
        self.wallet.charge(job.id, kind.price, at=now)
        return job

    def add_avatar(self, job: RenderJob) -> PhotoAvatar:
        """Return a new avatar, made by *job*."""
        avatar = PhotoAvatar(id=next(self._ids), job=job)
        self._avatars[avatar.id] = self._by_job[job.id] = avatar
        return avatar

    def avatar_of(self, job: RenderJob) -> PhotoAvatar:
        """Return the avatar that *job* makes."""
        return self._by_job[job.id]


ACCOUNT = web.AppKey("jogg_account", Account)
