"""A spec for each kind of job there is, that the emulator takes; a kind without one is an error."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

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
    JoggVideo,
    LegacyPhoto,
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
    VideoComparison,
    VideoTranslation,
    VoiceClone,
    VoiceTraining,
    WorkflowRun,
)
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG
from tests.conftest import image_video

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from heygen_async.protocol.kinds import JobKind

PICTURE, CLIP = "https://a.example/p.png", "https://a.example/c.mp4"
SOUND, PROJECT = "https://a.example/s.mp3", "https://a.example/p.zip"
JOGG_VOICE = "en-US-ChristopherNeural"
LEGACY_PHOTO = LegacyPhoto(
    name="Ada",
    age="Senior",
    gender="Woman",
    ethnicity="Pacific",
    orientation="square",
    pose="close_up",
    style="Noir",
    appearance="a hat",
)
GRAPH = {
    "schema_version": "1",
    "nodes": [{"id": "film", "type": "avatar_video"}],
    "outputs": {"film": {"node_id": "film", "port": "video"}},
}

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
    "heygen.video-comparison": VideoComparison(
        prompt="A walk",
        model_a="one",
        model_b="two",
        video_a=CLIP,
        video_b=CLIP,
        question_id="craft",
    ),
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


PREPARED: dict[str, Callable[[HeyGen], Awaitable[Any]]] = {
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
