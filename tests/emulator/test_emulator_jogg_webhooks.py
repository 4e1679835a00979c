"""JoggAI's webhooks: its endpoints, its events, their signature and their repetition."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest

from heygen_async.emulator import Deliveries, Drift

from .conftest import using
from .receiver import receiving
from .test_emulator_jogg import ADD_MOTION, CREATE, GENERATE, MOTION, PHOTO, VIDEO

URL = "https://example.com/hook"
EVENTS = ["generated_avatar_video_success", "generated_motion_failed"]
ENDPOINT = {"url": URL, "status": "enabled", "events": EVENTS}
JOBS = {
    "generated_avatar_video": (CREATE, VIDEO, "video_id"),
    "generated_image": (GENERATE, PHOTO, "photo_id"),
    "generated_motion": (ADD_MOTION, MOTION, "motion_id"),
}


OTHERS = {
    "generated_template_video": (
        "/v2/create_video_with_template",
        {"template_id": 1234, "voice_language": "english", "variables": []},
        "video_id",
    ),
    "generated_translate_video": (
        "/v2/video_translate/",
        {"video_url": "https://a.example/v.mp4", "output_language": "Spanish"},
        "video_translate_id",
    ),
    "generated_product_avatar": (
        "/v2/product_avatar/generation",
        {
            "product_image_url": "https://a.example/p.png",
            "avatar_source": {"type": "description", "value": "a countess"},
            "quality": "low",
            "aspect_ratio": "1:1",
            "num_images": 1,
        },
        "batch_id",
    ),
    "generated_script": (
        "/v2/ai_scripts",
        {
            "language": "english",
            "video_length_seconds": "15",
            "script_style": "Data",
            "product_info": {"source_type": "details", "data": {"name": "n", "description": "d"}},
        },
        "task_id",
    ),
}


@pytest.fixture
async def receiver():
    async with receiving() as receiver:
        yield receiver


async def make(jogg, url, **changes):
    """Return a new endpoint, for all events unless told otherwise."""
    events = (await jogg.data("/v2/events"))["events"]
    body = {"url": url, "status": "enabled", "events": events, **changes}
    return (await jogg.post("/v2/endpoint", body)).json["data"]


async def submit(jogg, event, **extra):
    """Start the job of an event and return its id."""
    path, body, field = JOBS[event]
    return (await jogg.post(path, {**body, **extra})).json["data"][field]


async def test_an_endpoint_is_kept(jogg):
    """It is shown whole, secret and all, in every answer; only a PUT changes it."""
    made = (await jogg.post("/v2/endpoint", ENDPOINT)).json["data"]
    assert re.fullmatch("wh_[0-9a-f]{32}", made["endpoint_id"])
    assert re.fullmatch("whsec_[0-9a-f]{32}", made["secret"])
    assert abs(made["created_at"] - time.time()) < 30
    assert ENDPOINT.items() <= made.items()
    assert made["username"] == "emulated"
    assert await jogg.data("/v2/endpoints") == {"endpoints": [made]}
    path = f"/v2/endpoint/{made['endpoint_id']}"
    other = {"url": f"{URL}/2", "status": "disabled", "events": EVENTS[:1]}
    replaced = (await jogg.send("PUT", path, json=other)).json["data"]
    assert replaced == {**made, **other}
    assert (await jogg.send("DELETE", path)).json["data"] == {"message": "webhook deleted"}
    assert await jogg.data("/v2/endpoints") == {"endpoints": []}
    for method, options in (("PUT", {"json": other}), ("DELETE", {})):
        assert (await jogg.send(method, path, **options)).json["code"] == 10104


async def test_there_are_twenty_two_events(jogg):
    """Eleven things can succeed or fail."""
    events = (await jogg.data("/v2/events"))["events"]
    assert len(set(events)) == len(events) == 22
    assert {*EVENTS, "create_avatar_failed", "generated_script_success"} <= set(events)


@using(jogg_posts_per_minute=100)
async def test_twenty_endpoints_are_the_most(jogg):
    """The twenty-first is a parameter error, until one is deleted."""
    made = [(await jogg.post("/v2/endpoint", ENDPOINT)).json for _ in range(21)]
    assert [reply["code"] for reply in made] == [0] * 20 + [40000]
    await jogg.send("DELETE", f"/v2/endpoint/{made[0]['data']['endpoint_id']}")
    assert (await jogg.post("/v2/endpoint", ENDPOINT)).json["code"] == 0


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"url": "http://example.com/hook"}, "url"),
        ({"url": 7}, "url"),
        ({"status": "on"}, "status"),
        ({"events": ["generated_dog_success"]}, "events[0]"),
        ({"events": None}, "events"),
        ({"secret": "mine"}, "secret"),
    ],
)
async def test_a_bad_endpoint_is_a_parameter_error(jogg, change, param):
    """Other URLs than https, unknown words and fields are 40000 and named."""
    for method, path in (("POST", "/v2/endpoint"), ("PUT", "/v2/endpoint/wh_1")):
        reply = await jogg.send(method, path, json={**ENDPOINT, **change})
        assert reply.json["code"] == 40000
        assert reply.json["msg"].startswith(f"Parameter error: {param}: ")


@pytest.mark.parametrize("missing", ENDPOINT)
async def test_all_fields_are_required(jogg, missing):
    """A PUT needs as much as a POST."""
    body = {name: value for name, value in ENDPOINT.items() if name != missing}
    for method, path in (("POST", "/v2/endpoint"), ("PUT", "/v2/endpoint/wh_1")):
        assert (await jogg.send(method, path, json=body)).json["code"] == 40000


@pytest.mark.parametrize("event", JOBS)
async def test_each_kind_has_its_events(jogg, receiver, event):
    """Good and bad ends name the job; only a video's events have an id and an object of error."""
    secret = (await make(jogg, receiver.url))["secret"]
    good, bad = await submit(jogg, event), await submit(jogg, event)
    jogg.emulator.complete(good)
    jogg.emulator.fail(bad)
    hooks = await receiver.rest()
    told = {hook.json["event"]: hook.json for hook in hooks}
    assert set(told) == {f"{event}_success", f"{event}_failed"}
    field, is_video = JOBS[event][2], event == "generated_avatar_video"
    assert told[f"{event}_success"]["data"][field] == good
    data = told[f"{event}_failed"]["data"]
    assert data[field] == bad
    assert isinstance(data["error"], dict if is_video else str)
    for hook in hooks:
        assert ("event_id" in hook.json) == is_video
        assert hook.signed_by(secret, "X-Webhook-Signature")
        assert hook.headers["X-Webhook-Event"] == hook.json["event"]
        assert hook.headers["User-Agent"] == "JoggAI-Webhook/2.0"
        assert abs(hook.json["timestamp"] - (time.time() + hook.at)) < 30


@pytest.mark.parametrize("event", OTHERS)
async def test_the_other_kinds_have_their_events(jogg, receiver, event):
    """Each tells its two ends, and the job under the name that its submission had."""
    await make(jogg, receiver.url)
    path, body, field = OTHERS[event]
    ids = [(await jogg.post(path, body)).json["data"][field] for _ in range(2)]
    jogg.emulator.complete(ids[0])
    jogg.emulator.fail(ids[1])
    told = {hook.json["event"]: hook.json["data"] for hook in await receiver.rest()}
    assert {name: data[field] for name, data in told.items()} == {
        f"{event}_success": ids[0],
        f"{event}_failed": ids[1],
    }
    assert told[f"{event}_failed"]["error"]


async def test_the_results_are_those_of_the_api(jogg, receiver):
    """The URLs in events are good, under other names than in the answers."""
    await make(jogg, receiver.url)
    ids = [await submit(jogg, event) for event in JOBS]
    for job_id in ids:
        jogg.emulator.complete(job_id)
    hooks = await receiver.rest()
    data = {hook.json["event"]: hook.json["data"] for hook in hooks}
    video = await jogg.data(f"/v2/avatar_video/{ids[0]}")
    photo = await jogg.data(f"/v2/photo_avatar/photo?photo_id={ids[1]}")
    motion = await jogg.data(f"/v2/photo_avatar?motion_id={ids[2]}")
    del video["created_at"]
    assert data["generated_avatar_video_success"] == video
    assert data["generated_image_success"]["photo_urls"] == photo["image_url_list"]
    assert data["generated_motion_success"] == {
        "motion_id": ids[2],
        "motion_url": motion["motion_preview_url"],
        "photo_url": motion["image_url"],
    }


@using(drift=Drift(jogg_events="live", jogg_words="live"))
async def test_a_live_event_names_a_project(jogg, receiver):
    """By a switch a video is a project, with neither status nor cover."""
    await make(jogg, receiver.url)
    video_id = await submit(jogg, "generated_avatar_video")
    (hook,) = await receiver.wait()
    assert set(hook.json["data"]) == {"project_id", "video_url", "duration"}
    assert hook.json["data"]["project_id"] == video_id


@using(drift=Drift(jogg_words="live"))
async def test_a_status_is_in_the_words_of_the_drift(jogg, receiver):
    """An event says what the status call says."""
    await make(jogg, receiver.url)
    await submit(jogg, "generated_avatar_video")
    (hook,) = await receiver.wait()
    assert hook.json["data"]["status"] == "success"


async def test_disabled_and_unsubscribed_endpoints_hear_nothing(jogg, receiver):
    """An endpoint gets what it is subscribed to, while it is enabled."""
    off = await make(jogg, receiver.url, status="disabled")
    await make(jogg, f"{receiver.url}?motion", events=["generated_motion_success"])
    await submit(jogg, "generated_avatar_video")
    assert await receiver.rest() == []
    await submit(jogg, "generated_avatar_video")
    path = f"/v2/endpoint/{off['endpoint_id']}"
    await jogg.send("PUT", path, json={**ENDPOINT, "url": receiver.url})
    (hook,) = await receiver.rest()
    assert hook.json["event"] == EVENTS[0]


async def test_an_endpoint_made_late_hears_of_running_jobs(jogg, receiver):
    """What runs already is announced to it too, when it ends."""
    video_id = await submit(jogg, "generated_avatar_video")
    await make(jogg, receiver.url)
    (hook,) = await receiver.wait()
    assert hook.json["data"]["video_id"] == video_id


async def test_the_url_of_a_request_is_called_without_a_signature(jogg, receiver):
    """The webhook_url of a video gets its event, beside the endpoints."""
    await make(jogg, f"{receiver.url}?endpoint")
    await submit(jogg, "generated_avatar_video", webhook_url=receiver.url)
    hooks = await receiver.rest()
    assert len(hooks) == 2
    assert hooks[0].content == hooks[1].content
    assert sorted("X-Webhook-Signature" in hook.headers for hook in hooks) == [False, True]
    assert {hook.headers["X-Webhook-Event"] for hook in hooks} == {EVENTS[0]}


async def test_three_retries_five_seconds_apart(jogg, receiver):
    """A webhook that is not taken within five seconds comes again, four times in all."""
    receiver.statuses = [500] * 10
    await make(jogg, receiver.url)
    await submit(jogg, "generated_motion")
    hooks = await receiver.rest()
    pauses = [later.at - hook.at for hook, later in pairwise(hooks)]
    assert pauses == pytest.approx([5.0] * 3, abs=0.1)
    receiver.delay = 6.0
    await submit(jogg, "generated_motion")
    hooks = (await receiver.rest())[4:]
    assert hooks[1].at - hooks[0].at == pytest.approx(10.0, abs=1.0)
    assert [each.status for each in jogg.emulator.deliveries_made] == [500] * 4 + [None] * 4


@using(deliveries=Deliveries(stale=True))
async def test_a_stale_event_says_so_in_its_body(jogg, receiver):
    """The only time is in the body, and that is signed."""
    secret = (await make(jogg, receiver.url))["secret"]
    await submit(jogg, "generated_motion")
    (hook,) = await receiver.wait()
    assert 570 < time.time() + hook.at - hook.json["timestamp"] < 630
    assert hook.signed_by(secret, "X-Webhook-Signature")


@pytest.mark.parametrize("switch", ["forged", "unsigned"])
async def test_a_signature_can_be_wrong_or_missing(jogg, receiver, switch):
    """The switches hold for JoggAI too."""
    secret = (await make(jogg, receiver.url))["secret"]
    setattr(jogg.emulator.deliveries, switch, True)
    await submit(jogg, "generated_motion")
    (hook,) = await receiver.wait()
    assert ("X-Webhook-Signature" in hook.headers) == (switch == "forged")
    assert not hook.signed_by(secret, "X-Webhook-Signature")


async def test_one_can_be_sent_by_hand(emulator, receiver):
    """The headers are JoggAI's if it is asked for."""
    body = {"event": "generated_script_success", "timestamp": 1, "data": {}}
    assert await emulator.deliver(receiver.url, body, secret="whsec_b", jogg=True) == 200
    (hook,) = receiver.hooks
    assert hook.signed_by("whsec_b", "X-Webhook-Signature")
    assert hook.headers["X-Webhook-Event"] == "generated_script_success"
    assert hook.json == body


async def test_the_two_vendors_keep_apart(jogg, api, receiver):
    """A job of one has no event at the endpoints of the other."""
    await make(jogg, receiver.url)
    await api.create()
    assert await receiver.rest() == []
    await submit(jogg, "generated_motion")
    await receiver.rest(24 * 3600)
    assert (await api.get("/v3/webhooks/events")).json["data"] == []
