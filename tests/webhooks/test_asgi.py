"""The ASGI application: what no other way has, driven by hand and mounted in FastAPI."""

from __future__ import annotations

import asyncio
import inspect

import aiohttp
import pytest
from fastapi import FastAPI

from heygen_async.webhooks import VideoEvent, WebhookReceiver, requests
from tests.webhooks.deliveries import NOW, SECRET, VIDEO, Client, encode, signed
from tests.webhooks.servers import PATH, Asgi, served

pytestmark = pytest.mark.usefixtures("nothing_left")

BODY = encode(VIDEO)


@pytest.fixture
def client():
    return Client()


@pytest.fixture
async def receiver(client):
    async with WebhookReceiver(client, [SECRET], max_body=1000, clock=lambda: NOW) as receiver:
        yield receiver


async def test_asgi_answers_before_handlers_run(receiver):
    """Even one that blocks the loop finds the answer sent."""
    asgi = Asgi(receiver.asgi)
    sent = []
    receiver.on(VideoEvent, lambda event: sent.extend(asgi.sent))
    await asgi.request("POST", [BODY], signed(BODY))
    await receiver.aclose()
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


async def test_asgi_is_told_from_its_older_version(receiver):
    """Servers take a coroutine function for ASGI 3; and it is the same at each access."""
    assert inspect.isfunction(receiver.asgi)
    assert inspect.iscoroutinefunction(receiver.asgi)
    assert receiver.asgi is receiver.asgi


async def test_asgi_does_not_read_on_after_too_much(receiver):
    """What is left of an oversize body stays where it is."""
    asgi = Asgi(receiver.asgi)
    messages = [{"type": "http.request", "body": b" " * 600, "more_body": True}] * 10
    await asgi.http("POST", messages, {})
    assert asgi.sent[0]["status"] == 413
    assert len(messages) == 8
    await asgi.http("POST", messages, {"Content-Length": "9" * 5000})
    assert asgi.sent[2]["status"] == 413
    assert len(messages) == 8


async def test_asgi_gives_up_a_caller_who_left(receiver, client):
    """Nobody is left to be answered."""
    asgi = Asgi(receiver.asgi)
    begun = {"type": "http.request", "body": BODY, "more_body": True}
    await asgi.http("POST", [begun, {"type": "http.disconnect"}], signed(BODY))
    assert asgi.sent == []
    assert client.hints == []


async def test_asgi_gives_up_a_body_that_does_not_come(receiver):
    """408 after a while; a connection that drips holds nothing for ever."""
    asgi = Asgi(receiver.asgi)
    start = asyncio.get_running_loop().time()
    await asgi.http("POST", [{"type": "http.request", "body": b"{", "more_body": True}], {})
    assert asgi.sent[0]["status"] == 408
    assert asyncio.get_running_loop().time() - start == pytest.approx(requests.READ_TIMEOUT)


async def test_asgi_lives_and_ends_with_its_server(receiver):
    """Run by itself, it answers the lifespan and waits for its handlers at the end."""
    asgi = Asgi(receiver.asgi)
    heard = []

    @receiver.on(VideoEvent)
    async def slow(event):
        await asyncio.sleep(5)
        heard.append(event)

    await asgi.request("POST", [BODY], signed(BODY))
    asgi.sent.clear()
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    await asgi.app({"type": "lifespan"}, lambda: asgi.receive(messages), asgi.send)
    assert [message["type"] for message in asgi.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert len(heard) == 1


async def test_asgi_turns_websockets_away(receiver):
    """They are closed before they are open."""
    asgi = Asgi(receiver.asgi)
    await asgi.app({"type": "websocket"}, lambda: asgi.receive([]), asgi.send)
    assert asgi.sent == [{"type": "websocket.close"}]


@pytest.mark.real_time
async def test_asgi_can_be_mounted_in_fastapi(receiver, client):
    """All that is below the mount is taken, and nothing else; the app's own routes stay."""
    app = FastAPI()
    app.mount("/hooks", receiver.asgi)

    @app.get("/health")
    async def health():
        return "fine"

    async with served(app) as url, aiohttp.ClientSession(url) as http:
        async with http.post(PATH, data=BODY, headers=signed(BODY)) as answer:
            assert answer.status == 200
        async with http.post(PATH, data=BODY) as answer:
            assert answer.status == 401
        async with http.post("/other", data=BODY, headers=signed(BODY)) as answer:
            assert answer.status == 404
        async with http.get("/health") as answer:
            assert await answer.json() == "fine"
    assert len(client.hints) == 1
