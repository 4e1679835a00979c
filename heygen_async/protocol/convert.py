"""The rules between models and JSON: strict about what is needed, open to what is new or odd.

Answers: unknown fields are kept in ``extra``, and so are the raw values of fields of a wrong type
(the field itself is None then) unless nothing can go on without them; ``null`` stays None, a
number never becomes text.
Requests: absent options are left out, media become the vendor's asset objects.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType, NoneType
from typing import Any, TypeVar

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from heygen_async.models.jobs import NEEDED
from heygen_async.models.media import Asset, AssetId, Media

T = TypeVar("T")

Reshape = Callable[[dict[str, Any]], dict[str, Any]]
"""Writes or reads the fields of one class in the way that a vendor has them."""

logger = logging.getLogger("heygen_async.protocol")

UNREADABLE = (
    cattrs.BaseValidationError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
)
"""What reading an answer of another shape raises."""


def make_converter(
    *,
    requests: Mapping[type, Reshape],
    answers: Mapping[type, Reshape] = MappingProxyType({}),
    media: Callable[[Any], Any] | None = None,
) -> cattrs.Converter:
    """Return a converter for one vendor.

    ``requests`` says what becomes of the fields of a class before they are sent, ``answers`` what
    is done with an object before it is read as a class, ``media`` how uploaded media are named.
    """
    converter = cattrs.Converter()
    for wanted, accepted in {
        str: (str,),
        str | None: (str, NoneType),
        bool: (bool,),
        bool | None: (bool, NoneType),
        float: (float, int),
        float | None: (float, int, NoneType),
        str | int: (str, int),
        str | int | None: (str, int, NoneType),
        str | float | None: (str, int, float, NoneType),
    }.items():
        converter.register_structure_hook(wanted, _strict(*accepted))
    converter.register_structure_hook(int, _whole(int))
    converter.register_structure_hook(int | None, _whole(int, NoneType))
    converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _texts)
    converter.register_structure_hook_factory(attrs.has, lambda cls: _reader(converter, cls))
    converter.register_unstructure_hook_factory(attrs.has, lambda cls: _writer(converter, cls))
    converter.register_unstructure_hook_func(
        lambda kind: kind in (Media, Media | None), media or _asset_object
    )
    # Factories are asked at the first use of a class, when all hooks of its parts are there.
    converter.register_unstructure_hook_factory(
        lambda kind: kind in requests,
        lambda cls: _after(_writer(converter, cls), requests[cls]),
    )
    converter.register_structure_hook_factory(
        lambda kind: kind in answers,
        lambda cls: _before(_reader(converter, cls), answers[cls]),
    )
    return converter


def readable(rows: Iterable[Any], read: Callable[[Any], T]) -> tuple[T, ...]:
    """Return what ``read`` makes of the rows of a list; rows that make no sense are left out."""
    kept = []
    for number, row in enumerate(rows):
        try:
            kept.append(read(row))
        except UNREADABLE as error:
            # One row that a vendor broke must not hide the others of its list.
            logger.debug("row %d of a list was left out: %r", number, error)
    return tuple(kept)


def _after(write: Callable[[Any], dict[str, Any]], reshape: Reshape) -> Callable[[Any], Any]:
    return lambda value: reshape(write(value))


def _before(read: Callable[[Any, Any], Any], reshape: Reshape) -> Callable[[Any, Any], Any]:
    return lambda value, wanted: read(reshape(value), wanted)


def _strict(*accepted: type) -> Callable[[Any, Any], Any]:
    """Structure values of these types only: cattrs' default would turn null into "None"."""

    def structure(value: Any, _: Any) -> Any:
        if type(value) not in accepted:
            names = " or ".join(each.__name__ for each in accepted)
            raise TypeError(f"expected {names}, got {type(value).__name__}")
        return value

    return structure


def _whole(*accepted: type) -> Callable[[Any, Any], Any]:
    """Structure whole numbers, also those that are written as 1711929600.0."""

    def structure(value: Any, _: Any) -> Any:
        if type(value) in accepted:
            return value
        if type(value) is float and value.is_integer():
            return int(value)
        raise TypeError(f"expected a whole number, got {value!r}")

    return structure


def _texts(value: Any, _: Any) -> tuple[str, ...]:
    """Structure a list of texts; a text is no list of its letters."""
    if not isinstance(value, list) or not all(type(item) is str for item in value):
        raise TypeError(f"expected a list of texts, got {type(value).__name__}")
    return tuple(value)


def _reader(converter: cattrs.Converter, cls: type) -> Callable[[Any, Any], Any]:
    """Structure an answer; what ``cls`` does not know, or cannot read, goes to its ``extra``."""
    build: Callable[[Any, Any], Any] = make_dict_structure_fn(cls, converter)
    fields = {attribute.name: attribute for attribute in attrs.fields(cls)}
    if fields.pop("extra", None) is None:
        return build
    optional = {
        name
        for name, attribute in fields.items()
        if attribute.default is not attrs.NOTHING and attribute.metadata != NEEDED
    }
    reported: set[str] = set()

    def structure(value: Any, wanted: Any) -> Any:
        unknown = value.keys() - fields.keys()
        if unknown:
            extra = {name: value[name] for name in unknown}
            value = {**value, "extra": extra}
        try:
            return build(value, wanted)
        except cattrs.ClassValidationError as error:
            odd = optional.intersection(note.name for _, note in error.group_exceptions()[0])
            if not odd:
                raise
        # A date in another form must not hide the URL of a render that is paid.
        for name in odd - reported:
            sort = type(value[name]).__name__
            logger.debug("%s.%s is a %s: kept in extra", cls.__name__, name, sort)
        reported.update(odd)
        rest = {name: item for name, item in value.items() if name not in odd}
        rest["extra"] = {**value.get("extra", {}), **{name: value[name] for name in odd}}
        return build(rest, wanted)

    return structure


def _writer(converter: cattrs.Converter, cls: type) -> Callable[[Any], dict[str, Any]]:
    """Unstructure a part of a request; None means absent, so it is left out.

    Of an answer, it is what the vendor had: ``extra`` is back in its place.
    """
    build: Callable[[Any], dict[str, Any]] = make_dict_unstructure_fn(cls, converter)

    def unstructure(value: Any) -> dict[str, Any]:
        fields = {name: item for name, item in build(value).items() if item is not None}
        extra = fields.pop("extra", {})
        return {**fields, **extra}

    return unstructure


def _asset_object(value: Media | None) -> dict[str, str] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return {"type": "url", "url": value}
    if isinstance(value, Asset | AssetId):
        return {"type": "asset_id", "asset_id": value.id}
    raise TypeError("local media must be uploaded before the request is built")
