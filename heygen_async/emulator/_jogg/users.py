"""The account: ``whoami`` and ``remaining_quota``."""

from __future__ import annotations

from aiohttp import web

from heygen_async.emulator._jogg.account import ACCOUNT
from heygen_async.emulator._jogg.answers import answer
from heygen_async.emulator._requests import read_query

USERNAME = "emulated"


async def who_am_i(request: web.Request) -> web.Response:
    """``GET /v2/user/whoami``."""
    read_query(request)
    return answer({"email": "ada@example.com", "username": USERNAME})


async def get_quota(request: web.Request) -> web.Response:
    """``GET /v2/user/remaining_quota``, in credits."""
    read_query(request)
    return answer({"remaining_quota": request.app[ACCOUNT].wallet.balance})


ROUTES = (
    web.get("/v2/user/whoami", who_am_i, allow_head=False),
    web.get("/v2/user/remaining_quota", get_quota, allow_head=False),
)
