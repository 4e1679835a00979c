"""Good answers become models; what does not fit is named by its path."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import Asset, HeyGenError, ResponseError, Video, Voice
from heygen_async.protocol.heygen import videos
from heygen_async.protocol.heygen.convert import CONVERTER

from .reading import (
    ANYTHING,
    GET_VIDEO,
    LIST_VIDEOS,
    LIST_VOICES,
    STATUSES,
    UPLOAD,
    answer,
)

LEAST: dict[type, dict[str, Any]] = {
    Video: {"id": "v1", "status": "completed"},
    Voice: {"voice_id": "voice"},
    Asset: {"asset_id": "a1"},
}
VALUES = {str: "text", int: 7, float: 1.5, bool: True}
CREATE = videos.VIDEO.create(videos.CinematicVideo(prompt="A walk", avatar_id="look"))
DELETE = videos.VIDEOS.delete("v1")
EVERY = [ANYTHING, GET_VIDEO, LIST_VIDEOS, LIST_VOICES, STATUSES, UPLOAD, CREATE, DELETE]


def read_one(cls: type, fields: dict[str, Any]) -> Any:
    """Read one model out of the answer that holds it."""
    if cls is Voice:
        return CONVERTER.structure(fields, Voice)
    return answer(GET_VIDEO if cls is Video else UPLOAD, {"data": fields})


def fields_of(cls: type) -> dict[str, type]:
    """Return each field of the answer with the one type it has beside null."""
    hints = get_type_hints(cls)
    wire = {"id": "asset_id"} if cls is Asset else {}
    return {
        wire.get(field.name, field.name): (get_args(hints[field.name]) or (hints[field.name],))[0]
        for field in attrs.fields(cls)
        if field.name != "extra"
    }


FIELDS = [(cls, name, kind) for cls in LEAST for name, kind in fields_of(cls).items()]
OPTIONAL = [(cls, name) for cls, name, _ in FIELDS if name not in LEAST[cls]]


@pytest.mark.parametrize("cls", LEAST)
def test_a_full_answer_is_read_whole(cls):
    """Every field arrives under its name, and nothing is left over."""
    wire = {name: VALUES[kind] for name, kind in fields_of(cls).items()}
    made = read_one(cls, wire)
    named = {"id": wire["asset_id"]} if cls is Asset else {}
    expected = {name: value for name, value in wire.items() if name != "asset_id"} | named
    assert attrs.asdict(made) == {**expected, "extra": {}}


@pytest.mark.parametrize(("cls", "name"), OPTIONAL)
def test_null_and_absence_are_none(cls, name):
    """JSON null never becomes "None": an optional field that is null or missing is None."""
    for fields in ({**LEAST[cls], name: None}, LEAST[cls]):
        made = read_one(cls, fields)
        assert getattr(made, name) is None
        assert made.extra == {}


MUST = [(cls, name) for cls in (Video, Asset) for name in LEAST[cls]]


@pytest.mark.parametrize(("cls", "name"), MUST)
def test_null_is_refused_where_a_value_is_a_must(cls, name):
    """A model without its id makes no sense, and no "None" is put in its place."""
    with pytest.raises(ResponseError, match="unexpected answer"):
        read_one(cls, {**LEAST[cls], name: None})
    with pytest.raises(ResponseError, match="unexpected answer"):
        read_one(cls, {other: value for other, value in LEAST[cls].items() if other != name})


NEEDED = [
    (Video, "id"),
    (Video, "status"),
    (Video, "video_url"),
    (Asset, "asset_id"),
    (Asset, "url"),
]
KINDS = {(cls, name): kind for cls, name, kind in FIELDS}


def wrong_values(kind: type) -> list[Any]:
    """Return values of all JSON types but ``kind``."""
    odd = ["12", 12, 1.25, True, [], {}, ["a"]]
    return [v for v in odd if type(v) is not kind and not (kind is float and type(v) is int)]


@pytest.mark.parametrize(("cls", "name"), NEEDED)
def test_a_wrong_type_is_refused_where_nothing_goes_on_without(cls, name):
    """No number becomes an id, a word or a URL, no bool either; the message names the field."""
    shown = "id" if name == "asset_id" else name
    for wrong in wrong_values(KINDS[cls, name]):
        with pytest.raises(ResponseError, match=rf"answer\.{shown}\b"):
            read_one(cls, {**LEAST[cls], name: wrong})


@pytest.mark.parametrize(("cls", "name"), sorted(set(OPTIONAL) - set(NEEDED), key=str))
def test_another_field_of_a_wrong_type_is_kept_raw(cls, name):
    """The field is None, its value stands in ``extra`` beside what is new, the rest is read."""
    for wrong in wrong_values(KINDS[cls, name]):
        made = read_one(cls, {**LEAST[cls], name: wrong, "new": 1})
        assert getattr(made, name) is None
        assert made.extra == {name: wrong, "new": 1}


def test_whole_floats_are_whole_numbers():
    """Unix seconds written as 1711929600.0 are an int; 0.5 is none, and kept raw."""
    video = read_one(Video, {**LEAST[Video], "created_at": 1711929600.0})
    assert type(video.created_at) is int
    for wrong in (0.5, float("inf"), float("nan")):
        odd = read_one(Video, {**LEAST[Video], "created_at": wrong})
        assert odd.created_at is None
        assert odd.extra.keys() == {"created_at"}


@given(
    st.dictionaries(
        st.text(min_size=1).filter(lambda name: name not in {*attrs.fields_dict(Video), "extra"}),
        st.none() | st.integers() | st.text() | st.lists(st.none()) | st.just({"a": {"b": None}}),
    )
)
def test_unknown_fields_are_kept(unknown):
    """What the vendor adds lands in ``extra``, as it came."""
    made = read_one(Video, {**LEAST[Video], **unknown})
    assert made == Video(**LEAST[Video], extra=unknown)


@pytest.mark.parametrize("word", ["waiting", "rendering_v9", "", "完了"])
def test_an_unknown_status_is_data(word):
    """A status word that nobody knows is kept."""
    assert read_one(Video, {"id": "v1", "status": word}).status == word


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff\xfe", b'{"data":', b"{} {}", b"[" * 100_000]
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_good_status_with_a_body_that_is_not_json_makes_no_sense(body, status):
    """HTML, nothing, half an answer or a bomb is a ``ResponseError`` with call and status."""
    with pytest.raises(ResponseError, match=f"GET /v3/videos/v1: {status} with a body") as caught:
        answer(GET_VIDEO, body, status)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("payload", [None, [], "x", 5, True, {}, {"data": None}, {"data": []}])
@pytest.mark.parametrize("request_", [GET_VIDEO, CREATE, UPLOAD])
def test_json_of_another_shape_makes_no_sense(request_, payload):
    """An answer without the object it should hold is a ``ResponseError``."""
    with pytest.raises(ResponseError, match="unexpected answer"):
        answer(request_, payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "error", "id", "status", "video_id", "code", "message"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
headers = st.dictionaries(
    st.sampled_from(["Retry-After", "Location", "X-Request-Id"]), st.text(max_size=12)
)


@given(
    st.sampled_from(EVERY),
    st.integers(100, 999),
    st.binary(max_size=40) | json_values | json_values.map(lambda value: {"data": value}),
    headers,
)
def test_any_answer_is_a_value_or_our_error(request_, status, payload, headers):
    """No bytes and no status make anything but a value or a ``HeyGenError``."""
    try:
        answer(request_, payload, status, headers)
    except HeyGenError as error:
        assert str(error)  # noqa: PT017 - any answer may be refused
    else:
        assert status < 300
