"""Webhooks of several processes on one PostgreSQL: handled once, and heard by all."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

import asyncpg
import pytest

from heygen_async import HeyGen, Ledger, PollPolicy
from heygen_async.webhooks import WebhookReceiver
from tests.conftest import image_video
from tests.webhooks.deliveries import SECRET, Client, signed, video

pytestmark = pytest.mark.real_time

NEVER = 3600.0
LISTENERS = (
    "FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = 'heygen_async listening'"
)


async def all_listen(database):
    """Return when both processes listen."""
    connection = await asyncpg.connect(database)
    while await connection.fetchval(f"SELECT count(*) {LISTENERS}") < 2:
        await asyncio.sleep(0.01)
    await connection.close()


async def cut_off(database):
    """End the connections that listen, and return when they are gone."""
    connection = await asyncpg.connect(database)
    ended = await connection.fetch(f"SELECT pid, pg_terminate_backend(pid) {LISTENERS}")
    pids = [row["pid"] for row in ended]
    while await connection.fetchval(f"SELECT count(*) {LISTENERS} AND pid = ANY ($1)", pids):
        await asyncio.sleep(0.01)
    await connection.close()


@asynccontextmanager
async def process(database, client, heard, *, lease=30.0):
    """One of several: it receives, and writes down what its handlers get."""
    async with (
        Ledger(database, lease=lease) as ledger,
        WebhookReceiver(client, [SECRET], ledger=ledger, on_event=heard.append) as receiver,
    ):
        yield receiver


async def deliver(receiver, number):
    body = video(number)
    headers = signed(body, at=time.time())
    del headers["Heygen-Event-Id"]  # the one of the body is told by it
    return await receiver.handle(body, headers)


async def test_handlers_run_once_in_all_processes(database):
    """A redelivery to the other one is known; of two at once exactly one is new."""
    heard, others = [], []
    async with (
        process(database, Client(), heard) as one,
        process(database, Client(), others) as other,
    ):
        assert await deliver(one, 0) is not None
        assert await deliver(other, 0) is None
        for number in range(1, 20):
            events = await asyncio.gather(deliver(one, number), deliver(other, number))
            assert [event is None for event in events].count(False) == 1
    assert len(heard) + len(others) == 20


@pytest.mark.parametrize(
    ("deaf", "lease", "poll"),
    [
        pytest.param(False, 30.0, NEVER, id="notified"),
        pytest.param(True, 30.0, 2.0, id="deaf-and-polling"),
        pytest.param(True, 1.5, NEVER, id="deaf-until-the-next-beat"),
    ],
)
async def test_a_wait_ends_with_an_event_that_another_process_got(
    database, emulator, deaf, lease, poll
):
    """If its listening connection is lost, it ends by polling or when it listens again."""
    patient = PollPolicy(interval=poll, max_interval=NEVER, first_poll=poll)
    async with (
        HeyGen(emulator.api_key, base_url=emulator.url, poll=patient) as heygen,
        process(database, Client(), []) as receiver,
        process(database, heygen, [], lease=lease),
    ):
        await all_listen(database)
        job = await heygen.submit(image_video())
        waiting = asyncio.create_task(job.wait())
        emulator.complete(job.id)
        if deaf:
            await cut_off(database)
        body = video(job.id).replace(b"vid_", b"")
        assert await receiver.handle(body, signed(body, at=time.time())) is not None
        async with asyncio.timeout(20):
            await waiting
