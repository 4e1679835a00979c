"""``heygen-async batch`` with a ledger in PostgreSQL, and the way from a file to it and back."""

from __future__ import annotations

import json
import logging
import traceback

import click
import pytest

from heygen_async import ItemState, Ledger, LedgerError, LedgerItem
from heygen_async.cli.place import LedgerPlaceType, without_passwords
from tests.fleet.servers import PASSWORD

pytestmark = pytest.mark.real_time

ITEMS = [
    LedgerItem(
        key="ada",
        digest="D",
        state=ItemState.COMPLETED,
        kind="heygen.video",
        labels=("a", "b"),
        token="heygen.video/x/1",
        path="ada.mp4",
        submitted_at=1.25,
        ended_at=2.5,
        result={"duration": 1.5},
        attempts=2,
        machine="alpha",
    ),
    LedgerItem(
        key="bob", digest="D", state=ItemState.FAILED, kind="heygen.video", error="Boo!", request={}
    ),
    LedgerItem(key="cy", digest="D", state=ItemState.UNCERTAIN, kind="heygen.video"),
]


async def fill(where, items=ITEMS):
    """Put items into a ledger, new or not."""
    async with Ledger(where) as ledger:
        await ledger.put(*items)


async def items_of(where):
    """Return the items of a ledger, whatever their versions."""
    async with Ledger(where, read_only=True) as ledger:
        return [item async for item in ledger.items()]


@pytest.fixture
def url(database):
    """Return the URL of a ledger in a fresh database, with a password."""
    assert PASSWORD in database
    return f"{database}#spring"


@pytest.fixture
def secretly(quick):
    """Run a command that does not show the password."""

    async def run(*args, **variables):
        ended = await quick("batch", *args, **variables)
        assert PASSWORD not in ended.out + ended.err
        return ended

    return run


async def test_all_commands_take_a_url(secretly, url):
    """As an argument, or from the environment, where no list of processes shows it."""
    await fill(url)
    status = await secretly("status", url, "--check")
    assert status.out.splitlines()[:2] == [
        "3 items: 1 completed, 1 failed, 1 uncertain",
        "nobody is at work",
    ]
    assert (await secretly("status", HEYGEN_LEDGER=url)).out in status.out
    told = json.loads((await secretly("report", "--json", url)).out)
    assert told["ledger"].endswith("#spring")
    assert told["counts"]["failed"] == 1
    assert (await secretly("export", "--format", "csv", url)).out.count("heygen.video") >= 3
    assert (await secretly("retry", url, "--failed")).code == 0
    assert [item.state for item in await items_of(url)] == ["completed", "open", "uncertain"]


async def test_status_tells_who_is_at_work(secretly, url):
    """The machine, and how many items it has."""
    await fill(url)
    async with Ledger(url) as ledger:
        await ledger.take("ada")
        await ledger.claim(api="a", origin="o", account="k")
        status = await secretly("status", url)
    line = f"at work: {ledger.machine} on 1; 0 of 1 jobs in flight, 1 allowed now"
    assert line in status.out.splitlines()


async def test_stop_reaches_those_at_work(secretly, url, tmp_path):
    """In another process's ledger as in a file."""
    for where in (url, tmp_path / "run.sqlite"):
        async with Ledger(where) as ledger:
            assert not await ledger._store.stopped(0.1)
            assert (await secretly("stop", where)).code == 0
            assert await ledger._store.stopped(0.1)


@pytest.mark.parametrize("command", ["status", "stop", "retry --failed"])
async def test_a_mistyped_name_makes_no_ledger(secretly, url, command):
    """It is told instead."""
    await fill(url)
    for _ in range(2):
        ended = await secretly(*command.split(), f"{url}x")
        assert "there is no ledger of this name" in ended.err
        assert ended.code in (1, 2)


async def test_a_copy_has_all_and_its_source_is_run_no_more(secretly, url, tmp_path):
    """There and back again; a second copy is as good as the first."""
    file, back = tmp_path / "run.sqlite", tmp_path / "back.sqlite"
    await fill(file)
    for _ in range(2):
        ended = await secretly("copy", file, url)
        assert ended.code == 0, ended.err
        assert ended.out.startswith("3 items are in postgresql://")
        assert f"{file} refuses to be run" in ended.out
    assert (await secretly("copy", url, back)).code == 0
    assert await items_of(file) == await items_of(url) == await items_of(back) == ITEMS
    account = {"api": "a", "origin": "o", "account": "k"}
    for source, target in ((file, "#spring"), (url, "back.sqlite")):
        async with Ledger(source) as ledger:
            with pytest.raises(LedgerError, match=f"a copy at .*{target}") as caught:
                await ledger.claim(**account)
            assert PASSWORD not in str(caught.value)
    async with Ledger(back) as ledger:
        await ledger.claim(**account)


async def test_a_copy_does_not_mix_two_runs(secretly, url, tmp_path):
    """Other items of the same keys are left as they are, and the source can go on."""
    file = tmp_path / "run.sqlite"
    await fill(file)
    other = LedgerItem(key="bob", digest="E", state=ItemState.OPEN, kind="heygen.video")
    await fill(url, [other])
    ended = await secretly("copy", file, url)
    assert ended.code == 2
    assert "other items of the same keys: bob;" in ended.err
    assert await items_of(url) == [other]
    async with Ledger(file) as ledger:
        await ledger.claim(api="a", origin="o", account="k")


async def test_what_is_in_use_is_not_copied(secretly, url, tmp_path):
    """A file by its lock; a shared one by who has claims, or may have it open."""
    file = tmp_path / "run.sqlite"
    await fill(file)
    await fill(url)
    async with Ledger(file):
        assert "in use" in (await secretly("copy", file, f"{url}2")).err
    async with Ledger(url) as ledger:
        assert "may work on it" in (await secretly("copy", url, tmp_path / "b")).err
        await ledger.take("ada")
        assert "may work on it" in (await secretly("copy", url, tmp_path / "b")).err
    async with Ledger(f"{url}2") as ledger:
        await ledger.put(ITEMS[0])
        await ledger.take("ada")  # so it is known to work on another one
        assert (await secretly("copy", url, tmp_path / "c")).code == 0


async def test_no_message_shows_a_password(secretly, database, tmp_path, caplog):
    """Of a server that is not there, of words too many, and in a traceback."""
    caplog.set_level(logging.DEBUG)
    nowhere = f"postgresql://u:{PASSWORD}@127.0.0.1:1/none"
    ended = await secretly("status", nowhere)
    assert (ended.code, "no server answers there" in ended.err) == (1, True)
    wrong = f"postgresql://u:12/{PASSWORD}@127.0.0.1/none"
    for args in (
        (database, database),
        (database, f"--out={database}"),
        (wrong,),
        (f"mysql://u:{PASSWORD}@h/d",),
        (f"postgresql:/u:{PASSWORD}@h/d",),
        (f"postgresql://u:{PASSWORD}@h:port/d",),
    ):
        for more in ((), ("--json",)):
            ended = await secretly("status", *args, *more)
            assert ended.code == 2
    with pytest.raises(LedgerError) as caught:
        async with Ledger(nowhere):
            pass
    assert PASSWORD not in "".join(traceback.format_exception(caught.value)) + caplog.text
    place = LedgerPlaceType().convert(nowhere, None, None)
    assert PASSWORD not in repr(place) + str(place)


@pytest.mark.parametrize("scheme", ["mysql", "sqlite", "postgresql+asyncpg", "https", "POSTGRESQL"])
def test_another_scheme_is_refused(scheme):
    """It is no file of that name."""
    with pytest.raises(click.BadParameter, match="leads to no ledger"):
        LedgerPlaceType().convert(f"{scheme}://u:p@h/d", None, None)


def test_urls_in_what_click_says_lose_user_and_password():
    """And nothing else."""
    said = "No such command 'postgresql://ann:a@b/c@h:1/d#n'; see https://example.com/a:b"
    assert without_passwords(said) == (
        "No such command 'postgresql://…@h:1/d#n'; see https://example.com/a:b"
    )
