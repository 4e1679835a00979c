"""Drift: the words, shapes and fields in which live answers depart from the pages."""

from __future__ import annotations

from typing import Any

import pytest

from heygen_async.emulator import Drift
from heygen_async.emulator._deviations import EXTRA_FIELD

from .conftest import using
from .test_emulator_jogg import ADD_MOTION, CREATE, GENERATE, MOTION, PHOTO, VIDEO

JOBS = {
    "photo": (GENERATE, PHOTO, "photo_id", "/v2/photo_avatar/photo?photo_id="),
    "motion": (ADD_MOTION, MOTION, "motion_id", "/v2/photo_avatar?motion_id="),
    "video": (CREATE, VIDEO, "video_id", "/v2/avatar_video/"),
}
WORDS = {
    "documented": {
        "photo": ("in_progress", "success", "error"),
        "motion": ("pending", "completed", "failed"),
        "video": ("pending", "completed", "failed"),
    },
    "live": {
        "photo": ("in_progress", "success", "fail"),
        "motion": ("pending", "success", "fail"),
        "video": ("pending", "success", "fail"),
    },
    "odd": {
        "photo": ("in_progress", "Completed", "FAILED"),
        "motion": ("Queued", "SUCCESS", "Error"),
        "video": ("WAITING", "Succeeded", "Canceled"),
    },
}


def objects(value: Any, name: str = ""):
    """Yield every object in a JSON value, with the name of its field."""
    if isinstance(value, dict):
        yield name, value
        for key, member in value.items():
            if key != EXTRA_FIELD:
                yield from objects(member, key)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)


@pytest.mark.parametrize("kind", JOBS)
@pytest.mark.parametrize(
    ("words", "options"),
    [(words, {"drift": Drift(jogg_words=words)}) for words in WORDS],
    ids=WORDS,
)
async def test_each_kind_of_job_has_its_words(jogg, words, kind):
    """Waiting, done and failed are told in the words that are asked for."""
    path, body, field, status_path = JOBS[kind]
    job_id = (await jogg.post(path, body)).json["data"][field]
    seen = [(await jogg.data(status_path + job_id))["status"]]
    for end in (jogg.emulator.complete, jogg.emulator.fail):
        end(job_id)
        seen.append((await jogg.data(status_path + job_id))["status"])
    assert tuple(seen) == WORDS[words][kind]


@using(drift=Drift(extra_fields=True))
async def test_every_object_can_have_an_unknown_field(api, jogg):
    """Answers of all APIs, errors included, carry it; a map of headers does not."""
    announced = {"filename": "a.pdf", "content_type": "application/pdf", "size_bytes": 1}
    replies = [
        await api.create(),
        await api.get("/v3/videos"),
        await api.get("/v3/avatars/looks"),
        await api.get("/v3/nothing"),
        await api.post("/v3/assets/direct-uploads", announced),
        await api.get("/v2/photo_avatar/photo_ada"),
        await api.get("/v1/video_status.get"),
        await jogg.get("/v2/voices"),
        await jogg.post(GENERATE, {}),
    ]
    assert all(reply.json for reply in replies)
    for reply in replies:
        for name, found in objects(reply.json):
            assert (EXTRA_FIELD in found) == (name != "upload_headers"), reply.text
    assert replies[3].error["doc_url"]


async def test_nothing_drifts_by_default(api, jogg):
    """Without a switch no unknown field is there."""
    for reply in (await api.get("/v3/avatars/looks"), await jogg.get("/v2/voices")):
        assert EXTRA_FIELD not in reply.text


@using(drift=Drift(nulls=True))
async def test_optional_fields_can_be_null(api, jogg):
    """What nothing depends on is null, what matters is not."""
    video_id = (await api.create()).json["data"]["video_id"]
    api.emulator.complete(video_id)
    video = await api.data(f"/v3/videos/{video_id}")
    refused = await api.get("/v3/nothing")
    voice = (await jogg.get("/v2/voices")).json
    assert video["thumbnail_url"] is video["duration"] is video["completed_at"] is None
    assert video["video_url"]
    assert refused.error["doc_url"] is None
    assert refused.error["code"] == "not_found"
    assert voice["rid"] is voice["data"]["voices"][0]["accent"] is None
    assert voice["data"]["voices"][0]["voice_id"]


@using(drift=Drift(nulls=True))
async def test_running_jobs_can_show_nulls(jogg):
    """What a job of JoggAI's will have is null until then, instead of missing."""
    seen = {}
    for kind, (path, body, field, status_path) in JOBS.items():
        job_id = (await jogg.post(path, body)).json["data"][field]
        seen[kind] = await jogg.data(status_path + job_id)
    nulls = {
        kind: {key for key, value in data.items() if value is None} for kind, data in seen.items()
    }
    assert nulls == {
        "photo": {"image_url_list", "image_key_list", "msg"},
        "motion": {"error_msg"},
        "video": {"video_url", "cover_url", "duration"},
    }


@pytest.mark.parametrize(
    "switch", [{"jogg_words": "new"}, {"v2_videos": "plain"}, {"v2_errors": "number"}]
)
def test_an_unknown_word_is_no_switch(switch):
    """A word that no switch knows is refused when the drift is made."""
    with pytest.raises(ValueError, match=next(iter(switch))):
        Drift(**switch)


@using(failure_rate=1.0)
async def test_jobs_of_every_kind_are_in_the_hands_of_the_test(api, jogg):
    """All kinds stand in one book, drawn to fail alike, and can be completed by id."""
    await api.create()
    await api.post("/v2/photo_avatar/add_motion", {"id": "photo_ada"})
    for path, body, _, _ in JOBS.values():
        await jogg.post(path, body)
    jobs = api.emulator.jobs
    assert [job.kind.name for job in jobs.values()] == [
        "video",
        "motion",
        "jogg_photo",
        "jogg_motion",
        "jogg_video",
    ]
    assert all(job.failure for job in jobs.values())
    for job_id in jobs:
        api.emulator.complete(job_id)
    assert not any(job.failure for job in jobs.values())
    assert list(api.emulator.videos) == list(jobs)[:1]
    with pytest.raises(KeyError):
        api.emulator.complete("x")
