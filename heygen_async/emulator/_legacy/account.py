"""The account of v2: ``GET /v2/user/remaining_quota``."""

from __future__ import annotations

from aiohttp import web

from heygen_async.emulator._legacy.answers import answer_v2
from heygen_async.emulator._requests import read_query
from heygen_async.emulator._world import WORLD

SECONDS_PER_CREDIT = 60


async def get_quota(request: web.Request) -> web.Response:
    """``GET /v2/user/remaining_quota``, in seconds: 60 to a credit."""
    read_query(request)
    balance = request.app[WORLD].wallet.balance
    return answer_v2({"remaining_quota": int(balance * SECONDS_PER_CREDIT)})


ROUTES = (web.get("/v2/user/remaining_quota", get_quota, allow_head=False),)
