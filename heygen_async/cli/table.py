"""The table of a batch on the command line: its options, its bad rows, and its results."""

from __future__ import annotations

import csv
import functools
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from heygen_async.batch.manifest import read_table
from heygen_async.cli.options import with_options
from heygen_async.cli.run import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from heygen_async import LedgerItem
    from heygen_async.batch.manifest import Table, TableRow
    from heygen_async.cli.options import Decorator

RESULTS = ("row", "key", "state", "file", "url", "duration", "error")
"""The columns that an export adds to those of the table."""


@attrs.frozen(kw_only=True)
class TableOptions:
    """Where a table is, and how it is read."""

    table: Path
    kind: str
    made: tuple[str, ...]
    key: str | None
    file_name: str | None
    sheet: str | None
    strict: bool
    allow_odd: bool

    def read(self) -> Table[Any]:
        """Return the table, and say what was assumed to read it."""
        made = {}
        for text in self.made:
            name, equals, pattern = text.partition("=")
            if not equals:
                raise click.UsageError(f"--set is FIELD=TEXT, not {text!r}")
            made[name.strip()] = pattern
        table = read_table(
            self.table,
            KINDS[self.kind],
            set=made,
            key=self.key,
            file_name=self.file_name,
            sheet=self.sheet,
            strict=self.strict,
            allow_odd=self.allow_odd,
        )
        for note in table.reading.notes:
            click.echo(note, err=True)
        return table

    def skip_bad(self, table: Table[Any], *, write: bool) -> int:
        """Write the bad rows, with their problems, into a file beside the table; return how many.

        If there are none but bad rows, that is an ``InvalidRequestError``.
        """
        bad = [row for row in table.rows if row.problems]
        if len(bad) == len(table.rows):
            table.raise_if_bad()
        if not bad or not write:
            return len(bad)
        added = [{"problems": "; ".join(row.problems)} for row in bad]
        text = to_csv(bad, added, ["problems"], table.reading.separator)
        path = _write_beside(self.table, text)
        click.echo(f"{len(bad)} bad rows are left out; they are in {path}", err=True)
        return len(bad)


def table_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of how a table is read; the command gets them, and TABLE, as ``source``."""
    options: tuple[Decorator, ...] = (
        click.option("--allow-odd", is_flag=True, help="Take what looks like a mistake."),
        click.option("--strict", is_flag=True, help="Refuse columns of which nothing is made."),
        click.option("--sheet", help="The sheet of an .xlsx; without it the first one."),
        click.option("--file-name", metavar="TEXT", help="What files are called, as in --set."),
        click.option("--key", metavar="COLUMN", help="The column that names the rows."),
        click.option(
            "--set",
            "made",
            multiple=True,
            metavar="FIELD=TEXT",
            help='Make a field of columns: --set script="Hello {first_name}!"',
        ),
        click.option(
            "--kind",
            type=click.Choice(sorted(KINDS)),
            metavar="KIND",
            default="image",
            show_default=True,
            help='What the rows are, a command of "run".',
        ),
    )

    @functools.wraps(command)
    def bundled(**fields: Any) -> None:
        given = {field.name: fields.pop(field.name) for field in attrs.fields(TableOptions)}
        source = None if given["table"] is None else TableOptions(**given)
        command(source=source, **fields)

    return with_options(bundled, options)


def to_csv(
    rows: Iterable[TableRow[Any]],
    added: Iterable[Mapping[str, object]],
    names: Sequence[str],
    separator: str,
) -> str:
    """Return rows as CSV, as their table has them, with more columns at the end."""
    rows = [*rows]
    headings = list(dict.fromkeys(name for row in rows for name in row.cells))
    taken = {name.strip().lower() for name in headings}
    shown = [f"render {name}" if name in taken else name for name in names]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow([*headings, *shown])
    for row, more in zip(rows, added, strict=True):
        cells = [_shown(row.cells.get(name)) for name in headings]
        writer.writerow([*cells, *(_shown(more.get(name)) for name in names)])
    return text.getvalue()


def results(
    rows: Iterable[TableRow[Any]], items: Mapping[int, LedgerItem]
) -> Iterator[dict[str, object]]:
    """Yield what became of each row; ``items`` are those of the rows by their places."""
    for place, row in enumerate(rows):
        item = items.get(place)
        found = (item.result if item is not None else None) or {}
        error = "; ".join(row.problems) if item is None else item.error
        yield {
            "row": row.line,
            "key": item.key if item is not None else row.key,
            "state": "bad" if row.problems else item.state.value if item is not None else "open",
            "file": item and item.path,
            "url": (found.get("video_url") or found.get("url") or "").partition("?")[0],
            "duration": found.get("duration"),
            "error": error,
        }


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _write_beside(table: Path, text: str) -> Path:
    """Write the bad rows of a table into a file of their own, which replaces none."""
    content = text.encode("utf-8-sig")  # with which spreadsheets know what it is
    number = 1
    while True:
        again = f"-{number}" if number > 1 else ""
        path = table.with_name(f"{table.stem}.bad{again}.csv")
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            if path.read_bytes() == content:  # of the run before
                return path
            number += 1
        except OSError as error:
            raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
        else:
            return path
