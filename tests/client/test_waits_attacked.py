"""Waits at a server of another mind: odd words and fields, wrong jobs, refusals, gone jobs."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from heygen_async import (
    HeyGen,
    JobFailedError,
    JobTimeoutError,
    JoggAI,
    Ledger,
    LegacyVideo,
    NotFoundError,
    PollPolicy,
    ResponseError,
    ServerError,
    State,
)
from heygen_async.emulator import Fault

pytestmark = pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")

URL = "https://files.example.com/a.mp4"
BULK = "/v3/videos/statuses"

# Each kind of job: its client, where it is looked at, the id's name, and what a finished one has.
VIDEO = {"video_url": URL}
KINDS = {
    "heygen.video": (HeyGen, "/v3/videos/ID", "id", VIDEO),
    "heygen.v2.video": (HeyGen, "/v2/videos/ID", "id", VIDEO),
    "heygen.avatar": (HeyGen, "/v3/avatars/looks/ID", "id", {"preview_image_url": URL}),
    "heygen.v2.motion": (
        HeyGen,
        "/v2/photo_avatar/ID",
        "id",
        {"is_motion": True, "image_url": URL, "motion_preview_url": URL},
    ),
    "heygen.v2.sound": (
        HeyGen,
        "/v2/photo_avatar/ID",
        "id",
        {"image_url": URL, "background_sound_effect": URL},
    ),
    "heygen.v2.upscale": (
        HeyGen,
        "/v2/photo_avatar/ID",
        "id",
        {"image_url": URL, "upscaled": True},
    ),
    "heygen.v2.group": (HeyGen, "/v2/photo_avatar/ID", "id", {"image_url": URL}),
    "heygen.v2.photos": (
        HeyGen,
        "/v2/photo_avatar/generation/ID",
        "id",
        {"image_url_list": [URL], "image_key_list": ["k"]},
    ),
    "heygen.v2.training": (HeyGen, "/v2/photo_avatar/train/status/ID", None, {}),
    "jogg.photo": (
        JoggAI,
        "/v2/photo_avatar/photo?photo_id=ID",
        "photo_id",
        {"image_url_list": [URL]},
    ),
    "jogg.motion": (
        JoggAI,
        "/v2/photo_avatar?motion_id=ID",
        "motion_id",
        {"motion_preview_url": URL},
    ),
    "jogg.video": (JoggAI, "/v2/avatar_video/ID", "video_id", VIDEO),
}
FAILED = (
    "cancelled", "canceled", "expired", "error", "rejected", "timeout", "moderation_failed",
    "deleted", "Moderation Failed", "CANCELLED",
)  # fmt: skip
COMPLETED = ("success", "succeeded", "done", "ready", "Done")
# Where the answer of a running job differs from that of a finished one by more than its word.
PROVEN = set(KINDS) - {"heygen.avatar", "heygen.v2.group", "heygen.v2.training"}


def now() -> float:
    return asyncio.get_running_loop().time()


class Odd:
    """A server that says what it is told to, and notes what it was asked at which time."""

    def __init__(self):
        self.asked = []
        self.answers = {}

    def of(self, target):
        return [at for at, asked in self.asked if asked.startswith(target)]

    async def answer(self, request):
        self.asked.append((now(), request.path_qs))
        answer = self.answers.get(request.path_qs) or self.answers[request.path]
        answer = answer(request) if callable(answer) else answer
        if isinstance(answer, web.Response):
            return answer
        return web.json_response({"code": 0, "msg": "Success", "data": answer})


def error(status, code="oops"):
    return web.json_response({"error": {"code": code, "message": "No."}}, status=status)


@contextlib.asynccontextmanager
async def served(client_class=HeyGen, **policy):
    odd = Odd()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", odd.answer)
    async with TestServer(app) as server:
        url = str(server.make_url("/"))
        async with client_class("k", base_url=url, poll=PollPolicy(**policy)) as client:
            yield odd, client


def token(kind, job_id="j1", age=0.0):
    return f"{kind}/{time.time() - age:.0f}/{job_id}"


def shown(kind, word, *, done=True, **changes):
    _, _, id_name, result = KINDS[kind]
    told = {"status": word, **(result if done else {}), **changes}
    return {id_name: "j1", **told} if id_name else told


@contextlib.asynccontextmanager
async def watched(kind, answer, **policy):
    """Serve one job of a kind; give the server and the job."""
    client_class, target, _, _ = KINDS[kind]
    async with served(client_class, **policy) as (odd, client):
        odd.answers[target.replace("ID", "j1")] = answer
        yield odd, client.attach(token(kind))


@contextlib.asynccontextmanager
async def in_words(kind, words, *, done):
    """Serve a job for each word that shows it; give the jobs."""
    client_class, target, id_name, _ = KINDS[kind]
    async with served(client_class) as (odd, client):
        for word in words:
            name = f"j{words.index(word)}"
            told = shown(kind, word, done=done) | ({id_name: name} if id_name else {})
            odd.answers[target.replace("ID", name)] = told
        yield [client.attach(token(kind, f"j{number}")) for number in range(len(words))]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_fields_words_for_a_failure_end_a_wait(kind):
    """Each word by which status calls say that it is over ends a wait, for each kind of job."""
    async with in_words(kind, FAILED, done=False) as jobs:
        for job, word in zip(jobs, FAILED, strict=True):
            with pytest.raises(JobFailedError, match=f"failed: its status is '{word}'"):
                await job.wait(timeout=600)
            assert (job.status.state, job.status.raw) == (State.FAILED, word)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_fields_words_for_success_end_a_wait(kind):
    """So does each word for success, as soon as the result is there."""
    async with in_words(kind, COMPLETED, done=True) as jobs:
        for job in jobs:
            assert await job.wait(timeout=600)


@pytest.mark.parametrize("kind", sorted(PROVEN))
async def test_an_unknown_word_with_a_result_is_a_success(kind):
    """The result that is paid stands in the answer: a new word beside it does not hide it."""
    async with watched(kind, shown(kind, "finalized_v2")) as (_, job):
        assert await job.wait(timeout=600)
        assert (job.status.state, job.status.raw) == (State.COMPLETED, "finalized_v2")


@pytest.mark.parametrize("kind", sorted(set(KINDS) - PROVEN))
async def test_an_unknown_word_beside_an_old_picture_is_none(kind):
    """A preview or a picture that was there before the job proves no end of it."""
    async with watched(kind, shown(kind, "moving_on")) as (_, job):
        with pytest.raises(JobTimeoutError):
            await job.wait(timeout=600)


REASONS = {
    "heygen.video": {"failure_code": "c", "failure_message": "No faces."},
    "heygen.v2.video": {"failure_message": "No faces."},
    "heygen.avatar": {"error": {"code": "c", "message": "No faces."}},
    "heygen.v2.training": {"error_msg": "No faces."},
    "jogg.photo": {"error_msg": "No faces."},
    "jogg.motion": {"error_msg": "No faces."},
    "jogg.video": {"error": {"code": 50000, "message": "No faces."}},
}


@pytest.mark.parametrize("kind", REASONS)
async def test_an_unknown_word_with_a_reason_is_a_failure(kind):
    """A reason for a failure ends the wait, whatever the word beside it."""
    async with watched(kind, shown(kind, "gone_wrong", done=False, **REASONS[kind])) as (_, job):
        with pytest.raises(JobFailedError, match="No faces"):
            await job.wait(timeout=600)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("jogg.photo", {"msg": "In the queue."}),
        ("jogg.video", {"error": {"code": 0, "message": ""}}),
        ("heygen.v2.photos", {"msg": "In the queue."}),
        ("heygen.avatar", {"error": None}),
    ],
)
async def test_a_remark_is_no_reason_for_a_failure(kind, more):
    """A message that need not be about a failure ends nothing."""
    async with watched(kind, shown(kind, "moving_on", done=False, **more)) as (_, job):
        with pytest.raises(JobTimeoutError):
            await job.wait(timeout=600)


async def test_pending_consent_is_waited_for():
    """A look that needs its owner's consent is neither unknown nor at its end."""
    answer = shown("heygen.avatar", "pending_consent")
    async with watched("heygen.avatar", answer, unknown_budget=60.0) as (_, job):
        with pytest.raises(JobTimeoutError):
            await job.wait(timeout=3600)
        assert job.status.state is State.NEEDS_ACTION


@pytest.mark.parametrize(
    ("kind", "policy", "least"),
    [("heygen.video", {"unknown_budget": 100.0}, 100), *((kind, {}, 1800) for kind in KINDS)],
)
async def test_nothing_but_an_unknown_word_ends_in_an_error(kind, policy, least, caplog):
    """It is said once, with the job; after the budget the error says what to do."""
    async with watched(kind, shown(kind, "pondering", done=False), **policy) as (_, job):
        with pytest.raises(ResponseError, match=r"'pondering'.*unknown_budget") as caught:
            await job
        assert caught.value.job.token == job.token
        assert job.token in str(caught.value)
        assert least < now() < least * 2 + 1300
    warned = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [job.token in record.getMessage() for record in warned] == [True]


async def test_a_known_word_resets_the_clock_of_unknown_ones():
    """A job that says now and then that it is processing is waited for."""
    words = iter(["pondering", "pondering", "pondering", "processing"] * 1000)

    def answer(_request):
        done = now() > 4000
        return shown("heygen.video", "completed" if done else next(words), done=done)

    async with watched("heygen.video", answer, unknown_budget=600.0) as (_, job):
        assert (await job).video_url == URL


@contextlib.asynccontextmanager
async def two_videos(bulk, detail, **policy):
    """Serve two videos: ``bulk`` gives the word of each row, ``detail`` the one answer."""
    async with served(**policy) as (odd, heygen):
        odd.answers[BULK] = lambda _: [
            {"video_id": each, "status": bulk()} for each in ("j1", "j2")
        ]
        for each in ("j1", "j2"):
            odd.answers[f"/v3/videos/{each}"] = lambda _, each=each: detail() | {"id": each}
        yield odd, [heygen.attach(token("heygen.video", each)) for each in ("j1", "j2")]


@pytest.mark.parametrize("word", ["finalized", "cancelled", "done"])
async def test_an_end_that_only_the_bulk_status_words_oddly_is_found(word):
    """A word of the bulk status leads to the detail, which decides."""

    def bulk():
        return word if now() >= 200 else "processing"

    def detail():
        done = now() >= 200
        return shown("heygen.video", "completed" if done else "processing", done=done)

    async with two_videos(bulk, detail) as (_, jobs):
        videos = await asyncio.gather(*(job.wait(timeout=600) for job in jobs))
        assert [video.video_url for video in videos] == [URL, URL]
        assert now() < 230


async def test_a_new_word_of_the_bulk_status_costs_few_details():
    """The word stays for hours: a few looks at the details, and what it hid is found at last."""

    def detail():
        done = now() >= 9000
        return shown("heygen.video", "completed" if done else "processing", done=done)

    async with two_videos(lambda: "rendering_v9", detail) as (odd, jobs):
        waits = [asyncio.create_task(job.wait()) for job in jobs]
        await asyncio.sleep(8000)
        assert len(odd.of(BULK)) > 100
        assert 2 * 5 < len(odd.of("/v3/videos/j")) < 2 * 12
        assert jobs[0].status.raw == "processing"
        assert [video.video_url for video in await asyncio.gather(*waits)] == [URL, URL]


async def test_an_unknown_word_everywhere_ends_the_waits_folded_too():
    """The budget holds for jobs that share bulk requests, and the detail is asked before."""
    async with two_videos(
        lambda: "pondering", lambda: shown("heygen.video", "pondering", done=False)
    ) as (odd, jobs):
        ends = await asyncio.gather(*(job.wait() for job in jobs), return_exceptions=True)
        assert [type(end) for end in ends] == [ResponseError] * 2
        assert [end.job.id for end in ends] == ["j1", "j2"]
        assert 1800 < now() < 2400
        assert odd.of("/v3/videos/j1")[-1] > 1800


ODD_FIELDS = {
    "heygen.video": {"created_at": "2026-11-01T10:00:00Z", "duration": "12.5", "title": 5},
    "heygen.v2.video": {"created_at": "2026-11-01", "duration": [], "completed_at": "now"},
    "heygen.avatar": {"tags": "red", "image_width": "512", "error": "none", "gender": {}},
    "heygen.v2.motion": {"created_at": "today", "name": 5, "group_id": 7},
    "heygen.v2.photos": {"msg": {"text": "ok"}},
    "heygen.v2.training": {"created_at": "today", "updated_at": []},
    "jogg.photo": {"image_key_list": 5},
    "jogg.motion": {"avatar_id": "n/a", "name": 5},
    "jogg.video": {"duration": "12", "created_at": "today", "cover_url": 0},
}
NAMES = {"image_key_list": "image_keys"}


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [(kind, *item) for kind, fields in ODD_FIELDS.items() for item in fields.items()],
)
async def test_one_odd_optional_field_hides_no_result(kind, name, value):
    """The paid result arrives; the odd field is None, its raw value stands in ``extra``."""
    async with watched(kind, shown(kind, "completed", **{name: value})) as (_, job):
        result = await job.wait(timeout=600)
    field = NAMES.get(name, name)
    assert not getattr(result, field)
    assert result.extra[field] == value


@pytest.mark.parametrize(("kind", "name"), [
    ("heygen.video", "video_url"),
    ("heygen.video", "id"),
    ("heygen.video", "status"),
    ("heygen.avatar", "status"),
    ("heygen.v2.motion", "motion_preview_url"),
    ("jogg.video", "video_url"),
    ("jogg.video", "status"),
    ("jogg.motion", "motion_preview_url"),
    ("jogg.photo", "image_url_list"),
])  # fmt: skip
async def test_what_nothing_goes_on_without_is_strict(kind, name):
    """An id, a word or a URL of another type is no answer: the wait goes on for its budget."""
    answer = shown(kind, "completed", **{name: {"odd": 1}})
    async with watched(kind, answer, error_budget=100.0) as (_, job):
        with pytest.raises(ResponseError, match="unexpected answer"):
            await job
        assert now() > 100


async def test_an_odd_part_of_a_part_is_kept_with_that_part():
    """What holds for an answer holds for the objects in it."""
    error_ = {"code": 5, "message": "No."}
    async with watched("heygen.avatar", shown("heygen.avatar", "completed", error=error_)) as (
        _,
        job,
    ):
        look = await job.wait(timeout=600)
    assert (look.error.code, look.error.message, look.error.extra) == (None, "No.", {"code": 5})


async def test_odd_fields_are_said_once_at_debug(caplog):
    """The log names model, field and type; a thousand such answers are one line."""
    caplog.set_level(logging.DEBUG, "heygen_async.protocol")
    rows = [{"voice_id": f"v{number}", "support_pause": "secret"} for number in range(1000)]
    async with served() as (odd, heygen):
        odd.answers["/v3/voices"] = rows
        voices = [voice async for voice in heygen.voices.list()]
    assert [voice.voice_id for voice in voices] == [row["voice_id"] for row in rows]
    assert {voice.extra["support_pause"] for voice in voices} == {"secret"}
    lines = [each.getMessage() for each in caplog.records if each.name == "heygen_async.protocol"]
    # None, where a test before this one in the same process had the same field.
    assert lines in ([], ["Voice.support_pause is a str: kept in extra"])


async def test_one_odd_row_does_not_end_a_listing(caplog):
    """A row without a usable id is left out with a debug line, in the lists of all APIs."""
    caplog.set_level(logging.DEBUG, "heygen_async.protocol")
    video = {"status": "completed", "created_at": "today"}
    async with served() as (odd, heygen):
        odd.answers["/v3/videos"] = [video | {"id": "a"}, video, None, video | {"id": "b"}]
        odd.answers["/v2/videos"] = odd.answers["/v3/videos"]
        assert [video.id async for video in heygen.videos.list()] == ["a", "b"]
        assert [video.id async for video in heygen.v2.videos.list()] == ["a", "b"]
    async with served(JoggAI) as (odd, jogg):
        odd.answers["/v2/voices"] = {
            "voices": [{"voice_id": "a", "age": 5}, 5, {"voice_id": 7}], "has_more": False,
        }  # fmt: skip
        odd.answers["/v2/endpoints"] = {
            "endpoints": [{"url": "u"}, {"endpoint_id": "e", "url": "u"}]
        }
        assert [voice.voice_id async for voice in jogg.voices.list()] == ["a"]
        assert [each.endpoint_id async for each in jogg.webhooks.endpoints.list()] == ["e"]
    assert caplog.text.count("was left out") == 2 + 2 + 2 + 1


async def test_a_search_passes_over_no_row(heygen, emulator, tmp_path):
    """A row that cannot be read may be the lost job: a stranger's of that title is not taken."""
    spec = LegacyVideo(image_url=URL, script="Hi", voice_id="v1", title="Ada")
    async with Ledger(tmp_path / "run.sqlite") as ledger:

        async def run():
            (only,) = [o async for o in heygen.map([spec], key=lambda _: "a", ledger=ledger)]
            return only

        emulator.faults.add(Fault(route="POST /v2/videos", nth=1, reset="after"))
        assert not (await run()).ok
        stranger = {"id": emulator.add_video(duration=1), "status": "completed", "title": "Ada"}
        for odd in ({"id": "j1", "status": None, "title": "Ada"}, {"id": "j1", "title": 5}):
            rows = [stranger, {"status": "completed", "created_at": time.time()} | odd]
            emulator.faults.clear()
            emulator.faults.add(
                Fault(
                    route="GET /v2/videos",
                    status=200,
                    body=json.dumps({"data": rows, "has_more": False}),
                    content_type="application/json",
                )
            )
            outcome = await run()
            assert not outcome.ok
            assert outcome.result is None
        assert len(emulator.wallet.charges) == 1


@pytest.mark.parametrize("kind", [kind for kind, (_, _, name, _) in KINDS.items() if name])
async def test_an_answer_about_another_job_is_none(kind):
    """A stranger's finished job is not taken for ours; ours is, as soon as it is told of."""
    _, _, id_name, _ = KINDS[kind]

    def answer(_request):
        mine = now() > 100
        return shown(kind, "completed") | {id_name: "j1" if mine else "j2"}

    async with watched(kind, answer) as (_, job):
        assert await job
        assert now() > 100


async def test_only_answers_about_another_job_end_in_an_error():
    """After the error budget the wait ends, and says what the answers were about."""
    answer = shown("heygen.video", "completed") | {"id": "j2"}
    async with watched("heygen.video", answer) as (_, job):
        with pytest.raises(ResponseError, match="about 'j2', not 'j1'"):
            await job
        assert now() > 300


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.usefixtures("no_pages")
async def test_a_refused_bulk_status_is_tried_again(heygen, emulator, caplog, status):
    """A hiccup costs a minute of single looks; both the refusal and the return are said."""
    emulator.faults.add(Fault(route="GET /v3/videos/statuses", nth=1, status=status))
    ids = [emulator.add_video(duration=400) for _ in range(30)]
    jobs = [heygen.attach(token("heygen.video", each)) for each in ids]
    waits = [asyncio.create_task(job.wait()) for job in jobs]
    await asyncio.sleep(150)
    before = heygen.statistics()
    await asyncio.sleep(150)
    after = heygen.statistics()
    pages = after.pages - before.pages
    assert after.polls - before.polls - pages == after.bulk_polls - before.bulk_polls > 5
    assert [video.id for video in await asyncio.gather(*waits)] == ids
    said = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert ["refused" in line for line in said] == [True, False]
    assert "serves again" in said[1]


@pytest.mark.usefixtures("no_pages")
async def test_a_bulk_status_that_stays_refused_is_tried_ever_more_rarely(heygen, emulator, caplog):
    """After 60 s, then twice as long each time, an hour at the most; it is warned of once."""
    emulator.faults.add(Fault(route="GET /v3/videos/statuses", status=403))
    jobs = [
        heygen.attach(token("heygen.video", emulator.add_video(duration=1e6))) for _ in range(3)
    ]
    waits = [asyncio.create_task(job.wait()) for job in jobs]
    await asyncio.sleep(12_000)
    tried = [seen.at for seen in emulator.received if seen.route == "GET /v3/videos/statuses"]
    gaps = [late - early for early, late in itertools.pairwise(tried)]
    assert 60 <= gaps[0] < 125
    assert all(late > 1.5 * early for early, late in itertools.pairwise(gaps[:6]))
    assert 3600 <= gaps[-1] < 3700
    assert len([each for each in caplog.records if each.levelno == logging.WARNING]) == 1
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)


@pytest.mark.parametrize(("failures", "survives"), [(2, True), (3, False)])
async def test_the_error_budget_counts_looks_as_well(failures, survives):
    """Asked less often than the budget lasts, a job outlives two failed looks, not three."""
    answers = iter([*[error(500) for _ in range(failures)], shown("heygen.video", "completed")])
    policy = {"max_requests_per_second": 0.005, "error_budget": 60.0}
    async with watched("heygen.video", lambda _: next(answers), **policy) as (_, job):
        if survives:
            assert (await job).video_url == URL
        else:
            with pytest.raises(ServerError):
                await job


async def test_failed_looks_are_counted_anew_after_one_that_told_something():
    """Two failures, a sign of life, and two more are not four in a row."""
    run = [error(500), error(500), shown("heygen.video", "processing", done=False)]
    answers = iter([*run, error(500), error(500), shown("heygen.video", "completed")])
    policy = {"max_requests_per_second": 0.005, "error_budget": 60.0}
    async with watched("heygen.video", lambda _: next(answers), **policy) as (_, job):
        assert (await job).video_url == URL


@pytest.mark.parametrize("kind", KINDS)
async def test_a_job_that_is_gone_ends_its_wait_at_once(kind):
    """The vendor's own 404 for a job that this client never saw: one look, and a clear error."""
    client_class, target, _, _ = KINDS[kind]
    async with served(client_class) as (odd, client):
        gone = error(404, "not_found")
        if client_class is JoggAI:
            gone = web.json_response({"code": 10104, "msg": "No.", "data": None})
        odd.answers[target.replace("ID", "j1")] = gone
        job = client.attach(token(kind, age=3600))
        with pytest.raises(
            NotFoundError, match="deleted, or it belongs to another account"
        ) as caught:
            await job
        assert job.token in str(caught.value)
        assert caught.value.job.token == job.token
        assert (len(odd.asked), now() < 5) == (1, True)


@pytest.mark.parametrize("row", [[], [{"video_id": "j1", "status": "not_found"}]])
async def test_a_job_that_is_gone_is_found_in_bulk(row):
    """A row that is missing, or says not_found, leads to the look that decides; others go on."""
    async with served() as (odd, heygen):
        odd.answers[BULK] = [*row, {"video_id": "j2", "status": "processing"}]
        odd.answers["/v3/videos/j1"] = error(404, "video_not_found")
        gone, other = (heygen.attach(token("heygen.video", each, 3600)) for each in ("j1", "j2"))
        waiting = asyncio.create_task(other.wait())
        with pytest.raises(NotFoundError, match="was deleted"):
            await gone
        assert now() < 5
        await asyncio.sleep(100)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


@pytest.mark.parametrize("page", ["<html>404</html>", '{"message": "no Route matched"}', ""])
async def test_a_gateways_404_proves_nothing(page):
    """A 404 that is not the vendor's envelope is trouble like any other."""

    def answer(_request):
        if now() < 200:
            return web.Response(status=404, text=page, content_type="text/html")
        return shown("heygen.video", "completed")

    async with served() as (odd, heygen):
        odd.answers["/v3/videos/j1"] = answer
        assert (await heygen.attach(token("heygen.video", age=3600))).video_url == URL


@pytest.mark.parametrize("seen", ["submitted", "looked at"])
async def test_a_job_that_was_seen_alive_is_given_its_budget(seen, heygen, emulator):
    """The vendor forgets a job for a while that this client knows: the wait goes on."""
    if seen == "submitted":
        from tests.conftest import image_video

        job = await heygen.submit(image_video())
        start = 0.0
    else:
        job = heygen.attach(token("heygen.video", emulator.add_video(duration=200), age=3600))
        await job.refresh()
        start = now()
    body = '{"error": {"code": "video_not_found", "message": "No."}}'
    route = "GET /v3/videos/{video_id}"
    emulator.faults.add(Fault(route=route, status=404, body=body, after=start, until=start + 150))
    assert (await job).video_url


@pytest.mark.parametrize(
    ("kind", "interval"), [("jogg.video", 5.0), *((kind, 15.0) for kind in KINDS)]
)
async def test_no_two_looks_are_closer_than_the_interval(kind, interval):
    """Whatever the kind takes, its looks are as far apart as the policy says, jitter aside."""
    answer = shown(kind, "processing", done=False)
    async with watched(kind, answer, interval=interval) as (odd, job):
        with pytest.raises(JobTimeoutError):
            await job.wait(timeout=3600)
        times = [at for at, _ in odd.asked][:-1]  # the last one is that before the deadline
        gaps = [late - early for early, late in itertools.pairwise(times)]
        assert min(gaps) >= 0.9 * interval
        assert max(gaps) <= 1.1 * 60
        assert len(gaps) > 50


async def test_what_was_learned_brings_no_two_looks_closer(heygen, emulator):
    """Where all jobs took 60 s the next is looked at around then, but no oftener than allowed."""
    ids = [emulator.add_video(duration=60.0) for _ in range(60)]
    await asyncio.gather(*(heygen.attach(token("heygen.video", each)).wait() for each in ids))
    start, before = now(), len(emulator.received)
    job = heygen.attach(token("heygen.video", emulator.add_video(duration=600.0)))
    with pytest.raises(JobTimeoutError):
        await job.wait(timeout=300)
    times = [seen.at - start for seen in list(emulator.received)[before:]][:-1]
    assert min(late - early for early, late in itertools.pairwise(times)) >= 0.9 * 5
    assert any(55 < at < 70 for at in times)


@pytest.mark.parametrize(("median", "lag"), [(30.0, 4.0), (180.0, 5.0)])
async def test_the_default_policy_notices_short_and_usual_jobs_soon(emulator, median, lag):
    """With looks no closer than 5 s a job is noticed 4 to 5 s late on the average."""
    policy = PollPolicy(typical_duration=median)
    async with HeyGen(emulator.api_key, base_url=emulator.url, poll=policy) as heygen:
        durations = [median * (0.4 + 0.1 * number) for number in range(20)]
        late = []
        for duration in durations:
            start = now()
            await heygen.attach(token("heygen.video", emulator.add_video(duration=duration)))
            late.append(now() - start - duration)
        assert sum(late) / len(late) < lag
