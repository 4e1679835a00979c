"""Every answer that the vendors' pages print decodes, and every request they print can be made.

``vendor_examples.json`` has the examples, with values where a page has an ellipsis. Where a page
prints fields and no example, one was put together from those.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from heygen_async import (
    APIError,
    AssetId,
    AuthenticationError,
    AvatarVideo,
    BadRequestError,
    ConflictError,
    ImageVideo,
    InsufficientCreditError,
    JoggMotion,
    JoggPhoto,
    JoggVideo,
    NotFoundError,
    PhotoAvatar,
    RateLimitError,
    State,
)
from heygen_async.protocol.heygen import avatars, media, v2, videos
from heygen_async.protocol.jogg import tables
from heygen_async.protocol.request import Upload

from . import reading
from .full_specs import ADD_MOTION, JOGG_MOTION, JOGG_PHOTO, JOGG_VIDEO, LEGACY_PHOTO, LEGACY_VIDEO
from .test_requests import sent
from .test_spec_requests import request_of

EXAMPLES = json.loads(Path(__file__).with_name("vendor_examples.json").read_bytes())
UPLOAD = Upload(content=b"x" * 9, filename="p.jpg", content_type="image/jpeg", size=9)
IMAGE_VIDEO = ImageVideo(image="https://example.com/person.jpg", script="Hi", voice_id="v")
PHOTO_AVATAR = PhotoAvatar(name="Ada", file="https://example.com/portrait.jpg")

SUBMISSIONS = {
    "POST /v3/videos": (IMAGE_VIDEO, State.QUEUED, "v_abc123def456"),
    "POST /v3/avatars": (PHOTO_AVATAR, State.RUNNING, "l1"),
    "POST /v2/videos": (LEGACY_VIDEO, State.QUEUED, "v1"),
    "POST /v2/photo_avatar/add_motion": (
        ADD_MOTION,
        State.QUEUED,
        "52dbb5cd70c126e9862f22ec30c7cdd9",
    ),
    "POST /v2/photo_avatar/photo/generate": (LEGACY_PHOTO, State.QUEUED, "g1"),
    "JoggAI add_motion": (JOGG_MOTION, State.RUNNING, "motion_456"),
    "JoggAI photo/generate": (JOGG_PHOTO, State.QUEUED, "photo_abc123"),
    "JoggAI create_video_from_avatar": (JOGG_VIDEO, State.QUEUED, "video_123456"),
}
LOOKS = {
    "GET /v3/videos/{id}": ("heygen.video", State.COMPLETED, True),
    "GET /v2/videos/{id}": ("heygen.v2.video", State.COMPLETED, True),
    "GET /v2/photo_avatar/{id}": ("heygen.v2.motion", State.QUEUED, False),
    "GET /v2/photo_avatar/generation/{id}": ("heygen.v2.photos", State.COMPLETED, True),
    "GET /v2/photo_avatar/train/status/{id}": ("heygen.v2.training", State.COMPLETED, True),
    "JoggAI photo: in progress": ("jogg.photo", State.RUNNING, False),
    "JoggAI photo: success": ("jogg.photo", State.COMPLETED, True),
    "JoggAI motion: completed": ("jogg.motion", State.COMPLETED, True),
    "JoggAI video: processing": ("jogg.video", State.RUNNING, False),
    "JoggAI video: completed": ("jogg.video", State.COMPLETED, True),
}
VALUES = {
    "POST /v3/assets/direct-uploads": (
        media.create_direct_upload(UPLOAD),
        lambda ticket: (ticket.put.url, ticket.put.headers, ticket.max_bytes),
        ("https://s3.example/a1", {"Content-Type": "image/jpeg"}, 1073741824),
    ),
    "GET /v3/assets/{id}": (
        media.ASSETS.get("a1"),
        lambda asset: (asset.id, asset.uploaded_at, asset.url, asset.extra),
        ("a1", 1711929600, None, {}),
    ),
    "GET /v3/users/me: wallet": (
        media.ME.request(),
        lambda user: (user.wallet.remaining_balance, user.wallet.auto_reload.amount_usd),
        (125.5, 50),
    ),
    "GET /v3/users/me: subscription": (
        media.ME.request(),
        lambda user: user.subscription.credits.premium_credits.remaining,
        500,
    ),
    "POST /v3/avatars/{id}/consent": (
        avatars.CONSENT.request("g1", json={}),
        lambda consent: (consent.url, consent.avatar_group.looks_count),
        ("https://app.heygen.com/consent", 1),
    ),
    "GET /v2/photo_avatar/{id}": (
        v2.LOOKS.get("e08f"),
        lambda look: (look.is_motion, look.image_url, look.extra["background_sound_effect"]),
        (True, "", None),
    ),
    "JoggAI upload/asset": (
        tables.presign(UPLOAD),
        lambda ticket: (ticket.put.url, ticket.asset.url),
        ("https://s3.example/p", "https://res.jogg.ai/p.jpg"),
    ),
    "JoggAI avatars/photo_avatars": (
        tables.PHOTO_AVATARS.list(),
        lambda page: [(avatar.id, avatar.status, avatar.fail_msg) for avatar in page.items],
        [(123, "1", "")],
    ),
    "JoggAI voices": (
        tables.VOICES.list(),
        lambda page: ([voice.accent for voice in page.items], page.next_token),
        (["american"], "2"),
    ),
    "JoggAI user/remaining_quota": (tables.REMAINING_QUOTA.request(), lambda quota: quota, 1000.0),
}
REFUSALS = {
    "contract: POST /v3/videos": (400, BadRequestError, "invalid_parameter"),
    "contract: GET /v3/videos/{id}": (404, NotFoundError, "not_found"),
    "live: GET /v3/videos/{id}": (404, NotFoundError, "video_not_found"),
    "page: error-codes": (402, InsufficientCreditError, "insufficient_credit"),
    "contract: POST /v3/assets/{id}/complete": (409, ConflictError, "conflict"),
    "contract: 429": (429, RateLimitError, "rate_limit_exceeded"),
    "v1": (401, AuthenticationError, 401),
    "v1: upload": (400, BadRequestError, 400543),
    "JoggAI: ErrorHandling": (200, AuthenticationError, 10105),
    "JoggAI: RateLimits": (200, RateLimitError, 429),
    "JoggAI: ErrorHandling (parameter)": (200, BadRequestError, 40000),
    "JoggAI: live": (200, BadRequestError, 18001),
}
REQUESTS = {
    "photo-avatar: from a URL": PhotoAvatar(
        name="Sarah — Marketing", file="https://example.com/portrait.jpg"
    ),
    "photo-avatar: from an asset": PhotoAvatar(
        name="Sarah — Marketing", file=AssetId("RETURNED_ASSET_ID")
    ),
    "photo-avatar: with motion": AvatarVideo(
        avatar_id="YOUR_PHOTO_AVATAR_ID",
        script="Let me show you our quarterly results.",
        voice_id="YOUR_VOICE_ID",
        aspect_ratio="auto",
        motion_prompt="gesturing with hands while presenting",
        expressiveness="high",
    ),
    "image-to-video: with audio": ImageVideo(
        image="https://example.com/person.jpg",
        audio="https://example.com/narration.mp3",
        title="Image-to-Video with custom audio",
    ),
    "JoggAI: PhotoAvatarAddMotion": JoggMotion(
        image_url="https://res.jogg.ai/photo.jpg",
        name="My Photo Avatar",
        voice_id="en-US-ChristopherNeural",
        model="2.0",
    ),
    "JoggAI: PhotoAvatarGenerate": JoggPhoto(
        age="Adult",
        avatar_style="Professional",
        gender="Male",
        model="modern",
        aspect_ratio="portrait",
        image_url="https://example.com/portrait.jpg",
    ),
    "JoggAI: CreateVideoFromAvatar": JoggVideo(
        avatar_id=123,
        voice_id="en-US-ChristopherNeural",
        script="Hello!",
        aspect_ratio="portrait",
        screen_style=1,
        caption=True,
        webhook_url="https://example.com/webhook",
        video_name="My Talking Avatar Video",
    ),
}


def read(name, request, payload, status=200):
    reader = reading.jogg if name.startswith("JoggAI") else reading.heygen
    return reader(request, payload, status)


def test_every_example_is_used():
    """What is printed and what is expected of it are the same examples."""
    tables = (SUBMISSIONS, LOOKS, VALUES, REFUSALS, REQUESTS)
    names = ("submissions", "looks", "values", "refusals", "requests")
    for name, table in zip(names, tables, strict=True):
        assert EXAMPLES[name].keys() == table.keys()


@pytest.mark.parametrize("name", EXAMPLES["submissions"])
def test_answers_to_submissions(name):
    """The example gives the job's first state and its id."""
    spec, state, job_id = SUBMISSIONS[name]
    assert reading.submission(spec, EXAMPLES["submissions"][name]) == (state, job_id)


@pytest.mark.parametrize("name", EXAMPLES["looks"])
def test_answers_to_looks(name):
    """The example gives the state, and a result if there is one."""
    kind, state, done = LOOKS[name]
    found, detail = reading.look(kind, EXAMPLES["looks"][name])
    assert found is state
    assert (detail.result is not None) is done


@pytest.mark.parametrize("name", EXAMPLES["values"])
def test_answers_to_other_requests(name):
    """The example's values stand in the model."""
    request, pick, expected = VALUES[name]
    assert pick(read(name, request, EXAMPLES["values"][name])) == expected


@pytest.mark.parametrize("name", EXAMPLES["refusals"])
def test_refusals(name):
    """The example becomes the error of its class, with its code and message."""
    status, cls, code = REFUSALS[name]
    payload = EXAMPLES["refusals"][name]
    with pytest.raises(APIError) as caught:
        read(name, videos.VIDEOS.get("vid-1"), payload, status)
    told = payload.get("error", payload)
    assert (type(caught.value), caught.value.code) == (cls, code)
    assert caught.value.message == told.get("message", told.get("msg"))


@pytest.mark.parametrize("name", EXAMPLES["requests"])
def test_requests(name):
    """The example's body is exactly what a spec is sent as."""
    assert sent(request_of(REQUESTS[name]).json) == EXAMPLES["requests"][name]
