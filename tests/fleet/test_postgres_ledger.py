"""A ledger in PostgreSQL: whose a row is, how many have a slot, and what a bad day does to it."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
import traceback
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import attrs
import pytest

from heygen_async import (
    ClaimLostError,
    InvalidRequestError,
    ItemState,
    JoggAI,
    JoggMotion,
    Ledger,
    LedgerError,
    PollPolicy,
)
from heygen_async.batch import postgres_link, postgres_store
from heygen_async.batch.item import LedgerItem
from heygen_async.emulator import Emulator
from heygen_async.protocol.jogg import JOGG
from tests.every_kind import JOGG_VOICE, PICTURE

pytestmark = pytest.mark.real_time

ME = {"api": "HeyGen", "origin": "https://api.heygen.com", "account": "sk-of-the-account"}
LEASE = 0.9
ROOT = Path(__file__).parent.parent.parent

HOLDER = """
import asyncio, sys
from tests.fleet.test_postgres_ledger import ME, row
from heygen_async import Ledger

async def main(url, lease):
    async with Ledger(url, lease=float(lease)) as ledger:
        await ledger.claim(**ME)
        await ledger.take("a")
        slot = await ledger.slots(1).acquire("a")
        await ledger.put(row("a", "submitted", token="heygen.video/1790000000/abc"))
        print("holds", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        try:
            await ledger.put(row("a", "failed"))
        except Exception as error:
            print(type(error).__name__, flush=True)
        else:
            print("written", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def row(key, state="intent", **fields):
    now = time.time()
    times = {"intended_at": now, "submitted_at": None if state == "intent" else now}
    state = ItemState(state)
    return LedgerItem(key=key, digest="d", state=state, kind="heygen.video", **times, **fields)


@asynccontextmanager
async def ledgers(url, number=1, **options):
    """Open as many ledgers on one table: each is a worker of its own."""
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(Ledger(url, **{"lease": LEASE, **options}))
            for _ in range(number)
        ]
        for ledger in opened:
            await ledger.claim(**ME)
        yield opened


@asynccontextmanager
async def asked(url):
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def holder(url, lease=LEASE):
    """Run a process that holds the row and the one slot."""
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, url, str(lease), cwd=ROOT, **pipes
    )
    try:
        assert await process.stdout.readline() == b"holds\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


# The limit is a rule of the database


async def test_never_more_than_the_limit_have_a_slot(database):
    """Of three workers with eight tasks each; refusals and pauses change nothing of it."""
    most, lock = 0, asyncio.Lock()

    async def work(ledger, key):
        nonlocal most
        slots = ledger.slots(3)
        await ledger.take(key)
        for turn in range(3):
            slot = await slots.acquire(key)
            async with lock:
                rows = await connection.fetch("SELECT slot FROM heygen_async.items WHERE slot > 0")
            most = max(most, len(rows))
            assert len({row["slot"] for row in rows}) == len(rows)
            await slots.release(slot, pause=0.05 if turn == 1 else None)
        ledger.leave(key)

    async with asked(database) as connection, ledgers(database, 3) as three:
        tasks = [work(each, f"{n}-{i}") for n, each in enumerate(three) for i in range(8)]
        await asyncio.gather(*tasks)
    assert most == 3


async def test_the_database_refuses_what_no_client_should_ask_for(database):
    """A second row with a slot, one beyond the limit, and a slot that is freed too early."""
    async with ledgers(database) as [ledger], asked(database) as connection:
        slots = ledger.slots(2)
        for key in ("a", "b"):
            await ledger.take(key)
            await slots.acquire(key)
            await ledger.put(row(key))
        for change in (
            "UPDATE heygen_async.items SET slot = 1 WHERE key = 'b'",
            "UPDATE heygen_async.items SET slot = 3 WHERE key = 'b'",
            "UPDATE heygen_async.items SET slot = NULL WHERE key = 'b'",
        ):
            with pytest.raises((asyncpg.UniqueViolationError, asyncpg.CheckViolationError)):
                await connection.execute(change)
        await connection.execute("UPDATE heygen_async.items SET state = 'failed' WHERE key = 'b'")
        await connection.execute("UPDATE heygen_async.items SET slot = NULL WHERE key = 'b'")


async def test_a_refusal_here_lowers_the_limit_there(database):
    """Half as many for all, none before its pause is over, and more again with each that ends."""
    async with ledgers(database, 2) as [here, there], asked(database) as connection:
        slots, others = here.slots(4), there.slots(4)
        slot = await slots.acquire("x")
        await slots.release(slot, pause=0.4)
        start = time.monotonic()
        first = await others.acquire("y")
        assert time.monotonic() - start > 0.3
        second = await others.acquire("z")
        third = asyncio.create_task(others.acquire("t"))
        await asyncio.wait([third], timeout=0.2)
        assert not third.done()
        for each in (first, second):
            await others.release(each)
        await others.release(await third)
        allowed = await connection.fetchval("SELECT allowed FROM heygen_async.accounts")
        assert 2 < allowed <= 4


async def test_a_wait_that_was_given_up_keeps_its_slot(database):
    """Until somebody has seen that the job has ended; one without a ledger as well."""
    async with ledgers(database, 2) as [here, there]:
        slots = here.slots(1)
        slot = await slots.acquire("no-ledger")
        await slots.bind(slot, "heygen.video/1790000000/abc")
        await slots.release(slot, running=True)
        waiting = asyncio.create_task(there.slots(1).acquire("other"))
        await asyncio.wait([waiting], timeout=0.3)
        assert not waiting.done()
        seen = asyncio.get_running_loop().create_future()

        async def see_out(line, ledger):
            if not seen.done():
                seen.set_result(line.token)
            adopted = ledger.slots(1)
            await adopted.release(await adopted.acquire(line.key))
            ledger.leave(line.key)

        there.hold(nothing, see_out)
        assert await asyncio.wait_for(seen, 5) == "heygen.video/1790000000/abc"
        await asyncio.wait_for(waiting, 5)
        there.release(nothing)


async def nothing():
    """Close nothing."""


async def test_one_pace_for_all(database):
    """Three workers together send no more in a window than one may."""
    async with ledgers(database, 3) as three:
        turns = []

        async def post(ledger):
            await ledger.slots(9).pace(4, 0.5).acquire()
            turns.append(time.monotonic())

        await asyncio.gather(*(post(each) for each in three for _ in range(4)))
    turns.sort()
    assert all(turns[n + 4] - turns[n] > 0.45 for n in range(len(turns) - 4))


# Whose a row is


async def test_a_row_is_waited_for_and_had_at_once(database):
    """By a notification, not at the next look."""
    async with ledgers(database, 2) as [here, there]:
        await asyncio.sleep(0.3)  # both listen
        assert await here.take("a") is None
        waits = []
        taking = asyncio.create_task(there.take("a", waits=lambda: waits.append(1)))
        await asyncio.wait([taking], timeout=0.3)
        assert waits
        assert not taking.done()
        await here.put(row("a", "completed"))
        start = time.monotonic()
        here.leave("a")
        assert (await taking).state is ItemState.COMPLETED
        assert time.monotonic() - start < 0.3


async def test_the_dead_are_taken_over_from_with_their_slots(database):
    """After the lease, and not before."""
    async with holder(database) as process, ledgers(database) as [ledger]:
        process.kill()
        start = time.monotonic()
        line = await asyncio.wait_for(ledger.take("a"), 10)
        assert time.monotonic() - start > LEASE / 2
        assert line.state is ItemState.SUBMITTED
        slot = await asyncio.wait_for(ledger.slots(1).acquire("a"), 1)
        await ledger.slots(1).release(slot)
        ledger.leave("a")


async def test_who_wakes_from_a_pause_can_write_nothing(database):
    """Stopped for longer than its lease, another worker has its row by then."""
    async with holder(database) as process, ledgers(database) as [ledger]:
        process.send_signal(signal.SIGSTOP)
        line = await asyncio.wait_for(ledger.take("a"), 10)
        await ledger.put(attrs.evolve(line, error="taken over"))
        process.send_signal(signal.SIGCONT)
        process.stdin.write(b"write\n")
        assert await process.stdout.readline() == b"ClaimLostError\n"
        assert (await ledger.get("a")).error == "taken over"
        ledger.leave("a")


async def test_of_many_writes_under_lost_claims_none_is_made(database):
    """The others of the transaction are as they were, and still this worker's."""
    async with ledgers(database, 2) as [here, there], asked(database) as connection:
        for key in ("a", "b"):
            await here.take(key)
        worker = there._store.worker
        await connection.execute(
            "UPDATE heygen_async.items SET worker = $1, version = version + 1 WHERE key = 'b'",
            worker,
        )
        with pytest.raises(ClaimLostError, match="taken it over"):
            await here.put(row("a"), row("b"))
        assert await here.get("a") is None
        await here.put(row("a"))


async def test_rows_that_somebody_works_on_are_not_changed_from_outside(database):
    """Nor those that have changed since they were read: the table of another machine is late."""
    async with ledgers(database, 2) as [here, there]:
        await here.take("a")
        await here.put(row("a", "submitted", token="heygen.video/1/x"))
        await there.put(row("a", "open"))
        await there.discard(["a"])
        await there.rename({"a": "b"})
        assert await there.reopen(failed=True, uncertain=True) == 0
        await here.put(row("a", "completed"))
        here.leave("a")
        await asyncio.sleep(0.1)
        await there.put(row("a", "open"))  # as it was before the first claim
        assert (await there.get("a")).state is ItemState.COMPLETED
        known = await there.get("a")
        await there.put(attrs.evolve(known, error="seen"))
        assert (await there.get("a")).error == "seen"


async def test_a_restart_does_not_make_the_living_look_dead(database, postgres):
    """Nobody could show that he lives while the server was down; work goes on after it."""
    async with ledgers(database, 2, lease=60) as [here, there]:
        await here.take("a")
        await asyncio.to_thread(postgres.stop, signal.SIGQUIT)
        writing = asyncio.create_task(here.put(row("a")))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(postgres.start)
        await writing
        async with asked(database) as connection:
            silent = "UPDATE heygen_async.workers SET alive_until = now() - interval '1 minute'"
            await connection.execute(silent)
        taking = asyncio.create_task(there.take("a"))
        await asyncio.wait([taking], timeout=1)
        assert not taking.done()
        await here.put(row("a", "completed"))
        here.leave("a")
        assert (await asyncio.wait_for(taking, 5)).state is ItemState.COMPLETED


# Bad days


async def failure(ledger):
    with pytest.raises(LedgerError) as caught:
        async with ledger:
            await ledger.claim(**ME)
            await ledger.take("a")
    told = "".join(traceback.format_exception(caught.value))
    assert "not-secret" not in told + repr(caught.value)
    assert ME["account"] not in told
    return str(caught.value)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(postgres_link, "OPENING", 0.3)


BAD = {
    "password": (("not-secret", "wrong"), "password"),
    "user": (("tester", "nobody-known"), "password"),
    "database": (("/test_", "/missing_"), "createdb"),
    "server": (("127.0.0.1:", "127.0.0.1:1"), "no server answers"),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("what", BAD)
async def test_a_wrong_url_says_what_to_look_at(database, what):
    """And never shows the password."""
    (old, new), cure = BAD[what]
    if what == "server":
        old = old + database.rpartition(":")[2].partition("/")[0]
    assert cure in await failure(Ledger(database.replace(old, new)))


async def test_another_programs_tables_and_newer_ones_are_left_alone(database):
    """Each is named, and nothing is changed."""
    async with asked(database) as connection:
        await connection.execute("CREATE SCHEMA heygen_async")
        assert "another program" in await failure(Ledger(database))
        await connection.execute("DROP SCHEMA heygen_async")
        async with ledgers(database, lease=0.3) as [ledger]:
            await connection.execute("UPDATE heygen_async.meta SET version = 99")
            assert "newer" in await failure(Ledger(database))
            with pytest.raises(LedgerError, match="newer"):  # in a process that is at work, too
                for _ in range(100):
                    await ledger.get("a")
                    await asyncio.sleep(0.05)
            await connection.execute("UPDATE heygen_async.meta SET version = 1")
            ledger._store.link.broken = None


async def test_a_database_that_can_only_be_read(database):
    """It is read all the same, and a name that is mistyped makes no ledger."""
    async with ledgers(database) as [ledger]:
        await ledger.take("a")
        await ledger.put(row("a"))
        ledger.leave("a")
    name = database.rpartition("/")[2]
    async with asked(database) as connection:
        change = f"ALTER DATABASE {name} SET default_transaction_read_only = on"
        await connection.execute(change)
    assert "only be read" in await failure(Ledger(database))
    async with Ledger(database, read_only=True) as ledger:
        assert [item.key async for item in ledger.items()] == ["a"]
    with pytest.raises(InvalidRequestError, match="no ledger of this name"):
        async with Ledger(database, name="mistyped", read_only=True):
            pass


async def test_a_server_that_stays_away_ends_the_work(database, postgres, monkeypatch):
    """With an error, after it was waited for."""
    monkeypatch.setattr(postgres_link.PostgresLink.do, "__kwdefaults__", {"patience": 0.5})
    async with ledgers(database) as [ledger]:
        await ledger.take("a")
        await asyncio.to_thread(postgres.stop, signal.SIGQUIT)
        try:
            with pytest.raises(LedgerError, match="whether it runs"):
                await ledger.put(row("a"))
        finally:
            await asyncio.to_thread(postgres.start)
        await ledger.put(row("a"))  # it may go on, if it is still there


async def test_a_full_disk_is_told_at_once(database, monkeypatch):
    """It does not get better by waiting."""
    async with ledgers(database) as [ledger]:
        await ledger.take("a")

        async def full(*_given, **_options):
            raise asyncpg.DiskFullError("no space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(asyncpg.Connection, "execute", full)
            with pytest.raises(LedgerError, match="disk is full"):
                await ledger.put(row("a"))


@pytest.mark.parametrize("off", [-86_400.0, 86_400.0])
async def test_a_clock_that_is_wrong_by_a_day_does_not_count(database, monkeypatch, off):
    """Ages are told by the server's, so no key is taken for a young one."""
    true = time.time
    monkeypatch.setattr(time, "time", lambda: true() + off)
    async with ledgers(database) as [ledger]:
        assert abs(ledger.time() - true()) < 1


async def test_two_that_open_the_first_time_make_one_schema(database):
    """And two that migrate it do so once."""
    async with AsyncExitStack() as stack:
        await asyncio.gather(
            *(stack.enter_async_context(Ledger(database)) for _ in range(4)),
        )
    async with asked(database) as connection:
        assert await connection.fetchval("SELECT count(*) FROM heygen_async.meta") == 1


async def test_older_tables_are_migrated_once(database, monkeypatch):
    """In the transaction of the opening, whoever comes first."""
    async with Ledger(database):
        pass
    monkeypatch.setattr(postgres_store, "VERSION", 2)
    step = "CREATE TABLE heygen_async.more (); UPDATE heygen_async.meta SET version = 2"
    monkeypatch.setattr(postgres_store, "MIGRATIONS", {1: step})
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(stack.enter_async_context(Ledger(database)) for _ in range(3)))
    async with asked(database) as connection:
        assert await connection.fetchval("SELECT version FROM heygen_async.meta") == 2


async def test_an_event_is_new_once_whoever_hears_of_it_first(database):
    """At once in two processes too; and of one that is half known nothing more is kept."""
    async with ledgers(database, 2) as two:
        for n in range(20):
            marks = [b"a%d" % n, b"b%d" % n]
            new = await asyncio.gather(*(each.remember(marks, []) for each in (*two, *two)))
            assert sorted(new) == [False, False, False, True]
        [here, there] = two
        assert not await there.remember([b"a0", b"c"], [])
        assert await here.remember([b"c"], [])


async def test_an_event_whose_answer_was_lost_is_new_all_the_same(database, monkeypatch):
    """Done again after the commit, the same call finds its own marks."""
    async with ledgers(database) as [ledger]:
        link, do = ledger._store.link, ledger._store.link.do

        async def twice(work):
            await do(work)
            return await do(work)

        monkeypatch.setattr(link, "do", twice)
        assert await ledger.remember([b"a", b"b"], [])
        assert not await ledger.remember([b"a", b"b"], [])


async def test_joggai_gets_no_more_posts_in_a_minute_from_two_than_from_one(database, monkeypatch):
    """All that two clients send, also without naming a ledger, keeps to one pace."""
    quick = attrs.evolve(JOGG, posts_per_window=(4, 1.0))
    monkeypatch.setattr(JoggAI, "_load_vendor", staticmethod(lambda: quick))
    poll = PollPolicy(interval=0.05, max_interval=0.1, typical_duration=0.1)
    motion = JoggMotion(image_url=PICTURE, name="Ada", voice_id=JOGG_VOICE, model="3.0")
    async with Emulator(speed=3000, jogg_posts_per_minute=1000) as emulator:

        async def client(number):
            async with Ledger(database) as ledger:
                slots = ledger.slots(10)
                options = {"base_url": emulator.jogg_url, "max_concurrent_jobs": slots}
                async with JoggAI(emulator.jogg_api_key, poll=poll, **options) as jogg:
                    keyed = {"key": f"k{number}", "ledger": ledger}
                    await asyncio.gather(
                        jogg.run(motion, **keyed), *(jogg.run(motion) for _ in range(4))
                    )

        await asyncio.gather(client(1), client(2))
        routes = [seen for seen in emulator._jogg_api.log.requests if seen.method == "POST"]
    at = sorted(seen.at for seen in routes)
    assert len(at) == 10
    assert all(at[n + 4] - at[n] > 0.9 for n in range(len(at) - 4))


async def test_a_stop_is_heard_of_at_once(database):
    """Not at the next look, which is seconds later."""
    async with ledgers(database, 2) as [here, there]:
        await asyncio.sleep(0.3)  # both listen
        here.hold(nothing)
        await asyncio.sleep(0.1)
        await there.stop()
        await asyncio.wait_for(here.stopping.wait(), 1)
        here.release(nothing)


async def test_too_few_connections_are_waited_for_and_told(database, monkeypatch):
    """With one that is left all is done one after the other; with none the opening says so."""
    monkeypatch.setattr(postgres_link, "OPENING", 0.3)
    role = database.rpartition("/")[2].replace("test_", "role_")
    async with Ledger(database), asked(database) as connection:
        await connection.execute(
            f"CREATE ROLE {role} LOGIN PASSWORD 'not-secret' CONNECTION LIMIT 2;"
            f"GRANT USAGE ON SCHEMA heygen_async TO {role};"
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA heygen_async TO {role}"
        )
    theirs = database.replace("tester:", f"{role}:")
    async with ledgers(theirs) as [ledger]:
        keys = [f"k{n}" for n in range(20)]
        await asyncio.gather(*(ledger.take(key) for key in keys))
        await asyncio.gather(*(ledger.put(row(key, "completed")) for key in keys))
        assert "connection left" in await failure(Ledger(theirs))
        for key in keys:
            ledger.leave(key)


async def test_who_leaves_and_takes_again_has_it(database):
    """The end of the first claim does not end the second."""
    async with ledgers(database) as [ledger]:
        for _ in range(50):
            await ledger.take("a")
            ledger.leave("a")
        await ledger.take("a")
        await asyncio.sleep(0.1)
        await ledger.put(row("a"))


@pytest.mark.parametrize("password", ["se/cret", "se#cret", "se?cret"])
def test_a_password_that_is_not_quoted_is_not_shown(password):
    """What stands in the place of the port would be quoted."""
    with pytest.raises(InvalidRequestError, match="%2F") as caught:
        Ledger(f"postgresql://app:{password}@127.0.0.1/videos")
    assert "cret" not in "".join(traceback.format_exception(caught.value))
