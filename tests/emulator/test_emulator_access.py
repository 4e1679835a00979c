"""Keys, routes, limits and the wallet."""

from __future__ import annotations

import asyncio

import pytest

from heygen_async.emulator import Emulator

from .conftest import until, using


async def test_both_ways_to_authenticate(api):
    """The key is taken from x-api-key or as a bearer token."""
    bearer = {"x-api-key": "", "Authorization": f"Bearer {api.emulator.api_key}"}
    assert (await api.get("/v3/voices")).status == 200
    assert (await api.get("/v3/voices", headers=bearer)).status == 200


async def test_a_missing_and_a_wrong_key_look_the_same(api):
    """Both are byte-identical 401s."""
    wrong = await api.get("/v3/voices", headers={"x-api-key": "wrong"})
    missing = await api.get("/v3/voices", headers={"x-api-key": ""})
    assert wrong.status == missing.status == 401
    assert wrong.text == missing.text
    assert wrong.error["code"] == "unauthorized"


async def test_unknown_routes_and_methods_have_the_envelope(api):
    """An unknown path is 404 and a wrong method 405, both as JSON."""
    path = await api.get("/v3/nothing")
    method = await api.send("PATCH", "/v3/videos")
    assert (path.status, path.error["code"]) == (404, "not_found")
    assert (method.status, method.error["code"]) == (405, "method_not_allowed")
    assert method.headers["Allow"] == "GET,POST"


async def test_every_answer_has_its_own_request_id(api):
    """Success and errors alike carry an X-Request-Id, never the same twice."""
    replies = [await api.get(path) for path in ("/v3/voices", "/v3/voices", "/v3/nothing")]
    assert len({reply.headers["X-Request-Id"] for reply in replies}) == 3


async def test_each_job_is_charged_once(api):
    """The wallet has one charge per accepted job, taken at submission."""
    first, second = [(await api.create()).json["data"]["video_id"] for _ in range(2)]
    wallet = api.emulator.wallet
    assert [charge.job_id for charge in wallet.charges] == [first, second]
    assert (wallet.spent, wallet.balance) == (2.0, 9_998.0)
    assert len(wallet.charges_of(first)) == 1


async def test_add_video_costs_nothing(api):
    """A job made for a test is free and takes no slot."""
    for _ in range(20):
        api.emulator.add_video()
    assert api.emulator.wallet.spent == 0
    assert (await api.create()).status == 200


@using(balance=1.5)
async def test_an_empty_wallet_makes_no_job(api):
    """Without credits the answer is 402 and nothing is created."""
    await api.create()
    reply = await api.create()
    assert (reply.status, reply.error["code"]) == (402, "insufficient_credit")
    assert len(api.emulator.videos) == len(api.emulator.wallet.charges) == 1


@using(max_concurrent_jobs=2)
async def test_concurrent_jobs_are_limited(api):
    """Above the limit it is 429 and free of charge; a finished or deleted job makes room."""
    first, second = [(await api.create()).json["data"]["video_id"] for _ in range(2)]
    refused = await api.create()
    api.emulator.complete(first)
    after_completion = await api.create()
    await api.send("DELETE", f"/v3/videos/{second}")
    after_deletion = await api.create()
    assert (refused.status, refused.error["code"]) == (429, "rate_limit_exceeded")
    assert refused.headers["Retry-After"] == "60"
    assert (after_completion.status, after_deletion.status) == (200, 200)
    assert len(api.emulator.wallet.charges) == 4


@using(max_concurrent_jobs=1, median=30.0, sigma=0.0)
async def test_retry_after_says_when_a_job_ends(api):
    """Retry-After is the whole seconds until the first job ends."""
    await api.create()
    assert (await api.create()).headers["Retry-After"] == "30"


async def test_requests_are_counted_and_remembered(api, session):
    """Counts go by route pattern; the journal keeps headers and statuses."""
    await api.get("/v3/videos/one")
    await api.get("/v3/videos/two")
    await api.get("/v3/nothing")
    emulator = api.emulator
    async with session.get(f"{emulator.files_url}/video/x.mp4") as response:
        assert response.status == 403
    assert emulator.count("GET /v3/videos/{video_id}") == 2
    assert dict(emulator.counts) == {
        "GET /v3/videos/{video_id}": 2,
        "unmatched": 1,
        "FILES": 1,
    }
    received = emulator.received[0]
    assert (received.method, received.path, received.status) == ("GET", "/v3/videos/one", 404)
    assert received.headers["X-API-Key"] == emulator.api_key
    assert "x-api-key" not in emulator.files_received[0].headers


@pytest.mark.parametrize("options", [{"speed": 0}, {"median": -1}])
async def test_durations_have_to_be_positive(options):
    """A speed or median of zero or less is refused."""
    with pytest.raises(ValueError, match="above 0"):
        Emulator(**options)


@using(latency=3600.0)
async def test_latency_holds_every_answer_back(api):
    """With latency an answer takes its time."""
    late = asyncio.create_task(api.get("/v3/voices"))
    await until(lambda: api.emulator.count("GET /v3/voices"))
    done, _ = await asyncio.wait([late], timeout=0.02)
    late.cancel()
    assert not done
