"""``heygen-async render``: one video from the command line, from its spec to its file."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import click

from heygen_async import AvatarVideo, Background, HeyGen, ImageVideo
from heygen_async.cli.following import file_or_url, follows, with_options
from heygen_async.models.looks import ASPECT_RATIOS, RESOLUTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from heygen_async.cli.following import Following


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
            "--background",
            metavar="'#RRGGBB'",
            callback=_color,
            help="A colour behind the person.",
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
@follows(saves="always")
def image(picture: str | Path, *, following: Following, **fields: Any) -> None:
    """Let the person in PICTURE (a file or a URL) speak."""
    asyncio.run(following.submit(HeyGen, ImageVideo(image=picture, **fields)))


@render.command()
@click.argument("avatar_id")
@click.option("--voice", "voice_id", metavar="ID", help="Who says it, if not its own voice.")
@_video
@follows(saves="always")
def avatar(avatar_id: str, *, following: Following, **fields: Any) -> None:
    """Let an avatar speak; AVATAR_ID is the id of one of its looks."""
    asyncio.run(following.submit(HeyGen, AvatarVideo(avatar_id=avatar_id, **fields)))
