"""Deliveries over HTTP: the same through aiohttp, through uvicorn and through ASGI by hand."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest
from aiohttp import web

from heygen_async.webhooks import VideoEvent, WebhookReceiver
from tests.webhooks.deliveries import NOW, SECRET, VIDEO, Client, encode, signed, video
from tests.webhooks.servers import PATH, by_hand, through_aiohttp, through_uvicorn

pytestmark = pytest.mark.usefixtures("nothing_left")

BODY = encode(VIDEO)


@pytest.fixture
def client():
    return Client()


@pytest.fixture
async def receiver(client):
    async with WebhookReceiver(client, [SECRET], max_body=1000, clock=lambda: NOW) as receiver:
        yield receiver


@pytest.fixture(
    params=[
        pytest.param(through_aiohttp, id="aiohttp"),
        pytest.param(by_hand, id="asgi"),
        pytest.param(through_uvicorn, id="uvicorn", marks=pytest.mark.real_time),
    ]
)
async def request_(request, receiver):
    """Send a request; its body is bytes, or a list of them to be sent without a length."""
    async with request.param(receiver) as send:
        yield send


async def test_a_delivery_is_answered_with_200(request_, client):
    """Nothing stands in the answer; the job is woken by then."""
    assert await request_("POST", BODY, signed(BODY)) == (200, b"", "")
    assert client.hints == [
        (("heygen.video", "heygen.template-video", "heygen.v2.video"), "vid_xyz789", True)
    ]


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
    """The status says what is wrong; the log says it too, without the body, one of them aloud."""
    with caplog.at_level(logging.DEBUG, "heygen_async.webhooks"):
        assert await request_("POST", BODY) == (401, b"", "")
        assert await request_("POST", BODY, signed(BODY, "whsec_no")) == (401, b"", "")
        assert await request_("POST", BODY, signed(BODY, at=NOW - 301)) == (401, b"", "")
        assert await request_("POST", b"{", signed(b"{")) == (400, b"", "")
    ours = [record for record in caplog.records if record.name == "heygen_async.webhooks"]
    assert [record.levelname for record in ours] == ["WARNING"] + ["DEBUG"] * 3
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

    async with asyncio.timeout(5):
        assert (await request_("POST", BODY, signed(BODY)))[0] == 200
        while not heard:
            await asyncio.sleep(0.001)
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
