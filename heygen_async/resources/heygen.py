"""The namespaces of ``HeyGen``: ``videos``, ``assets``, ``voices``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from heygen_async.errors import InvalidRequestError
from heygen_async.protocol import heygen_media, heygen_videos
from heygen_async.protocol.kinds import write_token
from heygen_async.resources.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from heygen_async.jobs.desk import Desk
    from heygen_async.jobs.job import Job
    from heygen_async.models.jobs import JobStatus
    from heygen_async.models.media import Asset
    from heygen_async.models.videos import Video
    from heygen_async.models.voices import Voice
    from heygen_async.transport.http import Transport
    from heygen_async.transport.uploads import Uploader

_LIST_LIMIT = 100


class Videos:
    """``heygen.videos``: https://developers.heygen.com/reference/create-video."""

    def __init__(self, transport: Transport, desk: Desk) -> None:
        self._transport = transport
        self._desk = desk

    async def create(
        self, spec: heygen_videos.VideoSpec, *, idempotency_key: str | None = None
    ) -> Job[Video]:
        """Submit a video and return its job; the same as ``heygen.submit(spec)``.

        Local media of the spec go up first. Raises ``InvalidRequestError`` before anything is
        sent, ``SubmissionUnknownError`` if the answer is lost for good, and ``APIError``.
        """
        return await self._desk.submit(spec, idempotency_key)

    async def get(self, video_id: str) -> Video:
        """Return the video with fresh URLs. Raises ``NotFoundError`` if there is none."""
        return await self._transport.send(heygen_videos.get_video(_named("video_id", video_id)))

    def list(
        self, *, folder_id: str | None = None, title: str | None = None
    ) -> AsyncIterator[Video]:
        """Iterate over the account's videos, newest first; ``title`` matches a part of it."""
        return pages(
            lambda token: self._transport.send(
                heygen_videos.list_videos(
                    limit=_LIST_LIMIT, token=token, folder_id=folder_id, title=title
                )
            )
        )

    async def delete(self, video_id: str) -> None:
        """Delete the video for good. Raises ``NotFoundError`` if there is none."""
        await self._transport.send(heygen_videos.delete_video(_named("video_id", video_id)))

    async def statuses(self, video_ids: Sequence[str]) -> Mapping[str, JobStatus]:
        """Return the status of each video by id, in one request for each hundred.

        Ids that the server does not know are absent from the answer.
        """
        kind = heygen_videos.VIDEO
        found: dict[str, JobStatus] = {}
        for start in range(0, len(video_ids), kind.look_many_limit):
            chunk = video_ids[start : start + kind.look_many_limit]
            words = await self._transport.send(heygen_videos.video_words(chunk))
            found |= {video_id: kind.status(word) for video_id, word in words.items()}
        return found

    async def download(
        self, video: Video | str, path: str | Path, *, overwrite: bool = False
    ) -> Path:
        """Wait for a video of which no ``Job`` is at hand, save it and return the path."""
        video_id = video if isinstance(video, str) else video.id
        token = write_token(heygen_videos.VIDEO, _named("video", video_id), 0)
        return await self._desk.attach(token).download(path, overwrite=overwrite)


class Assets:
    """``heygen.assets``: https://developers.heygen.com/reference/upload-asset."""

    def __init__(self, uploader: Uploader) -> None:
        self._uploader = uploader

    async def upload(self, file: Path | bytes) -> Asset:
        """Upload a local file of at most 32 MB and return its asset.

        The same file is sent once by a client; it is streamed from disk. Raises
        ``InvalidRequestError`` for a file that is missing, empty, too large or of another type.
        """
        return await self._uploader.upload(file)


class Voices:
    """``heygen.voices``: https://developers.heygen.com/reference/list-voices."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self,
        *,
        type: Literal["public", "private"] | None = None,  # noqa: A002 - the vendor's name
        engine: str | None = None,
        language: str | None = None,
        gender: str | None = None,
    ) -> AsyncIterator[Voice]:
        """Iterate over the voices; ``language`` as ``"English"``, ``type`` public by default."""
        return pages(
            lambda token: self._transport.send(
                heygen_media.list_voices(
                    type=type,
                    engine=engine,
                    language=language,
                    gender=gender,
                    limit=_LIST_LIMIT,
                    token=token,
                )
            )
        )


def _named(name: str, value: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequestError(f"{name} must be a non-empty str, not {value!r}")
    return value
