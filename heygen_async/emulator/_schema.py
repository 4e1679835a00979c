"""A tiny validator: request shapes as data, and the path of the first value that departs.

A shape is a frozen value with one method, ``check(value, at)``, which raises the 400 that
names the parameter (``voice_settings.speed``, ``scenes[2].source``) or returns None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import attrs

from heygen_async.emulator._errors import invalid

Json = Mapping[str, Any]
"""A JSON object, as received."""


class Shape(Protocol):
    """What a JSON value has to look like."""

    def check(self, value: object, at: str) -> None:
        """Raise a 400 about the parameter *at* unless *value* has this shape."""


@attrs.frozen(kw_only=True)
class Text:
    """A string within a length, matching a pattern as a whole."""

    min_length: int = 0
    max_length: int | None = None
    pattern: str = r"(?s:.*)"

    def check(self, value: object, at: str) -> None:
        """Raise unless *value* is such a string."""
        if not isinstance(value, str):
            raise invalid(at, "Input should be a valid string.")
        if len(value) < self.min_length:
            raise invalid(at, f"String should have at least {self.min_length} character(s).")
        if self.max_length is not None and len(value) > self.max_length:
            raise invalid(at, f"String should have at most {self.max_length} characters.")
        if not re.fullmatch(self.pattern, value):
            raise invalid(at, f"String should match {self.pattern}.")


@attrs.frozen(kw_only=True)
class Number:
    """A number, or only an integer, within bounds; *above* is an exclusive lower one."""

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    integer: bool = False

    def check(self, value: object, at: str) -> None:
        """Raise unless *value* is such a number; a boolean is none."""
        if isinstance(value, bool) or not isinstance(value, int if self.integer else (int, float)):
            kind = "integer" if self.integer else "number"
            raise invalid(at, f"Input should be a valid {kind}.")
        if self.minimum is not None and value < self.minimum:
            raise invalid(at, f"Input should be greater than or equal to {self.minimum}.")
        if self.maximum is not None and value > self.maximum:
            raise invalid(at, f"Input should be less than or equal to {self.maximum}.")
        if self.above is not None and value <= self.above:
            raise invalid(at, f"Input should be greater than {self.above}.")


@attrs.frozen
class Flag:
    """True or false."""

    def check(self, value: object, at: str) -> None:
        """Raise unless *value* is a boolean."""
        if not isinstance(value, bool):
            raise invalid(at, "Input should be a valid boolean.")


@attrs.frozen
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def check(self, value: object, at: str) -> None:
        """Raise unless *value* is one of the words."""
        if not isinstance(value, str) or value not in self.words:
            raise invalid(at, f"Input should be one of: {', '.join(self.words)}.")


@attrs.frozen
class Nullable:
    """Another shape, or null."""

    shape: Shape

    def check(self, value: object, at: str) -> None:
        """Raise unless *value* is null or has the shape."""
        if value is not None:
            self.shape.check(value, at)


@attrs.frozen(kw_only=True)
class Array:
    """A list of one shape, of a bounded length."""

    items: Shape
    min_items: int = 0
    max_items: int | None = None

    def check(self, value: object, at: str) -> None:
        """Raise unless *value* is such a list."""
        if not isinstance(value, list):
            raise invalid(at, "Input should be a valid list.")
        if len(value) < self.min_items:
            raise invalid(at, f"List should have at least {self.min_items} item(s).")
        if self.max_items is not None and len(value) > self.max_items:
            raise invalid(at, f"List should have at most {self.max_items} items.")
        for index, item in enumerate(value):
            self.items.check(item, f"{at}[{index}]")


@attrs.frozen
class Record:
    """An object with these fields and no other, some of them required."""

    fields: Mapping[str, Shape]
    required: Sequence[str] = ()

    def check(self, value: object, at: str) -> None:
        """Raise unless *value* is such an object."""
        members = _members(value, at)
        for name in members:
            if name not in self.fields:
                raise invalid(join(at, name), "Extra inputs are not permitted.")
        for name in self.required:
            if name not in members:
                raise invalid(join(at, name), "Field required.")
        for name, member in members.items():
            self.fields[name].check(member, join(at, name))


@attrs.frozen
class Union:
    """An object whose field *tag* says which record the rest of it is."""

    tag: str
    variants: Mapping[str, Record]

    def check(self, value: object, at: str) -> None:
        """Raise unless *value* is an object of the variant that its tag names."""
        members = _members(value, at)
        if self.tag not in members:
            raise invalid(join(at, self.tag), "Field required.")
        Choice(tuple(self.variants)).check(members[self.tag], join(at, self.tag))
        rest = {name: member for name, member in members.items() if name != self.tag}
        self.variants[str(members[self.tag])].check(rest, at)


def join(at: str, name: str) -> str:
    """Return the path of the field *name* of the object *at*; the root is ``""``."""
    return f"{at}.{name}" if at else name


def _members(value: object, at: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise invalid(at or None, "Input should be a valid object.")
    return value
