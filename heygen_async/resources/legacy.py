"""``heygen.v2``: the API that the vendor retired on 2026-11-01."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.protocol import heygen_legacy as wire
from heygen_async.resources.checks import named
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async.jobs.job import Job
    from heygen_async.jobs.service import JobService
    from heygen_async.models.legacy import (
        AddLooks,
        AddMotion,
        AddSoundEffect,
        CreateGroup,
        LegacyPhoto,
        LegacyVideo,
        PhotoAvatarLook,
        PhotoGeneration,
        TrainGroup,
        Training,
        UpscaleAvatar,
    )
    from heygen_async.models.videos import Video
    from heygen_async.transport.http import Transport

_LIST_LIMIT = 100


class LegacyVideos:
    """HeyGen v2 videos: https://docs.heygen.com/reference/generate-video."""

    def __init__(self, transport: Transport, service: JobService) -> None:
        self._transport = transport
        self._service = service

    async def create(self, spec: LegacyVideo) -> Job[Video]:
        """Submit a video and return its job. v2 knows no idempotency key: it goes out once."""
        return await self._service.submit(spec, self._service.key_for(spec, None))

    async def get(self, video_id: str) -> Video:
        """Return the video with fresh URLs. Raises ``NotFoundError`` if there is none."""
        return await self._transport.send(wire.get_video(named("video_id", video_id)))

    def list(
        self, *, folder_id: str | None = None, title: str | None = None
    ) -> AsyncIterator[Video]:
        """Iterate over the account's videos, newest first; ``title`` matches a part of it."""
        return pages(
            lambda token: self._transport.send(
                wire.list_videos(limit=_LIST_LIMIT, token=token, folder_id=folder_id, title=title)
            )
        )

    async def delete(self, video_id: str) -> None:
        """Delete the video for good. Raises ``NotFoundError`` if there is none."""
        await self._transport.send(wire.delete_video(named("video_id", video_id)))


class PhotoAvatars:
    """HeyGen v2 photo avatars: https://docs.heygen.com/reference/add-motion."""

    def __init__(self, transport: Transport, service: JobService) -> None:
        self._transport = transport
        self._service = service

    async def add_motion(self, spec: AddMotion) -> Job[PhotoAvatarLook]:
        """Add motion to a look and return the job of the new look."""
        return await self._service.submit(spec, self._service.key_for(spec, None))

    async def add_sound_effect(self, spec: AddSoundEffect) -> Job[PhotoAvatarLook]:
        """Add a sound to a look with motion and return its job."""
        return await self._service.submit(spec, self._service.key_for(spec, None))

    async def upscale(self, spec: UpscaleAvatar) -> Job[PhotoAvatarLook]:
        """Make a larger version of a look and return its job."""
        return await self._service.submit(spec, self._service.key_for(spec, None))

    async def get(self, look_id: str) -> PhotoAvatarLook:
        """Return the look. Raises ``NotFoundError`` if there is none."""
        return await self._transport.send(wire.get_photo_avatar(named("look_id", look_id)))

    async def generate(self, spec: LegacyPhoto) -> Job[PhotoGeneration]:
        """Make pictures from a description and return the job."""
        return await self._service.submit(spec, self._service.key_for(spec, None))

    async def generation(self, generation_id: str) -> PhotoGeneration:
        """Return how a generation stands; its terminal word is ``success``."""
        request = wire.get_generation(named("generation_id", generation_id))
        return await self._transport.send(request)

    async def create_group(self, spec: CreateGroup) -> Job[PhotoAvatarLook]:
        """Make a group from one picture and return the job of its first look."""
        return await self._service.submit(spec, self._service.key_for(spec, None))

    async def add_looks(self, spec: AddLooks) -> tuple[PhotoAvatarLook, ...]:
        """Add pictures to a group and return the new looks."""
        return await self._transport.send(wire.add_looks(spec))

    async def train(self, spec: TrainGroup) -> Job[Training]:
        """Train a group and return the job."""
        return await self._service.submit(spec, self._service.key_for(spec, None))

    async def training(self, group_id: str) -> Training:
        """Return how a training stands; its terminal word is ``ready``."""
        return await self._transport.send(wire.get_training(named("group_id", group_id)))


class V2:
    """The namespaces of v2; their first use gives one ``DeprecationWarning`` per client."""

    def __init__(self, transport: Transport, service: JobService) -> None:
        self.videos = LegacyVideos(transport, service)
        self.photo_avatars = PhotoAvatars(transport, service)
