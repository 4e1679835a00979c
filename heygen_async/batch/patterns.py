"""Texts made of the columns of a row, and what in a cell nobody can have meant."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from attrs import frozen

from heygen_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ODD = re.compile(
    r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!)"  # what a spreadsheet cannot work out
    r"|\A\s*=[\w$(+\"'-]"  # a formula in the place of what it gives
    r"|\{\{[^{}]*\}\}"  # a placeholder
    r"|\A\s*(?:nan|null|none|undefined|todo)\s*\Z",
    re.IGNORECASE,
)

_SHARED = (
    (
        re.compile(r"https?://drive\.google\.com/(?:file/|open\?)"),
        "https://drive.google.com/uc?export=download&id=…",
    ),
    (
        re.compile(r"https?://(?:www\.)?dropbox\.com/(?!.*[?&](?:dl|raw)=1)"),
        "the same with dl=1 in the place of dl=0 at its end",
    ),
)


@frozen
class Pattern:
    """A text with names of columns in braces, such as ``"Hello {first_name}!"``.

    ``parts`` are what stands between the names, each with the name that follows, "" at the end.
    """

    parts: tuple[tuple[str, str], ...]

    @property
    def names(self) -> list[str]:
        """The columns that it needs."""
        return [name for _, name in self.parts if name]

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with the values of its names."""
        return "".join(text + (values[name] if name else "") for text, name in self.parts)


def parse_pattern(text: str) -> Pattern:
    """Return the pattern in ``text``; names are all it takes, and two braces stand for one.

    Raises ``InvalidRequestError``.
    """
    if found := re.search(r"\{\{\s*([^{}]+?)\s*\}\}", text):
        raise InvalidRequestError(f"write {{{found[1]}}} for the column, with one brace each side")
    parts = []
    try:
        for before, name, form, conversion in string.Formatter().parse(text):
            if name is not None and (not name.strip() or form or conversion):
                raise InvalidRequestError(f"braces hold the name of a column alone: {text!r}")
            parts.append((before, (name or "").strip()))
    except ValueError as error:
        raise InvalidRequestError(f"{error}: {text!r}") from None
    return Pattern(tuple(parts))


def is_odd(text: str) -> bool:
    """Tell whether a spreadsheet or a program has left ``text``, which nobody can have meant."""
    return _ODD.search(text) is not None


def direct_form(url: str) -> str | None:
    """Return what to write for the share page of a file, None for what is no such page."""
    return next((form for page, form in _SHARED if page.match(url)), None)
