"""Batches of the emulator: what a client may see of them."""

from __future__ import annotations

import asyncio

import pytest

from .receiver import TWO_DAYS, receiving

ITEM = {
    "type": "image",
    "image": {"type": "url", "url": "https://example.com/a.png"},
    "script": "Hi",
    "voice_id": "v1",
}
PATH = "/v3/videos/batches"


async def create(api, *items, **fields):
    reply = await api.post(PATH, {"videos": list(items), **fields})
    assert reply.status == 202, reply.text
    return reply.json["data"]["batch_id"]


async def test_ids_come_a_little_later(api):
    """Before that an item is known by its index alone; all are paid at once."""
    batch = await create(api, ITEM, ITEM)
    assert len(api.emulator.wallet.charges) == 2
    reply = await api.get(f"{PATH}/{batch}")
    assert [row["video_id"] for row in reply.json["data"]["items"]] == [None, None]
    await asyncio.sleep(3)
    reply = await api.get(f"{PATH}/{batch}?limit=1")
    assert reply.json["data"]["has_more"]
    token = reply.json["data"]["next_token"]
    last = await api.get(f"{PATH}/{batch}?limit=1&token={token}")
    ids = [one.json["data"]["items"][0]["video_id"] for one in (reply, last)]
    assert ids == list(api.emulator.videos)
    assert not last.json["data"]["has_more"]


async def test_an_item_is_refused_alone(api):
    """What the document forbids is refused as a whole, what does not exist item by item."""
    batch = await create(api, ITEM, ITEM | {"voice_id": "nobody"})
    await asyncio.sleep(3)
    reply = await api.get(f"/v3/videos/statuses?batch_ids={batch},b2")
    good, bad, unknown = reply.json["data"]
    assert good["video_id"] in api.emulator.videos
    assert (bad["status"], bad["error"]["code"]) == ("failed", "voice_not_found")
    assert (bad["item_index"], bad["batch_id"], bad["video_id"]) == (1, batch, None)
    assert (unknown["batch_id"], unknown["status"]) == ("b2", "not_found")
    assert len(api.emulator.wallet.charges) == 1
    reply = await api.post(PATH, {"videos": [ITEM, ITEM | {"folder_id": "f"}]})
    assert reply.status == 400
    assert len(api.emulator.wallet.charges) == 1


@pytest.mark.parametrize("ended", ["completed", "failed"])
async def test_its_end_is_that_of_its_items(api, ended):
    """Also if they are ended by hand."""
    batch = await create(api, ITEM, ITEM, title="T")
    await asyncio.sleep(3)
    for video_id in api.emulator.videos:
        reply = await api.get(f"{PATH}/{batch}")
        assert reply.json["data"]["status"] == "processing"
        (api.emulator.complete if ended == "completed" else api.emulator.fail)(video_id)
    reply = await api.get(f"{PATH}/{batch}")
    assert (reply.json["data"]["status"], reply.json["data"]["title"]) == (ended, "T")
    assert reply.json["data"]["counts_by_status"] == {ended: 2}


async def test_an_unknown_batch(api):
    """404, with the code that the document has."""
    reply = await api.get(f"{PATH}/b1")
    assert (reply.status, reply.json["error"]["code"]) == (404, "not_found")


async def test_the_end_of_a_batch_is_told_once(api):
    """To the callback of the batch, when its last item has ended."""
    async with receiving() as receiver:
        batch = await create(api, ITEM, ITEM, callback_url=receiver.url)
        hooks = await receiver.rest(TWO_DAYS)
    (hook,) = [each for each in hooks if each.json["event_type"] == "batch.finished"]
    assert hook.json["event_data"] == {"batch_id": batch, "status": "completed"}
    ends = [job.finished_at for job in api.emulator.videos.values()]
    assert hook.at == pytest.approx(max(ends), abs=0.1)
