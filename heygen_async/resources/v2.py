"""``heygen.v2``: the API that the vendor retired on 2026-11-01."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.models.legacy import LegacyVideo, PhotoAvatarLook
from heygen_async.models.videos import Video
from heygen_async.protocol.heygen import v2
from heygen_async.resources.collection import Creatable, Deletable, Namespace, Readable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from heygen_async.jobs.job import Job
    from heygen_async.jobs.service import JobService
    from heygen_async.models.legacy import (
        AddLooks,
        AddMotion,
        AddSoundEffect,
        CreateGroup,
        LegacyPhoto,
        PhotoGeneration,
        TrainGroup,
        Training,
        UpscaleAvatar,
    )
    from heygen_async.transport.http import Transport


class LegacyVideos(Creatable[LegacyVideo, Video], Readable[Video], Deletable[Video]):
    """HeyGen v2 videos: https://docs.heygen.com/reference/generate-video.

    v2 knows no idempotency key: a video goes out once.
    """

    def list(
        self,
        *,
        folder_id: str | None = None,
        title: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Video]:
        """Iterate over the account's videos, newest first; ``title`` matches a part of it."""
        return self._list(
            self._collection, folder_id=folder_id, title=title, timeout=timeout, headers=headers
        )


class PhotoAvatars(Readable[PhotoAvatarLook]):
    """HeyGen v2 photo avatars: https://docs.heygen.com/reference/add-motion."""

    async def add_motion(self, spec: AddMotion) -> Job[PhotoAvatarLook]:
        """Add motion to a look and return the job of the new look."""
        return await self._submit(spec)

    async def add_sound_effect(self, spec: AddSoundEffect) -> Job[PhotoAvatarLook]:
        """Add a sound to a look with motion and return its job."""
        return await self._submit(spec)

    async def upscale(self, spec: UpscaleAvatar) -> Job[PhotoAvatarLook]:
        """Make a larger version of a look and return its job."""
        return await self._submit(spec)

    async def generate(self, spec: LegacyPhoto) -> Job[PhotoGeneration]:
        """Make pictures from a description and return the job."""
        return await self._submit(spec)

    async def generation(self, generation_id: str) -> PhotoGeneration:
        """Return how a generation stands; its terminal word is ``success``."""
        return await self._transport.send(v2.GENERATIONS.get(generation_id))

    async def create_group(self, spec: CreateGroup) -> Job[PhotoAvatarLook]:
        """Make a group from one picture and return the job of its first look."""
        return await self._submit(spec)

    async def add_looks(self, spec: AddLooks) -> tuple[PhotoAvatarLook, ...]:
        """Add pictures to a group and return the new looks."""
        return await self._transport.send(v2.add_looks(spec))

    async def train(self, spec: TrainGroup) -> Job[Training]:
        """Train a group and return the job."""
        return await self._submit(spec)

    async def training(self, group_id: str) -> Training:
        """Return how a training stands; its terminal word is ``ready``."""
        return await self._transport.send(v2.TRAININGS.get(group_id))


class V2(Namespace):
    """The namespaces of v2; their first use gives one ``DeprecationWarning`` per client."""

    def __init__(self, transport: Transport, service: JobService) -> None:
        super().__init__(transport, service)
        self.videos = LegacyVideos(transport, service, v2.VIDEOS)
        self.photo_avatars = PhotoAvatars(transport, service, v2.LOOKS)
