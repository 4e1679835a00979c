"""``heygen-async jobs``: jobs that were submitted before, found again by their tokens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from heygen_async import HeyGen, JoggAI
from heygen_async.cli.following import base_url_option, follows, json_option, to_json

if TYPE_CHECKING:
    from heygen_async import JobStatus
    from heygen_async.cli.following import Client, Following


@click.group()
def jobs() -> None:
    """Find a submitted job again by its TOKEN, of HeyGen or of JoggAI."""


@jobs.command()
@click.argument("token")
@follows(saves="never")
def wait(token: str, *, following: Following) -> None:
    """Wait for a job and print its ids and URLs."""
    asyncio.run(following.attach(_client_of(token), token))


@jobs.command()
@click.argument("token")
@follows(saves="always")
def download(token: str, *, following: Following) -> None:
    """Wait for a job, save its file and print the path."""
    asyncio.run(following.attach(_client_of(token), token))


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
