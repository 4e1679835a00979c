"""Answers become models, and what does not fit is named by its path; specs become bodies."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import Asset, AssetId, ResponseError, Video, Voice
from heygen_async.models.media import Media
from heygen_async.protocol.convert import make_converter, readable
from heygen_async.protocol.heygen.convert import CONVERTER

from .reading import GET_VIDEO, UPLOAD, answer

LEAST: dict[type, dict[str, Any]] = {
    Video: {"id": "v1", "status": "completed"},
    Voice: {"voice_id": "voice"},
    Asset: {"asset_id": "a1"},
}
VALUES = {str: "text", int: 7, float: 1.5, bool: True}


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
    """What the vendor adds lands in ``extra`` as it came, and is written in its place again."""
    made = read_one(Video, {**LEAST[Video], **unknown})
    assert made == Video(**LEAST[Video], extra=unknown)
    assert CONVERTER.unstructure(made) == {**LEAST[Video], **unknown}


@pytest.mark.parametrize("word", ["waiting", "rendering_v9", "", "完了"])
def test_an_unknown_status_is_data(word):
    """A status word that nobody knows is kept."""
    assert read_one(Video, {"id": "v1", "status": word}).status == word


@pytest.mark.parametrize("more", [{"extra": "x"}, {"extra": {"a": 1}, "new": 2}])
def test_a_field_named_extra_is_kept_with_the_other_new_ones(more):
    """A vendor's field that is called extra is kept with the other new ones, and written so."""
    made = read_one(Video, {**LEAST[Video], **more})
    assert made.extra == more
    assert CONVERTER.structure(CONVERTER.unstructure(made), Video) == made


@attrs.frozen(kw_only=True)
class Scene:
    text: str | None = None
    picture: Media | None = None


@attrs.frozen(kw_only=True)
class Film:
    name: str
    scenes: tuple[Scene, ...] = ()
    extra: dict[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Poster:
    name: str
    tags: tuple[str, ...] = ()
    extra: dict[str, Any] = attrs.field(factory=dict)


def test_what_was_not_given_is_not_sent():
    """None means absent, in parts as well; an empty list and what is false are values."""
    converter = make_converter(requests={})
    assert converter.unstructure(Scene()) == {}
    assert converter.unstructure(Film(name="", scenes=(Scene(text="Hi"), Scene()))) == {
        "name": "",
        "scenes": [{"text": "Hi"}, {}],
    }


@pytest.mark.parametrize(
    ("picture", "sent"),
    [
        ("https://a.example/b.png", {"type": "url", "url": "https://a.example/b.png"}),
        (AssetId("a1"), {"type": "asset_id", "asset_id": "a1"}),
        (Asset(id="a1", url="https://a.example/b"), {"type": "asset_id", "asset_id": "a1"}),
    ],
)
def test_media_are_the_vendors_asset_objects(picture, sent):
    """Unless a vendor names them otherwise."""
    assert make_converter(requests={}).unstructure(Scene(picture=picture)) == {"picture": sent}
    plain = make_converter(requests={}, media=str)
    assert plain.unstructure(Scene(picture=picture)) == {"picture": str(picture)}


@pytest.mark.parametrize("local", [b"bytes", Path("me.png")])
def test_local_media_cannot_be_sent(local):
    """They have to be uploaded before; a path is no URL by chance."""
    with pytest.raises(TypeError, match="must be uploaded before"):
        make_converter(requests={}).unstructure(Scene(picture=local))


def test_converters_know_nothing_of_each_other():
    """What one vendor reshapes is as it is with another, whoever was made first."""
    plain = make_converter(requests={})
    other = make_converter(
        requests={Scene: lambda fields: {"type": "scene", **fields}},
        answers={Film: lambda row: {"name": row["title"], "kept": 1}},
    )
    scene = Scene(text="Hi")
    assert other.unstructure(Film(name="M", scenes=(scene,)))["scenes"] == [
        {"type": "scene", "text": "Hi"}
    ]
    assert other.structure({"title": "M"}, Film) == Film(name="M", extra={"kept": 1})
    assert plain.unstructure(scene) == {"text": "Hi"}
    assert plain.structure({"name": "M", "title": 1}, Film) == Film(name="M", extra={"title": 1})


@pytest.mark.parametrize("tags", ["abc", None, 5, {"a": 1}, ["a", 1], [None]])
def test_a_list_of_texts_is_that_and_nothing_else(tags):
    """A text is no list of its letters, and a list with a number in it is kept raw."""
    converter = make_converter(requests={})
    assert converter.structure({"name": "M", "tags": ["a", ""]}, Poster).tags == ("a", "")
    assert converter.structure({"name": "M", "tags": tags}, Poster) == Poster(
        name="M", extra={"tags": tags}
    )


def test_odd_fields_are_reported_once_and_unreadable_rows_are_left_out(caplog):
    """Ten thousand answers of one odd shape are one line of the log; a broken row costs itself."""
    caplog.set_level("DEBUG", "heygen_async.protocol")
    converter = make_converter(requests={})
    rows = [{"name": "a", "tags": 1}, {"name": "b", "tags": 2}, {"tags": []}, None]
    read = readable(rows, lambda row: converter.structure(row, Poster))
    assert [poster.name for poster in read] == ["a", "b"]
    assert caplog.text.count("Poster.tags is a int: kept in extra") == 1
    assert caplog.text.count("of a list was left out") == 2
