"""Batches once, through the public face: with an item that is refused, and all that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async import Lipsync
from tests.conftest import image_video

from .full_specs import SOUND

if TYPE_CHECKING:
    from heygen_async import HeyGen

CLIP = "https://a.example/clip.mp4"


async def batch_operations(heygen: HeyGen) -> None:
    videos = await heygen.videos.create_batch([image_video(), image_video(voice_id="nobody")])
    await videos.get()
    job, _refused = await videos.jobs()
    await job
    await heygen.videos.delete(job.id)
    lipsyncs = await heygen.lipsyncs.create_batch([Lipsync(video=CLIP, audio=SOUND)])
    (job,) = await lipsyncs.jobs()
    await job
    await heygen.lipsyncs.get_batch(lipsyncs.id)
    await heygen.videos.get_batch(videos.id)
    await heygen.lipsyncs.delete(job.id)
