"""Options of one call, and clients with other options on the same session and poller."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from heygen_async import (
    APIError,
    AuthenticationError,
    HeyGen,
    InvalidRequestError,
    JobFailedError,
    JobTimeoutError,
    NotFoundError,
    RateLimitError,
    RetryPolicy,
    SubmissionUnknownError,
    TransportError,
)
from heygen_async.emulator import Emulator, Fault
from tests.conftest import PORTRAIT, image_video

GET_VIDEO = "GET /v3/videos/{video_id}"
TRACED = {"X-Trace": "t1"}


def now():
    return asyncio.get_running_loop().time()


def sent(emulator, name="X-Trace"):
    """Return method, path and one header of each request to the API."""
    return [(each.method, each.path, each.headers.get(name)) for each in emulator.received]


# Clients with other options


async def test_a_client_with_options_shares_session_waits_and_statistics(heygen, emulator):
    """Its jobs are waited for by the one poller, whose requests have the client's own options."""
    other = heygen.with_options(headers=TRACED)
    assert type(other) is HeyGen
    job = await other.submit(image_video())
    assert heygen.attach(job.token).status is job.status
    await job
    traces = {(method, trace) for method, _, trace in sent(emulator)}
    assert traces == {("POST", "t1"), ("GET", None)}
    assert heygen.statistics() == other.statistics()
    assert heygen.statistics().jobs_submitted == 1


async def test_every_namespace_has_the_options(heygen, emulator):
    """Lists, namespaces within namespaces, and uploads, too."""
    other = heygen.with_options(headers=TRACED)
    assert [video async for video in other.videos.list()] == []
    assert [look async for look in other.avatars.looks.list()]
    await other.users.me()
    with pytest.warns(DeprecationWarning, match="retired"):
        assert [video async for video in other.v2.videos.list()] == []
    with pytest.raises(NotFoundError):
        await heygen.v2.videos.get("nosuch")  # which warns no second time
    first = await other.assets.upload(PORTRAIT)
    assert await heygen.assets.upload(PORTRAIT) == first  # sent once by both
    assert {trace for _, path, trace in sent(emulator) if path != "/v2/videos/nosuch"} == {"t1"}


async def test_options_add_up(heygen, emulator):
    """Those of the client that is asked stay, but for what is given anew, in whatever case."""
    first = heygen.with_options(headers={"X-Trace": "t1", "X-Team": "a"})
    await first.with_options(headers={"x-trace": "t2"}, timeout=5).users.me()
    (request,) = emulator.received
    assert (request.headers["X-Trace"], request.headers["X-Team"]) == ("t2", "a")
    assert list(request.headers.keys()).count("x-trace") == 1


async def test_a_timeout_is_of_one_request(emulator):
    """Of a client with options, and of one call."""
    emulator.faults.add(Fault(route="*", delay=50))
    once = RetryPolicy(max_attempts=1)
    async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
        hasty = heygen.with_options(timeout=3, retry=once)
        for call in (
            hasty.users.me(),
            hasty.videos.get("v1", timeout=3),
            heygen.with_options(retry=once).videos.get("v1", timeout=3),
            heygen.with_options(retry=once).videos.delete("v1", timeout=3),
            heygen.with_options(retry=once).request("GET", "/v3/users/me", timeout=3),
        ):
            start = now()
            with pytest.raises(TransportError, match="no answer in time"):
                await call
            assert now() - start == pytest.approx(3, abs=0.1)


async def test_a_retry_policy_is_that_of_the_client_with_options(heygen, emulator):
    """The client that it came from goes on with its own."""
    emulator.faults.add(Fault(route="*", status=503))
    for client, attempts in (
        (heygen.with_options(retry=RetryPolicy(max_attempts=2)), 2),
        (heygen, RetryPolicy().max_attempts),
    ):
        before = emulator.count("GET /v3/users/me")
        with pytest.raises(APIError):
            await client.users.me()
        assert emulator.count("GET /v3/users/me") - before == attempts


async def test_slots_of_its_own(heygen, emulator):
    """A number of jobs is that of the client with options; without one the slots are shared."""
    single, same = heygen.with_options(max_concurrent_jobs=1), heygen.with_options(timeout=5)
    for client, at_once in ((single, 1), (same, 3)):
        specs = [image_video(script=f"No. {number}") for number in range(3)]
        runs = [asyncio.create_task(client.run(spec)) for spec in specs]
        before = emulator.count("POST /v3/videos")
        await asyncio.sleep(5)
        assert emulator.count("POST /v3/videos") - before == at_once
        await asyncio.gather(*runs)


async def test_to_close_it_closes_nothing(emulator):
    """It ends with the client that it came from."""
    async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
        async with heygen.with_options(timeout=5) as other:
            await other.users.me()
        await heygen.users.me()
        await other.users.me()
    for closed in (heygen, other):
        with pytest.raises(TransportError, match="closed"):
            await closed.users.me()


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"timeout": "5"},
        {"max_concurrent_jobs": 0},
        {"headers": {"X-API-Key": "other"}},
        {"headers": {"authorization": "Bearer x"}},
        {"headers": {"Host": "evil.example"}},
        {"headers": {"Idempotency-Key": "k"}},
        {"headers": {"X-Trace": "a\r\nX-Api-Key: b"}},
        {"headers": {"X-Trace": 5}},
    ],
)
async def test_options_that_make_no_sense_are_refused(heygen, emulator, options):
    """Before anything is sent, also as options of one call."""
    with pytest.raises(InvalidRequestError):
        heygen.with_options(**options)
    if "max_concurrent_jobs" not in options:
        with pytest.raises(InvalidRequestError):
            await heygen.submit(image_video(), **options)
        with pytest.raises(InvalidRequestError):
            await heygen.videos.get("v1", **options)
    assert not emulator.received


# Options of one call


async def test_headers_of_one_call(heygen, emulator):
    """They go out with its requests, and with no other."""
    for call in (
        heygen.submit(image_video(), headers=TRACED),
        heygen.submit_all(image_video(), headers=TRACED),
        heygen.videos.create(image_video(), headers=TRACED),
        heygen.run(image_video(), headers=TRACED),
        heygen.request("GET", "/v3/users/me", headers=TRACED),
    ):
        emulator.received.clear()
        await call
        assert sent(emulator)[0][2] == "t1"
        await heygen.users.me()
        assert sent(emulator)[-1][2] is None
        assert emulator.received[0].headers["x-api-key"] == emulator.api_key


async def test_requests_say_who_sends_them(heygen, emulator):
    """The library, aiohttp and Python, and nothing of the user; ``headers`` may say otherwise."""
    await heygen.users.me()
    await heygen.with_options(headers={"user-agent": "mine/1"}).users.me()
    first, second = (agent for *_, agent in sent(emulator, "User-Agent"))
    library, http, python = first.split()
    assert library.startswith("heygen-async/")
    assert http == f"aiohttp/{aiohttp.__version__}"
    assert python.startswith("Python/3.")
    assert second == "mine/1"


async def test_a_lent_session_keeps_its_own_name(emulator):
    """What it says of its sender is the user's."""
    async with (
        aiohttp.ClientSession(headers={"User-Agent": "mine/2"}) as session,
        HeyGen(emulator.api_key, base_url=emulator.url, session=session) as heygen,
    ):
        await heygen.users.me()
    assert sent(emulator, "User-Agent")[0][2] == "mine/2"


async def test_a_closed_client_is_not_entered_again(emulator):
    """It says so at once, and so do the clients with options that came from it."""
    heygen = HeyGen(emulator.api_key, base_url=emulator.url)
    other = heygen.with_options(timeout=5)
    async with heygen:
        await heygen.users.me()
    for closed in (heygen, other):
        with pytest.raises(TransportError, match="the client is closed; make a new one"):
            await closed.__aenter__()


# What errors tell


@pytest.fixture
async def refusing():
    """Give a client of a server whose every answer is a refusal that tells too much."""
    key = "a-secret-key"

    async def refuse(request):
        body = {
            "error": {"code": "invalid_parameter", "message": "No."},
            "asset": "https://files.example/a.png?Signature=SIGNED&Expires=9",
            "header": request.headers["x-api-key"],
            "rest": "x" * 5000,
        }
        return web.Response(
            status=400,
            text=json.dumps(body).replace("/", "\\/"),
            content_type="application/json",
            headers={
                "Set-Cookie": "session=SIGNED",
                "X-Request-Id": "r1",
                "X-Echo": key,
                "Link": "<https://files.example/b?Signature=SIGNED>",
                "Location": "/c?Signature=SIGNED",
            },
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    async with TestServer(app) as server, HeyGen(key, base_url=str(server.make_url(""))) as client:
        yield client


async def test_an_error_tells_the_answer(refusing):
    """Status, headers in any case, and the first of the body, without any secret of them."""
    with pytest.raises(APIError) as caught:
        await refusing.users.me()
    error = caught.value
    assert error.status == 400
    assert error.headers["x-request-id"] == "r1"
    assert "Set-Cookie" not in error.headers
    assert '"message": "No."' in error.body
    assert error.body.endswith("xxx")
    assert 1500 < len(error.body) <= 2000
    told = f"{error.body}{dict(error.headers)}{error!r}{error}"
    assert "SIGNED" not in told
    assert "a-secret-key" not in told
    with pytest.raises(TypeError):
        error.headers["X"] = "y"


async def test_an_error_with_headers_is_copied_and_pickled(refusing):
    """As a process pool does, and the client itself for each who waits."""
    with pytest.raises(APIError) as caught:
        await refusing.users.me()
    for other in (copy.copy(caught.value), pickle.loads(pickle.dumps(caught.value))):
        assert other.headers == caught.value.headers
        assert other.body == caught.value.body


# A slot until the job ends


@pytest.fixture
async def narrow():
    """Give an emulator that runs three jobs at once."""
    async with Emulator(seed=1, max_concurrent_jobs=3) as running:
        yield running


async def test_a_burst_of_submissions_waits_for_slots(narrow, nothing_left):
    """None is refused, each is held until its job ends, and nobody has to wait for the jobs."""
    async with HeyGen(narrow.api_key, base_url=narrow.url, max_concurrent_jobs=3) as heygen:
        specs = [image_video(script=f"No. {number}") for number in range(10)]
        jobs = await asyncio.gather(*(heygen.submit(spec, slot=True) for spec in specs))
        assert len({job.id for job in jobs}) == 10
        assert [job.status.terminal for job in jobs].count(True) >= 7
        assert heygen.statistics().rate_limited == 0
        with pytest.raises(RateLimitError):
            once = heygen.with_options(retry=RetryPolicy(max_attempts=1))
            await asyncio.gather(*(once.submit(spec) for spec in specs))


@pytest.mark.parametrize("end", ["failed", "forbidden"])
async def test_a_hold_ends_with_a_job_that_fails(narrow, end):
    """And with an error that would end a wait: then a limiter hears that the job may still run."""
    heard, bound = [], []

    class Limiter:
        limit = 1

        async def acquire(self, key, *, first=False):
            return "slot"

        async def bind(self, slot, token):
            bound.append((slot, token))

        async def release(self, slot, **told):
            heard.append((slot, told))

    async with HeyGen(narrow.api_key, base_url=narrow.url, max_concurrent_jobs=Limiter()) as heygen:
        job = await heygen.submit(image_video(), slot=True)
        assert (heard, bound) == ([], [("slot", job.token)])
        if end == "failed":
            narrow.fail(job.id, code="moderation", message="No.")
        else:
            narrow.faults.add(Fault(route="*", status=403))
        with pytest.raises((JobFailedError, APIError)):
            await job
        await asyncio.sleep(0)
    assert heard == [("slot", {} if end == "failed" else {"running": True})]


async def test_a_hold_ends_with_the_client(narrow, nothing_left):
    """The slot of a limiter that several clients share is free again."""
    from heygen_async.jobs.limiter import JobLimiter

    slots = JobLimiter(1)
    async with HeyGen(narrow.api_key, base_url=narrow.url, max_concurrent_jobs=slots) as heygen:
        await heygen.submit(image_video(), slot=True)
        assert slots.taken == 1
    await asyncio.sleep(0)
    assert slots.taken == 0


async def test_a_submission_that_fails_gives_its_slot_back(narrow):
    """Nothing runs that would hold it."""
    narrow.faults.add(Fault(route="POST /v3/videos", nth=1, status=401))
    narrow.faults.add(Fault(route="POST /v3/videos", nth=2, reset="before"))
    async with HeyGen(
        narrow.api_key,
        base_url=narrow.url,
        max_concurrent_jobs=1,
        retry=RetryPolicy(max_attempts=1),
    ) as heygen:
        with pytest.raises(AuthenticationError):
            await heygen.submit(image_video(), slot=True)
        with pytest.raises(SubmissionUnknownError):
            await heygen.submit(image_video(), slot=True)
        assert await (await heygen.submit(image_video(), slot=True))


async def test_run_gives_the_job_before_its_end(heygen):
    """So that its token can be written down; what the callback raises ends the wait alone."""
    seen = []
    video = await heygen.run(image_video(), on_submit=seen.append)
    assert [job.id for job in seen] == [video.id]

    def stop(job):
        raise LookupError(job.token)

    with pytest.raises(LookupError) as caught:
        await heygen.run(image_video(script="Other"), on_submit=stop)
    assert await heygen.attach(caught.value.args[0])


# What a job and its timeout tell


async def test_a_timeout_names_the_last_trouble(heygen, emulator):
    """As text and as an attribute; a look that goes well takes it back."""
    job = await heygen.submit(image_video())
    with pytest.raises(JobTimeoutError) as caught:
        await job.wait(timeout=20)
    assert caught.value.last_error is None
    emulator.faults.add(Fault(route="*", status=503, until=now() + 50))
    with pytest.raises(JobTimeoutError, match=r"the last look at it failed: .* 503") as caught:
        await job.wait(timeout=20)
    assert caught.value.last_error.status == 503
    assert caught.value.last_error.__traceback__ is None
    await asyncio.sleep(20)
    with pytest.raises(JobTimeoutError) as caught:
        await job.wait(timeout=15)
    assert caught.value.last_error is None


async def test_a_job_says_when_it_ends_from_those_that_ended(heygen):
    """Nothing before one has ended; then less and less, and 0 in the end."""
    job = await heygen.submit(image_video(script="First"))
    assert job.eta() is None
    await job
    assert job.eta() == 0.0
    job = await heygen.submit(image_video(script="Second"))
    first = job.eta()
    await asyncio.sleep(30)
    second = job.eta()
    assert 60 < first < 400
    assert 5 < first - second < 30  # it has lasted for a while, so it is likely to be a long one
    await job


async def test_a_job_tells_how_long_it_has_run(heygen):
    """For how long while it runs, after how long when it has ended."""
    job = await heygen.submit(image_video())
    await asyncio.sleep(42)
    assert repr(job).endswith("queued (waiting) for 42 s>")
    video = await job
    took = video.completed_at - video.created_at
    assert repr(job).endswith(f"completed (completed) after {took:.0f} s>")
    unknown = heygen.attach("heygen.video/0/nosuch")
    assert repr(unknown) == "<Job heygen.video/0/nosuch running ()>"
