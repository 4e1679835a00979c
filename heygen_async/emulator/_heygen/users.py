"""The account: ``GET /v3/users/me``."""

from __future__ import annotations

from aiohttp import web

from heygen_async.emulator._answers import single
from heygen_async.emulator._requests import read_query
from heygen_async.emulator._world import WORLD

USERNAME = "emulated"


async def get_user(request: web.Request) -> web.Response:
    """``GET /v3/users/me``: an account that pays from a wallet of credits."""
    read_query(request)
    wallet = {
        "currency": "credits",
        "remaining_balance": request.app[WORLD].wallet.balance,
        "auto_reload": None,
    }
    return single(
        {
            "username": USERNAME,
            "email": "ada@example.com",
            "first_name": "Ada",
            "last_name": None,
            "billing_type": "wallet",
            "wallet": wallet,
            "subscription": None,
            "usage_based": None,
        }
    )


ROUTES = (web.get("/v3/users/me", get_user, allow_head=False),)
