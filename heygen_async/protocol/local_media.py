"""Local media in a spec: find it, and put assets in its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from heygen_async.models.media import Asset

S = TypeVar("S")


_FIELDS: dict[type, tuple[attrs.Attribute[Any], ...]] = {}


def fields_of(cls: type) -> tuple[attrs.Attribute[Any], ...]:
    """Return the fields of an attrs class, none of any other."""
    known = _FIELDS.get(cls)
    if known is None:
        known = _FIELDS[cls] = tuple(attrs.fields(cls)) if attrs.has(cls) else ()
    return known


def local_media(value: Any) -> Iterator[tuple[Path | bytes, Mapping[str, Any]]]:
    """Yield each ``Path`` and ``bytes`` in the spec, with the metadata of its field."""
    for attribute in fields_of(type(value)):
        child = getattr(value, attribute.name)
        if child is None or type(child) is str:
            continue
        for item in child if isinstance(child, tuple) else (child,):
            if isinstance(item, Path | bytes):
                yield item, attribute.metadata
            else:
                yield from local_media(item)


def with_assets(value: S, assets: Mapping[Path | bytes, Asset]) -> S:
    """Return the spec with each local medium replaced by its asset."""

    def swap(item: Any) -> Any:
        if isinstance(item, tuple):
            return tuple(swap(part) for part in item)
        if isinstance(item, Path | bytes):
            return assets[item]
        return with_assets(item, assets) if attrs.has(type(item)) else item

    names = [attribute.name for attribute in attrs.fields(type(value))]  # type: ignore[arg-type]
    changed = {name: new for name in names if (new := swap(old := getattr(value, name))) is not old}
    return attrs.evolve(value, **changed) if changed else value  # type: ignore[misc]
