"""Photo avatars of v2: motions, generated photos, groups, training."""

from __future__ import annotations

import pytest

from heygen_async.emulator import Drift, Fault

from .conftest import pass_time, using

BASE = "/v2/photo_avatar"
MOTION = f"{BASE}/add_motion"
ID = {"id": "photo_ada"}
PHOTOS = {
    "name": "Ada",
    "age": "Young Adult",
    "gender": "Woman",
    "ethnicity": "Unspecified",
    "orientation": "square",
    "pose": "half_body",
    "style": "Realistic",
    "appearance": "a baker",
}


async def made(api, path, body):
    reply = await api.post(path, body)
    assert reply.status == 200, reply.text
    assert reply.json["error"] is None
    return reply.json["data"]


@pytest.fixture
async def keys(api):
    """Return the keys of four generated pictures."""
    generation_id = (await made(api, f"{BASE}/photo/generate", PHOTOS))["generation_id"]
    api.emulator.complete(generation_id)
    return (await api.data(f"{BASE}/generation/{generation_id}"))["image_key_list"]


@pytest.fixture
async def group(api, keys):
    """Return the completed look of a new group."""
    look = await made(api, f"{BASE}/avatar_group/create", {"name": "Ada", "image_key": keys[0]})
    api.emulator.complete(look["id"])
    return look


MOTION_TYPES = (
    "expressive",
    "consistent",
    "consistent_gen_3",
    "hailuo_2",
    "veo2",
    "seedance_lite",
    "kling",
    "veo3.1",
    "runway_gen4",
    "runway_gen3",
    "avatar_iv",
)


@pytest.mark.parametrize("motion_type", MOTION_TYPES)
async def test_every_motion_type_is_accepted(api, motion_type):
    """The words of the page and the newer ones make a new look for one credit."""
    data = await made(api, MOTION, {**ID, "prompt": "nods", "motion_type": motion_type})
    charges = api.emulator.wallet.charges_of(data["id"])
    assert [charge.amount for charge in charges] == [1.0]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "id"),
        ({"id": ""}, "id"),
        ({**ID, "motion_type": "wild"}, "motion_type"),
        ({**ID, "motion_type": None}, "motion_type"),
        ({**ID, "prompt": 1}, "prompt"),
        ({**ID, "model": "2.0"}, "model"),
    ],
)
async def test_a_bad_motion_names_its_parameter(api, body, param):
    """The refusal of v2 has no field for the parameter, so its message names it."""
    reply = await api.post(MOTION, body)
    assert (reply.status, reply.error["code"]) == (400, "invalid_parameter")
    assert reply.error["message"].startswith(f"{param} is invalid")
    assert reply.json["data"] is None
    assert not api.emulator.jobs


@pytest.mark.parametrize("look_id", ["x", "twin_ben"])
async def test_only_photo_avatars_are_known(api, look_id):
    """An unknown look and a video avatar are both 404."""
    motion = await api.post(MOTION, {"id": look_id})
    shown = await api.get(f"{BASE}/{look_id}")
    for reply in (motion, shown):
        assert (reply.status, reply.error["code"]) == (404, "avatar_not_found")


async def test_a_motion_is_pending_and_then_completed(api, session):
    """The new look gets its picture and its preview at the end, in v2 and v3 alike."""
    look_id = (await made(api, MOTION, ID))["id"]
    pass_time(api.emulator.jobs[look_id].duration / 2)
    before = await api.data(f"{BASE}/{look_id}")
    api.emulator.complete(look_id)
    after = await api.data(f"{BASE}/{look_id}")
    assert (before["status"], before["image_url"], before["motion_preview_url"]) == (
        "pending",
        "",
        None,
    )
    assert (after["status"], after["is_motion"], after["name"]) == (
        "completed",
        True,
        "Ada at work",
    )
    async with session.get(after["motion_preview_url"]) as response:
        assert response.content_type == "video/mp4"
    assert (await api.data(f"/v3/avatars/looks/{look_id}"))["status"] == "completed"
    video = {"avatar_id": look_id, "script": "Hi", "voice_id": "v1"}
    assert (await api.post("/v2/videos", video)).status == 200


async def test_a_motion_can_fail(api):
    """The status is failed then, and nothing is to be seen."""
    look_id = (await made(api, MOTION, ID))["id"]
    api.emulator.fail(look_id)
    shown = await api.data(f"{BASE}/{look_id}")
    assert (shown["status"], shown["motion_preview_url"]) == ("failed", None)


async def test_a_motion_twice_is_two_motions(api):
    """There is no idempotency key: a second POST is a second look and charge."""
    headers = {"Idempotency-Key": "k"}
    ids = {(await api.post(MOTION, ID, headers=headers)).json["data"]["id"] for _ in "ab"}
    assert len(ids) == len(api.emulator.wallet.charges) == 2


@using(max_motions=2, max_concurrent_jobs=1)
async def test_motions_are_limited(api):
    """They need no slot, but an account has only so many."""
    await api.create()
    replies = [await api.post(MOTION, ID) for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 400]
    assert replies[2].error == {
        "code": "resource_limit_reached",
        "message": "You have exceeded your limit of 2 photo avatar add motions.",
    }


async def test_a_look_in_the_making_cannot_move(api):
    """add_motion waits for the look to be completed."""
    photo = {"type": "url", "url": "https://example.com/a.png"}
    body = {"type": "photo", "name": "Ada", "file": photo}
    look_id = (await api.post("/v3/avatars", body)).json["data"]["avatar_item"]["id"]
    early = await api.post(MOTION, {"id": look_id})
    api.emulator.complete(look_id)
    assert (early.status, early.error["code"]) == (400, "avatar_not_usable")
    moved = await made(api, MOTION, {"id": look_id})
    v2 = [await api.data(f"{BASE}/{name}") for name in (look_id, moved["id"])]
    assert v2[0]["group_id"] == v2[1]["group_id"]


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("upscale", "upscaled", True),
        ("add_sound_effect", "background_sound_effect", "background sound"),
    ],
)
async def test_a_motion_can_be_improved(api, path, field, value):
    """Upscaling and sound show on the motion when their job ends, and are charged."""
    look_id = (await made(api, MOTION, ID))["id"]
    early = await api.post(f"{BASE}/{path}", {"id": look_id})
    api.emulator.complete(look_id)
    await made(api, f"{BASE}/{path}", {"id": look_id})
    before = await api.data(f"{BASE}/{look_id}")
    api.emulator.complete(list(api.emulator.jobs)[-1])
    after = await api.data(f"{BASE}/{look_id}")
    still = await api.post(f"{BASE}/{path}", ID)
    assert early.error["code"] == "avatar_not_usable"
    assert not before[field]
    assert after[field] == value
    assert (still.status, still.error["code"]) == (400, "invalid_parameter")
    assert len(api.emulator.wallet.charges) == 2


async def test_photos_are_generated(api, session):
    """A generation ends with the word success and four pictures."""
    generation_id = (await made(api, f"{BASE}/photo/generate", PHOTOS))["generation_id"]
    path = f"{BASE}/generation/{generation_id}"
    before = await api.data(path)
    api.emulator.complete(generation_id)
    after = await api.data(path)
    assert (before["status"], before["image_url_list"]) == ("pending", [])
    assert (after["id"], after["status"], after["msg"]) == (generation_id, "success", None)
    assert len(set(after["image_url_list"])) == len(set(after["image_key_list"])) == 4
    for url in after["image_url_list"]:
        async with session.get(url) as response:
            assert response.content_type == "image/jpeg"


async def test_a_failed_generation_says_why(api):
    """The message of a failure is in msg, and an unknown generation is 404."""
    generation_id = (await made(api, f"{BASE}/photo/generate", PHOTOS))["generation_id"]
    api.emulator.fail(generation_id, message="No baker.")
    data = await api.data(f"{BASE}/generation/{generation_id}")
    unknown = await api.get(f"{BASE}/generation/x")
    assert (data["status"], data["msg"], data["image_key_list"]) == ("failed", "No baker.", [])
    assert (unknown.status, unknown.error["code"]) == (404, "generation_not_found")


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"age": "Young adult"}, "age"),
        ({"gender": "Female"}, "gender"),
        ({"ethnicity": "Asian"}, "ethnicity"),
        ({"orientation": "portrait"}, "orientation"),
        ({"pose": "standing"}, "pose"),
        ({"style": "realistic"}, "style"),
        ({"appearance": "x" * 1001}, "appearance"),
        ({"seed": 1}, "seed"),
    ],
)
async def test_a_bad_generation_names_its_parameter(api, changes, param):
    """Words are those of the document, in its case."""
    reply = await api.post(f"{BASE}/photo/generate", {**PHOTOS, **changes})
    assert reply.status == 400
    assert reply.error["message"].startswith(f"{param} is invalid")


@pytest.mark.parametrize("name", PHOTOS)
async def test_all_of_a_generation_is_required(api, name):
    """Each of the eight fields has to be there."""
    body = {key: value for key, value in PHOTOS.items() if key != name}
    reply = await api.post(f"{BASE}/photo/generate", body)
    assert reply.error["message"] == f"{name} is invalid: Field required."


async def test_a_group_is_made_from_a_picture(api, keys):
    """A new group has one look, which is pending for some seconds and free of charge."""
    body = {"name": "Ada", "image_key": keys[0], "generation_id": keys[0].split("/")[1][:-4]}
    look = await made(api, f"{BASE}/avatar_group/create", body)
    assert (look["status"], look["is_motion"], look["name"]) == ("pending", False, "Ada")
    assert api.emulator.jobs[look["id"]].duration < 600  # of a median of 3600 for videos
    assert not api.emulator.wallet.charges_of(look["id"])


async def test_a_picture_has_to_be_finished(api):
    """The key of a generation that still runs names nothing yet."""
    generation_id = (await made(api, f"{BASE}/photo/generate", PHOTOS))["generation_id"]
    body = {"name": "Ada", "image_key": f"photo1/{generation_id}.jpg"}
    early = await api.post(f"{BASE}/avatar_group/create", body)
    api.emulator.complete(generation_id)
    late = await api.post(f"{BASE}/avatar_group/create", body)
    assert (early.status, late.status) == (400, 200)


async def test_an_uploaded_picture_has_a_key_too(api):
    """image/<asset id>/original names an uploaded image, not a document."""
    replies = []
    for content in (b"\x89PNG\r\n\x1a\n...", b"%PDF-1.7"):
        asset_id = (await api.upload(content)).json["data"]["asset_id"]
        body = {"name": "Ada", "image_key": f"image/{asset_id}/original"}
        replies.append(await api.post(f"{BASE}/avatar_group/create", body))
    assert [reply.status for reply in replies] == [200, 400]


async def test_looks_are_added_to_a_group(api, group, keys):
    """Each picture becomes a look of the group."""
    body = {"group_id": group["group_id"], "image_keys": keys, "name": "More"}
    added = (await made(api, f"{BASE}/avatar_group/add", body))["photo_avatar_list"]
    listed = (await api.data(f"/v2/avatar_group/{group['group_id']}/avatars"))["avatar_list"]
    assert [look["id"] for look in listed] == [group["id"], *(look["id"] for look in added)]
    assert {look["name"] for look in added} == {"More"}
    assert len(added) == 4


@pytest.fixture
def good(group, keys):
    """Return the smallest request to make a group and to add to one."""
    return {
        "create": {"name": "Ada", "image_key": keys[0]},
        "add": {"name": "Ada", "group_id": group["group_id"], "image_keys": keys[:1]},
    }


@pytest.mark.parametrize(
    ("path", "changes", "param"),
    [
        ("create", {"image_key": "x"}, "image_key"),
        ("create", {"image_key": "photo1/x.jpg"}, "image_key"),
        ("create", {"image_key": "image/x/original"}, "image_key"),
        ("create", {"name": ""}, "name"),
        ("create", {"generation_id": "x"}, "generation_id"),
        ("create", {"group_id": "x"}, "group_id"),
        ("add", {"image_keys": []}, "image_keys"),
        ("add", {"image_keys": ["k"] * 5}, "image_keys"),
        ("add", {"image_keys": ["k"]}, "image_keys[0]"),
        ("add", {"group_id": "x"}, "group_id"),
        ("add", {"group_id": "group_ada"}, "group_id"),
        ("add", {"name": None}, "name"),
    ],
)
async def test_a_bad_group_names_its_parameter(api, good, path, changes, param):
    """Unknown pictures, groups and fields are refused, and no look is made."""
    before = len(api.emulator.jobs)
    reply = await api.post(f"{BASE}/avatar_group/{path}", {**good[path], **changes})
    assert reply.status in {400, 404}
    assert reply.error["message"].startswith(f"{param} is invalid")
    assert len(api.emulator.jobs) == before


async def test_a_group_is_trained(api, group):
    """Training ends with the word ready."""
    status_path = f"{BASE}/train/status/{group['group_id']}"
    untrained = await api.get(status_path)
    flow_id = (await made(api, f"{BASE}/train", {"group_id": group["group_id"]}))["flow_id"]
    words = [(await api.data(status_path))["status"]]
    pass_time(api.emulator.jobs[flow_id].duration / 2)
    words.append((await api.data(status_path))["status"])
    api.emulator.complete(flow_id)
    after = await api.data(status_path)
    assert (untrained.status, *words, after["status"]) == (404, "pending", "training", "ready")
    assert after["created_at"] <= after["updated_at"]
    assert after["error_msg"] is None


async def test_a_training_can_fail(api, group):
    """A failure is told in error_msg; an unknown group is 404."""
    flow_id = (await made(api, f"{BASE}/train", {"group_id": group["group_id"]}))["flow_id"]
    api.emulator.fail(flow_id, message="Too few looks.")
    data = await api.data(f"{BASE}/train/status/{group['group_id']}")
    unknown = await api.post(f"{BASE}/train", {"group_id": "x"})
    assert (data["status"], data["error_msg"]) == ("failed", "Too few looks.")
    assert (unknown.status, unknown.error["code"]) == (404, "avatar_group_not_found")


async def test_groups_are_listed(api, group):
    """One's own groups are listed, and the public ones if they are asked for."""
    own = await api.data("/v2/avatar_group.list")
    everyone = await api.data("/v2/avatar_group.list?include_public=true")
    bad = await api.get("/v2/avatar_group.list?include_public=yes")
    assert own["total_count"] == 1
    row = own["avatar_group_list"][0]
    assert (row["id"], row["num_looks"], row["train_status"]) == (group["group_id"], 1, "empty")
    assert everyone["total_count"] == 4
    assert (bad.status, bad.error["message"][:14]) == (400, "include_public")


async def test_video_avatars_look_unlike_photo_avatars(api):
    """A list of avatars has two shapes of rows."""
    photos = (await api.data("/v2/avatar_group/group_ada/avatars"))["avatar_list"]
    videos = (await api.data("/v2/avatar_group/group_ben/avatars"))["avatar_list"]
    assert [row["id"] for row in photos] == ["photo_ada", "photo_silent"]
    assert [row["avatar_id"] for row in videos] == ["twin_ben", "twin_plain"]
    assert (await api.get("/v2/avatar_group/x/avatars")).status == 404


async def test_a_photo_avatar_is_deleted(api, group):
    """Deleting the last look deletes the group; a public one stays."""
    gone = await api.send("DELETE", f"{BASE}/{group['id']}")
    public = await api.send("DELETE", f"{BASE}/photo_ada")
    assert gone.json == {"error": None, "data": {}}
    assert (await api.get(f"{BASE}/{group['id']}")).status == 404
    assert (await api.data("/v2/avatar_group.list"))["total_count"] == 0
    assert (public.status, public.error["code"]) == (403, "forbidden")


async def test_the_quota_is_in_seconds(api):
    """60 of it are a credit."""
    await api.post(MOTION, ID)
    assert await api.data("/v2/user/remaining_quota") == {"remaining_quota": 9_999 * 60}


@using(drift=Drift(v2_errors="text"))
async def test_an_error_can_be_a_text(api):
    """By a switch the error is the string that the page of add_motion documents."""
    reply = await api.post(MOTION, {})
    assert reply.json == {"error": "id is invalid: Field required.", "data": None}


@using(balance=0.5)
async def test_a_motion_needs_a_credit(api):
    """Without credits it is 402 and nothing is made."""
    reply = await api.post(MOTION, ID)
    assert (reply.status, reply.error["code"]) == (402, "insufficient_credit")
    assert not api.emulator.jobs


async def test_a_planned_fault_has_the_shape_of_v2(api):
    """A fault on a v2 route is answered in its envelope."""
    api.emulator.faults.add(Fault(route=f"POST {MOTION}", status=503))
    reply = await api.post(MOTION, ID)
    assert reply.status == 503
    assert set(reply.json) == {"error", "data"}
