"""``heygen-async render``, ``motion`` and ``jobs``: one job, to its end."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import click

from heygen_async import AddMotion, AvatarVideo, Background, HeyGen, ImageVideo, JoggAI, JoggMotion
from heygen_async.cli.options import (
    base_url_option,
    file_or_url,
    job_options,
    json_option,
    to_json,
    with_options,
)
from heygen_async.models.legacy import MOTION_TYPES
from heygen_async.models.looks import ASPECT_RATIOS, RESOLUTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from heygen_async import JobStatus
    from heygen_async.cli.options import Client, JobOptions


@click.group()
def render() -> None:
    """Render one video, wait for it and save it.

    The job's token and its changes go to stderr, the path of the video to stdout.
    """


def _script(_context: click.Context, _option: click.Parameter, value: str) -> str:
    return sys.stdin.read() if value == "-" else value


def _color(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> Background | None:
    return Background(type="color", value=value) if value else None


def _video(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every video; each is a field of its spec."""
    options = (
        click.option(
            "--background", metavar="'#RRGGBB'", callback=_color, help="A colour behind the person."
        ),
        click.option("--motion-prompt", help="How the person moves."),
        click.option("--aspect-ratio", type=click.Choice(ASPECT_RATIOS)),
        click.option("--resolution", type=click.Choice(RESOLUTIONS)),
        click.option("--title"),
        click.option(
            "--script", required=True, callback=_script, help="What is said; - reads stdin."
        ),
    )
    return with_options(command, options)


@render.command()
@click.argument("picture", type=file_or_url)
@click.option("--voice", "voice_id", required=True, metavar="ID", help="Who says it.")
@_video
@job_options(saves="always")
def image(picture: str | Path, *, options: JobOptions, **fields: Any) -> None:
    """Let the person in PICTURE (a file or a URL) speak."""
    asyncio.run(options.submit(HeyGen, ImageVideo(image=picture, **fields)))


@render.command()
@click.argument("avatar_id")
@click.option("--voice", "voice_id", metavar="ID", help="Who says it, if not its own voice.")
@_video
@job_options(saves="always")
def avatar(avatar_id: str, *, options: JobOptions, **fields: Any) -> None:
    """Let an avatar speak; AVATAR_ID is the id of one of its looks."""
    asyncio.run(options.submit(HeyGen, AvatarVideo(avatar_id=avatar_id, **fields)))


@click.group()
def motion() -> None:
    """Make a photo avatar move.

    The job's token and its changes go to stderr, ids and URLs to stdout, or with -o the path of
    the preview.
    """


@motion.command()
@click.argument("look_id")
@click.option("--prompt", help="How it moves.")
@click.option(
    "--type",
    "motion_type",
    default="consistent",
    show_default=True,
    help=f"The engine: {', '.join(MOTION_TYPES)}.",
)
@job_options(saves="if asked")
def heygen(look_id: str, *, options: JobOptions, **fields: Any) -> None:
    """Add motion to a look by HeyGen v2, which HeyGen has retired.

    In v3 "render avatar --motion-prompt" takes its place.
    """
    asyncio.run(options.submit(HeyGen, AddMotion(id=look_id, **fields)))


@motion.command()
@click.argument("image", type=file_or_url)
@click.option("--name", required=True, help="The name of the avatar.")
@click.option("--voice", "voice_id", required=True, metavar="ID", help="Its voice.")
@click.option("--model", required=True, help="1.0, 2.0, 2.0-Pro or 3.0.")
@click.option("--description", help="How it moves.")
@click.option("--welcome", "welcome_msg", help="Its greeting.")
@click.option("--photo-id", metavar="ID", help="The JoggAI photo that IMAGE is from.")
@job_options(saves="if asked")
def jogg(image: str | Path, *, options: JobOptions, **fields: Any) -> None:
    """Make an avatar that moves from the portrait IMAGE (a file or a URL) by JoggAI."""
    asyncio.run(options.submit(JoggAI, JoggMotion(image_url=image, **fields)))


@click.group()
def jobs() -> None:
    """Find a submitted job again by its TOKEN, of HeyGen or of JoggAI."""


@jobs.command()
@click.argument("token")
@job_options(saves="never")
def wait(token: str, *, options: JobOptions) -> None:
    """Wait for a job and print its ids and URLs."""
    asyncio.run(options.attach(_client_of(token), token))


@jobs.command()
@click.argument("token")
@job_options(saves="always")
def download(token: str, *, options: JobOptions) -> None:
    """Wait for a job, save its file and print the path."""
    asyncio.run(options.attach(_client_of(token), token))


@jobs.command()
@click.argument("token")
@json_option
@base_url_option
def status(token: str, *, as_json: bool, base_url: str | None) -> None:
    """Look at a job once and print how it stands."""
    seen = asyncio.run(_look(token, base_url))
    click.echo(to_json(seen) if as_json else f"{seen.state.value} ({seen.raw})")


async def _look(token: str, base_url: str | None) -> JobStatus:
    async with _client_of(token)(base_url=base_url) as client:
        return await client.attach(token).refresh()


def _client_of(token: str) -> Client:
    """Return the client that a token is for; its ``attach`` refuses what is no token."""
    return JoggAI if token.strip().startswith("jogg.") else HeyGen
