"""``heygen-async webhook listen``: shows what is delivered, and passes it on."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import attrs
import click
from aiohttp import web

from heygen_async.cli.options import json_option, printable, to_json
from heygen_async.models._checks import is_http_url
from heygen_async.protocol.deliveries import MAX_BODY, fold
from heygen_async.protocol.heygen.webhooks import SOURCE as HEYGEN
from heygen_async.protocol.jogg.webhooks import SOURCE as JOGG
from heygen_async.protocol.redact import redact
from heygen_async.webhooks import WebhookEvent, WebhookReceiver
from heygen_async.webhooks.requests import WebhookRequestHandler, aiohttp_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from heygen_async.protocol.deliveries import Headers, WebhookSource

MAX_WAITING = 1000
"""How many deliveries may wait to be passed on; more are dropped, and that is said."""

FORWARD_TIMEOUT = 30.0
_ENVELOPE = ("event_type", "event_id", "created_at", "signed", "extra")


@attrs.frozen
class NoClient:
    """Stands where a receiver has its client; nobody waits for a job here."""

    api: str
    event_loop: None = None

    def notify(self, kinds: Sequence[str], job_id: str, *, signed: bool) -> None:
        """Do nothing: there is no job to look at."""


class Forwarder:
    """Passes deliveries on to ``url`` in their order, with the headers of their signature."""

    def __init__(self, url: str, source: WebhookSource) -> None:
        self._url = url
        own = (*source.signatures, source.timestamp, source.event_id, b"content-type")
        self._names = tuple(name for name in own if name)
        self._queue: asyncio.Queue[tuple[bytes, dict[str, str]]] = asyncio.Queue()
        self._left = 0

    def put(self, body: bytes, headers: Headers) -> None:
        """Have a delivery passed on soon; never waits."""
        if self._left >= MAX_WAITING:
            self._say(f"{self._left} deliveries are waiting already")
            return
        given = fold(headers)
        kept = {name.decode(): given[name].decode() for name in self._names if name in given}
        self._queue.put_nowait((body, kept))
        self._left += 1

    @asynccontextmanager
    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """Pass on what is put, until the end of the block; then say what is left."""
        timeout = aiohttp.ClientTimeout(total=FORWARD_TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            work = asyncio.create_task(self._work(session))
            try:
                yield
            finally:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                if self._left:
                    self._say(f"ended while {self._left} deliveries were under way")

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            body, headers = await self._queue.get()
            try:
                async with session.post(
                    self._url, data=body, headers=headers, allow_redirects=False
                ) as answer:
                    if not 200 <= answer.status < 300:  # noqa: PLR2004 - a redirect loses the body
                        self._say(f"the answer was {answer.status}")
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                self._say(str(error) or "no answer in time")
            self._left -= 1

    def _say(self, problem: str) -> None:
        click.echo(f"not forwarded to {redact(self._url)}: {problem}", err=True)


@attrs.frozen
class Listener:
    """Takes deliveries in, prints their events and hands them to ``forwarder``."""

    receiver: WebhookReceiver
    forwarder: Forwarder | None
    as_json: bool

    def app(self, path: str) -> web.Application:
        """Return the application that takes deliveries at ``path``; raises ``ValueError``."""
        app = web.Application()
        app.add_routes(aiohttp_routes(WebhookRequestHandler(self.handle, MAX_BODY), path))
        if self.forwarder is not None:
            app.cleanup_ctx.append(self.forwarder.running)
        return app

    async def handle(self, body: bytes, headers: Headers) -> WebhookEvent | None:
        """Take in one delivery; raises ``WebhookError``."""
        event = await self.receiver.handle(body, headers)
        if event is not None:  # it has not come before
            click.echo(to_json(event) if self.as_json else _line(event))
            if self.forwarder is not None:
                self.forwarder.put(body, headers)
        return event


def _line(event: WebhookEvent) -> str:
    """Return an event as one line for people, whatever its sender wrote."""
    fields = [
        f"{name}={value}"
        for name, value in event.to_dict().items()
        if name not in _ENVELOPE and value not in (None, {})
    ]
    mark = () if event.signed else ("unsigned",)
    return printable("  ".join((*mark, event.event_type or "no type", *fields)))


@click.group()
def webhook() -> None:
    """See what HeyGen and JoggAI deliver to webhooks."""


@webhook.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="0 takes any free one.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--path", default="/", show_default=True, help="The path that deliveries come to.")
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    help="That of the endpoint, repeatable; HEYGEN_WEBHOOK_SECRET or JOGG_WEBHOOK_SECRET does "
    "the same and stays out of the list of processes.",
)
@click.option("--jogg", is_flag=True, help="JoggAI's deliveries instead of HeyGen's.")
@click.option("--allow-unsigned", is_flag=True, help="Take unsigned ones, as callbacks are, too.")
@click.option("--forward", metavar="URL", help="Pass on what was accepted, with its signature.")
@json_option
def listen(
    *,
    port: int,
    host: str,
    path: str,
    secrets: Sequence[str],
    jogg: bool,
    allow_unsigned: bool,
    forward: str | None,
    as_json: bool,
) -> None:
    """Print events as they come, until Ctrl-C or SIGTERM (exit code 0).

    Needs no API key. The vendors deliver to public https URLs: put a tunnel in front. What is
    refused is said on stderr, without the body.
    """
    source = JOGG if jogg else HEYGEN
    variable = "JOGG_WEBHOOK_SECRET" if jogg else "HEYGEN_WEBHOOK_SECRET"
    known = secrets or os.environ.get(variable, "").split()
    if not known and not allow_unsigned:
        raise click.UsageError(f"give --secret, set {variable}, or pass --allow-unsigned")
    if forward is not None and not is_http_url(forward):
        raise click.UsageError("--forward must be an http(s) URL with a host")
    listener = Listener(
        WebhookReceiver(NoClient(source.api), known, allow_unsigned=allow_unsigned),
        Forwarder(forward, source) if forward else None,
        as_json,
    )
    try:
        app = listener.app(path)
    except ValueError as error:
        raise click.UsageError(f"--path: {error}") from None
    _serve(app, host, port, path)


def _serve(app: web.Application, host: str, port: int, path: str) -> None:
    family, shown = (socket.AF_INET6, f"[{host}]") if ":" in host else (socket.AF_INET, host)
    try:
        server = socket.create_server((host, port), family=family)
    except OSError as error:
        raise click.UsageError(f"cannot listen: {error.strerror or error}") from None
    log = logging.getLogger("heygen_async.webhooks")
    log.addHandler(logging.StreamHandler())
    log.setLevel(logging.DEBUG)  # each refusal is shown: the person waits for one of them
    log.propagate = False  # shown here, and not again as a warning
    with server:
        click.echo(f"listening at http://{shown}:{server.getsockname()[1]}{path}", err=True)
        web.run_app(app, sock=server, print=None, access_log=None, shutdown_timeout=1.0)
