"""Deliveries over HTTP: the same through aiohttp and through ASGI."""

from __future__ import annotations

import asyncio
import inspect
import logging

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from heygen_async.webhooks import VideoEvent, WebhookReceiver, intake
from tests.webhooks.deliveries import NOW, SECRET, VIDEO, Client, encode, signed, video

pytestmark = pytest.mark.usefixtures("nothing_left")

BODY = encode(VIDEO)
PATH = "/hooks/heygen"


@pytest.fixture
def client():
    return Client()


@pytest.fixture
async def receiver(client):
    async with WebhookReceiver(client, [SECRET], max_body=1000, clock=lambda: NOW) as receiver:
        yield receiver


class Asgi:
    """Drives an ASGI application as a server would."""

    def __init__(self, app):
        self.app = app
        self.sent = []

    async def receive(self, messages):
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    async def send(self, message):
        self.sent.append(message)

    async def http(self, method, messages, headers):
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": PATH, "headers": pairs}
        await self.app(scope, lambda: self.receive(messages), self.send)

    async def request(self, method, chunks, headers):
        messages = [
            {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
        ] + [{"type": "http.request"}]
        await self.http(method, messages, headers)
        start, body = self.sent[-2:]
        return start["status"], body["body"], dict(start["headers"]).get(b"allow", b"").decode()


@pytest.fixture(params=["aiohttp", "asgi"])
async def request_(request, receiver):
    """Send a request; its body is bytes, or a list of them to be sent without a length."""
    if request.param == "asgi":
        asgi = Asgi(receiver.asgi)

        async def send(method, body=b"", headers=None):
            headers = dict(headers or {})
            if isinstance(body, bytes):
                headers["Content-Length"] = str(len(body))
            return await asgi.request(method, [body] if isinstance(body, bytes) else body, headers)

        yield send
        return
    app = web.Application()
    app.add_routes(receiver.routes(PATH))

    async def chunked(chunks):
        for chunk in chunks:
            yield chunk

    async with TestClient(TestServer(app, host="127.0.0.1")) as http:

        async def send(method, body=b"", headers=None):
            data = body if isinstance(body, bytes) else chunked(body)
            async with http.request(method, PATH, data=data, headers=headers) as answer:
                return answer.status, await answer.read(), answer.headers.get("Allow", "")

        yield send


async def test_a_delivery_is_answered_with_200(request_, client):
    """Nothing stands in the answer; the job is woken by then."""
    assert await request_("POST", BODY, signed(BODY)) == (200, b"", "")
    assert client.hints == [(("heygen.video", "heygen.v2.video"), "vid_xyz789", True)]


async def test_a_body_in_pieces_is_put_together(request_, client):
    """Also one without a length."""
    pieces = [BODY[:7], BODY[7:90], BODY[90:]]
    assert (await request_("POST", pieces, signed(BODY)))[0] == 200
    assert len(client.hints) == 1


async def test_a_duplicate_is_answered_with_200(request_, client):
    """The vendor is not to send it a third time."""
    for _ in range(2):
        assert (await request_("POST", BODY, signed(BODY)))[0] == 200
    assert len(client.hints) == 1


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "HEAD"])
async def test_a_probe_is_answered_with_200(request_, client, method):
    """HeyGen looks whether an endpoint is there before it registers it."""
    assert await request_(method) == (200, b"", "")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(request_, client, method):
    """405 names those that are allowed; a delivery has to be a POST."""
    assert await request_(method, BODY, signed(BODY)) == (405, b"", "GET, HEAD, OPTIONS, POST")
    assert client.hints == []


async def test_a_refusal_is_answered_and_logged(request_, client, caplog):
    """The status says what is wrong; the log says it too, without the body."""
    with caplog.at_level(logging.DEBUG, "heygen_async.webhooks"):
        assert await request_("POST", BODY) == (401, b"", "")
        assert await request_("POST", BODY, signed(BODY, "whsec_no")) == (401, b"", "")
        assert await request_("POST", BODY, signed(BODY, at=NOW - 301)) == (401, b"", "")
        assert await request_("POST", b"{", signed(b"{")) == (400, b"", "")
    ours = [record for record in caplog.records if record.name == "heygen_async.webhooks"]
    assert [record.levelname for record in ours] == ["WARNING"] * 4
    assert "vid_xyz789" not in caplog.text
    assert SECRET not in caplog.text
    assert client.hints == []


@pytest.mark.parametrize("body", [b" " * 1001, [b" " * 500] * 3, [b" " * 1001]])
async def test_too_much_is_refused(request_, client, body):
    """413, by the length that is told or as soon as it is passed."""
    assert (await request_("POST", body))[0] == 413
    assert (await request_("POST", BODY, signed(BODY)))[0] == 200


async def test_an_answer_does_not_wait_for_handlers(request_, receiver):
    """A handler that takes minutes begins after the answer, and is waited for at the end."""
    go, heard = asyncio.Event(), []

    @receiver.on(VideoEvent)
    async def slow(event):
        heard.append("begun")
        await go.wait()
        heard.append("done")

    start = asyncio.get_running_loop().time()
    assert (await request_("POST", BODY, signed(BODY)))[0] == 200
    assert asyncio.get_running_loop().time() - start < 1
    await asyncio.sleep(60)
    assert heard == ["begun"]
    go.set()
    await receiver.aclose()
    assert heard == ["begun", "done"]


async def test_many_at_once_are_each_taken_once(request_, receiver, client):
    """A hundred events, each delivered three times in a jumble."""
    heard = []
    receiver.on(VideoEvent, lambda event: heard.append(event.video_id))
    bodies = [video(number) for number in range(100)] * 3
    answers = await asyncio.gather(*(request_("POST", body, signed(body)) for body in bodies))
    await receiver.aclose()
    assert {answer[0] for answer in answers} == {200}
    assert sorted(heard) == sorted({f"vid_{number}" for number in range(100)})
    assert len(client.hints) == 100


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
    assert asyncio.get_running_loop().time() - start == pytest.approx(intake.READ_TIMEOUT)


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


@pytest.fixture
async def port(receiver):
    """Run the ordinary server, which logs, unlike the one for tests."""
    app = web.Application()
    app.add_routes(receiver.routes(PATH))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_aiohttp_survives_a_caller_who_leaves(port, client, caplog):
    """A body that breaks off is no event, and no error in the server's log."""
    with caplog.at_level(logging.INFO):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(BODY)}\r\n\r\n"
        writer.write(head.encode() + BODY[:50])
        await asyncio.sleep(1)
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(1)
    assert any("POST" in record.getMessage() for record in caplog.records)  # it got that far
    assert "Traceback" not in caplog.text
    assert client.hints == []


async def test_aiohttp_refuses_a_body_that_cannot_be_unpacked(port):
    """What says gzip and is not gets 400."""
    async with aiohttp.ClientSession() as session:
        packed = {"Content-Encoding": "gzip"} | signed(BODY)
        async with session.post(
            f"http://127.0.0.1:{port}{PATH}", data=BODY, headers=packed
        ) as answer:
            assert answer.status == 400
