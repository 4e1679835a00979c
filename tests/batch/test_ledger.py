"""``Ledger``: a durable mapping from keys to items, written by one thread."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from heygen_async import ItemState, Ledger, LedgerError, LedgerItem


@pytest.fixture
async def ledger(database, tmp_path):
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        yield ledger


async def test_it_keeps_what_is_put(ledger):
    """A ledger is a durable mapping from keys to items; the last one counts."""
    item = LedgerItem(
        key="a", digest="d", state=ItemState.INTENT, kind="heygen.video", labels=("Grüß", "x")
    )
    assert await ledger.get("a") is None
    await ledger.put(item)
    assert await ledger.get("a") == item
    ended = attrs.evolve(item, state=ItemState.COMPLETED, path="/x", ended_at=1.5)
    await ledger.put(ended)
    assert [each async for each in ledger.items()] == [ended]
    assert await ledger.counts() == {ItemState.COMPLETED: 1}


async def test_many_items_come_in_the_order_of_their_keys(ledger):
    """More than one page of them."""
    keys = [f"{number:04}" for number in range(1200)]
    await asyncio.gather(
        *(
            ledger.put(LedgerItem(key=key, digest="d", state=ItemState.OPEN, kind="k"))
            for key in reversed(keys)
        )
    )
    assert [item.key async for item in ledger.items()] == keys


async def test_what_comes_together_is_synced_together(database, ledger):
    """A thousand puts at once are a handful of transactions, and each is done when it returns."""
    item = LedgerItem(key="", digest="d", state=ItemState.OPEN, kind="k")
    await asyncio.gather(*(ledger.put(attrs.evolve(item, key=str(n))) for n in range(1000)))
    assert await ledger.counts() == {ItemState.OPEN: 1000}
    assert database.begun <= 2


async def test_what_comes_together_is_done_in_its_order(ledger):
    """An item that is put before others are reopened is one of them; one put after it is not."""
    failed = LedgerItem(key="a", digest="d", state=ItemState.FAILED, kind="k")
    _, reopened, _ = await asyncio.gather(
        ledger.put(failed), ledger.reopen(failed=True), ledger.put(attrs.evolve(failed, key="b"))
    )
    assert reopened == 1
    assert await ledger.counts() == {ItemState.OPEN: 1, ItemState.FAILED: 1}


async def test_each_put_is_synced_to_the_disk(database, ledger):
    """WAL with ``synchronous=FULL``: a commit is on the disk when it returns."""
    await ledger.put(LedgerItem(key="a", digest="d", state=ItemState.OPEN, kind="k"))
    assert database.settings == ("wal", 2)


async def test_outside_its_context_it_says_so(tmp_path):
    """Before, after, and twice."""
    ledger = Ledger(tmp_path / "run.sqlite")
    with pytest.raises(LedgerError, match="use it inside 'async with'"):
        await ledger.counts()
    async with ledger:
        with pytest.raises(LedgerError, match="open already"):
            await ledger.__aenter__()
    with pytest.raises(LedgerError, match="use it inside 'async with'"):
        await ledger.get("a")
    async with ledger:
        assert await ledger.counts() == {}


async def test_nothing_is_left_running(nothing_left, tmp_path):
    """The thread ends with the context."""
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        await ledger.counts()
