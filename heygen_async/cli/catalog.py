"""``heygen-async voices``, ``avatars`` and ``upload``: what a video can be made with."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from heygen_async import HeyGen, JoggAI
from heygen_async.cli.options import (
    base_url_option,
    first,
    jogg_option,
    json_option,
    limit_option,
    prepare_option,
    show_items,
    show_rows,
    to_json,
    with_options,
)
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG
from heygen_async.transport.pictures import check_installed
from heygen_async.transport.uploads import inspect_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from heygen_async import Asset, JoggAvatar

VOICE = ("voice_id", "name", "language", "gender")
LOOK = ("id", "name", "avatar_type", "gender", "default_voice_id", "status")
JOGG_AVATAR = ("id", "name", "style", "gender", "age", "status")


def _list(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every list."""
    return with_options(command, (base_url_option, json_option, jogg_option, limit_option))


@click.command()
@click.option("--language", help="As the vendor writes it: English at HeyGen, english at JoggAI.")
@click.option("--gender", type=click.Choice(("female", "male")))
@_list
def voices(
    language: str | None,
    gender: Literal["female", "male"] | None,
    *,
    limit: int | None,
    jogg: bool,
    as_json: bool,
    base_url: str | None,
) -> None:
    """List voices: id, name, language, gender."""

    async def fetch() -> Sequence[Any]:
        async with (JoggAI if jogg else HeyGen)(base_url=base_url) as client:
            return await first(limit, client.voices.list(language=language, gender=gender))

    show_items(asyncio.run(fetch()), VOICE, as_json=as_json)


@click.command()
@click.option("--own", is_flag=True, help="Those of the account instead of the public ones.")
@_list
def avatars(
    *, own: bool, limit: int | None, jogg: bool, as_json: bool, base_url: str | None
) -> None:
    """List avatars.

    At HeyGen these are looks: id, name, type, gender, voice, status. At JoggAI: id, name, style,
    gender, age, status.
    """

    async def fetch_looks() -> Sequence[Any]:
        async with HeyGen(base_url=base_url) as heygen:
            ownership: Literal["private", "public"] = "private" if own else "public"
            return await first(limit, heygen.avatars.looks.list(ownership=ownership))

    async def fetch_jogg() -> Sequence[Any]:
        async with JoggAI(base_url=base_url) as client:
            return await first(limit, _own(client) if own else client.avatars.public())

    fetched = asyncio.run(fetch_jogg() if jogg else fetch_looks())
    show_items(fetched, JOGG_AVATAR if jogg else LOOK, as_json=as_json)


async def _own(jogg: JoggAI) -> AsyncIterator[JoggAvatar]:
    """Yield what JoggAI keeps in two lists: avatars made from videos, and from photos."""
    async for avatar in jogg.avatars.custom():
        yield avatar
    async for avatar in jogg.photo_avatars.list():
        yield avatar


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@prepare_option
@jogg_option
@json_option
@base_url_option
def upload(
    files: Sequence[Path], *, jogg: bool, prepare: bool, as_json: bool, base_url: str | None
) -> None:
    """Upload FILES and print the id and the URL of each asset.

    All are checked before the first is sent. At JoggAI the URL is all there is.
    """
    sizes = (JOGG if jogg else HEYGEN).uploads.sizes
    if prepare:
        check_installed()
    checked = [(file, inspect_file(file, {}, sizes, prepare=prepare)[1].size) for file in files]

    async def send() -> None:
        async with (JoggAI if jogg else HeyGen)(base_url=base_url, prepare=prepare) as client:
            for file, size in checked:
                asset = await _upload(client, file, size)
                if as_json:
                    click.echo(to_json(asset, file=str(file)))
                else:
                    show_rows([asset], ("url",) if jogg else ("id", "url"))

    asyncio.run(send())


async def _upload(client: HeyGen | JoggAI, file: Path, size: int) -> Asset:
    """Upload one file, with a bar if somebody can see it."""
    if not sys.stderr.isatty():
        return await client.assets.upload(file)
    with click.progressbar(length=size, label=file.name, file=sys.stderr) as bar:
        return await client.assets.upload(
            file, progress=lambda sent, _size: bar.update(sent - bar.pos)
        )
