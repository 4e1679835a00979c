"""``heygen-async demo``: many renders at once against the emulator, and what they cost."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

import heygen_async
from heygen_async import HeyGen, HeyGenError, ImageVideo, PollPolicy, Statistics
from heygen_async.cli.lines import Lines, Row, Stage
from heygen_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heygen_async import Job, Submitted, Video
    from heygen_async.cli.table import LiveTable

COLUMNS = ("title", "script", "voice_id")
MEDIAN = 180.0
"""Seconds that a render takes at speed 1."""


@click.command()
@click.option(
    "--speed",
    type=click.FloatRange(1, 10_000),
    default=60.0,
    show_default=True,
    help="How many times as fast as HeyGen the emulator renders.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out"),
    show_default=True,
    help="The folder for the videos.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Jobs at a time; above 10 the emulator answers 429.",
)
@click.option(
    "--picture",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A portrait other than examples/astronaut.jpg.",
)
@click.option(
    "--scripts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"A CSV file with the columns {', '.join(COLUMNS)}.",
)
def demo(
    speed: float, out: Path, concurrency: int, picture: Path | None, scripts: Path | None
) -> None:
    """Render 24 videos at once on a local emulator.

    Nothing is sent elsewhere. Picture and scripts are in the folder "examples" of the repository.
    """
    orders = _read(scripts or _example("scripts.csv"), picture or _example("astronaut.jpg"))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"cannot make the folder {out}: {error.strerror}") from None
    for order in orders:
        (out / f"{order.name}.mp4").unlink(missing_ok=True)
    rows = [order.row for order in orders]
    show = Show(orders, out, concurrency, _view(rows))
    for line in asyncio.run(show.run(speed)):
        click.echo(line)
    if any(row.stage is not Stage.COMPLETED for row in rows):
        click.get_current_context().exit(1)


@attrs.frozen(kw_only=True)
class Order:
    """What to render, and the row that shows it."""

    spec: ImageVideo
    row: Row

    @property
    def name(self) -> str:
        """The name of its file without the suffix, unlike any other's."""
        slug = re.sub(r"\W+", "-", self.row.title.lower()).strip("-")
        return f"{self.row.number:02}-{slug}"


class Show:
    """Renders all orders under the client's one semaphore, and keeps the view informed."""

    def __init__(
        self, orders: Sequence[Order], out: Path, concurrency: int, view: Lines | LiveTable
    ) -> None:
        self._orders = orders
        self._out = out
        self._concurrency = concurrency
        self._view = view

    async def run(self, speed: float) -> Sequence[str]:
        """Render everything and return the bill, line by line."""
        start = time.monotonic()
        async with (
            Emulator(speed=speed, median=MEDIAN) as emulator,
            HeyGen(
                emulator.api_key,
                base_url=emulator.url,
                max_concurrent_jobs=self._concurrency,
                poll=PollPolicy().at_speed(speed, MEDIAN),
            ) as heygen,
        ):
            with self._view:
                await self._render_all(heygen)
            done = sum(order.row.stage is Stage.COMPLETED for order in self._orders)
            seconds = time.monotonic() - start
            outcome = f"{done} of {len(self._orders)} videos in {seconds:.1f} s, in {self._out}/"
            return ["", outcome, *_bill(emulator, heygen.statistics())]

    async def _render_all(self, heygen: HeyGen) -> None:
        orders = {id(order.spec): order for order in self._orders}
        async with asyncio.TaskGroup() as followers:

            def follow(started: Submitted[Video]) -> None:
                followers.create_task(self._follow(started.job, orders[id(started.spec)].row))

            async for outcome in heygen.map(
                [order.spec for order in self._orders],
                key=lambda spec: orders[id(spec)].name,
                download_to=self._out,
                on_submit=follow,
            ):
                row = orders[id(outcome.spec)].row
                row.error = str(outcome.error or "")
                row.file = outcome.path.name if outcome.path else ""
                self._move(row, Stage.COMPLETED if outcome.ok else Stage.FAILED)

    async def _follow(self, job: Job[Video], row: Row) -> None:
        """Show each change of a job until it has ended; how it ended is for ``map`` to say."""
        row.started = time.monotonic()
        with contextlib.suppress(HeyGenError):
            async for status in job.events():
                row.word = status.raw
                if not status.terminal:
                    self._move(row, Stage.RENDERING)
            row.ended = time.monotonic()
            if row.stage is Stage.RENDERING:
                self._move(row, Stage.SAVING)

    def _move(self, row: Row, stage: Stage) -> None:
        row.stage = stage
        self._view.changed(row)


def _bill(emulator: Emulator, done: Statistics) -> Sequence[str]:
    """Say what the run cost, as the emulator and the client counted it."""
    wallet = emulator.wallet
    each = done.bulk_rows / done.bulk_polls if done.bulk_polls else 0.0
    sorts = (
        f"submissions {emulator.count('POST /v3/videos')}",
        f"uploads {emulator.count('POST /v3/assets')}",
        f"status {done.polls}",
        f"details {done.details}",
    )
    bulk = f"{done.bulk_polls} of the status requests, {each:.1f} jobs in each"
    return (
        f"paid       {wallet.spent:g} credits in {len(wallet.charges)} charges",
        f"requests   {done.requests}: {', '.join(sorts)}",
        f"bulk       {bulk} (fill {done.bulk_fill:.0%})",
        f"retries    {done.retries}, answers 429: {done.rate_limited}",
    )


def _view(rows: Sequence[Row]) -> Lines | LiveTable:
    if not sys.stdout.isatty():
        return Lines()
    from heygen_async.cli.table import LiveTable  # noqa: PLC0415 - rich is slow to import

    return LiveTable(rows)


def _example(name: str) -> Path:
    """Return a file of the folder ``examples``, here or beside the package."""
    for parent in (Path.cwd(), Path(heygen_async.__file__).parent.parent):
        path = parent / "examples" / name
        if path.is_file():
            return path
    raise click.UsageError(
        f"examples/{name} is not here: run the demo in a clone of the repository, "
        "or pass --picture and --scripts"
    )


def _read(scripts: Path, picture: Path) -> Sequence[Order]:
    """Return an order for each row of the CSV file."""
    try:
        with scripts.open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file, restval=""))
    except (ValueError, csv.Error) as error:
        raise click.UsageError(f"{scripts} is no CSV file in UTF-8: {error}") from None
    if not table or not set(COLUMNS) <= set(table[0]):
        raise click.UsageError(f"{scripts} needs rows with the columns {', '.join(COLUMNS)}")
    return [
        Order(
            spec=ImageVideo(
                image=picture,
                title=fields["title"],
                script=fields["script"],
                voice_id=fields["voice_id"],
            ),
            row=Row(number=number, title=fields["title"]),
        )
        for number, fields in enumerate(table, 1)
    ]
