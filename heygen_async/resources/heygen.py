"""The namespaces of ``HeyGen``: v3."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from heygen_async.errors import InvalidRequestError
from heygen_async.models.avatars import AvatarGroup, AvatarLook, ConsentRequest
from heygen_async.models.lipsyncs import Lipsync, LipsyncVideo
from heygen_async.models.media import Asset, AssetBatch
from heygen_async.models.videos import Video
from heygen_async.models.webhooks import WebhookEndpoint
from heygen_async.protocol.batches import MOST_ITEMS
from heygen_async.protocol.heygen import avatars, media, videos, webhooks
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.idempotency import one_key
from heygen_async.protocol.request import drop_none
from heygen_async.resources.collection import (
    Batchable,
    BulkReadable,
    Creatable,
    Deletable,
    Namespace,
    Readable,
    Uploads,
    event_names,
    https_url,
)
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from pathlib import Path

    from heygen_async.jobs.batch import Batch
    from heygen_async.jobs.service import JobService
    from heygen_async.models.account import User
    from heygen_async.models.avatars import Consent
    from heygen_async.models.batches import BatchDetail
    from heygen_async.models.media import FoundAsset, Media
    from heygen_async.models.videos import VideoScenes
    from heygen_async.models.webhooks import DeliveredEvent, EventType, JobRef
    from heygen_async.protocol.media import PresignedUpload
    from heygen_async.protocol.request import Upload
    from heygen_async.protocol.result_files import AssetName
    from heygen_async.transport.http import Transport

Ownership = Literal["public", "private"]

_PUTS = 4  # at once
_RECENT = 1000  # events, as far back as it is worth looking for a job that runs


class Videos(
    Creatable[videos.VideoSpec, Video],
    Batchable[videos.VideoSpec, Video],
    Readable[Video],
    Deletable[Video],
    BulkReadable,
):
    """HeyGen v3 videos: https://developers.heygen.com/reference/create-video."""

    _kind = videos.VIDEO

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

    async def scenes(self, video_id: str) -> VideoScenes:
        """Return what the scenes of a video are made of. Raises ``NotFoundError``."""
        return await self._call(videos.SCENES, video_id)

    async def create_batch(
        self,
        specs: Sequence[videos.VideoSpec],
        *,
        title: str | None = None,
        folder_id: str | None = None,
        callback_url: str | None = None,
        key: str | None = None,
        idempotency_key: str | None = None,
    ) -> Batch[Video]:
        """Submit up to 100 specs by one POST; ``await batch.jobs()`` gives their jobs.

        The batch is paid once, as with ``create``; an item that the vendor refuses costs nothing.
        ``folder_id`` is where the batch goes, its items have none; ``callback_url`` is told once
        when all have ended. Raises what ``create`` raises.
        """
        options = {"title": title, "folder_id": folder_id, "callback_url": callback_url}
        wanted = one_key(key, idempotency_key)
        return await self._service.create_batch(self._kind, specs, wanted, **options)

    async def download(
        self,
        video: Video | str,
        path: str | Path,
        *,
        asset: AssetName | str | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Wait for a video of which no ``Job`` is at hand, save it and return the path.

        ``asset`` names another of its files, as for ``Job.download``.
        """
        video_id = video if isinstance(video, str) else video.id
        self._collection.get(video_id)  # an id that cannot be one is refused
        token = videos.VIDEO.token(video_id, 0)
        job = self._service.attach(token)
        return await job.download(path, asset=asset, overwrite=overwrite)


class Lipsyncs(
    Creatable[Lipsync, LipsyncVideo],
    Batchable[Lipsync, LipsyncVideo],
    Readable[LipsyncVideo],
    Deletable[LipsyncVideo],
    BulkReadable,
):
    """HeyGen v3 lip syncs: https://developers.heygen.com/reference/create-lipsync."""

    _kind = videos.LIPSYNC

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[LipsyncVideo]:
        """Iterate over the account's lip syncs, newest first."""
        return self._list(self._collection, timeout=timeout, headers=headers)

    async def update(self, id: str, *, title: str) -> LipsyncVideo:  # noqa: A002 - what it is
        """Rename the lip sync and return it."""
        return await self._update(id, title=title)


class Looks(Readable[AvatarLook], Deletable[AvatarLook]):
    """The looks of avatars: https://developers.heygen.com/reference/list-avatar-looks.

    The last look that is deleted takes its avatar with it.
    """

    def list(
        self,
        *,
        avatar_type: Literal["studio_avatar", "digital_twin", "photo_avatar"] | None = None,
        ownership: Ownership | None = None,
        group_id: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[AvatarLook]:
        """Iterate over the looks that fit."""
        return self._list(
            self._collection,
            avatar_type=avatar_type,
            ownership=ownership,
            group_id=group_id,
            timeout=timeout,
            headers=headers,
        )

    async def update(self, id: str, *, name: str) -> AvatarLook:  # noqa: A002 - what it is
        """Rename a photo or digital twin look and return it."""
        return await self._update(id, name=name)


class Avatars(
    Creatable[avatars.AvatarSpec, AvatarLook], Readable[AvatarGroup], Deletable[AvatarGroup]
):
    """HeyGen v3 avatars: https://developers.heygen.com/reference/create-avatar.

    An avatar is a group of looks, which are all deleted with it. The job that ``create`` gives
    ends with a look that can be used; that of a digital twin is in state ``needs_action`` until
    consent is given.
    """

    def __init__(self, transport: Transport, service: JobService) -> None:
        super().__init__(transport, service, avatars.GROUPS)
        self.looks = Looks(transport, service, avatars.LOOKS)

    def list(
        self,
        *,
        ownership: Ownership | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[AvatarGroup]:
        """Iterate over the avatars, each a group of looks."""
        return self._list(self._collection, ownership=ownership, timeout=timeout, headers=headers)

    async def update(
        self,
        id: str,  # noqa: A002 - what it is
        *,
        default_voice_id: str,
    ) -> AvatarGroup:
        """Give the avatar a voice that speaks where a video names none, and return it."""
        return await self._update(id, default_voice_id=default_voice_id)

    async def consent(
        self,
        group_id: str,
        *,
        reroute_url: str | None = None,
        consent_text: str | None = None,
        consent_video: Media | None = None,
    ) -> Consent:
        """Ask for the consent of the person in a digital twin; ``url`` is where it is given.

        They are sent on to ``reroute_url`` afterwards; ``consent_text`` has up to 1,000
        characters. A ``consent_video`` of them (enterprise plans) goes without both, and there is
        no ``url`` then.
        """
        wanted = ConsentRequest(
            reroute_url=reroute_url, consent_text=consent_text, consent_video=consent_video
        )
        body = CONVERTER.unstructure(await self._service.uploader.resolve(wanted))
        return await self._call(avatars.CONSENT, group_id, json=body)


class Assets(Readable[Asset], Deletable[Asset], BulkReadable, Uploads):
    """HeyGen v3 assets: https://developers.heygen.com/reference/upload-asset."""

    _kind = media.ASSET

    def __init__(self, transport: Transport, service: JobService) -> None:
        super().__init__(transport, service, media.ASSETS)

    def list(
        self,
        *,
        username: str,
        folder_id: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Asset]:
        """Iterate over the assets of a member of the account, as ``users.me`` names them."""
        return self._list(
            self._collection,
            username=username,
            folder_id=folder_id,
            timeout=timeout,
            headers=headers,
        )

    async def upload_batch(
        self, files: Sequence[Path | bytes], *, title: str | None = None
    ) -> AssetBatch:
        """Upload up to 100 local files in two calls and a PUT for each, a few at a time.

        All are checked before any is sent. The vendor goes on with them afterwards: ``statuses``
        says when they are ready.
        """
        if not 1 <= len(files) <= MOST_ITEMS:
            raise InvalidRequestError(f"a batch has 1 to {MOST_ITEMS} files, not {len(files)}")
        checked = [(await self._service.uploader.inspect(file))[1] for file in files]
        uploads = [await self._service.uploader.make_ready(upload) for upload in checked]
        batch_id, slots = await self._transport.send(media.create_upload_batch(uploads, title))
        few = asyncio.Semaphore(_PUTS)

        async def put(upload: Upload, slot: PresignedUpload) -> None:
            async with few:
                await self._service.uploader.put(upload, slot)

        try:
            async with asyncio.TaskGroup() as group:
                for each in zip(uploads, slots, strict=True):
                    group.create_task(put(*each))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        await self._call(media.COMPLETE_BATCH, json={"batch_id": batch_id})
        return AssetBatch(id=batch_id, assets=tuple(slot.asset for slot in slots if slot.asset))

    async def get_batch(self, id: str) -> BatchDetail:  # noqa: A002 - what it is
        """Return what the vendor tells of a batch of files."""
        return await self._service.read_batch(self._kind, id)

    def search(
        self,
        query: str,
        *,
        type: Literal["image", "icon"],  # noqa: A002 - the vendor's name
        scope: Literal["public", "personal"] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[FoundAsset]:
        """Iterate over pictures or icons that fit a description, public ones by default."""
        return self._list(
            media.SEARCH, query=query, type=type, scope=scope, timeout=timeout, headers=headers
        )

    async def delete(
        self,
        id: str,  # noqa: A002 - what it is
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - of the request
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Delete the asset for good. Raises ``NotFoundError`` if there is none."""
        await super().delete(id, timeout=timeout, headers=headers)
        self._service.uploader.forget(id)


class Users(Namespace):
    """The account: https://developers.heygen.com/reference/get-current-user."""

    async def me(self) -> User:
        """Return who the key belongs to, and what is left to spend."""
        return await self._call(media.ME)


class WebhookEndpoints(Deletable[WebhookEndpoint]):
    """The URLs that events go to: https://developers.heygen.com/docs/webhook-events."""

    async def create(
        self, url: str, *, events: Iterable[str] | None = None, entity_id: str | None = None
    ) -> WebhookEndpoint:
        """Register an https URL for ``events``, or for all, and return it with its secret.

        Raises ``InvalidRequestError`` before anything is sent, ``ConflictError`` for a URL that
        is registered already.
        """
        names = None if events is None else event_names(events)
        body = drop_none(url=https_url(url), events=names, entity_id=entity_id)
        return await self._call(webhooks.CREATE_ENDPOINT, json=body)

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[WebhookEndpoint]:
        """Iterate over the account's endpoints."""
        return self._list(self._collection, timeout=timeout, headers=headers)

    async def update(
        self,
        id: str,  # noqa: A002 - what it is
        *,
        url: str | None = None,
        events: Iterable[str] | None = None,
    ) -> WebhookEndpoint:
        """Change the URL, or replace the whole list of events. Raises ``NotFoundError``."""
        body = drop_none(
            url=None if url is None else https_url(url),
            events=None if events is None else event_names(events),
        )
        if not body:
            raise InvalidRequestError("nothing to update: give url, events or both")
        return await self._transport.send(self._collection.update(id, body))

    async def rotate_secret(self, endpoint_id: str) -> str:
        """Return a new secret; HeyGen stops signing with the old one at once.

        Give both to ``WebhookReceiver.rotate`` until deliveries on their way have arrived.
        """
        return await self._call(webhooks.ROTATE_SECRET, endpoint_id)


class Webhooks(Namespace):
    """HeyGen v3 webhooks, as far as the account goes; ``WebhookReceiver`` takes deliveries in."""

    def __init__(self, transport: Transport, service: JobService) -> None:
        super().__init__(transport, service)
        self.endpoints = WebhookEndpoints(transport, service, webhooks.ENDPOINTS)

    async def event_types(self) -> tuple[EventType, ...]:
        """Return the types of events that can be delivered."""
        return await self._call(webhooks.EVENT_TYPES)

    def events(
        self,
        *,
        event_type: str | None = None,
        entity_id: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[DeliveredEvent]:
        """Iterate over the events that were delivered."""
        return self._list(
            webhooks.EVENTS,
            event_type=event_type,
            entity_id=entity_id,
            timeout=timeout,
            headers=headers,
        )


async def recent_jobs(
    transport: Transport,
) -> AsyncIterator[tuple[str, JobRef | None]]:
    """Yield each delivered event's id and the job it speaks of, the newest first."""
    read = 0
    async for event in pages(lambda token: transport.send(webhooks.EVENTS.list(token))):
        for job in webhooks.jobs_of(event) or (None,):
            yield event.event_id, job
        read += 1
        if read == _RECENT:
            return
