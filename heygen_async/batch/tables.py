"""Tables in files, CSV, JSON Lines or JSON: their rows with line numbers, and what is wrong."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from heygen_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_BLANKS = re.compile(r"[ \t\r\n]*")


class Cell(str):
    """The text of a CSV cell; what it stands for depends on its column."""

    __slots__ = ()


@frozen(kw_only=True)
class Row:
    """One record, the line where it starts, and the line where its columns are named."""

    line: int
    names_line: int
    cells: Mapping[str, Any]


class Problems:
    """All that is wrong with one file."""

    def __init__(self, name: str) -> None:
        self._name = "".join(map(_printable, name))
        self._lines: list[str] = []

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, problem: str, *, line: int, column: str = "") -> None:
        """Take note of a problem, on one line whatever names and values it quotes."""
        place = f"line {line}, column {column}" if column else f"line {line}"
        if not line:  # of no table
            place = column or "together"
        self._lines.append("  " + "".join(map(_printable, f"{place}: {problem}")))

    def raise_if_any(self) -> None:
        """Raise ``InvalidRequestError`` with all problems, if there are any."""
        if self._lines:
            count = f"{len(self)} problem{'s' * (len(self) > 1)}"
            raise InvalidRequestError("\n".join([f"{self._name}: {count}", *self._lines]))


def read_rows(path: Path, problems: Problems) -> Iterator[Row]:
    """Yield the rows of the table one by one, and add to ``problems`` what cannot be read.

    A file that cannot be opened, or whose name has another ending than those of tables, is an
    ``InvalidRequestError`` at once.
    """
    parse = _PARSERS.get(path.suffix.lower())
    if parse is None:
        raise InvalidRequestError(f"{path.name} must end in {', '.join(_PARSERS)}")
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidRequestError(f"{path} cannot be read: {reason}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.add("this is not UTF-8; save the table in that encoding", line=line)
        return
    found = False
    for row in parse(text, problems):
        found = True
        yield row
    if not found and not problems:
        problems.add("the table has no rows", line=1)


def _printable(character: str) -> str:
    return character if character.isprintable() else repr(character)[1:-1]


def decode_json(text: str) -> Any:
    """Return the JSON value that ``text`` is, or raise ``json.JSONDecodeError``."""
    value, end = _decode(text, _after_blanks(text, 0))
    _want_end(text, _after_blanks(text, end))
    return value


def _read_csv(text: str, problems: Problems) -> Iterator[Row]:
    records = _records(text, problems)
    names_line, first = next(records, (1, []))
    header = [name.strip() for name in first]
    _check_header(header, names_line, problems)
    for line, cells in records:
        if len(cells) > len(header):
            problems.add(
                f"{len(cells)} cells, but {len(header)} columns; "
                "a cell with a comma in it stands in quotes",
                line=line,
            )
        padded = [*cells, *[""] * (len(header) - len(cells))]
        row = {name: Cell(cell) for name, cell in zip(header, padded, strict=False) if name}
        yield Row(line=line, names_line=names_line, cells=row)


def _records(text: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not blank, each with the line where it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            problems.add(f"broken CSV, the rest is not read: {error}", line=line)
            return
        if record is None:
            return
        if any(cell.strip() for cell in record):
            yield line, record


def _check_header(header: Sequence[str], line: int, problems: Problems) -> None:
    for number, name in enumerate(header, start=1):
        if not name:
            problems.add(f"column number {number} has no name", line=line)
        elif name in header[: number - 1]:
            problems.add("there are several columns of this name", line=line, column=name)


def _read_json_lines(text: str, problems: Problems) -> Iterator[Row]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            value = decode_json(content)
        except json.JSONDecodeError as error:
            problems.add(_broken(error), line=line)
        else:
            yield from _rows(value, line, problems)


def _read_json(text: str, problems: Problems) -> Iterator[Row]:
    try:
        for line, value in _elements(text):
            yield from _rows(value, line, problems)
    except json.JSONDecodeError as error:
        problems.add(f"{_broken(error)}; the rest is not read", line=error.lineno)


def _elements(text: str) -> Iterator[tuple[int, Any]]:
    """Yield the elements of a JSON array, each with the line where it starts."""
    place = _after(text, 0, "[")
    line, counted = 1, 0
    more = not text.startswith("]", place)
    while more:
        line += text.count("\n", counted, place)
        counted = place
        value, end = _decode(text, place)
        yield line, value
        place = _after_blanks(text, end)
        more = not text.startswith("]", place)
        if more:
            place = _after(text, place, ",")
    _want_end(text, _after(text, place, "]"))


def _want_end(text: str, place: int) -> None:
    if place != len(text):
        raise json.JSONDecodeError("the end is expected here", text, place)


def _after(text: str, place: int, mark: str) -> int:
    """Return where the text goes on after the mark that has to come next."""
    place = _after_blanks(text, place)
    if not text.startswith(mark, place):
        raise json.JSONDecodeError(f"{mark!r} is expected here", text, place)
    return _after_blanks(text, place + 1)


def _after_blanks(text: str, place: int) -> int:
    blanks = _BLANKS.match(text, place)
    return blanks.end() if blanks else place


def _rows(value: Any, line: int, problems: Problems) -> Iterator[Row]:
    if isinstance(value, dict):
        yield Row(line=line, names_line=line, cells=value)
    else:
        problems.add("a row is an object: {…}", line=line)


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("an object has the same key twice")
    return fields


_DECODER = json.JSONDecoder(object_pairs_hook=_fields)


def _decode(text: str, start: int) -> tuple[Any, int]:
    """Return the JSON value that starts there and where it ends."""
    try:
        return _DECODER.raw_decode(text, start)
    except json.JSONDecodeError:
        raise
    except ValueError as error:  # a key twice, or a number with thousands of digits
        raise json.JSONDecodeError(str(error), text, start) from None
    except RecursionError:
        raise json.JSONDecodeError("too many levels", text, start) from None


def _broken(error: json.JSONDecodeError) -> str:
    return f"broken JSON at character {error.colno}: {error.msg}"


_PARSERS: Mapping[str, Callable[[str, Problems], Iterator[Row]]] = {
    ".csv": _read_csv,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".json": _read_json,
}
