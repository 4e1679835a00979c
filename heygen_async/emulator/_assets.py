"""Uploaded assets, their media type recognised by their first bytes."""

from __future__ import annotations

import re
import uuid
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from heygen_async.emulator._errors import not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNATURES: Mapping[str, re.Pattern[bytes]] = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "video/mp4": re.compile(rb"(?s:....)ftyp"),
    "video/webm": re.compile(rb"\x1a\x45\xdf\xa3"),
    "audio/wav": re.compile(rb"RIFF(?s:....)WAVE"),
    "audio/mpeg": re.compile(rb"ID3|\xff[\xe0-\xff]"),
    "application/pdf": re.compile(rb"%PDF-"),
    "application/x-subrip": re.compile(rb"(\xef\xbb\xbf)?\s*\d+\s+\d\d:\d\d:\d\d,\d{3} --> "),
}

SUFFIXES: Mapping[str, str] = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "application/pdf": "pdf",
    "application/x-subrip": "srt",
}


def sniff(content: bytes) -> str | None:
    """Return the media type of *content*, None if it is of no type that assets may have."""
    for mime_type, signature in SIGNATURES.items():
        if signature.match(content):
            return mime_type
    return None


@attrs.frozen(kw_only=True)
class Asset:
    """One uploaded file."""

    id: str
    name: str
    mime_type: str
    content: bytes = attrs.field(repr=False)
    uploaded_at: int

    @property
    def path(self) -> str:
        """The path of the asset on the file server."""
        return f"/asset/{self.id}.{SUFFIXES[self.mime_type]}"


class Assets:
    """The uploaded files by id."""

    __slots__ = ("_assets",)

    def __init__(self) -> None:
        self._assets: dict[str, Asset] = {}

    @property
    def all(self) -> Mapping[str, Asset]:
        """A read-only view of the assets by id."""
        return MappingProxyType(self._assets)

    def add(
        self,
        content: bytes,
        *,
        mime_type: str,
        name: str,
        uploaded_at: float,
        asset_id: str | None = None,
    ) -> Asset:
        """Keep a file, uploaded at a Unix time, and return it as an asset."""
        asset = Asset(
            id=asset_id or uuid.uuid4().hex,
            name=name,
            mime_type=mime_type,
            content=content,
            uploaded_at=int(uploaded_at),
        )
        self._assets[asset.id] = asset
        return asset

    def delete(self, asset_id: str) -> None:
        """Forget an asset."""
        del self._assets[asset_id]

    def get(self, asset_id: str, at: str | None = None) -> Asset:
        """Return an asset; 404 about the parameter *at* if there is none of this id."""
        if asset := self._assets.get(asset_id):
            return asset
        raise not_found("asset", asset_id, param=at)
