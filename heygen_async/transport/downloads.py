"""Files on their way down: whole or absent, resumed where they broke off."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import socket
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

import aiohttp
import attrs
from yarl import URL

from heygen_async.errors import DownloadError, InvalidRequestError
from heygen_async.protocol.addresses import is_public, read_address
from heygen_async.protocol.redact import redact
from heygen_async.protocol.retry import backoff_delay
from heygen_async.protocol.sniff import SORTS, sort_of, suffix_of
from heygen_async.transport.part_file import PartFile

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from heygen_async.models.policies import RetryPolicy
    from heygen_async.protocol.addresses import Address

logger = logging.getLogger("heygen_async.downloads")

MAX_BYTES = 4 * 1024**3
_CHUNK = 256 * 1024
_HEAD = 512
_CONNECT = 10.0
# At least 256 KiB in each minute, or all of a smaller file: a byte now and then keeps a
# connection, and the one who waits, for ever.
_STALL, _FLOOR = 60.0, 256 * 1024
# New attempts are earned by 1 MiB, or by 5 % of a smaller file: one that is cut off after each
# megabyte gets through, one that comes byte by byte ends after a bounded number of connections.
_STEP, _STEPS = 1024 * 1024, 20
_REDIRECTS = 5
_OK, _PARTIAL, _RANGE_REFUSED = 200, 206, 416
_MOVED = frozenset({301, 302, 303, 307, 308})
_EXPIRED = frozenset({401, 403, 404, 410})
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_STALL)


@attrs.frozen(kw_only=True)
class _Version:
    """What an answer says of its file: enough to know the same file again, or not."""

    etag: str | None
    modified: str | None
    total: int | None
    place: tuple[str, str]

    @property
    def proof(self) -> str | None:
        """What ``If-Range`` may carry: a strong ETag, or without any the time of the change."""
        if self.etag is None:
            return self.modified
        return self.etag if self.etag.startswith('"') else None

    def goes_on(self, first: _Version) -> bool:
        """Tell whether this is surely the file that came first."""
        if self.proof is None or self.proof != first.proof or self.total != first.total:
            return False
        # Two files of one second are of the same time: that proves only within one place.
        return self.etag is not None or self.place == first.place


@attrs.define(eq=False)
class _Download:
    """One file on its way through its attempts."""

    url: str | None
    part: PartFile
    renew: Callable[[], Awaitable[str | None]]
    expired: bool = False
    version: _Version | None = None
    have: int = 0
    furthest: int = 0

    async def restart(self) -> None:
        """Throw away what came, which is no part of what will come."""
        await asyncio.to_thread(self.part.restart)
        self.have, self.version = 0, None


class Downloader:
    """Saves result files; never sends the API key, which it does not know.

    ``open_to_all`` leaves out the check of where a URL leads.
    """

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        policy: RetryPolicy,
        *,
        max_bytes: int = MAX_BYTES,
        open_to_all: bool = False,
    ) -> None:
        if not isinstance(max_bytes, int) or max_bytes < 1:
            raise InvalidRequestError(
                f"max_download_bytes must be a whole number from 1, not {max_bytes!r}"
            )
        self._session = session
        self._policy = policy
        self._max_bytes = max_bytes
        self._open_to_all = open_to_all

    async def save(
        self, url: str | None, path: Path, *, renew: Callable[[], Awaitable[str | None]]
    ) -> Path:
        """Save what ``url`` gives under ``path`` and return it.

        ``renew`` fetches a fresh URL where the old one has expired or there is none yet. The file
        appears under its name only when it is complete. Raises ``DownloadError``.
        """
        part = PartFile(path)
        try:
            await asyncio.to_thread(part.open)
            await self._fetch(_Download(url, part, renew))
            await asyncio.to_thread(part.settle)
        except OSError as error:
            raise DownloadError(f"cannot save {path}: {error.strerror or error}") from None
        finally:
            # Shielded, for a second cancel must not keep the thread from being started.
            discarding = asyncio.get_running_loop().run_in_executor(None, part.discard)
            await asyncio.shield(discarding)
        return path

    async def _fetch(self, download: _Download) -> None:
        """Try until the file is whole; only progress in proportion buys new attempts."""
        attempts, mark, pause = 0, 0, 0.0
        while True:
            if download.url is None or download.expired:
                download.url, download.expired = await download.renew(), False
            attempts += 1
            problem = await self._attempt(download)
            if problem is None:
                return
            if download.furthest - mark >= _step(download.version):
                attempts, mark = 1, download.furthest
            if attempts >= self._policy.max_attempts:
                shown = redact(download.url or "no URL")
                raise DownloadError(f"{shown}: {problem} (after {attempts} attempts)")
            logger.info("download attempt %d failed: %s", attempts, problem)
            pause = backoff_delay(self._policy, attempts, random.random())  # noqa: S311
            # A fresh URL is tried at once, the first time.
            await asyncio.sleep(0.0 if download.expired and attempts == 1 else pause)

    async def _attempt(self, download: _Download) -> str | None:
        """Fetch what is missing; return what went wrong, or None when the file is whole.

        Raises ``DownloadError`` for what another attempt would not mend.
        """
        if download.url is None:
            return "the result has no URL yet"
        headers = {"Accept-Encoding": "identity"}
        if download.have:
            version = download.version
            if version is None or version.proof is None or version.total is None:
                await download.restart()  # what comes now may be another file
            else:
                headers |= {"Range": f"bytes={download.have}-", "If-Range": version.proof}
        try:
            async with asyncio.timeout(_STALL) as scope:
                response, address = await self._open(download.url, headers)
                async with response:
                    if "Location" in response.headers and response.status in _MOVED:
                        return f"more than {_REDIRECTS} redirects"
                    return await self._receive(response, address, download, scope)
        except TimeoutError:
            return "the file server is too slow"
        except (aiohttp.ClientError, ConnectionError) as error:
            return f"the connection broke: {type(error).__name__}"

    async def _open(
        self, url: str, headers: dict[str, str]
    ) -> tuple[aiohttp.ClientResponse, Address]:
        """Ask for a file, by way of redirects; each is checked, and asked as it is written."""
        address = self._check(url)
        for left in range(_REDIRECTS, -1, -1):
            response = await self._request(address, headers)
            location = response.headers.get("Location")
            if response.status not in _MOVED or location is None or not left:
                break
            response.close()
            address = self._check(location, address)
        return response, address

    def _check(self, url: str, base: Address | None = None) -> Address:
        """Return where a URL leads, unless nothing may be fetched from there."""
        try:
            address = read_address(url, base)
        except ValueError as error:
            raise DownloadError(f"{redact(url)}: the URL of the file {error}") from None
        if not self._open_to_all:
            if address.scheme != "https":
                raise DownloadError(f"{redact(url)}: files are fetched by https only")
            if address.is_ip:
                _refuse_private(address, [address.host])
        return address

    async def _request(self, address: Address, headers: dict[str, str]) -> aiohttp.ClientResponse:
        """Send one request, to the very IP address that was checked.

        A name that is looked up again for the connection may be answered otherwise then. Through
        a proxy it is the proxy that looks up, and its rules that hold.
        """
        session = self._session()
        ips: Sequence[str | None] = [None]
        if not (self._open_to_all or address.is_ip or _is_proxied(session, address)):
            ips = await _look_up(address)
            headers = headers | {"Host": address.netloc}
        for left, ip in enumerate(ips, 1 - len(ips)):
            try:
                return await session.get(
                    URL(address.url if ip is None else address.at(ip), encoded=True),
                    headers=headers,
                    # TLS is spoken with the name, wherever it was found.
                    server_hostname=None if ip is None else address.host,
                    timeout=_TIMEOUT,
                    # Said for each request, whatever a lent session does by default.
                    allow_redirects=False,
                    raise_for_status=False,
                    auto_decompress=False,
                )
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                if not left:
                    raise
        raise AssertionError("there is always an address")

    async def _receive(
        self,
        response: aiohttp.ClientResponse,
        address: Address,
        download: _Download,
        scope: asyncio.Timeout,
    ) -> str | None:
        if response.status in _EXPIRED:
            download.expired = True
            return f"the URL has expired ({response.status})"
        if response.status not in (_OK, _PARTIAL):
            if response.status == _RANGE_REFUSED:
                await download.restart()
            return f"the file server answered {response.status}"
        start, version = _read_head(response, address)
        first = download.version
        if response.status == _PARTIAL and (first is None or not version.goes_on(first)):
            await download.restart()
            return "the file has changed on the server"
        if response.status == _OK:
            if download.have:
                await download.restart()
            download.version = version
        if start != download.have:
            await download.restart()
            return "the file server sent another range than was asked for"
        if version.total is not None and version.total > self._max_bytes:
            raise self._too_large(download)
        await self._read_body(response, download, scope)
        if version.total is not None and download.have != version.total:
            return f"{download.have} of {version.total} bytes arrived"
        return await _check_sort(download)

    async def _read_body(
        self, response: aiohttp.ClientResponse, download: _Download, scope: asyncio.Timeout
    ) -> None:
        arrived, start = 0, download.have
        async for chunk in response.content.iter_chunked(_CHUNK):
            # Not before the first bytes are at hand: aiohttp drops those that wait when the
            # connection breaks.
            if download.have == start:
                await _check_room(download)
            if download.have + len(chunk) > self._max_bytes:
                raise self._too_large(download)
            await asyncio.to_thread(download.part.write, chunk)
            download.have += len(chunk)
            download.furthest = max(download.furthest, download.have)
            arrived += len(chunk)
            if arrived >= _FLOOR:
                arrived = 0
                scope.reschedule(asyncio.get_running_loop().time() + _STALL)

    def _too_large(self, download: _Download) -> DownloadError:
        return DownloadError(
            f"{redact(download.url or '')}: the file has more than "
            f"max_download_bytes={self._max_bytes:,} bytes"
        )


def _step(version: _Version | None) -> int:
    """Return how many further bytes buy new attempts."""
    if version is None or version.total is None:
        return _STEP
    return max(1, min(_STEP, version.total // _STEPS))


def _read_head(response: aiohttp.ClientResponse, address: Address) -> tuple[int, _Version]:
    """Return where the body starts in its file, and which version of the file it is of."""
    start, total = 0, response.content_length
    if response.status == _PARTIAL:
        spans = re.fullmatch(
            r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("Content-Range", ""), re.ASCII
        )
        start, total = (int(spans[1]), int(spans[3])) if spans else (-1, None)
    return start, _Version(
        etag=response.headers.get("ETag"),
        modified=response.headers.get("Last-Modified"),
        total=total,
        place=(address.netloc, address.target.partition("?")[0]),
    )


async def _check_room(download: _Download) -> None:
    """Refuse a file that the disk has no room for, before it is full."""
    total = download.version.total if download.version is not None else None
    free = await asyncio.to_thread(download.part.free)
    if total is not None and total - download.have > free:
        raise DownloadError(
            f"{redact(download.url or '')}: {total - download.have:,} bytes are to come, "
            f"the disk has room for {free:,}"
        )


async def _check_sort(download: _Download) -> str | None:
    """Tell whether the file is of the sort that its URL promises; a page of an error is not."""
    found = sort_of(await asyncio.to_thread(download.part.head, _HEAD))
    promised = SORTS.get(suffix_of(download.url or ""))
    if found is not None and promised in (found, None):
        return None
    empty = not download.have
    await download.restart()
    if empty:
        return "the file is empty"
    return f"by its first bytes it is no {promised or 'media'} file"


async def _look_up(address: Address) -> Sequence[str]:
    """Return the IP addresses of a name, all of them public."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
    except OSError as error:
        raise aiohttp.ClientConnectionError(f"no such host: {error}") from None
    ips = list(dict.fromkeys(str(where[0]) for *_, where in found))
    _refuse_private(address, ips)
    return ips


def _refuse_private(address: Address, ips: Sequence[str]) -> None:
    # A result that leads into one's own network (a router, a cloud's metadata) would be fetched
    # with the rights of this machine.
    if not all(is_public(ip) for ip in ips):
        raise DownloadError(
            f"{redact(address.url)}: it leads to a private address; "
            "if that is right, set allow_private_hosts=True"
        )


def _is_proxied(session: aiohttp.ClientSession, address: Address) -> bool:
    """Tell whether the session goes through a proxy, by its own setting or the environment's."""
    if getattr(session, "_default_proxy", None) is not None:
        return True
    if not session.trust_env:
        return False
    return address.scheme in getproxies() and not proxy_bypass(address.host)
