"""Local media in a spec: find it, know its sort by its first bytes, put assets in its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from heygen_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from heygen_async.models.media import AssetId

S = TypeVar("S")

HEAD_SIZE = 16
"""How many of a file's first bytes tell its type."""

_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"%PDF-", "application/pdf"),
)
_FORMATS = {"image": "PNG or JPEG", "audio": "MP3 or WAV", "video": "MP4 or WebM"}


def local_media(value: Any) -> Iterator[tuple[Path | bytes, frozenset[str] | None]]:
    """Yield each ``Path`` and ``bytes`` in the spec, with the sorts its field allows."""
    for attribute in attrs.fields(type(value)):
        child = getattr(value, attribute.name)
        for item in child if isinstance(child, tuple) else (child,):
            if isinstance(item, Path | bytes):
                yield item, attribute.metadata.get("media")
            elif attrs.has(type(item)):
                yield from local_media(item)


def with_assets(value: S, assets: Mapping[Path | bytes, AssetId]) -> S:
    """Return the spec with each local medium replaced by its asset."""

    def swap(item: Any) -> Any:
        if isinstance(item, tuple):
            return tuple(swap(part) for part in item)
        if isinstance(item, Path | bytes):
            return assets[item]
        return with_assets(item, assets) if attrs.has(type(item)) else item

    names = [attribute.name for attribute in attrs.fields(type(value))]  # type: ignore[arg-type]
    changed = {name: new for name in names if (new := swap(old := getattr(value, name))) is not old}
    return attrs.evolve(value, **changed) if changed else value  # type: ignore[misc]


def mime_type(head: bytes) -> str | None:
    """Tell the type of a file by its first bytes, or None if it is none that HeyGen takes."""
    for offset, signature, mime in _SIGNATURES:
        if head.startswith(signature, offset):
            return mime
    return None


def check_media(name: str, head: bytes, size: int, sorts: frozenset[str] | None, limit: int) -> str:
    """Return the MIME type of a file that may be sent, else raise ``InvalidRequestError``."""
    if size == 0:
        raise InvalidRequestError(f"{name} is empty")
    if size > limit:
        raise InvalidRequestError(
            f"{name} has {size:,} bytes, at most {limit:,} can be uploaded; "
            "make it smaller, or host it and pass its URL"
        )
    mime = mime_type(head)
    if mime is None or (sorts is not None and mime.partition("/")[0] not in sorts):
        wanted = " or ".join(_FORMATS[sort] for sort in sorted(sorts or _FORMATS))
        raise InvalidRequestError(
            f"{name} is {mime or 'of an unknown type'} by its first bytes; {wanted} is wanted"
        )
    return mime
