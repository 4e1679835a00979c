"""What a file is, by its first bytes."""

from __future__ import annotations

import re
import struct
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD_SIZE = 64 * 1024
"""How many of a file's first bytes are looked at."""

_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"%PDF-", "application/pdf"),
)
# A QuickTime file may begin with another box than ftyp; an m4a is an mp4 of another brand.
_BOXES = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"wide", b"free", b"skip"})
_FRAMES = tuple(bytes([0xFF, mark]) for mark in b"\xfb\xfa\xf3\xf2\xe3\xf1\xf9")  # mp3, aac
_AUDIO = (b"ID3", b"OggS", b"fLaC", *_FRAMES)
_PAGE = (b"<", b"{", b"[")

SORTS: Mapping[str, str] = {
    **dict.fromkeys((".mp4", ".m4v", ".mov", ".webm", ".mkv", ".m4a"), "video"),
    **dict.fromkeys((".gif", ".jpg", ".jpeg", ".png", ".webp"), "image"),
    **dict.fromkeys((".mp3", ".wav", ".ogg", ".flac", ".aac"), "audio"),
    **dict.fromkeys((".srt", ".vtt"), "subtitles"),
    **dict.fromkeys((".zip", ".pdf"), "application"),
}
"""What the suffix of a file promises; pictures, say, are often sent in another format."""

_SUBTITLES = re.compile(rb"(?:\xef\xbb\xbf)?\s*\d+\s*\r?\n\d\d:\d\d:\d\d[,.]\d+ --> ")
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the frames; three are tables


def mime_type(head: bytes) -> str | None:
    """Tell the type of a file by its first bytes, None if it is none that a vendor takes."""
    for offset, signature, mime in _SIGNATURES:
        if head.startswith(signature, offset):
            return mime
    return "application/x-subrip" if _SUBTITLES.match(head) else None


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
        return None
    if head[4:8] in _BOXES:
        return "video"
    if head.startswith(_AUDIO):
        return "audio"
    if head.startswith(b"PK\x03\x04"):
        return "application"
    if text.startswith(b"WEBVTT") or (b" --> " in text and b"\0" not in text):
        return "subtitles"
    mime = mime_type(head)
    return None if mime is None else mime.partition("/")[0]


def image_size(head: bytes) -> tuple[int, int] | None:
    """Tell width and height of a picture in pixels, None if its first bytes do not."""
    try:
        if head.startswith(b"\x89PNG"):
            return struct.unpack_from(">II", head, 16)
        if head.startswith(b"GIF8"):
            return struct.unpack_from("<HH", head, 6)
        if head.startswith(b"\xff\xd8"):
            return _jpeg_size(head)
        if head.startswith(b"WEBP", 8):
            return _webp_size(head)
    except (struct.error, IndexError):
        pass
    return None


def _jpeg_size(head: bytes) -> tuple[int, int] | None:
    place = 2
    while head[place] == 0xFF:  # noqa: PLR2004 - each segment starts with this byte
        marker, length = head[place + 1], struct.unpack_from(">H", head, place + 2)[0]
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", head, place + 5)
            return width, height
        place += 2 + length
    return None


def _webp_size(head: bytes) -> tuple[int, int] | None:
    sort = head[12:16]
    if sort == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if sort == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", head, 26)
    return width & 0x3FFF, height & 0x3FFF
