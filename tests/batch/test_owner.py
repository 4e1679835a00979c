"""A ledger's file: it has one owner, trouble with it is told and loses nothing, and no secrets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import sqlite3
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from heygen_async import (
    BadRequestError,
    DownloadError,
    HeyGen,
    ItemState,
    Ledger,
    LedgerError,
    LedgerItem,
    RetryPolicy,
)
from heygen_async.batch.schema import VERSION
from heygen_async.emulator import FILES, Fault
from tests.cli.conftest import environment
from tests.conftest import image_video

OWNER = """
import asyncio, sys
from heygen_async import ItemState, Ledger, LedgerItem

async def main():
    async with Ledger(sys.argv[1]) as ledger:
        await ledger.put(LedgerItem(key="theirs", digest="d", state=ItemState.OPEN, kind="k"))
        print("open", flush=True)
        sys.stdin.read()

asyncio.run(main())
"""
KEYS = [f"item-{number:04}" for number in range(1000)]


def item(key, **changes):
    fields = {"digest": "d" * 32, "state": ItemState.SUBMITTED, "kind": "heygen.video"}
    return LedgerItem(key=key, **fields | changes)


async def keys_of(path, **options):
    async with Ledger(path, **options) as ledger:
        return [known.key async for known in ledger.items()]


@pytest.fixture
async def full(tmp_path):
    """Return the path of a closed ledger with a thousand items."""
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        await asyncio.gather(*(ledger.put(item(key)) for key in KEYS))
    return Path(ledger.where)


@contextlib.contextmanager
def no_room(ledger):
    """Let no file grow beyond the present size of the ledger's log, as on a full disk."""
    size = Path(f"{ledger.where}-wal").stat().st_size
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.real_time
async def test_one_process_owns_a_ledger(tmp_path):
    """While its owner lives, stopped or not, a ledger can only be read; then another takes it."""
    path = tmp_path / "run.sqlite"
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(path),
        env=environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert await owner.stdout.readline() == b"open\n"
        for stopped in (False, True):
            if stopped:
                owner.send_signal(signal.SIGSTOP)
                await asyncio.to_thread(os.waitid, os.P_PID, owner.pid, os.WSTOPPED)
            with pytest.raises(LedgerError, match="in use by another process"):
                await keys_of(path)
            assert await keys_of(path, read_only=True) == ["theirs"]
    finally:
        owner.kill()
        await owner.wait()
    assert await keys_of(path) == ["theirs"]


async def test_a_process_opens_a_ledger_once_at_a_time(tmp_path, nothing_left):
    """Two ledgers on one file, or one that is open already, are refused without any harm."""
    path = tmp_path / "run.sqlite"
    async with Ledger(path) as ledger:
        with pytest.raises(LedgerError, match="in use"):
            await keys_of(path)
        with pytest.raises(LedgerError, match="open already"):
            await ledger.__aenter__()
        await ledger.put(item("mine"))
    assert await keys_of(path) == ["mine"]


async def test_a_reader_cannot_write(full):
    """What is opened to be read stays as it is."""
    async with Ledger(full, read_only=True) as ledger:
        with pytest.raises(LedgerError, match="cannot be written"):
            await ledger.put(item("new"))
    assert await keys_of(full) == KEYS


def overwrite_the_middle(content):
    middle = len(content) // 2
    return content[:middle] + b"\xff" * 4096 + content[middle + 4096 :]


def flip_the_head(content):
    return bytes(255 - byte for byte in content[:100]) + content[100:]


DAMAGES = {
    "overwritten": (overwrite_the_middle, "is damaged"),
    "flipped": (flip_the_head, "is no ledger, or damaged"),
    "cut": (lambda content: content[: len(content) // 2], "is damaged"),
    "cut within its head": (lambda content: content[:50], "damaged"),
    "text": (lambda _content: b"key,script\nada,Hello!\n" * 100, "is no ledger"),
}


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_file_is_told_and_left_alone(full, damage, read_only, nothing_left):
    """What is no whole ledger is refused as it is; its copy, put back, has everything."""
    change, message = DAMAGES[damage]
    ledger, whole = Ledger(full, read_only=read_only), full.read_bytes()
    full.write_bytes(change(whole))
    with pytest.raises(LedgerError, match=f"run.sqlite: it .*{message}"):
        await ledger.__aenter__()
    assert full.read_bytes() == change(whole)
    full.write_bytes(whole)
    async with ledger:
        assert [known.key async for known in ledger.items()] == KEYS


async def test_a_value_that_makes_no_sense_is_told(full):
    """A flip that SQLite cannot see is a LedgerError when the item is read."""
    full.write_bytes(full.read_bytes().replace(b"dsubmitted", b"dsubmiTTed"))
    async with asyncio.timeout(5):
        with pytest.raises(LedgerError, match="damaged"):
            await keys_of(full)


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("PRAGMA application_id = 1", "another program"),
        (f"PRAGMA user_version = {VERSION + 1}", "a newer version"),
    ],
)
async def test_files_of_others_are_left_alone(full, statement, message, read_only, nothing_left):
    """Another program's SQLite file, and a ledger of a newer version, are refused as they are."""
    with contextlib.closing(sqlite3.connect(full)) as other:
        other.execute(statement)
        before = list(other.iterdump())
    with pytest.raises(LedgerError, match=f"run.sqlite: .*{message}"):
        await keys_of(full, read_only=read_only)
    with contextlib.closing(sqlite3.connect(full)) as other:
        assert list(other.iterdump()) == before


@pytest.mark.parametrize("place", ["no/such/folder/run.sqlite", "folder", "file/run.sqlite"])
@pytest.mark.parametrize("read_only", [False, True])
async def test_places_where_no_ledger_can_be(tmp_path, place, read_only, nothing_left):
    """A folder that is missing or a file, and a folder in the ledger's place, are told."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match=str(tmp_path / place)):
        await keys_of(tmp_path / place, read_only=read_only)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_place(full, tmp_path):
    """Where nothing can be written, no ledger can be owned, and what is there stays."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(LedgerError, match="cannot be"):
            await keys_of(full)
        with pytest.raises(LedgerError, match="cannot be"):
            await keys_of(tmp_path / "new.sqlite")
    finally:
        tmp_path.chmod(0o700)
    assert await keys_of(full) == KEYS


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder closed even to root")
async def test_a_place_closed_to_all():
    """Where not even root can make a file, that is told."""
    with pytest.raises(LedgerError, match="its folder, which must be writable"):
        await keys_of("/proc/run.sqlite")


async def test_a_full_disk_is_told(full):
    """A write that finds no room is refused, the ledger stays of use, and nothing is lost."""
    async with Ledger(full) as ledger:
        await ledger.put(item("before"))
        with no_room(ledger):
            with pytest.raises(LedgerError, match=r"run\.sqlite"):
                await ledger.put(item("refused"))
            assert (await ledger.get("before")).key == "before"
        await ledger.put(item("after"))
    assert await keys_of(full) == sorted([*KEYS, "before", "after"])


async def test_a_full_file_system_is_told_in_words(database, full):
    """SQLite's own word for a full disk becomes a message that says what to do."""
    async with Ledger(full) as ledger:
        database.room = 1
        with pytest.raises(LedgerError, match="the disk is full; make room, and run again"):
            await asyncio.gather(*(ledger.put(item(f"new-{key}")) for key in KEYS))
        database.room = 100_000
        await ledger.put(item("after"))
    assert await keys_of(full) == ["after", *KEYS]


class Filling(Ledger):
    """A ledger whose disk is full from its n-th write on."""

    def __init__(self, path, stack, nth):
        super().__init__(path)
        self._stack = stack
        self._left = nth

    async def put(self, *items):
        self._left -= 1
        if self._left == 0:
            self._stack.enter_context(no_room(self))
        await super().put(*items)


async def render(heygen, ledger, outcomes, **options):
    """Render six videos, and keep their outcomes also if the batch ends in an error."""
    specs = [image_video(title=f"item-{number}") for number in range(6)]
    async for outcome in heygen.map(specs, key=lambda spec: spec.title, ledger=ledger, **options):
        outcomes[outcome.key] = outcome


def charged(emulator):
    return sorted(
        emulator.jobs[charge.job_id].request["title"] for charge in emulator.wallet.charges
    )


@pytest.mark.parametrize("nth", range(1, 19))
async def test_a_disk_that_gets_full_during_a_batch(emulator, tmp_path, nth, nothing_left):
    """What runs is seen out, no more is submitted, and with room again all is rendered once."""
    path, outcomes = tmp_path / "run.sqlite", {}
    async with HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=3) as heygen:
        with pytest.raises(LedgerError, match=r"run\.sqlite"), contextlib.ExitStack() as stack:
            async with Filling(path, stack, nth) as ledger:
                await render(heygen, ledger, outcomes)
        started = {key for key, outcome in outcomes.items() if outcome.job is not None}
        assert sorted(started) == charged(emulator)
        assert all(outcomes[key].result.status == "completed" for key in started)
        assert started <= set(await keys_of(path, read_only=True))
        assert started or nth <= 4  # the first writes of three slots are synced together
        async with Ledger(path) as ledger:
            await render(heygen, ledger, outcomes)
            assert await ledger.counts() == {ItemState.COMPLETED: 6}
    assert all(outcome.ok for outcome in outcomes.values())
    assert sorted(outcomes) == charged(emulator)


async def test_no_secret_is_written(emulator, tmp_path):
    """Neither the key nor what signs a URL is in the files, also after errors that tell of both."""
    emulator.faults.add(Fault(route=FILES, nth=(1, 2), status=500))
    emulator.faults.add(Fault(route="POST /v3/videos", nth=2, status=400))
    outcomes, folder = {}, tmp_path / "ledger"
    folder.mkdir()
    options = {"base_url": emulator.url, "retry": RetryPolicy(max_attempts=1)}
    ledger = Ledger(folder / "run.sqlite")
    async with HeyGen(emulator.api_key, **options) as heygen, ledger:
        await render(heygen, ledger, outcomes, download_to=tmp_path / "out")
        content = b"".join(path.read_bytes() for path in folder.iterdir())
    content += b"".join(path.read_bytes() for path in folder.iterdir())
    errors = [type(outcome.error) for outcome in outcomes.values() if not outcome.ok]
    assert sorted(errors, key=str) == [BadRequestError, DownloadError, DownloadError]
    assert all(
        str(outcome.error).encode() in content for outcome in outcomes.values() if not outcome.ok
    )
    assert emulator.api_key.encode() not in content
    urls = [outcome.result.video_url for outcome in outcomes.values() if outcome.result]
    signatures = [value for url in urls for _, value in parse_qsl(urlsplit(url).query)]
    assert len(signatures) >= 5
    assert not [value for value in signatures if value.encode() in content]
