"""The world behind one emulator: all its state, and how requests reach it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from heygen_async.emulator._assets import Assets
from heygen_async.emulator._avatars import Avatars
from heygen_async.emulator._clock import Clock
from heygen_async.emulator._drift import Drift
from heygen_async.emulator._errors import ApiError
from heygen_async.emulator._faults import FaultPlan
from heygen_async.emulator._idempotency import IdempotencyStore
from heygen_async.emulator._jobs import JobBook, Slots
from heygen_async.emulator._journal import Journal
from heygen_async.emulator._kinds import VIDEO, Kind
from heygen_async.emulator._signing import Signer
from heygen_async.emulator._uploads import Uploads
from heygen_async.emulator._wallet import Wallet

if TYPE_CHECKING:
    from heygen_async.emulator._jobs import RenderJob
    from heygen_async.emulator._schema import Json

LONGEST_RETRY_AFTER = 60
PRECISION = 1e-6
"""Seconds that are noise of floating-point numbers."""

Refuse = Callable[[web.Request, ApiError], web.Response]


@attrs.frozen(kw_only=True)
class Face:
    """What makes one server different from another.

    Its key (and whether it may come as a bearer token), the envelope it refuses with, and the
    ``mark`` before its routes.
    """

    refuse: Refuse
    api_key: str = ""
    bearer: bool = False
    mark: str = ""


@attrs.frozen(kw_only=True)
class World:
    """The parts that requests share.

    ``latency`` is the seconds that pass before the work, ``max_upload`` the bytes of a plain
    upload and ``max_motions`` the account's number of motions.
    """

    latency: float
    max_upload: int
    max_motions: int
    clock: Clock
    wallet: Wallet
    book: JobBook
    slots: Slots
    assets: Assets
    uploads: Uploads
    avatars: Avatars
    faults: FaultPlan
    drift: Drift
    idempotency: IdempotencyStore
    signer: Signer

    def unix(self) -> float:
        """Return the Unix time."""
        return self.clock.unix(self.clock.now())

    def submit(self, request: Json, kind: Kind = VIDEO) -> RenderJob:
        """Return a new job, charged once; 429 without a free slot, 402 without credits."""
        now = self.clock.now()
        if kind.takes_slot:
            self._require_slot(now)
        self.wallet.require(kind.price, kind.name.replace("_", " "))
        job = self.book.create(request, now=now, kind=kind)
        if kind.takes_slot:
            self.slots.take(job)
        self.wallet.charge(job.id, kind.price, at=now)
        return job

    def _require_slot(self, now: float) -> None:
        if wait := self.slots.wait(now):
            seconds = min(max(1, math.ceil(wait - PRECISION)), LONGEST_RETRY_AFTER)
            raise ApiError(
                429,
                "rate_limit_exceeded",
                "Too many requests. Retry after the duration specified in the Retry-After header.",
                headers={"Retry-After": str(seconds)},
            )


FACE = web.AppKey("face", Face)
WORLD = web.AppKey("world", World)
JOURNAL = web.AppKey("journal", Journal)
"""Each server has its own journal."""


def route_of(request: web.Request) -> str:
    """Return the route of a request: its name, or its pattern ``GET /v3/videos/{video_id}``.

    The mark of its server stands before it.
    """
    route = request.match_info.route
    mark = request.app[FACE].mark
    if route.resource is None:
        return f"{mark}unmatched"
    return mark + (route.name or f"{request.method} {route.resource.canonical}")
