"""Results become JSON by one call, and are all of one base."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest

import heygen_async
from heygen_async import (
    AvatarLook,
    HeyGenError,
    ImageVideo,
    JobStatus,
    Outcome,
    Result,
    State,
    VendorError,
    VideoScenes,
)
from heygen_async.models.videos import SceneContents
from heygen_async.webhooks import UnknownEvent


def test_a_result_is_json_by_one_call():
    """Parts, tuples and what is not set are there; ``extra`` is the last of the fields."""
    look = AvatarLook(
        id="l1", tags=("calm",), error=VendorError(code="x", extra={"n": [1]}), extra={"new": None}
    )
    told = json.loads(json.dumps(look.to_dict()))
    assert list(told) == [name for name in attrs.fields_dict(AvatarLook) if name != "extra"] + [
        "extra"
    ]
    assert told["tags"] == ["calm"]
    assert told["error"] == {"code": "x", "message": None, "extra": {"n": [1]}}
    assert (told["name"], told["extra"]) == (None, {"new": None})


def test_results_within_tuples_are_json_too():
    """Each scene of a video is a dict, and so is what stands in it."""
    scene = SceneContents(id="s1", elements=({"type": "text", "at": {"x": 1}},))
    told = VideoScenes(video_id="v1", scenes=(scene,)).to_dict()
    assert told["scenes"][0]["elements"] == [{"type": "text", "at": {"x": 1}}]
    assert json.loads(json.dumps(told)) == told


def test_the_fields_make_the_same_result_again():
    """A result without parts is made anew from its dict."""
    event = UnknownEvent(event_type="new.thing", data={"a": 1}, extra={"b": 2})
    assert UnknownEvent(**event.to_dict()) == event


def test_a_status_and_an_outcome_are_json_too():
    """The state is its word; of an outcome the token, the result, the error as text, the path."""
    status = JobStatus(State.FAILED, "failed", error={"code": "x"})
    assert json.loads(json.dumps(status.to_dict())) == {
        "state": "failed",
        "raw": "failed",
        "progress": None,
        "error": {"code": "x"},
        "terminal": True,
    }
    spec = ImageVideo(image="https://example.com/a.jpg", script="Hi", voice_id="v")
    outcome = Outcome(index=3, spec=spec, key="k", error=HeyGenError("no"), path=Path("a.mp4"))
    assert json.loads(json.dumps(outcome.to_dict())) == {
        "index": 3,
        "key": "k",
        "token": None,
        "result": None,
        "error": "no",
        "path": "a.mp4",
        "attempts": 0,
    }
    done = Outcome(index=0, spec=spec, result=AvatarLook(id="l1"))
    assert done.to_dict()["result"]["id"] == "l1"


WITH_EXTRA = [
    each
    for name in heygen_async.__all__
    if attrs.has(each := getattr(heygen_async, name)) and "extra" in attrs.fields_dict(each)
]


@pytest.mark.parametrize("cls", WITH_EXTRA)
def test_all_results_are_of_one_base(cls):
    """What keeps the vendor's news in ``extra`` has it, and ``to_dict``, from ``Result``."""
    assert issubclass(cls, Result)
