"""The least files of each sort; the pictures have 640 by 480 pixels."""

from __future__ import annotations

PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes((0, 0, 2, 128, 0, 0, 1, 224)) + bytes(9) + PNG_END
JPEG = (
    b"\xff\xd8\xff\xe0\0\4\0\0"  # JFIF
    b"\xff\xc0\0\x08\x08\1\xe0\2\x80\3"  # the frame
    b"\xff\xda\0\4\1\1picture\xff\0picture\xff\xd9"
)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(4)
WEBM = b"\x1a\x45\xdf\xa3" + bytes(12)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "
MP3 = b"ID3\x04" + bytes(12)
PDF = b"%PDF-1.7" + bytes(8)
SRT = b"1\r\n00:00:00,000 --> 00:00:01,000\r\nHello\r\n"
