"""``heygen-async upload``: local files become assets, which specs and other programs can name."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from heygen_async import HeyGen, JoggAI
from heygen_async.cli.following import (
    base_url_option,
    jogg_option,
    json_option,
    show_rows,
    to_json,
)
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG
from heygen_async.transport.uploads import inspect_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heygen_async import Asset


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@jogg_option
@json_option
@base_url_option
def upload(files: Sequence[Path], *, jogg: bool, as_json: bool, base_url: str | None) -> None:
    """Upload FILES and print the id and the URL of each asset.

    All are checked before the first is sent. At JoggAI the URL is all there is.
    """
    sizes = (JOGG if jogg else HEYGEN).uploads.sizes
    checked = [(file, inspect_file(file, {}, sizes)[1].size) for file in files]

    async def send() -> None:
        async with (JoggAI if jogg else HeyGen)(base_url=base_url) as client:
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
