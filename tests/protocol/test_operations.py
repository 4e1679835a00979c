"""Operations as data: what a call asks for, and what is read from its answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import InvalidRequestError, ResponseError, Video, Voice
from heygen_async.protocol.convert import make_converter
from heygen_async.protocol.heygen.videos import VIDEO, VIDEOS
from heygen_async.protocol.heygen.voices import VOICES
from heygen_async.protocol.operations import Collection, Operation, query, whole

from .reading import LIST_VIDEOS, LIST_VOICES, answer


@attrs.frozen(kw_only=True)
class Film:
    id: str
    name: str | None = None
    extra: dict[str, Any] = attrs.field(factory=dict)


FILMS = Collection(
    item="/v1/films/{film_id}", model=Film, converter=make_converter(requests={}), page_size=20
)
ROW = {"id": "v1", "status": "completed"}


def test_items_are_models_in_their_order():
    """A page has the vendor's items as models, in the vendor's order."""
    page = answer(LIST_VIDEOS, {"data": [ROW, {**ROW, "id": "v2"}], "has_more": False})
    assert page.items == (Video(**ROW), Video(**{**ROW, "id": "v2"}))
    voices = answer(LIST_VOICES, {"data": [{"voice_id": "a", "name": "Ada", "new": [1]}]})
    assert voices.items == (Voice(voice_id="a", name="Ada", extra={"new": [1]}),)


@pytest.mark.parametrize(
    ("cursors", "token"),
    [
        ({"has_more": True, "next_token": "t"}, "t"),
        ({"has_more": True, "next_token": None}, None),
        ({"has_more": True}, None),
        ({"has_more": False, "next_token": "t"}, None),
        ({"has_more": None, "next_token": "t"}, None),
        ({"next_token": "t"}, None),
        ({}, None),
    ],
)
def test_there_is_a_next_page_only_if_the_vendor_says_so(cursors, token):
    """``has_more`` and ``next_token`` together lead on; null never becomes "None"."""
    assert answer(LIST_VIDEOS, {"data": [], **cursors}).next_token == token


@pytest.mark.parametrize(
    "payload",
    [{}, [], *({"data": data} for data in (None, 5, "", "abc", {}, [None], ["v1"]))],
)
def test_a_page_of_another_shape_makes_no_sense(payload):
    """What is no list of the right objects is a ``ResponseError`` that names the call."""
    with pytest.raises(ResponseError, match="GET /v3/videos: unexpected answer"):
        answer(LIST_VIDEOS, payload)


def test_only_what_was_asked_for_is_in_the_query():
    """None is left out, and numbers are text."""
    request = VIDEOS.list(folder_id="f", title=None)
    assert request.params == {"limit": "100", "folder_id": "f"}
    full = VOICES.list("t", type="private", engine="e", language="l", gender="g")
    assert full.params == {
        "type": "private",
        "engine": "e",
        "language": "l",
        "gender": "g",
        "limit": "100",
        "token": "t",
    }


@given(st.dictionaries(st.from_regex("[a-z]+", fullmatch=True), st.none() | st.text()))
def test_a_query_is_what_is_not_none(values):
    """A query never says "None" for what was not given."""
    assert query(**values) == {k: v for k, v in values.items() if v is not None}


@pytest.mark.parametrize("token", [5, {"a": 1}, True])
def test_a_cursor_that_is_no_text_makes_no_sense(token):
    """A cursor that is no text is a ResponseError."""
    with pytest.raises(ResponseError):
        answer(LIST_VIDEOS, {"data": [], "has_more": True, "next_token": token})


def test_one_odd_row_does_not_end_a_listing(caplog):
    """A row without a usable id is left out, said at debug with its number; the rest is read."""
    caplog.set_level("DEBUG", "heygen_async.protocol")
    page = answer(LIST_VIDEOS, {"data": [{"id": "a", "status": "x"}, {"id": 5, "status": "x"}]})
    assert ([video.id for video in page.items], page.left_out) == (["a"], 1)
    assert "row 1 of a list was left out" in caplog.text


def test_a_lone_surrogate_is_no_id():
    """A lone surrogate in an id is refused as bad input."""
    with pytest.raises(InvalidRequestError):
        VIDEOS.get("\ud800")


@pytest.mark.parametrize("dots", [".", ".."])
def test_an_id_cannot_climb_out_of_its_path(dots):
    """An id cannot climb out of its path."""
    with pytest.raises(InvalidRequestError):
        VIDEOS.delete(dots)


def test_a_204_without_a_body_is_a_success():
    """A 204 without a body is a success."""
    assert answer(VIDEOS.delete("a"), b"", 204) is None


@given(st.text().filter(lambda id_: id_.isprintable() and id_.strip(" ") not in ("", ".", "..")))
def test_an_id_is_quoted_in_a_path(video_id):
    """No id leads to another path: it is one segment, and comes back when unquoted."""
    for request in (
        VIDEOS.get(video_id),
        VIDEO.get_status(video_id),
        VIDEOS.delete(video_id),
    ):
        head, _, last = request.path.rpartition("/")
        assert head == "/v3/videos"
        assert unquote(last) == video_id
        assert not set(last) & set("?#&/ \n")


def test_a_collection_has_the_usual_requests():
    """Get, list, update and delete come from one path."""
    calls = (
        FILMS.get("f1"),
        FILMS.list("t", genre="noir", year=None),
        FILMS.update("f1", {"name": "M"}),
        FILMS.delete("f1"),
    )
    assert [(call.method, call.path, dict(call.params), call.json) for call in calls] == [
        ("GET", "/v1/films/f1", {}, None),
        ("GET", "/v1/films", {"limit": "20", "token": "t", "genre": "noir"}, None),
        ("PATCH", "/v1/films/f1", {}, {"name": "M"}),
        ("DELETE", "/v1/films/f1", {}, None),
    ]
    assert FILMS.id_name == "film_id"
    assert not any(call.paid for call in calls)


def test_a_collection_reads_what_its_requests_are_answered():
    """One, many, what was changed and nothing."""
    row, film = {"id": "f1", "name": "M"}, Film(id="f1", name="M")
    assert answer(FILMS.get("f1"), {"data": row}) == film
    assert answer(FILMS.update("f1", {}), {"data": row}) == film
    assert answer(FILMS.list(), {"data": [row, row]}).items == (film, film)
    assert answer(FILMS.delete("f1"), {"data": row}) is None


def test_only_a_bare_collection_reads_an_answer_without_data():
    """The object itself may be the answer; beside ``data`` nothing else counts."""
    row = {"id": "f1", "name": "M"}
    bare = attrs.evolve(FILMS, bare=True)
    for payload in (row, {"data": row, "id": "other"}, {**row, "data": None}):
        found = answer(bare.get("f1"), payload)
        assert (found.id, found.name) == ("f1", "M")
    with pytest.raises(ResponseError, match="'data'"):
        answer(FILMS.get("f1"), row)


def test_an_operation_says_how_it_may_be_sent():
    """Path, body, query and what a lost answer means come from the record and the call."""
    operation = Operation("POST", "/v1/{film_id}/cuts/{cut_id}", dict, paid=True, busy_code="busy")
    call = operation.request("f 1", "c/2", json={"a": 1}, after=3, before=None)
    assert (call.method, call.path) == ("POST", "/v1/f%201/cuts/c%2F2")
    assert (call.params, call.json) == ({"after": "3"}, {"a": 1})
    assert (call.paid, call.busy_code, call.repeatable) == (True, "busy", False)
    assert call.decode({"b": 2}) == {"b": 2}
    repeated = attrs.evolve(operation, idempotent=True)
    assert repeated.request("f", "c").repeatable
    with pytest.raises(ValueError, match="zip"):
        operation.request("f1")


@pytest.mark.parametrize("bad", ["", " ", "\n", "a\tb", None, 5, b"f1"])
def test_what_cannot_be_an_id_is_refused_by_its_name(bad):
    """Before anything is sent, and in the vendor's word where there is none at all."""
    with pytest.raises(InvalidRequestError, match=r"film_id must be|cannot be an id"):
        FILMS.get(bad)


@pytest.mark.parametrize("row", [{"id": "f1", "name": 5}, {"name": "M"}])
def test_a_page_that_is_searched_has_to_be_read_whole(row):
    """A row that hides what is searched for could be the one that was paid for already."""
    page, good = whole(FILMS.list(), "name"), {"id": "f2", "name": "M"}
    assert answer(page, {"data": [good]}).items == (Film(id="f2", name="M"),)
    assert len(answer(page, {"data": [good, {"id": "f1"}]}).items) == 2  # it has no name
    with pytest.raises(ResponseError, match="cannot be read"):
        answer(page, {"data": [good, row]})
