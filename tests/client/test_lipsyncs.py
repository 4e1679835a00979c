"""HeyGen v3 lip syncs."""

from __future__ import annotations

import pytest

from heygen_async import InvalidRequestError, JobFailedError, Lipsync, NotFoundError, State

SPEC = Lipsync(video="https://example.com/a.mp4", audio="https://example.com/a.mp3", title="One")


async def test_a_lip_sync_is_made_listed_renamed_and_deleted(heygen, emulator, tmp_path):
    """Each operation of the collection, and one charge for the one job."""
    job = await heygen.lipsyncs.create(SPEC, idempotency_key="k1")
    assert (await heygen.lipsyncs.statuses([job.id]))[job.id].state is State.QUEUED
    made = await job.wait()
    assert (await job.download(tmp_path / "a.mp4")).stat().st_size > 1000
    assert (await heygen.lipsyncs.get(job.id)).title == made.title == "One"
    assert (await heygen.lipsyncs.update(job.id, title="Two")).title == "Two"
    assert [each.title async for each in heygen.lipsyncs.list()] == ["Two"]
    assert len(emulator.wallet.charges) == 1
    await heygen.lipsyncs.delete(job.id)
    with pytest.raises(NotFoundError):
        await heygen.lipsyncs.get(job.id)


async def test_a_lip_sync_that_fails_says_why(heygen, emulator):
    """Its job ends with an error, also when attached by its token; bad input is refused."""
    job = await heygen.submit(SPEC)
    emulator.fail(job.id, message="no lips")
    with pytest.raises(JobFailedError, match="no lips"):
        await heygen.attach(job.token)
    with pytest.raises(InvalidRequestError, match="mode must be one of"):
        Lipsync(video=SPEC.video, audio=SPEC.audio, mode="fast")
