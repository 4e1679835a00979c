"""Deliveries: webhooks are signed, repeated, delayed, lost, and leave nothing behind."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

from heygen_async.emulator import Deliveries, Emulator

from .conftest import Api, using
from .receiver import TWO_DAYS, receiving
from .test_emulator_events import HEADERS, submit
from .test_emulator_jogg import CREATE, VIDEO
from .test_emulator_webhooks import make


@pytest.fixture
async def receiver():
    async with receiving() as receiver:
        yield receiver


def ends_expected():
    """Return the timers at which emulators announce the ends of jobs."""
    return asyncio.get_running_loop().timers(of="EventPublisher")


async def test_a_rotated_secret_signs_the_next_attempt(api, receiver):
    """The old secret dies at once, also for a webhook that is on its way."""
    receiver.statuses = [503]
    made = await make(api, url=receiver.url)
    job = await submit(api)
    api.emulator.complete(job.id)
    await receiver.wait(1)
    path = f"/v3/webhooks/endpoints/{made['endpoint_id']}/rotate-secret"
    secret = (await api.send("POST", path)).json["data"]["secret"]
    first, second = await receiver.wait(2)
    assert first.signed_by(made["secret"], "Heygen-Signature")
    assert second.signed_by(secret, "Heygen-Signature")


async def test_a_webhook_is_repeated_for_a_day(api, receiver):
    """Pauses double from ten seconds, and the last attempt is within 24 hours of the event."""
    receiver.statuses = [500, 302, 404] + [503] * 100
    await make(api, url=receiver.url)
    job = await submit(api)
    hooks = await receiver.rest(TWO_DAYS)
    pauses = [later.at - hook.at for hook, later in pairwise(hooks)]
    assert pauses == pytest.approx([10 * 2**number for number in range(13)], abs=0.1)
    assert 22 * 3600 < hooks[-1].at - job.finished_at < 24 * 3600
    assert len({hook.headers["Heygen-Event-Id"] for hook in hooks}) == 1
    assert [each.status for each in api.emulator.deliveries_made][:4] == [500, 302, 404, 503]


@using(speed=100.0, median=3600.0)
async def test_speed_shortens_the_pauses(api, receiver):
    """Pauses are divided by the speed, as the lives of jobs are."""
    receiver.statuses = [500]
    await make(api, url=receiver.url)
    await submit(api)
    first, second = await receiver.wait(2)
    assert second.at - first.at == pytest.approx(0.1, abs=0.05)


async def test_an_answer_has_ten_seconds(api, receiver):
    """A receiver that takes longer gets the webhook again, the attempt has no status."""
    receiver.delay = 11.0
    await make(api, url=receiver.url)
    await submit(api)
    await receiver.wait(1)
    receiver.delay = 9.0
    first, second = await receiver.rest()
    assert second.at - first.at == pytest.approx(20.0, abs=1.0)
    assert [each.status for each in api.emulator.deliveries_made] == [None, 200]


async def test_nobody_there_is_an_attempt_too(api, receiver):
    """A closed port leaves attempts without a status, until there is an answer."""
    async with receiving() as gone:
        url = gone.url
    await make(api, url=url)
    job = await submit(api)
    await receiver.rest(TWO_DAYS)
    attempts = api.emulator.deliveries_made
    assert [each.status for each in attempts] == [None] * 14
    assert attempts[0].at == pytest.approx(job.finished_at, abs=0.01)
    assert {each.event_type for each in attempts} == {"avatar_video.success"}


async def test_a_deleted_endpoint_gets_nothing_more(api, receiver):
    """Neither new events nor those that were to be repeated."""
    receiver.statuses = [500]
    path = f"/v3/webhooks/endpoints/{(await make(api, url=receiver.url))['endpoint_id']}"
    job = await submit(api)
    later = await submit(api)
    api.emulator.complete(job.id)
    await receiver.wait(1)
    await api.send("DELETE", path)
    assert len(await receiver.rest()) == 1
    assert later.status(asyncio.get_running_loop().time()) == "completed"


@using(deliveries=Deliveries(late=30.0, duplicates=2))
async def test_webhooks_can_be_late_and_doubled(api, receiver):
    """So many copies of one event come so many seconds after it, to endpoint and callback."""
    await make(api, url=f"{receiver.url}?endpoint")
    job = await submit(api, callback_url=receiver.url)
    hooks = await receiver.rest()
    assert len(hooks) == 6
    assert len({hook.json["event_id"] for hook in hooks}) == 1
    for hook in hooks:
        assert hook.at - job.finished_at == pytest.approx(30.0, abs=0.1)


@using(deliveries=Deliveries(shuffle=600.0), seed=1, max_concurrent_jobs=30)
async def test_webhooks_can_overtake_each_other(api, receiver):
    """Events of one moment arrive in another order, none of them lost, within the bound."""
    await make(api, url=receiver.url)
    videos = [await submit(api) for _ in range(30)]
    for job in videos:
        api.emulator.complete(job.id)
    hooks = await receiver.rest()
    seen = [hook.json["event_data"]["video_id"] for hook in hooks]
    assert seen != [job.id for job in videos]
    assert sorted(seen) == sorted(job.id for job in videos)
    waits = [hook.at - videos[0].finished_at for hook in hooks]
    assert waits[0] < 100
    assert 500 < waits[-1] < 601


@using(deliveries=Deliveries(drop=0.5), seed=1, max_concurrent_jobs=100)
async def test_webhooks_can_be_lost(api, receiver):
    """A share of the events is never sent, and with all of them dropped none is."""
    await make(api, url=receiver.url)
    for job in [await submit(api) for _ in range(100)]:
        api.emulator.complete(job.id)
    some = len(await receiver.rest())
    assert 30 < some < 70
    assert len(api.emulator.deliveries_made) == some
    api.emulator.deliveries.drop = 1.0
    await submit(api)
    assert len(await receiver.rest()) == some


@pytest.mark.parametrize(
    ("switches", "headers", "good"),
    [
        ({}, HEADERS, True),
        ({"forged": True}, HEADERS, False),
        ({"unsigned": True}, HEADERS - {"Heygen-Signature"}, False),
        ({"plain_signature": True}, {"signature"}, True),
        ({"plain_signature": True, "forged": True}, {"signature"}, False),
        ({"plain_signature": True, "unsigned": True}, set(), False),
    ],
)
async def test_signatures_can_be_wrong_or_elsewhere(api, receiver, switches, headers, good):
    """The switches, turned while it runs, change what headers there are and if they are true."""
    secret = (await make(api, url=receiver.url))["secret"]
    for name, value in switches.items():
        setattr(api.emulator.deliveries, name, value)
    await submit(api)
    (hook,) = await receiver.wait()
    assert {name for name in hook.headers if name in {*HEADERS, "signature"}} == headers
    name = "signature" if "plain_signature" in switches else "Heygen-Signature"
    assert hook.signed_by(secret, name) is good


@using(deliveries=Deliveries(stale=True))
async def test_webhooks_can_be_stale(api, receiver):
    """The time in the header lies ten minutes back, under a signature that is good."""
    secret = (await make(api, url=receiver.url))["secret"]
    await submit(api)
    (hook,) = await receiver.wait()
    age = time.time() + hook.at - int(hook.headers["Heygen-Timestamp"])
    assert 570 < age < 630
    assert hook.signed_by(secret, "Heygen-Signature")


@pytest.mark.parametrize(
    "switches",
    [{"late": -1}, {"late": "1"}, {"shuffle": -1}, {"duplicates": 0.5}, {"drop": 1.1}],
)
def test_a_senseless_switch_is_refused(switches):
    """Wrong values are refused when given and when changed later."""
    with pytest.raises((ValueError, TypeError), match=next(iter(switches))):
        Deliveries(**switches)
    deliveries = Deliveries()
    with pytest.raises((ValueError, TypeError)):
        setattr(deliveries, *next(iter(switches.items())))


async def test_a_webhook_can_be_sent_by_hand(emulator, receiver):
    """One POST of any body, signed or not, good or bad, and the answer's status comes back."""
    body = {"event_id": "evt_1", "event_type": "avatar_video.success", "event_data": {}}
    receiver.statuses = [202, 401, 200]
    assert await emulator.deliver(receiver.url, body, secret="whsec_a") == 202
    forged = Deliveries(forged=True, plain_signature=True)
    assert await emulator.deliver(receiver.url, body, secret="whsec_a", how=forged) == 401
    assert await emulator.deliver(receiver.url, {"event_type": "new"}) == 200
    good, bad, plain = receiver.hooks
    assert good.json == bad.json == body
    assert good.signed_by("whsec_a", "Heygen-Signature")
    assert good.headers["Heygen-Event-Id"] == "evt_1"
    assert not bad.signed_by("whsec_a", "signature")
    assert not HEADERS & set(plain.headers)
    assert [each.event_id for each in emulator.deliveries_made][:2] == ["evt_1", "evt_1"]


async def test_nothing_leaves_the_machine(api, receiver):
    """Other hosts are no listeners: no attempt, no timer, and by hand an error."""
    await make(api, url="https://example.com/hook")
    await submit(api, callback_url="https://example.com/hook")
    assert not ends_expected()
    await receiver.rest()
    assert not api.emulator.deliveries_made
    with pytest.raises(ValueError, match="loopback"):
        await api.emulator.deliver("https://example.com/hook", {})


async def test_unheard_jobs_cost_nothing(api, jogg):
    """Without a listener there is no timer and no task."""
    before = asyncio.all_tasks()
    for _ in range(10):
        api.emulator.add_video()
    await jogg.post(CREATE, {**VIDEO, "webhook_url": "https://example.com/hook"})
    assert not ends_expected()
    await asyncio.sleep(24 * 3600)
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("busy", [False, True])
async def test_nothing_outlives_the_emulator(session, receiver, recwarn, caplog, busy):
    """Timers, attempts and pauses end with it; a second start expects what still runs."""
    before = asyncio.all_tasks()
    receiver.statuses, receiver.delay = [500], 5.0 if busy else 0.0
    emulator = Emulator()
    async with emulator:
        await make(Api(session, emulator, emulator.url, emulator.api_key), url=receiver.url)
        told, _, running = (emulator.add_video(seconds) for seconds in (1.0, 100.0, 5000.0))
        await receiver.wait(1)
        await asyncio.sleep(0 if busy else 1)
    emulator.add_video(10.0)
    assert not ends_expected()
    await receiver.rest(1000)
    assert asyncio.all_tasks() == before
    assert len(receiver.hooks) == 1
    with pytest.raises(RuntimeError):
        await emulator.deliver(receiver.url, {})
    async with emulator:
        hooks = await receiver.rest(10_000)
    videos = [hook.json["event_data"]["video_id"] for hook in hooks]
    assert videos == [told, running]
    assert not recwarn.list
    assert not caplog.records


@using(median=600.0, max_concurrent_jobs=500)
async def test_five_hundred_jobs_are_announced(api, receiver):
    """Each is told once, in the order of their ends, and no timer or task is left."""
    before = asyncio.all_tasks()
    await make(api, url=receiver.url)
    videos = [api.emulator.add_video() for _ in range(500)]
    hooks = await receiver.rest(TWO_DAYS)
    told = [hook.json["event_data"]["video_id"] for hook in hooks]
    ends = api.emulator.videos
    assert sorted(told) == sorted(videos)
    assert told == sorted(videos, key=lambda video_id: ends[video_id].finished_at)
    assert len({hook.json["event_id"] for hook in hooks}) == 500
    assert not ends_expected()
    assert asyncio.all_tasks() == before


async def test_five_hundred_ends_at_once_all_arrive(api, receiver):
    """A burst is delivered whole, over a bounded number of connections."""
    await make(api, url=receiver.url)
    for video_id in [api.emulator.add_video(60.0) for _ in range(500)]:
        api.emulator.complete(video_id)
    assert len(await receiver.wait(500)) == 500
    assert {each.status for each in api.emulator.deliveries_made} <= {200}
