"""The namespaces of ``JoggAI``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from heygen_async.errors import InvalidRequestError
from heygen_async.models.jogg import JoggAvatarVideo, JoggVideo
from heygen_async.protocol.jogg import products, tables, webhooks
from heygen_async.resources.collection import Creatable, Namespace, event_names, https_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from heygen_async.jobs.job import Job
    from heygen_async.jobs.service import JobService
    from heygen_async.models.jogg import (
        JoggAvatar,
        JoggMotion,
        JoggMotionAvatar,
        JoggPhoto,
        JoggPhotoSet,
        JoggUser,
        JoggVoice,
    )
    from heygen_async.models.webhooks import JoggWebhookEndpoint
    from heygen_async.transport.http import Transport

ListStatus = Literal["processing", "completed", "failed"]
Scene = Literal[
    "lifestyle", "outdoors", "business", "studio", "health_fitness", "education", "news"
]
Ethnicity = Literal[
    "european",
    "african",
    "south_asian",
    "east_asian",
    "middle_eastern",
    "south_american",
    "north_american",
]
EndpointStatus = Literal["enabled", "disabled"]


class JoggPhotoAvatars(Namespace):
    """Photos and photo avatars: https://docs.jogg.ai/api-reference/v2/Avatar/PhotoAvatarAddMotion."""

    async def generate(self, spec: JoggPhoto) -> Job[JoggPhotoSet]:
        """Make four pictures and return the job. JoggAI knows no key: it goes out once."""
        return await self._submit(spec)

    async def add_motion(self, spec: JoggMotion) -> Job[JoggMotionAvatar]:
        """Make a photo avatar that moves and return the job."""
        return await self._submit(spec)

    def list(
        self,
        *,
        name: str | None = None,
        status: ListStatus | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggAvatar]:
        """Iterate over the account's photo avatars."""
        return self._list(
            tables.PHOTO_AVATARS, name=name, status=status, timeout=timeout, headers=headers
        )


class JoggVideos(Creatable[JoggVideo, JoggAvatarVideo]):
    """Videos: https://docs.jogg.ai/api-reference/v2/Video/CreateVideoFromAvatar.

    JoggAI knows no idempotency key: a video goes out once.
    """


class JoggAvatars(Namespace):
    """Avatars that are there: https://docs.jogg.ai/api-reference/v2/Avatar/GetPublicAvatars."""

    def public(
        self,
        *,
        aspect_ratio: Literal["portrait", "landscape", "square"] | None = None,
        style: Literal["professional", "social"] | None = None,
        gender: Literal["female", "male"] | None = None,
        age: Literal["adult", "senior", "young_adult"] | None = None,
        scene: Scene | None = None,
        ethnicity: Ethnicity | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggAvatar]:
        """Iterate over JoggAI's own avatars."""
        return self._list(
            tables.PUBLIC_AVATARS,
            aspect_ratio=aspect_ratio,
            style=style,
            gender=gender,
            age=age,
            scene=scene,
            ethnicity=ethnicity,
            timeout=timeout,
            headers=headers,
        )

    def custom(
        self,
        *,
        name: str | None = None,
        status: ListStatus | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggAvatar]:
        """Iterate over the account's custom avatars."""
        return self._list(
            tables.CUSTOM_AVATARS, name=name, status=status, timeout=timeout, headers=headers
        )

    def product(
        self,
        *,
        aspect_ratio: Literal["portrait", "landscape"] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggAvatar]:
        """Iterate over the account's avatars with products."""
        return self._list(
            products.PRODUCT_AVATARS, aspect_ratio=aspect_ratio, timeout=timeout, headers=headers
        )


class JoggVoices(Namespace):
    """Voices: https://docs.jogg.ai/api-reference/v2/Voice/GetVoices."""

    def list(
        self,
        *,
        gender: Literal["female", "male"] | None = None,
        language: str | None = None,
        age: Literal["young", "middle_aged", "old"] | None = None,
        use_case: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggVoice]:
        """Iterate over the voices; ``language`` as ``"english"``."""
        return self._list(
            tables.VOICES,
            gender=gender,
            language=language,
            age=age,
            use_case=use_case,
            timeout=timeout,
            headers=headers,
        )

    def custom(
        self,
        *,
        language: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggVoice]:
        """Iterate over the account's cloned voices."""
        return self._list(tables.CUSTOM_VOICES, language=language, timeout=timeout, headers=headers)


class JoggUsers(Namespace):
    """The account: https://docs.jogg.ai/api-reference/v2/User/Whoami."""

    async def whoami(self) -> JoggUser:
        """Return who the key belongs to."""
        return await self._call(tables.WHOAMI)

    async def remaining_quota(self) -> float:
        """Return the credits that are left, as JoggAI tells them."""
        return await self._call(tables.REMAINING_QUOTA)


class JoggWebhookEndpoints(Namespace):
    """The URLs that events go to, at most 20.

    https://docs.jogg.ai/api-reference/v2/API%20Documentation/WebhookIntegration
    """

    async def create(
        self, url: str, *, events: Iterable[str], status: EndpointStatus = "enabled"
    ) -> JoggWebhookEndpoint:
        """Register an https URL for ``events`` and return it with its secret.

        Raises ``InvalidRequestError`` before anything is sent.
        """
        return await self._call(webhooks.CREATE_ENDPOINT, json=_endpoint(url, events, status))

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[JoggWebhookEndpoint]:
        """Iterate over the account's endpoints."""
        return self._list(webhooks.ENDPOINTS, timeout=timeout, headers=headers)

    async def update(
        self,
        id: str,  # noqa: A002 - what it is
        *,
        url: str,
        events: Iterable[str],
        status: EndpointStatus = "enabled",
    ) -> JoggWebhookEndpoint:
        """Replace all of the endpoint but its secret. Raises ``NotFoundError``."""
        body = _endpoint(url, events, status)
        return await self._call(webhooks.REPLACE_ENDPOINT, id, json=body)

    async def delete(self, id: str) -> None:  # noqa: A002 - what it is
        """Delete the endpoint. Raises ``NotFoundError`` if there is none."""
        await self._call(webhooks.DELETE_ENDPOINT, id)


class JoggWebhooks(Namespace):
    """JoggAI v2 webhooks, as far as the account goes; ``WebhookReceiver`` takes deliveries in."""

    def __init__(self, transport: Transport, service: JobService) -> None:
        super().__init__(transport, service)
        self.endpoints = JoggWebhookEndpoints(transport, service)

    async def event_types(self) -> tuple[str, ...]:
        """Return the names of the events that can be delivered."""
        return await self._call(webhooks.EVENT_TYPES)


def _endpoint(url: str, events: Iterable[str], status: str) -> dict[str, Any]:
    if status not in ("enabled", "disabled"):
        raise InvalidRequestError(f"status must be 'enabled' or 'disabled', not {status!r}")
    return {"url": https_url(url), "status": status, "events": event_names(events)}
