"""The whole client on uvloop, whose transports, timers and cancellations are its own."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from heygen_async import HeyGen, Ledger, PollPolicy
from heygen_async.emulator import Emulator
from heygen_async.webhooks import WebhookReceiver
from tests.conftest import PORTRAIT, image_video
from tests.webhooks.test_hybrid_wait import register

uvloop = pytest.importorskip("uvloop")

SPEED = 1000.0
PATIENT = PollPolicy(first_poll=30.0)  # whose first look is later than the test may last


async def one_render(emulator, folder):
    """Upload, submit, wait and download."""
    poll = PollPolicy().at_speed(SPEED)
    async with HeyGen(emulator.api_key, base_url=emulator.url, poll=poll) as heygen:
        job = await heygen.submit(image_video(image=PORTRAIT), slot=True)
        path = await job.download(folder / "a.mp4")
        assert path.read_bytes()[4:8] == b"ftyp"


async def a_map(emulator, folder):
    """Many at once, with a ledger and files."""
    poll = PollPolicy().at_speed(SPEED)
    specs = [image_video(script=f"No. {number}", title=f"n{number}") for number in range(20)]
    async with (
        HeyGen(emulator.api_key, base_url=emulator.url, poll=poll) as heygen,
        Ledger(folder / "run.sqlite") as ledger,
    ):
        outcomes = heygen.map(specs, key=lambda spec: spec.title, ledger=ledger, download_to=folder)
        assert len([each async for each in outcomes if each.path is not None]) == 20


async def a_webhook_wait(emulator, _folder):
    """Wait for the event, which comes long before a look would."""
    async with HeyGen(emulator.api_key, base_url=emulator.url, poll=PATIENT) as heygen:
        receiver = WebhookReceiver(heygen, ["not known yet"])
        app = web.Application()
        app.add_routes(receiver.routes("/hooks"))
        async with TestServer(app, host="127.0.0.1") as server, receiver:
            receiver.rotate([await register(heygen, str(server.make_url("/hooks")))])
            async with asyncio.timeout(10):
                assert await heygen.run(image_video())


@pytest.mark.parametrize("use", [one_render, a_map, a_webhook_wait])
def test_it_runs_on_uvloop(use, tmp_path):
    """A render with its file, a batch with its ledger, and a wait that a webhook ends."""

    async def main():
        assert type(asyncio.get_running_loop()).__module__.startswith("uvloop")
        async with Emulator(speed=SPEED, max_concurrent_jobs=100) as emulator:
            await use(emulator, tmp_path)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
