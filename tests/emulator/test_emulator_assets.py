"""Uploads and voices."""

from __future__ import annotations

import pytest

FILES = {
    "image/png": b"\x89PNG\r\n\x1a\n...",
    "image/jpeg": b"\xff\xd8\xff\xe0...",
    "video/mp4": b"\x00\x00\x00\x18ftypmp42",
    "video/webm": b"\x1a\x45\xdf\xa3...",
    "audio/wav": b"RIFF\x00\x00\x00\x00WAVE",
    "audio/mpeg": b"\xff\xfb\x90...",
    "application/pdf": b"%PDF-1.7",
    "application/x-subrip": b"1\n00:00:00,000 --> 00:00:01,000\nHi\n",
}


@pytest.mark.parametrize(("mime_type", "content"), FILES.items(), ids=FILES.keys())
async def test_an_upload_is_recognised_by_its_bytes(api, session, mime_type, content):
    """The media type comes from the content, and the URL serves what was uploaded."""
    data = (await api.upload(content)).json["data"]
    assert (data["mime_type"], data["size_bytes"]) == (mime_type, len(content))
    assert api.emulator.assets[data["asset_id"]].content == content
    async with session.get(data["url"]) as response:
        assert (response.content_type, await response.read()) == (mime_type, content)


@pytest.mark.parametrize("content", [b"", b"hello", b"RIFF\x00\x00\x00\x00AVI ", b"\xff\xd8"])
async def test_an_unknown_type_is_refused(api, content):
    """What is none of the eight types is a 400."""
    reply = await api.upload(content)
    assert (reply.status, reply.error["param"]) == (400, "file")
    assert not api.emulator.assets


async def test_the_field_has_to_be_file(api):
    """Another field is refused by its name, and a body that is no form asks for a file."""
    other = await api.upload(b"%PDF-", field="document")
    json = await api.send("POST", "/v3/assets", json={})
    empty = await api.send(
        "POST",
        "/v3/assets",
        data=b"--b--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert (other.status, other.error["param"]) == (400, "document")
    for reply in (json, empty):
        assert (reply.status, reply.error["param"]) == (400, "file")
        assert reply.error["message"].startswith("File is required.")


async def test_a_broken_form_is_refused(api):
    """A form without a boundary is a 400, not a crash."""
    headers = {"Content-Type": "multipart/form-data"}
    reply = await api.send("POST", "/v3/assets", data=b"x", headers=headers)
    assert (reply.status, reply.error["param"]) == (400, "file")


async def test_thirty_two_megabytes_are_the_limit(api, session):
    """A file of 32 MB goes through, one byte more is 413."""
    largest = b"%PDF-".ljust(32 * 1024 * 1024, b".")
    fits = await api.upload(largest)
    over = await api.upload(largest + b".")
    async with session.get(fits.json["data"]["url"]) as response:
        assert await response.read() == largest
    assert (over.status, over.error["code"]) == (413, "payload_too_large")


async def test_voices_are_public_by_default(api):
    """The public voices come first, v1 among them; the private ones are asked for."""
    public = (await api.get("/v3/voices")).json["data"]
    private = (await api.get("/v3/voices?type=private")).json["data"]
    assert len(public) == 12
    assert "/audio/v1.wav?expires=" in public[0].pop("preview_audio_url")
    assert public[0] == {
        "voice_id": "v1",
        "name": "Ada",
        "language": "English",
        "gender": "female",
        "support_pause": True,
        "support_locale": True,
        "type": "public",
    }
    assert [voice["type"] for voice in private] == ["private", "private"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("language=German", ["Greta", "Hans"]),
        ("language=german&gender=male", ["Hans"]),
        ("engine=fish", ["Fabien", "Ichika"]),
        ("type=private&gender=female", ["My voice"]),
        ("language=Klingon", []),
    ],
)
async def test_voices_are_filtered(api, query, names):
    """All given filters have to fit."""
    voices = (await api.get(f"/v3/voices?{query}")).json["data"]
    assert [voice["name"] for voice in voices] == names


async def test_voices_are_paged(api):
    """Voices page like every list."""
    first = (await api.get("/v3/voices?limit=7")).json
    second = (await api.get(f"/v3/voices?limit=7&token={first['next_token']}")).json
    assert (len(first["data"]), len(second["data"])) == (7, 5)
    assert second["next_token"] is None


@pytest.mark.parametrize(
    ("query", "param"),
    [("type=mine", "type"), ("limit=101", "limit"), ("token=x", "token"), ("lang=en", "lang")],
)
async def test_a_bad_voice_query_is_refused(api, query, param):
    """An unknown filter or word is a 400 that names it."""
    reply = await api.get(f"/v3/voices?{query}")
    assert (reply.status, reply.error["param"]) == (400, param)
