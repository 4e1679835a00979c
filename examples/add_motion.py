"""Motion for a photo: at HeyGen (v2) and at JoggAI; ``python add_motion.py jogg`` takes one."""

from __future__ import annotations

import asyncio
import sys

from _session import PICTURE, out, session

from heygen_async import AddMotion, HeyGen, JoggAI, JoggMotion, PhotoAvatar


async def heygen_motion() -> None:
    """Make a photo avatar at HeyGen and add motion to it."""
    async with session(HeyGen) as heygen:
        look = await heygen.run(PhotoAvatar(name="Astronaut", file=PICTURE))
        spec = AddMotion(id=look.id, prompt="nods and smiles", motion_type="expressive")
        job = await heygen.v2.photo_avatars.add_motion(spec)
        motion = await job.wait()
        path = await job.download(out("motion_heygen.mp4"), overwrite=True)
        print(f"HeyGen: look {motion.id} of {look.id}, shown in {path}")


async def jogg_motion() -> None:
    """Make a photo avatar that moves at JoggAI."""
    async with session(JoggAI) as jogg:
        voice = await anext(jogg.voices.list(language="english"))
        spec = JoggMotion(
            image_url=PICTURE,
            name="Astronaut",
            voice_id=voice.voice_id,
            model="2.0",
            description="nods and smiles",
        )
        job = await jogg.photo_avatars.add_motion(spec)
        motion = await job.wait()
        path = await job.download(out("motion_jogg.mp4"), overwrite=True)
        print(f"JoggAI: avatar {motion.avatar_id}, shown in {path}")


async def main() -> None:
    """Ask the vendors that are named, or both, at the same time."""
    vendors = {"heygen": heygen_motion, "jogg": jogg_motion}
    async with asyncio.TaskGroup() as group:
        for name in sys.argv[1:] or vendors:
            group.create_task(vendors[name]())


asyncio.run(main())
