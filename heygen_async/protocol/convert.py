"""The rules between models and JSON: strict about types, open to what is new.

Answers: unknown fields are kept in ``extra``, ``null`` stays None, a number never becomes text.
Requests: absent options are left out, media become the vendor's asset objects.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from heygen_async.models.media import Asset, AssetId, Media

if TYPE_CHECKING:
    from collections.abc import Callable

    Shape = Callable[[dict[str, Any]], dict[str, Any]]

T = TypeVar("T")

converter = cattrs.Converter()


@functools.cache
def one(cls: type[T]) -> Callable[[Any], T]:
    """Return the decoder of an answer ``{"data": {…}}`` that holds one ``cls``."""

    def decode(payload: Any) -> T:
        return converter.structure(payload["data"], cls)

    return decode


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


def _structure_model(cls: type) -> Callable[[Any, Any], Any]:
    """Structure an answer; fields that ``cls`` does not know go to its ``extra``."""
    build: Callable[[Any, Any], Any] = make_dict_structure_fn(cls, converter)
    names = {attribute.name for attribute in attrs.fields(cls)}
    if "extra" not in names:
        return build
    known = names - {"extra"}

    def structure(value: Any, wanted: Any) -> Any:
        unknown = value.keys() - known
        if unknown:
            extra = {name: value[name] for name in unknown}
            value = {**value, "extra": extra}
        return build(value, wanted)

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
converter.register_structure_hook_factory(attrs.has, _structure_model)
converter.register_unstructure_hook_factory(attrs.has, _unstructure_model)
converter.register_unstructure_hook_func(lambda kind: kind in (Media, Media | None), _media)
