"""Files are known by their first bytes, the heads of their parts, and their last bytes."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from heygen_async.protocol.sniff import Look, image_size, look_at, mime_type, sort_of

from .heads import JPEG, MP3, MP4, PDF, PNG, SRT, WAV, WEBM

SOUND, FILM, TEXT = b"soun", b"vide", b"text"


class Counted(io.BytesIO):
    """A file that knows how much of it was read."""

    taken = 0

    def read(self, size=-1, /):
        chunk = super().read(size)
        self.taken += len(chunk)
        return chunk


def look(content):
    return look_at(io.BytesIO(content), len(content))


def box(sort, content, *, long=False):
    if long:
        return struct.pack(">I4sQ", 1, sort, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), sort) + content


def ftyp(major, *others):
    return box(b"ftyp", major + bytes(4) + b"".join(others))


def moov(*handlers):
    """Return the box that tells of a track for each handler."""
    tracks = [
        box(b"trak", box(b"tkhd", bytes(84)) + box(b"mdia", box(b"hdlr", bytes(8) + each)))
        for each in handlers
    ]
    return box(b"moov", box(b"mvhd", bytes(100)) + b"".join(tracks))


def picture(sort, *, size=(64, 48), noise=b"", **options):
    """Return a real picture, as a program would write it."""
    made = io.BytesIO()
    image = Image.effect_noise(size, 80) if noise else Image.new("RGB", size, "teal")
    image.convert("RGB").save(made, sort, **options)
    return made.getvalue()


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (MP4, "video/mp4"),
        (WEBM, "video/webm"),
        (WAV, "audio/wav"),
        (MP3, "audio/mpeg"),
        (b"\xff\xfa\x90\x00" + bytes(12), "audio/mpeg"),
        (b"\xff\xfb\x90\x00" + bytes(12), "audio/mpeg"),
        (b"\xff\xf3\x90\x00" + bytes(12), "audio/mpeg"),
        (b"\xff\xf2\x90\x00" + bytes(12), "audio/mpeg"),
        (PDF, "application/pdf"),
        (SRT, "application/x-subrip"),
        (ftyp(b"M4A ", b"mp42"), "audio/mp4"),
        (ftyp(b"M4V ", b"M4A ", b"mp42"), "video/mp4"),
        (ftyp(b"qt  "), "video/quicktime"),
        (ftyp(b"heic", b"mif1", b"heic"), "image/heic"),
        (ftyp(b"heix", b"mif1"), "image/heic"),
        (ftyp(b"mif1", b"miaf", b"heic"), "image/heic"),
        (ftyp(b"mif1", b"miaf", b"avif"), "image/avif"),
        (ftyp(b"mif1"), "image/heif"),
        (ftyp(b"avif", b"mif1"), "image/avif"),
        (ftyp(b"avis"), "image/avif"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", None),
        (b"<!DOCTYPE html>\n", None),
        (b"\x89PN", None),
        (b" \x89PNG\r\n\x1a\n", None),
        (bytes(16), None),
        (b"", None),
    ],
)
def test_a_type_is_told_by_the_first_bytes(head, mime):
    """What people have is known by its signature, everything else is unknown."""
    assert mime_type(head) == mime


@given(
    st.binary(max_size=64)
    | st.binary(max_size=64).map(lambda rest: JPEG[:4] + rest)
    | st.binary(max_size=64).map(lambda rest: ftyp(b"mp42") + rest)
    | st.binary(max_size=64).map(lambda rest: PNG[:-12] + rest)
)
def test_any_bytes_have_a_type_and_a_size_or_none(content):
    """No file raises, whatever it pretends to be."""
    seen = look(content)
    assert seen.mime is None or seen.mime.partition("/")[0] in {
        "image",
        "audio",
        "video",
        "application",
    }
    for start in (content, PNG[:8] + content, b"GIF89a" + content, WAV[:8] + b"WEBPVP8 " + content):
        size = image_size(start)
        assert size is None or all(0 <= pixels < 2**32 for pixels in size)


@pytest.mark.parametrize("content", [PNG, JPEG])
def test_the_least_picture_has_its_width_and_height(content):
    """Both formats tell 640 by 480."""
    assert look(content).pixels == (640, 480)


@pytest.mark.parametrize("sort", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_of_a_program_has_its_pixels_and_its_end(sort):
    """Whoever wrote it."""
    content = picture(sort, size=(300, 200), noise=b"yes")
    assert look(content) == Look(mime=f"image/{sort.lower()}", pixels=(300, 200))


def test_the_pixels_stand_behind_a_long_head():
    """A profile and a preview of the camera come first; the preview has an end of its own."""
    preview = picture("JPEG", size=(160, 120))
    content = picture(
        "JPEG", exif=b"Exif\0\0" + preview + bytes(40_000), icc_profile=bytes(100_000)
    )
    assert look(content) == Look(mime="image/jpeg", pixels=(64, 48))
    assert look(content[:50_000]) == Look(mime="image/jpeg", cut=True)


@pytest.mark.parametrize("sort", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(40, 30), (900, 700)])
def test_a_picture_that_is_cut_off_anywhere_is_told(sort, size):
    """As a copy that broke off leaves it; the least that is missing is its end."""
    content = picture(sort, size=size, noise=b"yes")
    assert not look(content).cut
    for left in (60, len(content) // 3, len(content) - 12, len(content) - 9):
        assert look(content[:left]).cut, left


def test_a_progressive_picture_that_is_cut_off_is_told():
    """Its tables stand between the scans."""
    content = picture("JPEG", size=(900, 700), noise=b"yes", progressive=True)
    assert not look(content).cut
    assert [look(content[: len(content) * tenth // 10]).cut for tenth in range(2, 10)] == [True] * 8


def test_what_stands_behind_the_end_of_a_picture_is_no_harm():
    """Phones put a film behind it, cameras fill up with zeros."""
    film = ftyp(b"mp42") + moov(FILM) + Image.effect_noise((500, 500), 90).tobytes()
    for sort in ("PNG", "JPEG"):
        content = picture(sort, noise=b"yes")
        for more in (b"more", bytes(200_000), b"<x:xmpmeta/>" * 20_000, film):
            assert not look(content + more).cut


@pytest.mark.parametrize("brand", [b"mp42", b"isom", b"M4B ", b"dash"])
@pytest.mark.parametrize("long", [False, True])
def test_a_film_without_pictures_is_a_sound(brand, long):
    """It is told by its tracks, which stand before the data or behind; few bytes are read."""
    data = box(b"mdat", bytes(5_000_000), long=long)
    for handlers, mime in (
        ([SOUND], "audio/mp4"),
        ([SOUND, TEXT], "audio/mp4"),
        ([SOUND, FILM], "video/mp4"),
        ([FILM], "video/mp4"),
        ([], "video/mp4"),
    ):
        told = moov(*handlers)
        for content in (ftyp(brand) + told + data, ftyp(brand) + data + told):
            file = Counted(content)
            assert look_at(file, len(content)).mime == mime
            assert file.taken < 10_000


def test_of_a_file_of_a_million_parts_few_are_read():
    """It is looked at no longer than a second, whoever made it."""
    for content in (
        ftyp(b"mp42") + box(b"free", b"") * 1_000_000,
        PNG[:-12] + bytes(12_000_000),
        JPEG[:8] + b"\xff\xe0\0\2" * 3_000_000,
    ):
        file = Counted(content)
        assert not look_at(file, len(content)).cut
        assert file.taken < 1_000_000


@pytest.mark.parametrize(
    ("head", "sort"),
    [
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\nHi", "subtitles"),
        (b"\xef\xbb\xbf" + SRT, "subtitles"),
        (b"[Script Info]\r\nTitle: A film", "subtitles"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "image"),
        (b'<?xml version="1.0"?>\n<svg>', "image"),
        (b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code>', None),
        (b"<!doctype html><!-- a --> b --><svg>", None),
        (b'[{"error": 1}]', None),
        (ftyp(b"avif", b"mif1"), "image"),
        (ftyp(b"M4A "), "video"),
        (b"GIF89a", "image"),
    ],
)
def test_what_a_download_is_of(head, sort):
    """Captions and pictures of each sort are files, pages of errors are none."""
    assert sort_of(head) == sort
