"""What every benchmark prints: its command, and tables as text or as markdown."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import field, frozen

Cell = str | int | float | None


@frozen(kw_only=True)
class Table:
    """Figures under a heading; ``note`` says how they came about."""

    title: str
    note: str
    header: Sequence[str]
    rows: list[Sequence[Cell]] = field(factory=list)

    def text(self) -> str:
        """Return the table for a terminal."""
        cells = [self.header, *([_show(cell) for cell in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(map(_pad, row, widths, range(len(row)))).rstrip() for row in cells]
        return "\n".join([self.title, f"({self.note})", *lines, ""])

    def markdown(self) -> str:
        """Return the table as markdown."""
        rule = ["---", *(["---:"] * (len(self.header) - 1))]
        cells = [self.header, rule, *([_show(cell) for cell in row] for row in self.rows)]
        lines = [f"| {' | '.join(row)} |" for row in cells]
        return "\n".join([f"### {self.title}", "", self.note, "", *lines, ""])


def parser(module: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows the options of every benchmark."""
    options = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{module}",
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    options.add_argument("--quick", action="store_true", help="few and small: a check, no figures")
    options.add_argument("--markdown", type=Path, help="write the tables to this file as well")
    return options


def announce(options: argparse.ArgumentParser) -> None:
    """Print the command that runs."""
    print(f"$ {options.prog} {shlex.join(sys.argv[1:])}".rstrip(), flush=True)


def publish(tables: Sequence[Table], target: Path | None) -> None:
    """Print the tables, and write them to ``target`` as markdown."""
    for table in tables:
        print(f"\n{table.text()}", end="", flush=True)
    if target is not None:
        target.write_text("\n".join(table.markdown() for table in tables), encoding="utf-8")


def ratio(above: float | None, below: float | None) -> float | None:
    """Return how many times ``below`` goes into ``above``, None if one is not known."""
    return above / below if above is not None and below else None


def _show(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int):
        return f"{cell:,}"
    digits = 0 if abs(cell) >= 100 else 1 if abs(cell) >= 10 else 2 if abs(cell) >= 1 else 3
    return f"{cell:,.{digits}f}"


def _pad(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column else cell.ljust(width)
