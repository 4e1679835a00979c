"""Templates, comparisons, workflows, realtime and the other batches once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async import (
    RealtimeSpeech,
    TemplateVideo,
    VideoComparison,
    VideoTranslation,
    VoiceTraining,
    WorkflowRun,
)
from tests.conftest import PORTRAIT

from .full_specs import SOUND
from .voices_operations import lost

if TYPE_CHECKING:
    from heygen_async import HeyGen
    from heygen_async.emulator import Emulator

CLIP = "https://a.example/clip.mp4"
NODE = {"id": "film", "type": "avatar_video"}
GRAPH = {
    "schema_version": "1",
    "inputs": {"script": {"type": "text"}},
    "nodes": [NODE],
    "outputs": {"film": {"node_id": "film", "port": "video"}},
}
COMPARISON = VideoComparison(
    prompt="A walk",
    model_a="one",
    model_b="two",
    video_a=CLIP,
    video_b=CLIP,
    question_id="craft",
)


async def rest_operations(heygen: HeyGen, emulator: Emulator) -> None:
    await template_operations(heygen, emulator)
    await workflow_operations(heygen, emulator)
    await stream_operations(heygen)
    await other_batches(heygen)


async def template_operations(heygen: HeyGen, emulator: Emulator) -> None:
    listed = [each async for each in heygen.templates.list()]
    template = await heygen.templates.get(listed[0].id)
    spec = template.video({"greeting": "Good day"}, title="A title")
    video = await (await heygen.templates.generate(spec))
    assert video.video_url
    await lost(emulator, await heygen.submit(TemplateVideo(template_id=template.id, variables={})))

    comparison = await (await heygen.video_quality.create(COMPARISON))
    assert comparison.result is not None
    await lost(emulator, await heygen.submit(COMPARISON))
    batch = await heygen.video_quality.create_batch([COMPARISON, COMPARISON])
    for job in await batch.jobs():
        await job  # type: ignore[misc] # none was refused
        await heygen.video_quality.get(job.id)  # type: ignore[union-attr]
    assert (await heygen.video_quality.get_batch(batch.id)).total_items == 2


async def workflow_operations(heygen: HeyGen, emulator: Emulator) -> None:
    workflow = await heygen.workflows.create("Films", GRAPH)
    assert (await heygen.workflows.get(workflow.id)).name == "Films"
    assert [each.id async for each in heygen.workflows.list()] == [workflow.id]
    other: dict[str, Any] = {**GRAPH, "nodes": [NODE, {**NODE, "id": "more"}]}
    changed = await heygen.workflows.update(workflow.id, other, expected_revision=0)
    assert changed.draft_revision == 1
    assert (await heygen.workflows.publish(workflow.id, other)).version_number == 2
    assert [each.version_number async for each in heygen.workflows.versions(workflow.id)] == [1, 2]
    assert (await heygen.workflows.version(workflow.id, 2)).version_number == 2
    assert await heygen.workflows.node_types()

    spec = WorkflowRun(workflow_id=workflow.id, inputs={"script": "Hello"})
    run = await (await heygen.workflow_runs.create(spec))
    assert (await heygen.workflow_runs.get(run.id)).outputs[0].url
    assert [each.status async for each in heygen.workflow_runs.nodes(run.id)] == ["succeeded"] * 2
    await lost(emulator, await heygen.submit(spec))
    job = await heygen.submit(spec)
    assert (await heygen.workflow_runs.cancel(job.id)).status == "canceled"
    runs = [each.status async for each in heygen.workflow_runs.list(workflow.id)]
    assert runs == ["canceled", "failed", "succeeded"]


async def stream_operations(heygen: HeyGen) -> None:
    look = await anext(heygen.avatars.looks.list(ownership="public"))
    voice = await anext(heygen.voices.list())
    speech = RealtimeSpeech(
        avatar_id=look.id, text="One two", voice_id=voice.voice_id, more_text=True
    )
    stream_id = await heygen.realtime.create(speech)
    assert await heygen.realtime.append(stream_id, " three", final=True) == 6
    assert (await heygen.realtime.get(stream_id)).hls_url
    assert [each.word async for each in heygen.realtime.words(stream_id)] == ["One", "two", "three"]
    assert await heygen.realtime.cancel(stream_id)

    trained = await heygen.run(VoiceTraining(audio=[SOUND], name="Ada", language="en"))
    parts = heygen.model_voices.stream(
        text="One two", voice_id=trained.voice_id, language="en", with_timestamps=True
    )
    sound, words = [each async for each in parts]
    assert sound.audio is not None
    assert sound.audio[:4] == b"RIFF"
    assert [each.text for each in words.words] == ["One", "two"]


async def other_batches(heygen: HeyGen) -> None:
    translations = await heygen.translations.create_batch(
        [VideoTranslation(video=CLIP, output_languages=["French"])]
    )
    (job,) = await translations.jobs()
    assert (await job).output_language == "French"  # type: ignore[misc]
    await heygen.translations.get_batch(translations.id)

    batch = await heygen.assets.upload_batch([PORTRAIT], title="Faces")
    assert (await heygen.assets.get_batch(batch.id)).batch_id == batch.id
    statuses = await heygen.assets.statuses(batch_ids=[batch.id])
    assert [status.terminal for status in statuses.values()] == [True]
    assert list(statuses) == [asset.id for asset in batch.assets]
