"""Files on their way up: checked first, streamed from disk, each sent once per client."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import aiohttp

from heygen_async.errors import InvalidRequestError
from heygen_async.models.media import Asset, AssetId
from heygen_async.protocol.local_media import HEAD_SIZE, check_media, local_media, with_assets
from heygen_async.protocol.request import Request, Upload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Hashable

S = TypeVar("S")

MAX_UPLOAD = 32 * 1024 * 1024


@contextlib.asynccontextmanager
async def multipart(upload: Upload) -> AsyncIterator[aiohttp.FormData]:
    """Give the form that sends ``upload``; a file is read while it goes out, then closed."""
    content = upload.content
    try:
        body = (
            content if isinstance(content, bytes) else await asyncio.to_thread(content.open, "rb")
        )
    except OSError as error:
        raise _unreadable(content, error) from None
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", body, filename=upload.filename, content_type=upload.content_type)
    try:
        yield form
    finally:
        if not isinstance(body, bytes):
            await asyncio.to_thread(body.close)


class Uploader:
    """Turns the local media of specs into assets, each file once."""

    def __init__(
        self,
        send: Callable[[Request[Asset]], Awaitable[Asset]],
        upload_request: Callable[[Upload], Request[Asset]],
    ) -> None:
        self._send = send
        self._upload_request = upload_request
        self._assets: dict[Hashable, Asset] = {}
        self._locks: dict[Hashable, asyncio.Lock] = {}

    async def resolve(self, spec: S) -> S:
        """Return ``spec`` with its local media uploaded; check all before any is sent."""
        found = list(local_media(spec))
        checked = [await asyncio.to_thread(_inspect, item, sorts) for item, sorts in found]
        assets: dict[Path | bytes, AssetId] = {}
        for (item, _), (key, upload) in zip(found, checked, strict=True):
            assets[item] = AssetId((await self._once(key, upload)).id)
        return with_assets(spec, assets) if assets else spec

    async def upload(self, content: Path | bytes) -> Asset:
        """Upload one file and return its asset; the same file again gives the same asset."""
        key, upload = await asyncio.to_thread(_inspect, content, None)
        return await self._once(key, upload)

    async def _once(self, key: Hashable, upload: Upload) -> Asset:
        """Upload unless it was; a second caller waits for the first, and takes over if it fails."""
        if key not in self._assets:
            lock = self._locks.setdefault(key, asyncio.Lock())
            async with lock:
                if key not in self._assets:
                    self._assets[key] = await self._send(self._upload_request(upload))
            self._locks.pop(key, None)
        return self._assets[key]


def _inspect(content: object, sorts: frozenset[str] | None) -> tuple[Hashable, Upload]:
    """Check a file and say how to send it; runs in a thread.

    The key is what makes it the same file: its place, size and time on disk, or its bytes.
    """
    if isinstance(content, bytes):
        mime = check_media("bytes", content[:HEAD_SIZE], len(content), sorts, MAX_UPLOAD)
        name = f"upload.{mime.rpartition('/')[2]}"
        key: Hashable = hashlib.sha256(content).digest()
        return key, Upload(content=content, filename=name, content_type=mime)
    if not isinstance(content, Path):
        raise InvalidRequestError(
            f"a local file is given as pathlib.Path or bytes, not {type(content).__name__}; "
            f"write Path({content!r})"
        )
    try:
        with content.open("rb") as file:
            head = file.read(HEAD_SIZE)
        stat = content.stat()
    except OSError as error:
        raise _unreadable(content, error) from None
    mime = check_media(str(content), head, stat.st_size, sorts, MAX_UPLOAD)
    key = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return key, Upload(content=content, filename=content.name, content_type=mime)


def _unreadable(content: object, error: OSError) -> InvalidRequestError:
    return InvalidRequestError(f"{content} cannot be read: {error.strerror or error}")
