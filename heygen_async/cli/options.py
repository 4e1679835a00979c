"""What commands share: options, the way with a job to its end, results as text or as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import re
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import attrs
import click

from heygen_async import AssetId, HeyGen, JoggAI
from heygen_async.cli.wording import in_shell_words
from heygen_async.models.jobs import to_plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from heygen_async import Job, Spec

    Decorator = Callable[[Callable[..., None]], Callable[..., None]]

Client = type[HeyGen] | type[JoggAI]

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
jogg_option = click.option("--jogg", is_flag=True, help="JoggAI's instead of HeyGen's.")
base_url_option = click.option(
    "--base-url", help="Another server; HEYGEN_BASE_URL or JOGG_BASE_URL does the same."
)
limit_option = click.option("--limit", type=click.IntRange(1), help="How many at most.")
idempotency_key_option = click.option(
    "--idempotency-key",
    metavar="KEY",
    help="That of an earlier try, whose answer was lost: what it paid for is not paid again.",
)
prepare_option = click.option(
    "--prepare",
    is_flag=True,
    help="Make pictures into what the vendor takes: HEIC, CMYK, turned or too large ones.",
)


@attrs.frozen(kw_only=True)
class JobOptions:
    """How a command goes on with its job; an output that could not be saved is refused at once."""

    timeout: float | None
    as_json: bool
    base_url: str | None
    output: Path | None
    overwrite: bool
    prepare: bool
    folder: bool = False
    idempotency_key: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.output is None:
            return
        if self.folder:
            if self.output.exists() and not self.output.is_dir():
                raise click.UsageError(f"{self.output} is no folder")
        elif self.output.exists() and not self.overwrite:
            raise click.UsageError(f"{self.output} exists; pass --overwrite to replace it")
        if not self.output.parent.is_dir():
            raise click.UsageError(f"the folder {self.output.parent} does not exist")

    async def submit(self, client: Client, spec: Spec[Any]) -> None:
        """Submit ``spec``, say the job's token, and stay with it."""
        opened = client(base_url=self.base_url, prepare=self.prepare)
        try:
            async with opened:
                jobs = await opened.submit_all(spec, idempotency_key=self.idempotency_key)
                for job in jobs:
                    click.echo(f"token: {job.token}", err=True)
                await self._stay_with_all(jobs)
        finally:  # what was on its way at Ctrl-C was seen through while the client closed
            for orphan in opened.orphans():
                if orphan.job is not None:
                    _say_how_to_go_on(orphan.job)
                else:
                    say_before_paying_again(orphan.idempotency_key)

    async def attach(self, client: Client, token: str) -> None:
        """Stay with the job of ``token``."""
        async with client(base_url=self.base_url) as opened:
            await self._stay_with_all([opened.attach(token)])

    async def _stay_with_all(self, jobs: Sequence[Job[Any]]) -> None:
        """Stay with each job to its end, and raise the first error then."""
        if len(jobs) == 1 or self.output is None:
            one = [self] * len(jobs)
        else:
            self.output.mkdir(exist_ok=True)
            names = [re.sub(r"[^\w.-]", "_", job.id) for job in jobs]
            one = [attrs.evolve(self, output=self.output / name, folder=True) for name in names]
        ends = [JobOptions._stay(each, job) for each, job in zip(one, jobs, strict=True)]
        tasks = [asyncio.ensure_future(end) for end in ends]
        try:
            found = await asyncio.gather(*tasks, return_exceptions=len(jobs) > 1)
        except asyncio.CancelledError:  # Ctrl-C, maybe before any of them has begun
            for job, task in zip(jobs, tasks, strict=True):
                if task.cancelled() or not task.done():
                    _say_how_to_go_on(job)
            raise
        for end in found:
            if isinstance(end, BaseException):
                raise end

    async def _stay(self, job: Job[Any]) -> None:
        """Say the job's changes, save its file if that is wanted, and print what came of it."""
        saved: list[Path] = []
        result = await _wait(job, self.timeout)
        if self.output is not None and self.folder:
            self.output.mkdir(parents=True, exist_ok=True)
            saved = await job.download_all(self.output, overwrite=self.overwrite)
        elif self.output is not None:
            saved = [await job.download(self.output, overwrite=self.overwrite)]
        self._show(result, [str(path) for path in saved])

    def _show(self, result: Any, saved: Sequence[str]) -> None:
        if self.as_json:
            more = {"path": saved[0]} if saved else {}
            click.echo(to_json(result, **({"paths": saved} if self.folder else more)))
            return
        for line in saved or _told(result):
            click.echo(line)


def _say_how_to_go_on(job: Job[Any]) -> None:
    again = f"heygen-async jobs wait {shlex.quote(job.token)}"
    click.echo(f"the job goes on; wait for it again with: {again}", err=True)


def say_before_paying_again(idempotency_key: str | None) -> None:
    """Say how to get the job of a lost answer, if there is one, without a second charge."""
    told = "it may have been paid for: look at the vendor's own list before you submit it again"
    if idempotency_key is not None:
        told = (
            "it may have been paid for; to get its job, and pay nothing more, within 24 hours: "
            f"the same command with --idempotency-key {idempotency_key}"
        )
    click.echo(told, err=True)


def job_options(
    saves: Literal["always", "if asked", "all", "never"], *, submits: bool = True
) -> Decorator:
    """Add the options of going on with a job; the command gets them as ``options``."""
    seconds = click.FloatRange(0, min_open=True)
    path = click.Path(dir_okay=saves == "all")
    timeout = click.option("--timeout", type=seconds, help="Seconds to wait at most.")
    added: tuple[Decorator, ...] = (base_url_option, json_option, timeout)
    if submits:
        added += (prepare_option, idempotency_key_option)
    if saves != "never":
        told = "Replace the file if there is one."
        overwrite = click.option("--overwrite", is_flag=True, help=told)
        told, required = "Where the file is saved.", saves == "always"
        if saves == "all":
            told = "Where the file is saved, or with / at the end the folder for all files."
        output = click.option("-o", "--output", required=required, type=path, help=told)
        added += (overwrite, output)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def bundled(**fields: Any) -> None:
            unsaid = {"output": None, "overwrite": False, "idempotency_key": None, "prepare": False}
            defaults = unsaid | fields
            path = defaults.pop("output")
            defaults["output"] = None if path is None else Path(path)
            several = saves == "all" and path is not None
            defaults["folder"] = several and (path.endswith(("/", os.sep)) or Path(path).is_dir())
            given = {field.name: defaults.pop(field.name) for field in attrs.fields(JobOptions)}
            command(options=JobOptions(**given), **defaults)

        return with_options(bundled, added)

    return decorate


def with_options(command: Callable[..., None], options: Sequence[Decorator]) -> Callable[..., None]:
    """Return the command with ``options``; the last of them stands first in its help."""
    for option in options:
        command = option(command)
    return command


def file_or_url(value: str) -> str | Path | AssetId:
    """Return what a spec takes for a picture: a URL, ``asset:<id>``, anything else as a path."""
    if value.startswith("asset:"):
        return AssetId(value.removeprefix("asset:"))
    return value if "://" in value else Path(value)


def to_json(value: Any, **more: object) -> str:
    """Return a result or a status, and ``more``, as one line of JSON without what is not set."""
    return json.dumps(_without_unset(to_plain(value)) | more)


async def first(limit: int | None, items: AsyncIterator[Any]) -> Sequence[Any]:
    """Return the items of a list, or the first ones."""
    found = []
    async for item in items:
        found.append(item)
        if len(found) == limit:
            break
    return found


def show_items(items: Sequence[Any], columns: Sequence[str], *, as_json: bool) -> None:
    """Print a line for each item, as text or as JSON."""
    if not as_json:
        show_rows(items, columns)
        return
    for item in items:
        click.echo(to_json(item))


def show_fields(fields: Mapping[str, Any], where: str = "") -> None:
    """Print a line for each field that is set, with dots into those that have fields."""
    for name, value in fields.items():
        if isinstance(value, dict):
            show_fields(value, f"{where}{name}.")
        elif value not in (None, (), []):
            told = json.dumps(value) if isinstance(value, tuple | list) else _cell(name, value)
            click.echo(f"{where}{name}: {told}")


def show_rows(items: Sequence[Any], columns: Sequence[str]) -> None:
    """Print a line for each item: in columns on a terminal, else separated by tabs."""
    rows = [[_cell(name, getattr(item, name)) for name in columns] for item in items]
    if not sys.stdout.isatty():
        lines = ["\t".join(row) for row in rows]
    else:
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        padded = [map(str.ljust, row, widths) for row in rows]
        lines = ["  ".join(row).rstrip() for row in padded]
    for line in lines:
        click.echo(line)


def _cell(name: str, value: object) -> str:
    """Return a value as text that stays in its place, whatever the vendor wrote."""
    if name.endswith("_at") and isinstance(value, int | float):
        with contextlib.suppress(ValueError, OverflowError, OSError):  # no time that there is
            return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return printable("" if value is None else str(value))


def printable(text: str) -> str:
    """Return ``text`` with a blank for each sign that a terminal could take for a command."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def one_line(text: object) -> str:
    """Return a text, such as that of an error, on one line and in the words of a shell."""
    return in_shell_words(" ".join(str(text).split()))


def _without_unset(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_unset(item) for k, item in value.items() if item not in (None, {})}
    return [_without_unset(item) for item in value] if isinstance(value, list) else value


def _told(result: Any) -> Iterator[str]:
    """Yield what a person wants of a result: its ids, its URLs and its status."""
    for name, value in _without_unset(to_plain(result)).items():
        if {"id", "url", "urls", "status"}.intersection(name.split("_")):
            for item in value if isinstance(value, list) else [value]:
                yield f"{name}: {_cell(name, item)}"


async def _wait(job: Job[Any], timeout: float | None) -> Any:  # noqa: ASYNC109 - the user's
    """Return the result of the job, and say its changes meanwhile."""
    changes = asyncio.create_task(_say_changes(job))
    try:
        result = await job.wait(timeout)
        await changes
    finally:
        changes.cancel()
        await asyncio.gather(changes, return_exceptions=True)  # its error is the wait's too
    return result


async def _say_changes(job: Job[Any]) -> None:
    async for status in job.events():
        if status.raw:  # a job that was found by its token has not been looked at yet
            share = "" if status.progress is None else f" {status.progress:.0f} %"
            click.echo(f"{status.state.value} ({status.raw}){share}", err=True)
