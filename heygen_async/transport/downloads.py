"""Files on their way down: whole or absent, resumed where they broke off."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import re
import uuid
from typing import IO, TYPE_CHECKING

import aiohttp
import attrs

from heygen_async.errors import DownloadError
from heygen_async.protocol.redact import redact
from heygen_async.protocol.retry import backoff_delay
from heygen_async.transport.repeat import repeat

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from heygen_async.models.policies import RetryPolicy

logger = logging.getLogger("heygen_async.downloads")

_CHUNK = 256 * 1024
_STALL = 60.0
_OK, _PARTIAL, _RANGE_REFUSED = 200, 206, 416
_EXPIRED = frozenset({401, 403, 404, 410})


@attrs.define(eq=False)
class _Download:
    """One file on its way through its attempts."""

    url: str | None
    file: IO[bytes]
    renew: Callable[[], Awaitable[str | None]]
    attempts: int = 0
    have: int = 0
    furthest: int = 0
    etag: str | None = None
    problem: str | None = None
    expired: bool = False
    delay: float | None = None


class Downloader:
    """Saves result files; never sends the API key, which it does not know."""

    def __init__(self, session: Callable[[], aiohttp.ClientSession], policy: RetryPolicy) -> None:
        self._session = session
        self._policy = policy

    async def save(
        self, url: str | None, path: Path, *, renew: Callable[[], Awaitable[str | None]]
    ) -> Path:
        """Save what ``url`` gives under ``path`` and return it.

        ``renew`` fetches a fresh URL where the old one has expired or there is none yet. The file
        appears under its name only when it is complete. Raises ``DownloadError``.
        """
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
        try:
            file = await asyncio.to_thread(part.open, "xb")
            try:
                await self._fetch(_Download(url, file, renew))
                await asyncio.to_thread(_settle, file)
            finally:
                await asyncio.to_thread(file.close)
            await asyncio.to_thread(part.replace, path)
        except OSError as error:
            raise DownloadError(f"cannot save {path}: {error.strerror or error}") from None
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return path

    async def _fetch(self, download: _Download) -> None:
        await repeat(self._attempt)(download)
        if download.problem is not None:
            raise DownloadError(
                f"{redact(download.url or 'no URL')}: {download.problem} "
                f"(after {download.attempts} attempts)"
            )

    async def _attempt(self, download: _Download) -> _Download:
        """Try once; a URL that has expired is replaced first, and progress buys new attempts."""
        if download.url is None or download.expired:
            download.url, download.expired = await download.renew(), False
        before = download.furthest
        download.attempts += 1
        download.problem = await self._once(download)
        if download.furthest > before:
            download.attempts = 1
        download.delay = self._delay(download)
        return download

    async def _once(self, download: _Download) -> str | None:
        """Fetch what is missing; return what went wrong, or None when the file is whole."""
        if download.url is None:
            return "the result has no URL yet"
        headers = {"Accept-Encoding": "identity"}
        if download.have:
            headers["Range"] = f"bytes={download.have}-"
            if download.etag:
                headers["If-Range"] = download.etag
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_STALL, sock_read=_STALL)
        try:
            async with self._session().get(
                download.url, headers=headers, timeout=timeout
            ) as response:
                return await self._receive(response, download)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            return f"the connection broke: {type(error).__name__}"

    async def _receive(self, response: aiohttp.ClientResponse, download: _Download) -> str | None:
        if response.status in _EXPIRED:
            download.expired = True
            return f"the URL has expired ({response.status})"
        if response.status not in (_OK, _PARTIAL):
            if response.status == _RANGE_REFUSED:
                await self._restart(download)
            return f"the file server answered {response.status}"
        start = _range_start(response)
        if start != download.have:
            await self._restart(download)
            if start != 0:
                return "the file server sent another range than was asked for"
        download.etag = response.headers.get("ETag")
        expected = None if response.content_length is None else start + response.content_length
        async for chunk in response.content.iter_chunked(_CHUNK):
            await asyncio.to_thread(download.file.write, chunk)
            download.have += len(chunk)
            download.furthest = max(download.furthest, download.have)
        if expected is not None and download.have != expected:
            return f"{download.have} of {expected} bytes arrived"
        return None if download.have else "the file is empty"

    async def _restart(self, download: _Download) -> None:
        await asyncio.to_thread(download.file.seek, 0)
        await asyncio.to_thread(download.file.truncate)
        download.have = 0
        download.etag = None

    def _delay(self, download: _Download) -> float | None:
        """Return when to try again, or None; a fresh URL is tried at once the first time."""
        if download.problem is None or download.attempts >= self._policy.max_attempts:
            return None
        logger.info("download attempt %d failed: %s", download.attempts, download.problem)
        if download.expired and download.attempts == 1:
            return 0.0
        return backoff_delay(self._policy, download.attempts, random.random())  # noqa: S311


def _range_start(response: aiohttp.ClientResponse) -> int:
    if response.status != _PARTIAL:
        return 0
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else -1


def _settle(file: IO[bytes]) -> None:
    file.flush()
    with contextlib.suppress(OSError):  # some file systems cannot; the rename still is atomic
        os.fsync(file.fileno())
