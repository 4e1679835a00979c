"""``heygen-async batch run`` on several machines at once: the table is rendered once."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from heygen_async import ItemState, Ledger
from heygen_async.emulator import Emulator
from tests.fleet.hasty import SPEED

pytestmark = pytest.mark.real_time

ROOT = Path(__file__).parent.parent.parent
ROWS = 24


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "people.csv"
    lines = [f"https://example.com/{n}.jpg,Hello {n},v1,t{n}" for n in range(ROWS)]
    path.write_text("\n".join(["image,script,voice_id,title", *lines, ""]))
    return path


async def batch(emulator, *arguments, ledger):
    """Start a ``batch`` command in a process of its own."""
    command = [sys.executable, "-m", "tests.fleet.hasty", "heygen_async", "batch", *arguments]
    env = {
        "HEYGEN_API_KEY": emulator.api_key,
        "HEYGEN_BASE_URL": emulator.url,
        "HEYGEN_LEDGER": ledger,
        "PYTHONPATH": str(ROOT),
    }
    return await asyncio.create_subprocess_exec(
        *command, env=env, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def ended(process):
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, output.decode(), errors.decode()


async def test_two_machines_do_a_table_once(database, table, tmp_path):
    """Both end well, each row was charged once, and each has its one file."""
    async with Emulator(speed=SPEED, seed=1, max_concurrent_jobs=5) as emulator:
        folders = [tmp_path / name for name in ("one", "two")]
        both = [
            await batch(
                emulator,
                *("run", str(table), "--concurrency", "5", "--out", str(folder), "--json"),
                ledger=database,
            )
            for folder in folders
        ]
        results = [await ended(process) for process in both]
        assert [code for code, _, _ in results] == [0, 0], results
        assert len(emulator.wallet.charges) == ROWS
        assert 429 not in {seen.status for seen in emulator.received}
        for _, output, _ in results:
            assert len({json.loads(line)["key"] for line in output.splitlines()}) == ROWS
        files = [path.name for folder in folders for path in folder.glob("*.mp4")]
        assert len(files) == len(set(files)) == ROWS


async def test_a_killed_machine_is_replaced_and_all_are_stopped(database, table):
    """The other one goes on with its rows; ``batch stop`` ends both; the next run does the rest."""
    async with Emulator(speed=SPEED / 2, seed=1, max_concurrent_jobs=5) as emulator:
        command = ("run", str(table), "--concurrency", "5")
        first, second = [await batch(emulator, *command, ledger=database) for _ in range(2)]
        while len(emulator.wallet.charges) < 5:
            await asyncio.sleep(0.02)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        while len(emulator.wallet.charges) < 12:
            await asyncio.sleep(0.02)
        code, _, errors = await ended(await batch(emulator, "stop", ledger=database))
        assert code == 0, errors
        code, _, errors = await ended(second)
        assert code == 3, errors
        assert len(emulator.wallet.charges) < ROWS
        code, _, errors = await ended(await batch(emulator, *command, ledger=database))
        assert code == 0, errors
        assert len(emulator.wallet.charges) == ROWS
    async with Ledger(database, read_only=True) as ledger:
        assert await ledger.counts() == {ItemState.COMPLETED: ROWS}
