"""Thousands of waits on one poller, and what a bad network does to them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from heygen_async import HeyGen, PollPolicy, State, TransportError
from heygen_async.emulator import Emulator, Fault
from tests.conftest import image_video

GET = "GET /v3/videos/{video_id}"
STATUSES = "GET /v3/videos/statuses"


def now() -> float:
    return asyncio.get_running_loop().time()


def attach(heygen, ids):
    return [heygen.attach(f"heygen.video/{2_000_000_000}/{video_id}") for video_id in ids]


async def wait_for_all(jobs):
    return await asyncio.gather(*(job.wait() for job in jobs))


def answer(rows, **more):
    return json.dumps({"data": rows, "has_more": False, "next_token": None} | more)


def bulk_fault(nth, rows, **more):
    return Fault(
        route=STATUSES,
        nth=nth,
        status=200,
        body=answer(rows, **more),
        content_type="application/json",
    )


async def test_two_thousand_waits_cost_two_per_cent_of_polling_each(heygen, emulator):
    """Folding leaves less than 2 % of the status requests that as many single loops need."""
    ids = [emulator.add_video() for _ in range(2000)]
    durations = [emulator.videos[video_id].duration for video_id in ids]
    await wait_for_all(attach(heygen, ids))
    status_requests = heygen.statistics().polls
    lag = heygen.statistics().lag
    each = sum(duration / (2 * lag) for duration in durations)  # a constant interval, same lag
    assert status_requests <= 0.02 * each
    told = heygen.statistics()
    assert told.details <= 2000
    asked = emulator.count(STATUSES) + emulator.count(GET) + emulator.count("GET /v3/videos")
    assert asked == told.polls + told.details < 2000


@pytest.mark.usefixtures("no_pages")
async def test_a_request_that_goes_out_is_filled_up(emulator):
    """With 100 jobs waiting every bulk request asks for all of them."""
    async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
        ids = [emulator.add_video(duration=1e5) for _ in range(100)]
        waits = [asyncio.create_task(job.wait()) for job in attach(heygen, ids)]
        await asyncio.sleep(600)
        told = heygen.statistics()
        assert told.bulk_polls > 10
        assert told.bulk_rows == 100 * told.bulk_polls
        assert told.bulk_fill == 1.0
        assert told.jobs_waiting == 100
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        assert heygen.statistics().jobs_waiting == 0


async def test_the_request_budget_is_kept(emulator):
    """Five thousand jobs due at once stay under ``max_requests_per_second``."""
    policy = PollPolicy(max_requests_per_second=2.0, interval=1.0)
    async with HeyGen(emulator.api_key, base_url=emulator.url, poll=policy) as heygen:
        ids = [emulator.add_video(duration=1e6) for _ in range(5000)]
        waits = [asyncio.create_task(job.wait()) for job in attach(heygen, ids)]
        await asyncio.sleep(200)
        start, sent = now(), emulator.counts.total()
        await asyncio.sleep(100)
        assert 150 <= emulator.counts.total() - sent <= 2 * (now() - start) + 1
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def test_no_two_clients_march_in_step(emulator):
    """Two clients that start together look at different moments."""
    times = []
    for _ in range(2):
        async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
            start, before = now(), len(emulator.received)
            await heygen.attach(f"heygen.video/2000000000/{emulator.add_video(duration=200)}")
            times.append([round(seen.at - start, 3) for seen in list(emulator.received)[before:]])
    assert len(times[0]) > 10
    assert len(set(times[0]) & set(times[1])) < 3  # by chance one millisecond may be the same


async def test_a_missing_row_is_looked_at_by_itself(heygen, emulator):
    """A job that the bulk answer leaves out is asked for singly, and its wait ends."""
    ids = [emulator.add_video(duration=100) for _ in range(3)]
    jobs = attach(heygen, ids)
    waiting = asyncio.create_task(wait_for_all(jobs))
    await asyncio.sleep(70)
    rows = [{"video_id": video_id, "status": "processing"} for video_id in ids[:2]]
    emulator.faults.add(Fault(route=STATUSES, status=200, body=answer(rows), until=95.0))
    assert [video.id for video in await waiting] == ids


@pytest.mark.usefixtures("no_pages")
async def test_rows_are_matched_by_id(heygen, emulator):
    """Order, duplicates, strangers and nonsense rows confuse nobody."""
    ids = [emulator.add_video(duration=300) for _ in range(2)]
    emulator.faults.add(
        bulk_fault(
            1,
            [
                {"video_id": "stranger", "status": "completed"},
                {"video_id": None, "status": "failed"},
                {"video_id": ids[1], "status": "queued"},
                {"video_id": ids[1], "status": "processing"},
                {"video_id": ids[0], "status": "queued", "error": None, "new": 1},
                {"status": "completed"},
            ],
        )
    )
    jobs = attach(heygen, ids)
    waiting = asyncio.create_task(wait_for_all(jobs))
    await asyncio.sleep(20)
    assert [job.status.state for job in jobs] == [State.QUEUED, State.RUNNING]
    await waiting
    assert now() > 300


async def test_a_bulk_word_alone_ends_no_wait(heygen, emulator):
    """What the bulk status says has ended is believed when the detail says so too."""
    ids = [emulator.add_video(duration=300) for _ in range(2)]
    emulator.faults.add(
        bulk_fault(1, [{"video_id": video_id, "status": "failed"} for video_id in ids])
    )
    videos = await wait_for_all(attach(heygen, ids))
    assert {video.status for video in videos} == {"completed"}
    assert now() > 300


async def test_rows_on_a_further_page_are_not_lost(heygen, emulator):
    """An answer that says has_more and stops short leaves no job without a look."""
    ids = [emulator.add_video(duration=100) for _ in range(4)]
    waiting = asyncio.create_task(wait_for_all(attach(heygen, ids)))
    await asyncio.sleep(70)
    rows = [{"video_id": ids[0], "status": "processing"}]
    emulator.faults.add(
        Fault(
            route=STATUSES,
            status=200,
            body=answer(rows, has_more=True, next_token="n"),
            until=95.0,
        )
    )
    assert [video.id for video in await waiting] == ids


async def test_not_found_in_the_grace_is_not_there_yet(heygen, emulator):
    """Bulk rows that say not_found right after creation cost no single looks."""
    ids = [emulator.add_video(duration=100) for _ in range(5)]
    rows = [{"video_id": video_id, "status": "not_found"} for video_id in ids]
    emulator.faults.add(
        Fault(
            route=STATUSES,
            status=200,
            body=answer(rows),
            content_type="application/json",
            until=40.0,
        )
    )
    await wait_for_all(attach(heygen, ids))
    assert all(seen.at > 40 for seen in emulator.received if seen.route == GET)


@pytest.mark.usefixtures("no_pages")
async def test_one_bad_id_is_found_and_set_apart(heygen, emulator):
    """A 400 for a whole bulk request is traced to one id by halving; the others fold again."""
    ids = [emulator.add_video(duration=400) for _ in range(64)]
    waiting = asyncio.create_task(wait_for_all(attach(heygen, ids)))
    for nth in (1, 2, 4, 6, 8, 10):  # 64, 32, 16, 8, 4, 2 ids: each time the first half
        emulator.faults.add(Fault(route=STATUSES, nth=nth, status=400))
    emulator.faults.add(Fault(route=GET, nth=1, status=400))
    await asyncio.sleep(20)
    refused = [seen.route for seen in emulator.received if seen.status == 400]
    assert refused.count(GET) == 1
    assert 2 <= refused.count(STATUSES) <= 7
    assert [video.id for video in await waiting] == ids
    assert heygen.statistics().polls < 200


@contextlib.asynccontextmanager
async def odd_server(bulk):
    """Serve videos that are completed at 200 s, with ``bulk`` answering the bulk status."""

    async def statuses(request):
        return bulk(request.query["video_ids"].split(","))

    async def video(request):
        done = now() >= 200
        url = "http://127.0.0.1/a.mp4" if done else None
        status = "completed" if done else "processing"
        data = {"id": request.match_info["id"], "status": status, "video_url": url}
        if data["id"] == "bad":
            return web.json_response({"error": {"code": "invalid", "message": "no"}}, status=400)
        return web.json_response({"data": data})

    app = web.Application()
    app.add_routes([web.get("/v3/videos/statuses", statuses), web.get("/v3/videos/{id}", video)])
    async with TestServer(app) as server, HeyGen("k", base_url=str(server.make_url("/"))) as heygen:
        yield heygen


def row(video_id):
    return {"video_id": video_id, "status": "completed" if now() >= 200 else "processing"}


async def test_an_id_that_is_always_bad_spoils_no_second_request():
    """The bad id is asked for by itself from then on, and the others go on together."""
    refused = []

    def bulk(ids):
        if "bad" in ids:
            refused.append(len(ids))
            return web.json_response({"error": {"code": "invalid", "message": "no"}}, status=400)
        return web.json_response({"data": [row(each) for each in ids]})

    async with odd_server(bulk) as heygen:
        lost = asyncio.create_task(attach(heygen, ["bad"])[0].wait())
        ids = [f"v{number}" for number in range(20)]
        videos = await wait_for_all(attach(heygen, ids))
        lost.cancel()
        assert [video.id for video in videos] == ids
        assert 1 <= len(refused) <= 5


async def test_a_row_that_is_always_missing_is_done_without():
    """A job that the bulk status never tells of is looked at by itself until it ends."""

    def bulk(ids):
        rows = [{"video_id": each, "status": "processing"} for each in ids if each != "lost"]
        return web.json_response({"data": rows})

    async with odd_server(bulk) as heygen:
        others = [asyncio.create_task(job.wait()) for job in attach(heygen, ["v1", "v2"])]
        (lost,) = attach(heygen, ["lost"])
        assert (await lost).id == "lost"
        assert now() < 280
        for other in others:
            other.cancel()


@pytest.mark.usefixtures("no_pages")
async def test_a_refused_bulk_endpoint_is_said_once_and_done_without(heygen, emulator, caplog):
    """403 on the bulk status: one warning, then single looks and few trials of it."""
    emulator.faults.add(Fault(route=STATUSES, status=403))
    ids = [emulator.add_video(duration=100) for _ in range(30)]
    videos = await wait_for_all(attach(heygen, ids))
    assert [video.id for video in videos] == ids
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len([record for record in warnings if record.name == "heygen_async.jobs"]) == 1
    assert emulator.count(STATUSES) <= 2


@pytest.mark.usefixtures("no_pages")
async def test_a_429_pauses_all_looks_as_long_as_it_asks(heygen, emulator):
    """Nothing goes out before Retry-After is over."""
    ids = [emulator.add_video(duration=300) for _ in range(300)]
    emulator.faults.add(Fault(route=STATUSES, nth=1, status=429, retry_after=50))
    waiting = asyncio.create_task(wait_for_all(attach(heygen, ids)))
    await waiting
    times = [seen.at for seen in emulator.received]
    refused = next(seen.at for seen in emulator.received if seen.status == 429)
    in_flight = [at for at in times if refused < at < refused + 0.5]
    assert [at for at in times if refused + 0.5 <= at < refused + 50] == []
    assert len(in_flight) < 16


async def test_a_storm_ends_no_wait(heygen, emulator):
    """30 % of all answers broken in every way: each of 300 waits still ends with its video."""
    ids = [emulator.add_video() for _ in range(300)]
    storm = [
        {"status": 429, "retry_after": 1},
        {"status": 500},
        {"status": 503},
        {"reset": "before"},
        {"cut": 10},
        {"body": "{"},
        {"body": "<html>bad gateway</html>", "status": 502},
        {"delay": 5.0},
    ]
    for fault in storm:
        emulator.faults.add(Fault(route="*", probability=0.3 / len(storm), **fault))
    videos = await wait_for_all(attach(heygen, ids))
    assert [video.id for video in videos] == ids
    broken = [seen for seen in emulator.received if seen.status != 200]
    assert len(broken) > 0.15 * len(emulator.received)


async def test_closing_ends_a_thousand_waits_with_one_error_each(emulator, nothing_left):
    """Each open wait ends with its own clear error, and nothing is left behind."""
    heygen = HeyGen(emulator.api_key, base_url=emulator.url)
    jobs = attach(heygen, [emulator.add_video(duration=1e6) for _ in range(1000)])
    waits = [asyncio.create_task(job.wait()) for job in jobs]
    await asyncio.sleep(100)
    await heygen.aclose()
    errors = await asyncio.gather(*waits, return_exceptions=True)
    assert {type(error) for error in errors} == {TransportError}
    assert len({id(error) for error in errors}) == 1000
    assert {error.job.id for error in errors} == {job.id for job in jobs}
    assert "closed" in str(errors[0])
    requests = len(emulator.received)
    await asyncio.sleep(1000)
    assert len(emulator.received) == requests


async def test_forgotten_jobs_leave_no_memory(heygen, emulator):
    """Jobs that nobody holds any more are forgotten by the poller."""
    for _ in range(3):
        ids = [emulator.add_video(duration=50) for _ in range(50)]
        await wait_for_all(attach(heygen, ids))
        gc.collect()
        assert not any(job.status.terminal for job in attach(heygen, ids))
    assert heygen.statistics().jobs_waiting == 0


async def test_it_learns_how_long_jobs_take(heygen, emulator):
    """After jobs of 20 s the first look comes when the next one is about to end."""
    first = attach(heygen, [emulator.add_video(duration=20.0) for _ in range(60)])
    await wait_for_all(first)
    learned = heygen.statistics().durations["heygen.video"]
    assert learned.jobs == 60
    assert 15 < learned.p50 < 30
    assert learned.p10 < learned.p50 < learned.p90
    start, before = now(), heygen.statistics().polls
    await heygen.attach(f"heygen.video/2000000000/{emulator.add_video(duration=20.0)}")
    assert now() - start < 20 + 5.5
    assert heygen.statistics().polls - before <= 4


async def test_a_prior_of_the_users_own_is_taken():
    """``typical_duration`` and ``first_poll`` place the first look."""
    policy = PollPolicy(first_poll=7.0, interval=2.0)
    async with (
        Emulator() as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url, poll=policy) as heygen,
    ):
        job = await heygen.submit(image_video())
        waiting = asyncio.create_task(job.wait())
        await asyncio.sleep(6.9)
        assert emulator.count(GET) == 0
        await asyncio.sleep(0.2)
        assert emulator.count(GET) == 1
        await waiting


LIST = "GET /v3/videos"


async def test_a_page_of_the_list_stands_for_statuses_and_results(heygen, emulator):
    """Thirty jobs that end together cost a few pages, and no request each."""
    jobs = [await heygen.submit(image_video()) for _ in range(30)]
    videos = await wait_for_all(jobs)
    assert [video.id for video in videos] == [job.id for job in jobs]
    assert all(video.video_url for video in videos)
    asked = emulator.count(GET) + emulator.count(STATUSES)
    assert asked < 15 < emulator.count(LIST)


@pytest.mark.parametrize(
    "row",
    [
        {"status": "processing"},
        {"status": "completed", "video_url": None},
        {"status": ["completed"]},
        {"status": None},
        {"status": "archived"},
        None,
    ],
)
async def test_a_list_that_tells_less_is_no_end_and_no_storm(heygen, emulator, row):
    """Rows without a file, without sense, or behind: the jobs' own statuses decide."""
    ids = [emulator.add_video(duration=100) for _ in range(10)]
    rows = [{"id": each, "created_at": 1, **row} if row else None for each in ids]
    body = json.dumps({"data": [{"id": "x"}, *rows], "has_more": False, "next_token": None})
    emulator.faults.add(
        Fault(route=LIST, after=now() + 20, status=200, body=body, content_type="application/json")
    )
    videos = await asyncio.wait_for(wait_for_all(attach(heygen, ids)), 900)
    assert [video.id for video in videos] == ids
    assert emulator.counts.total() < 600


async def test_other_peoples_videos_end_the_reading_of_pages(heygen, emulator):
    """Where two pages bring no job that is waited for, statuses are asked for instead."""
    ids = [emulator.add_video(duration=300) for _ in range(20)]
    for _ in range(500):
        emulator.add_video(duration=300)
    await wait_for_all(attach(heygen, ids))
    assert emulator.count(LIST) <= 8
    assert emulator.count(STATUSES) > 10
