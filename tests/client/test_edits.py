"""HeyGen v3 clippings, background and filler word removals, podcasts, hyperframes renders."""

from __future__ import annotations

import pytest

from heygen_async import (
    AiClipping,
    BackgroundRemoval,
    FillerWordRemoval,
    HyperframesRender,
    InvalidRequestError,
    JobFailedError,
    NotFoundError,
    Podcast,
)
from heygen_async.emulator import Fault

TALK = "https://example.com/talk.mp4"
VOICES = {"host_voice_id": "v1", "guest_voice_id": "v2"}
PODCAST = Podcast(host_avatar_id="photo_ada", guest_avatar_id="photo_ada", topic="Rivers", **VOICES)
SPECS = [
    AiClipping(video=TALK),
    BackgroundRemoval(video=TALK),
    FillerWordRemoval(video=TALK),
    HyperframesRender(project="https://example.com/p.zip"),
    PODCAST,
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: type(spec).__name__)
async def test_each_is_made_once_whatever_happens_to_the_answer(heygen, emulator, spec, tmp_path):
    """All honour an idempotency key, one of them in its body."""
    emulator.faults.add(Fault(route="*", nth=1, reset="after"))
    job = await heygen.submit(spec, idempotency_key="k1")
    assert len(emulator.wallet.charges) == 1
    await job
    saved = await job.download_all(tmp_path)
    assert len(saved) == len({path.name for path in saved}) >= 2
    assert (await job.download(tmp_path / "main.mp4")).stat().st_size > 1000


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: type(spec).__name__)
async def test_each_says_why_it_failed(heygen, emulator, spec):
    """Also to a process that attaches by the token."""
    job = await heygen.submit(spec)
    emulator.fail(job.id, message="out of luck")
    with pytest.raises(JobFailedError, match="out of luck"):
        await heygen.attach(job.token)


async def test_the_clips_of_a_video_and_its_progress(heygen, emulator, tmp_path):
    """A clipping has several files, and tells how far it is."""
    job = await heygen.clips.create(AiClipping(video=TALK))
    seen = [status.progress async for status in job.events()]
    known = [each for each in seen if each is not None]
    assert known == sorted(known)
    assert 0 < known[-1] < 100
    assert len((await job).clips) == 2
    saved = await job.download_all(tmp_path)
    assert [path.name for path in saved][:2] == ["clips-1-video.mp4", "clips-2-video.mp4"]


async def test_one_layer_is_the_main_file(heygen, tmp_path):
    """Whichever it is."""
    job = await heygen.submit(BackgroundRemoval(video=TALK, layers=["mask"]))
    assert (await job.download(tmp_path / "mask.mp4")).stat().st_size > 1000


async def test_they_are_listed_and_deleted(heygen):
    """What is deleted is gone."""
    job = await heygen.podcasts.create(PODCAST)
    await job
    assert [each.podcast_id async for each in heygen.podcasts.list()] == [job.id]
    await heygen.podcasts.delete(job.id)
    with pytest.raises(NotFoundError):
        await heygen.podcasts.get(job.id)


def test_a_podcast_needs_something_to_talk_about():
    """A topic, files, or both."""
    with pytest.raises(InvalidRequestError, match="topic, source_files or both"):
        Podcast(host_avatar_id="a", guest_avatar_id="b", **VOICES)
