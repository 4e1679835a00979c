"""Local files are known by their first bytes, and refused before they go up if they will not do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import InvalidRequestError
from heygen_async.protocol.heygen.media import UPLOADS
from heygen_async.protocol.media import check_file
from heygen_async.protocol.sniff import image_size, mime_type

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes((0, 0, 2, 128, 0, 0, 1, 224))
JPEG = b"\xff\xd8\xff\xe0\0\4\0\0\xff\xc0\0\x11\x08\1\xe0\2\x80" + bytes(8)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(4)
WEBM = b"\x1a\x45\xdf\xa3" + bytes(12)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "
MP3 = b"ID3\x04" + bytes(12)
PDF = b"%PDF-1.7" + bytes(8)
SRT = b"1\r\n00:00:00,000 --> 00:00:01,000\r\nHello\r\n"
IMAGE, AUDIO, VIDEO = (frozenset({sort}) for sort in ("image", "audio", "video"))


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (MP4, "video/mp4"),
        (WEBM, "video/webm"),
        (WAV, "audio/wav"),
        (MP3, "audio/mpeg"),
        (b"\xff\xfb\x90\x00" + bytes(12), "audio/mpeg"),
        (b"\xff\xf3\x90\x00" + bytes(12), "audio/mpeg"),
        (b"\xff\xf2\x90\x00" + bytes(12), "audio/mpeg"),
        (PDF, "application/pdf"),
        (SRT, "application/x-subrip"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", None),
        (b"<!DOCTYPE html>\n", None),
        (b"\x89PN", None),
        (b" \x89PNG\r\n\x1a\n", None),
        (bytes(16), None),
        (b"", None),
    ],
)
def test_a_type_is_told_by_the_first_bytes(head, mime):
    """What the vendors take is known by its signature, everything else is unknown."""
    assert mime_type(head) == mime


@given(st.binary(max_size=64) | st.binary(max_size=64).map(lambda rest: JPEG[:4] + rest))
def test_any_bytes_have_a_type_and_a_size_or_none(head):
    """No head of a file raises, whatever it pretends to be."""
    mime = mime_type(head)
    assert mime is None or mime.partition("/")[0] in {"image", "audio", "video", "application"}
    for start in (head, PNG[:8] + head, b"GIF89a" + head, WAV[:8] + b"WEBPVP8 " + head):
        size = image_size(start)
        assert size is None or all(0 <= pixels < 2**32 for pixels in size)


@pytest.mark.parametrize("head", [PNG, JPEG])
def test_a_picture_has_its_width_and_height(head):
    """Both formats tell 640 by 480."""
    assert image_size(head) == (640, 480)


@pytest.mark.parametrize(
    ("head", "sorts", "mime"),
    [
        (PNG, IMAGE, "image/png"),
        (JPEG, IMAGE | VIDEO, "image/jpeg"),
        (MP4, IMAGE | VIDEO, "video/mp4"),
        (WAV, AUDIO, "audio/wav"),
        (PDF, None, "application/pdf"),
        (MP3, None, "audio/mpeg"),
    ],
)
def test_a_file_of_a_wanted_sort_is_taken(head, sorts, mime):
    """Its MIME type comes back; a file of exactly the limit is still good."""
    wanted = {"media": sorts} if sorts else {}
    for size in (1, UPLOADS.sizes[mime]):
        assert check_file("me", head, size, wanted, UPLOADS.sizes) == mime


@pytest.mark.parametrize(
    ("head", "size", "sorts", "message"),
    [
        (b"", 0, IMAGE, "^me.png is empty$"),
        (PNG, 0, IMAGE, "is empty"),
        (PNG, 52_428_801, IMAGE, "me.png has 52,428,801 bytes, at most 52,428,800 are taken"),
        (PNG, 52_428_801, IMAGE, "host it and pass its URL"),
        (MP4, 16, IMAGE, "is video/mp4 by its first bytes, image/png or image/jpeg is wanted"),
        (PNG, 16, AUDIO, "is image/png by its first bytes, audio/mpeg or audio/wav is wanted"),
        (PNG, 16, VIDEO, "is image/png by its first bytes, video/mp4 or video/webm is wanted"),
        (PDF, 16, IMAGE, "is application/pdf by its first bytes"),
        (b"hello", 5, IMAGE, "is of an unknown type by its first bytes, image/png or image/jpeg"),
        (b"hello", 5, None, "is of an unknown type by its first bytes"),
    ],
)
def test_a_file_that_will_not_do_is_refused(head, size, sorts, message):
    """Empty, too big or of another sort: the message names the file and what is wanted."""
    wanted = {"media": sorts} if sorts else {}
    with pytest.raises(InvalidRequestError, match=message):
        check_file("me.png", head, size, wanted, UPLOADS.sizes)
