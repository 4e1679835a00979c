"""Field checks of the specs: each refuses bad input with a message that says what to write."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field, frozen, validators

from heygen_async.errors import InvalidRequestError
from heygen_async.models._words import describe

if TYPE_CHECKING:
    from collections.abc import Collection

    from attrs import Attribute

_BEYOND_SENSE = 1e9
"""A bound that only keeps nonsense out, and is told to nobody who writes sense."""

_HEX_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class Validator(Protocol):
    """What attrs calls with the instance, the attribute and its value."""

    def __call__(self, instance: Any, attribute: Attribute[Any], value: Any, /) -> None: ...


def refuse(instance: Any, problem: str, field: str = "") -> InvalidRequestError:
    """Return the error that names the spec and the problem, and says what the field is."""
    words = describe(type(instance)).get(field)
    told = f" ({words.brief})" if words and words.words else ""
    return InvalidRequestError(f"{type(instance).__name__}: {problem}{told}")


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "…"  # noqa: PLR2004 - one line's worth


@frozen(eq=False)
class Check:
    """Wants a value of which ``holds`` is true, and says in words what that is.

    ``rule`` goes on after "must be", ``bounds`` is what it adds to the type of its field, and
    ``shown`` is what is told of a value that was refused. ``each`` is for the items of a list.
    """

    rule: str
    holds: Callable[[Any], bool]
    bounds: str = field(default="", kw_only=True)
    shown: Callable[[Any], str] = field(default=_short, kw_only=True)
    each: Validator | None = field(default=None, kw_only=True)

    def __call__(self, instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
        if not self.holds(value):
            problem = f"{attribute.name} must be {self.rule}, not {self.shown(value)}"
            raise refuse(instance, problem, attribute.name)
        if self.each is not None:
            for item in value:
                self.each(instance, attribute, item)


optional = validators.optional


def option(check: Validator) -> Any:
    """Return the field of an attrs class that may be left out, and else has to pass ``check``."""
    return field(default=None, validator=optional(check))


text = Check("a non-empty str", lambda value: isinstance(value, str) and bool(value.strip()))
"""Wants a non-empty ``str``."""

flag = Check("True or False", lambda value: isinstance(value, bool))
"""Wants a ``bool``."""


def max_length(limit: int) -> Check:
    """Want a non-empty ``str`` of at most ``limit`` characters."""
    most = f"at most {limit:,} characters"
    return Check(
        f"a non-empty str of {most}",
        lambda value: text.holds(value) and len(value) <= limit,
        bounds=most,
        shown=lambda value: f"of {len(value):,}" if text.holds(value) else _short(value),
    )


def one_of(words: Collection[str]) -> Check:
    """Want one of ``words``."""
    rule = f"one of {', '.join(repr(word) for word in words)}"
    return Check(rule, lambda value: isinstance(value, str) and value in words, bounds=rule)


def between(low: float, high: float, *, open_low: bool = False) -> Check:
    """Want a number from ``low`` to ``high``; ``open_low`` leaves ``low`` itself out."""

    def holds(value: Any) -> bool:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and low <= value <= high and not (open_low and value == low)

    span = f"{'above' if open_low else 'from'} {low:,.10g} to {high:,.10g}"
    return Check(f"a number {span}", holds, bounds=span if high < _BEYOND_SENSE else "")


def whole(low: int, high: int) -> Check:
    """Want an ``int`` from ``low`` to ``high``."""
    number = between(low, high)
    return Check(
        number.rule.replace("a number", "a whole number"),
        lambda value: isinstance(value, int) and number.holds(value),
        bounds=number.bounds,
    )


def as_tuple(value: Any) -> Any:
    """Turn a list into a tuple, and leave what is none for ``several`` to refuse."""
    return tuple(value) if isinstance(value, list | tuple) else value


def several(low: int, high: int, check: Validator) -> Check:
    """Want a list or tuple of ``low`` to ``high`` items that each pass ``check``."""
    items = f"{low:,} to {high:,} items"
    return Check(
        f"a list of {items}",
        lambda value: isinstance(value, tuple) and low <= len(value) <= high,
        bounds=items,
        shown=lambda value: f"of {len(value):,}" if isinstance(value, tuple) else _short(value),
        each=check,
    )


def instance_of(*types: type) -> Check:
    """Want an instance of one of ``types``."""
    names = " or ".join(kind.__name__ for kind in types)
    return Check(names, lambda value: isinstance(value, types))


hex_color = Check(
    "a hex colour like '#00ff88'",
    lambda value: isinstance(value, str) and bool(_HEX_COLOR.fullmatch(value)),
    bounds="a hex colour like '#00ff88'",
)
"""Wants a colour as ``#rrggbb``."""


def is_http_url(value: object) -> bool:
    """Tell whether ``value`` is an http or https URL with a host and no white space."""
    return isinstance(value, str) and bool(re.fullmatch(r"(?i:https?)://[^\s/?#]+\S*", value))


http_url = Check("an http(s) URL with a host", is_http_url)
"""Wants an http or https URL."""


def json_object(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
    """Want what JSON has as an object."""
    name = attribute.name
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise refuse(instance, f"{name} cannot be written as JSON: {error}", name) from None
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        problem = f"{name} must map names of fields to values, not {_short(value)}"
        raise refuse(instance, problem, name)
