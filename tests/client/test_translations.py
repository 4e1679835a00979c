"""HeyGen v3 translations: several languages, several jobs, one paid call."""

from __future__ import annotations

import asyncio

import pytest

from heygen_async import InvalidRequestError, JobFailedError, Proofread, VideoTranslation
from heygen_async.emulator import Fault

CLIP = "https://example.com/talk.mp4"
SPEC = VideoTranslation(video=CLIP, output_languages=["French", "German"], enable_caption=True)


async def test_a_translation_is_a_job_for_each_language(heygen, emulator, tmp_path):
    """Their order is that of the languages, and each is paid once."""
    jobs = await heygen.translations.create(SPEC, idempotency_key="k")
    made = [await job for job in jobs]
    assert [each.output_language for each in made] == ["French", "German"]
    assert [job.id for job in await heygen.translations.create(SPEC, idempotency_key="k")] == [
        job.id for job in jobs
    ]
    assert len(emulator.wallet.charges) == 2
    saved = await jobs[0].download_all(tmp_path)
    assert [path.name for path in saved] == ["video.mp4", "audio.wav", "srt_caption.srt"]


async def test_one_language_goes_anywhere_several_are_asked_about(heygen, emulator):
    """``submit``, ``run`` and ``map`` refuse what would lead to several jobs, before it is sent."""
    with pytest.raises(InvalidRequestError, match="leads to 2 jobs"):
        await heygen.submit(SPEC)
    assert not emulator.received
    outcomes = [outcome async for outcome in heygen.map(SPEC.each())]
    assert {outcome.result.output_language for outcome in outcomes} == {"French", "German"}


async def test_a_cancelled_call_reports_all_its_jobs(heygen, emulator):
    """Both were paid for, so both are orphans."""
    emulator.faults.add(Fault(route="POST /v3/video-translations", delay=5.0))
    call = asyncio.create_task(heygen.translations.create(SPEC))
    await asyncio.sleep(1)
    call.cancel()
    await asyncio.sleep(20)
    assert {orphan.job.id for orphan in heygen.orphans()} == set(emulator.jobs)
    assert len(emulator.jobs) == 2


async def test_only_the_sound_is_a_result_as_well(heygen, tmp_path):
    """Where only the audio is translated, that is the file."""
    spec = VideoTranslation(video=CLIP, output_languages=["French"], translate_audio_only=True)
    job = await heygen.submit(spec)
    made = await job
    assert made.video_url is None
    assert (await job.download(tmp_path / "a.wav")).read_bytes()[:4] == b"RIFF"


async def test_a_proofread_fails_with_its_reason(heygen, emulator):
    """It has no bulk status and no file."""
    (job,) = await heygen.translations.proofreads.create(
        Proofread(video=CLIP, output_languages=["French"], title="A draft")
    )
    emulator.fail(job.id, message="no speech")
    with pytest.raises(JobFailedError, match="no speech"):
        await job
