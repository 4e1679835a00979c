"""Odd answers and odd input that once did harm: each test keeps one defect out."""

from __future__ import annotations

import copy
import json
import math
import pickle
import random

import pytest
from multidict import CIMultiDict

from heygen_async import (
    APIError,
    Asset,
    AssetId,
    CinematicVideo,
    HeyGenError,
    ImageScene,
    ImageVideo,
    InvalidRequestError,
    JobFailedError,
    JobTimeoutError,
    PollPolicy,
    ResponseError,
    StudioVideo,
)
from heygen_async.jobs.schedule import DurationModel, next_delay
from heygen_async.protocol.answers import read
from heygen_async.protocol.heygen import videos
from heygen_async.protocol.redact import redact

URL = "https://m.example/a"


def rd(req, payload, status=200, **headers):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return read(req, status, CIMultiDict(headers), body, now=0.0)


CREATE = videos.VIDEO.create(CinematicVideo(prompt="p", avatar_id="a"))
LIST = videos.VIDEOS.list()


@pytest.mark.parametrize("word", [5, True, {"x": 1}, ["waiting"]])
def test_create_status_of_other_type(word):
    """A create answer with an odd status still gives its job: it is paid by now."""
    sub = rd(CREATE, {"data": {"video_id": "v1", "status": word}})
    assert not videos.VIDEO.status(sub.word).terminal


def test_overflow_of_duration():
    """Times beyond a float tell no duration, and are no overflow."""
    video = {"id": "a", "status": "completed", "video_url": URL}
    payload = {"data": {**video, "created_at": 0, "completed_at": 10**400}}
    detail = rd(videos.VIDEO.get_status("a"), payload)
    assert (detail.duration, detail.result.video_url) == (None, URL)


@pytest.mark.parametrize("more", [{"extra": "x"}, {"extra": {"a": 1}, "new": 2}])
def test_vendor_field_named_extra(more):
    """A vendor's field that is called extra is kept with the other new ones."""
    v = rd(videos.VIDEOS.get("a"), {"data": {"id": "a", "status": "x", **more}})
    assert v.extra == more


@pytest.mark.parametrize("row", [None, "x", 5, []])
def test_one_row_of_other_type_spoils_the_bulk(row):
    """A bulk row that is no object costs the other rows nothing."""
    assert rd(
        videos.VIDEO.get_statuses(["a"]), {"data": [row, {"video_id": "a", "status": "pending"}]}
    ) == {"a": "pending"}


def test_redact_malformed():
    """A malformed URL can be logged."""
    assert redact("http://[::1") == "an unreadable URL"


def test_location_malformed():
    """A redirect to a malformed address is an error of this package."""
    with pytest.raises(HeyGenError):
        rd(LIST, b"", 302, Location="http://[::1")


def test_location_on_a_refusal_hides_the_reason():
    """A refusal with a Location header keeps its reason."""
    with pytest.raises(APIError) as e:
        rd(LIST, {"error": {"code": "c", "message": "Real reason"}}, 409, Location="/x")
    assert "Real reason" in str(e.value)


class Job:
    token = "heygen.video/1/a"


@pytest.mark.parametrize(
    "e",
    [JobFailedError(Job(), code="c", message="m"), JobTimeoutError(Job(), 5.0)],
    ids=["failed", "timeout"],
)
@pytest.mark.parametrize(
    "clone", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))], ids=["copy", "pickle"]
)
def test_copies(e, clone):
    """Errors that carry a job can be copied and pickled."""
    assert str(clone(e)) == str(e)


def test_references_repr():
    """Bytes among the references are not spelled out."""
    assert "SECRET" not in repr(
        CinematicVideo(prompt="p", avatar_id="a", references=[b"SECRETSECRET"])
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: CinematicVideo(prompt="p", avatar_id=None),
        lambda: CinematicVideo(prompt="p", avatar_id=5),
        lambda: CinematicVideo(prompt="p", avatar_id="a", references=5),
        lambda: CinematicVideo(prompt="p", avatar_id="a", references=AssetId("a")),
        lambda: StudioVideo(scenes=None),
        lambda: StudioVideo(scenes=5),
        lambda: StudioVideo(scenes=ImageScene(source=URL, duration=1)),
    ],
)
def test_not_iterable(make):
    """What is no list is refused as bad input."""
    with pytest.raises(InvalidRequestError):
        make()


@pytest.mark.parametrize("one", [URL, b"bytes"])
def test_one_reference_is_split_into_letters(one):
    """A single reference is not taken for a list of its letters."""
    with pytest.raises(InvalidRequestError, match="must be a list"):
        CinematicVideo(prompt="p", avatar_id="a", references=one)


def test_hash_with_asset():
    """A spec with an uploaded asset can be hashed like any other."""
    spec = ImageVideo(image=Asset(id="a"), script="a", voice_id="v")
    assert len({spec, ImageVideo(image=Asset(id="a"), script="a", voice_id="v")}) == 1


def test_slope_runs_away():
    """A thousand jobs of one length teach nothing about other lengths."""
    m, r = DurationModel(180.0), random.Random(1)
    for _ in range(5000):
        m.learn(180 * math.exp(r.gauss(0, 0.3)), 500.0)
    m.learn(400.0, 501.0)
    assert m.expect(5000.0)[0] < 86_400


def test_lone_surrogate():
    """A lone surrogate in an id is refused as bad input."""
    with pytest.raises(InvalidRequestError):
        videos.VIDEOS.get("\ud800")


@pytest.mark.parametrize("dots", [".", ".."])
def test_dots(dots):
    """An id cannot climb out of its path."""
    with pytest.raises(InvalidRequestError):
        videos.VIDEOS.delete(dots)


@pytest.mark.parametrize("data", ["", {}, "abc"])
def test_data_that_is_no_list(data):
    """A list answer without a list is a ResponseError."""
    with pytest.raises(ResponseError):
        rd(LIST, {"data": data})


@pytest.mark.parametrize("data", ["", {}])
def test_statuses(data):
    """A bulk answer without a list is a ResponseError."""
    with pytest.raises(ResponseError):
        rd(videos.VIDEO.get_statuses(["a"]), {"data": data})


@pytest.mark.parametrize("token", [5, {"a": 1}, True])
def test_next_token_of_other_type(token):
    """A cursor that is no text is a ResponseError."""
    with pytest.raises(ResponseError):
        rd(LIST, {"data": [], "has_more": True, "next_token": token})


def test_case_of_ended_words():
    """The row that says a video has ended wins, however it is written."""
    rows = [{"video_id": "a", "status": "Completed"}, {"video_id": "a", "status": "processing"}]
    assert rd(videos.VIDEO.get_statuses(["a"]), {"data": rows}) == {"a": "Completed"}


def test_short_medians_never_reach_max_interval():
    """Looks at overdue jobs of a short kind thin out as well."""
    assert next_delay(PollPolicy(jitter=0), age=1e6, median=0.1, sigma=0.6, random=0.5) == 60


def test_v2_code():
    """An error code that is neither text nor number is left out."""
    with pytest.raises(APIError) as e:
        rd(LIST, {"error": "x", "code": [1]}, 400)
    assert e.value.code is None


def test_empty_url():
    """An empty URL is no result."""
    assert (
        rd(
            videos.VIDEO.get_status("a"),
            {"data": {"id": "a", "status": "completed", "video_url": ""}},
        ).result
        is None
    )


def test_204():
    """A 204 without a body is a success."""
    assert rd(videos.VIDEOS.delete("a"), b"", 204) is None


def test_one_odd_row_does_not_end_a_listing(caplog):
    """A row without a usable id is left out, said at debug with its number; the rest is read."""
    caplog.set_level("DEBUG", "heygen_async.protocol")
    page = rd(LIST, {"data": [{"id": "a", "status": "x"}, {"id": 5, "status": "x"}]})
    assert ([video.id for video in page.items], page.left_out) == (["a"], 1)
    assert "row 1 of a list was left out" in caplog.text
