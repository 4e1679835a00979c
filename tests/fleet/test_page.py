"""What ``docs/fleet.md`` says, on PostgreSQL."""

from __future__ import annotations

import asyncpg
import pytest

from heygen_async import HeyGen, ItemState, Ledger, LedgerItem
from heygen_async.emulator import Emulator
from tests.blocks import blocks_of, python_blocks, run_block
from tests.fleet.hasty import hurry
from tests.fleet.servers import PASSWORD

pytestmark = pytest.mark.real_time

PAGE = "docs/fleet.md"


@pytest.mark.parametrize("block", python_blocks(PAGE))
async def test_a_block_pays_once_however_often_it_runs(block, database, monkeypatch):
    """Each key is rendered by the first run, and found by the second."""
    for method in (HeyGen.__init__, Ledger.__init__):
        monkeypatch.setattr(method, "__kwdefaults__", {**method.__kwdefaults__})
    hurry()
    monkeypatch.setenv("HEYGEN_LEDGER", f"{database}#page")
    async with Emulator(speed=600) as emulator:
        await run_block(block, monkeypatch, emulator)
        paid = len(emulator.wallet.charges)
        await run_block(block, monkeypatch, emulator)
        assert len(emulator.wallet.charges) == paid
    async with Ledger(database, name="page", read_only=True) as ledger:
        assert await ledger.counts() == {ItemState.COMPLETED: paid}


async def test_the_rights_that_the_page_names_are_enough(database):
    """For whoever did not make the tables: to claim, to write, to read and to stop."""
    async with Ledger(database, name="first"):
        pass
    role = f"app_{database.rpartition('_')[2]}"
    (grants,) = (block.source for block in blocks_of(PAGE) if block.language == "sql")
    connection = await asyncpg.connect(database)
    await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
    await connection.execute(grants.replace(" app;", f" {role};"))
    await connection.close()
    item = LedgerItem(key="a", digest="1", state=ItemState.OPEN, kind="heygen.video")
    async with Ledger(database.replace("tester", role), name="second") as ledger:
        await ledger.claim(api="HeyGen", origin="https://example.com", account="key")
        await ledger.take("a")
        await ledger.put(item)
        assert await ledger.get("a") is not None
        ledger.leave("a")
        assert await ledger.remember([b"mark"], [])
        await ledger.stop()
