"""What the hook is told, and what the log says."""

from __future__ import annotations

import asyncio
import logging

import pytest

from heygen_async import (
    HeyGen,
    InvalidRequestError,
    JobEvent,
    PollEvent,
    RequestEvent,
    RetryEvent,
    State,
)
from heygen_async.emulator import Fault
from tests.conftest import PORTRAIT, image_video


def told_by(emulator, events, **options):
    return HeyGen(emulator.api_key, base_url=emulator.url, on_event=events.append, **options)


async def test_a_render_tells_of_its_requests_polls_and_changes(emulator):
    """In the order in which they happen, from the submission to the end."""
    events = []
    async with told_by(emulator, events) as heygen:
        job = await heygen.submit(image_video())
        await job.wait()
    changes = [event.status.state for event in events if isinstance(event, JobEvent)]
    assert (changes[0], changes[-1]) == (State.QUEUED, State.COMPLETED)
    assert State.RUNNING in changes
    words = [event.status.raw for event in events if isinstance(event, JobEvent)]
    assert len(set(words)) == len(words)  # each is news
    assert {event.token for event in events if isinstance(event, JobEvent)} == {job.token}
    requests = [event for event in events if isinstance(event, RequestEvent)]
    assert len(requests) == heygen.statistics().requests
    assert (requests[0].method, requests[0].path, requests[0].status) == ("POST", "/v3/videos", 200)
    assert all(event.seconds >= 0 and event.error is None for event in requests)
    polls = [event for event in events if isinstance(event, PollEvent)]
    assert {(event.kind, event.jobs) for event in polls} == {("heygen.video", 1)}


async def test_a_bulk_poll_tells_how_many_jobs_it_asks_for(emulator):
    """One event for each request, however many jobs are in it."""
    events = []
    async with told_by(emulator, events, max_concurrent_jobs=50) as heygen:
        await asyncio.gather(*(heygen.run(image_video()) for _ in range(50)))
    polls = [event.jobs for event in events if isinstance(event, PollEvent)]
    assert max(polls) > 10


async def test_retries_and_failures_are_told(emulator):
    """A 503 and an answer that does not come: the attempts, and when the next ones are due."""
    events = []
    emulator.faults.add(Fault(route="GET /v3/voices", nth=1, status=503))
    emulator.faults.add(Fault(route="GET /v3/voices", nth=2, delay=60))
    async with told_by(emulator, events) as heygen:
        await anext(heygen.voices.list())
    retries = [event for event in events if isinstance(event, RetryEvent)]
    assert [event.attempt for event in retries] == [1, 2]
    assert all(event.delay > 0 for event in retries)
    assert "503" in retries[0].error
    requests = [event for event in events if isinstance(event, RequestEvent)]
    assert [event.status for event in requests] == [503, None, 200]
    assert requests[1].error


async def test_a_hook_that_raises_breaks_nothing(emulator, caplog):
    """It is logged, and the render goes on."""

    def hook(event):
        raise ZeroDivisionError

    async with HeyGen(emulator.api_key, base_url=emulator.url, on_event=hook) as heygen:
        await heygen.run(image_video())
    assert "the on_event hook failed at RequestEvent" in caplog.text


async def test_no_secret_and_no_signed_url_is_told_or_logged(emulator, caplog, tmp_path):
    """Uploads, failures and downloads included."""
    events = []
    caplog.set_level(logging.DEBUG, "heygen_async")
    emulator.faults.add(Fault(route="FILES", nth=1, status=500))
    async with told_by(emulator, events) as heygen:
        job = await heygen.submit(image_video(image=PORTRAIT))
        await job.download(tmp_path / "a.mp4")
    told = repr(events) + caplog.text
    assert "POST /v3/assets" in caplog.text
    assert emulator.api_key not in told
    assert "ignature" not in told
    assert "xpires" not in told


@pytest.fixture
def fresh_logger():
    logger = logging.getLogger("heygen_async")
    before = logger.level, list(logger.handlers)
    yield logger
    logger.setLevel(before[0])
    logger.handlers[:] = before[1]


async def test_heygen_log_switches_the_log_on(emulator, monkeypatch, capsys, fresh_logger):
    """``HEYGEN_LOG=debug`` writes to stderr, once for any number of clients."""
    monkeypatch.setenv("HEYGEN_LOG", "debug")
    for _ in range(2):
        async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
            await anext(heygen.voices.list())
    assert len(fresh_logger.handlers) == 1
    assert capsys.readouterr().err.count("GET /v3/voices: 200") == 2


def test_a_level_that_is_none_is_refused(monkeypatch, fresh_logger):
    """The error names those there are."""
    monkeypatch.setenv("HEYGEN_LOG", "loud")
    with pytest.raises(InvalidRequestError, match="debug, info or warning"):
        HeyGen("key")
