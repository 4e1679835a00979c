"""``heygen-async batch report``: what became of a ledger's items, for people and for machines."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import attrs
import click

from heygen_async import Durations, ItemState
from heygen_async.cli.cures import CURES, NO_CODE, NOT_SAVED, UNCERTAIN
from heygen_async.cli.place import LedgerPlace, ledger_argument, read_items
from heygen_async.cli.report_page import Link, page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from heygen_async import LedgerItem

MOST_NAMED = 20
"""How many keys a group of failures names."""

PICTURES = (".thumbnail.jpg", ".thumbnail.png", ".thumbnail.webp")
"""How a batch ends the name of a film's thumbnail, which is else that of the film."""

# The way ``str(APIError)`` begins: method, path, status, and the vendor's code.
_REFUSED = re.compile(r"[A-Z]+ \S+: (?P<status>\d{3})(?: (?P<code>[^\s:]+))?: ")


@attrs.frozen(kw_only=True)
class Row:
    """One item of a ledger as a report tells it.

    ``submitted_at`` and ``ended_at`` are Unix seconds, ``seconds`` is what lies between, and
    ``film_seconds`` the length of what was rendered. ``cost`` is at the price that was given.
    """

    key: str
    state: ItemState
    kind: str
    token: str | None = None
    path: str | None = None
    code: str | None = None
    error: str | None = None
    submitted_at: float | None = None
    ended_at: float | None = None
    seconds: float | None = None
    film_seconds: float | None = None
    cost: float | None = None


@attrs.frozen(kw_only=True)
class FailureGroup:
    """What went wrong for the same reason: how often, with whom, and what to do.

    ``error`` is the message of the first; ``keys`` are the first ``MOST_NAMED``.
    """

    code: str
    count: int
    what_to_do: str | None
    error: str | None
    keys: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Report:
    """What became of the items of a ledger; times are Unix seconds, lengths seconds.

    ``durations`` are of the jobs that have ended, from submission to end, None without any.
    ``films`` is how many lengths are known, which ``film_seconds`` and ``cost`` are made of.
    """

    ledger: str
    made_at: float
    counts: Mapping[ItemState, int]
    began_at: float | None
    ended_at: float | None
    durations: Durations | None
    films: int
    film_seconds: float
    price_per_minute: float | None
    cost: float | None
    failures: tuple[FailureGroup, ...]
    rows: tuple[Row, ...]


def summarize(
    items: Iterable[LedgerItem], *, ledger: str, now: float, price: float | None = None
) -> Report:
    """Return the report on ``items``; ``price`` is that of a minute of film."""
    rows = tuple(_row(item, price) for item in items)
    counts = Counter(row.state for row in rows)
    films = [row.film_seconds for row in rows if row.film_seconds is not None]
    film_seconds = sum(films)
    return Report(
        ledger=ledger,
        made_at=now,
        counts={state: counts[state] for state in ItemState},
        began_at=min((r.submitted_at for r in rows if r.submitted_at is not None), default=None),
        ended_at=max((r.ended_at for r in rows if r.ended_at is not None), default=None),
        durations=_durations([row.seconds for row in rows if row.seconds is not None]),
        films=len(films),
        film_seconds=film_seconds,
        price_per_minute=price,
        cost=None if price is None or not films else film_seconds / 60 * price,
        failures=_failures(rows),
        rows=rows,
    )


def _row(item: LedgerItem, price: float | None) -> Row:
    # An item that was reopened, or submitted again, still has the times of the job before.
    begun = item.submitted_at if item.ended or item.state is ItemState.SUBMITTED else None
    ended = item.ended_at if item.ended and begun is not None else None
    seconds = None if begun is None or ended is None else max(ended - begun, 0.0)
    film = _film_seconds(item) if item.state is ItemState.COMPLETED else None
    return Row(
        key=item.key,
        state=item.state,
        kind=item.kind,
        token=item.token,
        path=item.path,
        code=_code(item),
        error=item.error,
        submitted_at=begun,
        ended_at=ended,
        seconds=seconds,
        film_seconds=film,
        cost=None if film is None or price is None else film / 60 * price,
    )


def _film_seconds(item: LedgerItem) -> float | None:
    told = (item.result or {}).get("duration")
    return float(told) if isinstance(told, int | float) and 0 <= told < float("inf") else None


def _code(item: LedgerItem) -> str | None:
    """Return what an item's trouble is grouped by, None if it has none."""
    if item.state is ItemState.UNCERTAIN:
        return UNCERTAIN
    if not item.error and item.state is not ItemState.FAILED:
        return None
    if item.state is ItemState.COMPLETED:
        return NOT_SAVED
    refused = _REFUSED.match(item.error or "")
    said = refused and (refused["code"] or refused["status"])
    return item.error_code or said or NO_CODE


def _durations(seconds: Sequence[float]) -> Durations | None:
    if not seconds:
        return None
    ordered, last = sorted(seconds), len(seconds) - 1
    p10, p50, p90 = (ordered[round(share * last)] for share in (0.1, 0.5, 0.9))
    return Durations(jobs=len(ordered), p10=p10, p50=p50, p90=p90)


def _failures(rows: Iterable[Row]) -> tuple[FailureGroup, ...]:
    groups = defaultdict[str, list[Row]](list)
    for row in rows:
        if row.code is not None:
            groups[row.code].append(row)
    return tuple(
        FailureGroup(
            code=code,
            count=len(group),
            what_to_do=CURES.get(code),
            error=next((row.error for row in group if row.error), None),
            keys=tuple(row.key for row in group[:MOST_NAMED]),
        )
        for code, group in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    )


def links_of(rows: Iterable[Row], folder: Path) -> dict[str, Link]:
    """Return the way from ``folder`` to the file of each row that has one, and to its picture."""
    base = os.path.abspath(folder)  # noqa: PTH100 - lexically, as a browser follows it
    files = ((row.key, Path(row.path)) for row in rows if row.path is not None)
    return {
        key: Link(_way(file, base), _way(picture, base) if (picture := _picture(file)) else None)
        for key, file in files
        if file.is_file()
    }


def _picture(film: Path) -> Path | None:
    """Return the thumbnail that lies beside a film, if one does."""
    names = (film.with_name(f"{film.stem}{end}") for end in PICTURES)
    return next((path for path in names if path.is_file()), None)


def _way(file: Path, base: str) -> str:
    try:
        return quote(Path(os.path.relpath(file, base)).as_posix())
    except ValueError:  # on another drive of Windows
        return file.as_uri()


@click.command()
@ledger_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="The page; one that is there is replaced.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print a line for each item.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as one JSON object.")
@click.option(
    "--price",
    type=click.FloatRange(0),
    envvar="HEYGEN_PRICE_PER_MINUTE",
    show_envvar=True,
    help="What a minute of film costs.",
)
def report(
    ledger: LedgerPlace, *, output: Path | None, as_csv: bool, as_json: bool, price: float | None
) -> None:
    """Report on LEDGER, also while a batch runs: as a page, as CSV or as JSON.

    The page is one file that needs no network. It has counts, durations, a timeline, what failed
    and what to do, and players of the films, which stay where they are: it finds them as long as
    it is moved together with them.
    """
    if (output is None and not as_csv and not as_json) or (as_csv and as_json):
        raise click.UsageError("say -o report.html, --csv or --json; one of the last two at most")
    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        raise click.UsageError(
            f"{output}: a page's name ends in .html, so that no film is replaced"
        )
    name = Path(str(ledger)).name if ledger.is_file else str(ledger)
    made = summarize(asyncio.run(read_items(ledger)), ledger=name, now=time.time(), price=price)
    if output is not None:
        text = page(made, links_of(made.rows, output.parent))
        try:
            output.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise click.UsageError(f"cannot write {output}: {error.strerror}") from None
        click.echo(output, err=as_csv or as_json)
    if as_json:
        click.echo(json.dumps(attrs.asdict(made)))
    if as_csv:
        table = csv.DictWriter(sys.stdout, [f.name for f in attrs.fields(Row)], lineterminator="\n")
        table.writeheader()
        table.writerows(attrs.asdict(row) for row in made.rows)
