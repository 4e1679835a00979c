"""The rules between models and JSON: strict about what is needed, open to what is new or odd.

Answers: unknown fields are kept in ``extra``, and so are the raw values of fields of a wrong type
(the field itself is None then) unless nothing can go on without them; ``null`` stays None, a
number never becomes text.
Requests: absent options are left out, media become the vendor's asset objects.
"""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from heygen_async.models.jobs import NEEDED
from heygen_async.models.media import Asset, AssetId, Media

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Shape = Callable[[dict[str, Any]], dict[str, Any]]

T = TypeVar("T")

converter = cattrs.Converter()

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


@functools.cache
def one(cls: type[T]) -> Callable[[Any], T]:
    """Return the decoder of an answer ``{"data": {…}}`` that holds one ``cls``."""

    def decode(payload: Any) -> T:
        return converter.structure(payload["data"], cls)

    return decode


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


def nothing(_payload: Any) -> None:
    """Decode an answer that tells nothing beyond its success."""


def shape_request(cls: type, shape: Shape) -> None:
    """Pass what ``cls`` becomes in a request through ``shape``: tags, other field names."""

    def factory(kind: type) -> Callable[[Any], dict[str, Any]]:
        build = _unstructure_model(kind)
        return lambda value: shape(build(value))

    converter.register_unstructure_hook_factory(lambda kind: kind is cls, factory)


def tag_request(cls: type, **tag: str) -> None:
    """Add the field that tells ``cls`` from its siblings in the vendor's union."""
    shape_request(cls, lambda fields: {**tag, **fields})


def _strict(*accepted: type) -> Callable[[Any, Any], Any]:
    def structure(value: Any, wanted: Any) -> Any:
        if type(value) not in accepted:
            raise TypeError(f"expected {wanted.__name__}, got {type(value).__name__}")
        return value

    return structure


def _or_none(structure: Callable[[Any, Any], Any], plain: type) -> Callable[[Any, Any], Any]:
    return lambda value, _: None if value is None else structure(value, plain)


def _whole(value: Any, _: Any) -> int:
    if type(value) is int or (type(value) is float and value.is_integer()):
        return int(value)
    raise TypeError(f"expected a whole number, got {value!r}")


def _texts(value: Any, _: Any) -> tuple[str, ...]:
    """Structure a list of texts; a text is no list of its letters."""
    if not isinstance(value, list) or not all(type(item) is str for item in value):
        raise TypeError(f"expected a list of texts, got {type(value).__name__}")
    return tuple(value)


def _structure_model(cls: type) -> Callable[[Any, Any], Any]:
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


def _unstructure_model(cls: type) -> Callable[[Any], dict[str, Any]]:
    """Unstructure a part of a request; None means absent, so it is left out."""
    build: Callable[[Any], dict[str, Any]] = make_dict_unstructure_fn(cls, converter)
    return lambda value: {name: item for name, item in build(value).items() if item is not None}


def _media(value: Media | None) -> dict[str, str] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return {"type": "url", "url": value}
    if isinstance(value, Asset | AssetId):
        return {"type": "asset_id", "asset_id": value.id}
    raise TypeError("local media must be uploaded before the request is built")


for _plain, _structure in {
    str: _strict(str),
    bool: _strict(bool),
    float: _strict(float, int),
    int: _whole,
}.items():
    converter.register_structure_hook(_plain, _structure)
    converter.register_structure_hook(_plain | None, _or_none(_structure, _plain))
converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _texts)
converter.register_structure_hook_factory(attrs.has, _structure_model)
converter.register_unstructure_hook_factory(attrs.has, _unstructure_model)
converter.register_unstructure_hook_func(lambda kind: kind in (Media, Media | None), _media)
