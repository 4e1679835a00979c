"""One run of ``heygen-async batch run``: its rows, its ends, and what it says of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs
import click

from heygen_async import (
    AuthenticationError,
    InsufficientCreditError,
    ItemState,
    Ledger,
    Spec,
)
from heygen_async.batch.files import spec_digest
from heygen_async.cli.following import one_line
from heygen_async.cli.progress import LiveView, LogView, Tally, how

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from heygen_async import HeyGenError, LedgerItem, Outcome, Submitted
    from heygen_async.cli.following import Client
    from heygen_async.cli.progress import View

ALL_DONE, ERROR, LEFT, UNCERTAIN, INTERRUPTED = 0, 1, 3, 4, 130

MOST_TOLD = 20
"""How many rows that went wrong the summary names."""

PATIENCE = 1.0
"""Seconds that a second Ctrl-C leaves to submissions under way."""


@attrs.frozen(kw_only=True)
class Row:
    """A row of the table, and the key it has in the ledger."""

    spec: Spec[Any]
    key: str


def rows_of(specs: Sequence[Spec[Any]]) -> list[Row]:
    """Give each spec a key of what it says, and of which of several alike it is."""
    seen = Counter[str]()
    rows = []
    for spec in specs:
        digest = spec_digest(spec)[:16]
        seen[digest] += 1
        title = getattr(spec, "title", None) or getattr(spec, "name", None) or ""
        slug = re.sub(r"\W+", "-", title.lower(), flags=re.ASCII).strip("-")[:40]
        again = f"{seen[digest]}" if seen[digest] > 1 else ""
        rows.append(Row(spec=spec, key="-".join(filter(None, (slug, digest, again)))))
    return rows


@attrs.define(kw_only=True, eq=False)
class BatchRun:
    """Runs the rows until they have ended, the credit has, or the user has had enough."""

    rows: Sequence[Row]
    client: Client
    options: Mapping[str, Any]
    ledger: Path
    out: Path | None
    max_jobs: int | None
    as_json: bool
    adopt: bool = False
    broken: HeyGenError | None = None
    interrupts: int = 0

    async def go(self) -> int:
        """Run, say how it ended, and return the exit code."""
        stop = asyncio.Event()
        self._listen(stop)
        opened = Ledger(self.ledger, adopt=self.adopt)
        async with self.client(**self.options) as client, opened as ledger:
            rows = self._chosen([item async for item in ledger.items()])
            keys = {id(row.spec): row.key for row in rows}
            tally = Tally(
                total=len(rows),
                concurrency=self.options["max_concurrent_jobs"],
                about=client.statistics,
            )
            view = _view(tally)

            def began(started: Submitted[Any]) -> None:
                tally.began()
                view.began(started)

            with view:
                async for outcome in client.map(
                    [row.spec for row in rows],
                    key=lambda spec: keys[id(spec)],
                    ledger=ledger,
                    download_to=self.out,
                    stop=stop,
                    on_submit=began,
                ):
                    tally.finish(outcome)
                    view.finish(outcome)
                    self._take(outcome, stop)
            return self._sum_up(tally, [item async for item in ledger.items()])

    def _chosen(self, items: Sequence[LedgerItem]) -> list[Row]:
        """Return the rows that have ended, and as many of the others as may be taken on."""
        ended = {item.key for item in items if item.ended}
        room = len(self.rows) if self.max_jobs is None else self.max_jobs
        chosen = []
        for row in self.rows:
            if row.key not in ended:
                room -= 1
            if row.key in ended or room >= 0:
                chosen.append(row)
        return chosen

    def _take(self, outcome: Outcome[Any], stop: asyncio.Event) -> None:
        """Print an outcome; without credit or a good key nothing more is submitted."""
        if isinstance(outcome.error, InsufficientCreditError | AuthenticationError):
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

    def _sum_up(self, tally: Tally, items: Sequence[LedgerItem]) -> int:
        """Say what became of the table's rows, what to do next, and return the exit code."""
        known = {item.key: item for item in items}
        mine = [known.get(row.key) for row in self.rows]
        states = Counter(ItemState.OPEN if item is None else item.state for item in mine)
        lines = [f"stopped, nothing more was submitted: {self.broken}"] if self.broken else []
        told = ", ".join(f"{states[state]} {state}" for state in ItemState if states[state])
        lines.append(f"{len(self.rows)} rows: {told}; {tally.seconds:.0f} s")
        wrong = [i for i in mine if i and (i.error or i.state is ItemState.UNCERTAIN)]
        lines += [f"  {i.key}: {i.state}, {i.error or 'unknown'}" for i in wrong[:MOST_TOLD]]
        if len(wrong) > MOST_TOLD:
            lines.append(f"  and {len(wrong) - MOST_TOLD} more: batch status {self.ledger}")
        if states[ItemState.UNCERTAIN]:
            lines.append(
                "uncertain rows may have been paid for: look at the vendor's list, then "
                f"heygen-async batch retry {self.ledger} --uncertain"
            )
        left = sum(states[s] for s in (ItemState.OPEN, ItemState.INTENT, ItemState.SUBMITTED))
        unsaved = self.out is not None and any(
            i and i.state == "completed" and i.error for i in mine
        )
        if left or unsaved:
            lines.append("the same command goes on with what is left")
        for line in lines:
            click.echo(one_line(line) if line[0] != " " else line, err=self.as_json)
        if self.interrupts:
            return INTERRUPTED
        if states[ItemState.UNCERTAIN]:
            return UNCERTAIN
        if states[ItemState.FAILED] or self.broken or unsaved or tally.ended["error"]:
            return ERROR
        return LEFT if left else ALL_DONE


def _view(tally: Tally) -> View:
    return LiveView(tally) if sys.stderr.isatty() else LogView(tally)
