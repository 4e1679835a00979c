"""JoggAI: products, their videos and avatars, and scripts."""

import pytest

from heygen_async import (
    InvalidRequestError,
    JobFailedError,
    JoggPreviewRender,
    JoggProductAvatar,
    JoggProductMotion,
    JoggProductPreviews,
    JoggProductVideo,
    JoggScript,
    JoggTemplateVideo,
    JoggTranslation,
    NotFoundError,
)
from heygen_async.models.webhooks import JobRef
from heygen_async.protocol.deliveries import read_event
from heygen_async.protocol.jogg import JOGG
from heygen_async.protocol.jogg.products import KINDS
from heygen_async.protocol.jogg.webhooks import SOURCE

PICTURE = "https://a.example/p.png"
VOICE = "en-US-ChristopherNeural"
FILM = {"length": "15", "style": "Data", "avatar_id": "81", "language": "english"}
AVATAR = {"product_image_url": PICTURE, "quality": "low", "aspect_ratio": "1:1"}


async def test_a_video_of_a_product_knows_its_id(jogg):
    product = await jogg.products.create(url="https://shop.example/cup")
    job = await jogg.product_videos.create(JoggProductVideo(product_id=product.product_id, **FILM))
    result = await job
    assert (result.video_id, result.deducted_credit) == (job.id, 1.0)
    assert result.video_url.endswith(f"/video/{job.id}.mp4")


async def test_a_preview_becomes_a_video(jogg, emulator):
    product = await jogg.products.create(name="Cup")
    styles = ["Simple Product Switch", "Dynamic Showcase"]
    spec = JoggProductPreviews(product_id=product.product_id, visual_styles=styles, **FILM)
    previews = await jogg.product_videos.preview(spec)
    assert [each.visual_style for each in previews] == styles
    emulator.complete(previews[0].preview_id)
    (row,) = [each async for each in jogg.product_videos.previews(status="completed")]
    assert row.id == previews[0].preview_id
    job = await jogg.product_videos.render_preview(JoggPreviewRender(preview_id=row.id))
    assert (await job).video_url


async def test_pictures_of_an_avatar_become_one_that_moves(jogg, tmp_path):
    spec = JoggProductAvatar(avatar_description="a countess", num_images=3, **AVATAR)
    job = await jogg.product_avatars.create(spec)
    result = await job
    assert [each.status for each in result.generations] == ["completed"] * 3
    assert len(await job.download_all(tmp_path)) == 3
    motion = JoggProductMotion(
        generation_id=result.generations[1].generation_id,
        name="Ada",
        voice_id=VOICE,
        description="nods",
    )
    assert (await jogg.run(motion)).image_url == result.generations[1].url


async def test_pictures_that_all_fail(jogg, emulator):
    job = await jogg.product_avatars.create(JoggProductAvatar(avatar_id=81, **AVATAR))
    emulator.fail(job.id)
    with pytest.raises(JobFailedError):
        await job


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (("completed", "pending"), "pending"),
        (("failed", "processing", "pending"), "processing"),
        (("failed", "completed"), "completed"),
        (("failed", "failed"), "failed"),
        (("completed", "odd"), "odd"),
    ],
)
def test_the_word_for_several_pictures(words, word):
    """A batch has ended when all of it has, and it is good if one picture is."""
    kind = next(kind for kind in KINDS if kind.name == "jogg.product-avatar")
    rows = [{"generation_id": str(n), "status": each} for n, each in enumerate(words)]
    data = {"batch_id": "b1", "generations": rows}
    assert kind.read_status("b1", {"data": data}).word == word


async def test_scripts(jogg, emulator):
    spec = JoggScript(
        language="english",
        video_length_seconds="15",
        script_style="Data",
        name="Cup",
        description="A cup",
    )
    (script,) = (await jogg.run(spec)).generated_scripts
    assert (script.script_style, len(script.script_paragraphs)) == ("Data", 2)
    job = await jogg.scripts.create(spec)
    emulator.fail(job.id)
    with pytest.raises(JobFailedError, match="Failed to generate script"):
        await job


async def test_a_product_that_is_not_there(jogg):
    with pytest.raises(NotFoundError):
        await jogg.products.update("p1", name="Cup")


def test_an_id_under_the_name_of_the_guide():
    """A paid answer that names its job otherwise than the document is none that is lost."""
    spec = JoggProductVideo(product_id="p1", **FILM)
    made = KINDS[0].create(spec).decode({"data": {"product_video_id": "pv1"}})
    assert made.id == "pv1"


@pytest.mark.parametrize("who", [{}, {"avatar_id": 1, "avatar_image": PICTURE}])
def test_an_avatar_is_one_person(who):
    with pytest.raises(InvalidRequestError, match="give one of"):
        JoggProductAvatar(**who, **AVATAR)


@pytest.mark.parametrize(
    ("family", "data", "spec"),
    [
        ("product_video", {"video_id": "1"}, JoggProductVideo),
        ("product_video", {"project_id": "1"}, JoggPreviewRender),
        ("template_video", {"video_id": "1"}, JoggTemplateVideo),
        ("translate_video", {"video_translate_id": "1"}, JoggTranslation),
        ("motion", {"motion_id": "1"}, JoggProductMotion),
    ],
)
def test_an_event_names_its_job(family, data, spec):
    event = read_event(SOURCE, f"generated_{family}_success", data)
    assert event.job.id == "1"
    assert JOGG.kind_for(spec).name in event.job.kinds


@pytest.mark.parametrize("family", ["script", "product_avatar"])
def test_an_event_that_no_page_shows_may_be_of_any_job(family):
    event = read_event(SOURCE, f"generated_{family}_failed", {"what": "id-1"})
    assert (*event.jobs,) == (JobRef((), "id-1"),)
