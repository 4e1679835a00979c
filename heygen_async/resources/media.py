"""``heygen.assets`` and ``heygen.voices``; and ``jogg.assets``, the same uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from heygen_async.protocol import heygen_media as wire
from heygen_async.resources.checks import named
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from heygen_async.models.media import Asset
    from heygen_async.models.voices import Voice
    from heygen_async.transport.http import Transport
    from heygen_async.transport.uploads import Uploader

_LIST_LIMIT = 100


class Uploads:
    """Local files on their way to a vendor."""

    def __init__(self, uploader: Uploader) -> None:
        self._uploader = uploader

    async def upload(
        self, file: Path | bytes, *, progress: Callable[[int, int], object] | None = None
    ) -> Asset:
        """Upload a local file and return its asset.

        The same file is sent once by a client; it is streamed from disk. ``progress`` is called
        with the bytes sent so far and the file's size. Raises ``InvalidRequestError`` for a file
        that is missing, empty, too large or of another type than the vendor takes.
        """
        return await self._uploader.upload(file, progress)


class Assets(Uploads):
    """HeyGen v3 assets: https://developers.heygen.com/reference/upload-asset."""

    def __init__(self, transport: Transport, uploader: Uploader) -> None:
        super().__init__(uploader)
        self._transport = transport

    async def get(self, asset_id: str) -> Asset:
        """Return the asset. Raises ``NotFoundError`` if there is none."""
        return await self._transport.send(wire.get_asset(named("asset_id", asset_id)))

    async def delete(self, asset_id: str) -> None:
        """Delete the asset for good. Raises ``NotFoundError`` if there is none."""
        await self._transport.send(wire.delete_asset(named("asset_id", asset_id)))
        self._uploader.forget(asset_id)


class Voices:
    """HeyGen v3 voices: https://developers.heygen.com/reference/list-voices."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self,
        *,
        type: Literal["public", "private"] | None = None,  # noqa: A002 - the vendor's name
        engine: str | None = None,
        language: str | None = None,
        gender: str | None = None,
    ) -> AsyncIterator[Voice]:
        """Iterate over the voices; ``language`` as ``"English"``, ``type`` public by default."""
        return pages(
            lambda token: self._transport.send(
                wire.list_voices(
                    type=type,
                    engine=engine,
                    language=language,
                    gender=gender,
                    limit=_LIST_LIMIT,
                    token=token,
                )
            )
        )
