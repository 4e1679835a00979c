"""``heygen-async render``: one video from the command line, from its spec to its file."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from heygen_async import Background, HeyGen, ImageVideo
from heygen_async.models.looks import ASPECT_RATIOS, RESOLUTIONS

if TYPE_CHECKING:
    from heygen_async import Job, Spec


@click.group()
def render() -> None:
    """Render one video, wait for it and save it."""


def _script(_context: click.Context, _option: click.Parameter, value: str) -> str:
    return sys.stdin.read() if value == "-" else value


@render.command()
@click.argument("picture")
@click.option("--script", required=True, callback=_script, help="What is said; - reads stdin.")
@click.option("--voice", "voice_id", required=True, metavar="ID", help="Who says it.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the video is saved.",
)
@click.option("--title")
@click.option("--resolution", type=click.Choice(RESOLUTIONS))
@click.option("--aspect-ratio", type=click.Choice(ASPECT_RATIOS))
@click.option("--motion-prompt", help="How the person moves.")
@click.option("--background", metavar="'#RRGGBB'", help="A colour behind the person.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), help="Seconds to wait at most.")
@click.option("--overwrite", is_flag=True, help="Replace the file if there is one.")
@click.option("--base-url", help="Another server; HEYGEN_BASE_URL does the same.")
def image(
    picture: str,
    *,
    output: Path,
    background: str | None,
    timeout: float | None,
    overwrite: bool,
    base_url: str | None,
    **fields: Any,
) -> None:
    """Let the person in PICTURE (a file or a URL) speak.

    The job's token and its changes go to stderr, the path of the video to stdout.
    """
    _check_output(output, overwrite=overwrite)
    spec = ImageVideo(
        image=picture if "://" in picture else Path(picture),
        background=Background(type="color", value=background) if background else None,
        **fields,
    )
    path = asyncio.run(_render(spec, output, timeout, overwrite=overwrite, base_url=base_url))
    click.echo(path)


def _check_output(output: Path, *, overwrite: bool) -> None:
    """Refuse, before anything is paid, a file that could not be saved in the end."""
    if output.exists() and not overwrite:
        raise click.UsageError(f"{output} exists; pass --overwrite to replace it")
    if not output.parent.is_dir():
        raise click.UsageError(f"the folder {output.parent} does not exist")


async def _render(
    spec: Spec[Any],
    output: Path,
    timeout: float | None,  # noqa: ASYNC109 - the user's
    *,
    overwrite: bool,
    base_url: str | None,
) -> Path:
    async with HeyGen(base_url=base_url) as heygen:
        job = await heygen.submit(spec)
        click.echo(f"token: {job.token}", err=True)
        await _wait(job, timeout)
        return await job.download(output, overwrite=overwrite)


async def _wait(job: Job[Any], timeout: float | None) -> None:  # noqa: ASYNC109 - the user's
    """Return when the job has completed, and say its changes meanwhile."""
    following = asyncio.create_task(_follow(job))
    try:
        await job.wait(timeout)
        await following
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)  # its error is the wait's too


async def _follow(job: Job[Any]) -> None:
    async for status in job.events():
        click.echo(f"{status.state.value} ({status.raw})", err=True)
