"""What every test has: virtual time, an emulator, a client on it, and a watch on what is left."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path

import pytest

from heygen_async import HeyGen, ImageVideo, JoggAI
from heygen_async.emulator import Emulator, Fault
from tests.browser import browser  # noqa: F401 - a fixture
from tests.fleet.fixtures import database, postgres, valkey  # noqa: F401 - fixtures
from tests.virtual_time import VirtualTimeLoop

PORTRAIT = Path(__file__).parent.parent / "examples" / "astronaut.jpg"


def pytest_configure(config):
    config.addinivalue_line("markers", "real_time: runs on the ordinary loop and clock")


def pytest_asyncio_loop_factories(config, item):
    if item.get_closest_marker("real_time"):
        return {"real": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    """Keep keys, addresses and proxies of the machine out of the tests."""
    ours = ("HEYGEN_API_KEY", "HEYGEN_BASE_URL", "HEYGEN_LEDGER", "JOGG_API_KEY", "JOGG_BASE_URL")
    for name in ours:
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
async def emulator():
    async with Emulator(seed=1, max_concurrent_jobs=100_000) as running:
        yield running


@pytest.fixture
def no_pages(emulator):
    """Let the list of videos be refused, so that statuses and results are asked for."""
    emulator.faults.add(Fault(route="GET /v3/videos", status=403))


@pytest.fixture
async def heygen(emulator):
    async with HeyGen(emulator.api_key, base_url=emulator.url) as client:
        yield client


@pytest.fixture
async def jogg(emulator):
    async with JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url) as client:
        yield client


@pytest.fixture
async def nothing_left():
    """Fail if the test leaves a task or a thread of its own behind."""
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    yield
    gc.collect()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - {asyncio.current_task()} <= tasks
    left = {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio_")}
    assert left <= threads


def image_video(**changes):
    """Return a spec that the emulator accepts."""
    values = {"image": "https://example.com/ada.png", "script": "Hello!", "voice_id": "v1"}
    return ImageVideo(**(values | changes))
