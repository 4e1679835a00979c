"""The namespaces of ``JoggAI``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from heygen_async.protocol import jogg as wire
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async.jobs.job import Job
    from heygen_async.jobs.service import JobService
    from heygen_async.models.jogg import (
        JoggAvatar,
        JoggAvatarVideo,
        JoggMotion,
        JoggMotionAvatar,
        JoggPhoto,
        JoggPhotoSet,
        JoggUser,
        JoggVideo,
        JoggVoice,
    )
    from heygen_async.protocol.pages import Page
    from heygen_async.transport.http import Transport

_LIST_SIZE = 100

ListStatus = Literal["processing", "completed", "failed"]


class _Lists:
    """What the namespaces with lists share."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _avatars(self, sort: str, **filters: str | None) -> AsyncIterator[JoggAvatar]:
        return pages(
            lambda token: self._transport.send(
                wire.list_avatars(sort, page=int(token or 1), size=_LIST_SIZE, **filters)
            )
        )


class JoggPhotoAvatars(_Lists):
    """Photos and photo avatars: https://docs.jogg.ai/api-reference/v2/Avatar/PhotoAvatarAddMotion."""

    def __init__(self, transport: Transport, service: JobService) -> None:
        super().__init__(transport)
        self._service = service

    async def generate(self, spec: JoggPhoto) -> Job[JoggPhotoSet]:
        """Make four pictures and return the job. JoggAI knows no key: it goes out once."""
        return await self._service.submit(spec, self._service.key_for(spec, None))

    async def add_motion(self, spec: JoggMotion) -> Job[JoggMotionAvatar]:
        """Make a photo avatar that moves and return the job."""
        return await self._service.submit(spec, self._service.key_for(spec, None))

    def list(
        self, *, name: str | None = None, status: ListStatus | None = None
    ) -> AsyncIterator[JoggAvatar]:
        """Iterate over the account's photo avatars."""
        return self._avatars("photo_avatars", name=name, status=status)


class JoggVideos:
    """Videos: https://docs.jogg.ai/api-reference/v2/Video/CreateVideoFromAvatar."""

    def __init__(self, service: JobService) -> None:
        self._service = service

    async def create(self, spec: JoggVideo) -> Job[JoggAvatarVideo]:
        """Submit a video and return its job. JoggAI knows no key: it goes out once."""
        return await self._service.submit(spec, self._service.key_for(spec, None))


class JoggAvatars(_Lists):
    """Avatars that are there: https://docs.jogg.ai/api-reference/v2/Avatar/GetPublicAvatars."""

    def public(
        self,
        *,
        aspect_ratio: Literal["portrait", "landscape", "square"] | None = None,
        style: Literal["professional", "social"] | None = None,
        gender: Literal["female", "male"] | None = None,
        age: Literal["adult", "senior", "young_adult"] | None = None,
        scene: str | None = None,
        ethnicity: str | None = None,
    ) -> AsyncIterator[JoggAvatar]:
        """Iterate over JoggAI's own avatars."""
        return self._avatars(
            "public",
            aspect_ratio=aspect_ratio,
            style=style,
            gender=gender,
            age=age,
            scene=scene,
            ethnicity=ethnicity,
        )

    def custom(
        self, *, name: str | None = None, status: ListStatus | None = None
    ) -> AsyncIterator[JoggAvatar]:
        """Iterate over the account's custom avatars."""
        return self._avatars("custom", name=name, status=status)


class JoggVoices:
    """Voices: https://docs.jogg.ai/api-reference/v2/Voice/GetVoices."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self,
        *,
        gender: Literal["female", "male"] | None = None,
        language: str | None = None,
        age: Literal["young", "middle_aged", "old"] | None = None,
        use_case: str | None = None,
    ) -> AsyncIterator[JoggVoice]:
        """Iterate over the voices; ``language`` as ``"english"``."""
        return pages(
            lambda token: self._transport.send(
                wire.list_voices(
                    page=int(token or 1),
                    size=_LIST_SIZE,
                    gender=gender,
                    language=language,
                    age=age,
                    use_case=use_case,
                )
            )
        )

    def custom(self, *, language: str | None = None) -> AsyncIterator[JoggVoice]:
        """Iterate over the account's cloned voices."""

        async def fetch(_token: str | None) -> Page[JoggVoice]:
            return await self._transport.send(wire.list_custom_voices(language=language))

        return pages(fetch)


class JoggUsers:
    """The account: https://docs.jogg.ai/api-reference/v2/User/Whoami."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def whoami(self) -> JoggUser:
        """Return who the key belongs to."""
        return await self._transport.send(wire.whoami())

    async def remaining_quota(self) -> float:
        """Return the credits that are left, as JoggAI tells them."""
        return await self._transport.send(wire.remaining_quota())
