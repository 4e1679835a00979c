"""Pages of lists, and the cursor to the next one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import ResponseError, Video, Voice
from heygen_async.protocol.heygen.media import VOICES
from heygen_async.protocol.heygen.videos import VIDEOS
from heygen_async.protocol.operations import query

from .reading import LIST_VIDEOS, LIST_VOICES, answer

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
    [{}, {"data": None}, {"data": 5}, {"data": [None]}, {"data": ["v1"]}, []],
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
