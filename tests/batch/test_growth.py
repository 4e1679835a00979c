"""What a batch keeps of its items when they have ended: nothing that grows with their number."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from heygen_async import BadRequestError, HeyGen
from heygen_async.transport import uploads
from tests.conftest import image_video
from tests.leftovers import alive
from tests.transport.file_server import FIRST, running, whole

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\0IEND" + bytes(100)


@pytest.fixture
async def vendor():
    async with running() as vendor:
        yield vendor


@pytest.fixture
async def heygen(vendor):
    async with HeyGen("secret", base_url=vendor.url) as client:
        yield client


async def test_what_is_remembered_of_files_is_bounded(heygen, vendor, monkeypatch, tmp_path):
    """A batch with a picture of its own for each spec grows by none of them; the last stay."""
    monkeypatch.setattr(uploads, "MOST_REMEMBERED", 3)

    async def asset(request):
        data = {"asset_id": f"a{len(vendor.asked)}", "url": "https://cdn.example/a.png"}
        return web.json_response({"data": data | {"mime_type": "image/png", "size_bytes": 9}})

    vendor.answers, locks = [asset], len(alive(asyncio.Lock))
    pictures = [PNG + bytes([n]) for n in range(6)]
    for picture in [*pictures, *pictures[3:], pictures[3]]:
        await heygen.assets.upload(picture)
    assert len(vendor.asked) == 6
    await heygen.assets.upload(pictures[0])
    assert len(vendor.asked) == 7
    for picture in (pictures[3], pictures[4]):  # 3 was used last, 4 was the oldest and had to go
        await heygen.assets.upload(picture)
    assert len(vendor.asked) == 8
    assert len(alive(asyncio.Lock)) == locks


async def test_no_lock_is_left_by_an_upload_that_failed(heygen, vendor):
    """Nor is anything else kept of it."""
    vendor.answers = [whole(b'{"error": {"code": "bad", "message": "no"}}', 400)]
    locks = len(alive(asyncio.Lock))
    for _ in range(2):
        for n in range(3):
            with pytest.raises(BadRequestError):
                await heygen.assets.upload(PNG + bytes([n]))
    assert len(vendor.asked) == 6
    assert len(alive(asyncio.Lock)) == locks


async def test_one_name_is_one_file(vendor, heygen, tmp_path):
    """Of two items with one name the second is refused unpaid, while the first runs or after."""
    specs = [image_video(title="t")] * 3

    async def slowly():
        for spec in specs:
            yield spec
            await asyncio.sleep(1000)

    for source in (specs, slowly()):
        vendor.posts = 0
        folder = tmp_path / type(source).__name__
        outcomes = heygen.map(source, key=lambda spec: spec.title, download_to=folder)
        oks = [outcome.ok async for outcome in outcomes]
        assert sorted(oks) == [False, False, True]
        assert vendor.posts == 1
        assert [path.name for path in folder.iterdir()] == ["t.mp4"]


async def test_a_name_without_a_file_is_free_again(vendor, heygen, tmp_path):
    """An item whose file could not be saved leaves its name to a later one."""
    vendor.answers = [whole(b"<html>Please log in.")]

    async def specs():
        yield image_video(title="t")
        await asyncio.sleep(1000)
        vendor.answers = [whole(FIRST)]
        yield image_video(title="t")

    outcomes = heygen.map(specs(), key=lambda spec: spec.title, download_to=tmp_path)
    oks = [outcome.ok async for outcome in outcomes]
    assert oks == [False, True]
    assert (tmp_path / "t.mp4").read_bytes() == FIRST


@pytest.mark.parametrize("url", ["/a.mp4", "/a.thisisnosuffix", "/a", "/a.html", "/a.WEBM"])
async def test_a_name_is_taken_whatever_its_suffix(vendor, heygen, tmp_path, url):
    """What is saved is found by the next run, which cannot know the suffix before it pays."""
    vendor.urls = [url]
    for posts in (1, 1):
        specs = [image_video(title="t")]
        async for _ in heygen.map(specs, key=lambda spec: spec.title, download_to=tmp_path):
            pass
        assert vendor.posts == posts
        assert len(list(tmp_path.iterdir())) == 1
