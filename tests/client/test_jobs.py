"""Jobs as their users hold them."""

from __future__ import annotations

import asyncio
import json

import pytest

from heygen_async import (
    DownloadError,
    HeyGen,
    InvalidRequestError,
    JobFailedError,
    JobTimeoutError,
    NotFoundError,
    PollPolicy,
    RateLimitError,
    ResponseError,
    RetryPolicy,
    State,
    TransportError,
)
from heygen_async.emulator import Emulator, Fault
from tests.conftest import image_video

GET = "GET /v3/videos/{video_id}"


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_job_gives_its_video(heygen, emulator):
    """Waiting returns the finished video with its URL, all fields read."""
    job = await heygen.videos.create(image_video(title="Ada"))
    assert job.status.state is State.QUEUED
    assert job.status.raw == "waiting"
    assert job.kind == "heygen.video"
    video = await job.wait()
    assert video.id == job.id
    assert video.title == "Ada"
    assert video.status == "completed"
    assert video.video_url.startswith(emulator.files_url)
    assert job.status.terminal


async def test_a_job_can_be_awaited_itself(heygen):
    """``await job`` is ``await job.wait()``, also a second time, and then costs nothing."""
    job = await heygen.submit(image_video())
    video = await job
    requests = heygen.statistics().requests
    assert await job is video
    assert heygen.statistics().requests == requests


async def test_a_failed_render_raises_with_the_vendors_reason(heygen, emulator):
    """Failure ends the wait with code and message, and the job in the error."""
    job = await heygen.submit(image_video())
    emulator.fail(job.id, code="MOVIO_PAYMENT_INSUFFICIENT_CREDIT", message="Insufficient credit.")
    with pytest.raises(JobFailedError, match=r"Insufficient credit\.") as caught:
        await job
    assert caught.value.code == "MOVIO_PAYMENT_INSUFFICIENT_CREDIT"
    assert caught.value.job is job
    assert job.status.state is State.FAILED


async def test_events_tell_each_change_and_end(heygen):
    """The iterator starts with what is known and ends with the terminal status."""
    job = await heygen.submit(image_video())
    seen = [(status.state, status.raw) async for status in job.events()]
    assert seen == [
        (State.QUEUED, "waiting"),
        (State.QUEUED, "pending"),
        (State.RUNNING, "processing"),
        (State.COMPLETED, "completed"),
    ]
    assert [status.state async for status in job.events()] == [State.COMPLETED]


async def test_events_show_a_failure_as_a_status(heygen, emulator):
    """A failed render is the last event, not an exception."""
    job = await heygen.submit(image_video())
    emulator.fail(job.id)
    assert [status.state async for status in job.events()][-1] is State.FAILED


async def test_events_raise_what_ends_a_wait(heygen, emulator):
    """A closed client ends the iterator with the error that also ends waits."""
    job = await heygen.submit(image_video())

    async def watch():
        return [status async for status in job.events()]

    task = asyncio.create_task(watch())
    await asyncio.sleep(1)
    await heygen.aclose()
    with pytest.raises(TransportError, match="closed"):
        await task


async def test_refresh_looks_once(heygen, emulator):
    """``refresh`` is one request and tells the state of the moment."""
    job = await heygen.submit(image_video())
    assert (await job.refresh()).state is State.QUEUED
    emulator.complete(job.id)
    assert (await job.refresh()).state is State.COMPLETED
    assert emulator.count(GET) == 2
    assert (await job).id == job.id
    assert emulator.count(GET) == 2


async def test_a_deadline_is_kept_with_a_last_look_before_it(heygen, emulator):
    """A job that ends just before the deadline is noticed in time."""
    job = await heygen.submit(image_video())
    waiting = asyncio.create_task(job.wait(timeout=10))  # the first look would be at about 15 s
    await asyncio.sleep(8.5)
    emulator.complete(job.id)
    assert (await waiting).id == job.id
    assert now() < 10
    late = await heygen.submit(image_video())
    with pytest.raises(JobTimeoutError) as caught:
        await late.wait(timeout=5)
    assert late.token in str(caught.value)
    assert now() < 20


async def test_short_waits_in_a_row_see_the_end(heygen, emulator):
    """Waiting in slices does not put the looks off again and again."""
    job = await heygen.submit(image_video())
    video = None
    while video is None:
        try:
            async with asyncio.timeout(2):
                video = await job
        except TimeoutError:
            continue
    took = emulator.videos[job.id].duration
    assert now() < took + 30


async def test_a_token_is_one_line_and_finds_the_job_in_another_client(heygen, emulator):
    """Attaching sends nothing; waiting then works as ever."""
    job = await heygen.submit(image_video())
    assert "\n" not in job.token
    assert emulator.api_key not in job.token
    async with HeyGen(emulator.api_key, base_url=emulator.url) as other:
        found = other.attach(f" {job.token}\n")
        assert other.statistics().requests == 0
        assert found.id == job.id
        assert found.token == job.token
        assert (await found).id == job.id


@pytest.mark.parametrize("token", ["", "abc", "heygen.video/1/", "other.kind/1/x", "a b", None])
async def test_a_bad_token_is_refused(heygen, token):
    """What is no token says how one looks."""
    with pytest.raises(InvalidRequestError, match="token"):
        heygen.attach(token)


async def test_a_deleted_video_ends_its_wait_when_the_budget_is_used_up(emulator):
    """Not found is trouble like any other: it ends the wait, but not at once."""
    policy = PollPolicy(error_budget=50)
    async with HeyGen(emulator.api_key, base_url=emulator.url, poll=policy) as heygen:
        job = await heygen.submit(image_video())
        await heygen.videos.delete(job.id)
        with pytest.raises(NotFoundError) as caught:
            await job
    assert caught.value.job is job
    assert 110 < now() < 200


async def test_completed_without_a_file_is_looked_at_again(heygen, emulator):
    """A video that says completed before its URL is there is waited for."""
    job = await heygen.submit(image_video())
    body = json.dumps({"data": {"id": job.id, "status": "completed", "video_url": None}})
    emulator.faults.add(Fault(route=GET, nth=(1, 2), body=body, content_type="application/json"))
    emulator.complete(job.id)
    assert (await job).video_url
    assert emulator.count(GET) == 3


async def test_a_file_that_never_comes_ends_the_wait(heygen, emulator):
    """Completed for ever without a URL is an error after the budget, not an endless wait."""
    job = await heygen.submit(image_video())
    body = json.dumps({"data": {"id": job.id, "status": "completed", "video_url": None}})
    emulator.faults.add(Fault(route=GET, body=body, content_type="application/json"))
    with pytest.raises(ResponseError, match="no file"):
        await job


async def test_run_holds_a_slot_until_the_job_has_ended():
    """Thirty runs under ten slots never meet the vendor's limit of ten jobs in flight."""
    async with (
        Emulator(max_concurrent_jobs=10, seed=3) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        videos = await asyncio.gather(*(heygen.run(image_video()) for _ in range(30)))
        assert len({video.id for video in videos}) == 30
        assert heygen.statistics().rate_limited == 0


async def test_a_failed_run_gives_its_slot_back(emulator):
    """One slot, and a run that fails, is cancelled or times out does not keep it."""
    async with HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=1) as heygen:
        with pytest.raises(JobTimeoutError):
            await heygen.run(image_video(), timeout=1)
        cancelled = asyncio.create_task(heygen.run(image_video()))
        await asyncio.sleep(1)
        cancelled.cancel()
        assert (await heygen.run(image_video())).status == "completed"


async def test_too_many_jobs_at_once_are_said_after_patience():
    """Where the vendor's limit stays exceeded, the error is its own, and nothing was charged."""
    async with (
        Emulator(max_concurrent_jobs=1, median=10_000, sigma=0) as emulator,
        HeyGen(
            emulator.api_key, base_url=emulator.url, retry=RetryPolicy(max_attempts=3)
        ) as heygen,
    ):
        await heygen.submit(image_video())
        with pytest.raises(RateLimitError) as caught:
            await heygen.submit(image_video())
        assert caught.value.retry_after
        assert len(emulator.wallet.charges) == 1


async def test_download_waits_and_saves(heygen, emulator, tmp_path):
    """``download`` needs no wait before it, and returns where the file is."""
    job = await heygen.submit(image_video())
    path = await job.download(str(tmp_path / "a.mp4"))
    assert path == tmp_path / "a.mp4"
    assert path.read_bytes()[4:8] == b"ftyp"


async def test_download_takes_care_of_what_is_there(heygen, tmp_path):
    """An existing file is replaced only on demand; a missing folder is said before the wait."""
    job = await heygen.submit(image_video())
    target = tmp_path / "a.mp4"
    target.write_text("mine")
    with pytest.raises(DownloadError, match="overwrite=True"):
        await job.download(target)
    with pytest.raises(InvalidRequestError, match="create it first"):
        await job.download(tmp_path / "none" / "a.mp4")
    with pytest.raises(InvalidRequestError, match="is a folder"):
        await job.download(tmp_path, overwrite=True)
    assert now() < 5
    assert target.read_text() == "mine"
    await job.download(target, overwrite=True)
    assert target.read_bytes()[4:8] == b"ftyp"


async def test_a_full_disk_is_a_clear_error_and_loses_nothing(heygen, tmp_path, monkeypatch):
    """No space left: the error says so, no part stays, and the job is in the error."""
    from heygen_async.transport.downloads import PartFile

    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PartFile, "settle", full)
    job = await heygen.submit(image_video())
    with pytest.raises(DownloadError, match="No space left") as caught:
        await job.download(tmp_path / "a.mp4")
    assert caught.value.job is job
    assert list(tmp_path.iterdir()) == []


async def test_a_video_without_a_job_can_be_saved(heygen, emulator, tmp_path):
    """``videos.download`` takes a video or its id, and waits for it if need be."""
    video_id = emulator.add_video(duration=30)
    await heygen.videos.download(video_id, tmp_path / "a.mp4")
    video = await heygen.videos.get(video_id)
    await heygen.videos.download(video, tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
