"""HeyGen v3 video agents: sessions that become videos."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from heygen_async import (
    InvalidRequestError,
    JobFailedError,
    Ledger,
    NotFoundError,
    State,
    SubmissionUnknownError,
    Video,
    VideoAgent,
)
from heygen_async.emulator import Fault
from tests.conftest import PORTRAIT

SPEC = VideoAgent(prompt="A minute on Ada Lovelace", files=[PORTRAIT])
SESSION, VIDEO = "GET /v3/video-agents/{session_id}", "GET /v3/videos/{video_id}"


async def test_a_session_becomes_a_video_that_is_paid_once(heygen, emulator, tmp_path):
    """The job moves to the video, and never asks for the session again."""
    job = await heygen.video_agents.create(SPEC)
    session_id = job.id
    assert job.kind == "heygen.video-agent"
    first = await job.refresh()
    assert (first.state, 0 <= first.progress < 100) == (State.RUNNING, True)
    video = await job
    assert isinstance(video, Video)
    assert (job.kind, job.id) == ("heygen.video", video.id)
    asked = emulator.count(SESSION)
    await job.download(tmp_path / "a.mp4")
    assert emulator.count(SESSION) == asked
    assert len(emulator.wallet.charges) == 1
    session = await heygen.video_agents.get(session_id)
    assert (session.status, session.video_id) == ("completed", video.id)
    assert [each.id for each in await heygen.video_agents.videos(session_id)] == [video.id]
    assert [each.session_id async for each in heygen.video_agents.list()] == [session_id]
    # a token of the session leads there, too, in another process
    assert (await heygen.attach(f"heygen.video-agent/1732806631/{session_id}")).id == video.id


async def test_a_chat_waits_for_its_user(heygen, emulator):
    """The job needs action until a message is sent, files and all; it is never sent twice."""
    job = await heygen.submit(attrs.evolve(SPEC, mode="chat"))
    with pytest.raises(TimeoutError):
        await job.wait(timeout=600)
    assert job.status.state is State.NEEDS_ACTION
    run = await heygen.video_agents.send(job.id, "For children", files=[PORTRAIT])
    assert run.session_id == job.id
    assert len(emulator.assets) == 1
    said = (await heygen.video_agents.get(job.id)).messages
    assert [each.content for each in said if each.role == "user"][1:] == ["For children"]
    assert (await job).video_url
    emulator.faults.add(Fault(route="POST /v3/video-agents/{session_id}", reset="after"))
    with pytest.raises(SubmissionUnknownError):
        await heygen.video_agents.send(job.id, "More")


async def test_what_a_session_has(heygen):
    """Styles by tag, resources, and the end of what an agent does."""
    agents = heygen.video_agents
    styles = [each.style_id async for each in agents.styles(tag="cinematic")]
    assert styles == ["style-1", "style-3"]
    job = await agents.create(attrs.evolve(SPEC, style_id=styles[0]))
    found = await agents.resource(job.id, f"draft-{job.id}")
    assert found.resource_type == "image"
    with pytest.raises(NotFoundError):
        await agents.resource(job.id, "nothing")
    await agents.stop(job.id)
    with pytest.raises(JobFailedError, match="was stopped"):
        await job


async def test_a_lost_answer_is_no_second_session(heygen, emulator):
    """The operation honours no key, so its outcome is unknown; a key is refused."""
    emulator.faults.add(Fault(route="POST /v3/video-agents", reset="after"))
    with pytest.raises(SubmissionUnknownError):
        await heygen.submit(SPEC)
    assert len(emulator.wallet.charges) == 1
    with pytest.raises(InvalidRequestError, match="honours no idempotency key"):
        await heygen.video_agents.create(SPEC, idempotency_key="k1")
    with pytest.raises(InvalidRequestError, match="orientation must be one of"):
        VideoAgent(prompt="A", orientation="square")


async def test_a_session_may_be_missing_for_hours(heygen, emulator):
    """A session's token goes on through 404s, and so does the job."""
    job = await heygen.submit(SPEC)
    emulator.faults.add(Fault(route=SESSION, status=404, until=3 * 3600.0))
    video = await heygen.attach(job.token)
    assert video.id in emulator.videos
    assert emulator.count(SESSION) > 20


async def test_a_failed_video_ends_the_job(heygen, emulator):
    """Its reason is the video's; that of a session which fails before is its last message."""
    job = await heygen.submit(SPEC)
    emulator.complete(job.id)
    await job.refresh()
    assert job.kind == "heygen.video"
    emulator.fail(job.id, message="no light")
    with pytest.raises(JobFailedError, match="no light"):
        await job
    job = await heygen.submit(SPEC)
    emulator.fail(job.id, message="no idea")
    with pytest.raises(JobFailedError, match="no idea"):
        await job


async def test_a_map_with_a_ledger_resumes_videos_of_agents(heygen, emulator, tmp_path):
    """What was submitted is found again by the session's token, and paid once."""
    specs = [VideoAgent(prompt=f"Number {number}") for number in range(5)]
    ledger = tmp_path / "l.sqlite"
    run = asyncio.ensure_future(_outcomes(heygen, specs, ledger))
    async with asyncio.timeout(100):
        while len(emulator.jobs) < len(specs):
            await asyncio.sleep(0.1)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    done = await _outcomes(heygen, specs, ledger)
    assert all(each.result.video_url for each in done)
    assert len(emulator.wallet.charges) == 5


async def _outcomes(heygen, specs, path):
    async with Ledger(path) as ledger:
        run = heygen.map(specs, ledger=ledger, key=lambda spec: spec.prompt)
        return [each async for each in run]
