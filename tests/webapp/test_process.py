"""``python examples/webapp`` as a process: started, killed, started again."""

from __future__ import annotations

import asyncio
import secrets
import signal
import sys

import pytest

from heygen_async.emulator import Emulator, Fault
from tests.webapp.conftest import WEBAPP, child


@pytest.mark.real_time
async def test_an_app_that_is_killed_pays_once(tmp_path):
    """Killed before the paid call is answered, it takes up that very job at its next start."""
    async with Emulator() as emulator:
        variables = {"HEYGEN_API_KEY": emulator.api_key, "HEYGEN_BASE_URL": emulator.url}
        name = secrets.token_hex(16)
        emulator.faults.add(Fault(route="POST /v3/videos", delay=1.0, nth=1))
        async with child(tmp_path, **variables) as (process, site):
            assert (await site.place(name=name)).status == 201
            while not emulator.count("POST /v3/videos"):
                await asyncio.sleep(0.01)
            process.kill()
            await process.wait()
        async with child(tmp_path, **variables) as (_, site):
            assert (await site.until("rendering")).keys() == {name}
        assert emulator.count("POST /v3/videos") >= 2
        assert len(emulator.wallet.charges) == len(emulator.videos) == 1


@pytest.mark.real_time
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_open_tabs(tmp_path, number):
    """It stops within seconds and without noise, whatever is open; no key is needed."""
    async with child(tmp_path, HEYGEN_EMULATOR="1") as (process, site):
        async with site.client.get("/events") as stream:
            await stream.content.readline()
            process.send_signal(number)
            async with asyncio.timeout(5):
                await process.wait()
        assert (process.returncode, await process.stderr.read()) == (0, b"")


@pytest.mark.real_time
async def test_without_a_key_it_says_what_to_do():
    """Neither key nor emulator is one line on how to get either, and no traceback."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, WEBAPP),
        env={"PYTHONPATH": str(WEBAPP.parent.parent)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert process.returncode == 1
    assert len(err.splitlines()) == 1
    assert b"HEYGEN_API_KEY" in err
    assert b"HEYGEN_EMULATOR=1" in err
