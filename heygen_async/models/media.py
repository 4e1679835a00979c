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
    """A file on the vendor's side; an upload tells its type and size, ``assets.get`` the rest.

    https://developers.heygen.com/reference/upload-asset
    """

    id: str
    """What a spec takes as ``AssetId``."""
    url: str | None = field(default=None, metadata=NEEDED)
    """Where the file is; signed, so that it expires."""
    mime_type: str | None = None
    """What sort of file it is, such as ``image/png``."""
    size_bytes: int | None = None
    """How large it is, in bytes."""
    status: str | None = None
    """Whether it can be used yet, in the vendor's words; None where that is not told."""
    name: str | None = None
    """Its name."""
    type: str | None = None
    """Whether it is a picture, a video or a sound, in the vendor's words."""
    owner: str | None = None
    """Who uploaded it."""
    space_id: str | None = None
    """The workspace that it belongs to."""
    folder_id: str | None = None
    """The folder of the vendor's app that it is in."""
    uploaded_at: int | None = None
    """When it was uploaded, in Unix seconds."""


@frozen(kw_only=True)
class AssetBatch(Described):
    """Files that went up together, in their order; ``assets.get_batch`` tells how they fare."""

    id: str
    """The id of the batch."""
    assets: tuple[Asset, ...]
    """The files, with the ids to use them by."""


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
    """The vendor's id of it."""
    url: str
    """Where the file is."""
    type: str | None = None
    """Whether it is a picture or an icon, in the vendor's words."""
    width: int | None = None
    """Pixels from left to right."""
    height: int | None = None
    """Pixels from top to bottom."""
    orientation: str | None = None
    """Its shape, in the vendor's words."""
    is_transparent: bool | None = None
    """Whether one can see through parts of it."""
