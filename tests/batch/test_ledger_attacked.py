"""A ledger under attack: names, cleaners, cancellations, flipped bits, accounts, old files."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import attrs
import pytest

from heygen_async import ItemState, Ledger, LedgerError, LedgerItem
from heygen_async.batch.ledger_file import LedgerFile
from tests.cli.conftest import environment
from tests.conftest import image_video

VERSION_1 = Path(__file__).parent / "ledger-version-1.sqlite"
OPEN = """
import asyncio, sys
from heygen_async import Ledger, LedgerError

async def main():
    async with Ledger(sys.argv[1]):
        print("open", flush=True)
        sys.stdin.read()

try:
    asyncio.run(main())
except LedgerError as error:
    print(error)
"""


def item(key, **changes):
    fields = {"digest": "d" * 32, "state": ItemState.SUBMITTED, "kind": "heygen.video"}
    return LedgerItem(key=key, **fields | changes)


async def keys_of(path, **options):
    async with Ledger(path, **options) as ledger:
        return [known.key async for known in ledger.items()]


async def fill(path, count=1000):
    async with Ledger(path) as ledger:
        await asyncio.gather(*(ledger.put(item(f"item-{n:04}")) for n in range(count)))
    return path


@pytest.fixture
def path(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home" / "run.sqlite"


def said_by_another_process(path, cwd, script=OPEN):
    """Return what a process says that opens the ledger and ends."""
    command = [sys.executable, "-c", script, str(path)]
    return subprocess.run(
        command, cwd=cwd, env=environment(), input="", capture_output=True, text=True, check=True
    ).stdout


def symlink(path):
    (path.parent.parent / "link.sqlite").symlink_to(path)
    return path.parent.parent / "link.sqlite"


def linked_folder(path):
    (path.parent.parent / "link").symlink_to(path.parent)
    return path.parent.parent / "link" / path.name


def hard_link(path):
    (path.parent / "other.sqlite").hardlink_to(path)
    return path.parent / "other.sqlite"


NAMES = {
    "symlink": symlink,
    "linked folder": linked_folder,
    "hard link": hard_link,
    "relative": lambda path: Path(path.parent.name, path.name),
    "roundabout": lambda path: path.parent / ".." / path.parent.name / path.name,
}


@pytest.mark.parametrize("name", NAMES)
async def test_a_ledger_has_one_owner_by_whatever_name(path, name, monkeypatch):
    """Neither this process nor another one owns it twice, also after others have looked at it."""
    monkeypatch.chdir(path.parent.parent)
    async with Ledger(path) as ledger:
        await ledger.put(item("mine"))
        other = NAMES[name](path)
        with pytest.raises(LedgerError, match="in use"):
            await keys_of(other)
        assert await keys_of(other, read_only=True) == ["mine"]
        assert "in use by another process" in said_by_another_process(other, path.parent.parent)
        await ledger.put(item("more"))
    assert said_by_another_process(other, path.parent.parent) == "open\n"


async def test_no_file_beside_it_makes_the_owner(path):
    """Whoever removes what lies beside a ledger does not let a second owner in, nor lose a row."""
    async with Ledger(path) as ledger:
        await ledger.put(item("before"))
        for beside in path.parent.iterdir():
            if beside != path:
                beside.unlink()
        assert "in use by another process" in said_by_another_process(path, path.parent)
        await ledger.put(item("after"))
    assert await keys_of(path) == ["after", "before"]
    assert list(path.parent.iterdir()) == [path]


LOOK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT * FROM items").fetchall()
connection.close()
"""


async def test_who_is_refused_takes_no_lock_away(path):
    """POSIX drops a process's locks when it closes any descriptor of the file; none is opened."""
    async with Ledger(path) as ledger:
        await ledger.put(item("before"))
        with pytest.raises(LedgerError, match="in use by this process"):
            await keys_of(path)
        async with Ledger(path, read_only=True):
            pass
        log = path.with_name("run.sqlite-wal")
        before = log.stat().st_ino
        said_by_another_process(path, path.parent, LOOK)
        assert log.stat().st_ino == before  # SQLite removes the log of what nobody has locked


@pytest.mark.real_time
async def test_an_owner_that_is_killed_leaves_no_lock(path):
    """The system frees the lock with the process."""
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OPEN, str(path),
        env=environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert await owner.stdout.readline() == b"open\n"
    with pytest.raises(LedgerError, match="in use"):
        await keys_of(path)
    owner.send_signal(signal.SIGKILL)
    await owner.wait()
    assert await keys_of(path) == []


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
async def test_a_file_system_without_locks_is_refused(path, monkeypatch, number, nothing_left):
    """What cannot be locked could have two owners."""

    def flock(_descriptor, _operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(LedgerError, match=r"network file systems .* put it on a local disk"):
        await keys_of(path)


@pytest.mark.parametrize("name", [":memory:", "a?mode=ro", "100% #1.sqlite", "Grüß 'x\".db"])
async def test_odd_names_are_names_of_files(tmp_path, name):
    """Nothing in a name means something to SQLite."""
    async with Ledger(tmp_path / name) as ledger:
        await ledger.put(item("a"))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert await keys_of(tmp_path / name) == ["a"]


async def test_a_copy_is_a_ledger_of_its_own(path, tmp_path):
    """The file alone, copied while it is in use, has all that was written."""
    async with Ledger(path) as ledger:
        await ledger.put(item("a"))
        copied = shutil.copy(path, tmp_path / "copy.sqlite")
        async with Ledger(copied) as other:
            await other.put(item("b"))
        await ledger.put(item("c"))
    assert await keys_of(copied) == ["a", "b"]
    assert await keys_of(path) == ["a", "c"]


def delete(path):
    path.unlink()


def replace(path):
    shutil.copy(path, f"{path}.copy")
    Path(f"{path}.copy").replace(path)


def move(path):
    path.rename(path.with_name("moved.sqlite"))


def delete_all(path):
    shutil.rmtree(path.parent)


LOSSES = {"deleted": delete, "replaced": replace, "moved": move, "its folder, too": delete_all}


def rescued(error):
    """Return the file that an error names."""
    name = str(error).partition("its rows are saved in ")[2].partition(". Put")[0]
    return Path(name)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Let temporary files be made in a folder of the test."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


@pytest.mark.parametrize("loss", LOSSES)
async def test_a_ledger_that_is_gone_stops_the_batch(heygen, emulator, path, loss, temporary):
    """No more is paid once the file is gone, and what is saved of it pays for nothing twice."""
    specs = [image_video(title=f"item-{number}") for number in range(30)]

    async def run(ledger):
        outcomes = heygen.map(specs, key=lambda spec: spec.title, ledger=ledger)
        return [outcome async for outcome in outcomes]

    async def lose():
        while len(emulator.videos) < 3:
            await asyncio.sleep(0.01)
        LOSSES[loss](path)

    losing = asyncio.create_task(lose())
    with pytest.raises(LedgerError, match="deleted or replaced during its use") as caught:
        async with Ledger(path) as ledger:
            await run(ledger)
    await losing
    charges = len(emulator.wallet.charges)
    assert charges <= 10  # the slots: those that were on their way
    saved = rescued(caught.value)
    assert saved.parent == (temporary if loss == "its folder, too" else path.parent)
    path.parent.mkdir(exist_ok=True)
    saved.replace(path)
    known = {known.key for known in [i async for i in _items(path)] if known.token}
    assert len(known) == charges
    async with Ledger(path) as ledger:
        assert all(outcome.ok for outcome in await run(ledger))
    assert len(emulator.wallet.charges) == len(specs)


async def _items(path):
    async with Ledger(path) as ledger:
        async for known in ledger.items():
            yield known


@pytest.mark.parametrize("loss", LOSSES)
async def test_each_write_to_a_ledger_that_is_gone_is_saved_and_told(path, loss, temporary):
    """Tokens that come after the loss are in the same copy; reading goes on."""
    async with contextlib.AsyncExitStack() as stack:
        ledger = await stack.enter_async_context(Ledger(path))
        await ledger.put(item("before"))
        LOSSES[loss](path)
        places = set()
        for key in ("one", "two"):
            with pytest.raises(LedgerError) as caught:
                await ledger.put(item(key))
            places.add(rescued(caught.value))
            with pytest.raises(LedgerError, match="in use"):
                await keys_of(rescued(caught.value))
        assert (await ledger.get("one")).key == "one"
    assert await keys_of(places.pop()) == ["before", "one", "two"]
    assert not places


async def test_a_copy_put_in_its_place_takes_no_rows_from_its_log(path, tmp_path):
    """A reader has kept the log from being emptied, and it would be the new file's log, too."""
    await fill(path, 3)
    shutil.copy(path, tmp_path / "backup")
    with pytest.raises(LedgerError, match="deleted or replaced"):
        async with Ledger(path) as ledger:
            with contextlib.closing(sqlite3.connect(path)) as reader:
                reader.execute("BEGIN")
                reader.execute("SELECT * FROM items").fetchone()
                await ledger.put(item("new"))
                assert path.with_name("run.sqlite-wal").stat().st_size > 0
            (tmp_path / "backup").replace(path)
            await ledger.put(item("newer"))
    assert await keys_of(path) == ["item-0000", "item-0001", "item-0002"]


async def test_a_loss_after_the_last_write_is_told_on_closing(
    path, temporary, caplog, nothing_left
):
    """Else the next run would pay for all of it again; it is logged, for errors may be hidden."""
    ledger = Ledger(path)
    await ledger.__aenter__()
    await ledger.put(item("a"))
    path.unlink()
    with pytest.raises(LedgerError) as caught:
        await ledger.__aexit__(None, None, None)
    assert caplog.messages == [str(caught.value)]
    assert await keys_of(rescued(caught.value)) == ["a"]


async def test_where_nothing_can_be_saved_that_is_told(path, temporary):
    """The error says why; nothing is written that nobody would find."""
    with pytest.raises(LedgerError, match=r"could not be saved elsewhere: .*No such file"):
        async with Ledger(path) as ledger:
            shutil.rmtree(path.parent)
            temporary.rmdir()
            await ledger.put(item("a"))


async def test_an_older_copy_put_over_it_is_told(path, tmp_path):
    """``cp`` keeps the file and changes what is in it: no more is written, or paid."""
    await fill(path, 10)
    shutil.copy(path, tmp_path / "backup")
    with pytest.raises(LedgerError, match="another program has overwritten it"):
        async with Ledger(path) as ledger:
            await ledger.put(item("new"))
            shutil.copy(tmp_path / "backup", path)
            os.utime(path, ns=(0, 0))
            await ledger.put(item("newer"))


async def test_a_file_that_is_touched_goes_on(path):
    """A new time alone changes nothing."""
    async with Ledger(path) as ledger:
        await ledger.put(item("a"))
        os.utime(path, ns=(0, 0))
        await ledger.put(item("b"))
    assert await keys_of(path) == ["a", "b"]


ME = {"api": "heygen", "origin": "https://api.heygen.com", "account": "sk-mine-0123456789"}
OTHERS = {
    "api": (ME | {"api": "jogg"}, "heygen at https://api.heygen.com"),
    "origin": (ME | {"origin": "http://127.0.0.1:1"}, "heygen at https://api.heygen.com"),
    "account": (ME | {"account": "sk-theirs"}, "another account of heygen, or another API key"),
}


@pytest.mark.parametrize("other", OTHERS)
async def test_a_ledger_belongs_to_one_account(path, other):
    """Another one is refused, in the same life of the file or a later one, and told what to do."""
    stranger, message = OTHERS[other]
    async with Ledger(path) as ledger:
        await ledger.claim(**ME)
        with pytest.raises(LedgerError, match=message):
            await ledger.claim(**stranger)
    async with Ledger(path) as ledger:
        with pytest.raises(LedgerError, match=r"Ledger\(…, adopt=True\), or batch run --adopt"):
            await ledger.claim(**stranger)
        await ledger.claim(**ME)


@pytest.mark.parametrize("other", OTHERS)
async def test_a_ledger_is_adopted_once(path, other):
    """The first account that comes then has it, and no other, with all that is in it."""
    stranger, _ = OTHERS[other]
    async with Ledger(path) as ledger:
        await ledger.put(item("a"))
        await ledger.claim(**ME)
    async with Ledger(path, adopt=True) as ledger:
        await ledger.claim(**stranger)
        with pytest.raises(LedgerError, match="it belongs to"):
            await ledger.claim(**ME)
    async with Ledger(path) as ledger:
        await ledger.claim(**stranger)
        await ledger.check()
        assert (await ledger.get("a")).key == "a"


async def test_the_key_itself_is_nowhere(path):
    """Neither in the file nor in a traceback; equal keys do not look alike in two ledgers."""
    accounts = []
    for ledger_path in (path, path.with_name("two.sqlite")):
        async with Ledger(ledger_path) as ledger:
            await ledger.claim(**ME)
        content = ledger_path.read_bytes()
        assert ME["account"].encode() not in content
        with contextlib.closing(sqlite3.connect(ledger_path)) as connection:
            accounts += connection.execute("SELECT account FROM owner").fetchall()
    assert len(set(accounts)) == 2
    async with Ledger(path) as ledger:
        with pytest.raises(LedgerError) as caught:
            await ledger.claim(**ME | {"account": "sk-secret"})
    frames = [entry.frame for entry in caught.traceback][1:]
    assert frames
    assert not [frame for frame in frames if "sk-secret" in repr(frame.f_locals)]


async def test_a_batch_that_holds_a_ledger_writes_before_it_closes(path, nothing_left):
    """What each holder writes on its way out is there, also where another one's end is an error."""
    ledger = Ledger(path)
    order = []

    def holder(key, error=None):
        async def close():
            await asyncio.sleep(30)  # a POST that is seen through
            await ledger.put(item(key))
            ledger.release(close)
            order.append(key)
            if error is not None:
                raise error

        return close

    released = holder("released")
    with pytest.raises(ValueError, match="of one"):
        async with ledger:
            for close in (holder("a"), holder("b", ValueError("of one")), holder("c"), released):
                ledger.hold(close)
            ledger.release(released)
            writing = asyncio.create_task(ledger.put(item("waiting")))
            await asyncio.sleep(0)
    await writing
    assert sorted(order) == ["a", "b", "c"]
    assert await keys_of(path) == ["a", "b", "c", "waiting"]
    with pytest.raises(LedgerError, match="it is closed"):
        ledger.hold(released)


async def test_what_waits_is_written_before_it_closes(path, nothing_left):
    """It is not gathered any longer, and whoever waits for it is told."""
    clock = asyncio.get_running_loop().time
    async with asyncio.timeout(5):
        async with Ledger(path) as ledger:
            await ledger.put(item("first"))
            start = clock()
            waiting = [asyncio.create_task(ledger.put(item(key))) for key in ("a", "b")]
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)
        assert clock() - start < 0.04
    assert await keys_of(path) == ["a", "b", "first"]


async def test_a_batch_that_begins_while_it_closes_is_seen_through(path):
    """Whoever gets hold of it in time is waited for as well."""
    ledger = Ledger(path)

    async def late():
        await ledger.put(item("late"))

    async def early():
        ledger.hold(late)
        await ledger.put(item("early"))

    async with ledger:
        ledger.hold(early)
    assert await keys_of(path) == ["early", "late"]


def cancel_the_others():
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


@pytest.mark.parametrize("turns", range(1, 6))
async def test_whoever_cancels_all_other_tasks_can_still_write(path, turns, nothing_left):
    """The usual shutdown leaves no writer waiting for ever, and the ledger closes."""
    async with asyncio.timeout(60):
        async with Ledger(path) as ledger:
            await ledger.put(item("first"))
            cancelled = [asyncio.create_task(ledger.put(item(f"c-{n}"))) for n in range(3)]
            for _ in range(turns):
                await asyncio.sleep(0.01)
            cancel_the_others()
            await ledger.put(item("last"))
            await asyncio.gather(*cancelled, return_exceptions=True)
    assert await keys_of(path) == ["c-0", "c-1", "c-2", "first", "last"]


@pytest.mark.parametrize("turns", range(12))
async def test_a_ledger_cancelled_at_any_moment_is_closed_and_whole(path, turns, nothing_left):
    """Opening, in use or closing, it leaves no lock and no thread, and all or nothing written."""

    async def use():
        async with Ledger(path) as ledger:
            writes = [asyncio.create_task(ledger.put(item(f"{n}"))) for n in range(3)]
            await asyncio.sleep(0)
        await asyncio.gather(*writes)

    using = asyncio.create_task(use())
    for _ in range(turns):
        await asyncio.sleep(0)
    heard = using.cancel()
    await asyncio.wait([using])
    assert using.cancelled() is heard
    assert await keys_of(path) in ([], ["0", "1", "2"])


@pytest.mark.parametrize("turns", range(0, 300, 25))
async def test_a_ledger_cancelled_while_it_closes_is_closed_and_whole(path, turns, nothing_left):
    """What waits is written, the file is free, and the cancellation is not swallowed."""
    closing = asyncio.Event()

    class Watched(Ledger):
        async def __aexit__(self, *problem):
            closing.set()
            await super().__aexit__(*problem)

    async def use():
        async with Watched(path) as ledger:
            await ledger.put(item("first"))
            writes = [asyncio.create_task(ledger.put(item(f"{n}"))) for n in range(3)]
            await asyncio.sleep(0)
        return writes

    using = asyncio.create_task(use())
    await closing.wait()
    for _ in range(turns):
        await asyncio.sleep(0)
    heard = using.cancel()
    await asyncio.wait([using])
    assert using.cancelled() is heard
    assert await keys_of(path) == ["0", "1", "2", "first"]


async def test_whoever_goes_on_writing_does_not_keep_it_open(path, nothing_left):
    """A loop that writes for ever is told that the ledger is closed."""

    async def write(ledger):
        while True:
            await ledger.put(item("again"))

    async with asyncio.timeout(60):
        async with Ledger(path) as ledger:
            writing = asyncio.create_task(write(ledger))
            await ledger.put(item("a"))
        with pytest.raises(LedgerError, match="it is closed"):
            await writing


async def test_another_event_loop_is_told(path):
    """A ledger belongs to the loop that it was opened on."""

    async def put(ledger):
        await ledger.put(item("a"))

    async with Ledger(path) as ledger:
        with pytest.raises(LedgerError, match="another event loop"):
            await asyncio.to_thread(lambda: asyncio.run(put(ledger)))
        await put(ledger)


COLUMNS = {
    "key": (b"item-0500", b"item-05P0", "'item-05P0'"),
    "digest": (b"DIGEST", b"DIGESU", "'item-0500'"),
    "token": (b"heygen.video/x500", b"heygen.video/y500", "'item-0500'"),
    "idempotency_key": (b"IDEMPOTENT", b"IDEMPOTENU", "'item-0500'"),
    "path": (b"/out/500.mp4", b"/out/501.mp4", "'item-0500'"),
    "no text any more": (b"DIGEST", b"DIG\xffST", "'item-0500'"),
}


@pytest.fixture
async def full(path):
    """Return the path of a ledger of a thousand items, one of them with a value for each column."""
    await fill(path)
    async with Ledger(path) as ledger:
        changes = {
            "digest": "DIGEST",
            "token": "heygen.video/x500",
            "path": "/out/500.mp4",
            "idempotency_key": "IDEMPOTENT",
        }
        await ledger.put(item("item-0500", intended_at=1.5, **changes))
    return path


@pytest.mark.parametrize("column", COLUMNS)
async def test_a_flipped_bit_is_told_with_the_row(full, column, nothing_left):
    """SQLite takes it for a value; no run goes on with it, and no reader sees it."""
    before, after, named = COLUMNS[column]
    whole = full.read_bytes()
    assert whole.count(before) >= 1
    damaged = whole.replace(before, after)
    full.write_bytes(damaged)
    with pytest.raises(LedgerError, match=f"it is damaged, items {named} are not as written"):
        await keys_of(full)
    assert full.read_bytes() == damaged
    async with Ledger(full, read_only=True) as ledger:
        assert (await ledger.get("item-0001")).key == "item-0001"
        with pytest.raises(LedgerError, match=f"run.sqlite: .*items {named}"):
            await ledger.check()
        with pytest.raises(LedgerError, match=f"run.sqlite: item {named} is damaged"):
            [known async for known in ledger.items()]
        if column != "key":
            with pytest.raises(LedgerError, match=f"item {named} is damaged"):
                await ledger.get("item-0500")


async def test_no_flip_of_a_bit_is_taken_for_truth(path):
    """Wherever in the file it is, a flip is told or changes nothing that the ledger says."""
    await fill(path, 40)
    async with Ledger(path) as ledger:
        await ledger.claim(**ME)
        said = [known async for known in ledger.items()]
    whole, luck = path.read_bytes(), random.Random(1)
    told = 0
    for _ in range(150):
        damaged = bytearray(whole)
        damaged[luck.randrange(len(whole))] ^= 1 << luck.randrange(8)
        path.write_bytes(damaged)
        try:
            async with Ledger(path) as ledger:
                await ledger.claim(**ME)
                assert [known async for known in ledger.items()] == said
        except LedgerError:
            told += 1
        for beside in path.parent.iterdir():
            beside.unlink()
    assert told > 20


async def test_a_flip_in_whose_it_is_is_no_other_account(path):
    """Nobody is told to adopt what is damaged."""
    async with Ledger(path) as ledger:
        await ledger.claim(**ME)
    path.write_bytes(path.read_bytes().replace(b"api.heygen.com", b"api.heygen.cox"))
    with pytest.raises(LedgerError, match="it is damaged, whose it is cannot be read"):
        await keys_of(path)


def sql(path, *statements):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


async def test_rows_that_are_lost_are_counted(full):
    """A page that SQLite takes for whole, without some rows, is not taken for all there was."""
    sql(full, "DROP TRIGGER item_removed", "DELETE FROM items WHERE key < 'item-0003'")
    with pytest.raises(LedgerError, match="997 items are there where 1000 were written"):
        await keys_of(full)


async def test_a_row_as_it_was_earlier_is_told(full):
    """A page of yesterday has rows with good checksums: their sum is another one."""
    with contextlib.closing(sqlite3.connect(full)) as connection:
        columns = "state, token, checksum"
        query = f"SELECT {columns} FROM items WHERE key = 'item-0500'"
        old = connection.execute(query).fetchone()
    async with Ledger(full) as ledger:
        submitted = await ledger.get("item-0500")
        await ledger.put(attrs.evolve(submitted, state=ItemState.COMPLETED, token="t"))
    sql(full, "DROP TRIGGER item_changed")
    with contextlib.closing(sqlite3.connect(full)) as connection:
        connection.execute(f"UPDATE items SET ({columns}) = (?, ?, ?) WHERE key = 'item-0500'", old)
        connection.commit()
    with pytest.raises(LedgerError, match="not those that were written last"):
        await keys_of(full)


async def test_a_zeroed_page_is_told(full):
    """Each page of the file, but the ones that nothing is in."""
    whole = full.read_bytes()
    for start in range(0, len(whole), 4096):
        full.write_bytes(whole[:start] + bytes(4096) + whole[start + 4096 :])
        with pytest.raises(LedgerError, match=r"run\.sqlite: .*(damaged|no ledger)"):
            await keys_of(full)


@pytest.mark.parametrize("left", [0.0, 0.3, 0.7, None])
async def test_a_cut_log_loses_nothing_that_was_written(path, tmp_path, left):
    """What a put has returned for is in the file itself, whatever becomes of the log."""
    log = path.with_name("run.sqlite-wal")
    killed, beside = tmp_path / "killed.sqlite", tmp_path / "killed.sqlite-wal"
    async with Ledger(path) as ledger:
        for number in range(5):
            await ledger.put(item(f"{number}"))
            shutil.copy(path, killed)
            if left is not None:
                content = log.read_bytes()
                beside.write_bytes(content[: int(len(content) * left)])
            assert await keys_of(killed) == [str(n) for n in range(number + 1)]


@pytest.mark.real_time
async def test_a_killed_owner_has_written_what_it_said(path):
    """With or without the log that it leaves, after SIGKILL."""
    script = (
        OPEN.replace("sys.stdin.read()", "await main_puts(ledger)")
        .replace("async with Ledger(sys.argv[1]):", "async with Ledger(sys.argv[1]) as ledger:")
        .replace(
            "async def main():",
            "async def main_puts(ledger):\n"
            "    from heygen_async import LedgerItem, ItemState\n"
            "    for n in range(10_000):\n"
            "        await ledger.put(LedgerItem(key=f'{n:05}', digest='d', state=ItemState.OPEN,"
            " kind='k'))\n"
            "        print(n, flush=True)\n"
            "async def main():",
        )
    )
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(path),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    for _ in range(6):
        said = await owner.stdout.readline()
    owner.kill()
    await owner.wait()
    for beside in path.parent.iterdir():
        if beside != path:
            beside.unlink()
    assert len(await keys_of(path)) > int(said)


@pytest.fixture
def old(path):
    return Path(shutil.copy(VERSION_1, path))


async def test_a_file_of_version_1_goes_on(old):
    """It becomes one of this version with all that is in it; its next run says whose it is."""
    before = [attrs.astuple(known) for known in await _all(old, read_only=True)]
    assert [known[0] for known in before] == ["done", "failed", "sent-0", "sent-1", "sent-2"]
    assert before[0][4] == ("Grüß", "x")
    async with Ledger(old) as ledger:
        assert [attrs.astuple(known) async for known in ledger.items()] == before
        await ledger.put(item("new"))
        await ledger.claim(**ME)
        assert await ledger.reopen(failed=True) == 1
        await ledger.check()
    async with Ledger(old) as ledger:
        assert (await ledger.get("failed")).state is ItemState.OPEN
        assert await ledger.counts() == {"open": 1, "completed": 1, "submitted": 4}
        with pytest.raises(LedgerError, match="it belongs to"):
            await ledger.claim(**ME | {"account": "other"})


async def test_a_version_1_that_finds_no_room_stays_one(old, nothing_left):
    """All of it becomes one of this version, or nothing."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        with pytest.raises(LedgerError, match=r"run\.sqlite: "):
            await keys_of(old)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with contextlib.closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert len(await keys_of(old)) == 5


@pytest.fixture(params=[2, 3])
def younger(path, request):
    return Path(shutil.copy(VERSION_1.with_name(f"ledger-version-{request.param}.sqlite"), path))


async def test_a_file_of_an_older_version_goes_on(younger):
    """What its items had no column for is None, or 0, and they are whole all the same."""
    content = younger.read_bytes()
    ada, bob = before = await _all(younger, read_only=True)
    known = [(known.key, known.result, known.attempts) for known in before]
    assert known in (
        [("ada", None, 0), ("bob", None, 0)],
        [("ada", {"id": "v1", "duration": 1.5}, 1), ("bob", None, 2)],
    )
    assert {(known.request, known.machine) for known in before} == {(None, None)}
    like_bob = item("new", labels=bob.labels)
    async with Ledger(younger, read_only=True) as ledger:
        await ledger.check()
        assert await ledger.related(like_bob, ["v2"]) == [bob]
    assert younger.read_bytes() == content
    new = attrs.evolve(
        ada,
        result={"id": "v1", "duration": 2.5},
        attempts=2,
        request={"path": "/v3/videos", "json": {"title": "Grüß", "at": [1, None]}},
        machine="m1",
    )
    async with Ledger(younger) as ledger:
        assert [known async for known in ledger.items()] == before
        assert await ledger.related(like_bob, ["v2"]) == [bob]
        await ledger.put(new)
        await ledger.check()
    assert await _all(younger) == [new, bob]
    assert (await _all(younger))[0].request == new.request


@pytest.mark.parametrize("options", [{}, {"read_only": True}])
@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE items SET token = 'x'", "are not as written"),
        ("UPDATE items SET labels = '['", "are not as written"),
        ("DELETE FROM items", "items are there"),
    ],
)
async def test_damage_of_an_older_version_stays_damage(younger, damage, told, options):
    """The new version vouches for nothing that the old one did not."""
    with contextlib.closing(sqlite3.connect(younger)) as connection:
        for trigger in ("item_changed", "item_removed"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(f"{damage} WHERE key = 'ada'")
        connection.commit()
    with pytest.raises(LedgerError, match=told):
        async with Ledger(younger, **options) as ledger:
            await ledger.check()


async def _all(path, **options):
    async with Ledger(path, **options) as ledger:
        return [known async for known in ledger.items()]


async def test_a_file_of_version_1_can_be_read_as_it_is(old):
    """A reader changes nothing, and checks what there is to check."""
    content = old.read_bytes()
    async with Ledger(old, read_only=True) as ledger:
        await ledger.check()
        assert (await ledger.get("done")).path == "/out/done.mp4"
        assert (await ledger.counts())["submitted"] == 3
        with pytest.raises(LedgerError, match="cannot be written"):
            await ledger.put(item("new"))
    assert old.read_bytes() == content


async def test_a_reader_sees_what_came_later(path):
    """``get`` tells a reader of what the owner has written since."""
    async with Ledger(path) as owner, Ledger(path, read_only=True) as reader:
        assert await reader.get("a") is None
        await owner.put(item("a"))
        assert await reader.get("a") == item("a")
        await owner.put(item("a", token="t"))
        assert (await reader.get("a")).token == "t"


@pytest.mark.real_time
async def test_a_check_beside_the_owner_sees_one_state(path):
    """What is written while the rows are read is not taken for damage."""
    await fill(path, 20_000)
    async with Ledger(path) as owner, Ledger(path, read_only=True) as reader:

        async def write():
            for number in range(1_000_000):
                await owner.put(item(f"new-{number}"))

        writing = asyncio.create_task(write())
        for _ in range(4):
            await reader.check()
        writing.cancel()
        await asyncio.wait([writing])
        assert await reader.get("new-0") is not None


async def test_reading_waits_for_nobody(path):
    """Neither pages of items nor single ones wait until writes are gathered."""
    await fill(path, 5000)
    clock = asyncio.get_running_loop().time
    async with Ledger(path) as ledger:
        await ledger.put(item("x"))
        waiting = asyncio.create_task(ledger.put(item("y")))
        await asyncio.sleep(0)
        start = clock()
        assert len([known async for known in ledger.items()]) >= 5001
        for _ in range(10):
            assert (await ledger.get("item-0001")).key == "item-0001"
        await ledger.counts()
        assert clock() - start < 0.01
        await waiting


async def test_reading_many_items_takes_no_time_to_speak_of(path):
    """30,000 rows, of which 500 are read at once, in real seconds."""
    async with Ledger(path) as ledger:
        await asyncio.gather(*(ledger.put(item(f"{n}")) for n in range(30_000)))
        start = time.monotonic()
        assert len([known async for known in ledger.items()]) == 30_000
        assert time.monotonic() - start < 2.5  # at 50 ms a page it took 3 seconds, now 0.3


async def test_text_that_cannot_be_stored_as_it_is_stops_no_batch(path):
    """A vendor's message with half a surrogate pair is written escaped; the others are, too."""
    async with Ledger(path) as ledger:
        await asyncio.gather(
            ledger.put(item("a", error="No \ud83d face", labels=("\ud83d",))), ledger.put(item("b"))
        )
        assert (await ledger.get("a")).error == "No \\ud83d face"
        assert (await ledger.get("a")).labels == ("\ud83d",)
    assert await keys_of(path) == ["a", "b"]


async def test_it_closes_in_the_moment_in_which_a_write_has_ended(tmp_path, monkeypatch):
    """The thread is done and the loop has not heard of it yet: that is no reason to spin."""
    ledger = await Ledger(tmp_path / "l").__aenter__()
    item = LedgerItem(key="a", digest="d", state=ItemState.OPEN, kind="heygen.video")
    ended = threading.Event()
    apply = LedgerFile.apply

    def applied(file, changes):
        try:
            return apply(file, changes)
        finally:
            ended.set()

    monkeypatch.setattr(LedgerFile, "apply", applied)
    putting = asyncio.create_task(ledger.put(item))
    while not ended.is_set():
        await asyncio.sleep(0)
    await ledger.__aexit__(None, None, None)
    await putting
    async with Ledger(tmp_path / "l", read_only=True) as written:
        assert await written.get("a") == item
