"""Local media: which files a vendor takes, how they go up, and where they stand in a spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from attrs import evolve, frozen

from heygen_async.errors import InvalidRequestError
from heygen_async.models.media import Asset
from heygen_async.protocol.addresses import read_address
from heygen_async.protocol.operations import decode_none
from heygen_async.protocol.redact import redact
from heygen_async.protocol.request import Request, Upload

if TYPE_CHECKING:
    from heygen_async.protocol.sniff import Look

S = TypeVar("S")

MEGABYTE = 1024 * 1024

_PREPARE = "or make the client with prepare=True"


@frozen(kw_only=True)
class PresignedUpload:
    """Leave to put a file somewhere: where, with which headers, and what makes it an asset.

    ``complete`` asks for the asset afterwards; without it ``asset`` is known already.
    """

    put: Request[None]
    complete: Request[Asset] | None = None
    asset: Asset | None = None
    max_bytes: int | None = None


@frozen(kw_only=True)
class UploadRules:
    """How files go up to one vendor.

    ``sizes`` are the limits in bytes by MIME type. Files up to ``max_posted`` go by ``post`` if
    there is one, larger ones by ``presign``: ask where to, put, complete.
    """

    sizes: Mapping[str, int]
    presign: Callable[[Upload], Request[PresignedUpload]]
    post: Callable[[Upload], Request[Asset]] | None = None
    max_posted: int = 0


def put_file(upload: Upload, url: str, headers: Mapping[str, str]) -> Request[None]:
    """Return the PUT of a file to a presigned URL, with the given headers and no key.

    Raises ``ValueError`` for a URL that none can be sent to.
    """
    try:
        address = read_address(url)
    except ValueError as error:
        raise ValueError(f"the URL to upload to {error}") from None
    return Request(
        method="PUT",
        path=redact(url),
        url=address.url,
        headers=headers,
        upload=evolve(upload, raw=True),
        decode=decode_none,
    )


def check_file(
    name: str, look: Look, size: int, wanted: Mapping[str, Any], sizes: Mapping[str, int]
) -> str:
    """Return the MIME type of a file that may be sent, else raise ``InvalidRequestError``.

    ``wanted`` is the metadata of the field it is for: ``media``, the sorts it takes, and
    ``min_pixels`` and ``max_pixels``, the least and the most of width and height.
    """
    mime, sorts = look.mime, wanted.get("media")
    accepted = [each for each in sizes if sorts is None or each.partition("/")[0] in sorts]
    if size == 0:
        raise InvalidRequestError(f"{name} is empty")
    if mime not in accepted:
        raise InvalidRequestError(
            f"{name} is {mime or 'of an unknown type'} by its first bytes, "
            f"{' or '.join(accepted)} is wanted"
            + (f"; save it as JPEG or PNG, {_PREPARE}" if _is_picture(mime, accepted) else "")
        )
    if look.cut:
        raise InvalidRequestError(
            f"{name} is cut off: its picture has no end; copy or export it once more"
        )
    if size > sizes[mime]:
        raise InvalidRequestError(
            f"{name} has {size:,} bytes, at most {sizes[mime]:,} are taken; "
            "make it smaller, or host it and pass its URL"
        )
    if look.pixels is not None:
        least, most = wanted.get("min_pixels", 0), wanted.get("max_pixels")
        has = f"{name} has {look.pixels[0]} by {look.pixels[1]} pixels"
        if min(look.pixels) < least:
            raise InvalidRequestError(f"{has}, {least} each way are the least")
        if most is not None and max(look.pixels) > most:
            raise InvalidRequestError(
                f"{has}, {most} each way are the most; make it smaller, {_PREPARE}"
            )
    return mime


def _is_picture(mime: str | None, accepted: Sequence[str]) -> bool:
    return (mime or "").startswith("image/") and "image/jpeg" in accepted


class _Fields(dict[type, "tuple[attrs.Attribute[Any], ...]"]):
    """The fields of attrs classes, none of any other; each class is looked at once."""

    def __missing__(self, cls: type) -> tuple[attrs.Attribute[Any], ...]:
        found = self[cls] = tuple(attrs.fields(cls)) if attrs.has(cls) else ()
        return found


FIELDS = _Fields()


def local_media(value: Any) -> Iterator[tuple[Path | bytes, Mapping[str, Any]]]:
    """Yield each ``Path`` and ``bytes`` in the spec, with the metadata of its field."""
    for attribute in FIELDS[type(value)]:
        child = getattr(value, attribute.name)
        if child is None or type(child) is str:
            continue
        items = child.values() if isinstance(child, Mapping) else child
        for item in items if isinstance(child, tuple | Mapping) else (child,):
            if isinstance(item, Path | bytes):
                yield item, attribute.metadata
            else:
                yield from local_media(item)


def with_assets(value: S, assets: Mapping[Path | bytes, Asset]) -> S:
    """Return the spec with each local medium replaced by its asset."""

    def swap(item: Any) -> Any:
        if isinstance(item, tuple):
            return tuple(swap(part) for part in item)
        if isinstance(item, Mapping) and any(attrs.has(type(part)) for part in item.values()):
            return {name: swap(part) for name, part in item.items()}
        if isinstance(item, Path | bytes):
            return assets[item]
        return with_assets(item, assets) if attrs.has(type(item)) else item

    names = [attribute.name for attribute in attrs.fields(type(value))]  # type: ignore[arg-type]
    changed = {name: new for name in names if (new := swap(old := getattr(value, name))) is not old}
    return attrs.evolve(value, **changed) if changed else value  # type: ignore[misc]
