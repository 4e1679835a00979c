"""``heygen-async account``, ``videos`` and ``request``: what the account has, and any endpoint."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from heygen_async import HeyGen, JoggAI
from heygen_async.batch.tables import decode_json
from heygen_async.cli.options import (
    base_url_option,
    first,
    idempotency_key_option,
    jogg_option,
    json_option,
    limit_option,
    show_fields,
    show_items,
    to_json,
    with_options,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VIDEO = ("id", "status", "created_at", "duration", "title")
JOGG_VIDEO = ("id", "status", "created_at", "video_duration", "title")


@click.command()
@jogg_option
@json_option
@base_url_option
def account(*, jogg: bool, as_json: bool, base_url: str | None) -> None:
    """Say whose the API key is, and what is left to spend."""

    async def fetch() -> tuple[Any, dict[str, float]]:
        if not jogg:
            async with HeyGen(base_url=base_url) as heygen:
                return await heygen.users.me(), {}
        async with JoggAI(base_url=base_url) as client:
            quota = await client.users.remaining_quota()
            return await client.users.whoami(), {"remaining_quota": quota}

    user, more = asyncio.run(fetch())
    if as_json:
        click.echo(to_json(user, **more))
    else:
        show_fields(user.to_dict() | more)


@click.group()
def videos() -> None:
    """List, look at and delete videos of the account."""


@videos.command("list")
@click.option("--title", help="Those with this in their title; HeyGen only.")
@click.option("--folder", "folder_id", metavar="ID", help="Those in this folder; HeyGen only.")
@limit_option
@jogg_option
@json_option
@base_url_option
def list_videos(
    *,
    title: str | None,
    folder_id: str | None,
    limit: int | None,
    jogg: bool,
    as_json: bool,
    base_url: str | None,
) -> None:
    """List videos, newest first: id, status, time (UTC), seconds, title.

    At JoggAI these are the videos of products, then those of templates: it lists no others.
    """
    if jogg and (title or folder_id):
        raise click.UsageError("JoggAI's lists have neither --title nor --folder")

    async def fetch() -> Sequence[Any]:
        if not jogg:
            async with HeyGen(base_url=base_url) as heygen:
                return await first(limit, heygen.videos.list(title=title, folder_id=folder_id))
        async with JoggAI(base_url=base_url) as client:
            lists = (client.product_videos.list(), client.template_videos.list())
            return [video for each in lists for video in await first(limit, each)][:limit]

    show_items(asyncio.run(fetch()), JOGG_VIDEO if jogg else VIDEO, as_json=as_json)


@videos.command()
@click.argument("video_id")
@json_option
@base_url_option
def get(video_id: str, *, as_json: bool, base_url: str | None) -> None:
    """Print all that HeyGen tells of a video, its URLs fresh."""

    async def fetch() -> Any:
        async with HeyGen(base_url=base_url) as heygen:
            return await heygen.videos.get(video_id)

    video = asyncio.run(fetch())
    if as_json:
        click.echo(to_json(video))
    else:
        show_fields(video.to_dict())


@videos.command()
@click.argument("video_ids", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@base_url_option
def delete(video_ids: Sequence[str], *, yes: bool, as_json: bool, base_url: str | None) -> None:
    """Delete videos from HeyGen for good."""
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("nobody is here to be asked: --yes deletes without")
        many = f"{len(video_ids)} videos" if len(video_ids) > 1 else video_ids[0]
        if not click.confirm(f"Delete {many} for good?", err=True):
            click.echo("nothing was deleted", err=True)
            return

    async def send() -> None:
        async with HeyGen(base_url=base_url) as heygen:
            for video_id in video_ids:
                await heygen.videos.delete(video_id)
                told = {"id": video_id, "deleted": True}
                click.echo(json.dumps(told) if as_json else f"deleted {video_id}")

    asyncio.run(send())


def _params(
    _context: click.Context, _option: click.Parameter, given: Sequence[str]
) -> dict[str, str]:
    params: dict[str, str] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not name or not sign or name in params:
            raise click.BadParameter(f"{each!r} is not name=value, or its name is given twice")
        params[name] = value
    return params


def _data(_context: click.Context, _option: click.Parameter, given: str | None) -> Any:
    if given is None:
        return None
    try:
        text = given
        if given == "-":
            text = sys.stdin.read()
        elif given.startswith("@"):
            text = Path(given[1:]).read_text("utf-8")
        return decode_json(text)
    except OSError as error:
        raise click.BadParameter(f"{given[1:]} cannot be read: {error.strerror}") from None
    except ValueError as error:  # also of what is not UTF-8
        raise click.BadParameter(f"this is no JSON: {error}") from None


def _request(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of any request."""
    param = click.option(
        "--param", "params", multiple=True, metavar="NAME=VALUE", callback=_params,
        help="A parameter of the query; repeatable.",
    )  # fmt: skip
    data = click.option(
        "-d", "--data", metavar="JSON|@FILE|-", callback=_data, help="The body; - reads stdin."
    )
    told = "JSON lines, as without it; errors are JSON, too."
    flag = click.option("--json", "as_json", is_flag=True, expose_value=False, help=told)
    added = (base_url_option, flag, jogg_option, idempotency_key_option, data, param)
    return with_options(command, added)


@click.command()
@click.argument("method")
@click.argument("path")
@_request
def request(
    method: str,
    path: str,
    *,
    params: dict[str, str],
    data: Any,
    idempotency_key: str | None,
    jogg: bool,
    base_url: str | None,
) -> None:
    """Call any endpoint, such as GET /v3/users/me, and print its JSON.

    The key, the retries and the errors are those of all commands. A POST is sent again only with
    an idempotency key.
    """

    async def send() -> Any:
        async with (JoggAI if jogg else HeyGen)(base_url=base_url) as client:
            return await client.request(
                method, path, json=data, params=params, idempotency_key=idempotency_key
            )

    answer = asyncio.run(send())
    click.echo(json.dumps(answer, indent=2 if sys.stdout.isatty() else None))
