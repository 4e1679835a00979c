"""The judge itself: it accepts what the vendor documents, and nothing else."""

from __future__ import annotations

import jsonschema
import pytest

from .contract import HEYGEN, JOGG, LEGACY, contract_of

VIDEO = {"id": "v_abc123def456", "status": "completed", "created_at": 1711929600, "duration": 30.5}
ERROR = {"error": {"code": "not_found", "message": "Video not found."}}


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("POST", "/v3/videos", 200, {"data": {"video_id": "a", "status": "waiting"}}),
        ("GET", "/v3/videos/{video_id}", 200, {"data": VIDEO}),
        ("GET", "/v3/videos/v_abc123def456", 200, {"data": {**VIDEO, "video_url": None}}),
        ("GET", "/v3/videos", 200, {"data": [VIDEO], "has_more": False, "next_token": None}),
        (
            "GET",
            "/v3/videos/statuses",
            200,
            {"data": [{"video_id": "a", "status": "x"}], "has_more": False, "next_token": None},
        ),
        ("GET", "/v3/videos/v1", 404, ERROR),
        ("POST", "/v3/videos", 409, ERROR),
        ("GET", "/v3/videos/v1", 500, ERROR),
    ],
)
def test_documented_answers_are_accepted(method, path, status, body):
    """What the vendor shows as an answer fits."""
    HEYGEN.validate_answer(method, path, status, body)


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("POST", "/v3/videos", 200, {"data": {"video_id": "a"}}),
        ("POST", "/v3/videos", 200, {}),
        ("GET", "/v3/videos/v1", 200, {"data": {**VIDEO, "status": "waiting"}}),
        ("GET", "/v3/videos/v1", 200, {"data": {**VIDEO, "created_at": "today"}}),
        ("GET", "/v3/videos", 200, {"data": [VIDEO]}),
        ("GET", "/v3/videos/statuses", 200, {"data": {"video_id": "a"}}),
        ("GET", "/v3/videos/v1", 404, {"error": {"code": "not_found"}}),
        ("GET", "/v3/videos/v1", 500, {"error": "down"}),
        ("POST", "/v3/videos", 409, {"code": 409}),
    ],
)
def test_other_answers_are_refused(method, path, status, body):
    """A missing part, an unknown word or a wrong type does not fit."""
    with pytest.raises(jsonschema.ValidationError):
        HEYGEN.validate_answer(method, path, status, body)


def test_a_literal_path_is_not_taken_for_an_id():
    """``/v3/videos/statuses`` is the bulk status, not the video named so."""
    assert "video_ids" in HEYGEN.request_parameters("GET", "/v3/videos/statuses")
    assert not HEYGEN.request_parameters("GET", "/v3/videos/other")


def test_unknown_operations_are_an_error():
    """A path that the contract does not have is no silent pass."""
    with pytest.raises(LookupError):
        HEYGEN.validate_answer("GET", "/v3/videos/a/b", 200, {"data": {}})
    with pytest.raises(LookupError):
        HEYGEN.validate_answer("PATCH", "/v3/videos/a", 200, {"data": {}})


MADE = {"rid": "r1", "code": 0, "msg": "success", "data": {"motion_id": "m1", "avatar_id": 1}}
MOTION = {"motion_id": "m1", "status": "completed", "error_msg": None}
REFUSED = {"code": 10105, "msg": "Invalid API key", "data": None}
PHOTO_AVATAR = {"error": None, "data": {"id": "l1", "status": "pending", "image_url": ""}}


@pytest.mark.parametrize(
    ("contract", "method", "path", "status", "body"),
    [
        (JOGG, "POST", "/v2/photo_avatar/add_motion", 200, MADE),
        (JOGG, "GET", "/v2/photo_avatar", 200, {"code": 0, "msg": "", "data": MOTION}),
        (JOGG, "GET", "/v2/photo_avatar", 200, REFUSED),
        (JOGG, "GET", "/v2/photo_avatar", 401, {"code": 10105, "msg": "Invalid API key"}),
        (LEGACY, "GET", "/v2/photo_avatar/l1", 200, PHOTO_AVATAR),
        (LEGACY, "GET", "/v2/photo_avatar/l1", 404, {"error": "No.", "data": None}),
        (LEGACY, "GET", "/v2/photo_avatar/l1", 404, {"error": ERROR["error"], "data": None}),
    ],
)
def test_the_other_documents_accept_their_own(contract, method, path, status, body):
    """Envelopes of JoggAI and of v2 fit, ``nullable`` is a null and ``rid`` may be absent."""
    contract.validate_answer(method, path, status, body)


@pytest.mark.parametrize(
    ("contract", "method", "path", "status", "body"),
    [
        (JOGG, "POST", "/v2/photo_avatar/add_motion", 200, {**MADE, "data": None}),
        (JOGG, "POST", "/v2/photo_avatar/add_motion", 200, {**MADE, "more": 1}),
        (JOGG, "POST", "/v2/photo_avatar/add_motion", 200, {"code": 0, "msg": ""}),
        (JOGG, "GET", "/v2/photo_avatar", 200, {"msg": "", "data": MOTION}),
        (JOGG, "GET", "/v2/photo_avatar", 200, {**MADE, "data": {**MOTION, "status": "fail"}}),
        (JOGG, "GET", "/v2/photo_avatar", 200, {**MADE, "data": {**MOTION, "name": None}}),
        (JOGG, "GET", "/v2/photo_avatar", 401, {"code": 10105, "data": None}),
        (JOGG, "GET", "/v2/photo_avatar", 200, {**REFUSED, "data": MOTION}),
        (LEGACY, "GET", "/v2/photo_avatar/l1", 200, PHOTO_AVATAR["data"]),
        (LEGACY, "GET", "/v2/photo_avatar/l1", 200, {**PHOTO_AVATAR, "code": 100}),
        (LEGACY, "GET", "/v2/photo_avatar/l1", 404, ERROR),
        (HEYGEN, "GET", "/v3/videos/v1", 200, {"data": {**VIDEO, "unheard_of": 1}}),
    ],
)
def test_the_other_documents_refuse_the_rest(contract, method, path, status, body):
    """A missing or foreign part of an envelope, an unknown field or word does not fit."""
    with pytest.raises(jsonschema.ValidationError):
        contract.validate_answer(method, path, status, body)


def test_one_path_may_stand_in_two_documents():
    """``add_motion`` is HeyGen's or JoggAI's by the API that is asked, not by its path."""
    path = "/v2/photo_avatar/add_motion"
    assert contract_of("HeyGen", path) is LEGACY
    assert contract_of("JoggAI", path) is JOGG
    assert contract_of("HeyGen", "/v2/videos") is HEYGEN
