"""Every operation of video agents once, against the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from heygen_async import JobFailedError, VideoAgent

if TYPE_CHECKING:
    from heygen_async import HeyGen
    from heygen_async.emulator import Emulator


async def agent_operations(heygen: HeyGen, emulator: Emulator) -> None:
    agents = heygen.video_agents
    job = await agents.create(VideoAgent(prompt="A film", mode="chat"))
    session_id = job.id
    await job.refresh()
    await agents.send(session_id, "For children")
    assert (await job).video_url
    await agents.get(session_id)
    assert [each async for each in agents.list()]
    assert [each async for each in agents.styles()]
    assert await agents.videos(session_id)
    await agents.resource(session_id, f"draft-{session_id}")
    stopped = await agents.create(VideoAgent(prompt="A film"))
    await agents.stop(stopped.id)
    with pytest.raises(JobFailedError):
        await stopped
