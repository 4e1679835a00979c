"""The receiver by hand: hints, duplicates, rotation, handlers, and no memory for forgers."""

from __future__ import annotations

import asyncio
import inspect
import logging
import sys

import pytest

from heygen_async.errors import InvalidRequestError, WebhookError
from heygen_async.webhooks import (
    JoggVideoEvent,
    UnknownEvent,
    VideoEvent,
    WebhookEvent,
    WebhookReceiver,
)
from heygen_async.webhooks import handlers as handlers_module
from heygen_async.webhooks import seen as seen_module
from tests.webhooks.deliveries import (
    JOGG_VIDEO,
    NOW,
    SECRET,
    VIDEO,
    Client,
    encode,
    hexdigest,
    signed,
    video,
)

pytestmark = pytest.mark.usefixtures("nothing_left")

BODY = encode(VIDEO)
HINT = (("heygen.video", "heygen.template-video", "heygen.v2.video"), "vid_xyz789", True)


@pytest.fixture
def client():
    return Client()


@pytest.fixture
async def receiver(client):
    async with WebhookReceiver(client, [SECRET], clock=lambda: NOW) as receiver:
        yield receiver


async def refused(receiver, body, headers):
    """Return the status of the refusal."""
    with pytest.raises(WebhookError) as caught:
        await receiver.handle(body, headers)
    return caught.value.status


async def test_an_accepted_event_wakes_its_job(receiver, client):
    """The client is told kinds and id; an event without a job tells it nothing."""
    event = await receiver.handle(BODY, signed(BODY))
    assert isinstance(event, VideoEvent)
    assert client.hints == [HINT]
    body = encode({"event_type": "batch.finished", "event_data": {}})
    assert isinstance(await receiver.handle(body, signed(body)), UnknownEvent)
    assert client.hints == [HINT]


async def test_a_receiver_of_jogg_reads_jogg():
    """The client says whose deliveries they are."""
    client, body = Client("JoggAI"), encode(JOGG_VIDEO)
    async with WebhookReceiver(client, [SECRET]) as receiver:
        event = await receiver.handle(body, {"x-webhook-signature": hexdigest(body)})
        assert isinstance(event, JoggVideoEvent)
        assert await refused(receiver, body, signed(body)) == 401
    assert client.hints == [(("jogg.video",), "video_123456", True)]


async def test_the_clock_is_the_ordinary_one(client):
    """Without another clock, a timestamp of now is good and an old one is not."""
    import time

    async with WebhookReceiver(client, [SECRET]) as receiver:
        assert await refused(receiver, BODY, signed(BODY, at=time.time() - 400)) == 401
        assert await receiver.handle(BODY, signed(BODY, at=time.time()))


async def test_what_comes_again_is_dropped(receiver, client):
    """Same event id or same bytes: None, no hint, no handler, whatever the headers say."""
    heard = []
    receiver.on(WebhookEvent, heard.append)
    assert await receiver.handle(BODY, signed(BODY)) is not None
    again = signed(BODY) | {"Heygen-Event-Id": "evt_another"}
    assert await receiver.handle(BODY, again) is None
    changed = encode(VIDEO | {"created_at": "later"})
    assert await receiver.handle(changed, signed(changed)) is None
    await receiver.aclose()
    assert len(heard) == len(client.hints) == 1


async def test_events_without_an_id_are_told_apart(receiver):
    """Then the bytes decide; the header's id is not signed, so other bytes are needed too."""
    for number in range(2):
        body = encode({"event_type": "x", "event_data": {"number": number}})
        headers = {"Signature": hexdigest(body)}
        assert await receiver.handle(body, headers) is not None
        assert await receiver.handle(body, headers | {"Heygen-Event-Id": f"e{number}"}) is None


async def test_the_memory_is_bounded(client, monkeypatch):
    """When it is full, what may still come again stays, and what is new is sent back."""
    monkeypatch.setattr(seen_module, "REMEMBERED", 6)  # three events
    now = [NOW]
    receiver = WebhookReceiver(client, [SECRET], clock=lambda: now[0])
    bodies = [video(number) for number in range(4)]
    for body in bodies[:3]:
        assert await receiver.handle(body, signed(body)) is not None
    assert await refused(receiver, bodies[3], signed(bodies[3])) == 503
    assert [await receiver.handle(body, signed(body)) for body in bodies[:3]] == [None] * 3
    now[0] += seen_module.CERTAIN + 1
    assert await receiver.handle(bodies[3], signed(bodies[3], at=now[0])) is not None
    assert await receiver.handle(bodies[2], signed(bodies[2], at=now[0])) is None
    await receiver.aclose()


async def test_the_size_has_a_limit(client):
    """413 above ``max_body``, before anything else is looked at; at the limit all is well."""
    async with WebhookReceiver(client, [SECRET], max_body=len(BODY), clock=lambda: NOW) as receiver:
        assert await refused(receiver, BODY + b" ", {}) == 413
        assert await receiver.handle(BODY, signed(BODY)) is not None
    async with WebhookReceiver(client, [SECRET]) as receiver:
        assert await refused(receiver, b" " * (1024 * 1024 + 1), {}) == 413
        assert await refused(receiver, b" " * 1024 * 1024, {}) == 401


@pytest.mark.parametrize("body", [BODY.decode(), VIDEO, None])
async def test_only_raw_bytes_can_be_checked(receiver, body):
    """Text or parsed JSON is the caller's mistake, and the message says so."""
    with pytest.raises(InvalidRequestError, match="bytes as they came"):
        await receiver.handle(body, {})


async def test_forged_deliveries_leave_nothing_behind(receiver, client, monkeypatch):
    """Ten thousand of them take no room, no task, no hint; and the true one still arrives."""
    monkeypatch.setattr(seen_module, "REMEMBERED", 2)
    monkeypatch.setattr(handlers_module, "MAX_PENDING", 1)
    receiver.on(WebhookEvent, lambda event: None)
    for number in range(10_000):
        forged = {"Heygen-Signature": "0" * 64, "Heygen-Event-Id": f"evt_{number}"}
        assert await refused(receiver, BODY, forged) == 401
    assert client.hints == []
    assert await receiver.handle(BODY, signed(BODY)) is not None


async def test_unsigned_events_are_hints_and_no_more(client):
    """Where allowed, they make the client look; no handler runs, nothing is remembered."""
    heard = []
    async with WebhookReceiver(
        client, allow_unsigned=True, on_event=heard.append, clock=lambda: NOW
    ) as receiver:
        for _ in range(2):
            event = await receiver.handle(BODY, {})
            assert event.signed is False
        receiver.rotate([SECRET])
        assert (await receiver.handle(BODY, signed(BODY))).signed
    assert client.hints == [(*HINT[:2], signed) for signed in (False, False, True)]
    assert [event.signed for event in heard] == [True]


async def test_secrets_rotate(receiver):
    """Both are good in between; at last only the new one is."""
    first, second, third = video(1), video(2), video(3)
    assert await refused(receiver, first, signed(first, "whsec_new")) == 401
    receiver.rotate([SECRET, "whsec_new"])
    assert await receiver.handle(first, signed(first, "whsec_new"))
    assert await receiver.handle(second, signed(second, SECRET))
    receiver.rotate(["whsec_new"])
    assert await refused(receiver, third, signed(third, SECRET)) == 401


@pytest.mark.parametrize("secrets", [[], "whsec_text", [""], [" "], [None], [b"whsec"]])
async def test_secrets_are_wanted(client, secrets):
    """A receiver that could accept nothing, or anything, is refused at once."""
    with pytest.raises(InvalidRequestError, match="list of the endpoints' secrets"):
        WebhookReceiver(client, secrets)


async def test_secrets_are_not_shown(receiver):
    """Neither the receiver nor what it is made of has them in its text."""
    for shown in (receiver, receiver.asgi, receiver.routes("/")):
        assert SECRET not in repr(shown)


async def test_handlers_get_what_they_asked_for(receiver):
    """By class, plain or async, as a call or as a decorator; ``WebhookEvent`` is all."""
    heard = []
    receiver.on(WebhookEvent, lambda event: heard.append(("all", event.event_type)))

    @receiver.on(VideoEvent)
    async def of_video(event):
        await asyncio.sleep(1)
        heard.append(("video", event.video_id))

    @receiver.on(UnknownEvent)
    def of_unknown(event):
        heard.append(("unknown", event.event_type))

    other = encode({"event_type": "batch.finished"})
    await receiver.handle(other, signed(other))
    await receiver.handle(BODY, signed(BODY))
    assert heard == []  # none has run before the answer
    await receiver.aclose()
    assert sorted(heard) == [
        ("all", "avatar_video.success"),
        ("all", "batch.finished"),
        ("unknown", "batch.finished"),
        ("video", "vid_xyz789"),
    ]
    assert inspect.iscoroutinefunction(of_video)  # the decorator gives it back


@pytest.mark.skipif(sys.version_info < (3, 12), reason="tasks cannot be eager before 3.12")
async def test_eager_tasks_wait_for_the_answer_too(receiver):
    """A loop that starts tasks at once does not run a handler before the answer."""
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    heard = []
    receiver.on(WebhookEvent, heard.append)
    await receiver.handle(BODY, signed(BODY))
    assert heard == []


async def test_a_handler_that_raises_harms_nobody(receiver, caplog):
    """It is logged, without the body, and the next handlers are called."""
    heard = []

    async def broken(event):
        raise RuntimeError("handler broke")

    receiver.on(VideoEvent, broken)
    receiver.on(VideoEvent, lambda event: 1 / 0)
    receiver.on(VideoEvent, heard.append)
    with caplog.at_level(logging.DEBUG, "heygen_async.webhooks"):
        await receiver.handle(BODY, signed(BODY))
        await receiver.aclose()
    assert len(heard) == 1
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "handler broke" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "vid_xyz789" not in caplog.text


async def test_handlers_at_work_are_bounded(receiver, client, monkeypatch):
    """What is too much is answered 503 and is new when it comes again."""
    monkeypatch.setattr(handlers_module, "MAX_PENDING", 2)
    go, heard = asyncio.Event(), []

    @receiver.on(VideoEvent)
    async def slow(event):
        await go.wait()
        heard.append(event.video_id)

    bodies = [video(number) for number in range(3)]
    for body in bodies[:2]:
        await receiver.handle(body, signed(body))
    assert await refused(receiver, bodies[2], signed(bodies[2])) == 503
    assert len(client.hints) == 2
    go.set()
    await asyncio.sleep(0.1)
    assert await receiver.handle(bodies[2], signed(bodies[2])) is not None
    await receiver.aclose()
    assert heard == ["vid_0", "vid_1", "vid_2"]


async def test_closing_waits_for_the_handlers(client):
    """The end of ``async with`` is when they are done; a closed receiver sends all back."""
    heard = []

    async def slow(event):
        await asyncio.sleep(100)
        heard.append(event)

    async with WebhookReceiver(client, [SECRET], on_event=slow, clock=lambda: NOW) as receiver:
        await receiver.handle(BODY, signed(BODY))
    assert len(heard) == 1
    other = video(1)
    assert await refused(receiver, other, signed(other)) == 503
    await receiver.aclose()


async def test_a_close_that_is_cancelled_leaves_no_handler(client):
    """A deadline around ``aclose`` ends the handlers, and is not swallowed."""
    receiver = WebhookReceiver(client, [SECRET], clock=lambda: NOW)
    ended = []

    @receiver.on(VideoEvent)
    async def endless(event):
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(event)

    await receiver.handle(BODY, signed(BODY))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await receiver.aclose()
    await asyncio.sleep(0)
    assert len(ended) == 1
