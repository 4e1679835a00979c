"""The rows of a table, and what is to be told of the file that they are in."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from heygen_async.errors import InvalidRequestError

_BETWEEN_WORDS = re.compile(r"[\s_-]+")


class Cell(str):
    """The text of a cell of a sheet; what it stands for depends on its column."""

    __slots__ = ()


@frozen(kw_only=True)
class Row:
    """One record, the line where it starts, and the line where its columns are named.

    ``problems`` are those of its shape.
    """

    line: int
    names_line: int
    cells: Mapping[str, Any]
    problems: tuple[str, ...] = ()


class Reading:
    """One file that is read: all that is wrong with it, and what was assumed."""

    def __init__(self, name: str) -> None:
        self.name = printable(name)
        self.notes: list[str] = []
        self.separator = ","
        self._problems: list[str] = []

    def __len__(self) -> int:
        return len(self._problems)

    def problem(self, problem: str, *, line: int, column: str = "") -> None:
        """Take note of a problem, on one line whatever names and values it quotes."""
        place = f"line {line}, column {column}" if column else f"line {line}"
        if not line:  # of no table
            place = column or "together"
        self._problems.append(printable(f"{place}: {problem}"))

    def note(self, note: str) -> None:
        """Say what was assumed, on one line and once."""
        line = printable(f"{self.name}: {note}")
        if line not in self.notes:
            self.notes.append(line)

    def take(self, start: int) -> tuple[str, ...]:
        """Return the problems from one on, which are those of a row and not of the file."""
        taken = tuple(self._problems[start:])
        del self._problems[start:]
        return taken

    def raise_if_any(self, more: Iterable[str] = ()) -> None:
        """Raise ``InvalidRequestError`` with all problems, and ``more``, if there are any."""
        problems = [*self._problems, *more]
        if problems:
            count = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
            lines = (f"  {problem}" for problem in problems)
            raise InvalidRequestError("\n".join([f"{self.name}: {count}", *lines]))


@functools.lru_cache(maxsize=1024)
def heading(name: str) -> str:
    """Return a column's name without regard to case, blanks and hyphens: ``Voice ID``."""
    return _BETWEEN_WORDS.sub("_", name.strip().lower())


def printable(text: str) -> str:
    """Return a text on one line, whatever is in it."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
