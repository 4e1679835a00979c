"""Media that a spec takes: a URL, a local file, bytes, or an asset that is already uploaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.jobs import NEEDED, Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attrs import Attribute


@frozen
class AssetId(Described):
    """The id of a file that was uploaded before: ``AssetId("…")``."""

    id: str = field(validator=checks.text)
    """The id that the upload gave."""


@frozen(kw_only=True)
class Asset(Result):
    """A file on the vendor's side.

    An upload tells its type and size, ``assets.get`` the rest.

    https://developers.heygen.com/reference/upload-asset
    """

    id: str
    """The file's id, which specs take in an ``AssetId``."""
    url: str | None = field(default=None, metadata=NEEDED)
    """Where it lies. Where the URL is signed, it expires; None until the file is there."""
    mime_type: str | None = None
    """The sort of file by its contents, such as ``image/png``."""
    size_bytes: int | None = None
    """Its size in bytes."""
    status: str | None = None
    """The vendor's word; ``processing`` until it can be used."""
    name: str | None = None
    """Its name."""
    type: str | None = None
    """What it is, in the vendor's word, such as ``image``."""
    owner: str | None = None
    """Who has uploaded it."""
    space_id: str | None = None
    """The vendor's id of the workspace that it belongs to."""
    folder_id: str | None = None
    """The folder of the vendor's app that it lies in; None for no folder."""
    uploaded_at: int | None = None
    """When it was uploaded, in Unix seconds."""


@frozen(kw_only=True)
class AssetBatch(Result):
    """Files that went up together, in their order; ``assets.get_batch`` tells how they fare."""

    id: str
    """The batch's id, which ``assets.get_batch`` takes."""
    assets: tuple[Asset, ...]
    """The files, in the order in which they were given."""


Media: TypeAlias = str | Path | bytes | Asset | AssetId
"""An http(s) URL (``str``), a local file (``Path``), its ``bytes``, or an uploaded asset."""


def media(instance: Any, attribute: Attribute[Any], value: Any, /) -> None:
    """Check a field that takes media."""
    if isinstance(value, Path | bytes | Asset | AssetId) or checks.is_http_url(value):
        return
    if isinstance(value, str):
        raise checks.refuse(
            instance,
            f"{attribute.name}={value!r} is no http(s) URL; for a local file write "
            f"Path({value!r}), for an uploaded asset AssetId({value!r})",
            attribute.name,
        )
    raise checks.refuse(
        instance,
        f"{attribute.name} must be a URL, a pathlib.Path, bytes, an Asset or an AssetId, "
        f"not {type(value).__name__}",
        attribute.name,
    )


def show_media(value: object) -> str:
    """Return a short ``repr`` that never spells out bytes."""
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else repr(value)


def show_many(value: Sequence[object] | None) -> str:
    """Return a short ``repr`` of several media."""
    return repr(value) if not isinstance(value, tuple) else f"({', '.join(map(show_media, value))})"


IMAGE: Mapping[str, Any] = {"media": frozenset({"image"})}
"""Metadata of a field whose local file must be a picture."""

HEYGEN_MAX_PIXELS = 2560
"""Width or height of a picture in a HeyGen video.

It takes those of "< 2K": this is the most that anybody calls so.
https://developers.heygen.com/docs/enterprise-pricing
"""

VIDEO_IMAGE: Mapping[str, Any] = {**IMAGE, "max_pixels": HEYGEN_MAX_PIXELS}
"""Metadata of a field whose local file must be a picture for a HeyGen video."""

AUDIO: Mapping[str, Any] = {"media": frozenset({"audio"})}
"""Metadata of a field whose local file must be a sound."""

VIDEO: Mapping[str, Any] = {"media": frozenset({"video"})}
"""Metadata of a field whose local file must be a video."""

ANY: Mapping[str, Any] = {
    "media": frozenset({"image", "video", "audio"}),
    "max_pixels": HEYGEN_MAX_PIXELS,
}
"""Metadata of a field whose local file must be a picture, a video or a sound for one."""


@frozen(kw_only=True)
class FoundAsset(Result):
    """A picture or an icon that a search found.

    https://developers.heygen.com/reference/search-assets
    """

    id: str
    """Its id in the vendor's library."""
    url: str
    """The picture. Where the URL is signed, it expires."""
    type: str | None = None
    """What it is, in the vendor's word, such as ``icon``."""
    width: int | None = None
    """Its width in pixels."""
    height: int | None = None
    """Its height in pixels."""
    orientation: str | None = None
    """How it lies, in the vendor's word."""
    is_transparent: bool | None = None
    """Whether its background is transparent."""
