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

from heygen_async import LedgerItem
from heygen_async.batch.manifest import read_table
from heygen_async.batch.plan import plan_rows
from heygen_async.cli.options import prepare_option, with_options
from heygen_async.cli.run import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from heygen_async.batch.manifest import Table, TableRow
    from heygen_async.batch.plan import PlannedRow
    from heygen_async.cli.options import Decorator

FIELDS = tuple(attribute.name for attribute in attrs.fields(LedgerItem))


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
    prepare: bool

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
            prepare=self.prepare,
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
        problems = [{"problems": "; ".join(row.problems)} for row in bad]
        path = _write_beside(self.table, _to_csv(table, bad, problems))
        click.echo(f"{len(bad)} bad rows are left out; they are in {path}", err=True)
        return len(bad)


def table_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of how a table is read; the command gets them, and TABLE, as ``source``."""
    options: tuple[Decorator, ...] = (
        prepare_option,
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


def table_with_results(table: Table[Any], items: Sequence[LedgerItem]) -> str:
    """Return the rows of a table as CSV, each with what became of it."""
    planned = iter(plan_rows(table.rows, items))
    found = [_result(row, next(planned) if row.spec is not None else None) for row in table.rows]
    return _to_csv(table, table.rows, found)


def items_as_csv(items: Iterable[LedgerItem]) -> str:
    """Return all that a ledger has of its items."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    for item in map(attrs.asdict, items):
        given = [name for name in ("labels", "result") if item[name] is not None]
        as_json = {name: json.dumps(item[name], ensure_ascii=False) for name in given}
        writer.writerow(item | as_json)
    return text.getvalue()


def _result(row: TableRow[Any], planned: PlannedRow | None) -> dict[str, object]:
    item = None if planned is None else planned.item
    result = (item.result if item is not None else None) or {}
    url = result.get("video_url") or result.get("url") or ""
    return {
        "row": row.line,
        "key": planned.key if planned is not None else row.key,
        "state": "bad" if planned is None else "open" if item is None else item.state.value,
        "file": item and item.path,
        "url": url.partition("?")[0],
        "duration": result.get("duration"),
        "error": "; ".join(row.problems) if item is None else item.error,
    }


def _to_csv(
    table: Table[Any], rows: Iterable[TableRow[Any]], added: Sequence[Mapping[str, object]]
) -> str:
    """Return rows as their table has them, with more columns at the end."""
    headings = list(dict.fromkeys(name for row in table.rows for name in row.cells))
    taken = {name.strip().lower() for name in headings}
    shown = [f"render {name}" if name in taken else name for name in added[0]]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=table.reading.separator, lineterminator="\n")
    writer.writerow([*headings, *shown])
    for row, more in zip(rows, added, strict=True):
        writer.writerow(map(_shown, [*map(row.cells.get, headings), *more.values()]))
    return text.getvalue()


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
