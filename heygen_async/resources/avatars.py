"""``heygen.avatars`` and ``heygen.avatars.looks``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from heygen_async.protocol import heygen_avatars as wire
from heygen_async.resources.checks import named
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async.jobs.job import Job
    from heygen_async.jobs.service import JobService
    from heygen_async.models.avatars import AvatarGroup, AvatarLook, Consent
    from heygen_async.transport.http import Transport

_LIST_LIMIT = 50

Ownership = Literal["public", "private"]


class Looks:
    """The looks of avatars: https://developers.heygen.com/reference/list-avatar-looks."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self,
        *,
        avatar_type: Literal["studio_avatar", "digital_twin", "photo_avatar"] | None = None,
        ownership: Ownership | None = None,
        group_id: str | None = None,
    ) -> AsyncIterator[AvatarLook]:
        """Iterate over the looks that fit."""
        return pages(
            lambda token: self._transport.send(
                wire.list_looks(
                    group_id=group_id,
                    avatar_type=avatar_type,
                    ownership=ownership,
                    limit=_LIST_LIMIT,
                    token=token,
                )
            )
        )

    async def get(self, look_id: str) -> AvatarLook:
        """Return the look. Raises ``NotFoundError`` if there is none."""
        return await self._transport.send(wire.get_look(named("look_id", look_id)))

    async def update(self, look_id: str, *, name: str) -> AvatarLook:
        """Rename a photo or digital twin look and return it."""
        request = wire.rename_look(named("look_id", look_id), named("name", name))
        return await self._transport.send(request)

    async def delete(self, look_id: str) -> None:
        """Delete the look for good; the last one takes its avatar with it."""
        await self._transport.send(wire.delete_look(named("look_id", look_id)))


class Avatars:
    """HeyGen v3 avatars: https://developers.heygen.com/reference/create-avatar."""

    def __init__(self, transport: Transport, service: JobService) -> None:
        self._transport = transport
        self._service = service
        self.looks = Looks(transport)

    async def create(
        self, spec: wire.AvatarSpec, *, idempotency_key: str | None = None
    ) -> Job[AvatarLook]:
        """Submit an avatar and return its job, which ends with a look that can be used.

        A digital twin's job is in state ``needs_action`` until consent is given. Raises what
        ``heygen.submit`` raises.
        """
        return await self._service.submit(spec, self._service.key_for(spec, idempotency_key))

    def list(self, *, ownership: Ownership | None = None) -> AsyncIterator[AvatarGroup]:
        """Iterate over the avatars, each a group of looks."""
        return pages(
            lambda token: self._transport.send(
                wire.list_groups(ownership=ownership, limit=_LIST_LIMIT, token=token)
            )
        )

    async def get(self, group_id: str) -> AvatarGroup:
        """Return the avatar. Raises ``NotFoundError`` if there is none."""
        return await self._transport.send(wire.get_group(named("group_id", group_id)))

    async def delete(self, group_id: str) -> None:
        """Delete the avatar and all its looks for good."""
        await self._transport.send(wire.delete_group(named("group_id", group_id)))

    async def consent(
        self, group_id: str, *, reroute_url: str | None = None, consent_text: str | None = None
    ) -> Consent:
        """Ask for the consent of the person in a digital twin; ``url`` is where it is given.

        They are sent on to ``reroute_url`` afterwards; ``consent_text`` has up to 1,000
        characters.
        """
        request = wire.ask_consent(
            named("group_id", group_id), reroute_url=reroute_url, consent_text=consent_text
        )
        return await self._transport.send(request)
