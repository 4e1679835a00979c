"""A receiver of webhooks on the loopback interface, which keeps what it gets."""

from __future__ import annotations

import asyncio
import hmac
import json
from contextlib import asynccontextmanager
from typing import Any

import attrs
from aiohttp import web
from aiohttp.test_utils import TestServer

TWO_DAYS = 48 * 3600.0


@attrs.frozen
class Hook:
    """One webhook as it arrived, and when by the loop's clock."""

    content: bytes
    headers: Any
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    def signed_by(self, secret: str, header: str) -> bool:
        mac = hmac.new(secret.encode(), self.content, "sha256").hexdigest()
        return self.headers.get(header) == mac


class Receiver:
    """Answers the next webhooks with ``statuses``, later ones with 200, after ``delay``.

    Each answer names a ``Location``, which nobody is to follow.
    """

    def __init__(self) -> None:
        self.hooks: list[Hook] = []
        self.statuses: list[int] = []
        self.delay = 0.0
        self.url = ""
        self._came = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        at = asyncio.get_running_loop().time()
        self.hooks.append(Hook(await request.read(), request.headers, at))
        self._came.set()
        status = self.statuses.pop(0) if self.statuses else 200
        await asyncio.sleep(self.delay)
        return web.Response(status=status, headers={"Location": self.url})

    async def wait(self, number: int = 1) -> list[Hook]:
        """Return all webhooks, once so many have come; two days are the most."""
        async with asyncio.timeout(TWO_DAYS):
            while len(self.hooks) < number:
                self._came.clear()
                await self._came.wait()
        return self.hooks

    async def rest(self, seconds: float = 24 * 3600.0) -> list[Hook]:
        """Return all webhooks after so long a time, one day by itself."""
        await asyncio.sleep(seconds)
        return self.hooks


@asynccontextmanager
async def receiving():
    """Give a receiver that listens."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    async with TestServer(app, host="127.0.0.1") as server:
        receiver.url = str(server.make_url("/hook"))
        yield receiver
