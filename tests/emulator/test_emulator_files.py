"""The file server: signatures, expiry and ranges."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from .conftest import pass_time, using


@pytest.fixture
async def video_url(api, image_video):
    video_id = (await api.create(image_video)).json["data"]["video_id"]
    api.emulator.complete(video_id)
    return (await api.get(f"/v3/videos/{video_id}")).json["data"]["video_url"]


@pytest.fixture
async def content(session, video_url):
    async with session.get(video_url) as response:
        return await response.read()


async def test_a_video_is_served_whole(session, video_url):
    """The URL gives an MP4 with its length and validators."""
    async with session.get(video_url) as response:
        content = await response.read()
        assert (response.status, response.content_type) == (200, "video/mp4")
        assert response.content_length == len(content) > 10_000
        assert response.headers["Accept-Ranges"] == "bytes"
        assert response.headers["ETag"].startswith('"')
    assert content[4:8] == b"ftyp"
    async with session.head(video_url) as response:
        assert (response.status, response.content_length) == (200, len(content))


@pytest.mark.parametrize("output_format", ["mp4", "webm"])
async def test_each_kind_of_file_is_what_it_says(api, session, image_video, output_format):
    """Video, thumbnail, GIF and subtitles of a finished job have their magic bytes."""
    request = {**image_video, "output_format": output_format, "caption": {"style": "default"}}
    video_id = (await api.create(request)).json["data"]["video_id"]
    api.emulator.complete(video_id)
    data = (await api.get(f"/v3/videos/{video_id}")).json["data"]
    magic = {"mp4": b"ftyp", "webm": b"\x1a\x45\xdf\xa3"}[output_format]
    for field, start in {
        "video_url": magic,
        "captioned_video_url": magic,
        "thumbnail_url": b"\xff\xd8\xff",
        "gif_url": b"GIF89a",
        "subtitle_url": b"1\n00:00:",
    }.items():
        async with session.get(data[field]) as response:
            assert response.status == 200
            assert start in (await response.read())[:12], field


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffprobe")
def test_ffprobe_opens_the_media(tmp_path):
    """A real decoder finds picture and sound in the packaged videos."""
    from heygen_async.emulator._files import media

    for name, codecs in {"video.mp4": {"h264", "aac"}, "video.webm": {"vp9", "opus"}}.items():
        path = tmp_path / name
        path.write_bytes(media()[name].content)
        command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0"]
        done = subprocess.run([*command, path], capture_output=True, text=True, check=True)
        assert set(done.stdout.split()) == codecs


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=1000-", slice(1000, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=0-99999999", slice(0, None)),
    ],
)
async def test_one_range_is_served(session, video_url, content, asked, part):
    """A range is 206 with exactly these bytes and where they are from."""
    async with session.get(video_url, headers={"Range": asked}) as response:
        start, stop, _ = part.indices(len(content))
        assert response.status == 206
        assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(content)}"
        assert await response.read() == content[part]


async def test_a_range_beyond_the_end_is_416(session, video_url, content):
    """A range that starts behind the file says how long the file is."""
    async with session.get(video_url, headers={"Range": f"bytes={len(content)}-"}) as response:
        assert response.status == 416
        assert response.headers["Content-Range"] == f"bytes */{len(content)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "bytes=5-2", "lines=1-2"])
async def test_what_is_no_single_range_is_ignored(session, video_url, content, asked):
    """Several ranges, broken ones and other units get the whole file."""
    async with session.get(video_url, headers={"Range": asked}) as response:
        assert (response.status, await response.read()) == (200, content)


async def test_if_range_guards_a_resume(session, video_url):
    """With another ETag the whole file comes instead of the rest."""
    async with session.get(video_url) as response:
        etag = response.headers["ETag"]
    statuses = []
    for guard in (etag, '"other"'):
        headers = {"Range": "bytes=5-", "If-Range": guard}
        async with session.get(video_url, headers=headers) as response:
            statuses.append(response.status)
    assert statuses == [206, 200]


@pytest.mark.parametrize(
    ("old", "new"),
    [("signature=", "signature=0"), ("expires=", "expires=9"), ("/video/", "/thumbnail/")],
)
async def test_a_forged_url_is_refused(session, video_url, old, new):
    """A changed signature, date or path is 403 with an XML body."""
    async with session.get(video_url.replace(old, new)) as response:
        assert (response.status, response.content_type) == (403, "application/xml")
        assert "<Code>AccessDenied</Code>" in await response.text()


async def test_a_bare_url_is_refused(session, video_url):
    """Without a signature there is no file."""
    async with session.get(video_url.partition("?")[0]) as response:
        assert response.status == 403


@using(url_ttl=0.0)
async def test_an_expired_url_is_refused(session, video_url):
    """After its time a URL is 403 and says so."""
    async with session.get(video_url) as response:
        assert response.status == 403
        assert "Request has expired" in await response.text()


@using(url_ttl=100.0)
async def test_urls_are_signed_afresh(api, session):
    """A second read of a video gives a good URL when that of the first has expired."""
    video_id = api.emulator.add_video(0)
    first = (await api.get(f"/v3/videos/{video_id}")).json["data"]["video_url"]
    pass_time(101)
    second = (await api.get(f"/v3/videos/{video_id}")).json["data"]["video_url"]
    for url, status in ((first, 403), (second, 200)):
        async with session.get(url) as response:
            assert response.status == status


async def test_a_deleted_video_has_no_file(api, session, video_url):
    """The file goes with the video."""
    await api.send("DELETE", f"/v3/videos/{next(iter(api.emulator.videos))}")
    async with session.get(video_url) as response:
        assert response.status == 404


async def test_files_are_only_read(session, video_url):
    """A POST to the file server is 405."""
    async with session.post(video_url) as response:
        assert response.status == 405
