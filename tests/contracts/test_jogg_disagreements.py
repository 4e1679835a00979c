"""Where JoggAI's pages, its contract and its live server disagree: each shape decodes.

Sources: "contract" is the OpenAPI document v2, "guide" docs.jogg.ai, "scripts" the vendor's own
JoggAI-Tech/jogg-skills, "live" what its server was seen to answer, "apps" what third-party code
expects of it.
"""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from heygen_async import (
    APIError,
    AuthenticationError,
    BadRequestError,
    InsufficientCreditError,
    JoggAI,
    NotFoundError,
    RateLimitError,
    State,
)
from heygen_async.protocol.jogg import tables

from .full_specs import JOGG_MOTION, JOGG_VIDEO
from .reading import jogg, look, submission

URL = "https://res.jogg.ai/file"
GOOD = {"code": 0, "msg": "success"}
DONE = {
    "jogg.photo": {"photo_id": "job-1", "image_url_list": [URL] * 4, "image_key_list": ["k"] * 4},
    "jogg.motion": {"motion_id": "job-1", "avatar_id": 123, "motion_preview_url": URL},
    "jogg.video": {"video_id": "job-1", "video_url": URL},
}
WORDS = [
    *(("jogg.photo", word, "contract") for word in ("in_progress", "success", "error")),
    *(
        (kind, word, "contract")
        for kind in ("jogg.motion", "jogg.video")
        for word in ("pending", "processing", "completed", "failed")
    ),
    *((kind, word, "live, 2026-04") for kind in DONE for word in ("success", "fail")),
    *(
        (kind, word, "scripts")
        for kind in DONE
        for word in ("completed", "succeeded", "failed", "error", "cancelled", "canceled")
    ),
    *(
        (kind, word, "no source: case")
        for kind in DONE
        for word in ("Success", "SUCCESS", "Failed")
    ),
    *(("jogg.motion", word, "v1 guide") for word in ("pending", "error", "completed")),
    *((kind, number, "lists") for kind in DONE for number in (0, 1, 2)),
]
ENDS = {
    "0": State.RUNNING,
    "in_progress": State.RUNNING,
    "processing": State.RUNNING,
    "pending": State.QUEUED,
    "1": State.COMPLETED,
    "success": State.COMPLETED,
    "succeeded": State.COMPLETED,
    "completed": State.COMPLETED,
}


@pytest.mark.parametrize(
    ("kind", "word", "source"), sorted({(k, str(w), s) for k, w, s in WORDS}), ids=str
)
def test_status_words(kind, word, source):
    """Each word of each source means the same for each kind of job."""
    state, detail = look(kind, {**GOOD, "data": {**DONE[kind], "status": word}})
    assert state is ENDS.get(word.lower(), State.FAILED)
    assert detail.word == word
    assert detail.result is not None


@pytest.mark.parametrize("kind", DONE)
@pytest.mark.parametrize(("number", "state"), [(0, State.RUNNING), (1, State.COMPLETED)])
def test_a_number_for_a_word(kind, number, state):
    """contract: lists have integers where single looks have words."""
    assert look(kind, {**GOOD, "data": {**DONE[kind], "status": number}})[0] is state


@pytest.mark.parametrize(
    ("row", "status"),
    [
        pytest.param({"status": 1, "fail_msg": ""}, "1", id="contract: photo_avatars"),
        pytest.param({"avatar_status": "completed"}, "completed", id="contract: custom"),
        pytest.param({}, None, id="contract: public"),
    ],
)
def test_the_status_in_lists(row, status):
    """Three lists have the status in three ways."""
    page = jogg(
        tables.CUSTOM_AVATARS.list(),
        {**GOOD, "data": {"avatars": [{"id": 123, **row}]}},
    )
    assert [item.status for item in page.items] == [status]


@pytest.mark.parametrize("msg", ["Success", "success", "SUCCESS", "", "ok"])
@pytest.mark.parametrize("rid", [{}, {"rid": "7abb75ebf2523038874d66cf5dfb2b02"}, {"rid": None}])
def test_the_envelope_of_success(msg, rid):
    """guide: "Success" and no rid; examples: "success" and a rid. Only the code counts."""
    assert jogg(
        tables.WHOAMI.request(), {**rid, "code": 0, "msg": msg, "data": {"username": "ada"}}
    )


@pytest.mark.parametrize("data", [{"data": None}, {}, {"data": {}}, {"details": ["x"]}])
@pytest.mark.parametrize("text", [{"msg": "No."}, {"message": "No."}])
@pytest.mark.parametrize("rid", [{}, {"rid": "r1"}])
@pytest.mark.parametrize("status", [200, 401])
def test_the_envelope_of_a_refusal(data, text, rid, status):
    """guide: ``data: null``; scripts: no data, ``message`` for ``msg``, HTTP 401."""
    with pytest.raises(AuthenticationError) as caught:
        jogg(tables.WHOAMI.request(), {**rid, "code": 10105, **text, **data}, status)
    assert (caught.value.code, caught.value.message) == (10105, "No.")
    assert caught.value.request_id == rid.get("rid")


@pytest.mark.parametrize("status", [200, 400, 404, 500])
@pytest.mark.parametrize(
    ("code", "cls"),
    [
        pytest.param(10104, NotFoundError, id="contract"),
        pytest.param(18020, InsufficientCreditError, id="contract."),
        pytest.param(40000, BadRequestError, id="contract.."),
        pytest.param(18001, BadRequestError, id="live, 2026-07: no page has it"),
        pytest.param(429, RateLimitError, id="guide: not in the contract"),
    ],
)
def test_codes_under_any_http_status(code, cls, status):
    """contract: 200 only; guide: "standard HTTP status codes". The code decides."""
    with pytest.raises(cls):
        jogg(tables.WHOAMI.request(), {"code": code, "msg": "No.", "data": None}, status)


@pytest.mark.parametrize(
    ("body", "headers", "wait"),
    [
        pytest.param({}, {"Retry_After": "7"}, 7, id="scripts: header"),
        pytest.param({"retryAfter": 8}, {}, 8, id="scripts: retryAfter"),
        pytest.param({"retry_after": 9}, {}, 9, id="scripts: retry_after"),
        pytest.param({"data": {"retryAfter": 10}}, {}, 10, id="scripts: data.retryAfter"),
        pytest.param({"data": None}, {}, 60, id="guide: nowhere"),
    ],
)
@pytest.mark.parametrize("status", [200, 429])
def test_the_wait_after_429(body, headers, wait, status):
    """guide: wait ``retryAfter`` seconds, which its own example does not show."""
    with pytest.raises(RateLimitError) as caught:
        jogg(tables.WHOAMI.request(), {"code": 429, "msg": "Slow.", **body}, status, **headers)
    assert caught.value.retry_after == wait


@pytest.mark.parametrize(
    ("data", "state"),
    [
        pytest.param({"avatar_id": 123, "status": "processing"}, State.RUNNING, id="contract"),
        pytest.param({"avatar_id": 123}, State.QUEUED, id="v1: no status"),
        pytest.param({"status": "pending"}, State.QUEUED, id="before 2025-12-29: no avatar_id"),
        pytest.param({}, State.QUEUED, id="both"),
        pytest.param({"status": None}, State.QUEUED, id="null"),
    ],
)
def test_the_answer_of_add_motion(data, state):
    """The motion's id is enough; the avatar's comes from the look at it."""
    answer = {**GOOD, "data": {"motion_id": "m1", **data}}
    assert submission(JOGG_MOTION, answer) == (state, "m1")
    done = {"motion_id": "m1", "avatar_id": 123, "status": "completed", "motion_preview_url": URL}
    assert look("jogg.motion", {**GOOD, "data": done})[1].result.avatar_id == 123


def test_the_answer_of_a_video_has_no_status():
    """contract: create_video_from_avatar answers an id only."""
    assert submission(JOGG_VIDEO, {**GOOD, "data": {"video_id": "v1"}}) == (State.QUEUED, "v1")


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        pytest.param("jogg.photo", {"photo_id": "p1"}, id="guide: omitted"),
        pytest.param(
            "jogg.photo",
            {"photo_id": "p1", "msg": None, "image_url_list": None, "image_key_list": None},
            id="v1 capture: nulls",
        ),
        pytest.param("jogg.motion", {"motion_id": "m1", "motion_preview_url": ""}, id="guide: ''"),
        pytest.param("jogg.motion", {"motion_id": "m1", "motion_preview_url": None}, id="null"),
        pytest.param("jogg.video", {"video_id": "v1", "created_at": 1732806631}, id="guide"),
        pytest.param("jogg.video", {"video_id": "v1", "video_url": None}, id="null."),
    ],
)
@pytest.mark.parametrize("status", ["processing", "completed"])
def test_no_result_yet(kind, data, status):
    """What is not there yet is omitted, null or empty; even "completed" makes no result of it."""
    assert look(kind, {**GOOD, "data": {**data, "status": status}})[1].result is None


@pytest.mark.parametrize(
    ("kind", "reason", "code"),
    [
        pytest.param("jogg.photo", {"msg": "No face."}, None, id="contract: msg"),
        pytest.param("jogg.motion", {"error_msg": "No face."}, None, id="contract: error_msg"),
        pytest.param(
            "jogg.video", {"error": {"code": 50000, "message": "No face."}}, "50000", id="guide"
        ),
        pytest.param("jogg.video", {"error": "No face."}, None, id="guide of webhooks"),
    ],
)
def test_the_reason_of_a_failure(kind, reason, code):
    """The text of a failure stands under one of four names."""
    state, detail = look(kind, {**GOOD, "data": {"status": "failed", **reason}})
    assert state is State.FAILED
    assert (detail.code, detail.message) == (code, "No face.")


def rows(*numbers):
    return [{"id": number, "name": f"avatar {number}"} for number in numbers]


LISTS = [
    pytest.param(
        lambda page: {"avatars": rows(2 * page, 2 * page + 1) if page < 3 else []},
        [2, 3, 4, 5],
        id="contract: neither total nor has_more, until a page is empty",
    ),
    pytest.param(
        lambda page: {"avatars": rows(page), "has_more": page < 3},
        [1, 2, 3],
        id="contract of voices: has_more",
    ),
    pytest.param(lambda page: rows(page) if page < 3 else [], [1, 2], id="apps: bare array"),
    pytest.param(lambda _: {"avatars": rows(1, 2)}, [1, 2], id="apps: the page is ignored"),
    pytest.param(
        lambda _: {"avatars": rows(1, 2), "has_more": True}, [1, 2], id="apps: and there is more"
    ),
    pytest.param(lambda _: rows(*range(250)), [*range(250)], id="apps: page_size is ignored"),
    pytest.param(lambda _: {"avatars": None}, [], id="no source: null"),
    pytest.param(lambda _: {}, [], id="no source: nothing"),
]


@pytest.mark.parametrize(("pages", "ids"), LISTS)
async def test_lists_end_and_give_each_avatar_once(pages, ids):
    """However the server pages, or does not, each avatar comes once and the list ends."""
    asked = []

    async def answer(request):
        asked.append(int(request.query["page"]))
        return web.json_response({**GOOD, "data": pages(asked[-1])})

    app = web.Application()
    app.add_routes([web.get("/v2/avatars/public", answer)])
    async with TestServer(app) as server, JoggAI("key", base_url=str(server.make_url("/"))) as api:
        assert [avatar.id async for avatar in api.avatars.public()] == ids
    assert asked == list(range(1, len(asked) + 1))
    assert len(asked) <= 3


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"total": 1, "voices": [{"voice_id": "tb_1", "language": ""}]}, id="contract"),
        pytest.param([{"voice_id": "tb_1", "language": ""}], id="apps: bare array"),
    ],
)
def test_custom_voices(data):
    """contract: ``total`` and no page; a cloned voice may have an empty language."""
    page = jogg(tables.CUSTOM_VOICES.list(), {**GOOD, "data": data})
    assert [(voice.voice_id, voice.language) for voice in page.items] == [("tb_1", "")]
    assert page.next_token is None


@pytest.mark.parametrize("quota", [1000, 1000.0, 0, 0.5])
def test_the_quota_is_a_number(quota):
    """contract: a number; live: 0 while jobs go through."""
    answer = {**GOOD, "data": {"remaining_quota": quota}}
    assert jogg(tables.REMAINING_QUOTA.request(), answer) == quota


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"{}", b"[]", b'{"msg": "No"}'])
def test_what_is_no_envelope_is_read_by_its_http_status(body):
    """A gateway's own page has no code."""
    with pytest.raises(APIError) as caught:
        jogg(tables.WHOAMI.request(), body, 502)
    assert caught.value.status == 502
