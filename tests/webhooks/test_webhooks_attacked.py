"""Webhooks attacked: floods, replays, other loops, closed clients, second lives, odd handlers."""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI

from heygen_async import HeyGen, JoggAI, PollPolicy, WebhookError
from heygen_async.emulator import Emulator
from heygen_async.webhooks import VideoEvent, WebhookEvent, WebhookReceiver, seen
from tests.client.test_loops import loop_in_a_thread
from tests.conftest import image_video
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
from tests.webhooks.servers import PATH, Asgi

BODY = encode(VIDEO)
EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def bare(body):
    """Return the headers that are seen in the field: a signature and no timestamp."""
    return {"Signature": hexdigest(body)}


async def refused(receiver, body, headers):
    """Return the status of the refusal."""
    with pytest.raises(WebhookError) as caught:
        await receiver.handle(body, headers)
    return caught.value.status


# Floods and replays


async def test_a_flood_of_forged_deliveries_is_a_line_a_minute(caplog):
    """The first is told, the others are counted by status and told by the next line."""
    async with WebhookReceiver(Client(), [SECRET], clock=lambda: NOW) as receiver:
        asgi = Asgi(receiver.asgi)
        with caplog.at_level(logging.INFO, "heygen_async.webhooks"):
            for _ in range(3000):
                await asgi.request("POST", [BODY], {})
            for _ in range(2):
                await asgi.request("POST", [b"{"], signed(b"{"))
            assert len(caplog.records) == 1
            await asyncio.sleep(61)
            await asgi.request("POST", [BODY], {})
    first, second = caplog.messages
    assert first == "refused a delivery with 401: the delivery has no signature"
    assert second == f"{first} (and since the last line: 2 with 400, 2,999 with 401)"


async def test_what_was_counted_is_told_when_the_receiver_closes(caplog):
    """A flood that ends with the application is not passed over in silence."""
    caplog.set_level(logging.INFO, "heygen_async.webhooks")
    async with WebhookReceiver(Client(), [SECRET]) as receiver:
        asgi = Asgi(receiver.asgi)
        for _ in range(5):
            await asgi.request("POST", [BODY], {})
    assert caplog.messages[1:] == ["refused deliveries (and since the last line: 4 with 401)"]


@pytest.mark.parametrize("headers", [signed, bare])
async def test_an_event_within_the_window_never_runs_twice(headers):
    """However many others came in between, the first comes again and no handler runs."""
    heard, now = [], [NOW]
    receiver = WebhookReceiver(Client(), [SECRET], clock=lambda: now[0])
    receiver.on(VideoEvent, lambda event: heard.append(event.video_id))
    first = video("first")
    assert await receiver.handle(first, headers(first)) is not None
    for number in range(12_000):
        body = video(number)
        await receiver.handle(body, headers(body))
        if number % 500 == 0:
            await asyncio.sleep(0.1)  # the handlers get their turn
    now[0] += 299
    assert await receiver.handle(first, headers(first)) is None
    await receiver.aclose()
    assert heard.count("vid_first") == 1
    assert len(heard) == 12_001


async def test_an_event_that_the_vendor_repeats_for_a_day_runs_once():
    """HeyGen delivers again for 24 hours, each time with a timestamp of its own."""
    now = [NOW]
    async with WebhookReceiver(Client(), [SECRET], clock=lambda: now[0]) as receiver:
        assert await receiver.handle(BODY, signed(BODY)) is not None
        for hours in (0.2, 1, 6, 23.9):
            now[0] = NOW + hours * 3600
            assert await receiver.handle(BODY, signed(BODY, at=now[0])) is None


async def test_an_event_of_jogg_comes_again_without_effect():
    """Its signature has no timestamp: the bytes and the id tell it, hours later too."""
    now, body = [NOW], encode(JOGG_VIDEO)
    heard, headers = [], {"X-Webhook-Signature": hexdigest(encode(JOGG_VIDEO))}
    async with WebhookReceiver(Client("JoggAI"), [SECRET], clock=lambda: now[0]) as receiver:
        receiver.on(WebhookEvent, heard.append)
        assert await receiver.handle(body, headers) is not None
        now[0] += 5 * 3600
        assert await receiver.handle(body, headers) is None
    assert len(heard) == 1


async def test_unsigned_deliveries_cost_a_look_a_second_at_their_job(emulator, heygen, monkeypatch):
    """A thousand of them about one job are no thousand requests, and about no job are none."""
    monkeypatch.setattr(seen, "REMEMBERED", 2)  # a second one to be remembered would be refused
    receiver = WebhookReceiver(heygen, allow_unsigned=True)
    job = await heygen.submit(image_video())
    waiting = asyncio.create_task(job.wait())
    await asyncio.sleep(1)
    sent = emulator.counts.total()
    body = encode({"event_type": "avatar_video.success", "event_data": {"video_id": job.id}})
    for number in range(1000):
        await receiver.handle(body, {})
        await receiver.handle(video(number), {})
        await asyncio.sleep(0.01)
    assert emulator.counts.total() - sent <= 12
    waiting.cancel()
    await receiver.aclose()


# Other loops and threads


@contextmanager
def client_elsewhere(*, speed=600, jogg=False):
    """Give an emulator, a client that is used in a loop of its own, and what runs it there."""
    with loop_in_a_thread() as run:
        emulator = Emulator(seed=1, speed=speed)
        run(emulator.__aenter__())
        poll = PollPolicy(interval=3600.0, max_interval=3600.0)

        async def opened():
            if jogg:
                client = JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url, poll=poll)
            else:
                client = HeyGen(emulator.api_key, base_url=emulator.url, poll=poll)
            return await client.__aenter__()

        client = run(opened())
        yield emulator, client, run
        run(client.aclose())
        run(emulator.__aexit__(None, None, None))


def told(job_id):
    """Return the body and the headers of a signed event of now."""
    body = encode(
        {
            "event_type": "avatar_video.success",
            "event_id": f"evt_{job_id}",
            "event_data": {"video_id": job_id},
        }
    )
    return body, signed(body, at=time.time())


def test_a_delivery_in_a_view_of_its_own_loop_ends_the_wait():
    """As Flask or Django runs it: the client's wait ends, the handler runs in the client's loop."""
    with client_elsewhere() as (emulator, heygen, run):
        receiver = WebhookReceiver(heygen, [SECRET])
        heard = []

        async def loop_of_client():
            return asyncio.get_running_loop()

        receiver.on(VideoEvent, lambda event: heard.append(asyncio.get_running_loop()))

        async def begin():
            job = await heygen.submit(image_video())
            return job, asyncio.create_task(job.wait())

        async def until_done():
            while emulator.jobs[job.id].finished_at > asyncio.get_running_loop().time():
                await asyncio.sleep(0.01)

        async def end():
            async with asyncio.timeout(10):
                return await waiting

        job, waiting = run(begin())
        run(until_done())
        assert asyncio.run(receiver.handle(*told(job.id))) is not None
        assert run(end()).video_url
        asyncio.run(receiver.aclose())  # waits for the handlers, from yet another loop
        assert heard == [run(loop_of_client())]


def test_many_views_at_once_run_the_handlers_once():
    """Eight threads deliver the same twenty events: one of each gets it, the others get None."""
    with client_elsewhere() as (_, heygen, run):
        receiver = WebhookReceiver(heygen, [SECRET])
        heard, taken, start = [], [], threading.Barrier(8)
        receiver.on(VideoEvent, lambda event: heard.append(event.video_id))
        events = [told(f"v{number}") for number in range(20)]

        def view():
            start.wait()
            given = [asyncio.run(receiver.handle(*event)) for event in events]
            taken.extend(event for event in given if event is not None)

        threads = [threading.Thread(target=view) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        run(receiver.aclose())
        assert len(taken) == 20
        assert sorted(heard) == sorted(f"v{number}" for number in range(20))


def test_a_client_that_is_closed_sends_deliveries_back():
    """503 while anybody might still take it: the vendor delivers again, and no handler has run."""
    heard = []
    with client_elsewhere() as (_, heygen, run):
        receiver = WebhookReceiver(heygen, [SECRET], on_event=heard.append)
        run(heygen.aclose())
        assert asyncio.run(refused(receiver, *told("a"))) == 503
        assert run(refused(receiver, *told("a"))) == 503
        asyncio.run(receiver.aclose())
    assert heard == []


def test_a_client_whose_loop_is_gone_sends_deliveries_back():
    """A loop that was closed under its client takes nothing any more."""
    with client_elsewhere() as (emulator, _, _run):

        async def use():
            client = HeyGen(emulator.api_key, base_url=emulator.url)
            return await client.__aenter__()

        heygen = asyncio.run(use())
        receiver = WebhookReceiver(heygen, [SECRET])
        assert asyncio.run(refused(receiver, *told("a"))) == 503
        asyncio.run(heygen.aclose())


def test_a_loop_that_does_not_answer_sends_deliveries_back(monkeypatch):
    """A client's loop that is blocked is waited for a little; nothing is taken after the answer."""
    monkeypatch.setattr("heygen_async.webhooks.receiver.PATIENCE", 0.1)
    with client_elsewhere() as (_, heygen, run):
        receiver, heard, go = WebhookReceiver(heygen, [SECRET]), [], threading.Event()
        receiver.on(WebhookEvent, heard.append)
        event = told("a")

        begun = threading.Event()

        async def block():
            begun.set()
            go.wait(10)

        blocked = threading.Thread(target=lambda: run(block()))
        blocked.start()
        assert begun.wait(10)
        assert asyncio.run(refused(receiver, *event)) == 503
        go.set()
        blocked.join(10)
        assert asyncio.run(receiver.handle(*event)) is not None
        run(receiver.aclose())
        assert len(heard) == 1


def test_a_delivery_that_is_overtaken_by_the_close_is_sent_back():
    """It was on its way to the client's loop when the client was closed there: 503, no handler."""
    with client_elsewhere() as (_, heygen, run):
        receiver, heard, go = WebhookReceiver(heygen, [SECRET]), [], threading.Event()
        receiver.on(WebhookEvent, heard.append)

        begun = threading.Event()

        async def block_then_close():
            begun.set()
            go.wait(10)
            await heygen.aclose()

        blocked = threading.Thread(target=lambda: run(block_then_close()))
        blocked.start()
        assert begun.wait(10)
        threading.Timer(0.3, go.set).start()
        assert asyncio.run(refused(receiver, *told("a"))) == 503
        blocked.join(10)
        asyncio.run(receiver.aclose())
    assert heard == []


def test_a_close_from_another_loop_waits_for_the_handlers():
    """Those at work in the client's loop end before it returns."""
    with client_elsewhere() as (_, heygen, run):
        receiver, ended = WebhookReceiver(heygen, [SECRET]), []

        @receiver.on(VideoEvent)
        async def slow(event):
            await asyncio.sleep(0.3)
            ended.append(event.video_id)

        for name in ("a", "b"):
            asyncio.run(receiver.handle(*told(name)))
        asyncio.run(receiver.aclose())
        assert sorted(ended) == ["a", "b"]
        run(receiver.aclose())


async def test_handlers_that_are_cut_off_do_not_go_on_with_the_next(caplog):
    """A deadline around the close ends them all, and the log says that they did not end."""
    receiver, heard = WebhookReceiver(Client(), [SECRET], clock=lambda: NOW), []

    @receiver.on(VideoEvent)
    async def endless(event):
        await asyncio.Event().wait()

    receiver.on(VideoEvent, heard.append)
    await receiver.handle(BODY, signed(BODY))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await receiver.aclose()
    await asyncio.sleep(0.1)
    assert heard == []
    assert caplog.messages == ["the handlers of webhook avatar_video.success were cut off"]


def test_a_receiver_of_an_unused_client_moves_on_from_a_closed_loop():
    """Made and first called in loops that are gone, it takes the next delivery in a third."""
    heard = []

    async def made():
        return WebhookReceiver(HeyGen("key"), [SECRET], on_event=heard.append)

    receiver = asyncio.run(made())

    async def view(event):
        taken = await receiver.handle(*event)
        await asyncio.sleep(0.01)
        return taken

    assert asyncio.run(view(told("a"))) is not None
    assert asyncio.run(view(told("b"))) is not None
    assert len(heard) == 2


def test_handlers_that_a_loop_cuts_off_are_said(caplog):
    """A view whose loop ends with its answer leaves a line in the log: nobody delivers again."""
    receiver = WebhookReceiver(Client(), [SECRET], on_event=lambda event: None)
    assert asyncio.run(receiver.handle(*told("a"))) is not None
    assert caplog.messages == ["the handlers of webhook avatar_video.success were cut off"]


# A second life


async def alive(app, calls):
    """Run an ASGI application from its start to its end, with ``calls`` in between."""
    inbox, outbox = asyncio.Queue(), asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    life = asyncio.create_task(app(scope, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    answers = [await post(app, *call) for call in calls]
    await inbox.put({"type": "lifespan.shutdown"})
    assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
    await life
    return answers


async def post(app, path, body, headers):
    """Post to an ASGI application and return the status of the answer."""
    sent = []
    messages = [{"type": "http.request", "body": body}]

    async def receive():
        return messages.pop(0) if messages else await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "method": "POST",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": pairs,
    }
    await app(scope, receive, send)
    return sent[0]["status"]


@pytest.mark.parametrize("as_server", [True, False], ids=["by itself", "mounted"])
def test_an_application_started_twice_takes_deliveries_twice(as_server):
    """Two lives in two loops, as two tests or a reload make them: 200 in each."""
    receiver = WebhookReceiver(Client(), [SECRET])
    heard = []
    receiver.on(VideoEvent, lambda event: heard.append(event.video_id))
    if as_server:
        app = receiver.asgi
    else:

        @asynccontextmanager
        async def lifespan(app):
            async with receiver:
                yield

        app = FastAPI(lifespan=lifespan)
        app.mount("/hooks", receiver.asgi)
    for number in range(2):
        assert asyncio.run(alive(app, [(PATH, *told(f"v{number}"))])) == [200]
    assert heard == ["v0", "v1"]


def test_the_example_started_twice_takes_deliveries_twice(monkeypatch):
    """The service of ``examples/webhooks_fastapi.py`` has a client and a receiver in each life."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setenv("HEYGEN_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("HEYGEN_EMULATOR", "1")
    example = importlib.import_module("webhooks_fastapi")
    for _ in range(2):
        assert asyncio.run(alive(example.app, [(PATH, *told("a"))])) == [200]


async def test_a_receiver_entered_again_takes_events_again():
    """What it remembers stays, so an event of the first life does not run in the second."""
    receiver = WebhookReceiver(Client(), [SECRET], clock=lambda: NOW)
    async with receiver:
        assert await receiver.handle(BODY, signed(BODY)) is not None
    assert await refused(receiver, BODY, signed(BODY)) == 503
    async with receiver:
        assert await receiver.handle(BODY, signed(BODY)) is None
        assert await receiver.handle(video(1), signed(video(1))) is not None


# Odd handlers, bodies and ends


class Odd(BaseException):
    """Nothing that ``except Exception`` catches."""


async def cancelled_inside(_event):
    """Wait for something that is cancelled elsewhere."""
    inner = asyncio.ensure_future(asyncio.sleep(100))
    asyncio.get_running_loop().call_soon(inner.cancel)
    await inner


async def odd(_event):
    raise Odd("odd one")


@pytest.mark.parametrize("broken", [odd, cancelled_inside])
async def test_a_handler_that_raises_what_is_no_exception_harms_nobody(broken, caplog):
    """It is logged, and the next handlers are called."""
    heard = []
    async with WebhookReceiver(Client(), [SECRET], clock=lambda: NOW) as receiver:
        receiver.on(VideoEvent, broken)
        receiver.on(VideoEvent, heard.append)
        await receiver.handle(BODY, signed(BODY))
    assert len(heard) == 1
    assert caplog.messages == ["a handler of 'avatar_video.success' failed"]


async def test_handlers_that_close_their_receiver_do_not_wait_for_themselves(nothing_left):
    """Two of them at once end, and so does the close from outside."""
    receiver = WebhookReceiver(Client(), [SECRET], clock=lambda: NOW)
    ended = []

    @receiver.on(VideoEvent)
    async def close(event):
        await receiver.aclose()
        ended.append(event)

    for number in range(2):
        await receiver.handle(video(number), signed(video(number)))
    async with asyncio.timeout(5):
        await asyncio.gather(receiver.aclose(), receiver.aclose())
    assert len(ended) == 2


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe\xfd", b'{"event_type": "\xc3\x28"}', b"\x00", b"", b"[" * 100_000],
    ids=["no text", "half a sign", "zero", "nothing", "deep"],
)
async def test_a_body_that_is_no_text_is_refused_with_400(body):
    """Signed or not, what cannot be read is the sender's fault and no error of ours."""
    async with WebhookReceiver(Client(), [SECRET], allow_unsigned=True) as receiver:
        assert await refused(receiver, body, {}) == 400
        assert await refused(receiver, body, bare(body)) == 400


async def test_an_id_of_half_a_surrogate_pair_is_remembered():
    """JSON can say what no text can be; the event is taken once all the same."""
    body = b'{"event_type": "x", "event_id": "\\ud800"}'
    async with WebhookReceiver(Client(), [SECRET]) as receiver:
        assert await receiver.handle(body, bare(body)) is not None
        assert await receiver.handle(body, bare(body)) is None


async def test_deliveries_while_it_closes_are_sent_back():
    """What came before is handled to its end, what comes during the close gets 503."""
    receiver = WebhookReceiver(Client(), [SECRET], clock=lambda: NOW)
    ended = []

    @receiver.on(VideoEvent)
    async def slow(event):
        await asyncio.sleep(10)
        ended.append(event.video_id)

    await receiver.handle(video(1), signed(video(1)))
    closing = asyncio.create_task(receiver.aclose())
    await asyncio.sleep(1)
    assert await refused(receiver, video(2), signed(video(2))) == 503
    await closing
    await receiver.aclose()
    assert ended == ["vid_1"]
