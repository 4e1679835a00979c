"""``heygen-async batch`` and its ledger: checked, adopted, and told from what is none."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from heygen_async import HeyGen, ItemState, Ledger, LedgerError, LedgerItem
from heygen_async.cli.app import app
from heygen_async.cli.batch import BatchRun
from heygen_async.cli.errors import ExitCode
from heygen_async.emulator import Emulator
from tests.cli.conftest import rows_of, start
from tests.conftest import image_video

pytestmark = pytest.mark.real_time


@pytest.fixture
async def written(tmp_path):
    """Return the path of a ledger with two items."""
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        for key in ("one", "two"):
            await ledger.put(
                LedgerItem(key=key, digest="DIGEST", state=ItemState.COMPLETED, kind="heygen.video")
            )
    return Path(ledger.where)


async def test_status_checks_a_ledger_also_while_it_is_used(shell, written):
    """What is whole is said to be, and in JSON nothing changes."""
    async with Ledger(written):
        ended = await shell("batch", "status", written, "--check")
        assert ended.code == 0
        assert ended.out.splitlines() == [
            "2 items: 2 completed",
            "checked: nothing is damaged or missing",
        ]
        told = json.loads((await shell("batch", "status", written, "--check", "--json")).out)
        assert told["completed"] == 2


async def test_status_tells_damage_and_what_is_damaged(shell, written):
    """It is exit code 1, one line, and the rows' keys."""
    written.write_bytes(written.read_bytes().replace(b"DIGEST", b"DIGESU", 1))
    ended = await shell("batch", "status", written, "--check")
    assert (ended.code, ended.out) == (1, "")
    assert len(ended.err.splitlines()) == 1
    assert any(f"items '{key}' are not as written" in ended.err for key in ("one", "two"))


async def test_status_tells_rows_that_are_missing(shell, written):
    """Without ``--check`` it says what is there."""
    with contextlib.closing(sqlite3.connect(written)) as connection:
        connection.execute("DROP TRIGGER item_removed")
        connection.execute("DELETE FROM items WHERE key = 'one'")
        connection.commit()
    assert (await shell("batch", "status", written)).out == "1 items: 1 completed\n"
    ended = await shell("batch", "status", written, "--check")
    assert ended.code == 1
    assert "1 items are there where 2 were written" in ended.err


NO_LEDGERS = {
    "text": (b"key,script\nada,Hello!\n" * 100, "it is no ledger, or damaged"),
    "empty": (b"", "there is nothing in it yet"),
    "missing": (None, "there is no such ledger"),
}


@pytest.mark.parametrize("what", NO_LEDGERS)
@pytest.mark.parametrize(
    "command",
    [("status",), ("status", "--check"), ("export", "--format", "csv"), ("retry", "--failed")],
)
async def test_a_file_that_is_no_ledger_is_told(shell, tmp_path, what, command):
    """Nothing is made of it, and nothing is made in its place."""
    content, message = NO_LEDGERS[what]
    path = tmp_path / "table.csv"
    if content is not None:
        path.write_bytes(content)
    ended = await shell("batch", *command, path)
    assert (ended.code, ended.out) == (2, "")
    assert f"Error: {path}: {message}" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert (path.read_bytes() if path.exists() else None) == content
    assert len(list(tmp_path.iterdir())) == (content is not None)


async def test_a_run_says_whose_ledger_it_opens(emulator, tmp_path, monkeypatch):
    """``--adopt`` lets the next account have the ledger, and only with it."""
    monkeypatch.setenv("HEYGEN_API_KEY", emulator.api_key)
    path = tmp_path / "run.sqlite"
    strangers = {"api": "other", "origin": "https://example.com", "account": "other"}
    async with Ledger(path) as ledger:
        await ledger.claim(**strangers)

    async def run(*, adopt):
        return await BatchRun(
            rows=rows_of([image_video(title="Ada")]),
            client=HeyGen,
            options={"base_url": emulator.url, "max_concurrent_jobs": 1},
            ledger=path,
            out=None,
            max_jobs=0,
            adopt=adopt,
            as_json=False,
        ).go()

    with pytest.raises(LedgerError, match="--adopt"):
        await run(adopt=False)
    assert await run(adopt=True) == ExitCode.GOES_ON
    assert await run(adopt=False) == ExitCode.GOES_ON
    async with Ledger(path) as ledger:
        with pytest.raises(LedgerError, match="--adopt"):
            await ledger.claim(**strangers)


def test_the_option_reaches_the_run(monkeypatch, tmp_path):
    """``batch run`` adopts only when it is told to."""
    table = tmp_path / "table.csv"
    table.write_text("title,image,script,voice_id\nA,https://example.com/a.png,Hi,v1\n")
    seen = []

    class Run(BatchRun):
        async def go(self):
            seen.append(self.adopt)
            return 0

    monkeypatch.setattr("heygen_async.cli.batch.BatchRun", Run)
    command = ["batch", "run", str(table), "--ledger", str(tmp_path / "run.sqlite")]
    for options in ([], ["--adopt"]):
        assert CliRunner().invoke(app, command + options).exit_code == 0
    assert seen == [False, True]


@pytest.mark.real_time
async def test_a_pipe_that_closes_loses_no_token(tmp_path):
    """``batch run --json | head -1``: what was paid is in the ledger when the command ends."""
    table = tmp_path / "table.csv"
    rows = [f"t{number},https://example.com/a.png,Hi,v1" for number in range(60)]
    table.write_text("\n".join(["title,image,script,voice_id", *rows]))
    async with Emulator(seed=1, median=0.5, latency=0.05) as emulator:
        process = await start(
            *("batch", "run", table, "--ledger", tmp_path / "l", "--json", "--concurrency", "4"),
            HEYGEN_API_KEY=emulator.api_key,
            HEYGEN_BASE_URL=emulator.url,
        )
        await process.stdout.readline()
        process._transport.get_pipe_transport(1).close()
        async with asyncio.timeout(40):
            err = await process.stderr.read()
            await process.wait()
        charged = {charge.job_id for charge in emulator.wallet.charges}
    assert b"Traceback" not in err
    async with Ledger(tmp_path / "l", read_only=True) as ledger:
        items = [item async for item in ledger.items()]
    assert {item.token.rpartition("/")[2] for item in items if item.token} == charged
    assert 0 < len(charged) < 60
