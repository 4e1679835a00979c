"""Files on their way up: checked first, streamed from disk, each sent once per client."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import functools
import hashlib
import io
import logging
import os
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import attrs

from heygen_async.errors import InvalidRequestError
from heygen_async.protocol.media import check_file, local_media, with_assets
from heygen_async.protocol.request import Upload
from heygen_async.protocol.sniff import SUFFIXES, look_at
from heygen_async.transport import pictures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Hashable, Mapping

    from heygen_async.models.media import Asset
    from heygen_async.protocol.media import PresignedUpload
    from heygen_async.transport.http import Transport

S = TypeVar("S")

logger = logging.getLogger("heygen_async.uploads")

MOST_REMEMBERED = 1024
"""How many local files are remembered, so that each is read and sent once."""


@contextlib.asynccontextmanager
async def body_of(upload: Upload) -> AsyncIterator[io.BufferedIOBase | aiohttp.FormData]:
    """Give the body that sends ``upload``; a file is read while it goes out, then closed."""
    loop = asyncio.get_running_loop()
    opening = loop.run_in_executor(None, _open, upload, loop)
    try:
        file = await asyncio.shield(opening)
    except asyncio.CancelledError:
        # The thread opens it all the same: wait the moment that takes, or nobody closes it.
        await asyncio.wait([opening])
        if opening.exception() is None:
            opening.result().close()
        raise
    except OSError as error:
        raise unreadable(upload.content, error) from None
    try:
        if upload.raw:
            yield file
        else:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("file", file, filename=upload.filename, content_type=upload.content_type)
            yield form
    finally:
        await asyncio.to_thread(file.close)


class Uploader:
    """Turns the local media of specs into assets, each of the last used files once.

    With ``prepare`` pictures that the vendor would not take are made into such as it takes.
    """

    def __init__(self, transport: Transport, *, prepare: bool = False) -> None:
        if prepare:
            pictures.check_installed()
        self.transport = transport
        self._prepare = prepare
        self._assets: dict[Hashable, Asset] = {}
        # A lock is gone when nobody holds or awaits it, also after an upload that failed.
        self._locks: weakref.WeakValueDictionary[Hashable, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )

    def over(self, transport: Transport) -> Uploader:
        """Return an uploader over another transport of the client; each file still goes up once."""
        other = copy.copy(self)
        other.transport = transport
        return other

    async def resolve(self, spec: S) -> S:
        """Return ``spec`` with its local media uploaded; check all before any is sent."""
        found = list(local_media(spec))
        checked = [await self.inspect(*each) for each in found]
        assets: dict[Path | bytes, Asset] = {}
        for (item, _), (key, upload) in zip(found, checked, strict=True):
            assets[item] = await self._once(key, upload)
        return with_assets(spec, assets) if assets else spec

    async def upload(
        self, content: Path | bytes, progress: Callable[[int, int], object] | None = None
    ) -> Asset:
        """Upload one file and return its asset; the same file again gives the same asset."""
        self.transport.loop.check()  # in another one, the lock of a file on its way would hang
        key, upload = await self.inspect(content)
        return await self._once(key, attrs.evolve(upload, progress=progress))

    async def inspect(
        self, content: Path | bytes, wanted: Mapping[str, Any] | None = None
    ) -> tuple[Hashable, Upload]:
        """Check a file and say how to send it, with what makes it the same file."""
        sizes = self.transport.vendor.uploads.sizes
        return await asyncio.to_thread(
            inspect_file, content, wanted or {}, sizes, prepare=self._prepare
        )

    async def make_ready(self, upload: Upload) -> Upload:
        """Return what goes out in fact, and say what is not as the file's name has it."""
        if upload.prepare is not None:
            return await asyncio.to_thread(upload.prepare, upload)
        if isinstance(upload.content, Path) and upload.filename != upload.content.name:
            line = "%s is %s by its first bytes: it is sent as %s"
            logger.warning(line, upload.content, upload.content_type, upload.filename)
        return upload

    def forget(self, asset_id: str) -> None:
        """Send the files of this asset anew the next time: it is gone."""
        for key in [key for key, asset in self._assets.items() if asset.id == asset_id]:
            del self._assets[key]

    async def _once(self, key: Hashable, upload: Upload) -> Asset:
        """Upload unless it was; a second caller waits for the first, and takes over if it fails."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            asset = self._assets.pop(key, None) or await self._transfer(upload)
            self._assets[key] = asset  # in the order of their last use
        # Bounded, for a batch may bring a picture of its own for each of a million specs.
        if len(self._assets) > MOST_REMEMBERED:
            del self._assets[next(iter(self._assets))]
        return asset

    async def _transfer(self, upload: Upload) -> Asset:
        """Send the file in one call if it is small enough, else to a presigned URL."""
        rules, send = self.transport.vendor.uploads, self.transport.send
        upload = await self.make_ready(upload)
        if rules.post is not None and upload.size <= rules.max_posted:
            return await send(rules.post(upload))
        presigned = await send(rules.presign(upload))
        await self.put(upload, presigned)
        if presigned.complete is not None:
            return await send(presigned.complete)
        assert presigned.asset is not None  # noqa: S101 - there is one or the other
        return presigned.asset

    async def put(self, upload: Upload, presigned: PresignedUpload) -> None:
        """Put a file where it may go, unless it is too large for that."""
        if presigned.max_bytes is not None and upload.size > presigned.max_bytes:
            raise InvalidRequestError(
                f"{upload.filename} has {upload.size:,} bytes, "
                f"the server takes at most {presigned.max_bytes:,}"
            )
        await self.transport.send(presigned.put)


class _Counted(io.BufferedReader):
    """A file that tells the loop how much of it was read."""

    upload: Upload
    loop: asyncio.AbstractEventLoop

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        if self.upload.progress is not None:
            self.loop.call_soon_threadsafe(self.upload.progress, self.tell(), self.upload.size)
        return chunk


def _open(upload: Upload, loop: asyncio.AbstractEventLoop) -> io.BufferedIOBase:
    if isinstance(upload.content, bytes):
        return io.BytesIO(upload.content)
    file = _Counted(io.FileIO(upload.content))
    file.upload, file.loop = upload, loop
    return file


def inspect_file(
    content: object, wanted: Mapping[str, Any], sizes: Mapping[str, int], *, prepare: bool = False
) -> tuple[Hashable, Upload]:
    """Check a file and say how to send it; runs in a thread.

    The key is what makes it the same file: its place, size and time on disk, or its bytes; and if
    it is to be prepared, how large it may be.
    """
    if not isinstance(content, Path | bytes):
        raise InvalidRequestError(
            f"a local file is given as pathlib.Path or bytes, not {type(content).__name__}; "
            f"write Path({content!r})"
        )
    name = str(content) if isinstance(content, Path) else "bytes"
    key: Hashable
    try:
        with content.open("rb") if isinstance(content, Path) else io.BytesIO(content) as file:
            if isinstance(content, Path):
                stat = os.fstat(file.fileno())
                key, size = identity(stat), stat.st_size
            else:
                key, size = hashlib.sha256(content).digest(), len(content)
            look = look_at(file, size)
            unfit = prepare and pictures.is_unfit(file, size, look, wanted, sizes)
    except OSError as error:
        raise unreadable(content, error) from None
    mime = look.mime or "" if unfit else check_file(name, look, size, wanted, sizes)
    filename = f"upload{_suffix('', mime)}"
    if isinstance(content, Path):
        filename = f"{content.stem}{_suffix(content.suffix, mime)}"
    upload = Upload(content=content, filename=filename, content_type=mime, size=size)
    if not unfit:
        return key, upload
    made = functools.partial(pictures.prepare, wanted=wanted, sizes=sizes)
    return (key, wanted.get("max_pixels")), attrs.evolve(upload, prepare=made)


def _suffix(given: str, mime: str) -> str:
    """Return the suffix of a file that goes up: its own, unless it is that of another type.

    HeyGen fails to render a file whose suffix does not match its format:
    https://developers.heygen.com/docs/enterprise-pricing
    """
    own = SUFFIXES.get(mime, ("",))
    suffix = given.lower()
    wrong = suffix not in own and any(suffix in others for others in SUFFIXES.values())
    return own[0] if wrong or not given else given


def identity(stat: os.stat_result) -> Hashable:
    """Return what makes a file on disk the same: its place, size and time."""
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def unreadable(content: object, error: OSError) -> InvalidRequestError:
    """Return the error for a local file that cannot be read."""
    return InvalidRequestError(f"{content} cannot be read: {error.strerror or error}")
