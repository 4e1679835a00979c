"""Push and pull in one wait: events end it at once, and it ends without them all the same."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from heygen_async import AiClipping, HeyGen, JobFailedError, JoggMotion, State
from heygen_async.models.webhooks import UnknownEvent
from heygen_async.webhooks import VideoEvent, WebhookReceiver
from tests.conftest import image_video

DETAIL = "GET /v3/videos/{video_id}"
STATUSES = "GET /v3/videos/statuses"
EVENTS = "GET /v3/webhooks/events"
MOTION_STATUS = "JOGG GET /v2/photo_avatar"
SOON = 1.0  # seconds, of which the machine's load may take its part; polling takes longer
MOTION = JoggMotion(
    image_url="https://example.com/a.png",
    name="Ada",
    voice_id="en-US-ChristopherNeural",
    model="2.0",
)


@asynccontextmanager
async def serving(receiver, *, deaf=lambda: False):
    """Serve the receiver on the loopback interface; deaf, deliveries are taken by nobody."""
    app = web.Application()
    app.add_routes(receiver.routes("/hooks"))

    @web.middleware
    async def swallow(request, handler):
        return web.Response() if deaf() else await handler(request)

    app.middlewares.append(swallow)
    async with TestServer(app, host="127.0.0.1") as server, receiver:
        yield str(server.make_url("/hooks"))


async def register(client, url):
    """Register a URL that is not https, as only the emulator allows; return its secret."""
    if isinstance(client, HeyGen):
        answer = await client.request("POST", "/v3/webhooks/endpoints", json={"url": url})
    else:
        events = await client.webhooks.event_types()
        body = {"url": url, "status": "enabled", "events": list(events)}
        answer = await client.request("POST", "/v2/endpoint", json=body)
    return answer["data"]["secret"]


@asynccontextmanager
async def receiving(client, **options):
    """Receive what the emulator delivers to an endpoint that is registered for ``client``."""
    loop = asyncio.get_running_loop()
    offset = time.time() - loop.time()  # the emulator's dates follow the loop's clock, too
    receiver = WebhookReceiver(
        client, ["not known yet"], clock=lambda: loop.time() + offset, **options
    )
    deaf = []
    async with serving(receiver, deaf=lambda: bool(deaf)) as url:
        receiver.secret = await register(client, url)
        receiver.rotate([receiver.secret])
        receiver.url, receiver.deaf = url, deaf
        yield receiver


async def render(emulator, client, count, spec=None):
    """Render ``count`` jobs at once and return how late each wait ended, in seconds."""
    clock = asyncio.get_running_loop().time

    async def one():
        job = await client.submit(spec or image_video())
        await job.wait()
        return clock() - emulator.jobs[job.id].finished_at

    return await asyncio.gather(*(one() for _ in range(count)))


async def test_a_wait_ends_with_the_event(emulator, heygen):
    """It is confirmed by one request, long before the next look would have been due."""
    async with receiving(heygen):
        (lag,) = await render(emulator, heygen, 1)
    assert lag < SOON


async def test_once_events_are_reliable_nothing_is_polled(emulator, heygen):
    """After three announced jobs the next ones cost one request each, and end as early."""
    async with receiving(heygen):
        await render(emulator, heygen, 3)
        before = heygen.statistics()
        lags = [(await render(emulator, heygen, 1))[0] for _ in range(20)]
        after = heygen.statistics()
    assert statistics.median(lags) < SOON
    assert after.polls - before.polls <= 5  # the longest few of twenty are looked at, overdue
    assert after.details - before.details == 20


async def test_many_jobs_end_with_their_events(emulator, heygen):
    """500 at once, with polling slow."""
    async with receiving(heygen):
        await render(emulator, heygen, 3)
        before = heygen.statistics()
        lags = await render(emulator, heygen, 500)
        after = heygen.statistics()
    assert statistics.median(lags) < SOON
    assert after.polls - before.polls < 60


async def test_when_deliveries_stop_the_waits_end_by_polling(emulator, heygen):
    """With every delivery dropped all waits end, and the next ones as early as ever."""
    async with receiving(heygen):
        await render(emulator, heygen, 3)
        emulator.deliveries.drop = 1.0
        lags = await render(emulator, heygen, 500)
        assert len(lags) == 500
        assert statistics.mean(lags) < 60
        again = await render(emulator, heygen, 500)
    assert statistics.mean(again) < 6


async def test_when_deliveries_come_back_polling_slows_again(emulator, heygen):
    """Trust is earned anew by three announced jobs."""
    async with receiving(heygen):
        for drop in (0.0, 1.0, 0.0):
            emulator.deliveries.drop = drop
            await render(emulator, heygen, 5)
        before = heygen.statistics().polls
        await render(emulator, heygen, 5)
        assert heygen.statistics().polls - before <= 3


async def test_events_that_went_elsewhere_are_caught_up_with(emulator, heygen):
    """One reading of the history wakes all jobs whose events another process took."""
    async with receiving(heygen) as receiver:
        await render(emulator, heygen, 3)
        receiver.deaf.append(True)
        lags = await render(emulator, heygen, 100)
        receiver.deaf.clear()
        before = heygen.statistics().polls  # no look found a job before its event: it is relied on
        await render(emulator, heygen, 5)
        assert heygen.statistics().polls - before <= 10
    assert emulator.count(EVENTS) >= 1
    assert statistics.mean(lags) < 30


async def test_a_history_that_cannot_be_read_is_done_without(emulator, heygen):
    """An account without webhooks rights only loses the shortcut."""
    async with receiving(heygen) as receiver:
        await render(emulator, heygen, 3)
        receiver.deaf.append(True)
        from heygen_async.emulator import Fault

        emulator.faults.add(Fault(route=EVENTS, status=403))
        lags = await render(emulator, heygen, 20)
    assert len(lags) == 20
    assert emulator.count(EVENTS) >= 1


async def test_a_forged_failure_changes_nothing(emulator, heygen):
    """Refused without a known secret; the job goes on, and so does its wait."""
    async with receiving(heygen) as receiver:
        job = await heygen.submit(image_video())
        waiting = asyncio.create_task(job.wait())
        await asyncio.sleep(1)
        event = {"event_type": "avatar_video.fail", "event_data": {"video_id": job.id}}
        assert await emulator.deliver(receiver.url, event, secret="whsec_forged") == 401
        await asyncio.sleep(1)
        assert emulator.count(DETAIL) == 0
        assert (await waiting).id == job.id


async def test_a_failure_that_is_signed_is_looked_at_and_not_believed(emulator, heygen):
    """Even with the secret, a running job goes on; one look is all that it costs."""
    async with receiving(heygen) as receiver:
        job = await heygen.submit(image_video())
        waiting = asyncio.create_task(job.wait())
        await asyncio.sleep(1)
        event = {"event_type": "avatar_video.fail", "event_data": {"video_id": job.id}}
        assert await emulator.deliver(receiver.url, event, secret=receiver.secret) == 200
        await asyncio.sleep(0.5)
        assert emulator.count(DETAIL) == 1
        assert job.status.state in (State.QUEUED, State.RUNNING)
        assert (await waiting).id == job.id


@pytest.mark.parametrize("spec", [image_video(), AiClipping(video="https://example.com/a.mp4")])
async def test_an_event_of_an_unknown_type_is_a_reason_to_look(emulator, heygen, spec):
    """Wherever in it the id of a waiting job stands; of other ids nothing comes."""
    async with receiving(heygen) as receiver:
        job = await heygen.submit(spec)
        waiting = asyncio.create_task(job.wait())
        await asyncio.sleep(1)
        emulator.deliveries.drop = 1.0
        emulator.complete(job.id)
        start, before = asyncio.get_running_loop().time(), emulator.counts.total()
        stranger = {"event_type": "dance.done", "event_data": {"ids": ["nobody"], "n": 5}}
        await emulator.deliver(receiver.url, stranger, secret=receiver.secret)
        await asyncio.sleep(0.5)
        assert emulator.counts.total() == before
        event = {"event_type": "dance.done", "event_data": {"done": [{"ref": job.id}]}}
        await emulator.deliver(receiver.url, event, secret=receiver.secret)
        await waiting
        assert asyncio.get_running_loop().time() - start < 0.5 + SOON


async def test_the_texts_of_an_unknown_event_are_bounded(heygen):
    """A delivery of a million texts, or a deep one, costs no more than a usual one."""
    deep: object = "too deep"
    for _ in range(10):
        deep = [deep]
    data = {"a": ["x" * 300, *map(str, range(1000))], "b": deep}
    event = UnknownEvent(event_type="dance.done", data=data)
    assert [each.id for each in event.jobs] == [str(number) for number in range(50)]


async def test_a_real_failure_ends_the_wait_with_the_vendors_reason(emulator, heygen):
    """What the look says counts."""
    async with receiving(heygen):
        job = await heygen.submit(image_video())
        asyncio.get_running_loop().call_later(5, emulator.fail, job.id, "face", "No face")
        with pytest.raises(JobFailedError, match="No face"):
            await job.wait()
        assert asyncio.get_running_loop().time() - emulator.jobs[job.id].finished_at < SOON


async def test_an_event_ahead_of_the_status_is_followed_up(emulator, heygen):
    """If the status lags behind the event, the next look comes soon, not when it is overdue."""
    async with receiving(heygen) as receiver:
        await render(emulator, heygen, 3)
        job = await heygen.submit(image_video())
        waiting = asyncio.create_task(job.wait())
        await asyncio.sleep(5)
        emulator.deliveries.drop = 1.0
        event = {"event_type": "avatar_video.success", "event_data": {"video_id": job.id}}
        await emulator.deliver(receiver.url, event, secret=receiver.secret)
        asyncio.get_running_loop().call_later(1, emulator.complete, job.id)
        await waiting
        assert asyncio.get_running_loop().time() - emulator.jobs[job.id].finished_at < 6


async def test_a_replayed_event_is_dropped(emulator, heygen):
    """Delivered three times, it is handled once."""
    heard = []
    emulator.deliveries.duplicates = 2
    async with receiving(heygen) as receiver:
        receiver.on(VideoEvent, heard.append)
        await render(emulator, heygen, 1)
        await asyncio.sleep(60)
    assert len(emulator.deliveries_made) == 3
    assert len(heard) == 1


async def test_after_a_rotation_the_old_secret_is_refused(emulator, heygen):
    """As soon as the caller says so; until then both are taken."""
    async with receiving(heygen) as receiver:
        old = receiver.secret
        (endpoint,) = [e async for e in heygen.webhooks.endpoints.list()]
        new = await heygen.webhooks.endpoints.rotate_secret(endpoint.endpoint_id)
        event = {"event_type": "batch.finished", "event_data": {}}
        for secrets, expected in (([old, new], 200), ([new], 401)):
            receiver.rotate(secrets)
            status = await emulator.deliver(
                endpoint.url, event | {"event_data": {"n": expected}}, secret=old
            )
            assert status == expected


async def test_an_unsigned_callback_is_a_hint(emulator, heygen):
    """Where it is allowed it makes the client look; it never makes it poll less."""
    receiver = WebhookReceiver(heygen, allow_unsigned=True)
    async with serving(receiver) as url:
        spec = image_video(callback_url=url, callback_id="mine")
        lags = [(await render(emulator, heygen, 1, spec))[0] for _ in range(4)]
        assert max(lags) < SOON
        before = heygen.statistics().polls
        await render(emulator, heygen, 5, spec)
        assert heygen.statistics().polls - before >= 30


async def test_hints_cost_at_most_one_look_a_second(emulator, heygen):
    """A flood of them for one job, and for jobs that nobody knows."""
    receiver = WebhookReceiver(heygen, allow_unsigned=True)
    async with serving(receiver):
        job = await heygen.submit(image_video())
        waiting = asyncio.create_task(job.wait())
        await asyncio.sleep(1)
        start = asyncio.get_running_loop().time()
        for number in range(500):
            heygen.notify(("heygen.video",), job.id, signed=False)
            heygen.notify(("heygen.video",), f"unknown{number}", signed=False)
            await asyncio.sleep(0.01)
        passed = asyncio.get_running_loop().time() - start
        assert emulator.count(DETAIL) <= passed + 2
        waiting.cancel()


@pytest.mark.parametrize("style", ["documented", "plain"])
async def test_both_styles_of_signature_do(emulator, heygen, style):
    """The three documented headers, and the one that is seen in the field."""
    emulator.deliveries.plain_signature = style == "plain"
    async with receiving(heygen):
        (lag,) = await render(emulator, heygen, 1)
    assert lag < SOON


async def test_joggai_jobs_end_with_their_events_too(emulator, jogg):
    """Each costs one look instead of one every few seconds."""
    async with receiving(jogg):
        await render(emulator, jogg, 3, MOTION)
        before = jogg.statistics()
        lags = [(await render(emulator, jogg, 1, MOTION))[0] for _ in range(10)]
        after = jogg.statistics()
    assert statistics.median(lags) < SOON
    assert (after.polls + after.details) - (before.polls + before.details) <= 10 + 4


async def test_one_waiters_event_wakes_all_of_them(emulator, heygen):
    """Every wait of the job, and its listeners."""
    async with receiving(heygen):
        job = await heygen.submit(image_video())

        async def listen():
            return [status.state async for status in heygen.attach(job.token).events()][-1]

        results = await asyncio.gather(job.wait(), heygen.attach(job.token), listen())
    assert results[0].id == results[1].id
    assert results[2] is State.COMPLETED
