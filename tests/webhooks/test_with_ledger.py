"""A receiver with a ledger: events are known after a restart, and lost in no trouble of it."""

from __future__ import annotations

import asyncio

import pytest

from heygen_async import Ledger
from heygen_async.errors import LedgerError, TransportError, WebhookError
from heygen_async.webhooks import WebhookEvent, WebhookReceiver
from heygen_async.webhooks import receiver as receiver_module
from tests.webhooks.deliveries import NOW, SECRET, VIDEO, Client, encode, signed

pytestmark = pytest.mark.usefixtures("nothing_left")

BODY = encode(VIDEO)


@pytest.fixture
async def ledger(tmp_path):
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        yield ledger


def receiving(ledger, client=None, **options):
    return WebhookReceiver(
        client or Client(), [SECRET], clock=lambda: NOW, ledger=ledger, **options
    )


async def refused(receiver):
    with pytest.raises(WebhookError) as caught:
        await receiver.handle(BODY, signed(BODY))
    return caught.value.status


async def test_an_event_is_known_after_a_restart(tmp_path):
    """By another receiver, when the ledger is opened anew; its job was looked at once."""
    heard = []
    client = Client()
    for expected in (True, False):
        async with (
            Ledger(tmp_path / "run.sqlite") as ledger,
            receiving(ledger, client, on_event=heard.append) as receiver,
        ):
            event = await receiver.handle(BODY, signed(BODY))
            assert (event is not None) is expected
            assert await receiver.handle(BODY, signed(BODY)) is None
    assert len(heard) == len(client.hints) == 1


async def test_what_the_ledger_cannot_remember_is_sent_back(ledger, monkeypatch):
    """Nothing is done of it, and the next delivery is new; so is it while the ledger is closed."""
    client = Client()

    async def fail(*given):
        raise LedgerError("no")

    async with receiving(ledger, client) as receiver:
        with monkeypatch.context() as broken:
            broken.setattr(ledger, "remember", fail)
            assert await refused(receiver) == 503
        assert client.hints == []
        assert await receiver.handle(BODY, signed(BODY)) is not None
    async with receiving(Ledger("closed.sqlite")) as receiver:
        assert await refused(receiver) == 503


async def test_an_event_of_a_slow_ledger_is_taken_late(ledger, monkeypatch):
    """The delivery is sent back, and is known when it comes again; ``aclose`` waits for it."""
    heard, remember = [], ledger.remember

    async def slowly(*given):
        await asyncio.sleep(receiver_module.PATIENCE + 1)
        return await remember(*given)

    monkeypatch.setattr(ledger, "remember", slowly)
    receiver = receiving(ledger, on_event=heard.append)
    assert await refused(receiver) == 503
    assert heard == []
    await receiver.aclose()
    assert len(heard) == 1


async def test_an_event_that_finds_its_client_closed_is_forgotten(ledger, monkeypatch):
    """It is new to whoever gets it next."""
    remember = ledger.remember

    class Closing(Client):
        closed = False

        @property
        def event_loop(self):
            if self.closed:
                raise TransportError("closed")

    client = Closing()

    async def close(*given):
        new = await remember(*given)
        client.closed = True
        return new

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "remember", close)
        async with receiving(ledger, client) as receiver:
            assert await refused(receiver) == 503
    async with receiving(ledger) as receiver:
        assert await receiver.handle(BODY, signed(BODY)) is not None


async def test_an_unsigned_event_is_not_in_the_ledger(ledger, monkeypatch):
    """It wakes the own process each time."""
    monkeypatch.delattr(Ledger, "remember")
    client = Client()
    async with receiving(ledger, client, allow_unsigned=True) as receiver:
        for _ in range(2):
            assert await receiver.handle(BODY, {}) is not None
    assert len(client.hints) == 2


async def test_a_delivery_in_another_thread_is_remembered_in_the_ledgers_loop(ledger):
    """As a view of Flask or Django makes it; handlers run where the ledger is."""
    loops = []

    def note(event: WebhookEvent) -> None:
        loops.append(asyncio.get_running_loop())

    def deliver():
        return asyncio.run(receiver.handle(BODY, signed(BODY)))

    receiver = await asyncio.to_thread(receiving, ledger, on_event=note)  # made in no loop
    assert await asyncio.to_thread(deliver) is not None
    assert await asyncio.to_thread(deliver) is None
    await receiver.aclose()
    assert loops == [asyncio.get_running_loop()]
