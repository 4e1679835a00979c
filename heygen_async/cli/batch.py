"""``heygen-async batch``: a table of renders with a ledger, run as often as it takes."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import signal
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from heygen_async import (
    Balance,
    HeyGen,
    InvalidRequestError,
    ItemState,
    JoggAI,
    RetryPolicy,
)
from heygen_async.batch.plan import OnChange, changes, file_names, plan_rows, refuse_changes
from heygen_async.cli.copying import copy
from heygen_async.cli.errors import ExitCode, account_code
from heygen_async.cli.money import MONEY_OPTIONS, Money, look_at_balance
from heygen_async.cli.options import base_url_option, json_option, one_line, with_options
from heygen_async.cli.place import (
    VARIABLE,
    LedgerPlace,
    LedgerPlaceType,
    ledger_argument,
    ledger_place,
    read_items,
)
from heygen_async.cli.progress import BatchProgress, how
from heygen_async.cli.report import report
from heygen_async.cli.run import KINDS, fields_of
from heygen_async.cli.table import TableOptions, items_as_csv, table_options, table_with_results
from heygen_async.cli.wording import in_shell_words
from heygen_async.models._words import describe
from heygen_async.protocol.retry import ends_submissions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from heygen_async import HeyGenError, Ledger, LedgerItem, Outcome, Spec
    from heygen_async.batch.crew import Crew
    from heygen_async.batch.manifest import TableRow
    from heygen_async.batch.plan import PlannedRow
    from heygen_async.cli.options import Client

MOST_TOLD = 20
"""How many rows that went wrong the summary names."""

PATIENCE = 1.0
"""Seconds that a second Ctrl-C leaves to submissions under way."""


@attrs.define(kw_only=True, eq=False)
class BatchRun:
    """Runs the rows until they have ended, the credit has, or the user has had enough."""

    rows: Sequence[TableRow[Any]]
    client: Client
    options: Mapping[str, Any]
    ledger: LedgerPlace = attrs.field(converter=ledger_place)
    out: Path | None
    max_jobs: int | None
    as_json: bool
    money: Money = attrs.field(factory=Money)
    assets: Sequence[str] = ()
    adopt: bool = False
    redownload: bool = False
    sample: int | None = None
    on_change: OnChange = "fail"
    bad: int = 0
    broken: HeyGenError | None = None
    interrupts: int = 0
    stopped: bool = False

    async def go(self) -> int:
        """Run, say how it ended, and return the exit code."""
        stop = asyncio.Event()
        self._listen(stop)
        opened = self.ledger.open(adopt=self.adopt)
        async with self.client(**self.options) as client, opened as ledger:
            plan = await self._prepare(client, ledger)
            rows = self._chosen(plan)
            names = {}
            if self.out is not None:
                names = await asyncio.to_thread(file_names, rows, self.out)
            new, balance = _unsubmitted(rows), None
            if new:
                balance = await look_at_balance(client)
                for line in self.money.lines(new, balance):
                    click.echo(line, err=True)
            keys = {id(row.spec): row.key for row in rows}
            progress = BatchProgress(
                total=len(rows),
                concurrency=self.options["max_concurrent_jobs"],
                about=client.statistics,
                balance=balance if isinstance(balance, Balance) else None,
            )
            with progress:
                async for outcome in client.map(
                    (row.spec for row in rows),
                    key=lambda spec: keys[id(spec)],
                    ledger=ledger,
                    download_to=self.out,
                    file_name=names.__getitem__,
                    assets=self.assets,
                    redownload=self.redownload,
                    stop=stop,
                    on_submit=progress.begin,
                    **self.money.limits,
                ):
                    progress.finish(outcome)
                    self._take(outcome, stop)
                    if progress.balance is not None and not progress.done % progress.concurrency:
                        balance = await look_at_balance(client)
                        progress.balance = balance if isinstance(balance, Balance) else None
            all_keys = [row.key for row in plan]
            self.stopped = ledger.stopping.is_set()
            return self._sum_up(progress, all_keys, [item async for item in ledger.items()])

    async def _prepare(self, client: HeyGen | JoggAI, ledger: Ledger) -> list[PlannedRow]:
        """Return what there is to do, after the ledger has an item for each row."""
        async for _ in client.map((), key=str, ledger=ledger):
            pass  # which makes sure whose ledger it is
        items = [item async for item in ledger.items()]
        plan = await asyncio.to_thread(plan_rows, self.rows, items)
        refuse_changes(plan, self.on_change)
        to_do = changes(plan, items, self.on_change)
        await ledger.rename(to_do.rename)
        await ledger.discard(to_do.forget)
        await ledger.put(*to_do.put)
        return _after(plan, to_do.put)

    async def plan(self) -> None:
        """Say what a run would do and cost; of the account only the balance is asked for."""
        items = await _items_if_any(self.ledger)
        plan = await asyncio.to_thread(plan_rows, self.rows, items)
        changed = [row for row in plan if row.changed]
        known = [row.item for row in plan if row.item is not None and not row.changed]
        finished = sum(item.ended for item in known)
        uncertain = sum(item.state is ItemState.UNCERTAIN for item in known)
        resumed = sum(item.state in (ItemState.INTENT, ItemState.SUBMITTED) for item in known)
        counts = {
            "rows": len(plan),
            "finished": finished,
            "on_their_way": resumed,
            "to_submit": len(plan) - finished - uncertain - resumed,
            "changed": len(changed),
            "uncertain": uncertain,
        }
        if self.on_change != "fail":
            refuse_changes(plan, self.on_change)
            plan = _after(plan, changes(plan, items, self.on_change).put)
        specs = _unsubmitted(self._chosen(plan))
        balance: Balance | str | None
        try:
            once = RetryPolicy(max_attempts=1)
            async with self.client(**self.options, retry=once, timeout=10.0) as client:
                balance = await look_at_balance(client)
        except InvalidRequestError as error:  # there is no key
            balance = str(error)
        if self.as_json:
            click.echo(json.dumps(counts | self.money.fields(specs, balance)))
            return
        click.echo(
            "{rows} rows: {finished} finished, {on_their_way} on their way, "
            "{to_submit} to submit".format_map(counts)
        )
        if changed:
            click.echo(
                f"{len(changed)} of those to submit look like rows that are done, and have changed "
                "in their text, their key or the query of a URL: --on-change says what becomes of "
                "them"
            )
        if uncertain:
            click.echo(f"{uncertain} are uncertain and will not be submitted by themselves")
        for line in self.money.lines(specs, balance):
            click.echo(line)
        click.echo(f"a run would submit {len(specs)}; nothing was submitted")

    def _chosen(self, plan: Sequence[PlannedRow]) -> list[PlannedRow]:
        """Return the rows that have ended, and as many of the others as may be taken on."""
        plan = plan[: self.sample]
        others = {row.key for row in [row for row in plan if not row.ended][: self.max_jobs]}
        return [row for row in plan if row.ended or row.key in others]

    def _take(self, outcome: Outcome[Any], stop: asyncio.Event) -> None:
        """Print an outcome; of the rows that the account is refused for, only the first ones."""
        if outcome.error is not None and ends_submissions(outcome.error):
            self.broken = self.broken or outcome.error
            stop.set()
        if self.as_json:
            fields = {
                "key": outcome.key,
                "state": how(outcome),
                "token": outcome.job and outcome.job.token,
                "path": outcome.path and str(outcome.path),
                "error": outcome.error and str(outcome.error),
            }
            click.echo(json.dumps(fields, ensure_ascii=False))

    def _listen(self, stop: asyncio.Event) -> None:
        """Let the first Ctrl-C stop submissions, and the second end the run."""
        loop = asyncio.get_running_loop()
        run = asyncio.current_task()
        assert run is not None  # noqa: S101 - this is called in a coroutine

        def interrupted() -> None:
            self.interrupts += 1
            if self.interrupts == 1:
                stop.set()
                line = "nothing more is submitted, what runs is waited for; Ctrl-C leaves at once"
                click.echo(line, err=True)
            else:
                run.cancel()
                loop.call_later(PATIENCE, run.cancel)
                click.echo("left; the same command goes on with it", err=True)

        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the run
            loop.add_signal_handler(signal.SIGINT, interrupted)
            # Who sends SIGTERM kills soon after: what is on the wire is seen through and written,
            # and the renders are left to the next run.
            loop.add_signal_handler(signal.SIGTERM, run.cancel)

    def _sum_up(
        self, progress: BatchProgress, keys: Sequence[str], items: Sequence[LedgerItem]
    ) -> int:
        """Say what became of the table's rows, what to do next, and return the exit code."""
        known = {item.key: item for item in items}
        mine = [known.get(key) for key in keys]
        states = Counter(ItemState.OPEN if item is None else item.state for item in mine)
        why = self.broken or ("by batch stop" if self.stopped else None)
        lines = [f"stopped, nothing more was submitted: {why}"] if why else []
        told = ", ".join(f"{states[state]} {state}" for state in ItemState if states[state])
        lines.append(f"{len(keys)} rows: {told}; {progress.seconds:.0f} s")
        wrong = [i for i in mine if i and (i.error or i.state is ItemState.UNCERTAIN)]
        lines += [f"  {i.key}: {i.state}, {i.error or 'unknown'}" for i in wrong[:MOST_TOLD]]
        if len(wrong) > MOST_TOLD:
            lines.append(f"  and {len(wrong) - MOST_TOLD} more: batch status {self.ledger}")
        if states[ItemState.UNCERTAIN]:
            lines.append(
                "uncertain rows may have been paid for: look at the vendor's list, then "
                f"heygen-async batch retry {self.ledger} --uncertain"
            )
        if again := sum(max(0, item.attempts - 1) for item in mine if item):
            lines.append(f"renders paid for again after a failure of the vendor's: {again}")
        left = sum(states[s] for s in (ItemState.OPEN, ItemState.INTENT, ItemState.SUBMITTED))
        unsaved = self.out is not None and any(
            i and i.state == "completed" and i.error for i in mine
        )
        if self.sample is not None:
            lines.append("this was a sample; the same command without --sample goes on")
        elif left or unsaved:
            lines.append("the same command goes on with what is left")
        if self.bad:
            lines.append(f"{self.bad} bad rows were left out")
        for line in lines:
            click.echo(one_line(line) if line[0] != " " else line, err=self.as_json)
        if self.interrupts:
            return ExitCode.INTERRUPTED
        if states[ItemState.UNCERTAIN]:
            return ExitCode.UNCERTAIN
        if self.broken:
            return account_code(self.broken)
        if unsaved or progress.ended["error"]:
            return ExitCode.ERROR
        if states[ItemState.FAILED]:
            return ExitCode.JOB_FAILED
        return ExitCode.GOES_ON if left or self.bad else ExitCode.ALL_DONE


def _after(plan: Sequence[PlannedRow], put: Sequence[LedgerItem]) -> list[PlannedRow]:
    """Return the rows with what has been written of them."""
    written = {item.key: item for item in put}
    return [attrs.evolve(row, item=written.get(row.key, row.item)) for row in plan]


def _unsubmitted(rows: Sequence[PlannedRow]) -> list[Spec[Any]]:
    """Return the specs of the rows that have no job yet, and would be submitted by a run."""
    return [row.spec for row in rows if row.item is None or row.item.state is ItemState.OPEN]


@click.group()
def batch() -> None:
    """Render a table, each row paid once, however often the run is cut short."""


@batch.command()
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--ledger",
    required=True,
    type=LedgerPlaceType(),
    envvar=VARIABLE,
    show_envvar=True,
    help="What remembers what was done: a file, or for several machines at once a "
    "postgresql://user@host/database#name. A URL with a password belongs into the variable.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the files; without it nothing is saved.",
)
@table_options
@click.option(
    "--assets",
    default="",
    metavar="LIST",
    help="What to save of each row, the first under its name: video,captioned,subtitles,"
    "thumbnail,gif, as far as the kind has it.",
)
@click.option(
    "--on-change",
    type=click.Choice(("fail", "keep", "render")),
    default="fail",
    show_default=True,
    help="What becomes of rows that have changed since they were rendered.",
)
@click.option(
    "--skip-bad", is_flag=True, help="Write bad rows to TABLE.bad.csv, render the others."
)
@click.option(
    "--sample", type=click.IntRange(1), help="Render so many rows, the first ones, and stop."
)
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Jobs in flight at once.",
)
@click.option("--max-jobs", type=click.IntRange(0), help="Take on so many unfinished rows at most.")
@functools.partial(with_options, options=MONEY_OPTIONS)
@click.option("--redownload", is_flag=True, help="Save here also what another machine has saved.")
@click.option(
    "--adopt", is_flag=True, help="Take over a ledger of another account, API or address, once."
)
@click.option("--dry-run", is_flag=True, help="Check the table, say what would be done, and stop.")
@json_option
@base_url_option
def run(
    *,
    source: TableOptions,
    ledger: LedgerPlace,
    out: Path | None,
    assets: str,
    on_change: OnChange,
    skip_bad: bool,
    sample: int | None,
    concurrency: int,
    max_jobs: int | None,
    redownload: bool,
    adopt: bool,
    dry_run: bool,
    as_json: bool,
    base_url: str | None,
    **money: Any,
) -> None:
    """Render the rows of TABLE (.csv, .xlsx, .jsonl, .json).

    Its columns are the fields of the kind, or one's own, of which --set makes fields. A row is
    known by what it says, or by the column --key: run the same command again after a crash, a
    Ctrl-C or new rows, and what is finished stays as it is. Ctrl-C once submits nothing more and
    waits for what runs; twice leaves at once. Progress goes to stderr, the summary to stdout, or
    with --json one line for each row.
    """
    table = source.read()
    bad = source.skip_bad(table, write=not dry_run) if skip_bad else 0
    if not skip_bad:
        table.raise_if_bad()
    running = BatchRun(
        rows=table.rows,
        client=(JoggAI if source.kind.startswith("jogg-") else HeyGen),
        options={
            "base_url": base_url,
            "max_concurrent_jobs": concurrency,
            "prepare": source.prepare,
        },
        ledger=ledger,
        out=out,
        max_jobs=max_jobs,
        money=Money(**money),
        assets=[name.strip() for name in assets.split(",") if name.strip()],
        redownload=redownload,
        adopt=adopt,
        as_json=as_json,
        sample=sample,
        on_change=on_change,
        bad=bad,
    )
    if dry_run:
        asyncio.run(running.plan())
        return
    try:
        code = asyncio.run(running.go())
    except asyncio.CancelledError:  # the second Ctrl-C
        raise KeyboardInterrupt from None
    click.get_current_context().exit(code)


@batch.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)), metavar="[KIND]", default="image")
@json_option
def columns(kind: str, *, as_json: bool) -> None:
    """Say which columns a table of KIND (image, if none is named) may have, and what they mean."""
    words = describe(KINDS[kind])
    told = {each.name: in_shell_words(str(words[each.name])) for each in fields_of(KINDS[kind])}
    if as_json:
        for name, text in told.items():
            line = {"name": name, "required": words[name].required, "words": text}
            click.echo(json.dumps(line, ensure_ascii=False))
        return
    table = click.get_current_context().make_formatter()
    table.write_dl(list(told.items()))
    click.echo(table.getvalue(), nl=False)


@batch.command()
@ledger_argument
@click.option("--check", is_flag=True, help="Compare all with checksums; damage is exit code 1.")
@json_option
def status(ledger: LedgerPlace, *, check: bool, as_json: bool) -> None:
    """Say how the items of LEDGER stand, also while a batch runs."""
    items, crew = asyncio.run(_look(ledger, check=check))
    counts = {state: sum(item.state is state for item in items) for state in ItemState}
    if as_json:
        click.echo(json.dumps(counts))
        return
    told = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
    click.echo(f"{len(items)} items: {told}" if items else "no items")
    if crew is not None:
        click.echo(_at_work(crew))
    for item in items:
        if item.error or item.state is ItemState.UNCERTAIN:
            click.echo(f"{item.key}: {item.state}, {item.error or 'its job is not known'}")
    if check:
        click.echo("checked: nothing is damaged or missing")


@batch.command()
@ledger_argument
@click.option(
    "--format", "form", type=click.Choice(("csv", "jsonl")), help="All items as they are."
)
@click.option(
    "--table",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The rows of this table with their results, read with the options of the run.",
)
@table_options
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where it is saved; else it is printed.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if there is one.")
def export(
    ledger: LedgerPlace,
    *,
    form: str | None,
    source: TableOptions | None,
    output: Path | None,
    overwrite: bool,
) -> None:
    """Print all items of LEDGER, or the rows of a table with what became of them.

    Times are Unix seconds.
    """
    if (form is None) == (source is None):
        raise click.UsageError("say either --format or --table")
    if output is not None and output.exists() and not overwrite:
        raise click.UsageError(f"{output} exists; pass --overwrite to replace it")
    items = asyncio.run(read_items(ledger))
    if source is not None:
        text = table_with_results(source.read(), items)
    elif form == "jsonl":
        lines = (json.dumps(attrs.asdict(item), ensure_ascii=False) for item in items)
        text = "".join(f"{line}\n" for line in lines)
    else:
        text = items_as_csv(items)
    if output is None:
        click.echo(text, nl=False)
    else:
        # With the mark a spreadsheet knows what it is.
        output.write_text(text, "utf-8" if form == "jsonl" else "utf-8-sig", newline="")


@batch.command()
@ledger_argument
@json_option
def stop(ledger: LedgerPlace, *, as_json: bool) -> None:
    """Let all that work on LEDGER now, on any machine, submit nothing more.

    What runs is seen out and saved, then each "batch run" ends with exit code 3, or 0 if nothing
    is left. The same command goes on later.
    """
    asyncio.run(_stop(ledger))
    told = json.dumps({"stopped": str(ledger)})
    click.echo(
        told if as_json else "nothing more is submitted within seconds; what runs is seen out"
    )


@batch.command()
@ledger_argument
@click.option("--failed", is_flag=True, help="Those that the vendor could not render.")
@click.option("--uncertain", is_flag=True, help="Those that may have been paid for already.")
@json_option
def retry(ledger: LedgerPlace, *, failed: bool, uncertain: bool, as_json: bool) -> None:
    """Let the next "batch run" submit items of LEDGER anew, which is paid again."""
    if not failed and not uncertain:
        raise click.UsageError("say which: --failed, --uncertain, or both")
    reopened = asyncio.run(_reopen(ledger, failed=failed, uncertain=uncertain))
    told = json.dumps({"reopened": reopened})
    click.echo(told if as_json else f"{reopened} items will be submitted by the next run")


async def _look(place: LedgerPlace, *, check: bool) -> tuple[list[LedgerItem], Crew | None]:
    async with place.open(read_only=True) as ledger:
        if check:
            await ledger.check()
        return [item async for item in ledger.items()], await ledger.crew()


def _at_work(crew: Crew) -> str:
    """Say which machines work on the items, and how much of the account is in use."""
    busy = [worker for worker in crew.workers if worker.claimed]
    told = ", ".join(f"{worker.machine} on {worker.claimed}" for worker in busy)
    told = f"at work: {told}" if busy else "nobody is at work"
    if crew.limit is None:
        return told
    return f"{told}; {crew.taken} of {crew.limit} jobs in flight, {crew.allowed} allowed now"


async def _items_if_any(place: LedgerPlace) -> list[LedgerItem]:
    """Return the items of a ledger, none of one that the first run will make."""
    if place.is_file and not await asyncio.to_thread(Path(place.given).exists):
        return []
    try:
        return await read_items(place)
    except InvalidRequestError:  # there is none of that name
        if place.is_file:
            raise
        return []


async def _reopen(place: LedgerPlace, *, failed: bool, uncertain: bool) -> int:
    async with place.open(read_only=True):
        pass  # a name that is mistyped makes no new ledger
    async with place.open() as ledger:
        return await ledger.reopen(failed=failed, uncertain=uncertain)


async def _stop(place: LedgerPlace) -> None:
    async with place.open(read_only=True) as ledger:
        if place.is_file:  # it is written by its owner only, who looks beside it
            await ledger.stop()
            return
    async with place.open() as ledger:
        await ledger.stop()


batch.add_command(report)
batch.add_command(copy)
