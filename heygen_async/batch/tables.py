"""Tables in files, CSV, ``.xlsx``, JSON Lines or JSON: their rows, and what is wrong with them."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any

from heygen_async.batch.rows import Row
from heygen_async.batch.sheets import read_csv, read_workbook
from heygen_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from heygen_async.batch.rows import Reading

_BLANKS = re.compile(r"[ \t\r\n]*")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def read_rows(path: Path, reading: Reading, *, sheet: str | None = None) -> Iterator[Row]:
    """Yield the rows of the table one by one, and tell ``reading`` what cannot be read.

    ``sheet`` names that of a workbook. A file that cannot be opened, or whose name has another
    ending than those of tables, is an ``InvalidRequestError`` at once.
    """
    suffix = path.suffix.lower()
    if suffix not in (*_PARSERS, ".xlsx"):
        raise InvalidRequestError(f"{path.name} must end in {', '.join((*_PARSERS, '.xlsx'))}")
    if sheet is not None and suffix != ".xlsx":
        raise InvalidRequestError(f"{path.name} has no sheets")
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidRequestError(f"{path} cannot be read: {reason}") from None
    if suffix == ".xlsx":
        rows = read_workbook(content, path.name, sheet, reading)
    else:
        text = _decoded(content, reading)
        rows = iter(()) if text is None else _PARSERS[suffix](text, reading)
    found = False
    for row in rows:
        found = True
        yield row
    if not found and not reading:
        reading.problem("the table has no rows", line=1)


def _decoded(content: bytes, reading: Reading) -> str | None:
    """Return the text of a file: in UTF, or else as old versions of Windows write it."""
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "")
    try:
        return content.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        start, failed = error.start, error.encoding
        line = error.object.count(b"\n", 0, start) + 1
    if not encoding:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
        else:
            changed = content[start : start + 1].decode("cp1252")
            reading.note(
                f"this is not UTF-8 and is read as Windows-1252, which has {changed!r} in line "
                f"{line}; if that is wrong, save the table in UTF-8"
            )
            return text
    reading.problem(
        f"this is not {failed.upper().removesuffix('-SIG')}; save the table in UTF-8", line=line
    )
    return None


def decode_json(text: str) -> Any:
    """Return the JSON value that ``text`` is, or raise ``json.JSONDecodeError``."""
    value, end = _decode(text, _after_blanks(text, 0))
    _want_end(text, _after_blanks(text, end))
    return value


def _read_json_lines(text: str, reading: Reading) -> Iterator[Row]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            value = decode_json(content)
        except json.JSONDecodeError as error:
            reading.problem(_broken(error), line=line)
        else:
            yield from _rows(value, line, reading)


def _read_json(text: str, reading: Reading) -> Iterator[Row]:
    try:
        for line, value in _elements(text):
            yield from _rows(value, line, reading)
    except json.JSONDecodeError as error:
        reading.problem(f"{_broken(error)}; the rest is not read", line=error.lineno)


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


def _rows(value: Any, line: int, reading: Reading) -> Iterator[Row]:
    if isinstance(value, dict):
        yield Row(line=line, names_line=line, cells=value)
    else:
        reading.problem("a row is an object: {…}", line=line)


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


_PARSERS: Mapping[str, Callable[[str, Reading], Iterator[Row]]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".json": _read_json,
}
