"""What the columns of a table are: fields of a spec, the user's own, or mistakes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.batch.files import unique_name
from heygen_async.batch.patterns import is_odd
from heygen_async.batch.rows import Cell, heading
from heygen_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heygen_async.batch.patterns import Pattern
    from heygen_async.batch.rows import Reading, Row

_MOST_SHOWN = 60

_CLOSE = 0.85
"""How like a field a column's name is that can only be meant for it."""


@attrs.frozen(kw_only=True)
class Given:
    """What a row gives: fields, those of parts in a dict of their own, and what it is called.

    There are no ``fields`` if one of them could not be made of columns.
    """

    fields: Mapping[str, Any] | None
    key: str | None
    file_name: str | None


class Columns:
    """Tells the fields of ``spec`` in each row from what else is there; tells of mistakes.

    ``made`` are patterns for fields, ``key`` and ``file_name`` those for what rows are called.
    """

    def __init__(
        self,
        reading: Reading,
        spec: type,
        made: Mapping[str, Pattern],
        *,
        key: Pattern | None,
        file_name: Pattern | None,
        strict: bool,
        allow_odd: bool,
    ) -> None:
        self._reading = reading
        self._spec = spec
        self._fields = field_names(spec)
        self._made = made
        self._names = {"key": key, "file name": file_name}
        self._patterns = {**self._names, **made}
        self._called: dict[tuple[str, str], Row] = {}
        self._strict = strict
        self._allow_odd = allow_odd
        self._used = {
            heading(column)
            for pattern in self._patterns.values()
            if pattern is not None
            for column in pattern.names
        }
        self._checked: tuple[str, ...] = ()
        self._told: set[str] = set()
        self._unused: dict[str, None] = {}
        for name in made:
            if name.partition(".")[0] not in self._fields:
                raise InvalidRequestError(f"set {name}: {no_field(name, spec)}")

    def check(self, row: Row) -> None:
        """Tell what is wrong with the names of columns, once for all rows that have them."""
        columns = tuple(row.cells)
        if columns == self._checked:
            return
        self._checked = columns
        given = {self._path(column)[0] for column in columns}.union(self._made)
        absent = [field for field in self._fields if field not in given]
        for column in columns:
            if (
                self._path(column)[0] in self._fields
                or heading(column) in self._used
                or column in self._told
            ):
                continue
            self._told.add(column)
            close = difflib.get_close_matches(heading(column), absent, n=1, cutoff=_CLOSE)
            if self._strict or (close and not self._allow_odd):
                problem, shown = no_field(column, self._spec), column or repr(column)
                self._reading.problem(problem, line=row.names_line, column=shown)
            else:
                self._unused[column or repr(column)] = None
        if row.line != row.names_line:  # where each row names its own, it is asked for its own
            self._check_patterns(row, columns)

    def sort(self, row: Row) -> Given:
        """Return what a row gives; what is wrong with it is so with this row alone."""
        texts = {}
        for column, value in row.cells.items():
            texts[column] = texts[heading(column)] = _text(value)
        if row.line == row.names_line:
            self._check_patterns(row, row.cells)
        made = {n: self._fill(n, p, texts, row) for n, p in self._made.items()}
        key, file_name = (self._fill(n, p, texts, row) for n, p in self._names.items())
        self._check_alone("key", key, key, row)
        self._check_alone("file name", file_name, file_name and unique_name(file_name), row)
        fields: dict[str, Any] = {}
        for column, value in row.cells.items():
            path = self._path(column)
            if path[0] in self._fields and ".".join(path) not in self._made:
                self._put(fields, path, value, row)
        for name, text in made.items():
            self._put(fields, name.split("."), Cell(text or ""), row)
        whole = None not in made.values()
        return Given(fields=fields if whole else None, key=key, file_name=file_name)

    def note_unused(self) -> None:
        """Say of which columns nothing is made."""
        if self._unused:
            self._reading.note(f"nothing is made of these columns: {', '.join(self._unused)}")

    def _path(self, column: str) -> list[str]:
        """Return the field that a column is, and the part of it."""
        path = [heading(part) for part in column.split(".")]
        return path if all(path) else [column]

    def _check_patterns(self, row: Row, columns: Iterable[str]) -> None:
        known = {*columns, *map(heading, columns)}
        for name, pattern in self._patterns.items():
            for column in pattern.names if pattern else ():
                if column not in known and heading(column) not in known:
                    close = difflib.get_close_matches(heading(column), map(heading, columns), n=1)
                    hint = f"; did you mean {close[0]}?" if close else ""
                    problem = f"there is no such column, which {name} needs{hint}"
                    self._reading.problem(problem, line=row.names_line, column=column)

    def _check_alone(self, what: str, name: str | None, unique: str | None, row: Row) -> None:
        """Refuse what two rows would be called."""
        if unique == "":
            self._reading.problem(f"{name!r} is no {what}", line=row.line)
        elif unique is not None:
            other = self._called.setdefault((what, unique), row)
            if other is not row:
                problem = f"the {what} {name!r} is that of line {other.line}, too"
                self._reading.problem(problem, line=row.line)

    def _fill(
        self, name: str, pattern: Pattern | None, texts: Mapping[str, str | None], row: Row
    ) -> str | None:
        """Return a text made of columns, None if it cannot be made."""
        if pattern is None:
            return None
        values = {}
        for column in pattern.names:
            key = column if column in texts else heading(column)
            if key not in texts:
                return None  # which is told already
            text = texts[key]
            if text is None:
                problem = f"has parts, and {name} needs a text"
            elif not text:
                problem = f"is empty, and {name} needs it"
            elif not self._allow_odd and is_odd(text):
                problem = odd(text)
            else:
                values[column] = text
                continue
            self._reading.problem(problem, line=row.line, column=column)
        return pattern.fill(values) if len(values) == len({*pattern.names}) else None

    def _put(self, fields: dict[str, Any], path: list[str], value: Any, row: Row) -> None:
        """Put a value in its place, unless it is empty."""
        if value is None or (isinstance(value, Cell) and not value.strip()):
            return
        *parents, last = path
        for parent in parents:
            fields = fields.setdefault(parent, {}) if isinstance(fields, dict) else fields
        if isinstance(fields, dict) and last not in fields:
            fields[last] = value
        else:
            problem = "is given twice, as a whole and in parts"
            self._reading.problem(problem, line=row.line, column=".".join(path))


def field_names(spec: type) -> list[str]:
    """Return the fields of a class, the ones that everybody needs first."""
    fields = sorted(attrs.fields(spec), key=lambda each: each.name == "extra_body")
    return [attribute.name for attribute in fields]


def no_field(name: str, spec: type) -> str:
    """Return what to say of a name that is no field, with the one that was meant."""
    known = field_names(spec)
    close = difflib.get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
    return f"{spec.__name__} has no such field; {hint}"


def odd(text: str) -> str:
    """Return what to say of a text that nobody can have meant."""
    shown = text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"
    return f"{shown!r} looks like a mistake; if it is meant, pass allow_odd=True"


def _text(value: Any) -> str | None:
    """Return the text that a value is in another one, None for what has parts."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, str | int | float) else None
