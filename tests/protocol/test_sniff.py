"""Files are known by their first bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async.protocol.sniff import image_size, mime_type

from .heads import JPEG, MP3, MP4, PDF, PNG, SRT, WAV, WEBM


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
