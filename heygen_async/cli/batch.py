"""``heygen-async batch``: a table of renders with a ledger, run as often as it takes."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

import heygen_async as api
from heygen_async import HeyGen, ItemState, JoggAI, Ledger
from heygen_async.batch.manifest import read_manifest
from heygen_async.cli.batch_run import BatchRun, Row, rows_of
from heygen_async.cli.following import base_url_option, json_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heygen_async import LedgerItem, Spec

KINDS: dict[str, type[Spec[Any]]] = {
    "image": api.ImageVideo,
    "avatar": api.AvatarVideo,
    "cinematic": api.CinematicVideo,
    "studio": api.StudioVideo,
    "photo-avatar": api.PhotoAvatar,
    "prompt-avatar": api.PromptAvatar,
    "digital-twin": api.DigitalTwin,
    "legacy-video": api.LegacyVideo,
    "motion": api.AddMotion,
    "jogg-photo": api.JoggPhoto,
    "jogg-motion": api.JoggMotion,
    "jogg-video": api.JoggVideo,
}

FIELDS = tuple(attribute.name for attribute in attrs.fields(api.LedgerItem))

_ledger_path = click.Path(dir_okay=False, path_type=Path)
_ledger_argument = click.argument("ledger", type=_ledger_path)


@click.group()
def batch() -> None:
    """Render a table, each row paid once, however often the run is cut short."""


@batch.command()
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--ledger", required=True, type=_ledger_path, help="The file that remembers what was done."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the files; without it nothing is saved.",
)
@click.option(
    "--kind",
    type=click.Choice(tuple(KINDS)),
    default="image",
    show_default=True,
    help="What the rows are.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Jobs in flight at once.",
)
@click.option("--max-jobs", type=click.IntRange(0), help="Take on so many unfinished rows at most.")
@click.option(
    "--adopt", is_flag=True, help="Take over a ledger of another account, API or address, once."
)
@click.option("--dry-run", is_flag=True, help="Check the table, say what would be done, and stop.")
@json_option
@base_url_option
def run(
    table: Path,
    *,
    ledger: Path,
    out: Path | None,
    kind: str,
    concurrency: int,
    max_jobs: int | None,
    adopt: bool,
    dry_run: bool,
    as_json: bool,
    base_url: str | None,
) -> None:
    """Render the rows of TABLE (.csv, .jsonl, .json), whose columns are the fields of the kind.

    A row is known by what it says: run the same command again after a crash, a Ctrl-C or new
    rows, and what is finished stays as it is. Ctrl-C once submits nothing more and waits for
    what runs; twice leaves at once. Progress goes to stderr, the summary to stdout, or with
    --json one line for each row.
    """
    rows = rows_of(read_manifest(table, KINDS[kind]))
    if dry_run:
        items = asyncio.run(_items(ledger)) if ledger.exists() else []
        _say_plan(rows, items, max_jobs)
        return
    running = BatchRun(
        rows=rows,
        client=(JoggAI if kind.startswith("jogg-") else HeyGen),
        options={"base_url": base_url, "max_concurrent_jobs": concurrency},
        ledger=ledger,
        out=out,
        max_jobs=max_jobs,
        adopt=adopt,
        as_json=as_json,
    )
    try:
        code = asyncio.run(running.go())
    except asyncio.CancelledError:  # the second Ctrl-C
        raise KeyboardInterrupt from None
    click.get_current_context().exit(code)


def _say_plan(rows: Sequence[Row], items: Sequence[LedgerItem], max_jobs: int | None) -> None:
    keys = {row.key for row in rows}
    known = [item for item in items if item.key in keys]
    finished = sum(item.ended for item in known)
    uncertain = sum(item.state is ItemState.UNCERTAIN for item in known)
    resumed = sum(item.state in (ItemState.INTENT, ItemState.SUBMITTED) for item in known)
    new = len(rows) - finished - uncertain - resumed
    paid = new if max_jobs is None else min(new, max_jobs)
    click.echo(f"{len(rows)} rows: {finished} finished, {resumed} on their way, {new} to submit")
    if uncertain:
        click.echo(f"{uncertain} are uncertain and will not be submitted by themselves")
    click.echo(f"a run would submit {paid}; nothing was sent")


@batch.command()
@_ledger_argument
@click.option("--check", is_flag=True, help="Compare all with checksums; damage is exit code 1.")
@json_option
def status(ledger: Path, *, check: bool, as_json: bool) -> None:
    """Say how the items of LEDGER stand, also while a batch runs."""
    items = asyncio.run(_items(ledger, check=check))
    counts = {state: sum(item.state is state for item in items) for state in ItemState}
    if as_json:
        click.echo(json.dumps(counts))
        return
    told = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
    click.echo(f"{len(items)} items: {told}" if items else "no items")
    for item in items:
        if item.error or item.state is ItemState.UNCERTAIN:
            click.echo(f"{item.key}: {item.state}, {item.error or 'its job is not known'}")
    if check:
        click.echo("checked: nothing is damaged or missing")


@batch.command()
@_ledger_argument
@click.option("--format", "form", type=click.Choice(("csv", "jsonl")), required=True)
def export(ledger: Path, *, form: str) -> None:
    """Print all items of LEDGER; times are Unix seconds."""
    items = [attrs.asdict(item) for item in asyncio.run(_items(ledger))]
    if form == "jsonl":
        for item in items:
            click.echo(json.dumps(item, ensure_ascii=False))
        return
    table = csv.DictWriter(sys.stdout, FIELDS, lineterminator="\n")
    table.writeheader()
    table.writerows(item | {"labels": json.dumps(item["labels"])} for item in items)


@batch.command()
@_ledger_argument
@click.option("--failed", is_flag=True, help="Those that the vendor could not render.")
@click.option("--uncertain", is_flag=True, help="Those that may have been paid for already.")
def retry(ledger: Path, *, failed: bool, uncertain: bool) -> None:
    """Let the next "batch run" submit items of LEDGER anew, which is paid again."""
    if not failed and not uncertain:
        raise click.UsageError("say which: --failed, --uncertain, or both")
    reopened = asyncio.run(_reopen(ledger, failed=failed, uncertain=uncertain))
    click.echo(f"{reopened} items will be submitted by the next run")


async def _items(path: Path, *, check: bool = False) -> list[LedgerItem]:
    async with Ledger(path, read_only=True) as ledger:
        if check:
            await ledger.check()
        return [item async for item in ledger.items()]


async def _reopen(path: Path, *, failed: bool, uncertain: bool) -> int:
    async with Ledger(path, read_only=True):
        pass  # a name that is mistyped makes no new ledger
    async with Ledger(path) as ledger:
        return await ledger.reopen(failed=failed, uncertain=uncertain)
