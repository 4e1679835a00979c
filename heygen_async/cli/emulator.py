"""``heygen-async emulator`` and ``demo``: a local HeyGen, and many renders at once against it."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import json
import logging
import operator
import re
import shlex
import signal
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

import heygen_async
from heygen_async import HeyGen, HeyGenError, ImageVideo, PollPolicy
from heygen_async.cli.options import json_option
from heygen_async.emulator import Emulator, FaultPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    from heygen_async import Job, Submitted, Video
    from heygen_async.cli.live_table import LiveTable

COLUMNS = ("title", "script", "voice_id")
MEDIAN = 180.0
"""Seconds that a render takes at speed 1."""


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes any free one.")
@click.option("--jogg-port", type=click.IntRange(0, 65535), default=0, help="That of JoggAI.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="How many times as fast as HeyGen it renders.",
)
@click.option(
    "--faults",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file of what goes wrong: a list of objects with the fields of Fault.",
)
@click.option(
    "--api-key", default="emulator-key", show_default=True, help="The only key it accepts."
)
@json_option
def emulator(
    *, port: int, jogg_port: int, speed: float, faults: Path | None, api_key: str, as_json: bool
) -> None:
    """Run a local HeyGen and JoggAI until Ctrl-C or SIGTERM (exit code 0).

    All three APIs are there: HeyGen v3 and, at the same address, the v2 that HeyGen has retired;
    JoggAI v2 at another. Prints the four lines that point a shell at it, or one object with the
    variables.
    """
    try:
        plan = FaultPlan.load(faults) if faults else None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    served = Emulator(port=port, jogg_port=jogg_port, speed=speed, faults=plan, api_key=api_key)
    asyncio.run(_serve(served, as_json=as_json))


async def _serve(emulator: Emulator, *, as_json: bool) -> None:
    try:
        await emulator.start()
    except OSError as error:
        raise click.UsageError(f"cannot serve: {error.strerror or error}") from None
    try:
        variables = {
            "HEYGEN_BASE_URL": emulator.url,
            "HEYGEN_API_KEY": emulator.api_key,
            "JOGG_BASE_URL": emulator.jogg_url,
            "JOGG_API_KEY": emulator.jogg_api_key,
        }
        lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
        click.echo(json.dumps(variables) if as_json else "\n".join(lines))
        await _stopped()
    finally:
        await emulator.aclose()


async def _stopped() -> None:
    stop = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows: there Ctrl-C cancels the task
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


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
@json_option
def demo(
    *,
    speed: float,
    out: Path,
    concurrency: int,
    picture: Path | None,
    scripts: Path | None,
    as_json: bool,
) -> None:
    """Render 24 videos at once on a local emulator.

    Nothing is sent elsewhere. Picture and scripts are in the folder "examples" of the repository.
    With --json the changes go to stderr, and one object to stdout tells the bill.
    """
    items = read_items(scripts or _example("scripts.csv"), picture or _example("astronaut.jpg"))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"cannot make the folder {out}: {error.strerror}") from None
    for item in items:
        (out / f"{item.name}.mp4").unlink(missing_ok=True)
    view = LineView(err=True) if as_json else _view(items)
    log = logging.getLogger("heygen_async.jobs")
    log.disabled = True  # the jobs end with the emulator: who leaves early has lost none
    try:
        bill = asyncio.run(DemoRun(items, out, concurrency, view).run(speed))
    finally:
        log.disabled = False
    click.echo(json.dumps(bill) if as_json else "\n".join(_lines(bill)))
    if any(item.stage is not Stage.COMPLETED for item in items):
        click.get_current_context().exit(1)


class Stage(StrEnum):
    """Where an item stands."""

    WAITING = "waiting"
    RENDERING = "rendering"
    SAVING = "saving"
    COMPLETED = "completed"
    FAILED = "failed"


@attrs.define(kw_only=True, eq=False)
class DemoItem:
    """One render as a view shows it; ``word`` is the vendor's own for its status."""

    spec: ImageVideo
    number: int
    stage: Stage = Stage.WAITING
    word: str = ""
    file: str = ""
    error: str = ""
    started: float | None = None
    ended: float | None = None

    @property
    def name(self) -> str:
        """The name of its file without the suffix, unlike any other's."""
        slug = re.sub(r"\W+", "-", str(self.spec.title).lower()).strip("-")
        return f"{self.number:02}-{slug}"

    def age(self, now: float) -> float | None:
        """Return the seconds that the render has lasted, None before it began."""
        if self.started is None:
            return None
        return (now if self.ended is None else self.ended) - self.started


class LineView:
    """Says each change of an item in a line of its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, err: bool = False) -> None:
        self._clock = clock
        self._start = clock()
        self._err = err

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        """Leave what was written where it is."""

    def changed(self, item: DemoItem) -> None:
        """Take note that ``item`` has changed."""
        passed = self._clock() - self._start
        told = item.error or item.file
        word = f" ({item.word})" if item.word else ""
        line = f"{passed:6.1f} s  {item.number:02} {item.spec.title}: {item.stage}{word}"
        click.echo(f"{line}, {told}" if told else line, err=self._err)


class DemoRun:
    """Renders all items under the client's one semaphore, and keeps the view informed."""

    def __init__(
        self, items: Sequence[DemoItem], out: Path, concurrency: int, view: LineView | LiveTable
    ) -> None:
        self._items = items
        self._out = out
        self._concurrency = concurrency
        self._view = view

    async def run(self, speed: float) -> dict[str, Any]:
        """Render everything and return the bill: what the emulator and the client counted."""
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
            return {
                "videos": len(self._items),
                "completed": sum(item.stage is Stage.COMPLETED for item in self._items),
                "folder": str(self._out),
                "seconds": time.monotonic() - start,
                "credits": emulator.wallet.spent,
                "charges": len(emulator.wallet.charges),
                "submissions": emulator.count("POST /v3/videos"),
                "uploads": emulator.count("POST /v3/assets"),
                **attrs.asdict(heygen.statistics()),
            }

    async def _render_all(self, heygen: HeyGen) -> None:
        items = {id(item.spec): item for item in self._items}
        async with asyncio.TaskGroup() as followers:

            def follow(started: Submitted[Video]) -> None:
                following = self._follow(started.job, items[id(started.spec)])
                try:
                    followers.create_task(following)
                except RuntimeError:  # the group ends, as when nobody reads what followers say
                    following.close()
                    raise

            async for outcome in heygen.map(
                [item.spec for item in self._items],
                key=lambda spec: items[id(spec)].name,
                download_to=self._out,
                on_submit=follow,
            ):
                item = items[id(outcome.spec)]
                item.error = str(outcome.error or "")
                item.file = outcome.path.name if outcome.path else ""
                self._move(item, Stage.COMPLETED if outcome.ok else Stage.FAILED)

    async def _follow(self, job: Job[Video], item: DemoItem) -> None:
        """Show each change of a job until it has ended; how it ended is for ``map`` to say."""
        item.started = time.monotonic()
        with contextlib.suppress(HeyGenError):
            async for status in job.events():
                item.word = status.raw
                if not status.terminal:
                    self._move(item, Stage.RENDERING)
            item.ended = time.monotonic()
            if item.stage is Stage.RENDERING:
                self._move(item, Stage.SAVING)

    def _move(self, item: DemoItem, stage: Stage) -> None:
        item.stage = stage
        self._view.changed(item)


def _lines(bill: Mapping[str, Any]) -> Sequence[str]:
    """Return the bill for people."""
    each = bill["bulk_rows"] / bill["bulk_polls"] if bill["bulk_polls"] else 0.0
    bulk = f"{bill['bulk_polls']} of the status requests, {each:.1f} jobs in each"
    sorts = "submissions {submissions}, uploads {uploads}, status {polls}, details {details}"
    return (
        "",
        "{completed} of {videos} videos in {seconds:.1f} s, in {folder}/".format_map(bill),
        "paid       {credits:g} credits in {charges} charges".format_map(bill),
        f"requests   {bill['requests']}: {sorts.format_map(bill)}",
        f"bulk       {bulk} (fill {bill['bulk_fill']:.0%})",
        "retries    {retries}, answers 429: {rate_limited}".format_map(bill),
    )


def _view(items: Sequence[DemoItem]) -> LineView | LiveTable:
    if not sys.stdout.isatty():
        return LineView()
    from heygen_async.cli.live_table import LiveTable  # noqa: PLC0415 - rich is slow to import

    return LiveTable(items)


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


def read_items(scripts: Path, picture: Path) -> Sequence[DemoItem]:
    """Return an item for each row of the CSV file."""
    try:
        with scripts.open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file, restval=""))
    except (ValueError, csv.Error) as error:
        raise click.UsageError(f"{scripts} is no CSV file in UTF-8: {error}") from None
    if not table or not set(COLUMNS) <= set(table[0]):
        raise click.UsageError(f"{scripts} needs rows with the columns {', '.join(COLUMNS)}")
    columns = operator.itemgetter(*COLUMNS)
    return [
        DemoItem(
            spec=ImageVideo(image=picture, title=title, script=script, voice_id=voice_id),
            number=number,
        )
        for number, (title, script, voice_id) in enumerate(map(columns, table), 1)
    ]
