"""JoggAI: photos, motions, videos and uploads, from request to file."""

from __future__ import annotations

import pytest

from .conftest import using

PHOTO = {
    "age": "Adult",
    "avatar_style": "Professional",
    "gender": "Male",
    "model": "modern",
    "aspect_ratio": "portrait",
}
VOICE = "en-US-ChristopherNeural"
MOTION = {
    "image_url": "https://example.com/a.jpg",
    "name": "Ada",
    "voice_id": VOICE,
    "model": "2.0",
}
VIDEO = {
    "avatar": {"avatar_type": 0, "avatar_id": 81},
    "voice": {"type": "script", "voice_id": VOICE, "script": "Hello!"},
    "aspect_ratio": "portrait",
    "screen_style": 1,
}
GENERATE = "/v2/photo_avatar/photo/generate"
ADD_MOTION = "/v2/photo_avatar/add_motion"
CREATE = "/v2/create_video_from_avatar"
UPLOAD = "/v2/upload/asset"
UPLOADED = {"filename": "p.jpg", "content_type": "image/jpeg", "file_size": 6}


async def made(jogg, path, body):
    reply = await jogg.post(path, body)
    assert (reply.status, reply.json["code"]) == (200, 0), reply.text
    return reply.json["data"]


def spent_on(jogg, job_id):
    return [charge.amount for charge in jogg.emulator.jogg_wallet.charges_of(job_id)]


async def test_the_envelope_has_its_four_fields(jogg):
    """rid, code, msg and data, for success and for refusal."""
    good = (await jogg.post(GENERATE, PHOTO)).json
    bad = (await jogg.post(GENERATE, {})).json
    assert set(good) == set(bad) == {"rid", "code", "msg", "data"}
    assert (good["code"], good["msg"], bad["code"], bad["data"]) == (0, "success", 40000, None)
    assert len(good["rid"]) == 32
    assert good["rid"] != bad["rid"]


async def test_a_photo_becomes_four_pictures(jogg, session):
    """A generation costs 0.2 credits and ends with four pictures that need no signature."""
    photo_id = (await made(jogg, GENERATE, PHOTO))["photo_id"]
    path = f"/v2/photo_avatar/photo?photo_id={photo_id}"
    before = await jogg.data(path)
    jogg.emulator.complete(photo_id)
    after = await jogg.data(path)
    assert spent_on(jogg, photo_id) == [0.2]
    assert before == {"photo_id": photo_id, "status": "in_progress"}
    assert (after["status"], after["msg"], len(after["image_key_list"])) == ("success", None, 4)
    for url in after["image_url_list"]:
        async with session.get(url) as response:
            assert (response.status, response.content_type) == (200, "image/jpeg")


async def test_a_failed_photo_says_why(jogg):
    """The word is error and the reason in msg."""
    photo_id = (await made(jogg, GENERATE, PHOTO))["photo_id"]
    jogg.emulator.fail(photo_id, message="No face detected in photo")
    data = await jogg.data(f"/v2/photo_avatar/photo?photo_id={photo_id}")
    assert data == {"photo_id": photo_id, "status": "error", "msg": "No face detected in photo"}


@pytest.mark.parametrize(
    ("model", "price"), [("1.0", 2.0), ("2.0", 2.0), ("2.0-Pro", 3.0), ("3.0", 2.0)]
)
async def test_each_model_has_its_price(jogg, model, price):
    """A motion of the Pro model costs 3 credits, any other 2."""
    data = await made(jogg, ADD_MOTION, {**MOTION, "model": model})
    assert (data["status"], type(data["avatar_id"])) == ("pending", int)
    assert spent_on(jogg, data["motion_id"]) == [price]


async def test_a_motion_becomes_an_avatar(jogg, session):
    """A motion ends with a preview, and its avatar can be used in a video from then on."""
    photo_id = (await made(jogg, GENERATE, PHOTO))["photo_id"]
    jogg.emulator.complete(photo_id)
    body = {**MOTION, "photo_id": photo_id, "description": "nods", "welcome_msg": "Hi"}
    made_motion = await made(jogg, ADD_MOTION, body)
    motion_id, avatar_id = made_motion["motion_id"], made_motion["avatar_id"]
    video = {**VIDEO, "avatar": {"avatar_type": 1, "avatar_id": avatar_id}}
    path = f"/v2/photo_avatar?motion_id={motion_id}"
    before, early = await jogg.data(path), await jogg.post(CREATE, video)
    jogg.emulator.complete(motion_id)
    after, late = await jogg.data(path), await jogg.post(CREATE, video)
    assert (before["status"], before["motion_preview_url"]) == ("pending", "")
    assert "error_msg" not in before
    assert (after["status"], after["error_msg"], after["avatar_id"]) == (
        "completed",
        None,
        avatar_id,
    )
    assert (early.json["code"], late.json["code"]) == (40000, 0)
    async with session.get(after["motion_preview_url"]) as response:
        assert (response.status, response.content_type) == (200, "video/mp4")


async def test_a_failed_motion_says_why(jogg):
    """The reason is in error_msg, and in fail_msg of the list."""
    motion_id = (await made(jogg, ADD_MOTION, MOTION))["motion_id"]
    jogg.emulator.fail(motion_id, message="Photo quality insufficient")
    data = await jogg.data(f"/v2/photo_avatar?motion_id={motion_id}")
    row = (await jogg.data("/v2/avatars/photo_avatars"))["avatars"][0]
    assert (data["status"], data["error_msg"]) == ("failed", "Photo quality insufficient")
    assert (row["status"], row["fail_msg"]) == (2, "Photo quality insufficient")


@pytest.mark.parametrize(
    ("model", "description", "code"),
    [
        ("1.0", "x" * 299, 0),
        ("1.0", "x" * 300, 40000),
        ("2.0", "x" * 1500, 0),
        ("2.0", "x" * 1501, 40000),
        ("2.0-Pro", "é" * 750, 0),
        ("3.0", "é" * 751, 40000),
    ],
)
async def test_a_description_is_limited_in_bytes(jogg, model, description, code):
    """Under 300 bytes of UTF-8 for model 1.0, at most 1500 for the others."""
    body = {**MOTION, "model": model, "description": description}
    assert (await jogg.post(ADD_MOTION, body)).json["code"] == code


async def test_a_video_is_made(jogg, session):
    """A video costs a credit and ends with a file and a cover that need no signature."""
    everything = {
        **VIDEO,
        "caption": True,
        "webhook_url": "https://example.com/hook",
        "video_name": "V",
    }
    video_id = (await made(jogg, CREATE, everything))["video_id"]
    before = await jogg.data(f"/v2/avatar_video/{video_id}")
    jogg.emulator.complete(video_id)
    after = await jogg.data(f"/v2/avatar_video/{video_id}")
    assert spent_on(jogg, video_id) == [1.0]
    assert set(before) == {"video_id", "status", "created_at"}
    assert (before["status"], after["status"]) == ("pending", "completed")
    for field, mime_type in (("video_url", "video/mp4"), ("cover_url", "image/jpeg")):
        async with session.get(after[field]) as response:
            assert (response.status, response.content_type) == (200, mime_type)


async def test_a_failed_video_says_why(jogg):
    """The reason is an object with code and message."""
    video_id = (await made(jogg, CREATE, VIDEO))["video_id"]
    jogg.emulator.fail(video_id)
    data = await jogg.data(f"/v2/avatar_video/{video_id}")
    error = {"code": 50000, "message": "Video generation failed"}
    assert (data["status"], data["error"]) == ("failed", error)


GOOD_VIDEOS = [
    {**VIDEO, "voice": {"type": "audio", "voice_id": VOICE, "audio_url": "https://e.com/a.mp3"}},
    {**VIDEO, "avatar": {"avatar_type": 1, "avatar_id": 9001}},
    {**VIDEO, "voice": {**VIDEO["voice"], "voice_id": "tb_0123456789abcdef0123456789abcdef"}},
]


@pytest.mark.parametrize("body", GOOD_VIDEOS)
async def test_a_good_video_is_accepted(jogg, body):
    """Audio, custom avatars and custom voices will do."""
    await made(jogg, CREATE, body)


def voice(**changes):
    return {**VIDEO, "voice": {**VIDEO["voice"], **changes}}


BAD = [
    (GENERATE, {**PHOTO, "age": "adult"}, "age"),
    (GENERATE, {**PHOTO, "avatar_style": "social"}, "avatar_style"),
    (GENERATE, {**PHOTO, "gender": "Woman"}, "gender"),
    (GENERATE, {**PHOTO, "model": "2.0"}, "model"),
    (GENERATE, {**PHOTO, "aspect_ratio": "9:16"}, "aspect_ratio"),
    (GENERATE, {**PHOTO, "ethnicity": "european"}, "ethnicity"),
    (GENERATE, {**PHOTO, "photo_url": "https://example.com/a.jpg"}, "photo_url"),
    (GENERATE, {**PHOTO, "name": "Ada"}, "name"),
    (ADD_MOTION, {**MOTION, "image_url": "a.jpg"}, "image_url"),
    (ADD_MOTION, {**MOTION, "model": 2.0}, "model"),
    (ADD_MOTION, {**MOTION, "model": "2.1"}, "model"),
    (ADD_MOTION, {**MOTION, "voice_id": "nobody"}, "voice_id"),
    (ADD_MOTION, {**MOTION, "name": ""}, "name"),
    (ADD_MOTION, {**MOTION, "motion_type": "kling"}, "motion_type"),
    (CREATE, {**VIDEO, "avatar": {"avatar_type": "0", "avatar_id": 81}}, "avatar.avatar_type"),
    (CREATE, {**VIDEO, "avatar": {"avatar_type": 2, "avatar_id": 81}}, "avatar.avatar_type"),
    (CREATE, {**VIDEO, "avatar": {"avatar_type": 0, "avatar_id": "81"}}, "avatar.avatar_id"),
    (CREATE, {**VIDEO, "avatar": {"avatar_type": 1, "avatar_id": 9002}}, "avatar.avatar_id"),
    (CREATE, {**VIDEO, "avatar": {"id": 81, "type": 0}}, "avatar.id"),
    (CREATE, voice(type="text"), "voice.type"),
    (CREATE, voice(audio_url="https://example.com/a.mp3"), "voice.audio_url"),
    (CREATE, voice(type="audio"), "voice.script"),
    (CREATE, {**VIDEO, "voice": {"type": "audio", "voice_id": VOICE}}, "voice.audio_url"),
    (CREATE, {**VIDEO, "voice": {"type": "script", "voice_id": VOICE}}, "voice.script"),
    (CREATE, voice(voice_id="nobody"), "voice.voice_id"),
    (CREATE, voice(script=""), "voice.script"),
    (CREATE, {**VIDEO, "aspect_ratio": 0}, "aspect_ratio"),
    (CREATE, {**VIDEO, "screen_style": 0}, "screen_style"),
    (CREATE, {**VIDEO, "screen_style": True}, "screen_style"),
    (CREATE, {**VIDEO, "caption": "yes"}, "caption"),
    (CREATE, {**VIDEO, "script": "Hello!"}, "script"),
    (UPLOAD, {**UPLOADED, "content_type": "image/bmp"}, "content_type"),
    (UPLOAD, {**UPLOADED, "file_size": 10 * 1024 * 1024 + 1}, "file_size"),
    (UPLOAD, {**UPLOADED, "file_size": 0}, "file_size"),
    (UPLOAD, {"filename": "p.jpg"}, "content_type"),
]


@pytest.mark.parametrize(("path", "body", "param"), BAD)
async def test_a_bad_request_is_a_parameter_error(jogg, path, body, param):
    """Code 40000 under HTTP 200, the message names the parameter, nothing is charged."""
    reply = await jogg.post(path, body)
    assert (reply.status, reply.json["code"]) == (200, 40000)
    assert reply.json["msg"].startswith(f"Parameter error: {param}: ")
    assert not jogg.emulator.jogg_wallet.charges


@pytest.mark.parametrize(
    ("path", "body"),
    [(GENERATE, PHOTO), (ADD_MOTION, MOTION), (CREATE, VIDEO), (UPLOAD, UPLOADED)],
)
async def test_required_fields_are_required(jogg, path, body):
    """Each field of the smallest request has to be there."""
    for name in body.keys() - {"file_size"}:
        rest = {key: value for key, value in body.items() if key != name}
        message = (await jogg.post(path, rest)).json["msg"]
        assert message == f"Parameter error: {name}: Field required."


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v2/photo_avatar/photo?photo_id=x", 10104),
        ("/v2/photo_avatar/photo", 40000),
        ("/v2/photo_avatar?motion_id=x", 10104),
        ("/v2/photo_avatar", 40000),
        ("/v2/photo_avatar?photo_id=x", 40000),
        ("/v2/avatar_video/x", 10104),
        ("/v2/avatar_video/x?full=1", 40000),
    ],
)
async def test_unknown_jobs_are_not_found(jogg, path, code):
    """An unknown id is 10104, a missing or unknown parameter 40000."""
    assert (await jogg.get(path)).json["code"] == code


async def test_an_unknown_avatar_is_not_found(jogg):
    """A number that is no avatar of its type is 10104."""
    for kind, number in ((0, 9001), (1, 81), (1, 5)):
        avatar = {"avatar_type": kind, "avatar_id": number}
        assert (await jogg.post(CREATE, {**VIDEO, "avatar": avatar})).json["code"] == 10104


async def test_a_photo_has_to_be_ready_for_its_motion(jogg):
    """photo_id may be empty; else it names a finished photo."""
    photo_id = (await made(jogg, GENERATE, PHOTO))["photo_id"]
    codes = [
        (await jogg.post(ADD_MOTION, {**MOTION, "photo_id": name})).json["code"]
        for name in ("", photo_id, "x")
    ]
    assert codes == [0, 40000, 10104]


async def test_a_motion_twice_is_two_motions(jogg):
    """There is no idempotency key: a second POST is a second job and charge."""
    headers = {"Idempotency-Key": "k"}
    for _ in range(2):
        await jogg.post(ADD_MOTION, MOTION, headers=headers)
    assert len(jogg.emulator.jobs) == len(jogg.emulator.jogg_wallet.charges) == 2
    assert not jogg.emulator.wallet.charges


@using(jogg_balance=2.5)
async def test_credits_run_out(jogg):
    """Below the price it is 18020, and the quota tells what is left."""
    replies = [await jogg.post(ADD_MOTION, MOTION) for _ in range(2)]
    assert [reply.json["code"] for reply in replies] == [0, 18020]
    assert replies[1].json["msg"] == "Insufficient credit"
    assert (await jogg.data("/v2/user/remaining_quota")) == {"remaining_quota": 0.5}
    assert len(jogg.emulator.jobs) == 1


async def test_an_upload_is_signed_put_and_served(jogg, session):
    """The URL takes a PUT without a key and with the declared type, and serves it ever after."""
    place = await made(jogg, UPLOAD, UPLOADED)
    async with session.get(place["asset_url"]) as response:
        assert response.status == 404
    statuses = []
    for headers in (
        {"Content-Type": "image/png"},
        {"Content-Type": "image/jpeg", "x-api-key": jogg.emulator.jogg_api_key},
        {"Content-Type": "image/jpeg"},
    ):
        async with session.put(place["sign_url"], data=b"\xff\xd8\xff...", headers=headers) as put:
            statuses.append(put.status)
    assert statuses == [403, 400, 200]
    async with session.get(place["asset_url"]) as response:
        assert (response.content_type, await response.read()) == ("image/jpeg", b"\xff\xd8\xff...")


@pytest.mark.parametrize(
    ("content_type", "suffix"), [("video/quicktime", "mov"), ("audio/mp4", "m4a")]
)
async def test_the_size_of_an_upload_is_optional(jogg, content_type, suffix):
    """Without file_size any length will do, and the URL ends as its type."""
    place = await made(jogg, UPLOAD, {"filename": "f", "content_type": content_type})
    assert place["asset_url"].endswith(f".{suffix}")
