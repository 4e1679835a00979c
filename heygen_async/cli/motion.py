"""``heygen-async motion``: a photo avatar that moves, made by HeyGen v2 or by JoggAI."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from heygen_async import AddMotion, HeyGen, JoggAI, JoggMotion
from heygen_async.cli.following import file_or_url, follows
from heygen_async.models.legacy import MOTION_TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from heygen_async.cli.following import Following


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
@follows(saves="if asked")
def heygen(look_id: str, *, following: Following, **fields: Any) -> None:
    """Add motion to a look by HeyGen v2, which HeyGen has retired.

    In v3 "render avatar --motion-prompt" takes its place.
    """
    asyncio.run(following.submit(HeyGen, AddMotion(id=look_id, **fields)))


@motion.command()
@click.argument("image", type=file_or_url)
@click.option("--name", required=True, help="The name of the avatar.")
@click.option("--voice", "voice_id", required=True, metavar="ID", help="Its voice.")
@click.option("--model", required=True, help="1.0, 2.0, 2.0-Pro or 3.0.")
@click.option("--description", help="How it moves.")
@click.option("--welcome", "welcome_msg", help="Its greeting.")
@click.option("--photo-id", metavar="ID", help="The JoggAI photo that IMAGE is from.")
@follows(saves="if asked")
def jogg(image: str | Path, *, following: Following, **fields: Any) -> None:
    """Make an avatar that moves from the portrait IMAGE (a file or a URL) by JoggAI."""
    asyncio.run(following.submit(JoggAI, JoggMotion(image_url=image, **fields)))
