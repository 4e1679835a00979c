"""What a user's type checker sees: checked by mypy in ``test_house.py``, never run."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import assert_type

from heygen_async import (
    AvatarVideo,
    CinematicVideo,
    HeyGen,
    ImageVideo,
    Job,
    JoggAI,
    JoggTemplateResult,
    JoggTemplateVideo,
    Outcome,
    SpokenWord,
    StudioVideo,
    Submitted,
    Translation,
    Video,
    VideoTranslation,
    Voice,
    WorkflowRun,
    WorkflowRunResult,
    specs_from,
)


async def specs_decide_results(heygen: HeyGen, scenes: StudioVideo) -> None:
    picture = ImageVideo(image=Path("a.png"), script="Hi", voice_id="v")
    assert_type(await heygen.run(picture), Video)
    assert_type(await heygen.run(AvatarVideo(avatar_id="a", script="Hi", engine="avatar_v")), Video)
    assert_type(await heygen.submit(CinematicVideo(prompt="p", avatar_id="a")), Job[Video])
    assert_type(await heygen.videos.create(picture), Job[Video])
    assert_type(await (await heygen.submit(scenes)), Video)
    job = heygen.attach("heygen.video/1/v")
    assert_type(await job.download("a.srt", asset="subtitles"), Path)
    assert_type(heygen.voices.list(), AsyncIterator[Voice])
    translation = VideoTranslation(video=Path("a.mp4"), output_languages=["French"])
    assert_type(await heygen.submit_all(translation), Sequence[Job[Translation]])
    assert_type(await heygen.run(translation), Translation)
    template = await heygen.templates.get("t")
    assert_type(await heygen.run(template.video({"name": "Ada"})), Video)
    assert_type(await heygen.run(WorkflowRun(workflow_id="w")), WorkflowRunResult)
    assert_type(heygen.realtime.words("s"), AsyncIterator[SpokenWord])


async def options_change_no_type(heygen: HeyGen, jogg: JoggAI, picture: ImageVideo) -> None:
    assert_type(heygen.with_options(timeout=5, headers={"X-Trace": "t"}), HeyGen)
    assert_type(jogg.with_options(max_concurrent_jobs=3), JoggAI)
    assert_type(await heygen.with_options(timeout=5).videos.get("v"), Video)
    assert_type(await heygen.videos.get("v", timeout=5, headers={"X-Trace": "t"}), Video)
    assert_type(heygen.videos.list(timeout=5, headers={"X-Trace": "t"}), AsyncIterator[Video])
    job = await heygen.submit(picture, slot=True, timeout=5)
    assert_type(job, Job[Video])
    assert_type(job.eta(), float | None)
    assert_type(await heygen.run(picture, on_submit=lambda job: job.token), Video)


async def joggs_specs_do_so_too(jogg: JoggAI, template: JoggTemplateVideo) -> None:
    assert_type(await jogg.run(template), JoggTemplateResult)
    assert_type(await jogg.template_videos.create(template), Job[JoggTemplateResult])


async def a_batch_knows_its_jobs(heygen: HeyGen, spec: ImageVideo) -> None:
    def on_submit(submitted: Submitted[Video]) -> None:
        assert_type(submitted.job, Job[Video])  # never None: it was submitted
        assert_type(submitted.key, str | None)

    async for outcome in heygen.map([spec], on_submit=on_submit):
        assert_type(outcome, Outcome[Video])
        assert_type(outcome.job, Job[Video] | None)
    heygen.map([spec], on_submit=lambda submitted: submitted.job.token)

    def make(script: str) -> ImageVideo:
        return ImageVideo(image="https://e.com/a.png", script=script, voice_id="v1")

    async for outcome in heygen.map(specs_from(["Hello!"], make)):
        assert_type(outcome, Outcome[Video])
    specs_from([7], make)  # type: ignore[arg-type]


def what_is_wrong_is_refused() -> None:
    ImageVideo(image="https://e.com/a.png", resolution="8k")  # type: ignore[arg-type]
    ImageVideo(script="Hi")  # type: ignore[call-arg]
