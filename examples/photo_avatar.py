"""Photo avatars: made of a picture or chosen from HeyGen's own, speaking still or with motion."""

from __future__ import annotations

import asyncio

from _session import PICTURE, out, session

from heygen_async import AvatarVideo, Background, HeyGen, PhotoAvatar, VoiceSettings


async def main() -> None:
    """Make an avatar, and three videos at once."""
    async with session(HeyGen) as heygen:
        avatar = await heygen.run(PhotoAvatar(name="Astronaut", file=PICTURE))
        print("a new avatar:", avatar.id)
        looks = heygen.avatars.looks.list(avatar_type="photo_avatar", ownership="public")
        preset = await anext(looks)
        print("one of HeyGen's own:", preset.id, preset.name)
        voice = await anext(heygen.voices.list(language="English"))

        plain = AvatarVideo(
            avatar_id=avatar.id,
            script="One small picture was enough for me to speak.",
            voice_id=voice.voice_id,
            title="plain",
            resolution="1080p",
            aspect_ratio="auto",
        )
        moving = AvatarVideo(
            avatar_id=avatar.id,
            script="And now watch my hands!",
            voice_id=voice.voice_id,
            title="moving",
            motion_prompt="counting to three with the fingers, then waving",
            expressiveness="high",
        )
        dressed = AvatarVideo(
            avatar_id=preset.id,
            script="I stand before a wall of one colour, and I take my time.",
            voice_id=voice.voice_id,
            voice_settings=VoiceSettings(speed=0.9),
            title="dressed",
            remove_background=True,
            background=Background(type="color", value="#204060"),
        )
        jobs = [await heygen.submit(spec) for spec in (plain, moving, dressed)]
        for job, name in zip(jobs, ("plain", "moving", "dressed"), strict=True):
            print(await job.download(out(f"photo_avatar_{name}.mp4"), overwrite=True))


asyncio.run(main())
