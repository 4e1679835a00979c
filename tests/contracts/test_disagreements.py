"""Where HeyGen's pages, its contract and its live server disagree: each shape decodes.

Sources: "page" is docs.heygen.com or developers.heygen.com, "contract" the OpenAPI document,
"skills" the vendor's heygen-com/skills and skills-legacy, "live" what its server was seen to
answer, "apps" what third-party code expects of it.
"""

from __future__ import annotations

import pytest

from heygen_async import (
    APIError,
    AuthenticationError,
    BadRequestError,
    InsufficientCreditError,
    NotFoundError,
    PermissionDeniedError,
    State,
)
from heygen_async.protocol.heygen import avatars, media, v2, videos

from .full_specs import ADD_MOTION, FULL, LEGACY_PHOTO, LEGACY_VIDEO
from .reading import heygen, look, submission

URL = "https://files.example/v.mp4"
VIDEO = {"id": "v1", "status": "completed", "video_url": URL, "created_at": 1711929600}
WRAPPINGS = [
    pytest.param(lambda data: {"data": data}, id="contract: in data"),
    pytest.param(lambda data: {"error": None, "data": data}, id="skills: in data, beside error"),
    pytest.param(lambda data: data, id="page of generate-video: bare"),
]


@pytest.mark.parametrize("wrap", WRAPPINGS)
def test_v2_videos_wrapped_or_bare(wrap):
    """``/v2/videos`` answers in ``data`` or without, to a submission, a look and a get."""
    created = wrap({"video_id": "v1", "status": "waiting"})
    assert submission(LEGACY_VIDEO, created) == (State.QUEUED, "v1")
    state, detail = look("heygen.v2.video", wrap(VIDEO))
    assert (state, detail.result.video_url) == (State.COMPLETED, URL)
    assert heygen(v2.VIDEOS.get("v1"), wrap(VIDEO)).video_url == URL


@pytest.mark.parametrize("data", [{"id": "v1", "deleted": True}, {"id": "v1"}, {}, None])
@pytest.mark.parametrize("wrap", WRAPPINGS)
def test_deletions_say_much_or_nothing(data, wrap):
    """The contract's ``deleted``, a bare id and an empty object all mean: it is gone."""
    for request in (
        videos.VIDEOS.delete("v1"),
        v2.VIDEOS.delete("v1"),
        media.ASSETS.delete("a1"),
        avatars.LOOKS.delete("l1"),
    ):
        assert heygen(request, wrap(data)) is None


@pytest.mark.parametrize(
    ("cls", "status", "code"),
    [
        pytest.param(NotFoundError, 404, "not_found", id="contract: example of GET /v3/videos"),
        pytest.param(NotFoundError, 404, "video_not_found", id="live: GET /v3/videos, 2026-09"),
        pytest.param(NotFoundError, 404, "resource_not_found", id="page: error-codes"),
        pytest.param(AuthenticationError, 401, "authentication_failed", id="contract: example"),
        pytest.param(AuthenticationError, 401, "unauthorized", id="live"),
        pytest.param(InsufficientCreditError, 402, "plan_upgrade_required", id="page"),
        pytest.param(PermissionDeniedError, 403, "plan_upgrade_required", id="contract: voices"),
        pytest.param(BadRequestError, 400, "voice_unavailable", id="apps"),
        pytest.param(BadRequestError, 413, "payload_too_large", id="heygen-cli"),
    ],
)
def test_codes_differ_and_the_class_does_not(cls, status, code):
    """The HTTP status decides the class, and the code arrives as it is."""
    with pytest.raises(cls) as caught:
        heygen(videos.VIDEOS.get("v1"), {"error": {"code": code, "message": "No."}}, status)
    assert type(caught.value) is cls
    assert caught.value.code == code


ERRORS = [
    pytest.param({"error": {"code": "not_found", "message": "No."}}, "not_found", id="v3"),
    pytest.param(
        {"error": {"code": "not_found", "message": "No."}, "data": None},
        "not_found",
        id="v2: object",
    ),
    pytest.param({"error": "No.", "data": None}, None, id="older v2: text"),
    pytest.param({"code": 40031, "message": "No."}, 40031, id="v1: number"),
    pytest.param(
        {"code": 400543, "data": None, "msg": "No.", "message": None}, 400543, id="v1: msg"
    ),
]


@pytest.mark.parametrize(("body", "code"), ERRORS)
@pytest.mark.parametrize(
    "request_",
    [videos.VIDEOS.get("v1"), v2.LOOKS.get("l1"), media.ME.request()],
    ids=lambda request: request.path,
)
def test_errors_of_three_versions(request_, body, code):
    """The shapes of v1, v2 and v3 give the same error, on any operation."""
    with pytest.raises(NotFoundError) as caught:
        heygen(request_, body, 404)
    assert (caught.value.code, caught.value.message) == (code, "No.")


@pytest.mark.parametrize("error", ["No.", {"code": "x", "message": "No."}])
def test_an_error_under_200(error):
    """live, as openclaw#69578 reports: a body with ``error`` under HTTP 200 is a refusal."""
    with pytest.raises(APIError, match=r"No\."):
        heygen(v2.LOOKS.get("l1"), {"error": error, "data": None})


@pytest.mark.parametrize(
    ("word", "state"),
    [
        pytest.param("queued", State.QUEUED, id="contract: text of /v3/videos/statuses"),
        pytest.param("pending", State.QUEUED, id="contract: VideoStatus"),
        pytest.param("waiting", State.QUEUED, id="contract: POST /v3/videos; v1"),
        pytest.param("processing", State.RUNNING, id="contract: VideoStatus"),
        pytest.param("completed", State.COMPLETED, id="contract: VideoStatus."),
        pytest.param("failed", State.FAILED, id="contract: VideoStatus.."),
        pytest.param("Completed", State.COMPLETED, id="no source: another case"),
        pytest.param("postprocessing", State.RUNNING, id="no source: an unknown word"),
    ],
)
def test_two_vocabularies_of_videos(word, state):
    """Bulk statuses, single looks and submissions share one table of words."""
    rows = {
        "data": [
            {"video_id": "v1", "status": word, "error": None, "batch_id": None, "item_index": None},
            {"video_id": "v2", "status": "not_found", "error": None},
        ],
        "has_more": False,
        "next_token": None,
    }
    words = heygen(videos.VIDEO.get_statuses(["v1", "v2"]), rows)
    assert words == {"v1": word}
    assert videos.VIDEO.status(word).state is state
    for kind in ("heygen.video", "heygen.v2.video"):
        assert look(kind, {"data": {**VIDEO, "status": word, "video_url": None}})[0] is state


def test_completed_before_the_url_is_there():
    """skills: "completed" with a null URL for some seconds is not yet a result."""
    state, detail = look("heygen.video", {"data": {**VIDEO, "video_url": None}})
    assert (state, detail.result) == (State.COMPLETED, None)


def test_no_credit_shows_at_the_poll():
    """live: a submission succeeds, and the video fails for lack of credit."""
    code = "MOVIO_PAYMENT_INSUFFICIENT_CREDIT"
    failed = {"id": "v1", "status": "failed", "failure_code": code, "failure_message": "No."}
    state, detail = look("heygen.video", {"data": failed})
    assert (state, detail.code, detail.message) == (State.FAILED, code, "No.")


LOOK = {"id": "l1", "name": "Ada", "avatar_type": "photo_avatar", "preview_image_url": URL}


@pytest.mark.parametrize(
    ("change", "state", "usable"),
    [
        pytest.param({"status": None}, State.COMPLETED, True, id="contract: null for public"),
        pytest.param({}, State.COMPLETED, True, id="contract: absent for public"),
        pytest.param({"status": "completed"}, State.COMPLETED, True, id="contract: private"),
        pytest.param(
            {"status": "completed", "preview_image_url": None},
            State.COMPLETED,
            False,
            id="skills: completed before the preview",
        ),
        pytest.param({"status": "pending_consent"}, State.NEEDS_ACTION, False, id="contract: twin"),
        pytest.param({"status": "training"}, State.RUNNING, False, id="no source: unknown word"),
    ],
)
def test_what_makes_a_look_usable(change, state, usable):
    """A look without status is usable, a photo without its preview is not yet."""
    found, detail = look("heygen.avatar", {"data": {**LOOK, **change}})
    assert found is state
    assert (detail.result is not None) is usable


PHOTO_AVATAR = {"id": "l1", "status": "completed", "image_url": URL, "is_motion": False}


@pytest.mark.parametrize(
    ("kind", "data", "state"),
    [
        pytest.param("heygen.v2.photos", {"status": "success"}, State.COMPLETED, id="page"),
        pytest.param(
            "heygen.v2.photos",
            {"status": "completed"},
            State.COMPLETED,
            id="no source: as elsewhere",
        ),
        pytest.param("heygen.v2.photos", {"status": "in_progress"}, State.RUNNING, id="page."),
        pytest.param("heygen.v2.photos", {"status": "processing"}, State.RUNNING, id="skills."),
        pytest.param("heygen.v2.training", {"status": "ready"}, State.COMPLETED, id="live"),
        pytest.param("heygen.v2.training", {"status": "completed"}, State.COMPLETED, id="apps."),
        pytest.param("heygen.v2.training", {"status": "success"}, State.COMPLETED, id="apps"),
        pytest.param("heygen.v2.training", {"status": "training"}, State.RUNNING, id="live."),
        pytest.param("heygen.v2.motion", {"status": "pending"}, State.QUEUED, id="page: motion"),
        pytest.param("heygen.v2.motion", {"status": "processing"}, State.RUNNING, id="skills..."),
        pytest.param("heygen.v2.motion", {"status": "failed"}, State.FAILED, id="skills...."),
    ],
)
def test_words_of_photo_avatars(kind, data, state):
    """Generation, training and motion end with different words, none of which is missed."""
    assert look(kind, {"error": None, "data": {"id": "l1", **data}})[0] is state


@pytest.mark.parametrize(
    ("data", "done"),
    [
        pytest.param({"is_motion": False}, True, id="page: a still needs its picture"),
        pytest.param({"is_motion": False, "image_url": ""}, False, id="page: '' at first"),
        pytest.param({"is_motion": True, "motion_preview_url": None}, False, id="page: null"),
        pytest.param({"is_motion": True, "motion_preview_url": URL}, True, id="page: a preview"),
    ],
)
def test_what_makes_a_photo_avatar_usable(data, done):
    """A completed motion without its preview is not a result yet, whatever its picture."""
    state, detail = look("heygen.v2.motion", {"error": None, "data": {**PHOTO_AVATAR, **data}})
    assert state is State.COMPLETED
    assert (detail.result is not None) is done


@pytest.mark.parametrize("created_at", [1737665964.0, 1737665964])
@pytest.mark.parametrize("extra", [{}, {"default_voice_id": "v1"}, {"unheard_of": [1]}])
def test_a_photo_avatar_with_more_or_less(created_at, extra):
    """page: created_at is a float there and an integer elsewhere; live: default_voice_id."""
    data = {**PHOTO_AVATAR, "created_at": created_at, **extra}
    found = heygen(v2.LOOKS.get("l1"), {"error": None, "data": data})
    assert found.created_at == 1737665964
    assert found.extra == ({"unheard_of": [1]} if "unheard_of" in extra else {})


@pytest.mark.parametrize("data", [{"flow_id": "f1"}, {}, None])
def test_a_training_is_found_by_its_group(data):
    """live: flow_id; contract: nothing. The group's id finds the training either way."""
    spec = next(spec for spec, _ in FULL if type(spec).__name__ == "TrainGroup")
    assert submission(spec, {"error": None, "data": data}) == (State.QUEUED, "group-1")


@pytest.mark.parametrize(
    ("data", "count"), [({"photo_avatar_list": [PHOTO_AVATAR]}, 1), ({}, 0), (None, 0)]
)
def test_added_looks_that_are_listed_or_not(data, count):
    """skills: photo_avatar_list, which is not sure; contract: nothing."""
    spec = next(spec for spec, _ in FULL if type(spec).__name__ == "AddLooks")
    assert len(heygen(v2.add_looks(spec), {"error": None, "data": data})) == count


def test_submissions_without_a_word():
    """page: add_motion and photo/generate answer an id and no status, which is "not yet"."""
    assert submission(ADD_MOTION, {"error": None, "data": {"id": "l2"}}) == (State.QUEUED, "l2")
    answer = {"error": None, "data": {"generation_id": "g1"}}
    assert submission(LEGACY_PHOTO, answer) == (State.QUEUED, "g1")


@pytest.mark.parametrize("status", [{}, {"status": "processing"}])
def test_an_upload_with_and_without_status(status):
    """contract: a completed direct upload says "processing", a plain one has no such field."""
    data = {"asset_id": "a1", "url": URL, "mime_type": "image/png", "size_bytes": 9, **status}
    for request in (
        media.upload_asset(None),
        media.complete_direct_upload("a1"),
    ):
        asset = heygen(request, {"data": data})
        assert (asset.id, asset.url, asset.status) == ("a1", URL, status.get("status"))
