"""HeyGen v3 video agents: their sessions, and the kind of job that leads to a video."""

from __future__ import annotations

from typing import Any

from heygen_async.models.jobs import State
from heygen_async.models.video_agents import (
    AgentResource,
    AgentRun,
    AgentSession,
    AgentStyle,
    VideoAgent,
)
from heygen_async.models.videos import Video
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.heygen.videos import VIDEO, VIDEOS
from heygen_async.protocol.kinds import JobKind, JobSnapshot, meaning, read_progress
from heygen_async.protocol.operations import Collection, Operation, decode_none

AGENT_STATUSES = {
    "thinking": State.RUNNING,
    "generating": State.RUNNING,
    "waiting_for_input": State.NEEDS_ACTION,
    "reviewing": State.NEEDS_ACTION,
}

SESSIONS = Collection(item="/v3/video-agents/{session_id}", model=AgentSession, converter=CONVERTER)
STYLES = Collection(
    item="/v3/video-agents/styles/{style_id}", model=AgentStyle, converter=CONVERTER
)
RESOURCES = Operation(
    "GET",
    SESSIONS.item + "/resources/{resource_id}",
    lambda payload: CONVERTER.structure(payload["data"], AgentResource),
)
SEND = Operation(
    "POST",
    SESSIONS.item,
    lambda payload: CONVERTER.structure(payload["data"], AgentRun),
    paid=True,
)
STOP = Operation("POST", SESSIONS.item + "/stop", decode_none, idempotent=True)
MADE = Operation("GET", SESSIONS.item + "/videos", lambda payload: VIDEOS.read_page(payload).items)


def session_snapshot(session: AgentSession) -> JobSnapshot[Video]:
    """Read a session as the state of its job, which its video takes over once there is one."""
    word = session.status or ""
    failed = meaning(AGENT_STATUSES, word) is State.FAILED
    errors = [each.content for each in session.messages if each.type == "error"]
    return JobSnapshot(
        word=word,
        message=errors[-1] if failed and errors else None,
        created_at=session.created_at,
        progress=read_progress(session.progress),
        follows=(VIDEO, session.video_id) if session.video_id else None,
    )


AGENT: JobKind[Any] = JobKind(
    name="heygen.video-agent",
    specs=(VideoAgent,),
    collection=SESSIONS,
    first_word="thinking",
    status_map=AGENT_STATUSES,
    file="video_url",
    snapshot=session_snapshot,
    model=Video,
    patient=True,
    typical_duration=60.0,
)
"""``typical_duration`` is until the video has begun."""
