"""Where jobs begin: what is sent, what is told, and what becomes of a caller who is gone."""

from __future__ import annotations

import asyncio
import logging
import time
from types import SimpleNamespace

import pytest

from heygen_async import (
    AddMotion,
    ImageVideo,
    InvalidRequestError,
    JobEvent,
    OrphanEvent,
    PollPolicy,
    RetryPolicy,
    ServerError,
    SubmissionUnknownError,
)
from heygen_async.jobs.poller import Poller
from heygen_async.jobs.service import MAX_ORPHANS, JobService
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.kinds import JobSnapshot
from heygen_async.protocol.request import Submission
from heygen_async.transport.http import PostHooks

SPEC = ImageVideo(image="https://example.com/ada.png", script="Hello!", voice_id="v1")
LOST = SubmissionUnknownError("no answer", idempotency_key="k1")


class FakeTransport:
    """Plays what a transport does around a POST, with an answer or an error by a script."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []
        self.cancels = False  # whether the caller is gone when the answer comes
        self.vendor = HEYGEN

    async def send(self, request, hooks=None):
        self.sent.append(request)
        answer = self.answers.pop(0)
        if hooks is not None:
            await hooks.before()
            if self.cancels or isinstance(answer, Submission):
                await hooks.after(answer)
            if self.cancels:
                hooks.abandoned(answer if isinstance(answer, Submission) else None)
                raise asyncio.CancelledError
        if isinstance(answer, BaseException):
            raise answer
        return answer


class FakeFiles:
    """An uploader that has nothing to upload, and a downloader that asks for two URLs."""

    async def resolve(self, spec):
        return spec

    async def save(self, url, path, *, renew):
        return url, path, await renew()


def served(*answers, emit=None):
    """Return a service and the transport that it sends with."""
    transport, files = FakeTransport(*answers), FakeFiles()
    poller = Poller(transport.send, PollPolicy(), RetryPolicy())
    return JobService(transport, files, files, poller, emit), transport


def hooks_into(heard):
    """Return hooks that write down what they hear."""

    async def before():
        heard.append("before")

    async def after(ended):
        heard.append(("after", getattr(ended, "id", ended)))

    def abandoned(job):
        heard.append(("abandoned", getattr(job, "id", job)))

    return PostHooks(before, after, abandoned)


async def test_a_spec_becomes_one_post_and_a_job(caplog):
    """With the key of its call; a warning beside the id is kept and logged."""
    told = []
    answer = Submission(id="v1", word="pending", warning="no credits left")
    service, transport = served(answer, emit=told.append)
    with caplog.at_level(logging.DEBUG, "heygen_async.jobs"):
        job = await service.submit(SPEC, "my-key", key_sent_at=5.0, queued=True)
    (request,) = transport.sent
    assert (request.method, request.idempotency_key) == ("POST", "my-key")
    assert (request.key_sent_at, request.queued) == (5.0, True)
    assert (job.id, job.status.raw, job.warning) == ("v1", "pending", "no credits left")
    assert told == [JobEvent(token=job.token, kind="heygen.video", status=job.status)]
    assert f"{job.token} was accepted with a warning: no credits left" in caplog.text
    assert (service.submitted, service.orphans) == (1, ())


async def test_a_token_gives_the_same_state():
    """Attached, a job shares all that is known with the handle from its submission."""
    service, _ = served(Submission(id="v1", word="pending"))
    job = await service.submit(SPEC, "k")
    assert service.attach(job.token).status is job.status
    assert service.attach(f"heygen.video/{int(time.time())}/v2").status.raw == ""


async def test_hooks_hear_of_the_job():
    """Directly before the POST, and with the job directly after it."""
    heard = []
    service, _ = served(Submission(id="v1", word="pending"))
    await service.submit(SPEC, "k", hooks=hooks_into(heard))
    assert heard == ["before", ("after", "v1")]


@pytest.mark.parametrize("hooked", [False, True])
async def test_invariant_2_a_job_whose_caller_is_gone_is_known(hooked):
    """It is an orphan, unless the caller's hooks take care of it."""
    told, heard = [], []
    service, transport = served(Submission(id="v1", word="pending"), emit=told.append)
    transport.cancels = True
    with pytest.raises(asyncio.CancelledError):
        await service.submit(SPEC, "k", hooks=hooks_into(heard) if hooked else None)
    if hooked:
        assert heard == ["before", ("after", "v1"), ("abandoned", "v1")]
        assert service.orphans == ()
    else:
        (orphan,) = service.orphans
        assert (orphan.job.id, orphan.spec, orphan.idempotency_key) == ("v1", SPEC, "k")
        assert [type(each) for each in told] == [JobEvent, OrphanEvent]
        assert told[1].token == orphan.job.token


async def test_an_answer_that_is_lost_with_its_caller_is_reported(caplog):
    """The orphan has the spec and the key, with which a submission gives the one job."""
    service, transport = served(LOST)
    transport.cancels = True
    with pytest.raises(asyncio.CancelledError):
        await service.submit(SPEC, "k1")
    (orphan,) = service.orphans
    assert (orphan.job, orphan.spec, orphan.idempotency_key) == (None, SPEC, "k1")
    assert "ImageVideo, idempotency key k1; it may be paid" in caplog.text


@pytest.mark.parametrize("error", [LOST, ServerError("oops", status=500)])
async def test_a_submission_that_failed_says_what_is_known(error):
    """An unknown outcome carries its spec; either way there is no job and no orphan."""
    service, _ = served(error)
    with pytest.raises(type(error)) as caught:
        await service.submit(SPEC, "k")
    assert getattr(caught.value, "spec", SPEC) is SPEC
    assert (service.submitted, service.orphans) == (0, ())


async def test_orphans_are_told_once_and_their_number_is_bounded():
    """The oldest is forgotten first; a job that is reported twice is one."""
    service, _ = served(Submission(id="v1", word="pending"))
    job = await service.submit(SPEC, "k")
    for _ in range(2):
        service.report_orphan(SPEC, "k", job)
    assert len(service.orphans) == 1
    for _ in range(MAX_ORPHANS):
        service.report_orphan(SPEC, "k", None)
    assert len(service.orphans) == MAX_ORPHANS
    assert all(orphan.job is None for orphan in service.orphans)


async def test_a_key_is_for_one_logical_call():
    """The caller's own, or a new one; one that is none is refused before anything is sent."""
    service, _ = served()
    assert service.key_for(SPEC, "my-key") == "my-key"
    assert service.key_for(SPEC, None) != service.key_for(SPEC, None)
    with pytest.raises(InvalidRequestError):
        service.key_for(SPEC, "no\nkey")
    motion = AddMotion(id="look", prompt="nods")
    assert service.key_for(motion, None) is None
    with pytest.raises(InvalidRequestError, match="honours no idempotency key"):
        service.key_for(motion, "my-key")


async def test_a_file_is_saved_from_the_result_or_from_a_fresh_url(tmp_path):
    """An expired URL costs a status request; nothing is rendered again."""
    old, new = (
        JobSnapshot(word="completed", result=SimpleNamespace(video_url=url))
        for url in ("https://cdn/old", "https://cdn/new")
    )
    service, transport = served(Submission(id="v1", word="pending"), old, new)
    job = await service.submit(SPEC, "k")
    await job.refresh()
    saved = await job.download(tmp_path / "a.mp4")
    assert saved == ("https://cdn/old", tmp_path / "a.mp4", "https://cdn/new")
    assert [request.method for request in transport.sent] == ["POST", "GET", "GET"]
