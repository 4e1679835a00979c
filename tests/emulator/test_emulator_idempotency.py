"""Idempotency keys."""

from __future__ import annotations

import asyncio

import pytest

from heygen_async.emulator import Fault

from .conftest import pass_time, until

KEY = {"Idempotency-Key": "run-1:row_2.a"}


async def test_a_key_makes_one_job_and_one_charge(api, image_video):
    """The second POST gets the first answer, even with another body."""
    first = await api.create(headers=KEY)
    second = await api.create({**image_video, "script": "Other"}, headers=KEY)
    assert first.text == second.text
    assert second.status == 200
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert len(api.emulator.videos) == len(api.emulator.wallet.charges) == 1


async def test_uploads_honour_the_key_in_their_own_scope(api):
    """An upload is kept once per key, and the same key on another path is another one."""
    first = await api.upload(b"%PDF-1", headers=KEY)
    second = await api.upload(b"%PDF-2", headers=KEY)
    video = await api.create(headers=KEY)
    assert first.text == second.text
    assert len(api.emulator.assets) == 1
    assert "video_id" in video.json["data"]


@pytest.mark.parametrize("key", ["", "with space", "ä", "x" * 256, "a/b"])
async def test_a_bad_key_is_refused(api, key):
    """A key outside the vendor's pattern is a 400 that names the header."""
    reply = await api.create(headers={"Idempotency-Key": key})
    assert (reply.status, reply.error["param"]) == (400, "Idempotency-Key")


async def test_other_operations_ignore_the_header(api):
    """Where keys are not honoured even a bad one does no harm."""
    assert (await api.get("/v3/voices", headers={"Idempotency-Key": "a b"})).status == 200


@pytest.mark.real_time
async def test_a_key_in_flight_is_refused(api):
    """While the first request is being answered the second gets 409."""
    api.emulator.faults.add(Fault(route="POST /v3/videos", nth=1, delay=3600))
    first = asyncio.create_task(api.create(headers=KEY))
    await until(lambda: api.emulator.count("POST /v3/videos"))
    second = await api.create(headers=KEY)
    other = await api.create(headers={"Idempotency-Key": "other"})
    first.cancel()
    assert (second.status, second.error["code"]) == (409, "request_in_progress")
    assert other.status == 200


async def test_refusals_are_not_kept(api):
    """After a 400 the same key may carry a good request."""
    bad = await api.create({"type": "image"}, headers=KEY)
    good = await api.create(headers=KEY)
    assert (bad.status, good.status) == (400, 200)


async def test_answers_are_kept_for_a_day(api):
    """A key is replayed until 24 hours after its answer, and then free again."""
    headers = {**KEY, "Connection": "close"}  # no connection is idle for so long
    first = await api.create(headers=headers)
    pass_time(86_000)
    assert (await api.create(headers=headers)).text == first.text
    pass_time(401)
    assert (await api.create(headers=headers)).text != first.text
    assert len(api.emulator.videos) == 2
