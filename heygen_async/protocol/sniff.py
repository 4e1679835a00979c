"""What a file is, by some of its bytes: never by its name, and never by reading all of it."""

from __future__ import annotations

import re
import struct
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD = 4 * 1024
_TAIL = 64 * 1024
_MOST_PARTS = 20_000  # boxes, chunks or segments of a file whose heads are read

_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"ID3", "audio/mpeg"),
    *((0, bytes([0xFF, mark]), "audio/mpeg") for mark in b"\xfa\xfb\xf2\xf3"),
    (8, b"WAVE", "audio/wav"),
    (0, b"%PDF-", "application/pdf"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}
_PICTURE_BRANDS = (b"mif1", b"msf1", b"miaf")  # of any coding, which another brand tells
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia"})
# A QuickTime file may begin with another box than ftyp.
_BOXES = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"wide", b"free", b"skip"})
_FRAMES = tuple(bytes([0xFF, mark]) for mark in b"\xfb\xfa\xf3\xf2\xe3\xf1\xf9")  # mp3, aac
_AUDIO = (b"ID3", b"OggS", b"fLaC", *_FRAMES)
_PAGE = (b"<", b"{", b"[")

SORTS: Mapping[str, str] = {
    **dict.fromkeys((".mp4", ".m4v", ".mov", ".webm", ".mkv", ".m4a"), "video"),
    **dict.fromkeys((".gif", ".jpg", ".jpeg", ".png", ".webp", ".avif", ".svg"), "image"),
    **dict.fromkeys((".mp3", ".wav", ".ogg", ".flac", ".aac"), "audio"),
    **dict.fromkeys((".srt", ".vtt", ".ass", ".ssa"), "subtitles"),
    **dict.fromkeys((".zip", ".pdf"), "application"),
}
"""What the suffix of a file promises; pictures, say, are often sent in another format."""

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "image/avif": (".avif",),
    "video/mp4": (".mp4", ".m4v"),
    "video/quicktime": (".mov", ".qt"),
    "video/webm": (".webm",),
    "audio/mpeg": (".mp3",),
    "audio/wav": (".wav",),
    "audio/mp4": (".m4a",),
    "application/pdf": (".pdf",),
    "application/x-subrip": (".srt",),
}
"""How the files of each type are named, the usual suffix first."""

_SUBTITLES = re.compile(rb"(?:\xef\xbb\xbf)?\s*\d+\s*\r?\n\d\d:\d\d:\d\d[,.]\d+ --> ")
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the frames; three are tables
_JPEG_SCAN = 0xDA
# What does not stand within the picture of a JPEG, such as the mark of its end: all but escaped
# data, restarts, and what may come between two scans. Phones put a film behind the end.
_JPEG_OTHER = re.compile(rb"\xff[^\x00\xff\xc4\xda-\xdd\xd0-\xd7]")


@frozen(kw_only=True)
class Look:
    """What some bytes of a file tell: its type, None if it is none that is known.

    ``pixels`` are width and height of a picture, ``cut`` says that its end is missing.
    """

    mime: str | None
    pixels: tuple[int, int] | None = None
    cut: bool = False


def look_at(file: BinaryIO, size: int) -> Look:
    """Look at a file of ``size`` bytes: its first, its last, and the heads of its parts."""
    file.seek(0)
    head = file.read(_HEAD)
    mime = mime_type(head)
    if mime == "image/jpeg":
        pixels, cut = _look_at_jpeg(file, size)
        return Look(mime=mime, pixels=pixels, cut=cut)
    if mime == "image/png":
        return Look(mime=mime, pixels=image_size(head), cut=_is_cut_png(file))
    # Of these types a file may be a sound as well, whatever it is named.
    if mime == "video/mp4" and (tracks := _tracks(file, size)) and b"vide" not in tracks:
        mime = "audio/mp4"
    return Look(mime=mime, pixels=image_size(head))


def mime_type(head: bytes) -> str | None:
    """Tell the type of a file by its first bytes, None if it is none that is known."""
    if head[4:8] == b"ftyp":
        return _brand_type(head)
    for offset, signature, mime in _SIGNATURES:
        if head.startswith(signature, offset):
            return mime
    return "application/x-subrip" if _SUBTITLES.match(head) else None


def _brand_type(head: bytes) -> str:
    brand = head[8:12]
    if brand not in _PICTURE_BRANDS:
        return _BRANDS.get(brand, "video/mp4")
    end = min(int.from_bytes(head[:4]), len(head))
    others = (head[at : at + 4] for at in range(16, end, 4))
    return next((_BRANDS[each] for each in others if each in _BRANDS), "image/heif")


def suffix_of(url: str) -> str:
    """Return the suffix of the file that ``url`` names, if it promises something, else ''."""
    try:
        suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:
        return ""
    return suffix if suffix in SORTS else ""


def sort_of(head: bytes) -> str | None:
    """Tell the sort of a file, as in ``SORTS``, by its first bytes; None for pages and the like."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(_PAGE):
        return _sort_of_text(text)
    if head[4:8] in _BOXES:
        return "image" if (mime_type(head) or "").startswith("image/") else "video"
    if head.startswith(_AUDIO):
        return "audio"
    if head.startswith(b"PK\x03\x04"):
        return "application"
    if text.startswith(b"WEBVTT") or (b" --> " in text and b"\0" not in text):
        return "subtitles"
    mime = mime_type(head)
    return None if mime is None else mime.partition("/")[0]


def _sort_of_text(text: bytes) -> str | None:
    """Tell what begins as a page does, and is none."""
    if text.startswith(b"[Script Info]"):
        return "subtitles"
    return "image" if text.startswith((b"<svg", b"<?xml")) and b"<svg" in text else None


def image_size(head: bytes) -> tuple[int, int] | None:
    """Tell width and height of a picture by its first bytes, None if they do not (as in a JPEG)."""
    try:
        if head.startswith(b"\x89PNG") and head.startswith(b"IHDR", 12):
            return struct.unpack_from(">II", head, 16)
        if head.startswith(b"GIF8"):
            return struct.unpack_from("<HH", head, 6)
        if head.startswith(b"WEBP", 8):
            return _webp_size(head)
    except struct.error:
        pass
    return None


def _look_at_jpeg(file: BinaryIO, size: int) -> tuple[tuple[int, int] | None, bool]:
    """Return width and height, and whether the end is missing; neither if it makes no sense."""
    place, pixels = 2, None
    for _ in range(_MOST_PARTS):
        file.seek(place)
        head = file.read(9)
        if len(head) < 9:  # noqa: PLR2004 - two marks and a length; no picture has begun
            return pixels, True
        mark, marker, length = struct.unpack_from(">BBH", head)
        if mark != 0xFF:  # noqa: PLR2004 - each segment starts with this byte
            break
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", head, 5)
            pixels = width, height
        if marker == _JPEG_SCAN:
            file.seek(max(place + 2, size - _TAIL))
            tail = file.read(_TAIL)
            # Much that has no escaped byte is no picture, but zeros or text behind its end.
            inside = len(tail) < _TAIL or b"\xff\x00" in tail
            return pixels, inside and not _JPEG_OTHER.search(tail)
        place += 1 if marker == mark else 2 + length  # the mark may be repeated
    return pixels, False


def _is_cut_png(file: BinaryIO) -> bool:
    place = 8
    for _ in range(_MOST_PARTS):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":  # noqa: PLR2004 - a length and a name
            return head[4:] != b"IEND"
        place += 12 + int.from_bytes(head[:4])
    return False


def _tracks(file: BinaryIO, size: int) -> set[bytes]:
    """Return the sorts of the tracks in a film or a sound, wherever in the file they are told."""
    found, spans = set[bytes](), [(0, size)]
    for _ in range(_MOST_PARTS):
        if not spans:
            break
        place, end = spans.pop()
        file.seek(place)
        head = file.read(28)
        length, start = int.from_bytes(head[:4]), 8
        if length == 1:  # too long for four bytes
            length, start = int.from_bytes(head[8:16]), 16
        behind = place + length if length else end
        if place + start > min(behind, end):
            continue
        spans.append((behind, end))
        if head[4:8] in _CONTAINERS:
            spans.append((place + start, min(behind, end)))
        elif head[4:8] == b"hdlr":
            found.add(head[start + 8 : start + 12])
    return found


def _webp_size(head: bytes) -> tuple[int, int] | None:
    sort = head[12:16]
    if sort == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if sort == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", head, 26)
    return width & 0x3FFF, height & 0x3FFF
