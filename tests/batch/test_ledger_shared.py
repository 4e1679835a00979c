"""What a ledger has for those who share it: claims, lost submissions, events, and a stop."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time

import pytest

from heygen_async import ItemState, Ledger, LedgerError, LedgerItem


def item(key, state=ItemState.INTENT, **changes):
    return LedgerItem(key=key, digest="d", state=state, kind="heygen.video", **changes)


@pytest.fixture
async def ledger(tmp_path):
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        yield ledger


def taking(ledger, key, waits=lambda: None):
    return asyncio.create_task(ledger.take(key, waits=waits))


async def turns():
    """Let all go on as far as they can."""
    await asyncio.sleep(1)


async def test_an_item_is_taken_by_one_at_a_time(ledger):
    """The second waits until the first leaves, and sees what that has written."""
    waited = []
    assert await ledger.take("a") is None
    second = taking(ledger, "a", lambda: waited.append("a"))
    await turns()
    assert waited == ["a"]
    assert not second.done()
    await ledger.put(item("a"))
    ledger.leave("a")
    assert await second == item("a")


async def test_leaving_lets_one_of_those_in_who_wait_for_it(ledger):
    """Those who wait for the same item come one after another, and for another one not at all."""
    await ledger.take("a")
    await ledger.take("b")
    waiting = [taking(ledger, key) for key in ("a", "a", "b")]
    await turns()
    for ended in (1, 2):
        ledger.leave("a")
        await turns()
        assert [each.done() for each in waiting[:2]].count(True) == ended
    assert not waiting[2].done()
    ledger.leave("b")
    assert await waiting[2] is None


@pytest.mark.parametrize("taken", [False, True])
async def test_a_cancelled_taker_has_taken_nothing(ledger, taken):
    """Whether it waits for another one, or for what the ledger says."""
    await ledger.put(item("a"))  # for what is new no thread is asked
    if taken:
        await ledger.take("a")
    taker = taking(ledger, "a")
    await asyncio.sleep(0)
    taker.cancel()
    await asyncio.wait([taker])
    if taken:
        ledger.leave("a")
    async with asyncio.timeout(1):
        assert await ledger.take("a") == item("a")


async def test_what_is_taken_is_free_when_it_is_opened_again(tmp_path):
    """Whoever waited is told that it is closed."""
    ledger = Ledger(tmp_path / "run.sqlite")
    async with ledger:
        await ledger.take("a")
        waiting = taking(ledger, "a")
        await asyncio.sleep(0)
    with pytest.raises(LedgerError, match="it is closed"):
        await waiting
    async with ledger, asyncio.timeout(1):
        assert await ledger.take("a") is None


LABELLED = item("first", labels=("x", "y"))
OTHER = item("second", labels=("y", "z"))
SENT = item(
    "sent", ItemState.SUBMITTED, labels=("x",), token="heygen.video/1700000000/one/two"
)  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "job_ids", "found"),
    [
        (("x",), (), [LABELLED]),
        (("y",), (), [LABELLED, OTHER]),
        (("z", "?"), (), [OTHER]),
        (("d",), ("one", "two", "1700000000"), []),
        ((), ("one/two",), [SENT]),
        (("x", "y", "z"), ("one/two",), [LABELLED, OTHER, SENT]),
    ],
)
async def test_what_a_lost_submission_may_be_is_found(ledger, labels, job_ids, found):
    """By either label those that lack a job, by its id the one that has it; not the item itself."""
    await ledger.put(LABELLED, OTHER, SENT, item("plain"))
    lost = item("plain", labels=labels)
    related = await ledger.related(lost, job_ids)
    assert sorted(related, key=lambda each: each.key) == found
    itself = await ledger.related(item("first", labels=labels), job_ids)
    assert LABELLED not in itself


async def test_a_lost_submission_is_found_by_indices(tmp_path, monkeypatch):
    """None of what is asked of SQLite for it reads all items."""
    asked = []
    connect = sqlite3.connect

    def connected(*given, **options):
        connection = connect(*given, **options)
        connection.set_trace_callback(asked.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connected)
    async with Ledger(tmp_path / "l") as ledger:
        await ledger.put(LABELLED, OTHER, SENT)
        asked.clear()
        assert len(await ledger.related(item("third", labels=("y",)), ["one/two"])) == 3
        queries = [*asked]
    with contextlib.closing(connect(tmp_path / "l")) as connection:
        plans = [connection.execute(f"EXPLAIN QUERY PLAN {query}") for query in queries]
        steps = [step for plan in plans for *_, step in plan]
    used = [step.split()[4] for step in steps if step.startswith("SEARCH items USING INDEX")]
    assert used == ["item_label", "item_other_label", "item_job"]
    assert not [step for step in steps if step.startswith("SCAN items")]


async def test_an_index_that_misses_an_item_is_damage(tmp_path):
    """Else a lost submission would be taken for one that was never sent."""
    path = tmp_path / "l"
    async with Ledger(path) as ledger:
        await ledger.put(item("a", labels=("LABEL-OF-A",)))
    content = path.read_bytes()
    assert content.count(b"LABEL-OF-A") == 2  # in the item, and in the index
    for place in (content.find(b"LABEL-OF-A"), content.rfind(b"LABEL-OF-A")):
        path.write_bytes(content[:place] + b"M" + content[place + 1 :])
        with pytest.raises(LedgerError, match="it is damaged"):
            async with Ledger(path):
                pass


async def test_an_event_is_new_once(ledger, monkeypatch):
    """By any of its marks, until it is forgotten, or 25 hours have passed."""
    now = 1_700_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    assert await ledger.remember([b"a", b"b"], [])
    assert not await ledger.remember([b"b", b"c"], [])
    assert await ledger.remember([b"c"], [])  # nothing of what was refused is kept
    await ledger.forget([b"a", b"b"])
    assert await ledger.remember([b"b", b"b"], [])
    now += 25 * 3600
    assert not await ledger.remember([b"b"], [])
    now += 1
    assert await ledger.remember([b"b"], [])


async def test_an_event_is_known_to_the_next_process(tmp_path):
    """It is in the file, which keeps none that is too old."""
    path = tmp_path / "run.sqlite"
    for new in (True, False):
        async with Ledger(path) as ledger:
            assert await ledger.remember([b"a"], []) is new
    async with Ledger(path) as ledger:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "time", lambda: 4e9)
            await ledger.remember([b"b"], [])
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT mark FROM events").fetchall() == [(b"b",)]


async def held(ledger):
    """Hold the ledger as a batch does, until it is told to stop."""

    async def close():
        ledger.release(close)

    ledger.hold(close)
    async with asyncio.timeout(60):
        await ledger.stopping.wait()
    await close()


def by_link(path):
    path.with_name("link").symlink_to(path)
    return path.with_name("link")


@pytest.mark.parametrize("name", [lambda path: path, by_link])
async def test_a_reader_can_stop_the_owner(tmp_path, name, nothing_left):
    """By whatever name it knows the file; the stop is over when the owner closes."""
    path = tmp_path / "run.sqlite"
    async with Ledger(path) as ledger:
        holding = asyncio.create_task(held(ledger))
        async with Ledger(name(path), read_only=True) as reader:
            assert not ledger.stopping.is_set()
            await reader.stop()
        await holding
    assert path.with_name("run.sqlite.stop") not in tmp_path.iterdir()
    async with ledger:
        assert not ledger.stopping.is_set()


async def test_an_owner_can_stop_itself(ledger):
    """It need not wait for its own look."""
    await ledger.stop()
    assert ledger.stopping.is_set()


async def test_a_stop_of_yesterday_stops_nobody(tmp_path, nothing_left):
    """Where no process had the ledger open, or was killed, the next one goes on."""
    path = tmp_path / "run.sqlite"
    async with Ledger(path):
        pass
    async with Ledger(path, read_only=True) as reader:
        await reader.stop()
    async with Ledger(path) as ledger:
        with pytest.raises(TimeoutError):
            await held(ledger)


async def test_a_stop_that_cannot_be_asked_for_is_told(ledger, tmp_path):
    """Where nothing can be made beside the ledger."""
    (tmp_path / "run.sqlite.stop").mkdir()
    with pytest.raises(LedgerError, match=r"run.sqlite.stop: it cannot be made"):
        await ledger.stop()
    assert not ledger.stopping.is_set()


async def test_nobody_looks_for_a_stop_without_a_batch(ledger, nothing_left):
    """The last one to release the ledger ends it."""
    before = asyncio.all_tasks()

    async def one():
        """Never called."""

    async def other():
        """Never called."""

    for close in (one, other):
        ledger.hold(close)
    (looking,) = asyncio.all_tasks() - before
    ledger.release(one)
    await turns()
    assert not looking.done()
    ledger.release(other)
    await turns()
    assert looking.done()
