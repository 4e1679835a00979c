"""HeyGen's webhook endpoints: how they are kept, what is refused, and the history of events."""

from __future__ import annotations

import re

import pytest

from .conftest import pass_time
from .receiver import receiving

ENDPOINTS = "/v3/webhooks/endpoints"
URL = "https://example.com/hook"
CONFLICT = "A webhook endpoint with this URL already exists for this account."


@pytest.fixture
async def receiver():
    async with receiving() as receiver:
        yield receiver


async def make(api, **body):
    """Return a new endpoint."""
    reply = await api.post(ENDPOINTS, {"url": URL, **body})
    assert reply.status == 200, reply.text
    return reply.json["data"]


async def test_an_endpoint_is_made_and_listed(api):
    """Creation alone shows the secret; without events an endpoint is for all of them."""
    made = await make(api)
    assert re.fullmatch("whsec_[0-9a-f]{32}", made["secret"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created_at"])
    assert (made["url"], made["events"], made["status"]) == (URL, None, "enabled")
    listed = await api.get(ENDPOINTS)
    assert listed.json == {
        "data": [{**made, "secret": None}],
        "has_more": False,
        "next_token": None,
    }


async def test_endpoints_are_paged_oldest_first(api):
    """A token leads on, also if an endpoint seen has gone since."""
    made = [(await make(api, url=f"{URL}/{number}"))["endpoint_id"] for number in range(3)]
    first = await api.get(f"{ENDPOINTS}?limit=2")
    await api.send("DELETE", f"{ENDPOINTS}/{made[0]}")
    second = await api.get(f"{ENDPOINTS}?limit=2&token={first.json['next_token']}")
    assert first.json["has_more"]
    pages = [[row["endpoint_id"] for row in page.json["data"]] for page in (first, second)]
    assert pages == [made[:2], made[2:]]


async def test_an_update_replaces_what_it_names(api):
    """Events are replaced as a whole, null leaves what was there."""
    made = await make(api, events=["avatar_video.success", "avatar_video.fail"])
    path = f"{ENDPOINTS}/{made['endpoint_id']}"
    changes = [
        ({}, URL, made["events"]),
        ({"events": ["batch.finished"], "url": None}, URL, ["batch.finished"]),
        ({"events": None, "url": f"{URL}/2"}, f"{URL}/2", ["batch.finished"]),
        ({"url": f"{URL}/2", "events": []}, f"{URL}/2", []),
    ]
    for body, url, events in changes:
        reply = await api.send("PATCH", path, json=body)
        shown = reply.json["data"]
        assert (shown["url"], shown["events"], shown["secret"]) == (url, events, None)


async def test_two_endpoints_never_share_a_url(api):
    """The second one is 409, whether by creation or by an update."""
    await make(api)
    other = await make(api, url=f"{URL}/2")
    replies = [
        await api.post(ENDPOINTS, {"url": URL}),
        await api.send("PATCH", f"{ENDPOINTS}/{other['endpoint_id']}", json={"url": URL}),
    ]
    for reply in replies:
        assert (reply.status, reply.error["code"]) == (409, "conflict")
        assert reply.error["message"] == CONFLICT


async def test_a_deleted_endpoint_is_gone(api):
    """The answer is that of the legacy API, and every later call is 404."""
    path = f"{ENDPOINTS}/{(await make(api))['endpoint_id']}"
    assert (await api.send("DELETE", path)).json == {"error": None, "data": {}}
    for method, end, options in (
        ("DELETE", "", {}),
        ("PATCH", "", {"json": {}}),
        ("POST", "/rotate-secret", {}),
    ):
        reply = await api.send(method, path + end, **options)
        assert (reply.status, reply.error["code"]) == (404, "webhook_not_found")
    assert (await make(api))["url"] == URL


async def test_keys_are_honoured(api):
    """Creation and rotation under a key are done once, and answered alike twice."""
    key = {"Idempotency-Key": "once"}
    made = [await api.post(ENDPOINTS, {"url": URL}, headers=key) for _ in range(2)]
    assert made[0].text == made[1].text
    path = f"{ENDPOINTS}/{made[0].json['data']['endpoint_id']}/rotate-secret"
    rotated = [(await api.send("POST", path, headers=key)).json["data"] for _ in range(2)]
    assert rotated[0] == rotated[1]
    assert rotated[0]["secret"] != made[0].json["data"]["secret"]
    assert rotated[0]["endpoint_id"] == made[0].json["data"]["endpoint_id"]


@pytest.mark.parametrize(
    ("method", "path", "body", "param"),
    [
        ("POST", "", {}, "url"),
        ("POST", "", {"url": None}, "url"),
        ("POST", "", {"url": "example.com/hook"}, "url"),
        ("POST", "", {"url": "https://"}, "url"),
        ("POST", "", {"url": "https://[::1/hook"}, "url"),
        ("POST", "", {"url": "ftp://127.0.0.1/hook"}, "url"),
        ("POST", "", {"url": "http://example.com/hook"}, "url"),
        ("POST", "", {"url": URL, "events": ["lipsync.success"]}, "events[0]"),
        ("POST", "", {"url": URL, "events": "batch.finished"}, "events"),
        ("POST", "", {"url": URL, "entity_id": 1}, "entity_id"),
        ("POST", "", {"url": URL, "secret": "mine"}, "secret"),
        ("POST", "?limit=1", {"url": URL}, "limit"),
        ("PATCH", "/ep_1", {"url": "http://example.com"}, "url"),
        ("PATCH", "/ep_1", {"entity_id": "v1"}, "entity_id"),
        ("PATCH", "/ep_1", {"status": "disabled"}, "status"),
        ("POST", "/ep_1/rotate-secret?x=1", None, "x"),
        ("DELETE", "/ep_1?x=1", None, "x"),
        ("GET", "?limit=101", None, "limit"),
        ("GET", "?token=x", None, "token"),
    ],
)
async def test_a_bad_request_is_refused(api, method, path, body, param):
    """Unknown fields, wrong types, other URLs than https and unknown types are 400."""
    options = {} if body is None else {"json": body}
    reply = await api.send(method, ENDPOINTS + path, **options)
    assert (reply.status, reply.error["param"]) == (400, param)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:9"])
async def test_a_loopback_receiver_needs_no_certificate(api, host):
    """Plain http is taken for hosts of this machine."""
    assert (await make(api, url=f"http://{host}/hook"))["url"] == f"http://{host}/hook"


async def test_all_types_of_the_document_are_told(api):
    """Each type is told with what it means, in an envelope of one page."""
    reply = await api.get("/v3/webhooks/event-types")
    rows = reply.json["data"]
    assert len({row["event_type"] for row in rows}) == len(rows) == 34
    assert {"avatar_video.fail", "batch.finished", "personalized_video"} <= {
        row["event_type"] for row in rows
    }
    assert all(row["description"] for row in rows)
    assert (reply.json["has_more"], reply.json["next_token"]) == (False, None)
    assert (await api.get("/v3/webhooks/event-types?limit=1")).status == 400


async def test_an_endpoint_gets_what_it_asked_for(api, receiver):
    """Types and the entity narrow an endpoint; an endpoint made late hears of running jobs."""
    first, second, third = [(await api.create()).json["data"]["video_id"] for _ in range(3)]
    await make(api, url=f"{receiver.url}?fail", events=["avatar_video.fail"])
    await make(api, url=f"{receiver.url}?second", entity_id=second)
    api.emulator.complete(first)
    api.emulator.complete(second)
    api.emulator.fail(third)
    await receiver.rest()
    assert {(each.url[-6:], each.event_type) for each in api.emulator.deliveries_made} == {
        ("second", "avatar_video.success"),
        ("k?fail", "avatar_video.fail"),
    }
    about = {hook.json["event_type"]: hook.json["event_data"] for hook in receiver.hooks}
    assert about["avatar_video.success"]["video_id"] == second
    assert about["avatar_video.fail"]["video_id"] == third


async def test_the_history_is_newest_first(api, receiver):
    """Taken events are told as they were sent, filtered by type and entity, and paged."""
    await make(api, url=receiver.url)
    videos = [(await api.create()).json["data"]["video_id"] for _ in range(3)]
    for video_id in videos:
        pass_time(5)
        api.emulator.complete(video_id)
        await receiver.rest(1)
    path = "/v3/webhooks/events"
    rows = await api.data(path)
    assert rows == [hook.json for hook in reversed(receiver.hooks)]
    assert [row["event_data"]["video_id"] for row in rows] == videos[::-1]
    assert await api.data(f"{path}?entity_id={videos[1]}") == rows[1:2]
    assert await api.data(f"{path}?event_type=avatar_video.fail") == []
    assert await api.data(f"{path}?event_type=avatar_video.success") == rows
    first = await api.get(f"{path}?limit=2")
    second = await api.get(f"{path}?limit=2&token={first.json['next_token']}")
    assert (first.json["data"], second.json["data"]) == (rows[:2], rows[2:])
    for query in ("event_type=x", "limit=0", "token=x", "since=1"):
        assert (await api.get(f"{path}?{query}")).status == 400


async def test_the_history_knows_only_what_was_taken(api, receiver):
    """An event that no endpoint has taken yet is not there, nor one only a callback got."""
    receiver.statuses = [500]
    await make(api, url=receiver.url)
    video_id = (await api.create()).json["data"]["video_id"]
    api.emulator.complete(video_id)
    await receiver.wait(1)
    assert await api.data("/v3/webhooks/events") == []
    await receiver.wait(2)
    await receiver.rest(1)
    assert len(await api.data("/v3/webhooks/events")) == 1


async def test_a_callback_leaves_no_history(api, receiver, image_video):
    """What went to the callback of one job alone is not in the account's history."""
    reply = await api.create({**image_video, "callback_url": receiver.url})
    api.emulator.complete(reply.json["data"]["video_id"])
    await receiver.wait(1)
    await receiver.rest(1)
    assert await api.data("/v3/webhooks/events") == []
