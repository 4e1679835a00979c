"""``heygen-async render`` and ``motion``: one job, to its end."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import click

from heygen_async import (
    AddMotion,
    AvatarVideo,
    Background,
    HeyGen,
    ImageVideo,
    InvalidRequestError,
    JoggAI,
    JoggMotion,
)
from heygen_async.cli.options import file_or_url, job_options, one_line, with_options
from heygen_async.models.legacy import MOTION_TYPES
from heygen_async.models.looks import ASPECT_RATIOS, RESOLUTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from heygen_async import AssetId
    from heygen_async.cli.options import JobOptions


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
    try:
        return Background(type="color", value=value) if value else None
    except InvalidRequestError as error:
        raise click.BadParameter(one_line(error)) from None


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
def image(picture: str | Path | AssetId, *, options: JobOptions, **fields: Any) -> None:
    """Let the person in PICTURE (a file, a URL or asset:<id>) speak."""
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
def jogg(image: str | Path | AssetId, *, options: JobOptions, **fields: Any) -> None:
    """Make an avatar that moves from the portrait IMAGE (a file or a URL) by JoggAI."""
    asyncio.run(options.submit(JoggAI, JoggMotion(image_url=image, **fields)))
