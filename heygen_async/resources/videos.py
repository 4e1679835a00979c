"""``heygen.videos``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.protocol import heygen_videos as wire
from heygen_async.protocol.kinds import write_token
from heygen_async.resources.checks import named
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from heygen_async.jobs.job import Job
    from heygen_async.jobs.service import JobService
    from heygen_async.models.jobs import JobStatus
    from heygen_async.models.videos import Video
    from heygen_async.transport.http import Transport

_LIST_LIMIT = 100


class Videos:
    """HeyGen v3 videos: https://developers.heygen.com/reference/create-video."""

    def __init__(self, transport: Transport, service: JobService) -> None:
        self._transport = transport
        self._service = service

    async def create(
        self, spec: wire.VideoSpec, *, idempotency_key: str | None = None
    ) -> Job[Video]:
        """Submit a video and return its job; the same as ``heygen.submit(spec)``.

        Local media of the spec go up first. Raises ``InvalidRequestError`` before anything is
        sent, ``SubmissionUnknownError`` if the answer is lost for good, and ``APIError``.
        """
        return await self._service.submit(spec, self._service.key_for(spec, idempotency_key))

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

    async def statuses(self, video_ids: Sequence[str]) -> Mapping[str, JobStatus]:
        """Return the status of each video by id, in one request for each hundred.

        Ids that the server does not know are absent from the answer.
        """
        kind = wire.VIDEO
        found: dict[str, JobStatus] = {}
        for start in range(0, len(video_ids), kind.statuses_limit):
            chunk = video_ids[start : start + kind.statuses_limit]
            words = await self._transport.send(wire.video_words(chunk))
            found |= {video_id: kind.status(word) for video_id, word in words.items()}
        return found

    async def download(
        self, video: Video | str, path: str | Path, *, overwrite: bool = False
    ) -> Path:
        """Wait for a video of which no ``Job`` is at hand, save it and return the path."""
        video_id = video if isinstance(video, str) else video.id
        token = write_token(wire.VIDEO, named("video", video_id), 0)
        return await self._service.attach(token).download(path, overwrite=overwrite)
