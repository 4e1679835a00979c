"""Field checks of the specs: each refuses bad input with a message that says what to write."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field

from heygen_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Collection

    from attrs import Attribute

_HEX_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class Check(Protocol):
    """What attrs calls with the instance, the attribute and its value."""

    def __call__(self, instance: Any, attribute: Attribute[Any], value: Any, /) -> None: ...


def refuse(instance: object, problem: str) -> InvalidRequestError:
    """Return the error that names the spec and the problem."""
    return InvalidRequestError(f"{type(instance).__name__}: {problem}")


def optional(check: Check) -> Check:
    """Allow None beside what ``check`` allows."""

    def run(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
        if value is not None:
            check(instance, attribute, value)

    return run


def option(check: Check) -> Any:
    """Return the field of an attrs class that may be left out, and else has to pass ``check``."""
    return field(default=None, validator=optional(check))


def text(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
    """Want a non-empty ``str``."""
    if not isinstance(value, str) or not value.strip():
        raise refuse(instance, f"{attribute.name} must be a non-empty str, not {_short(value)}")


def flag(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
    """Want a ``bool``."""
    if not isinstance(value, bool):
        raise refuse(instance, f"{attribute.name} must be True or False, not {_short(value)}")


def max_length(limit: int) -> Check:
    """Want a non-empty ``str`` of at most ``limit`` characters."""

    def run(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
        text(instance, attribute, value)
        if len(value) > limit:
            raise refuse(
                instance,
                f"{attribute.name} has {len(value)} characters, at most {limit} are allowed",
            )

    return run


def one_of(words: Collection[str]) -> Check:
    """Want one of ``words``."""
    listing = ", ".join(repr(word) for word in words)

    def run(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
        if not isinstance(value, str) or value not in words:
            raise refuse(
                instance, f"{attribute.name} must be one of {listing}, not {_short(value)}"
            )

    return run


def between(low: float, high: float, *, open_low: bool = False) -> Check:
    """Want a number from ``low`` to ``high``; ``open_low`` leaves ``low`` itself out."""
    span = f"{'above' if open_low else 'from'} {low:g} to {high:g}"

    def run(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high or (open_low and value == low):
            raise refuse(instance, f"{attribute.name} must be a number {span}, not {_short(value)}")

    return run


def whole(low: int, high: int) -> Check:
    """Want an ``int`` from ``low`` to ``high``."""
    bounds = between(low, high)

    def run(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
        bounds(instance, attribute, value)
        if not isinstance(value, int):
            raise refuse(instance, f"{attribute.name} must be a whole number, not {_short(value)}")

    return run


def as_tuple(value: Any) -> Any:
    """Turn a list into a tuple, and leave what is none for ``several`` to refuse."""
    return tuple(value) if isinstance(value, list | tuple) else value


def several(low: int, high: int, check: Check) -> Check:
    """Want a list or tuple of ``low`` to ``high`` items that each pass ``check``."""

    def run(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
        if not isinstance(value, tuple):
            raise refuse(instance, f"{attribute.name} must be a list, not {_short(value)}")
        if not low <= len(value) <= high:
            raise refuse(instance, f"{attribute.name} has {len(value)} items, not {low} to {high}")
        for item in value:
            check(instance, attribute, item)

    return run


def instance_of(*types: type) -> Check:
    """Want an instance of one of ``types``."""
    names = " or ".join(kind.__name__ for kind in types)

    def run(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
        if not isinstance(value, types):
            raise refuse(instance, f"{attribute.name} must be {names}, not {_short(value)}")

    return run


def hex_color(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
    """Want a colour as ``#rrggbb``."""
    if not isinstance(value, str) or not _HEX_COLOR.fullmatch(value):
        raise refuse(
            instance,
            f"{attribute.name} must be a hex colour like '#00ff88', not {_short(value)}",
        )


def http_url(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
    """Want an http or https URL."""
    if not is_http_url(value):
        raise refuse(
            instance, f"{attribute.name} must be an http(s) URL with a host, not {_short(value)}"
        )


def json_object(_instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
    """Want what JSON has as an object."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        problem = f"{attribute.name} cannot be written as JSON: {error}"
        raise InvalidRequestError(problem) from None
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise InvalidRequestError(
            f"{attribute.name} must map names of fields to values, not {_short(value)}"
        )


def is_http_url(value: object) -> bool:
    """Tell whether ``value`` is an http or https URL with a host and no white space."""
    return isinstance(value, str) and bool(re.fullmatch(r"(?i:https?)://[^\s/?#]+\S*", value))


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "…"  # noqa: PLR2004 - one line's worth
