"""Sheets as spreadsheets write them: CSV in any of its shapes, and ``.xlsx``."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
import warnings
from typing import TYPE_CHECKING, Any

from heygen_async.batch.rows import Cell, Row, heading
from heygen_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from heygen_async.batch.rows import Reading

_SEPARATORS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')


def read_csv(text: str, reading: Reading) -> Iterator[Row]:
    """Yield the rows of a CSV; what separates its cells is seen from its first line."""
    reading.separator = separator = _separator(text)
    if separator != ",":
        reading.note(f"{separator!r} is taken for what separates the cells")
    return _rows(_records(text, separator, reading), reading)


def read_workbook(content: bytes, name: str, sheet: str | None, reading: Reading) -> Iterator[Row]:
    """Yield the rows of one sheet of a workbook, the first one if none is named."""
    try:
        import openpyxl  # noqa: PLC0415 - it needs an extra
    except ImportError:
        raise InvalidRequestError(f"to read {name}: pip install 'heygen-async[excel]'") from None
    file = io.BytesIO(content)
    try:
        with warnings.catch_warnings(action="ignore"):  # of styles and the like
            # A cell that was never worked out has only its formula, which is told then.
            books = [openpyxl.load_workbook(file, data_only=known) for known in (True, False)]
    except Exception as error:  # noqa: BLE001 - openpyxl lets through what its parsers raise
        reading.problem(f"this is no workbook, or a broken one: {error}", line=1)
        return iter(())
    names = [each.title for each in books[0].worksheets]
    chosen = names[0] if sheet is None else sheet
    if chosen not in names:
        raise InvalidRequestError(f"{name} has no sheet {chosen!r}; it has {', '.join(names)}")
    if len(names) > 1 and sheet is None:
        reading.note(f"{chosen!r} is read, the first of {len(names)} sheets")
    return _rows(_numbered(*(book[chosen].values for book in books)), reading)


def _separator(text: str) -> str:
    """Return what separates the cells of the first line, that is not blank, outside of quotes."""
    first = next((line for line in _QUOTED.sub("", text).split("\n") if line.strip()), "")
    return max(_SEPARATORS, key=first.count)


def _records(text: str, separator: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Yield the records, each with the line where it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            reading.problem(f"broken CSV, the rest is not read: {error}", line=line)
            return
        if record is None:
            return
        yield line, record


def _numbered(
    values: Iterable[Sequence[Any]], formulas: Iterable[Sequence[Any]]
) -> Iterator[tuple[int, list[str]]]:
    for line, (row, texts) in enumerate(zip(values, formulas, strict=True), start=1):
        cells = zip(row, texts, strict=True)
        yield line, [_text(text if value is None else value) for value, text in cells]


def _text(value: Any) -> str:
    """Return what a person sees in a cell of a workbook."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _rows(records: Iterable[tuple[int, list[str]]], reading: Reading) -> Iterator[Row]:
    """Yield what stands below the first record, which names the columns; what is empty is none."""
    filled = ((n, record) for n, record in records if any(map(str.strip, record)))
    names_line, first = next(filled, (1, []))
    header = [name.strip() for name in first]
    _check_header(header, names_line, reading)
    for line, record in filled:
        cells = [Cell(cell) for cell in record]
        pairs = [*itertools.zip_longest(header, cells[: len(header)], fillvalue=Cell())]
        problems = [
            f"column number {number} has no name"
            for number, (name, cell) in enumerate(pairs, start=1)
            if cell.strip() and not name
        ]
        if any(map(str.strip, cells[len(header) :])):
            problems.append(
                f"{len(cells)} cells, but {len(header)} columns; "
                f"a cell with {reading.separator!r} in it stands in quotes"
            )
        yield Row(
            line=line,
            names_line=names_line,
            cells={name: cell for name, cell in pairs if name},
            problems=tuple(problems),
        )


def _check_header(header: Sequence[str], line: int, reading: Reading) -> None:
    for number, name in enumerate(header):
        if name and heading(name) in map(heading, header[:number]):
            reading.problem("there are several columns of this name", line=line, column=name)
