"""Pictures made into what a vendor takes: upright, in RGB, small enough, as JPEG or PNG."""

from __future__ import annotations

import functools
import importlib.util
import io
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from heygen_async.errors import InvalidRequestError
from heygen_async.protocol.media import check_file
from heygen_async.protocol.sniff import look_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from PIL.Image import Image

    from heygen_async.protocol.request import Upload
    from heygen_async.protocol.sniff import Look

# Below what anybody calls 2K, which is more than HeyGen takes; a picture of it is small enough in
# bytes for all vendors.
_SMALLER = 2048
_QUALITY = 92
# No others: one of Pillow's readers hands the file on to another program.
_FORMATS = ("JPEG", "PNG", "HEIF", "AVIF", "WEBP", "GIF", "BMP", "TIFF")
_ORIENTATION = 0x0112
_UPRIGHT = 1


def check_installed() -> None:
    """Raise ``InvalidRequestError`` where pictures cannot be prepared."""
    if not all(map(importlib.util.find_spec, ("PIL", "pillow_heif"))):
        raise InvalidRequestError(
            "prepare=True needs Pillow and pillow-heif: pip install 'heygen-async[prepare]'"
        )


@functools.cache
def _pillow() -> ModuleType:
    """Return ``PIL.Image``, which knows HEIC then; it is not imported before it is needed."""
    import pillow_heif  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    pillow_heif.register_heif_opener()
    return Image


def is_unfit(
    file: BinaryIO, size: int, look: Look, wanted: Mapping[str, Any], sizes: Mapping[str, int]
) -> bool:
    """Tell whether a file is a picture that has to be prepared; only its head is read.

    What is of no use in any case, such as a picture that is cut off, is left to ``check_file``;
    a picture of another type that cannot be opened is left to ``prepare``.
    """
    is_picture = look.mime is None or look.mime.startswith("image/")
    if not is_picture or look.cut or "image" not in wanted.get("media", ("image",)):
        return False
    file.seek(0)
    try:
        with _pillow().open(file, formats=_FORMATS) as image:
            return (
                size > sizes.get(look.mime or "", 0)
                or max(image.size) > wanted.get("max_pixels", max(image.size))
                or image.mode == "CMYK"
                or image.getexif().get(_ORIENTATION, _UPRIGHT) != _UPRIGHT
            )
    except Exception:  # noqa: BLE001 - each of Pillow's readers has errors of its own
        return look.mime is not None and look.mime not in sizes


def prepare(upload: Upload, *, wanted: Mapping[str, Any], sizes: Mapping[str, int]) -> Upload:
    """Return the upload of a picture made into one that is taken; runs in a thread.

    Raises ``InvalidRequestError`` if that cannot be.
    """
    content = upload.content
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    where = "bytes" if isinstance(content, bytes) else str(content)
    try:
        with _pillow().open(source, formats=_FORMATS) as image:
            most = wanted.get("max_pixels")
            made = _encode(image, None if most is None or max(image.size) <= most else _SMALLER)
            if len(made) > min(sizes["image/jpeg"], sizes["image/png"]):
                made = _encode(image, _SMALLER)
    except Exception as error:  # noqa: BLE001 - as above
        raise InvalidRequestError(f"{where} cannot be prepared: {error}") from None
    mime = check_file(where, look_at(io.BytesIO(made), len(made)), len(made), wanted, sizes)
    suffix = ".png" if mime == "image/png" else ".jpg"
    return attrs.evolve(
        upload,
        content=made,
        filename=f"{PurePath(upload.filename).stem}{suffix}",
        content_type=mime,
        size=len(made),
        prepare=None,
    )


def _encode(image: Image, most: int | None) -> bytes:
    """Return the picture upright, as PNG if parts of it are transparent, else as JPEG."""
    from PIL import ImageOps  # noqa: PLC0415

    image = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    if image.mode == "CMYK":
        image = _to_rgb(image)
    transparent = image.has_transparency_data
    image = image.convert("RGBA" if transparent else "RGB")
    if most is not None:
        image.thumbnail((most, most))
    made = io.BytesIO()
    if transparent:
        image.save(made, "PNG", icc_profile=profile)
    else:
        image.save(made, "JPEG", quality=_QUALITY, icc_profile=profile)
    return made.getvalue()


def _to_rgb(image: Image) -> Image:
    """Return a picture for print in the colours of a screen, by its own profile if it has one."""
    from PIL import ImageCms  # noqa: PLC0415

    profile = image.info.get("icc_profile")
    if not profile:
        return image.convert("RGB")
    try:
        made = ImageCms.profileToProfile(
            image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (OSError, ImageCms.PyCMSError):
        return image.convert("RGB")
    return made or image.convert("RGB")
