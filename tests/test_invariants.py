"""The invariants of the library, each by a test that names it."""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import logging
import traceback

import aiohttp
import pytest
from aiohttp.client_proto import ResponseHandler

from heygen_async import (
    AuthenticationError,
    HeyGen,
    HeyGenError,
    JobTimeoutError,
    PollPolicy,
    ServerError,
    State,
    SubmissionUnknownError,
    TransportError,
)
from heygen_async.emulator import Emulator, Fault
from tests.conftest import PORTRAIT, image_video
from tests.leftovers import alive

CREATE = "POST /v3/videos"
GET = "GET /v3/videos/{video_id}"
STATUSES = "GET /v3/videos/statuses"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(route=CREATE, nth=1, reset="after"),
        Fault(route=CREATE, nth=1, reset="before"),
        Fault(route=CREATE, nth=1, status=503, work=True),
        Fault(route=CREATE, nth=1, cut=20),
        Fault(route=CREATE, nth=1, body="<html>"),
        Fault(route=CREATE, nth=(1, 2, 3), status=429, retry_after=7),
    ],
    ids=lambda fault: f"{fault.reset or fault.status or 'garbled'}",
)
async def test_invariant_1_a_paid_call_is_paid_once(heygen, emulator, fault):
    """Whatever becomes of the answer, one submission is one job and one charge."""
    emulator.faults.add(fault)
    job = await heygen.submit(image_video())
    assert [charge.job_id for charge in emulator.wallet.charges] == [job.id]
    assert list(emulator.videos) == [job.id]
    assert emulator.count(CREATE) > 1


async def test_invariant_1_a_call_in_progress_is_waited_out_with_the_same_key(emulator):
    """A client that lost patience meets 409 request_in_progress and ends with the one job."""
    emulator.faults.add(Fault(route=CREATE, nth=1, delay=30.0))
    async with HeyGen(emulator.api_key, base_url=emulator.url, timeout=10.0) as impatient:
        job = await impatient.submit(image_video())
    statuses = [seen.status for seen in emulator.received if seen.method == "POST"]
    assert 409 in statuses
    assert list(emulator.videos) == [job.id]
    assert len(emulator.wallet.charges) == 1
    keys = {seen.headers["Idempotency-Key"] for seen in emulator.received if seen.method == "POST"}
    assert len(keys) == 1


async def test_invariant_1_an_outcome_that_stays_unknown_is_said_and_can_be_settled(
    heygen, emulator
):
    """When every answer is lost the error carries spec and key, and the key finds the job."""
    emulator.faults.add(Fault(route=CREATE, reset="after"))
    spec = image_video()
    with pytest.raises(SubmissionUnknownError) as caught:
        await heygen.submit(spec)
    assert caught.value.spec is spec
    assert len(emulator.wallet.charges) == 1
    emulator.faults.clear()
    job = await heygen.submit(spec, idempotency_key=caught.value.idempotency_key)
    assert [charge.job_id for charge in emulator.wallet.charges] == [job.id]


async def test_invariant_1_an_operation_without_a_key_is_not_sent_again(heygen, emulator):
    """A POST that honours no key goes out once, and its lost answer is said to be unknown."""
    emulator.faults.add(Fault(route="*", reset="after"))
    with pytest.raises(SubmissionUnknownError):
        await heygen.request("POST", "/v3/video-agents", json={"prompt": "hello"})
    assert len(emulator.received) == 1


async def test_invariant_2_nothing_local_loses_a_job(heygen, emulator):
    """A deadline gives the job in the error, a cancel gives nothing up, a token finds it."""
    job = await heygen.submit(image_video())
    with pytest.raises(JobTimeoutError) as caught:
        await job.wait(timeout=0.5)
    assert caught.value.job is job
    assert isinstance(caught.value, TimeoutError)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await job
    async with HeyGen(emulator.api_key, base_url=emulator.url) as another_process:
        video = await another_process.attach(job.token)
    assert video.id == job.id
    assert len(emulator.wallet.charges) == 1


async def test_invariant_3_five_minutes_of_503_end_no_wait(heygen, emulator):
    """An outage of the status route as long as the error budget is waited out."""
    jobs = [await heygen.submit(image_video()) for _ in range(20)]
    waits = [asyncio.create_task(job.wait()) for job in jobs]
    start = asyncio.get_running_loop().time()
    for route in (GET, STATUSES, "GET /v3/videos"):
        emulator.faults.add(
            Fault(route=route, status=503, until=start + 30 + 300, after=start + 30)
        )
    videos = await asyncio.gather(*waits)
    assert [video.id for video in videos] == [job.id for job in jobs]
    assert any(seen.status == 503 for seen in emulator.received)


@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        ({"status": 503}, ServerError),
        ({"reset": "before"}, TransportError),
        ({"status": 401}, AuthenticationError),
    ],
)
async def test_invariant_3_a_wait_ends_when_trouble_outlasts_the_budget(
    heygen, emulator, fault, ending
):
    """Only 401 ends a wait at once; other trouble must outlast the budget, and carries the job."""
    job = await heygen.submit(image_video())
    emulator.faults.add(Fault(route=GET, **fault))
    with pytest.raises(ending) as caught:
        await job
    assert caught.value.job is job
    first_look = next(seen.at for seen in emulator.received if seen.route == GET)
    waited = asyncio.get_running_loop().time() - first_look
    assert waited < 1 if ending is AuthenticationError else waited > 300


async def test_invariant_3_not_found_right_after_creation_is_not_the_end(heygen, emulator):
    """A read replica that lags behind says 404 at first, and the wait goes on."""
    policy = PollPolicy(first_poll=1.0, error_budget=0.0)
    async with HeyGen(emulator.api_key, base_url=emulator.url, poll=policy) as eager:
        job = await eager.submit(image_video())
        emulator.faults.add(Fault(route=GET, status=404, until=40.0))
        assert (await job).id == job.id
    assert any(seen.status == 404 for seen in emulator.received)


async def test_invariant_4_unknown_is_data(heygen, emulator):
    """A status word and a field that nobody knows are passed on, and the wait goes on."""
    job = await heygen.submit(image_video())
    answer = {"id": job.id, "status": "Dreaming", "mood": "calm", "title": None}
    body = json.dumps({"data": answer})
    emulator.faults.add(Fault(route=GET, nth=1, body=body, content_type="application/json"))
    seen = [status async for status in job.events()]
    assert ("running", "Dreaming") in [(status.state, status.raw) for status in seen]
    emulator.faults.add(Fault(route=GET, body=body, content_type="application/json"))
    video = await heygen.videos.get(job.id)
    assert video.extra == {"mood": "calm"}
    assert video.title is None


async def test_invariant_5_the_key_stays_home(emulator, caplog, tmp_path):
    """The key shows in no log, repr, traceback or chained error, nor at the file server."""
    caplog.set_level(logging.DEBUG)
    emulator.faults.add(Fault(route=CREATE, nth=1, reset="after"))
    async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
        job = await heygen.submit(image_video(image=PORTRAIT))
        await job.download(tmp_path / "a.mp4")
        shown = [repr(heygen), repr(job), repr(heygen.statistics()), repr(vars(heygen))]
        shown += [repr(vars(part)) for part in vars(heygen).values() if hasattr(part, "__dict__")]
        for route in (GET, "GET /v3/videos"):
            emulator.faults.add(Fault(route=route, status=401))
        for call in (heygen.videos.get("x"), anext(heygen.videos.list())):
            with pytest.raises(HeyGenError) as caught:
                await call
            shown += traceback.format_exception(caught.value)
            shown += [repr(caught.value.__cause__), repr(caught.value.__context__)]
    async with HeyGen(emulator.api_key, base_url="http://127.0.0.1:1") as nowhere:
        with pytest.raises(TransportError) as unreachable:
            await nowhere.request("POST", "/v3/video-agents")
        shown += traceback.format_exception(unreachable.value)
    assert emulator.api_key not in caplog.text + "".join(shown)
    assert "signature=" not in caplog.text
    assert emulator.files_received
    assert all(emulator.api_key not in str(seen.headers) for seen in emulator.files_received)
    assert all("x-api-key" not in seen.headers for seen in emulator.files_received)


async def test_invariant_6_one_waiters_cancel_leaves_the_other_alone(heygen, emulator):
    """Two wait for one job; the cancel of one is seen by it alone."""
    job = await heygen.submit(image_video())
    other_handle = heygen.attach(job.token)
    leaver, stayer = asyncio.create_task(job.wait()), asyncio.create_task(other_handle.wait())
    await asyncio.sleep(1)
    leaver.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaver
    assert (await stayer).id == job.id


async def test_invariant_6_nothing_is_left_behind(emulator, nothing_left, tmp_path):
    """After ``async with`` no task, thread, socket or file handle of the client is left."""
    before = alive(aiohttp.TCPConnector)
    async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
        job = await heygen.submit(image_video(image=PORTRAIT))
        await job.download(tmp_path / "a.mp4")
        waits = [asyncio.create_task(heygen.run(image_video())) for _ in range(20)]
        await asyncio.sleep(30)
        waits[0].cancel()
    results = await asyncio.gather(*waits, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert {each.closed for each in alive(aiohttp.TCPConnector) if each not in before} <= {True}
    assert not [each for each in alive(ResponseHandler) if each.is_connected()]
    assert {type(result) for result in results[10:]} == {TransportError}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4"]


async def test_invariant_6_an_unclosed_client_warns(emulator):
    """A client that is dropped while it holds a session gives a ResourceWarning."""
    before = alive(aiohttp.ClientSession)
    heygen = HeyGen(emulator.api_key, base_url=emulator.url)
    await heygen.videos.statuses(["a"])
    (session,) = [each for each in alive(aiohttp.ClientSession) if each not in before]
    with pytest.warns(ResourceWarning, match="unclosed HeyGen client"):
        del heygen
        gc.collect()
    await session.close()


async def test_invariant_6_a_borrowed_session_is_never_closed(emulator):
    """A lent session is used, and outlives the client."""
    async with aiohttp.ClientSession() as session:
        async with HeyGen(emulator.api_key, base_url=emulator.url, session=session) as heygen:
            await heygen.videos.statuses(["a"])
        assert not session.closed
        async with session.get(emulator.url):
            pass


async def test_invariant_7_no_request_goes_out_while_nobody_waits(heygen, emulator):
    """The poller runs from the first waiter to the last, and not a moment longer."""
    job = await heygen.submit(image_video())
    heygen.attach(job.token)
    await asyncio.sleep(3600)
    assert emulator.count(GET) == 0
    with pytest.raises(JobTimeoutError):
        await heygen.attach((await heygen.submit(image_video())).token).wait(timeout=40)
    looks = emulator.count(GET)
    assert looks > 0
    await asyncio.sleep(3600)
    assert emulator.count(GET) == looks


async def test_invariant_7_one_poller_serves_all_waiters(heygen, emulator):
    """A hundred waiters of one job cost no more looks than one."""
    job = await heygen.submit(image_video())
    await asyncio.gather(*(heygen.attach(job.token).wait() for _ in range(100)))
    assert emulator.count(GET) < 60


async def test_invariant_7_looks_at_a_job_of_hours_stay_apart():
    """After ten hours the delays are neither zero, negative nor endless."""
    async with (
        Emulator(median=36_000, sigma=0.0) as slow,
        HeyGen(slow.api_key, base_url=slow.url) as heygen,
    ):
        await (await heygen.submit(image_video()))
        times = [seen.at for seen in slow.received if seen.method == "GET"]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert times[-1] > 36_000
    assert all(1 < gap < 70 for gap in gaps)


async def test_invariant_8_a_download_is_whole_or_absent(heygen, emulator, tmp_path):
    """Cuts at any byte are resumed by range; what cannot be finished leaves no file at all."""
    job = await heygen.submit(image_video())
    for nth, cut in enumerate((0, 1, 1000, 7, 20_000), start=1):
        emulator.faults.add(Fault(route="FILES", nth=nth, cut=cut))
    path = await job.download(tmp_path / "video.mp4")
    whole = path.read_bytes()
    assert whole[4:8] == b"ftyp"
    ranges = [seen.headers.get("Range") for seen in emulator.files_received]
    assert len([asked for asked in ranges if asked]) >= 3
    emulator.faults.add(Fault(route="FILES", cut=0))
    with pytest.raises(HeyGenError):
        await job.download(tmp_path / "other.mp4")
    assert [left.name for left in tmp_path.iterdir()] == ["video.mp4"]
    emulator.faults.clear()
    assert (await job.download(tmp_path / "other.mp4")).read_bytes() == whole
    assert len(emulator.wallet.charges) == 1


async def test_invariant_8_an_expired_url_is_fetched_anew(tmp_path):
    """A link that ran out is replaced by looking at the video again, never by a new render."""
    async with (
        Emulator(url_ttl=3600) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        job = await heygen.submit(image_video())
        await job
        await asyncio.sleep(7200)
        path = await job.download(tmp_path / "late.mp4")
        assert path.stat().st_size > 1000
        assert [seen.status for seen in emulator.files_received] == [403, 200]
        assert len(emulator.wallet.charges) == 1


async def test_invariant_9_the_loop_never_blocks(heygen, emulator, tmp_path, monkeypatch):
    """Files are opened, read and written in threads, never in the loop's own."""
    import builtins
    import io
    import threading

    loop_thread = threading.get_ident()
    inside = []
    real_open = io.open

    def watched_open(file, *args, **options):
        if str(tmp_path) in str(file) and threading.get_ident() == loop_thread:
            inside.append(file)
        return real_open(file, *args, **options)

    monkeypatch.setattr(builtins, "open", watched_open)
    monkeypatch.setattr(io, "open", watched_open)
    picture = tmp_path / "ada.jpg"
    await asyncio.to_thread(picture.write_bytes, PORTRAIT.read_bytes())
    job = await heygen.submit(image_video(image=picture))
    assert (await job.events().__anext__()).state is State.QUEUED
    await job.download(tmp_path / "ada.mp4")
    assert inside == []
