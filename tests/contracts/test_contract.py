"""The judge itself: it accepts what the vendor documents, and nothing else."""

from __future__ import annotations

import jsonschema
import pytest

from .contract import HEYGEN

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
