"""Every operation of a client once, through the public face, against the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from heygen_async import (
    AddLooks,
    AddMotion,
    AddSoundEffect,
    AvatarVideo,
    CreateGroup,
    DigitalTwin,
    JobFailedError,
    JoggMotion,
    JoggVideo,
    LegacyVideo,
    Lipsync,
    PhotoAvatar,
    PromptAvatar,
    TrainGroup,
    UpscaleAvatar,
)
from heygen_async.protocol.heygen.media import UPLOADS
from tests.conftest import PORTRAIT, image_video

from .agent_operations import agent_operations
from .batches_operations import batch_operations
from .brands_operations import brand_operations
from .edits_operations import edit_operations
from .full_specs import HOOK, JOGG_PHOTO, LEGACY_PHOTO, PICTURE, SOUND
from .jogg_operations import film_operations, product_operations
from .rest_operations import rest_operations
from .translations_operations import translation_operations
from .voices_operations import voice_operations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async import HeyGen, Job, JoggAI
    from heygen_async.emulator import Emulator

VOICE = "en-US-ChristopherNeural"
CLIP = "https://a.example/clip.mp4"
JOGG_MOTION = JoggMotion(image_url=PICTURE, name="Ada", voice_id=VOICE, model="3.0")


async def listed(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


async def fail(emulator: Emulator, job: Job[Any]) -> None:
    """Let a job fail, and see that the client reports the vendor's reason."""
    await job.refresh()
    emulator.fail(job.id, message="Out of luck")
    with pytest.raises(JobFailedError):
        await job


async def media_operations(heygen: HeyGen) -> None:
    asset = await heygen.assets.upload(PORTRAIT)
    await heygen.assets.get(asset.id)
    vendor, small = heygen._transport.vendor, attrs.evolve(UPLOADS, max_posted=0)
    heygen._transport.vendor = attrs.evolve(vendor, uploads=small)  # as if it were a large file
    large = await heygen.assets.upload(PORTRAIT.read_bytes())
    await heygen.assets.get(large.id)
    await heygen.assets.delete(large.id)
    voice, *_ = await listed(heygen.voices.list())
    assert (await heygen.voices.get(voice.voice_id)).name == voice.name
    assert (await heygen.assets.statuses([asset.id]))[asset.id].terminal
    assert await listed(heygen.assets.search("a door", type="icon"))
    user = await heygen.users.me()
    assert [each.id for each in await listed(heygen.assets.list(username=user.username))]


async def webhook_operations(heygen: HeyGen) -> None:
    endpoints = heygen.webhooks.endpoints
    types = await heygen.webhooks.event_types()
    endpoint = await endpoints.create(HOOK, events=[types[0].event_type])
    await endpoints.update(endpoint.endpoint_id, url=f"{HOOK}/2")
    await endpoints.rotate_secret(endpoint.endpoint_id)
    assert [each.endpoint_id for each in await listed(endpoints.list())] == [endpoint.endpoint_id]
    await listed(heygen.webhooks.events())
    await endpoints.delete(endpoint.endpoint_id)


async def video_operations(heygen: HeyGen, emulator: Emulator) -> None:
    job = await heygen.videos.create(image_video(title="A title"))
    await job.refresh()
    video = await job.wait()
    assert (await heygen.videos.statuses([video.id]))[video.id].terminal
    assert video.id in [each.id for each in await listed(heygen.videos.list())]
    await fail(emulator, await heygen.videos.create(image_video()))
    await heygen.videos.get(video.id)
    assert (await heygen.videos.scenes(video.id)).scenes
    await heygen.videos.delete(video.id)


async def lipsync_operations(heygen: HeyGen, emulator: Emulator) -> None:
    spec = Lipsync(video=CLIP, audio=SOUND)
    job = await heygen.lipsyncs.create(spec)
    await job.refresh()
    lipsync = await job.wait()
    assert (await heygen.lipsyncs.statuses([lipsync.id]))[lipsync.id].terminal
    await heygen.lipsyncs.update(lipsync.id, title="New")
    await fail(emulator, await heygen.lipsyncs.create(spec))
    assert len(await listed(heygen.lipsyncs.list())) == 2
    await heygen.lipsyncs.get(lipsync.id)
    await heygen.lipsyncs.delete(lipsync.id)


async def avatar_operations(heygen: HeyGen, emulator: Emulator) -> None:
    avatars = heygen.avatars
    look = await (await avatars.create(PhotoAvatar(name="Ada", file=PORTRAIT))).wait()
    assert look.status == "completed"
    await heygen.run(
        AvatarVideo(avatar_id=look.id, script="Hi", voice_id="v1", expressiveness="high")
    )
    await heygen.run(PromptAvatar(name="Eve", prompt="A chemist", avatar_group_id=look.group_id))
    twin = await avatars.create(DigitalTwin(name="Bob", file=CLIP))
    await twin.refresh()
    group_id = (await avatars.looks.get(twin.id)).group_id
    assert (await avatars.consent(group_id)).url
    emulator.complete(twin.id)
    assert (await twin.refresh()).raw == "pending_consent"
    emulator.consent(group_id)
    await twin
    await fail(emulator, await avatars.create(PhotoAvatar(name="Ada", file=PICTURE)))
    assert (await avatars.looks.update(look.id, name="Lovelace")).name == "Lovelace"
    assert None in {each.status for each in await listed(avatars.looks.list())}
    assert {each.id for each in await listed(avatars.list())} > {group_id}
    await avatars.get(group_id)
    await avatars.update(group_id, default_voice_id="v1")
    await avatars.looks.delete(look.id)
    await avatars.delete(group_id)


async def v2_video_operations(heygen: HeyGen, emulator: Emulator) -> None:
    videos = heygen.v2.videos
    spec = LegacyVideo(image_url=PICTURE, script="Hi", voice_id="v1", title="A title")
    job = await videos.create(spec)
    await job.refresh()
    video = await job.wait()
    assert video.video_url
    assert video.id in [each.id for each in await listed(videos.list())]
    await fail(emulator, await videos.create(spec))
    await videos.get(video.id)
    await videos.delete(video.id)


async def v2_photo_avatar_operations(heygen: HeyGen, emulator: Emulator) -> None:
    avatars = heygen.v2.photo_avatars
    generation = await avatars.generate(LEGACY_PHOTO)
    await generation.refresh()
    keys = (await generation.wait()).image_key_list
    await fail(emulator, await avatars.generate(LEGACY_PHOTO))
    look = await (await avatars.create_group(CreateGroup(name="Ada", image_key=keys[0]))).wait()
    await avatars.add_looks(AddLooks(group_id=look.group_id, image_keys=keys[1:3], name="More"))
    training = await avatars.train(TrainGroup(group_id=look.group_id))
    await training.refresh()
    assert (await training).status == "ready"
    motion = await avatars.add_motion(AddMotion(id=look.id, prompt="nods"))
    await motion.refresh()
    moving = await motion.wait()
    assert moving.motion_preview_url
    await (await avatars.upscale(UpscaleAvatar(id=moving.id)))
    await (await avatars.add_sound_effect(AddSoundEffect(id=moving.id)))
    await fail(emulator, await avatars.add_motion(AddMotion(id=look.id)))
    await avatars.get(moving.id)
    await avatars.generation(generation.id)
    await avatars.training(look.group_id)


async def all_heygen_operations(heygen: HeyGen, emulator: Emulator) -> None:
    """Call every operation of HeyGen, and see each kind of job in each of its states."""
    await media_operations(heygen)
    await voice_operations(heygen, emulator)
    await brand_operations(heygen, emulator)
    await webhook_operations(heygen)
    await video_operations(heygen, emulator)
    await lipsync_operations(heygen, emulator)
    await translation_operations(heygen, emulator)
    await edit_operations(heygen, emulator)
    await agent_operations(heygen, emulator)
    await batch_operations(heygen)
    await rest_operations(heygen, emulator)
    await avatar_operations(heygen, emulator)
    await v2_video_operations(heygen, emulator)
    await v2_photo_avatar_operations(heygen, emulator)


async def all_jogg_operations(jogg: JoggAI, emulator: Emulator) -> None:
    """Call every operation of JoggAI, and see each kind of job in each of its states."""
    photo = await jogg.photo_avatars.generate(JOGG_PHOTO)
    await photo.refresh()
    assert len((await photo).image_urls) == 4
    motion = await jogg.photo_avatars.add_motion(attrs.evolve(JOGG_MOTION, image_url=PORTRAIT))
    await motion.refresh()
    avatar = await motion.wait()
    for speech in ({"script": "Hello"}, {"audio": SOUND}):
        spec = JoggVideo(avatar_id=avatar.avatar_id, voice_id=VOICE, **speech)
        video = await jogg.videos.create(spec)
        await video.refresh()
        assert (await video).video_url
    await fail(emulator, await jogg.submit(JOGG_PHOTO))
    await fail(emulator, await jogg.submit(JOGG_MOTION))
    await fail(emulator, await jogg.submit(spec))
    await jogg.submit(JOGG_MOTION)
    statuses = {each.status for each in await listed(jogg.photo_avatars.list())}
    assert statuses == {"0", "1", "2"}
    await film_operations(jogg, emulator)
    await product_operations(jogg, emulator)
    assert await listed(jogg.avatars.public())
    assert await listed(jogg.avatars.custom())
    assert await listed(jogg.voices.list())
    assert await listed(jogg.voices.custom())
    assert (await jogg.users.whoami()).username
    assert await jogg.users.remaining_quota() > 0
    endpoints, events = jogg.webhooks.endpoints, await jogg.webhooks.event_types()
    made = await endpoints.create(HOOK, events=events[:1])
    assert await listed(endpoints.list()) == [made]
    await endpoints.update(made.endpoint_id, url=HOOK, events=events)
    await endpoints.delete(made.endpoint_id)
