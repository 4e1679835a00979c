"""``heygen-async doctor``: what may be wrong on the way to the vendor, and what to do."""

from __future__ import annotations

import asyncio
import importlib.metadata
import itertools
import json
import os
import platform
import shutil
import ssl
import time
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import attrs
import click

from heygen_async import (
    AuthenticationError,
    HeyGen,
    HeyGenError,
    InvalidRequestError,
    ItemState,
    JoggAI,
    RetryPolicy,
    __version__,
)
from heygen_async.cli.options import base_url_option, jogg_option, one_line, printable
from heygen_async.cli.place import VARIABLE, LedgerPlace, LedgerPlaceType, ledger_place
from heygen_async.client.settings import find_key, find_url
from heygen_async.protocol.addresses import is_local
from heygen_async.protocol.deliveries import TOLERANCE
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG
from heygen_async.protocol.redact import redact_text
from heygen_async.protocol.vendors import Vendor

if TYPE_CHECKING:
    from collections.abc import Awaitable

PATIENCE = 10.0
"""Seconds that a request may take."""

LONGEST = 30.0
"""Seconds that a check may take."""

MOST_SKEW = 60.0
"""Seconds that the clock may be off; an event's signature counts for ``TOLERANCE`` only."""

LEAST_ROOM = 1 << 30
"""Bytes that should be free where films go."""

MOST_ENDPOINTS = 5
"""How many webhook endpoints are asked whether they answer."""

FILE_HOSTS = {
    "HeyGen": ("files.heygen.ai", "resource2.heygen.ai"),
    "JoggAI": ("res.jogg.ai", "files2.jogg.ai"),
}
"""Where results come from, as the vendors' documents have it."""

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Verdict(StrEnum):
    """How a check went."""

    OK = "ok"
    NOTE = "note"  # worth knowing
    WRONG = "wrong"


def _public(text: object) -> str:
    """Return a text on one line, without the query of any URL in it."""
    return printable(redact_text(one_line(text)))


@attrs.frozen(kw_only=True)
class Finding:
    """What a check found: no key, no mail address, no URL beyond its host.

    ``cure`` says what to do.
    """

    check: str
    verdict: Verdict
    told: str = attrs.field(converter=_public)
    cure: str | None = None


def ok(check: str, told: str) -> Finding:
    """Return that all is well."""
    return Finding(check=check, verdict=Verdict.OK, told=told)


def note(check: str, told: str, cure: str | None = None) -> Finding:
    """Return what is worth knowing and may well be meant."""
    return Finding(check=check, verdict=Verdict.NOTE, told=told, cure=cure)


def wrong(check: str, told: str, cure: str) -> Finding:
    """Return what is wrong, and what to do about it."""
    return Finding(check=check, verdict=Verdict.WRONG, told=told, cure=cure)


@click.command()
@jogg_option
@base_url_option
@click.option(
    "--ledger",
    type=LedgerPlaceType(),
    envvar=VARIABLE,
    show_envvar=True,
    help="A ledger to compare with its checksums: a file, or a postgresql:// URL.",
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Where films are to go; the current one by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(
    *, jogg: bool, base_url: str | None, ledger: LedgerPlace | None, folder: Path, as_json: bool
) -> None:
    """Check key, account, network, clock, webhooks and disk; exit code 1 if something is wrong.

    Nothing is paid for. What it prints holds no key, no mail address and of URLs only the host, so
    that it can be pasted into an issue.
    """
    examination = Examination(
        vendor=JOGG if jogg else HEYGEN, base_url=base_url, ledger=ledger, folder=folder
    )
    findings = asyncio.run(examination.findings())
    healthy = all(finding.verdict is not Verdict.WRONG for finding in findings)
    if as_json:
        told = [attrs.asdict(finding) for finding in findings]
        click.echo(json.dumps({"ok": healthy, "findings": told}))
    else:
        for finding in findings:
            click.echo(f"{finding.verdict:5}  {finding.check:8}  {finding.told}")
            if finding.cure:
                click.echo(f"{'':17}{finding.cure}")
    click.get_current_context().exit(0 if healthy else 1)


@attrs.frozen(kw_only=True)
class Examination:
    """All checks, each bounded in time; one that fails does not stop the others."""

    vendor: Vendor
    base_url: str | None
    ledger: LedgerPlace | None = attrs.field(converter=attrs.converters.optional(ledger_place))
    folder: Path

    async def findings(self) -> list[Finding]:
        """Return what was found, in the order of the checks."""
        found = [versions(), environment()]
        try:
            url = find_url(self.vendor, self.base_url)
        except InvalidRequestError:  # its message repeats a URL that may hold anything
            named = f"{self.vendor.url_variable} or --base-url is no http(s) URL"
            return [*found, wrong("server", named, f"Leave it out for {self.vendor.base_url}.")]
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as web:
            checks: dict[str, Awaitable[list[Finding]]] = {
                "server": _server(web, url),
                "files": self._file_hosts(web, url),
                "account": self._account(web),
                "disk": asyncio.to_thread(room, self.folder),
            }
            if self.ledger is not None:
                checks["ledger"] = health(self.ledger)
            told = await asyncio.gather(*(_bounded(name, run) for name, run in checks.items()))
        return [*found, *itertools.chain(*told)]

    async def _file_hosts(self, web: aiohttp.ClientSession, url: str) -> list[Finding]:
        if is_local(url):
            return [note("files", "the server is a local one, which has its files itself")]
        urls = [f"https://{host}/" for host in FILE_HOSTS[self.vendor.api]]
        return await asyncio.gather(*(_reach("files", web, each) for each in urls))

    async def _account(self, web: aiohttp.ClientSession) -> list[Finding]:
        """Use the key: whose it is, what is left, and which endpoints there are."""
        variable = self.vendor.key_variable
        try:
            find_key(self.vendor, None)
        except InvalidRequestError as error:
            told = str(error) if os.environ.get(variable) else f"{variable} is not set"
            return [wrong("key", told, f"Set {variable} to the key of your account.")]
        options: Any = {"base_url": self.base_url, "timeout": PATIENCE}
        client = (HeyGen if self.vendor is HEYGEN else JoggAI)(
            retry=RetryPolicy(max_attempts=2), **options
        )
        async with client:
            try:
                account = await _account_of(client)
            except AuthenticationError as error:
                cure = f"Copy the key from the vendor's settings once more into {variable}."
                return [wrong("key", str(error), cure)]
            found = [ok("key", f"{variable} is set, and the server takes it"), account]
            try:
                endpoints = [each async for each in client.webhooks.endpoints.list()]
            except HeyGenError as error:
                return [*found, note("webhook", f"endpoints cannot be listed: {error}")]
        if not endpoints:
            told = "no endpoint is registered: waits end by looking, which is enough"
            return [*found, note("webhook", told)]
        rest = len(endpoints) - MOST_ENDPOINTS
        asked = [_endpoint(web, each.url, each.status) for each in endpoints[:MOST_ENDPOINTS]]
        found += await asyncio.gather(*asked)
        return [*found, *([note("webhook", f"{rest} more were not asked")] if rest > 0 else [])]


async def _server(web: aiohttp.ClientSession, url: str) -> list[Finding]:
    """Ask the API's host anything, without the key, and look at its clock."""
    try:
        async with web.get(url, allow_redirects=False) as answer:
            date, now = answer.headers.get("Date"), time.time()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return [_unreachable("server", url, error)]
    return [ok("server", f"{_place(url)} answers"), clock(date, now)]


async def _endpoint(web: aiohttp.ClientSession, url: str, status: str | None) -> Finding:
    if status == "disabled":
        return note("webhook", f"{_place(url)} is disabled")
    return await _reach("webhook", web, url)


async def _reach(check: str, web: aiohttp.ClientSession, url: str) -> Finding:
    """Tell whether a server answers at all, whatever it says."""
    try:
        async with web.head(url, allow_redirects=False) as answer:
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return _unreachable(check, url, error)
    if check == "webhook" and status >= 500 and status != 501:  # noqa: PLR2004 - HEAD may be unknown
        cure = "Look at the server's log; the vendor tries again for a while."
        return wrong(check, f"{_place(url)} answers {status}", cure)
    return ok(check, f"{_place(url)} answers ({status} to HEAD)")


def versions() -> Finding:
    """Tell what is installed."""
    libraries = (f"{name} {importlib.metadata.version(name)}" for name in ("aiohttp", "attrs"))
    parts = (
        f"heygen-async {__version__}",
        f"Python {platform.python_version()}",
        f"{platform.system()} {platform.machine()}",
        *libraries,
        ssl.OPENSSL_VERSION,
    )
    return ok("versions", ", ".join(parts))


def environment() -> Finding:
    """Tell which variables of the network are set; of a proxy, its host alone."""
    told = []
    for name in VARIABLES:
        value = os.environ.get(name) or os.environ.get(name.lower())
        if value:
            host = _host(value) if name.endswith("PROXY") and name != "NO_PROXY" else None
            told.append(f"{name} ({host})" if host else name)
    if not told:
        return ok("proxy", "no variable of a proxy or of certificates is set")
    return note("proxy", f"set: {', '.join(told)}")


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    return f"{parts.hostname}{port}" if parts.hostname else None


def _place(url: str) -> str:
    """Return scheme and host of a URL: its path may be a secret as well as its query."""
    return f"{urlsplit(url).scheme}://{_host(url)}"


def clock(date: str | None, now: float) -> Finding:
    """Compare the clock of this machine with the ``Date`` of an answer."""
    try:
        skew = now - parsedate_to_datetime(date or "").timestamp()
    except ValueError:
        return note("clock", "the server does not tell its time")
    told = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the server's"
    if abs(skew) <= MOST_SKEW:
        return ok("clock", told)
    cure = (
        f"Set the clock (NTP): signatures of events count for {TOLERANCE:.0f} s only, and a "
        "ledger goes by it."
    )
    return wrong("clock", told, cure)


def room(folder: Path) -> list[Finding]:
    """Tell how much room there is for films; it looks at the disk: call it in a thread."""
    free = shutil.disk_usage(folder).free
    told = f"{free / 1e9:,.1f} GB are free"
    if not os.access(folder, os.W_OK):
        return [wrong("disk", f"{told}, but the folder cannot be written", "Choose another.")]
    if free < LEAST_ROOM:
        return [wrong("disk", told, "Make room: a film may have hundreds of megabytes.")]
    return [ok("disk", told)]


async def health(place: LedgerPlace) -> list[Finding]:
    """Compare a ledger with its checksums, and tell what it says; of a server, who is there."""
    async with place.open(read_only=True) as ledger:
        await ledger.check()
        counts, crew = await ledger.counts(), await ledger.crew()
    told = ", ".join(f"{number} {state}" for state, number in counts.items()) or "no items"
    found = [ok("ledger", f"whole: {told}")]
    if counts.get(ItemState.UNCERTAIN):
        cure = "Look for the uncertain ones in the vendor's list, then batch retry --uncertain."
        found = [note("ledger", f"whole: {told}", cure)]
    if crew is not None:
        told = (
            f"PostgreSQL {crew.server}, schema {crew.schema}, "
            f"{len(crew.workers)} other processes at work"
        )
        cure = "Grant its user what a run needs, or name the primary and no replica."
        seen = ok("ledger", told)
        if not crew.writable:
            seen = wrong("ledger", f"{told}; it cannot be written", cure)
        found.append(seen)
    return found


async def _bounded(name: str, check: Awaitable[list[Finding]]) -> list[Finding]:
    try:
        return await asyncio.wait_for(check, LONGEST)
    except TimeoutError:
        told = f"no end within {LONGEST:.0f} s"
        return [wrong(name, told, "Look at the network, and whether a proxy or a disk hangs.")]
    except (HeyGenError, OSError) as error:
        return [wrong(name, str(error), "Do as the message says; the other lines may say why.")]


def _unreachable(check: str, url: str, error: Exception) -> Finding:
    reason = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        reason = "its name is not known"
    elif isinstance(error, aiohttp.ClientConnectorError) and error.os_error.errno:
        reason = os.strerror(error.os_error.errno)
    told = f"{_place(url)} cannot be reached: {reason}"
    if check == "webhook":
        return wrong(check, told, "Start its server, or delete the endpoint: events are lost.")
    cure = "Look at the network, the firewall and the proxy: the host has to be reachable."
    # Where files come from is known from examples only.
    return (note if check == "files" else wrong)(check, told, cure)


async def _account_of(client: HeyGen | JoggAI) -> Finding:
    """Tell whose key it is, masked, and what is left to spend."""
    if isinstance(client, JoggAI):
        name, balance = (await client.users.whoami()).username, await client.balance()
    else:
        user = await client.users.me()
        name, balance = user.username, user.balance
    told = f"{masked(name)}: {'a balance is not told' if balance is None else balance}"
    if balance is not None and balance.amount <= 0:
        return wrong("account", told, "Top up the account: a submission would be refused.")
    return ok("account", told)


def masked(name: str) -> str:
    """Return so much of a name that its owner knows it."""
    return f"{name[:2]}…" if name else "no name"
