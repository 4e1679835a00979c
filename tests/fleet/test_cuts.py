"""A connection that is cut at every message there is: each step is done once, or not at all."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from heygen_async import ItemState, Ledger
from tests.fleet.proxy import CuttingProxy
from tests.fleet.test_postgres_ledger import ME, asked, row

pytestmark = pytest.mark.real_time

MOST = 60
"""More messages than the life of a row takes; a test sees that it was enough."""


async def life(url):
    """Take one row to its end, as a run does."""
    async with Ledger(url, lease=60) as ledger:
        await ledger.claim(**ME)
        slots = ledger.slots(1)
        assert await ledger.take("a") is None
        slot = await slots.acquire("a")
        await ledger.put(row("a"))
        await ledger.put(row("a", "submitted", token="heygen.video/1/x"))
        await slots.release(slot)
        await ledger.put(row("a", "completed", token="heygen.video/1/x"))
        assert await ledger.remember([b"mark"], [])
        ledger.leave("a")


@pytest.mark.parametrize("answers", [False, True], ids=["cut before", "cut after"])
@pytest.mark.parametrize("part", range(4))
async def test_a_cut_at_any_message_changes_nothing(database, answers, part):
    """Whether it was before the server had it, or before its answer was here."""
    async with Ledger(database):
        pass  # the tables are there: what is cut at the first opening is told, and done again
    server, cut = urlsplit(database), 0
    for at in range(1 + part, MOST, 4):
        async with CuttingProxy(server.hostname, server.port, at=at, answers=answers) as proxy:
            url = database.replace(f":{server.port}/", f":{proxy.port}/")
            await life(f"{url}#run-{at}")
            cut += proxy.cuts
        async with Ledger(database, name=f"run-{at}") as ledger, asked(database) as connection:
            assert (await ledger.get("a")).state is ItemState.COMPLETED
            held = "SELECT count(*) FROM heygen_async.items WHERE slot > 0 OR worker IS NOT NULL"
            assert await connection.fetchval(held) == 0
            await connection.execute("TRUNCATE heygen_async.events")
    assert cut >= MOST / 8  # else nothing was cut any more
