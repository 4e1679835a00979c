"""``create_batch``: many specs by one call, and the jobs that they become."""

from __future__ import annotations

import asyncio

import pytest

from heygen_async import BadRequestError, InvalidRequestError, Job, Lipsync, SubmissionUnknownError
from heygen_async.emulator import Fault
from tests.conftest import PORTRAIT, image_video

BATCH = "POST /v3/videos/batches"


def specs(count):
    return [image_video(title=f"t{number}") for number in range(count)]


async def test_the_jobs_come_in_the_order_of_the_specs(heygen, emulator):
    """Each can be waited for as any other."""
    batch = await heygen.videos.create_batch(specs(5), title="Five")
    jobs = await batch.jobs()
    assert [emulator.videos[job.id].title for job in jobs] == [f"t{n}" for n in range(5)]
    assert (await jobs[3]).title == "t3"
    assert await batch.jobs() == jobs
    assert heygen.statistics().jobs_submitted == 5
    assert len(emulator.wallet.charges) == 5


async def test_what_the_vendor_tells_of_it(heygen):
    """Items are there before they have ids."""
    batch = await heygen.videos.create_batch(specs(2), title="Two", folder_id="f1")
    first = await batch.get()
    assert (first.batch_id, first.title, first.total_items) == (batch.id, "Two", 2)
    assert [(item.item_index, item.video_id) for item in first.items] == [(0, None), (1, None)]
    jobs = await batch.jobs()
    for job in jobs:
        await job
    last = await heygen.videos.get_batch(batch.id)
    assert last.status == "completed"
    assert [item.video_id for item in last.items] == [job.id for job in jobs]
    assert last.counts_by_status == {"completed": 2}
    assert repr(batch) == f"<Batch {batch.id} of 2 heygen.video>"


async def test_a_refused_item_is_an_error_in_its_place(heygen, emulator):
    """It costs nothing."""
    bad = image_video(voice_id="nobody")
    batch = await heygen.videos.create_batch([*specs(1), bad, *specs(1)])
    first, error, last = await batch.jobs()
    assert isinstance(first, Job)
    assert isinstance(last, Job)
    assert isinstance(error, BadRequestError)
    assert (error.code, error.known_refusal) == ("voice_not_found", True)
    assert "item 1" in str(error)
    assert len(emulator.wallet.charges) == 2


async def test_lip_syncs_have_batches_too(heygen, emulator):
    """By the same mechanism."""
    url = "https://example.com/a.mp4"
    spec = Lipsync(video=url, audio="https://example.com/a.mp3", folder_id="f1")
    batch = await heygen.lipsyncs.create_batch([spec, spec])
    for job in await batch.jobs():
        assert (await job).video_url
    assert emulator.count("POST /v3/lipsyncs/batches") == 1


async def test_local_media_go_up_first(heygen, emulator):
    """A file that is shared is sent once."""
    batch = await heygen.videos.create_batch([image_video(image=PORTRAIT)] * 2)
    assert all(isinstance(job, Job) for job in await batch.jobs())
    assert emulator.count("POST /v3/assets") == 1


async def test_specs_of_other_kinds_are_refused(heygen):
    """Each namespace takes its own."""
    with pytest.raises(InvalidRequestError, match="ImageVideo is no spec"):
        await heygen.lipsyncs.create_batch(specs(1))


@pytest.mark.parametrize("count", [0, 101])
async def test_a_batch_has_one_to_a_hundred_specs(heygen, emulator, count):
    """Refused before anything is sent."""
    with pytest.raises(InvalidRequestError, match="1 to 100 specs"):
        await heygen.videos.create_batch(specs(count))
    assert not emulator.received


async def test_the_same_key_gives_the_same_batch(heygen, emulator):
    """Each item is charged once."""
    first = await heygen.videos.create_batch(specs(3), idempotency_key="k1")
    again = await heygen.videos.create_batch(specs(3), idempotency_key="k1")
    assert again.id == first.id
    assert [job.id for job in await first.jobs()] == [job.id for job in await again.jobs()]
    assert len(emulator.wallet.charges) == 3


async def test_an_answer_that_is_lost_for_good_tells_the_key(heygen, emulator):
    """With it the same specs give the one batch."""
    emulator.faults.add(Fault(route=BATCH, reset="after"))
    with pytest.raises(SubmissionUnknownError) as lost:
        await heygen.videos.create_batch(specs(3))
    emulator.faults.clear()
    batch = await heygen.videos.create_batch(
        lost.value.spec, idempotency_key=lost.value.idempotency_key
    )
    assert len(await batch.jobs()) == 3
    assert len(emulator.wallet.charges) == 3


async def test_a_cancelled_batch_is_an_orphan(heygen, emulator):
    """Its POST is seen through; the same call again gives it."""
    emulator.faults.add(Fault(route=BATCH, delay=5))
    creating = asyncio.create_task(heygen.videos.create_batch(specs(3)))
    await asyncio.sleep(1)
    creating.cancel()
    await asyncio.sleep(10)
    (orphan,) = heygen.orphans()
    assert (len(orphan.batch), orphan.job) == (3, None)
    await heygen.videos.create_batch(orphan.batch, idempotency_key=orphan.idempotency_key)
    assert len(emulator.wallet.charges) == 3


async def test_the_ids_may_take_their_time(heygen, emulator):
    """Trouble with the looks is put up with, and what is known is not asked twice."""
    emulator.faults.add(
        Fault(route="GET /v3/videos/batches/{batch_id}", nth=tuple(range(1, 12)), status=502)
    )
    batch = await heygen.videos.create_batch(specs(2))
    assert len(await batch.jobs()) == 2
