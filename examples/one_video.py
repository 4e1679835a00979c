"""One picture, one script, one video."""

from __future__ import annotations

import asyncio

from _session import PICTURE, out, session

from heygen_async import HeyGen, ImageVideo


async def main() -> None:
    """Render a video and save it."""
    async with session(HeyGen) as heygen:
        voice = await anext(heygen.voices.list(language="English"))
        spec = ImageVideo(image=PICTURE, script="Hello! I was a picture.", voice_id=voice.voice_id)
        job = await heygen.submit(spec)
        print("token:", job.token)  # with it, heygen.attach finds the job again
        async for status in job.events():
            print(status.state, f"({status.raw})")
        video = await job.wait()
        path = await job.download(out("one_video.mp4"), overwrite=True)
        print(f"{path}: {video.duration} seconds, spoken by {voice.name}")


asyncio.run(main())
