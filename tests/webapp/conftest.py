"""The web app of the examples: started in this process, or as a child."""

from __future__ import annotations

import asyncio
import io
import json
import re
import secrets
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from heygen_async import HeyGen
from tests.conftest import PORTRAIT

WEBAPP = Path(__file__).parent.parent.parent / "examples" / "webapp"
sys.path.insert(0, str(WEBAPP))  # as "python examples/webapp" does


class Site:
    """A running app at ``origin``, and the person before it."""

    def __init__(self, client, origin):
        self.client = client
        self.origin = origin

    async def place(self, *, name=None, headers=None, **changes):
        """Send the form of the page, with changes; None leaves a field out."""
        fields = {"portrait": PORTRAIT.read_bytes(), "script": "Hello!", "voice": "v1"} | changes
        form = aiohttp.FormData()
        for field, value in fields.items():
            if value is not None:
                file = isinstance(value, bytes)
                form.add_field(
                    field,
                    io.BytesIO(value) if file else value,
                    filename="me.jpg" if file else None,
                )
        return await self.client.put(
            f"/orders/{name or secrets.token_hex(16)}",
            data=form,
            headers={"Origin": self.origin} if headers is None else headers,
        )

    @asynccontextmanager
    async def tab(self):
        """Open the stream of events, as a tab does; it gives the cards."""
        async with self.client.get("/events") as stream:
            assert stream.content_type == "text/event-stream"
            yield _cards(stream)

    async def until(self, *stages, count=1):
        """Return the last cards by id, as soon as ``count`` of them are in one of ``stages``."""
        seen = {}
        async with self.tab() as cards:
            async for card in cards:
                seen[card["id"]] = card
                if sum(card["stage"] in stages for card in seen.values()) == count:
                    return seen
        raise AssertionError(f"the stream has ended: {seen}")


async def _cards(stream):
    async for line in stream.content:
        if line.startswith(b"data: {"):  # else it is the list of ids
            yield json.loads(line.removeprefix(b"data: "))


@asynccontextmanager
async def serve(emulator, data, **terms):
    """Run the app in this process, on a client of its own."""
    from studio.account import Terms
    from studio.app import make_app

    app = make_app(HeyGen(emulator.api_key, base_url=emulator.url), data, Terms(**terms))
    patience = aiohttp.ClientTimeout(total=None)
    async with TestClient(TestServer(app), timeout=patience) as client:
        yield Site(client, str(client.make_url("")))


@pytest.fixture
async def site(emulator, tmp_path):
    async with serve(emulator, tmp_path / "data") as running:
        yield running


@asynccontextmanager
async def child(data, *, port=0, **variables):
    """Run ``python examples/webapp``, yield the process and its site, and kill it at last."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, WEBAPP, "--port", str(port), "--data", data),
        env={"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(WEBAPP.parent.parent), **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said = await process.stdout.readline()
        assert b"http://127.0.0.1:" in said, (said, await process.stderr.read())
        origin = re.search(r"http://[\d.:]+", said.decode())[0]
        async with aiohttp.ClientSession(origin) as client:
            yield process, Site(client, origin)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
