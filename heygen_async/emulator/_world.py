"""The world behind one emulator: all its state, and how requests reach it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from heygen_async.emulator._assets import Assets
from heygen_async.emulator._clock import Clock
from heygen_async.emulator._errors import ApiError
from heygen_async.emulator._faults import FaultPlan
from heygen_async.emulator._idempotency import IdempotencyStore
from heygen_async.emulator._jobs import JobBook, Slots
from heygen_async.emulator._journal import Journal
from heygen_async.emulator._signing import Signer
from heygen_async.emulator._wallet import Wallet

if TYPE_CHECKING:
    from heygen_async.emulator._jobs import RenderJob
    from heygen_async.emulator._schema import Json

PRICE = 1.0
"""Credits per render."""

LONGEST_RETRY_AFTER = 60


@attrs.frozen(kw_only=True)
class World:
    """The parts that requests share; ``latency`` is the seconds that pass before the work."""

    api_key: str
    latency: float
    clock: Clock
    wallet: Wallet
    book: JobBook
    slots: Slots
    assets: Assets
    faults: FaultPlan
    idempotency: IdempotencyStore
    signer: Signer

    def submit(self, request: Json) -> RenderJob:
        """Return a new job, charged once; 429 without a free slot, 402 without credits."""
        now = self.clock.now()
        wait = self.slots.wait(now)
        if wait:
            seconds = min(max(1, math.ceil(wait)), LONGEST_RETRY_AFTER)
            raise ApiError(
                429,
                "rate_limit_exceeded",
                "Too many requests. Retry after the duration specified in the Retry-After header.",
                headers={"Retry-After": str(seconds)},
            )
        if self.wallet.balance < PRICE:
            raise ApiError(
                402,
                "insufficient_credit",
                f"Your account has {self.wallet.balance:g} credits but this video requires "
                f"{PRICE:g} credits.",
            )
        job = self.book.create(request, now=now)
        self.slots.take(job)
        self.wallet.charge(job.id, PRICE, at=now)
        return job


WORLD = web.AppKey("world", World)
JOURNAL = web.AppKey("journal", Journal)
"""Each server has its own journal."""


def route_of(request: web.Request) -> str:
    """Return the route of a request: its name, or its pattern ``GET /v3/videos/{video_id}``."""
    route = request.match_info.route
    if route.resource is None:
        return "unmatched"
    return route.name or f"{request.method} {route.resource.canonical}"
