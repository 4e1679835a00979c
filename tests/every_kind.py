"""A spec for each kind of job there is, that the emulator takes; a kind without one is an error."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async import (
    AddMotion,
    AddSoundEffect,
    AiClipping,
    BackgroundRemoval,
    BrandKitImport,
    CreateGroup,
    FillerWordRemoval,
    HeyGen,
    HyperframesRender,
    JoggAI,
    JoggMotion,
    JoggPhoto,
    JoggPreviewRender,
    JoggProductMedium,
    JoggVideo,
    LegacyVideo,
    Lipsync,
    PhotoAvatar,
    Podcast,
    Proofread,
    ProofreadTranslation,
    TemplateVideo,
    TrainGroup,
    UpscaleAvatar,
    VideoAgent,
    VideoTranslation,
    VoiceClone,
    VoiceTraining,
    WorkflowRun,
)
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG
from tests.conftest import image_video
from tests.contracts.full_specs import LEGACY_PHOTO
from tests.contracts.jogg_specs import (
    JOGG_LIP_SYNC,
    JOGG_PREVIEWS,
    JOGG_PRODUCT_AVATAR,
    JOGG_PRODUCT_MOTION,
    JOGG_PRODUCT_VIDEO,
    JOGG_SCRIPT,
    JOGG_TEMPLATE,
    JOGG_TRANSLATION,
)
from tests.contracts.rest_operations import COMPARISON, GRAPH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from heygen_async.protocol.kinds import JobKind

PICTURE, CLIP = "https://a.example/p.png", "https://a.example/c.mp4"
SOUND, PROJECT = "https://a.example/s.mp3", "https://a.example/p.zip"
JOGG_VOICE = "en-US-ChristopherNeural"

SPECS: dict[str, Any] = {
    "heygen.video": image_video(),
    "heygen.template-video": TemplateVideo(template_id="template-1", variables={}),
    "heygen.lipsync": Lipsync(video=CLIP, audio=SOUND),
    "heygen.avatar": PhotoAvatar(name="Ada", file=PICTURE),
    "heygen.voice-clone": VoiceClone(audio=SOUND, voice_name="Ada"),
    "heygen.model-voice": VoiceTraining(audio=[SOUND], name="Ada", language="en"),
    "heygen.translation": VideoTranslation(video=CLIP, output_languages=["French"]),
    "heygen.proofread": Proofread(video=CLIP, output_languages=["French"], title="A draft"),
    "heygen.brand-kit": BrandKitImport(url="https://a.example"),
    "heygen.clipping": AiClipping(video=CLIP),
    "heygen.background-removal": BackgroundRemoval(video=CLIP),
    "heygen.filler-word-removal": FillerWordRemoval(video=CLIP),
    "heygen.hyperframes": HyperframesRender(project=PROJECT),
    "heygen.podcast": Podcast(
        topic="Rivers",
        host_avatar_id="photo_ada",
        guest_avatar_id="photo_ada",
        host_voice_id="v1",
        guest_voice_id="v2",
    ),
    "heygen.video-agent": VideoAgent(prompt="A video on rivers"),
    "heygen.video-comparison": COMPARISON,
    "heygen.v2.video": LegacyVideo(image_url=PICTURE, script="Hi", voice_id="v1"),
    "heygen.v2.photos": LEGACY_PHOTO,
    "heygen.v2.motion": AddMotion(id="photo_ada"),
    "jogg.photo": JoggPhoto(
        age="Adult", gender="Female", avatar_style="Social", model="classic", aspect_ratio="square"
    ),
    "jogg.motion": JoggMotion(image_url=PICTURE, name="Ada", voice_id=JOGG_VOICE, model="3.0"),
    "jogg.video": JoggVideo(
        avatar_id=81, avatar_type="public", voice_id=JOGG_VOICE, script="Hello"
    ),
    "jogg.lip-sync": JOGG_LIP_SYNC,
    "jogg.translation": attrs.evolve(JOGG_TRANSLATION, video_url=CLIP),
    "jogg.template-video": JOGG_TEMPLATE,
    "jogg.product-avatar": JOGG_PRODUCT_AVATAR,
    "jogg.script": JOGG_SCRIPT,
}


async def _proofread_translation(heygen: HeyGen) -> Any:
    draft = await heygen.run(SPECS["heygen.proofread"])
    return ProofreadTranslation(proofread_id=draft.id)


async def _group(heygen: HeyGen) -> CreateGroup:
    photos = await heygen.run(LEGACY_PHOTO)
    return CreateGroup(name="Ada", image_key=photos.image_key_list[0])


async def _training(heygen: HeyGen) -> TrainGroup:
    look = await heygen.run(await _group(heygen))
    return TrainGroup(group_id=look.group_id)


async def _moving(heygen: HeyGen) -> str:
    return (await heygen.run(AddMotion(id="photo_ada"))).id


async def _upscaling(heygen: HeyGen) -> UpscaleAvatar:
    return UpscaleAvatar(id=await _moving(heygen))


async def _sound(heygen: HeyGen) -> AddSoundEffect:
    return AddSoundEffect(id=await _moving(heygen))


async def _workflow(heygen: HeyGen) -> WorkflowRun:
    return WorkflowRun(workflow_id=(await heygen.workflows.create("Films", GRAPH)).id)


async def _product_video(jogg: JoggAI) -> Any:
    media = [JoggProductMedium(type=1, url=PICTURE, name="p", description="a cup")]
    product = await jogg.products.create(name="Cup", media=media)
    return attrs.evolve(JOGG_PRODUCT_VIDEO, product_id=product.product_id)


async def _preview_render(jogg: JoggAI) -> JoggPreviewRender:
    product_id = (await _product_video(jogg)).product_id
    (preview,) = await jogg.product_videos.preview(
        attrs.evolve(JOGG_PREVIEWS, product_id=product_id)
    )
    while preview.preview_id not in [
        each.id async for each in jogg.product_videos.previews(status="completed")
    ]:
        await asyncio.sleep(0.5)
    return JoggPreviewRender(preview_id=preview.preview_id)


async def _product_motion(jogg: JoggAI) -> Any:
    made = await jogg.run(JOGG_PRODUCT_AVATAR)
    return attrs.evolve(JOGG_PRODUCT_MOTION, generation_id=made.generations[0].generation_id)


PREPARED: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "jogg.product-video": _product_video,
    "jogg.preview-render": _preview_render,
    "jogg.product-motion": _product_motion,
    "heygen.proofread-translation": _proofread_translation,
    "heygen.v2.group": _group,
    "heygen.v2.training": _training,
    "heygen.v2.upscale": _upscaling,
    "heygen.v2.sound": _sound,
    "heygen.workflow-run": _workflow,
}
"""Specs that need something to be there already."""

KINDS: dict[str, JobKind[Any]] = {kind.name: kind for kind in (*HEYGEN.kinds, *JOGG.kinds)}


def client_of(name: str) -> type[HeyGen | JoggAI]:
    return JoggAI if name.startswith("jogg.") else HeyGen


async def spec_of(name: str, client: Any) -> Any:
    """Return a spec of the kind, whose requirements have been made."""
    if name in SPECS:
        await asyncio.sleep(0)
        return SPECS[name]
    return await PREPARED[name](client)
