"""Local media on their way up."""

from __future__ import annotations

import asyncio
import gc

import pytest

from heygen_async import AssetId, HeyGenError, InvalidRequestError, Watermark
from heygen_async.emulator import Fault
from tests.conftest import PORTRAIT, image_video

UPLOAD = "POST /v3/assets"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\0IEND" + bytes(100)


async def test_a_path_goes_up_and_its_asset_into_the_request(heygen, emulator):
    """The spec's file is uploaded, and the video refers to it by id."""
    job = await heygen.submit(image_video(image=PORTRAIT))
    sent = emulator.videos[job.id].request["image"]
    assert sent["type"] == "asset_id"
    assert emulator.count(UPLOAD) == 1


async def test_an_upload_returns_its_asset(heygen):
    """The asset tells id, type and size, as the vendor answers."""
    asset = await heygen.assets.upload(PORTRAIT)
    assert asset.mime_type == "image/jpeg"
    assert asset.size_bytes == PORTRAIT.stat().st_size
    assert await heygen.submit(image_video(image=asset))
    assert await heygen.submit(image_video(image=AssetId(asset.id)))


async def test_the_same_file_goes_up_once(heygen, emulator):
    """Fifty concurrent renders of one portrait and its watermark cost one upload each."""
    mark = Watermark(image=PNG)
    spec = image_video(image=PORTRAIT, watermark=mark)
    await asyncio.gather(*(heygen.submit(spec) for _ in range(50)))
    await heygen.assets.upload(PORTRAIT)
    assert emulator.count(UPLOAD) == 2


async def test_a_changed_file_goes_up_again(heygen, emulator, tmp_path):
    """The same name with another content is another file."""
    picture = tmp_path / "a.png"
    for size in (10, 11):
        picture.write_bytes(PNG + bytes(size))
        await heygen.submit(image_video(image=picture))
    assert emulator.count(UPLOAD) == 2


async def test_a_failed_upload_is_taken_over_by_the_next_waiter(heygen, emulator):
    """The first of two uploaders is cancelled on the way; the other still gets its asset."""
    emulator.faults.add(Fault(route=UPLOAD, nth=1, delay=50))
    first = asyncio.create_task(heygen.assets.upload(PNG))
    second = asyncio.create_task(heygen.assets.upload(PNG))
    await asyncio.sleep(10)
    first.cancel()
    assert (await second).mime_type == "image/png"
    assert first.cancelled() or first.cancelling()


async def test_an_upload_with_a_lost_answer_is_sent_again_whole(heygen, emulator):
    """An upload is repeated under its key, from the first byte."""
    emulator.faults.add(Fault(route=UPLOAD, nth=1, reset="after"))
    asset = await heygen.assets.upload(PORTRAIT)
    assert asset.size_bytes == PORTRAIT.stat().st_size


async def test_no_file_handle_is_left_by_a_failed_upload(heygen, emulator):
    """A file that could not be sent is closed all the same (an open one would warn)."""
    emulator.faults.add(Fault(route=UPLOAD, status=400))
    with pytest.raises(HeyGenError):
        await heygen.assets.upload(PORTRAIT)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b"GIF89a" + bytes(50), "image/gif"),
        (b"ID3" + bytes(50), "image/png or image/jpeg is wanted"),
        (PNG + bytes(50 * 1024 * 1024), "at most 52,428,800"),
    ],
    ids=["missing", "empty", "unknown", "no-image", "too-large"],
)
async def test_a_bad_file_is_refused_before_anything_is_sent(
    heygen, emulator, tmp_path, content, message
):
    """A file that cannot work costs no request, as a path or as bytes."""
    path = tmp_path / "picture.png"
    if content is not None:
        path.write_bytes(content)
        with pytest.raises(InvalidRequestError, match=message):
            await heygen.submit(image_video(image=content))
    with pytest.raises(InvalidRequestError, match=message):
        await heygen.submit(image_video(image=path))
    assert not emulator.received


async def test_all_files_are_checked_before_the_first_goes_up(heygen, emulator, tmp_path):
    """A good picture is not uploaded for a spec whose watermark is missing."""
    spec = image_video(image=PORTRAIT, watermark=Watermark(image=tmp_path / "none.png"))
    with pytest.raises(InvalidRequestError, match=r"none\.png"):
        await heygen.submit(spec)
    assert not emulator.received


async def test_upload_names_the_right_type_for_a_str(heygen):
    """A local path as text is refused with the way to write it."""
    with pytest.raises(InvalidRequestError, match=r"Path\('a\.jpg'\)"):
        await heygen.assets.upload("a.jpg")


async def test_a_cancelled_upload_leaves_no_file_open(heygen, tmp_path, monkeypatch):
    """It is cancelled while a thread opens the file, which is closed then: warnings are errors."""
    picture = tmp_path / "ada.jpg"
    picture.write_bytes(PORTRAIT.read_bytes())
    opened = asyncio.Event()
    loop = asyncio.get_running_loop()
    in_thread = loop.run_in_executor

    def run_in_executor(executor, function, *args):
        if getattr(function, "__name__", "") == "_open":
            loop.call_soon(opened.set)
        return in_thread(executor, function, *args)

    monkeypatch.setattr(loop, "run_in_executor", run_in_executor)
    uploading = asyncio.create_task(heygen.assets.upload(picture))
    await opened.wait()
    uploading.cancel()
    await asyncio.gather(uploading, return_exceptions=True)
    gc.collect()
    assert picture.read_bytes() == PORTRAIT.read_bytes()
