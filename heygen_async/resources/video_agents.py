"""The namespace of HeyGen's video agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.models.video_agents import AgentAnswer, AgentSession, VideoAgent
from heygen_async.models.videos import Video
from heygen_async.protocol.heygen import video_agents
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.resources.collection import Creatable, Readable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from heygen_async.jobs.service import JobService
    from heygen_async.models.media import Media
    from heygen_async.models.video_agents import AgentResource, AgentRun, AgentStyle
    from heygen_async.transport.http import Transport


class VideoAgents(Creatable[VideoAgent, Video], Readable[AgentSession]):
    """HeyGen v3 video agents: https://developers.heygen.com/reference/create-video-agent.

    The job that ``create`` gives is that of a session, and then that of its video. No idempotency
    key is honoured: an answer that is lost for good is a ``SubmissionUnknownError``.
    """

    def __init__(self, transport: Transport, service: JobService) -> None:
        super().__init__(transport, service, video_agents.SESSIONS)

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[AgentSession]:
        """Iterate over the sessions, newest first."""
        return self._list(self._collection, timeout=timeout, headers=headers)

    async def send(
        self,
        session_id: str,
        message: str,
        *,
        avatar_id: str | None = None,
        voice_id: str | None = None,
        brand_kit_id: str | None = None,
        files: Sequence[Media] | None = None,
    ) -> AgentRun:
        """Say something in a session, as when its job is in state ``needs_action``.

        Local files go up first. It may cost as much as a video, and is never sent twice: raises
        ``SubmissionUnknownError`` if the answer is lost.
        """
        answer = AgentAnswer(
            message=message,
            avatar_id=avatar_id,
            voice_id=voice_id,
            brand_kit_id=brand_kit_id,
            files=files,
        )
        body = CONVERTER.unstructure(await self._service.uploader.resolve(answer))
        return await self._call(video_agents.SEND, session_id, json=body)

    async def stop(self, session_id: str) -> None:
        """Stop what the agent does in a session. Raises ``NotFoundError`` if there is none."""
        await self._call(video_agents.STOP, session_id, json={})

    async def resource(self, session_id: str, resource_id: str) -> AgentResource:
        """Return a thing that messages of a session name in ``resource_ids``."""
        return await self._call(video_agents.RESOURCES, session_id, resource_id)

    async def videos(self, session_id: str) -> Sequence[Video]:
        """Return the videos of a session."""
        return await self._call(video_agents.MADE, session_id)

    def styles(
        self,
        *,
        tag: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[AgentStyle]:
        """Iterate over the looks that videos can have; ``VideoAgent.style_id`` takes one."""
        return self._list(video_agents.STYLES, tag=tag, timeout=timeout, headers=headers)
