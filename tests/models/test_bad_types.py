"""Each field of each model refuses what is of another type, whatever the field."""

from __future__ import annotations

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import pytest

from heygen_async import InvalidRequestError
from heygen_async.models.media import Media

from .least_fields import LEAST_FIELDS, make

NOT_A_NUMBER = [float("nan"), float("inf"), float("-inf"), True, False, "1", [1], 1j, object()]
WRONG: dict[Any, list[Any]] = {
    str: ["", " ", "\n\t", 5, True, 1.5, b"bytes", ["a"], {}, object()],
    bool: [0, 1, "true", "", [], object()],
    float: NOT_A_NUMBER,
    int: [*NOT_A_NUMBER, 5.0, 5.5],
    Mapping[str, Any]: ["", 5, [], [("a", 1)], {1: 2}, {"a": object()}, {"a": float("nan")}],
    Media: [
        "",
        "portrait.jpg",
        "/home/me/portrait.jpg",
        "file:///portrait.jpg",
        "ftp://media.example/a",
        "http://",
        "https:///path",
        "https://media.example/a b",
        "https://media.example/a\n",
        " https://media.example/a",
        5,
        True,
        [],
        {},
        bytearray(b"x"),
        object(),
    ],
}
SEVERAL = {"avatar_id", "references", "scenes"}  # several values: see test_bad_specs
ONLY_URLS = [
    "",
    "media.example",
    "ftp://media.example/a",
    "https://a b",
    "http://",
    5,
    b"x",
    Path(),
]
ONLY_COLORS = ["", "red", "#fff", "00ff88", "#00ff8", "#00ff888", "#00gg88", "#00ff88\n", 0x00FF88]


def options(hint: Any) -> tuple[Any, ...]:
    """Return what a field takes, None aside."""
    if hint == Media | None:
        return (Media,)
    if hint != Media and get_origin(hint) in (Union, types.UnionType):
        return tuple(option for option in get_args(hint) if option is not types.NoneType)
    return (hint,)


def wrong_values(hint: Any) -> list[Any]:
    """Return values that a field of this type must refuse."""
    kinds = options(hint)
    if get_origin(kinds[0]) is Literal:
        words = get_args(kinds[0])
        variants = [other for word in words for other in (word.upper(), f"{word} ", f"x{word}")]
        unknown = [variant for variant in variants if variant not in words]
        return [*unknown, "", 5, True, [words[0]], {}, object()]
    if attrs.has(kinds[0]):
        return [5, True, [], {}, object()]
    return WRONG[kinds[0]]


def rows() -> list[Any]:
    """Return model, field and a wrong value, for each field there is."""
    found = []
    for cls in LEAST_FIELDS:
        hints = get_type_hints(cls)
        for field in attrs.fields(cls):
            if field.name in SEVERAL:
                continue
            values = wrong_values(hints[field.name])
            found += [
                pytest.param(cls, field.name, value, id=f"{cls.__name__}.{field.name}-{number}")
                for number, value in enumerate(values)
            ]
    return found


@pytest.mark.parametrize(("cls", "field", "value"), rows())
def test_a_value_of_another_type_is_refused(cls, field, value):
    """Other types, NaN, infinity, bool for a number and unknown words name the field."""
    with pytest.raises(InvalidRequestError, match=field if field != "engine" else "engine|type"):
        make(cls, **{field: value})


@pytest.mark.parametrize("value", ["", " ", 5, True, b"look", ["a"], {}])
@pytest.mark.parametrize("name", ["AvatarVideo", "AvatarScene"])
def test_an_avatar_id_is_text(name, value):
    """One look is named by its id."""
    cls = next(cls for cls in LEAST_FIELDS if cls.__name__ == name)
    with pytest.raises(InvalidRequestError, match="avatar_id must be a non-empty str"):
        make(cls, avatar_id=value)


@pytest.mark.parametrize("value", ONLY_URLS)
@pytest.mark.parametrize(
    ("cls", "field"),
    [
        pytest.param(cls, name, id=f"{cls.__name__}.{name}")
        for cls in LEAST_FIELDS
        for name in ("callback_url", "url")
        if name in attrs.fields_dict(cls)
    ],
)
def test_a_url_field_takes_only_urls(cls, field, value):
    """Where only a URL will do, a path, bytes and other schemes are refused."""
    with pytest.raises(InvalidRequestError, match=f"{field} must be an http"):
        make(cls, **{field: value})


@pytest.mark.parametrize("value", ONLY_COLORS)
@pytest.mark.parametrize(
    ("cls", "field"),
    [
        pytest.param(cls, name, id=f"{cls.__name__}.{name}")
        for cls in LEAST_FIELDS
        for name in ("background_color",)
        if name in attrs.fields_dict(cls)
    ],
)
def test_a_colour_is_hex(cls, field, value):
    """A colour is six hex digits after a hash, and the message shows one."""
    with pytest.raises(InvalidRequestError, match=f"{field} must be a hex colour like '#00ff88'"):
        make(cls, **{field: value})


def test_the_table_has_every_field():
    """No model field escapes the table for want of a type that it knows."""
    assert len(rows()) > 500
    covered = {(cls, field) for cls, field, _ in (row.values for row in rows())}
    everything = {(cls, field.name) for cls in LEAST_FIELDS for field in attrs.fields(cls)}
    assert {name for cls, name in everything - covered} <= SEVERAL
