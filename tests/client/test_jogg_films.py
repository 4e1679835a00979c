"""JoggAI: lip syncs, translations, videos from templates."""

import pytest

from heygen_async import (
    InvalidRequestError,
    JobFailedError,
    JoggLipSync,
    JoggTemplateVideo,
    JoggTranslation,
    JoggVariable,
    NotFoundError,
)
from heygen_async.protocol.jogg.films import KINDS

CLIP, SOUND = "https://a.example/clip.mp4", "https://a.example/sound.mp3"
LIP_SYNC = JoggLipSync(video_url=CLIP, audio_url=SOUND)
TEMPLATE = JoggTemplateVideo(
    template_id="1234",
    voice_language="english",
    variables=[JoggVariable(type="text", name="title", content="Hello")],
)


async def test_a_lip_sync_has_the_url_that_is_nested_in_the_answer(jogg):
    result = await jogg.run(LIP_SYNC)
    assert result.result_url.endswith(f"/video/{result.task_id}.mp4")
    assert result.duration_seconds
    assert result.completed_at > result.created_at
    assert not result.extra


async def test_a_lip_sync_that_fails_says_why(jogg, emulator):
    job = await jogg.lip_syncs.create(LIP_SYNC)
    emulator.fail(job.id)
    with pytest.raises(JobFailedError, match="Video generation failed"):
        await job


async def test_a_translation_has_its_subtitles_as_a_second_file(jogg, tmp_path):
    spec = JoggTranslation(video_url=CLIP, output_language="Spanish", add_subtitles=True)
    job = await jogg.translations.create(spec)
    result = await job
    assert result.video_translate_id == job.id
    files = await job.download_all(tmp_path)
    assert len(files) == 2


async def test_a_picture_of_a_template_goes_up_first(jogg, emulator, tmp_path):
    portrait = tmp_path / "p.png"
    portrait.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\0IEND" + bytes(40))
    picture = JoggVariable(type="image", name="picture", url=portrait)
    spec = JoggTemplateVideo(template_id=1234, voice_language="english", variables=[picture])
    job = await jogg.submit(spec)
    assert (await job).url
    (variable,) = emulator.jobs[job.id].request["variables"]
    assert variable["properties"]["url"].startswith("http")


async def test_the_list_tells_done_from_failed(jogg, emulator):
    done = await jogg.template_videos.create(TEMPLATE)
    emulator.complete(done.id)
    lost = await jogg.template_videos.create(TEMPLATE)
    emulator.fail(lost.id)
    for status, job in (("completed", done), ("failed", lost)):
        (row,) = [each async for each in jogg.template_videos.list(status=status)]
        assert (row.id, row.status) == (job.id, status)


async def test_a_template_that_is_not_there(jogg):
    with pytest.raises(NotFoundError):
        await jogg.templates.get(7)


def test_a_playback_type_is_one_of_the_documents():
    with pytest.raises(InvalidRequestError, match="playback_type"):
        JoggLipSync(video_url=CLIP, audio_url=SOUND, playback_type="odd")


def test_a_translation_in_the_words_of_the_guide():
    """The guide has the file flat and under another name than the document."""
    kind = next(kind for kind in KINDS if kind.name == "jogg.translation")
    found = kind.read_status("t1", {"data": {"status": "completed", "video_url": CLIP}})
    assert found.result.url == CLIP
