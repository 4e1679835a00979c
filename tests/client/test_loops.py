"""One client, one event loop: from another one every call says so, and nothing is sent."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from contextlib import contextmanager

import aiohttp
import pytest

from heygen_async import (
    AddMotion,
    HeyGen,
    InvalidRequestError,
    JoggAI,
    JoggMotion,
    Ledger,
    LedgerError,
    PollPolicy,
)
from heygen_async.emulator import Emulator
from heygen_async.jobs.limiter import JobLimiter
from tests.conftest import PORTRAIT, image_video

TOKEN = "heygen.video/1800000000/0123456789abcdef"
MOTION = JoggMotion(
    image_url="https://example.com/a.png",
    name="Ada",
    voice_id="en-US-ChristopherNeural",
    model="2.0",
)
QUICK = PollPolicy().at_speed(600)


@contextmanager
def loop_in_a_thread():
    """Run an event loop in a thread of its own; gives what runs a coroutine in it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

    try:
        yield run
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@pytest.fixture
def elsewhere():
    with loop_in_a_thread() as run:
        yield run


@pytest.fixture
def server(elsewhere):
    """Run an emulator in a loop of its own, which outlives those of the tests."""
    emulator = Emulator(seed=1, speed=600)
    elsewhere(emulator.__aenter__())
    yield emulator
    elsewhere(emulator.__aexit__(None, None, None))


async def in_turn(listed):
    return [item async for item in listed]


CALLS = {
    "submit": lambda client, job: client.submit(image_video()),
    "submit a file": lambda client, job: client.submit(image_video(image=PORTRAIT)),
    "run": lambda client, job: client.run(image_video()),
    "map": lambda client, job: anext(client.map([image_video()])),
    "wait": lambda client, job: job.wait(),
    "wait with a deadline": lambda client, job: job.wait(timeout=1),
    "await": lambda client, job: awaited(job),
    "refresh": lambda client, job: job.refresh(),
    "events": lambda client, job: in_turn(job.events()),
    "attach": lambda client, job: attached(client),
    "request": lambda client, job: client.request("GET", "/v3/users/me"),
    "create": lambda client, job: client.videos.create(image_video()),
    "get": lambda client, job: client.videos.get("0123"),
    "list": lambda client, job: in_turn(client.videos.list()),
    "statuses": lambda client, job: client.videos.statuses(["0123"]),
    "delete": lambda client, job: client.videos.delete("0123"),
    "download by id": lambda client, job: client.videos.download("0123", "nowhere.mp4"),
    "upload": lambda client, job: client.assets.upload(PORTRAIT),
    "voices": lambda client, job: in_turn(client.voices.list()),
    "me": lambda client, job: client.users.me(),
    "looks": lambda client, job: in_turn(client.avatars.looks.list()),
    "endpoints": lambda client, job: in_turn(client.webhooks.endpoints.list()),
    "v2": lambda client, job: client.submit(
        AddMotion(id="look", prompt="nods", motion_type="expressive")
    ),
    "enter": lambda client, job: client.__aenter__(),
}


async def awaited(job):
    return await job


async def attached(client):
    return client.attach(TOKEN)


async def used(server):
    """Return a client that has been used in this loop, and a job of it."""
    client = HeyGen(server.api_key, base_url=server.url, poll=QUICK)
    return client, await client.submit(image_video())


async def shut(client):
    await client.aclose()


@pytest.fixture
def left_over(server):
    """Give a client, and a job of it, whose loop has been closed: that of an ``asyncio.run``."""
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        client, job = asyncio.run(used(server))
        yield client, job
        asyncio.run(shut(client))
        gc.collect()  # the sockets of the old loop, which nobody closed in time


@pytest.mark.parametrize("call", CALLS)
def test_a_client_of_a_loop_that_is_closed_says_so(server, left_over, call):
    """A second ``asyncio.run`` gets an error that says what to do, whatever it calls."""
    sent, before = server.counts.total(), left_over[0].statistics()

    async def again():
        with pytest.raises(InvalidRequestError, match="the coroutine that asyncio"):
            await CALLS[call](*left_over)

    asyncio.run(again())
    assert server.counts.total() == sent
    assert left_over[0].statistics() == before
    assert len(server.wallet.charges) == 1


@pytest.mark.parametrize("call", CALLS)
def test_a_client_of_another_threads_loop_says_so(server, call):
    """A loop that runs elsewhere is named too, and the client goes on in its own."""

    async def again(client, job):
        with pytest.raises(InvalidRequestError, match="run_coroutine_threadsafe"):
            await CALLS[call](client, job)

    with loop_in_a_thread() as home:
        client, job = home(used(server))
        sent = server.counts.total()
        asyncio.run(again(client, job))
        assert server.counts.total() == sent
        assert home(job.wait()).video_url
        home(client.aclose())
    assert len(server.wallet.charges) == 1


def test_a_saved_job_is_not_downloaded_from_another_loop(server, tmp_path):
    """The result is known already, the file's own request is refused, and nothing is left."""

    async def again(job):
        with pytest.raises(InvalidRequestError, match="another event loop"):
            await job.download(tmp_path / "a.mp4")

    async def first():
        client, job = await used(server)
        await job.wait()
        return client, job

    with loop_in_a_thread() as home:
        client, job = home(first())
        asyncio.run(again(job))
        home(client.aclose())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.real_time
async def test_jogg_is_bound_as_heygen_is(server, elsewhere):
    """Its pace of POSTs has a lock, which would hang; the call is refused before it."""

    async def used_there():
        client = JoggAI(server.jogg_api_key, base_url=server.jogg_url, poll=QUICK)
        return client, await client.submit(MOTION)

    client, job = elsewhere(used_there())
    for call in (
        client.submit(MOTION),
        client.run(MOTION),
        job.wait(),
        client.request("GET", "/v2/user/whoami"),
    ):
        with pytest.raises(InvalidRequestError, match="another event loop"):
            await call
    with pytest.raises(InvalidRequestError, match="another event loop"):
        await anext(client.map([MOTION]))
    elsewhere(client.aclose())
    assert len(server.jogg_wallet.charges) == 1


@pytest.mark.real_time
async def test_closing_from_another_loop_is_refused_while_its_own_lives(server, elsewhere):
    """It would pull the connections from under the other loop; nothing is closed by it."""
    client, job = elsewhere(used(server))
    with pytest.raises(InvalidRequestError, match="another event loop"):
        await client.aclose()
    assert elsewhere(job.wait()).video_url
    elsewhere(client.aclose())


def test_a_client_of_a_closed_loop_can_be_closed(server):
    """What is left of it closes without an error, twice as well as once."""

    async def close_twice(client):
        await client.aclose()
        await client.aclose()

    gc.collect()
    client, _ = asyncio.run(used(server))
    with warnings.catch_warnings(record=True, action="always") as seen:
        asyncio.run(close_twice(client))
        del client
        gc.collect()
    assert {str(each.message).split(" ")[0] for each in seen} <= {"unclosed"}
    assert not [each for each in seen if "client" in str(each.message).lower()]


def test_a_client_for_each_loop_is_all_it_takes(server):
    """Ten runs in a row, as a worker makes them, each with a client of its own."""

    async def task():
        async with HeyGen(server.api_key, base_url=server.url, poll=QUICK) as client:
            return await client.users.me()

    for _ in range(10):
        assert asyncio.run(task())


def test_a_client_may_be_made_before_its_loop(server):
    """Made at the top of a module and used in one loop, it works."""
    client = HeyGen(server.api_key, base_url=server.url, poll=QUICK)

    async def main():
        async with client:
            return await client.run(image_video())

    assert asyncio.run(main()).video_url


def test_without_a_loop_attach_says_what_it_needs():
    """Called outside of a coroutine it is an error of the tree."""
    with pytest.raises(InvalidRequestError, match="inside a coroutine"):
        HeyGen("key").attach(TOKEN)


@pytest.mark.real_time
async def test_a_lent_session_brings_its_loop_with_it(server, elsewhere):
    """A session that was opened in another loop is refused before it breaks halfway."""

    async def opened():
        return aiohttp.ClientSession()

    session = elsewhere(opened())
    client = HeyGen(server.api_key, base_url=server.url, poll=QUICK, session=session)
    with pytest.raises(InvalidRequestError, match="another event loop"):
        await client.users.me()
    assert server.counts.total() == 0
    elsewhere(session.close())


@pytest.mark.real_time
async def test_two_clients_do_not_share_a_limiter_across_loops(server, elsewhere):
    """Whoever waits for its turn would never wake; it is refused, and the first goes on."""
    first, second = (
        HeyGen(server.api_key, base_url=server.url, poll=QUICK, max_concurrent_jobs=limiter)
        for limiter in [JobLimiter(10)] * 2
    )
    elsewhere(first.run(image_video()))
    with pytest.raises(InvalidRequestError, match="limiter"):
        await second.run(image_video())
    await second.aclose()
    elsewhere(first.run(image_video()))
    elsewhere(first.aclose())
    assert len(server.wallet.charges) == 2


@pytest.mark.real_time
async def test_a_ledger_stays_in_its_loop(elsewhere, tmp_path):
    """Reading and writing it from another loop is a ``LedgerError``, and it goes on in its own."""
    ledger = Ledger(tmp_path / "run.sqlite")
    elsewhere(ledger.__aenter__())
    for call in (ledger.get("a"), ledger.counts(), ledger.reopen(), in_turn(ledger.items())):
        with pytest.raises(LedgerError, match="another event loop"):
            await call
    assert elsewhere(ledger.get("a")) is None
    elsewhere(ledger.__aexit__(None, None, None))
    async with ledger:  # once closed, it may be opened in another
        assert await ledger.get("a") is None


def test_two_threads_that_come_first_at_once_are_not_both_let_in(server):
    """Whichever loop is first, the others are refused."""
    client = HeyGen(server.api_key, base_url=server.url, poll=QUICK)
    start, answers = threading.Barrier(8), []

    async def first():
        start.wait()
        try:
            await client.request("GET", "/v3/users/me")
        except InvalidRequestError:
            return "refused"
        await client.aclose()
        return "let in"

    threads = [
        threading.Thread(target=lambda: answers.append(asyncio.run(first()))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["let in"] + ["refused"] * 7


def test_a_file_that_was_uploaded_is_not_shared_across_loops(server):
    """Whether it is on its way or there: who waits for the other's upload would never wake."""
    with loop_in_a_thread() as home:
        client, _ = home(used(server))
        home(client.assets.upload(PORTRAIT))
        sent = server.counts.total()

        async def again(call):
            with pytest.raises(InvalidRequestError, match="another event loop"):
                await call

        asyncio.run(again(client.assets.upload(PORTRAIT)))
        asyncio.run(again(client.submit(image_video(image=PORTRAIT))))
        assert server.counts.total() == sent
        home(client.aclose())


class Limiter:
    """A limiter of one's own, as one for several processes would be."""

    limit = 1
    acquired = 0

    async def acquire(self, key, *, first=False):
        self.acquired += 1

    async def bind(self, slot, token):
        pass

    async def release(self, slot, *, pause=None, running=False):
        pass


@pytest.mark.parametrize("way", ["run", "map"])
def test_no_slot_is_taken_from_another_loop(server, way):
    """A limiter of one's own is not even asked."""
    limiter = Limiter()

    async def first():
        client = HeyGen(server.api_key, base_url=server.url, max_concurrent_jobs=limiter)
        return await client.__aenter__()

    async def again():
        with pytest.raises(InvalidRequestError, match="another event loop"):
            await CALLS[way](client, None)

    with loop_in_a_thread() as home:
        client = home(first())
        asyncio.run(again())
        home(client.aclose())
    assert limiter.acquired == 0
