"""Videos of v2 and v1: every field and rule of their pages, in wrapped and bare answers."""

from __future__ import annotations

import pytest

from heygen_async.emulator import Drift

from .conftest import using

PATH = "/v2/videos"
PHOTO = {"avatar_id": "photo_ada", "script": "Hi", "voice_id": "v1"}
TWIN = {**PHOTO, "avatar_id": "twin_ben"}
IMAGE = {"image_url": "https://example.com/a.png", "script": "Hi", "voice_id": "v1"}
AUDIO = {"image_url": "https://example.com/a.png", "audio_url": "https://example.com/a.mp3"}

GOOD = {
    "photo": PHOTO,
    "twin": TWIN,
    "image": IMAGE,
    "audio": AUDIO,
    "speech to speech": {**AUDIO, "voice_id": "v2"},
    "the page's defaults": {
        **PHOTO,
        "audio_url": "",
        "resolution": "1080p",
        "aspect_ratio": "16:9",
        "remove_background": False,
        "voice_settings": {"speed": 1.0, "pitch": 0.0},
    },
    "all": {
        **PHOTO,
        "title": "T",
        "resolution": "720p",
        "aspect_ratio": "9:16",
        "motion_prompt": "nods",
        "expressiveness": "high",
        "remove_background": True,
        "background": {"type": "color", "value": "#ff0000"},
        "voice_settings": {"speed": 0.5, "pitch": -50, "locale": "en-US"},
    },
    "moving image": {**IMAGE, "motion_prompt": "nods", "expressiveness": "low"},
    "nulls": {**PHOTO, "image_url": None, "title": None, "background": None},
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD.keys())
async def test_a_good_request_makes_a_video(api, body):
    """Every documented field and combination makes a job, charged once."""
    reply = await api.post(PATH, body)
    assert reply.status == 200, reply.text
    data = reply.json["data"]
    assert (reply.json["error"], data["status"]) == (None, "waiting")
    assert [charge.job_id for charge in api.emulator.wallet.charges] == [data["video_id"]]


BAD = [
    ({"script": "Hi", "voice_id": "v1"}, "avatar_id"),
    ({**PHOTO, "image_url": "https://example.com/a.png"}, "avatar_id"),
    ({**IMAGE, "image_asset_id": "x"}, "avatar_id"),
    ({**PHOTO, "image_url": "a.png", "avatar_id": None}, "image_url"),
    ({**PHOTO, "audio_url": "https://example.com/a.mp3"}, "audio_url"),
    ({**AUDIO, "audio_asset_id": "x"}, "audio_asset_id"),
    ({**AUDIO, "audio_url": ""}, "script"),
    ({"avatar_id": "photo_ada", "script": "Hi"}, "voice_id"),
    ({**PHOTO, "script": ""}, "script"),
    ({**PHOTO, "resolution": "4k"}, "resolution"),
    ({**PHOTO, "aspect_ratio": "1:1"}, "aspect_ratio"),
    ({**PHOTO, "expressiveness": "max"}, "expressiveness"),
    ({**TWIN, "motion_prompt": "nods"}, "motion_prompt"),
    ({**TWIN, "expressiveness": "low"}, "expressiveness"),
    ({**TWIN, "avatar_id": "twin_plain", "remove_background": True}, "remove_background"),
    ({**PHOTO, "remove_background": "false"}, "remove_background"),
    ({**PHOTO, "background": {"value": "#ff0000"}}, "background.type"),
    ({**PHOTO, "background": {"type": "color"}}, "background.value"),
    ({**PHOTO, "background": {"type": "image"}}, "background.url"),
    ({**PHOTO, "voice_settings": {"speed": 1.6}}, "voice_settings.speed"),
    ({**PHOTO, "voice_settings": {"pitch": 51}}, "voice_settings.pitch"),
    ({**PHOTO, "voice_settings": {"volume": 1}}, "voice_settings.volume"),
    ({**PHOTO, "type": "avatar"}, "type"),
    ({**PHOTO, "engine": {"type": "avatar_iv"}}, "engine"),
]


@pytest.mark.parametrize(("body", "param"), BAD)
async def test_a_bad_request_names_its_parameter(api, body, param):
    """What departs from the page is a 400, free of charge."""
    reply = await api.post(PATH, body)
    assert (reply.status, reply.error["code"]) == (400, "invalid_parameter")
    assert reply.error["param"] == param
    assert not api.emulator.wallet.charges


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({**PHOTO, "avatar_id": "x"}, "avatar_not_found", "avatar_id"),
        ({**PHOTO, "voice_id": "x"}, "voice_not_found", "voice_id"),
        ({"image_asset_id": "x", **AUDIO, "image_url": None}, "asset_not_found", "image_asset_id"),
    ],
)
async def test_what_is_named_has_to_exist(api, body, code, param):
    """An unknown avatar, voice or asset is a 404 of its own code."""
    reply = await api.post(PATH, body)
    assert (reply.status, reply.error["code"], reply.error["param"]) == (404, code, param)


async def test_there_is_no_idempotency_key(api):
    """A repeated POST is a second job and a second charge."""
    headers = {"Idempotency-Key": "k"}
    ids = {(await api.post(PATH, PHOTO, headers=headers)).json["data"]["video_id"] for _ in "ab"}
    assert len(ids) == len(api.emulator.wallet.charges) == 2


async def test_a_video_is_read_listed_and_deleted(api):
    """A v2 video is the same thing to v3, and takes a slot like one."""
    video_id = (await api.post(PATH, {**PHOTO, "title": "T"})).json["data"]["video_id"]
    api.emulator.complete(video_id)
    reply = await api.get(f"{PATH}/{video_id}")
    listed = (await api.get(f"{PATH}?title=T&limit=1")).json
    v3 = await api.data(f"/v3/videos/{video_id}")
    data = reply.json["data"]
    assert (reply.json["error"], data["status"], data["title"]) == (None, "completed", "T")
    assert data["video_url"]
    assert v3["id"] == listed["data"][0]["id"] == video_id
    assert listed["has_more"] is False
    gone = await api.send("DELETE", f"{PATH}/{video_id}")
    again = await api.send("DELETE", f"{PATH}/{video_id}")
    assert gone.json["data"] == {"id": video_id, "deleted": True}
    assert (again.status, again.error["code"]) == (404, "video_not_found")


@using(drift=Drift(v2_videos="bare"))
async def test_answers_can_be_bare(api):
    """By a switch create and get answer without an envelope, as the page shows it."""
    created = (await api.post(PATH, PHOTO)).json
    shown = (await api.get(f"{PATH}/{created['video_id']}")).json
    assert (created["status"], shown["id"]) == ("waiting", created["video_id"])
    assert "data" not in created


@using(max_concurrent_jobs=1)
async def test_the_slots_are_shared_with_v3(api):
    """A v2 video counts against the limit of concurrent jobs."""
    await api.create()
    reply = await api.post(PATH, PHOTO)
    assert (reply.status, reply.error["code"]) == (429, "rate_limit_exceeded")


async def test_v1_tells_the_status(api):
    """The v1 status has code 100, its own field names, and the error of a failure."""
    video_id = (await api.create()).json["data"]["video_id"]
    path = f"/v1/video_status.get?video_id={video_id}"
    waiting = (await api.get(path)).json
    api.emulator.fail(video_id, "too_long", "Video is too long")
    failed = (await api.get(path)).json["data"]
    api.emulator.complete(video_id)
    done = (await api.get(path)).json["data"]
    assert (waiting["code"], waiting["message"]) == (100, "Success")
    assert (waiting["data"]["status"], waiting["data"]["error"]) == ("pending", None)
    assert failed["error"] == {
        "code": "too_long",
        "detail": "Video is too long",
        "message": "Video is too long",
    }
    assert (done["id"], done["status"], done["error"]) == (video_id, "completed", None)
    assert done["video_url"]


@pytest.mark.parametrize(
    ("query", "code"),
    [("", 40001), ("?video_id=", 40001), ("?video_id=x", 40031), ("?id=x", 400175)],
)
async def test_v1_refuses_in_numbers(api, query, code):
    """The v1 refusal is a number and a message."""
    reply = await api.get(f"/v1/video_status.get{query}")
    assert reply.status == 400
    assert reply.json["code"] == code
    assert set(reply.json) == {"code", "message"}


async def test_each_version_refuses_a_wrong_key_in_its_own_shape(api):
    """The 401 of v1 is a number, that of v2 has data beside the error."""
    headers = {"x-api-key": "wrong"}
    v1 = await api.get("/v1/video_status.get?video_id=x", headers=headers)
    v2 = await api.get("/v2/user/remaining_quota", headers=headers)
    assert (v1.status, v1.json) == (401, {"code": 401, "message": "Unauthorized"})
    assert v2.json == {"error": {"code": "unauthorized", "message": "Unauthorized"}, "data": None}
    assert v2.status == 401


@using(drift=Drift(v2_retired=True))
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", PATH),
        ("POST", "/v2/photo_avatar/add_motion"),
        ("GET", "/v2/avatar_group.list"),
        ("GET", "/v2/nothing"),
        ("GET", "/v1/video_status.get"),
    ],
)
async def test_v1_and_v2_can_be_retired(api, method, path):
    """By a switch all of v1 and v2 answers 410, while v3 goes on."""
    assert (await api.send(method, path)).status == 410
    assert (await api.create()).status == 200
    assert len(api.emulator.jobs) == 1
