"""What a ledger does, wherever it is kept: in a file, or in PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heygen_async import ItemState, Ledger, LedgerError, LedgerItem
from heygen_async.batch import ledger as ledger_module

pytestmark = pytest.mark.real_time

ME = {"api": "HeyGen", "origin": "https://api.heygen.com", "account": "sk-mine"}


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def place(request, tmp_path):
    """Give the place of a ledger that is not there yet."""
    if request.param == "SQLite":
        return tmp_path / "run.sqlite"
    return request.getfixturevalue("database")


@pytest.fixture
async def ledger(place):
    async with Ledger(place) as opened:
        yield opened


def item(key="a", state="open", **fields):
    return LedgerItem(key=key, digest="d", state=ItemState(state), kind="heygen.video", **fields)


FULL = item(
    state="submitted",
    labels=("heygen-async-1", "heygen-batch/k/0/2/b"),
    idempotency_key="k",
    token="heygen.video/1790000000/abc/def",
    path="/out/ada.mp4",
    error="what went wrong",
    error_code="rendering_failed",
    intended_at=1.25,
    submitted_at=2.5,
    ended_at=3.75,
    result={"b": [1, {"a": None}], "a": "ü"},
    attempts=2,
    request={"path": "/v3/videos", "json": {"z": 1, "a": [True, 1.5, "ü"]}},
    machine="here",
)


async def test_every_field_is_kept(ledger):
    """As it was, the order of JSON too."""
    empty = item()
    for field in attrs.fields(LedgerItem):
        assert getattr(FULL, field.name) != getattr(empty, field.name) or field.name in (
            *("key", "digest", "kind"),
            "version",
        )
    await ledger.put(FULL)
    known = await ledger.get("a")
    assert known == FULL
    assert list(known.request["json"]) == ["z", "a"]


async def test_odd_text_is_kept(ledger):
    """Keys and messages of any length and script; what cannot be stored is written out."""
    keys = ["k" * 2000, "Ü'\"\\;--", "日本", "🎬 1", " "]
    await ledger.put(*(item(key) for key in keys))
    assert [each.key async for each in ledger.items()] == sorted(keys)
    await ledger.put(item("a", error="half a pair \ud800"))
    assert (await ledger.get("a")).error == "half a pair \\ud800"


async def test_counts_and_changes_from_outside(ledger):
    """Reopened, renamed, and forgotten if it was never sent."""
    await ledger.put(
        item("a", "failed", token="t/1/a"), item("b", "uncertain"), item("c", "completed")
    )
    await ledger.put(item("d"), item("e", intended_at=1.0))
    assert (await ledger.counts())[ItemState.OPEN] == 2
    assert await ledger.reopen(failed=True, uncertain=True) == 2
    assert (await ledger.get("a")).token is None
    await ledger.rename({"c": "z"})
    await ledger.discard(["a", "d", "e"])
    assert [each.key async for each in ledger.items()] == ["b", "e", "z"]


async def test_a_lost_submission_is_looked_for_by_label_and_job(ledger):
    """Only those come that ``only_match`` has to know."""
    mine = item("a", "intent", labels=("same",))
    others = [
        item("b", "submitted", token="heygen.video/5/job-b"),
        item("c", "intent", labels=("other", "same")),
        item("d", "submitted", token="heygen.video/6/job-d"),
    ]
    await ledger.put(mine, *others)
    found = {each.key for each in await ledger.related(mine, ["job-b"])}
    assert found == {"b", "c"}


async def test_whose_it_is(place):
    """It belongs to the first account, until another one adopts it."""
    async with Ledger(place) as ledger:
        await ledger.claim(**ME)
        with pytest.raises(LedgerError, match="another account"):
            await ledger.claim(**ME | {"account": "sk-other"})
    async with Ledger(place, adopt=True) as ledger:
        await ledger.claim(**ME | {"account": "sk-other"})
        with pytest.raises(LedgerError, match="another account"):
            await ledger.claim(**ME)


async def test_one_works_on_an_item_at_a_time(ledger):
    """The next one has it when it is left; one who was cancelled has nothing."""
    await ledger.take("a")
    waiting = [asyncio.create_task(ledger.take("a")) for _ in range(2)]
    await asyncio.wait(waiting, timeout=0.1)
    waiting[0].cancel()
    await asyncio.wait(waiting, timeout=0.1)
    assert not waiting[1].done()
    ledger.leave("a")
    assert await waiting[1] is None
    ledger.leave("a")


async def test_events_are_new_once(ledger):
    """Also by one of two marks; one that is forgotten is new again."""
    assert await ledger.remember([b"1", b"2"], [])
    assert not await ledger.remember([b"2", b"3"], [])
    assert await ledger.remember([b"3"], [])
    await ledger.forget([b"1", b"2"])
    assert await ledger.remember([b"2"], [])


async def test_all_are_asked_to_stop(place, ledger, monkeypatch):
    """By somebody who only reads it, too, in a file of which another process is the owner."""

    async def close():
        """Close nothing."""

    monkeypatch.setattr(ledger_module, "_LOOK", 0.05)
    ledger.hold(close)
    options = {"read_only": True} if not str(place).startswith("postgresql") else {}
    async with Ledger(place, **options) as other:
        await other.stop()
    await asyncio.wait_for(ledger.stopping.wait(), 5)
    ledger.release(close)


async def test_readers_see_what_is_written_and_write_nothing(place, ledger):
    """A ledger that is closed says so."""
    await ledger.put(item("a"))
    async with Ledger(place, read_only=True) as reader:
        assert (await reader.get("a")).key == "a"
        with pytest.raises(LedgerError):
            await reader.put(item("b"))
    with pytest.raises(LedgerError, match="closed"):
        await reader.get("a")


STEP = st.one_of(
    st.tuples(st.just("put"), st.sampled_from("abc"), st.sampled_from([*ItemState])),
    st.tuples(st.just("reopen"), st.booleans(), st.booleans()),
    st.tuples(st.just("discard"), st.sampled_from("abc"), st.none()),
)


@asynccontextmanager
async def named(place, number):
    """Open a ledger that no other example has used."""
    postgres = str(place).startswith("postgresql")
    where = place if postgres else place.with_name(f"{number}.sqlite")
    async with Ledger(where, name=f"n{number}" if postgres else None) as ledger:
        yield ledger


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, max_size=8))
def test_any_steps_leave_what_a_dictionary_would_have(place, steps):
    """Written, reopened and discarded in any order."""
    numbers = test_any_steps_leave_what_a_dictionary_would_have.__dict__
    numbers["count"] = numbers.get("count", 0) + 1

    async def run():
        model = {}
        async with named(place, numbers["count"]) as ledger:
            for what, one, other in steps:
                if what == "put":
                    model[one] = other
                    await ledger.put(item(one, other))
                elif what == "reopen":
                    wanted = {ItemState.FAILED} if one else set()
                    wanted |= {ItemState.UNCERTAIN} if other else set()
                    reopened = [key for key, state in model.items() if state in wanted]
                    model |= dict.fromkeys(reopened, ItemState.OPEN)
                    assert await ledger.reopen(failed=one, uncertain=other) == len(reopened)
                else:
                    await ledger.discard([one])
                    if model.get(one) is ItemState.OPEN:
                        del model[one]
            assert {each.key: each.state async for each in ledger.items()} == model

    asyncio.run(run())
