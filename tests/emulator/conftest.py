"""An emulator on a real socket and a plain aiohttp session to talk to it."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest

from heygen_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE_VIDEO = {
    "type": "image",
    "image": {"type": "url", "url": "https://example.com/portrait.jpg"},
    "script": "Hello!",
    "voice_id": "v1",
}


@attrs.frozen
class Reply:
    """One answer, read whole."""

    status: int
    headers: Any
    text: str
    json: Any = None

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]


class Api:
    """Sends requests with the right key."""

    def __init__(
        self, session: aiohttp.ClientSession, emulator: Emulator, url: str, key: str
    ) -> None:
        self._session = session
        self._url = url
        self._key = key
        self.emulator = emulator

    async def send(self, method: str, path: str, **options: Any) -> Reply:
        headers = {"x-api-key": self._key, **options.pop("headers", {})}
        url = self._url + path
        async with self._session.request(method, url, headers=headers, **options) as response:
            text = await response.text()
            is_json = response.content_type == "application/json"
            return Reply(
                response.status, response.headers, text, await response.json() if is_json else None
            )

    async def get(self, path: str, **options: Any) -> Reply:
        return await self.send("GET", path, **options)

    async def post(self, path: str, body: Any, **options: Any) -> Reply:
        return await self.send("POST", path, json=body, **options)

    async def data(self, path: str) -> Any:
        """Return what a GET gives in ``data``."""
        reply = await self.get(path)
        assert reply.status == 200, reply.text
        return reply.json["data"]

    async def create(self, body: Any = None, **options: Any) -> Reply:
        return await self.post("/v3/videos", body or IMAGE_VIDEO, **options)

    async def upload(self, content: bytes, field: str = "file", **options: Any) -> Reply:
        form = aiohttp.FormData()
        form.add_field(field, io.BytesIO(content), filename="upload")
        return await self.send("POST", "/v3/assets", data=form, **options)


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def options() -> dict[str, Any]:
    """Return the emulator's options; a test overrides them with ``using``."""
    return {}


@pytest.fixture
async def emulator(options: dict[str, Any]):
    async with Emulator(**{"median": 3600.0, **options}) as emulator:
        yield emulator


@pytest.fixture
def api(session: aiohttp.ClientSession, emulator: Emulator) -> Api:
    return Api(session, emulator, emulator.url, emulator.api_key)


@pytest.fixture
def jogg(session: aiohttp.ClientSession, emulator: Emulator) -> Api:
    return Api(session, emulator, emulator.jogg_url, emulator.jogg_api_key)


@pytest.fixture
def image_video() -> dict[str, Any]:
    """Return the smallest request for a video from a picture."""
    return dict(IMAGE_VIDEO)


def using(**options: Any) -> pytest.MarkDecorator:
    """Run a test with these options of the emulator."""
    return pytest.mark.parametrize("options", [options], ids=["-".join(options)])


def pass_time(seconds: float) -> None:
    """Move the virtual clock on."""
    asyncio.get_running_loop().jump(seconds)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something has happened in it, at most five seconds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)
