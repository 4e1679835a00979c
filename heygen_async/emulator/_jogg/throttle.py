"""The middleware that lets only so many POSTs through in a minute."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._errors import generic
from heygen_async.emulator._jogg.account import ACCOUNT
from heygen_async.emulator._world import PRECISION, WORLD

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler


@web.middleware
async def throttle(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a POST above the limit with 429; only those that pass are counted."""
    if request.method != "POST":
        return await handler(request)
    world, window = request.app[WORLD], request.app[ACCOUNT].window
    now = world.clock.now()
    if wait := window.wait(now):
        seconds = str(max(1, math.ceil(wait - PRECISION)))
        headers = {"Retry-After": seconds} if world.drift.jogg_retry_after else {}
        raise generic(429, "", {**headers, "X-RateLimit-Remaining": "0"})
    window.take(now)
    response = await handler(request)
    response.headers["X-RateLimit-Remaining"] = str(window.remaining)
    return response
