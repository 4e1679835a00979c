"""Reading, listing and deleting videos, and their statuses in bulk."""

from __future__ import annotations

import time

import pytest

from .conftest import pass_time, using

DETAIL_FIELDS = {
    "id",
    "title",
    "status",
    "created_at",
    "completed_at",
    "duration",
    "video_url",
    "thumbnail_url",
    "gif_url",
    "captioned_video_url",
    "subtitle_url",
    "folder_id",
    "output_language",
    "failure_code",
    "failure_message",
    "video_page_url",
}


async def test_a_video_goes_from_pending_to_completed(api, image_video):
    """A created video is pending, and completed with URLs and dates once it is done."""
    created = await api.create({**image_video, "title": "Hello"})
    video_id = created.json["data"]["video_id"]
    before = (await api.get(f"/v3/videos/{video_id}")).json["data"]
    api.emulator.complete(video_id)
    after = (await api.get(f"/v3/videos/{video_id}")).json["data"]
    assert before.keys() == after.keys() == DETAIL_FIELDS
    assert (before["status"], before["video_url"], before["completed_at"]) == (
        "pending",
        None,
        None,
    )
    assert (after["id"], after["title"], after["status"]) == (video_id, "Hello", "completed")
    assert after["video_url"].startswith(f"{api.emulator.files_url}/video/{video_id}.mp4?expires=")
    assert after["duration"] == 2.4
    assert time.time() - 60 < after["created_at"] <= after["completed_at"] <= time.time()
    assert after["captioned_video_url"] is None
    assert after["subtitle_url"] is None


async def test_captions_add_their_urls(api, image_video):
    """A caption gives a subtitle file, and with a style a captioned video too."""
    plain = await api.create({**image_video, "caption": {"file_format": "srt"}})
    styled = await api.create({**image_video, "caption": {"style": "default"}})
    urls = []
    for reply in (plain, styled):
        video_id = reply.json["data"]["video_id"]
        api.emulator.complete(video_id)
        data = (await api.get(f"/v3/videos/{video_id}")).json["data"]
        urls.append((data["subtitle_url"], data["captioned_video_url"]))
    assert urls[0][0]
    assert urls[0][1] is None
    assert urls[1][0]
    assert urls[1][1]


async def test_a_failed_video_says_why(api):
    """A failure shows its code and message in the detail and in the bulk row."""
    video_id = api.emulator.add_video()
    api.emulator.fail(video_id, code="tts_text_invalid", message="No words.")
    detail = (await api.get(f"/v3/videos/{video_id}")).json["data"]
    row = (await api.get(f"/v3/videos/statuses?video_ids={video_id}")).json["data"][0]
    assert (detail["status"], detail["video_url"]) == ("failed", None)
    assert (detail["failure_code"], detail["failure_message"]) == ("tts_text_invalid", "No words.")
    assert row["error"] == {"code": "tts_text_invalid", "message": "No words."}


async def test_statuses_speak_their_own_vocabulary(api):
    """The bulk endpoint answers in the order asked, with queued, not pending, and no URLs."""
    queued, done, failed = (api.emulator.add_video(3600) for _ in range(3))
    api.emulator.complete(done)
    api.emulator.fail(failed)
    reply = await api.get(f"/v3/videos/statuses?video_ids={queued},{done},nobody,{failed}")
    assert [(row["video_id"], row["status"]) for row in reply.json["data"]] == [
        (queued, "queued"),
        (done, "completed"),
        ("nobody", "not_found"),
        (failed, "failed"),
    ]
    assert reply.json["has_more"] is False
    assert reply.json["next_token"] is None
    assert reply.json["data"][0] == {
        "video_id": queued,
        "status": "queued",
        "error": None,
        "batch_id": None,
        "item_index": None,
    }


async def test_an_unknown_batch_is_not_found(api):
    """A batch id gets a row that says not_found."""
    reply = await api.get("/v3/videos/statuses?batch_ids=b1")
    (row,) = reply.json["data"]
    assert (row["video_id"], row["batch_id"], row["status"]) == (None, "b1", "not_found")


async def test_statuses_take_a_hundred_ids(api):
    """One hundred ids are answered, one more is refused in the vendor's words."""
    ids = [api.emulator.add_video() for _ in range(101)]
    full = await api.get(f"/v3/videos/statuses?video_ids={','.join(ids[:100])}")
    over = await api.get(f"/v3/videos/statuses?video_ids={','.join(ids)}")
    assert len(full.json["data"]) == 100
    assert (over.status, over.error["param"]) == (400, "video_ids")
    assert over.error["message"] == "At most 100 ids per request."


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/v3/videos/statuses", "video_ids"),
        ("/v3/videos/statuses?video_ids=", "video_ids"),
        ("/v3/videos/statuses?video_ids=a&ids=b", "ids"),
        ("/v3/videos/statuses?video_ids=a&video_ids=b", "video_ids"),
        ("/v3/videos?limit=0", "limit"),
        ("/v3/videos?limit=101", "limit"),
        ("/v3/videos?limit=ten", "limit"),
        ("/v3/videos?title=", "title"),
        ("/v3/videos?token=garbage", "token"),
        ("/v3/videos?token=YWZ0ZXI6eA==", "token"),
        ("/v3/videos?page=2", "page"),
    ],
)
async def test_a_bad_query_is_refused_by_name(api, path, param):
    """A query parameter that is unknown or out of bounds is a 400 that names it."""
    reply = await api.get(path)
    assert (reply.status, reply.error["code"]) == (400, "invalid_parameter")
    assert reply.error["param"] == param


async def test_listing_pages_through_all_newest_first(api):
    """Following the tokens shows every video once, newest first."""
    ids = [api.emulator.add_video() for _ in range(25)]
    seen, token, sizes = [], "", []
    while token is not None:
        page = (await api.get(f"/v3/videos?token={token}" if token else "/v3/videos")).json
        seen += [row["id"] for row in page["data"]]
        sizes.append(len(page["data"]))
        token = page["next_token"]
        assert page["has_more"] is (token is not None)
    assert seen == ids[::-1]
    assert sizes == [10, 10, 5]


async def test_a_full_last_page_is_the_last(api):
    """A page that ends with the last row has no token."""
    for _ in range(10):
        api.emulator.add_video()
    page = (await api.get("/v3/videos")).json
    assert (len(page["data"]), page["has_more"], page["next_token"]) == (10, False, None)


async def test_a_page_survives_a_deletion(api):
    """A token stays good when the row it ended on is deleted."""
    first, second, third = (api.emulator.add_video() for _ in range(3))
    page = (await api.get("/v3/videos?limit=2")).json
    await api.send("DELETE", f"/v3/videos/{second}")
    rest = (await api.get(f"/v3/videos?limit=2&token={page['next_token']}")).json
    assert [row["id"] for row in page["data"]] == [third, second]
    assert [row["id"] for row in rest["data"]] == [first]


async def test_listing_filters_by_title_and_folder(api, image_video):
    """A title matches by substring; no video is in any folder."""
    await api.create({**image_video, "title": "Spring offer"})
    await api.create({**image_video, "title": "Autumn"})
    titled = (await api.get("/v3/videos?title=ring")).json["data"]
    foldered = (await api.get("/v3/videos?folder_id=f")).json["data"]
    assert [row["title"] for row in titled] == ["Spring offer"]
    assert foldered == []


async def test_a_deleted_video_is_gone(api):
    """The second delete and any read are 404s, the bulk row says not_found."""
    video_id = api.emulator.add_video()
    deleted = await api.send("DELETE", f"/v3/videos/{video_id}")
    again = await api.send("DELETE", f"/v3/videos/{video_id}")
    read = await api.get(f"/v3/videos/{video_id}")
    row = (await api.get(f"/v3/videos/statuses?video_ids={video_id}")).json["data"][0]
    assert deleted.json == {"data": {"id": video_id, "deleted": True}}
    assert (again.status, again.error["code"]) == (404, "video_not_found")
    assert (read.status, read.error["code"]) == (404, "video_not_found")
    assert row["status"] == "not_found"


@using(speed=1e9)
async def test_speed_divides_the_duration(api):
    """At a great speed a video is completed in next to no time."""
    video_id = (await api.create()).json["data"]["video_id"]
    pass_time(0.001)
    assert (await api.get(f"/v3/videos/{video_id}")).json["data"]["status"] == "completed"


@using(speed=1e9, failure_rate=1.0)
async def test_the_failure_rate_fails_videos(api):
    """At a failure rate of one every video fails to render."""
    video_id = (await api.create()).json["data"]["video_id"]
    pass_time(0.001)
    data = (await api.get(f"/v3/videos/{video_id}")).json["data"]
    assert (data["status"], data["failure_code"]) == ("failed", "rendering_failed")
