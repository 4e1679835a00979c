"""Files on their way down: whole or absent, resumed where they broke off."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import re
import shutil
import socket
import threading
import uuid
from typing import IO, TYPE_CHECKING

import aiohttp
import attrs
import backoff
from yarl import URL

from heygen_async.errors import DownloadError, InvalidRequestError
from heygen_async.models.policies import RetryPolicy
from heygen_async.protocol.addresses import is_public, read_address
from heygen_async.protocol.redact import redact
from heygen_async.protocol.retry import backoff_delay
from heygen_async.protocol.sniff import SORTS, sort_of, suffix_of
from heygen_async.transport.session import Session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

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


class PartFile:
    """A file under a temporary name, which gets its own when it is whole.

    Its methods block, so they are called in threads. A thread cannot be cancelled: after
    ``discard`` one that comes late finds no file, and makes none; the lock is for that.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        # Short, for the name of the target may be as long as the disk allows.
        self._path = target.with_name(f".{target.name[:40]}.{uuid.uuid4().hex[:8]}.part")
        self._file: IO[bytes] | None = None
        self._discarded = False
        self._lock = threading.Lock()

    def open(self) -> None:
        """Make the file; raises ``OSError``."""
        with self._lock:
            if not self._discarded:
                try:
                    self._file = self._path.open("x+b")
                except ValueError as error:  # a name that no disk takes
                    raise OSError(str(error)) from None

    def free(self) -> int:
        """Return how many bytes the disk has room for."""
        return shutil.disk_usage(self._target.parent).free

    def write(self, chunk: bytes) -> None:
        """Add ``chunk``."""
        with self._lock:
            if self._file is not None:
                self._file.write(chunk)

    def restart(self) -> None:
        """Throw away what was written."""
        with self._lock:
            if self._file is not None:
                self._file.seek(0)
                self._file.truncate()

    def settle(self) -> None:
        """Give the file its name."""
        with self._lock:
            if self._file is not None:
                self._file.flush()
                with contextlib.suppress(OSError):  # some disks cannot; the rename still is atomic
                    os.fsync(self._file.fileno())
                self._file.close()
                self._path.replace(self._target)

    def discard(self) -> None:
        """Leave nothing but what has its name."""
        with self._lock:
            self._discarded = True
            if self._file is not None:
                with contextlib.suppress(OSError):  # what did not fit is not wanted any more
                    self._file.close()
                with contextlib.suppress(OSError):
                    self._path.unlink(missing_ok=True)
                self._file = None


@attrs.frozen
class Downloader:
    """Saves result files; never sends the API key, which it does not know.

    ``open_to_all`` leaves out the check of where a URL leads.
    """

    session: Session
    policy: RetryPolicy
    max_bytes: int = attrs.field(default=MAX_BYTES, kw_only=True)
    open_to_all: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.max_bytes, int) or self.max_bytes < 1:
            raise InvalidRequestError(
                f"max_download_bytes must be a whole number from 1, not {self.max_bytes!r}"
            )

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
            await _Download(self, url, renew, part).run()
            await asyncio.to_thread(part.settle)
        except OSError as error:
            raise DownloadError(f"cannot save {path}: {error.strerror or error}") from None
        finally:
            # Shielded, for a second cancel must not keep the thread from being started.
            discarding = asyncio.get_running_loop().run_in_executor(None, part.discard)
            await asyncio.shield(discarding)
        return path


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
    """One file on its way through its attempts. Nobody else writes its fields.

    ``have`` bytes of ``version`` are in ``part``, ``head`` are the first of them; ``furthest`` is
    how many there ever were, ``mark`` how many when the attempts began to count anew. ``delay``
    says when the next attempt is due, in seconds.
    """

    by: Downloader
    url: str | None
    renew: Callable[[], Awaitable[str | None]]
    part: PartFile
    expired: bool = False
    version: _Version | None = None
    have: int = 0
    head: bytes = b""
    furthest: int = 0
    mark: int = 0
    attempts: int = 0
    delay: float = 0.0

    async def run(self) -> None:
        """Make one attempt after the other, as long as one says when the next is due."""
        waits = backoff.runtime(value=lambda download: download.delay)  # with its jitter
        next(waits)
        while await self._attempt():
            wait = waits.send(self)
            await asyncio.sleep(wait)

    async def _attempt(self) -> bool:
        """Try to fetch what is missing; return whether to try again.

        Only progress in proportion buys new attempts. Raises ``DownloadError``.
        """
        if self.url is None or self.expired:
            self.url, self.expired = await self.renew(), False
        self.attempts += 1
        problem = await self._fetch()
        if problem is None:
            return False
        total = self.version.total if self.version is not None else None
        step = _STEP if total is None else max(1, min(_STEP, total // _STEPS))
        if self.furthest - self.mark >= step:
            self.attempts, self.mark = 1, self.furthest
        if self.attempts >= self.by.policy.max_attempts:
            raise self._error(f"{problem} (after {self.attempts} attempts)")
        logger.info("download attempt %d failed: %s", self.attempts, problem)
        jitter = random.random()  # noqa: S311 - no secret
        # A fresh URL is tried at once, the first time.
        at_once = self.expired and self.attempts == 1
        self.delay = 0.0 if at_once else backoff_delay(self.by.policy, self.attempts, jitter)
        return True

    async def _fetch(self) -> str | None:
        """Fetch what is missing; return what went wrong, or None when the file is whole.

        Raises ``DownloadError`` for what another attempt would not mend.
        """
        if self.url is None:
            return "the result has no URL yet"
        headers = {"Accept-Encoding": "identity"}  # what is packed has no length to check
        if self.have:
            version = self.version
            if version is None or version.proof is None or version.total is None:
                await self._restart()  # what comes now may be another file
            else:
                headers |= {"Range": f"bytes={self.have}-", "If-Range": version.proof}
        try:
            async with asyncio.timeout(_STALL) as stall:
                response, address = await self._open(self.url, headers)
                async with response:
                    if "Location" in response.headers and response.status in _MOVED:
                        return f"more than {_REDIRECTS} redirects"
                    return await self._receive(response, address, stall)
        except TimeoutError:
            return "the file server is too slow"
        except (aiohttp.ClientError, ConnectionError) as error:
            return f"the connection broke: {type(error).__name__}"

    async def _open(
        self, url: str, headers: dict[str, str]
    ) -> tuple[aiohttp.ClientResponse, Address]:
        """Ask for a file, by way of redirects; each is checked, and asked as it is written."""
        address: Address | None = None
        for left in range(_REDIRECTS, -1, -1):
            try:
                address = read_address(url, address)
            except ValueError as error:
                raise DownloadError(f"{redact(url)}: the URL of the file {error}") from None
            if not self.by.open_to_all:
                if address.scheme != "https":
                    raise DownloadError(f"{redact(url)}: files are fetched by https only")
                if address.is_ip:
                    _refuse_private(address, [address.host])
            response = await self._request(address, headers)
            location = response.headers.get("Location")
            if response.status not in _MOVED or location is None or not left:
                return response, address
            response.close()
            url = location
        raise AssertionError("the last redirect is returned")

    async def _request(self, address: Address, headers: dict[str, str]) -> aiohttp.ClientResponse:
        """Send one request, to the very IP address that was checked.

        A name that is looked up again for the connection may be answered otherwise then. Through
        a proxy it is the proxy that looks up, and its rules that hold.
        """
        session, ips = self.by.session, list[str | None]([None])
        is_proxied = session.is_proxied(address.scheme, address.host)
        if not (self.by.open_to_all or address.is_ip or is_proxied):
            ips = [*await _look_up(address)]
            headers = headers | {"Host": address.netloc}
        for left, ip in enumerate(ips, 1 - len(ips)):
            try:
                return await session.request(
                    "GET",
                    URL(address.url if ip is None else address.at(ip), encoded=True),
                    headers=headers,
                    # By the name: the rules for proxies are for names.
                    proxy=session.proxy_for(address.scheme, address.host),
                    # TLS is spoken with the name, wherever it was found.
                    server_hostname=None if ip is None else address.host,
                    timeout=_TIMEOUT,
                    auto_decompress=False,
                )
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                if not left:
                    raise
        raise AssertionError("there is always an address")

    async def _receive(
        self, response: aiohttp.ClientResponse, address: Address, stall: asyncio.Timeout
    ) -> str | None:
        """Write what arrives; return what was wrong with it, or None when the file is whole."""
        problem = await self._judge(response, address)
        if problem is not None:
            return problem
        total = self.version.total if self.version is not None else None
        arrived, start = 0, self.have
        async for chunk in response.content.iter_chunked(_CHUNK):
            # Not before the first bytes are at hand: aiohttp drops those that wait when the
            # connection breaks.
            if self.have == start and total is not None:
                free = await asyncio.to_thread(self.part.free)
                if total - start > free:
                    raise self._error(
                        f"{total - start:,} bytes are to come, the disk has room for {free:,}"
                    )
            if self.have + len(chunk) > self.by.max_bytes:
                raise self._too_large()
            await asyncio.to_thread(self.part.write, chunk)
            self.head += chunk[: _HEAD - len(self.head)]
            self.have += len(chunk)
            self.furthest = max(self.furthest, self.have)
            arrived += len(chunk)
            if arrived >= _FLOOR:
                arrived = 0
                stall.reschedule(asyncio.get_running_loop().time() + _STALL)
        if total is not None and self.have != total:
            return f"{self.have} of {total} bytes arrived"
        found, promised = sort_of(self.head), SORTS.get(suffix_of(self.url or ""))
        if found is not None and promised in (found, None):
            return None
        wrong = f"by its first bytes it is no {promised or 'media'} file"  # an error's page, say
        problem = wrong if self.have else "the file is empty"
        await self._restart()
        return problem

    async def _judge(self, response: aiohttp.ClientResponse, address: Address) -> str | None:
        """Return what is wrong with an answer by its head, or None if its body may be added."""
        if response.status in _EXPIRED:
            self.expired = True
            return f"the URL has expired ({response.status})"
        if response.status not in (_OK, _PARTIAL):
            if response.status == _RANGE_REFUSED:
                await self._restart()
            return f"the file server answered {response.status}"
        start, total, first = 0, response.content_length, self.version
        if response.status == _PARTIAL:
            said = response.headers.get("Content-Range", "")
            spans = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", said, re.ASCII)
            start, total = (int(spans[1]), int(spans[3])) if spans else (-1, None)
        version = _Version(
            etag=response.headers.get("ETag"),
            modified=response.headers.get("Last-Modified"),
            total=total,
            place=(address.netloc, address.target.partition("?")[0]),
        )
        if response.status == _PARTIAL and (first is None or not version.goes_on(first)):
            await self._restart()
            return "the file has changed on the server"
        if response.status == _OK:
            if self.have:
                await self._restart()
            self.version = version
        if start != self.have:
            await self._restart()
            return "the file server sent another range than was asked for"
        if total is not None and total > self.by.max_bytes:
            raise self._too_large()
        return None

    async def _restart(self) -> None:
        """Throw away what came, which is no part of what will come."""
        await asyncio.to_thread(self.part.restart)
        self.have, self.head, self.version = 0, b"", None

    def _error(self, problem: str) -> DownloadError:
        return DownloadError(f"{redact(self.url or 'no URL')}: {problem}")

    def _too_large(self) -> DownloadError:
        return self._error(f"the file has more than max_download_bytes={self.by.max_bytes:,} bytes")


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
