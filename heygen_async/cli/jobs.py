"""``heygen-async jobs``: jobs that were submitted before, by their tokens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import attrs
import click

from heygen_async import HeyGen, JoggAI
from heygen_async.cli.options import (
    base_url_option,
    first,
    job_options,
    json_option,
    limit_option,
    show_items,
    to_json,
)
from heygen_async.cli.place import LedgerPlaceType, read_items
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from heygen_async import JobStatus
    from heygen_async.cli.options import Client, JobOptions
    from heygen_async.cli.place import LedgerPlace
    from heygen_async.protocol.kinds import JobKind

_LISTS: Mapping[str, Callable[[Any], AsyncIterator[Any]]] = {
    "heygen.video": lambda heygen: heygen.videos.list(),
    "heygen.lipsync": lambda heygen: heygen.lipsyncs.list(),
    "heygen.translation": lambda heygen: heygen.translations.list(),
    "heygen.clipping": lambda heygen: heygen.clips.list(),
    "heygen.background-removal": lambda heygen: heygen.background_removals.list(),
    "heygen.hyperframes": lambda heygen: heygen.hyperframes.list(),
    "heygen.podcast": lambda heygen: heygen.podcasts.list(),
    "jogg.product-video": lambda jogg: jogg.product_videos.list(),
    "jogg.template-video": lambda jogg: jogg.template_videos.list(),
}


@attrs.frozen
class FoundJob:
    """A job of a list or a ledger; ``name`` is its title, or its key in the ledger."""

    token: str
    state: str
    created_at: float | None
    name: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, as results do."""
        return attrs.asdict(self)


@click.group()
def jobs() -> None:
    """Find a submitted job again by its TOKEN, of HeyGen or of JoggAI."""


@jobs.command("list")
@click.option(
    "--kind",
    type=click.Choice(sorted(_LISTS)),
    metavar="KIND",
    help="Which jobs, by default heygen.video, of those that the vendors list: "
    f"{', '.join(sorted(_LISTS))}.",
)
@click.option(
    "--ledger",
    type=LedgerPlaceType(),
    help="Those of a ledger, as it has them; nothing is sent.",
)
@limit_option
@json_option
@base_url_option
def list_jobs(
    *,
    kind: str | None,
    ledger: LedgerPlace | None,
    limit: int | None,
    as_json: bool,
    base_url: str | None,
) -> None:
    """List jobs, newest first: token, state, time (UTC), title.

    A token goes into "jobs wait", "status" and "download". Of a ledger all jobs are told, in its
    order, with their keys for titles.
    """
    if ledger is not None and kind is not None:
        raise click.UsageError("a ledger is listed whole: leave out --kind")
    if ledger is not None:
        found = asyncio.run(_in_ledger(ledger, limit))
    else:
        found = asyncio.run(_at_vendor(kind or "heygen.video", limit, base_url))
    show_items(found, [field.name for field in attrs.fields(FoundJob)], as_json=as_json)


async def _at_vendor(name: str, limit: int | None, base_url: str | None) -> Sequence[FoundJob]:
    is_jogg = name.startswith("jogg.")
    kind = (JOGG if is_jogg else HEYGEN).kind_named(name)
    async with (JoggAI if is_jogg else HeyGen)(base_url=base_url) as client:
        return [_listed(kind, each) for each in await first(limit, _LISTS[name](client))]


def _listed(kind: JobKind[Any], row: Any) -> FoundJob:
    token = kind.token(row.id, int(row.created_at or 0))
    state = kind.status(row.status or "").state
    return FoundJob(token, state, row.created_at, getattr(row, "title", None))


async def _in_ledger(place: LedgerPlace, limit: int | None) -> Sequence[FoundJob]:
    items = [item for item in await read_items(place) if item.token]
    found = [FoundJob(i.token or "", i.state, i.submitted_at, i.key) for i in items]
    return found[:limit]


@jobs.command()
@click.argument("token")
@job_options(saves="never", submits=False)
def wait(token: str, *, options: JobOptions) -> None:
    """Wait for a job and print its ids and URLs."""
    asyncio.run(options.attach(_client_of(token), token))


@jobs.command()
@click.argument("token")
@job_options(saves="always", submits=False)
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
