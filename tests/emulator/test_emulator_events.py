"""HeyGen's events: which job has which, what they say, and to whom they go."""

from __future__ import annotations

import time

import pytest

from heygen_async.emulator import Drift

from .conftest import IMAGE_VIDEO, using
from .receiver import receiving
from .test_emulator_webhooks import make

HEADERS = {"Heygen-Signature", "Heygen-Timestamp", "Heygen-Event-Id"}
PICTURE = {"type": "url", "url": "https://example.com/ada.jpg"}


@pytest.fixture
async def receiver():
    async with receiving() as receiver:
        yield receiver


async def submit(api, path="/v3/videos", body=IMAGE_VIDEO, **extra):
    """Start a job and return it."""
    reply = await api.post(path, {**body, **extra})
    assert reply.status == 200, reply.text
    return list(api.emulator.jobs.values())[-1]


async def test_a_finished_video_is_announced(api, receiver):
    """The endpoint hears at the job's own end, in the documented shape and signed."""
    secret = (await make(api, url=receiver.url))["secret"]
    job = await submit(api, callback_id="row 7")
    (hook,) = await receiver.wait()
    assert hook.at == pytest.approx(job.finished_at, abs=0.01)
    body = hook.json
    assert set(body) == {"event_id", "event_type", "event_data", "created_at"}
    data = body["event_data"]
    assert (body["event_type"], data["video_id"]) == ("avatar_video.success", job.id)
    assert (data["callback_id"], data["folder_id"]) == ("row 7", None)
    assert data["url"].startswith(f"{api.emulator.files_url}/video/{job.id}.mp4?")
    assert set(data) - {"video_id", "callback_id", "folder_id", "url"} == {
        "gif_download_url",
        "video_page_url",
        "video_share_page_url",
    }
    assert hook.signed_by(secret, "Heygen-Signature")
    assert hook.headers["Heygen-Event-Id"] == body["event_id"]
    assert abs(int(hook.headers["Heygen-Timestamp"]) - (time.time() + hook.at)) < 30
    assert hook.headers["Content-Type"] == "application/json"
    video = await api.data(f"/v3/videos/{job.id}")
    assert video["status"] == "completed"


async def test_a_failed_video_is_announced(api, receiver):
    """A failure says why, and what the caller called the job."""
    await make(api, url=receiver.url)
    job = await submit(api, callback_id="row 7")
    api.emulator.fail(job.id, message="Out of luck")
    (hook,) = await receiver.rest()
    assert hook.json["event_type"] == "avatar_video.fail"
    assert hook.json["event_data"] == {
        "video_id": job.id,
        "msg": "Out of luck",
        "callback_id": "row 7",
    }


JOBS = [
    (
        "/v2/videos",
        {"image_url": "https://a.example/a.png", "script": "Hi", "voice_id": "v1"},
        "avatar_video",
        "video_id",
    ),
    (
        "/v3/avatars",
        {"type": "photo", "name": "Ada", "file": PICTURE},
        "photo_avatar_generation",
        "id",
    ),
    ("/v2/photo_avatar/add_motion", {"id": "photo_ada"}, "photo_avatar_add_motion", "id"),
    (
        "/v2/photo_avatar/photo/generate",
        {
            "name": "Ada",
            "age": "Senior",
            "gender": "Woman",
            "ethnicity": "Black",
            "orientation": "square",
            "pose": "close_up",
            "style": "Noir",
            "appearance": "hat",
        },
        "photo_avatar_generation",
        "generation_id",
    ),
]


@pytest.mark.parametrize("kind", JOBS, ids=[job[0] for job in JOBS])
async def test_each_kind_has_its_events(api, receiver, kind):
    """Good and bad ends of v2 videos, avatars, motions and generations name the job."""
    path, body, made, field = kind
    await make(api, url=receiver.url)
    good, bad = await submit(api, path, body), await submit(api, path, body)
    api.emulator.complete(good.id)
    api.emulator.fail(bad.id)
    hooks = await receiver.rest()
    told = {hook.json["event_type"]: hook.json["event_data"] for hook in hooks}
    assert set(told) == {f"{made}.success", f"{made}.fail"}
    assert told[f"{made}.success"][field] == good.id
    assert told[f"{made}.fail"][field] == bad.id
    assert told[f"{made}.fail"]["msg"] == bad.kind.failure[1]


async def test_a_training_is_announced(api, receiver):
    """A training names its flow and its group; an upscale has no event at all."""
    await make(api, url=receiver.url)
    avatar = (await submit(api, *JOBS[1][:2])).id
    group_id = (await api.data(f"/v3/avatars/looks/{avatar}"))["group_id"]
    job = await submit(api, "/v2/photo_avatar/train", {"group_id": group_id})
    hooks = await receiver.rest()
    told = {hook.json["event_type"]: hook.json["event_data"] for hook in hooks}
    assert told["photo_avatar_train.success"] == {"flow_id": job.id, "group_id": group_id}
    motion = await submit(api, *JOBS[2][:2])
    await receiver.wait(3)
    await submit(api, "/v2/photo_avatar/upscale", {"id": motion.id})
    assert len(await receiver.rest()) == 3


async def test_a_twin_is_announced_once_its_person_agrees(api, session, receiver):
    """A digital twin's event waits for the consent, by whatever way that comes."""
    await make(api, url=receiver.url)
    twin = {
        "type": "digital_twin",
        "name": "Bob",
        "file": {"type": "url", "url": "https://a.example/b.mp4"},
    }
    jobs = [await submit(api, "/v3/avatars", twin) for _ in range(2)]
    assert await receiver.rest() == []
    groups = [(await api.data(f"/v3/avatars/looks/{job.id}"))["group_id"] for job in jobs]
    api.emulator.consent(groups[0])
    await receiver.wait(1)
    page = await api.post(f"/v3/avatars/{groups[1]}/consent", {})
    await session.get(page.json["data"]["url"])
    hooks = await receiver.rest()
    assert [hook.json["event_type"] for hook in hooks] == ["instant_avatar.success"] * 2
    assert [hook.json["event_data"]["id"] for hook in hooks] == [job.id for job in jobs]


async def test_a_callback_is_unsigned_and_comes_beside_the_endpoints(api, receiver):
    """The job's own URL gets the same body, with no header of the vendor's."""
    await make(api, url=f"{receiver.url}?endpoint")
    await submit(api, callback_url=receiver.url, callback_id="row 7")
    hooks = await receiver.rest()
    assert len(hooks) == 2
    assert hooks[0].content == hooks[1].content
    assert sorted(len(HEADERS & set(hook.headers)) for hook in hooks) == [0, 3]
    assert {each.url for each in api.emulator.deliveries_made} == {
        receiver.url,
        f"{receiver.url}?endpoint",
    }


async def test_a_deleted_video_is_not_announced(api, receiver):
    """What is forgotten before its end has no event."""
    await make(api, url=receiver.url)
    job = await submit(api)
    await api.send("DELETE", f"/v3/videos/{job.id}")
    assert await receiver.rest() == []


async def test_an_end_is_announced_once(api, receiver):
    """A job that is ended by hand after its end was told is not told again."""
    await make(api, url=receiver.url)
    job = await submit(api)
    await receiver.wait(1)
    api.emulator.fail(job.id)
    api.emulator.complete(job.id)
    assert len(await receiver.rest()) == 1


@using(drift=Drift(heygen_events="bare", extra_fields=True))
async def test_bodies_can_drift(api, receiver):
    """A bare body has neither id nor time; unknown fields stand in it and are signed too."""
    secret = (await make(api, url=receiver.url))["secret"]
    await submit(api)
    (hook,) = await receiver.wait()
    await receiver.rest(1)
    assert set(hook.json) == {"event_type", "event_data", "unheard_of"}
    assert hook.signed_by(secret, "Heygen-Signature")
    assert (await api.data("/v3/webhooks/events"))[0]["event_id"]


@pytest.mark.parametrize("switch", [{"heygen_events": "live"}, {"jogg_events": "bare"}])
def test_an_unknown_way_to_drift_is_refused(switch):
    """Each vendor's events drift in its own way alone."""
    with pytest.raises(ValueError, match=next(iter(switch))):
        Drift(**switch)
