"""``map(submit_in_batches=True)``: one POST for many specs, and each of them paid once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import attrs
import pytest

from heygen_async import (
    BadRequestError,
    HeyGen,
    ItemState,
    Ledger,
    Lipsync,
    RateLimitError,
    RetryPolicy,
    SubmissionUnknownError,
)
from heygen_async.batch.item import Place
from heygen_async.emulator import Fault
from tests.conftest import PORTRAIT, image_video

BATCH = "POST /v3/videos/batches"
SINGLE = "POST /v3/videos"
LOOK = "GET /v3/videos/batches/{batch_id}"
DAY = 24 * 3600.0


def by_title(spec):
    return spec.title


def specs(count):
    return [image_video(title=f"t{number}") for number in range(count)]


def charged(emulator):
    """Return how often each title was charged."""
    return Counter(emulator.jobs[charge.job_id].title for charge in emulator.wallet.charges)


def once(batch):
    return Counter(spec.title for spec in batch)


@pytest.fixture
async def wide(emulator):
    async with HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=1000) as client:
        yield client


@pytest.fixture
async def ledger(tmp_path):
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        yield ledger


async def collect(client, batch, **options):
    """Return the outcomes of a batch by key."""
    options = {"key": by_title, "submit_in_batches": True} | options
    return {outcome.key: outcome async for outcome in client.map(batch, **options)}


async def lines(ledger):
    return {item.key: item async for item in ledger.items()}


def keys_sent(emulator, route=BATCH):
    return [seen.headers["Idempotency-Key"] for seen in emulator.received if seen.route == route]


@pytest.mark.parametrize("written", [True, False])
async def test_250_specs_go_out_by_three_posts(nothing_left, wide, emulator, ledger, written):
    """Each has its own result, and is charged once."""
    batch = specs(250)
    outcomes = await collect(wide, batch, ledger=ledger if written else None)
    assert emulator.count(BATCH) == 3
    assert emulator.count(SINGLE) == 0
    assert charged(emulator) == once(batch)
    for key, outcome in outcomes.items():
        assert outcome.unwrap().title == key == outcome.spec.title
        assert outcome.unwrap().id == outcome.job.id
    if written:
        items = await lines(ledger)
        assert {item.state for item in items.values()} == {ItemState.COMPLETED}
        assert {key: item.token for key, item in items.items()} == {
            key: outcome.job.token for key, outcome in outcomes.items()
        }


async def test_it_is_off_by_default(wide, emulator):
    """Without the option each spec has a POST of its own."""
    await collect(wide, specs(3), submit_in_batches=False)
    assert (emulator.count(BATCH), emulator.count(SINGLE)) == (0, 3)


async def test_a_batch_has_as_many_items_as_there_are_slots(emulator):
    """The slots bound what is in flight, as ever."""
    async with HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=4) as heygen:
        batch = specs(12)
        await collect(heygen, batch)
    assert charged(emulator) == once(batch)
    running = [
        sum(
            job.created_at <= other.created_at < job.finished_at for job in emulator.videos.values()
        )
        for other in emulator.videos.values()
    ]
    assert max(running) <= 4


async def test_the_events_are_told(wide, emulator):
    """``on_submit`` hears of each item once, with its job."""
    told = []
    await collect(wide, specs(5), on_submit=told.append)
    assert sorted(one.key for one in told) == [f"t{number}" for number in range(5)]
    assert all(one.job.id in emulator.videos for one in told)


async def test_one_spec_goes_out_singly(wide, emulator):
    """A batch of one would only take longer."""
    await collect(wide, specs(1))
    assert (emulator.count(BATCH), emulator.count(SINGLE)) == (0, 1)


async def test_kinds_are_kept_apart(wide, emulator):
    """Each kind has batches of its own."""
    url = "https://example.com/a.mp4"
    syncs = [Lipsync(video=url, audio=url.replace("mp4", "mp3"), title=f"l{n}") for n in range(2)]
    outcomes = await collect(wide, [*specs(2), *syncs])
    assert all(outcome.ok for outcome in outcomes.values())
    assert emulator.count(BATCH) == emulator.count("POST /v3/lipsyncs/batches") == 1


async def test_local_media_go_up_first(wide, emulator):
    """A file that is shared is sent once."""
    await collect(wide, [image_video(title=f"t{n}", image=PORTRAIT) for n in range(3)])
    assert emulator.count("POST /v3/assets") == 1
    assert emulator.count(BATCH) == 1


async def test_a_file_that_is_missing_fails_alone(wide, emulator, tmp_path):
    """The others go out."""
    missing = image_video(title="bad", image=tmp_path / "none.png")
    outcomes = await collect(wide, [*specs(2), missing])
    assert not outcomes["bad"].ok
    assert charged(emulator) == once(specs(2))


async def test_a_refused_item_fails_alone_and_may_be_submitted_again(wide, emulator, ledger):
    """It costs nothing, and the next run submits it anew."""
    bad = image_video(title="bad", voice_id="nobody")
    outcomes = await collect(wide, [*specs(3), bad], ledger=ledger)
    error = outcomes["bad"].error
    assert isinstance(error, BadRequestError)
    assert error.code == "voice_not_found"
    assert outcomes["bad"].job is None
    assert all(outcomes[f"t{number}"].ok for number in range(3))
    assert charged(emulator) == once(specs(3))
    line = (await lines(ledger))["bad"]
    assert (line.state, line.token, Place.of(line.labels)) == (ItemState.OPEN, None, None)
    assert "voice_not_found" in line.error
    again = await collect(wide, [image_video(title="bad")], ledger=ledger)
    assert again["bad"].ok
    assert charged(emulator) == once([*specs(3), bad])


async def test_a_batch_that_is_refused_as_a_whole_goes_singly(wide, emulator, ledger):
    """So one bad item does not fail the others."""
    bad = image_video(title="bad", extra_body={"unheard_of": 1})
    outcomes = await collect(wide, [*specs(3), bad], ledger=ledger)
    assert isinstance(outcomes["bad"].error, BadRequestError)
    assert all(outcomes[f"t{number}"].ok for number in range(3))
    assert charged(emulator) == once(specs(3))
    assert len(set(keys_sent(emulator, SINGLE) + keys_sent(emulator))) == 5


@pytest.mark.parametrize("fault", [{"reset": "after"}, {"reset": "before"}, {"status": 500}])
async def test_a_lost_answer_is_asked_for_with_the_same_key(wide, emulator, ledger, fault):
    """The same POST again, and each item is charged once."""
    emulator.faults.add(Fault(route=BATCH, nth=(1,), **fault))
    batch = specs(20)
    outcomes = await collect(wide, batch, ledger=ledger)
    assert all(outcome.ok for outcome in outcomes.values())
    assert charged(emulator) == once(batch)
    assert len(keys_sent(emulator)) == 2
    assert len(set(keys_sent(emulator))) == 1


async def test_a_429_gives_the_slots_back_and_packs_anew(wide, emulator, ledger):
    """Nothing was done, so there is a new key for other items."""
    emulator.faults.add(Fault(route=BATCH, nth=(1,), status=429, retry_after=5))
    batch = specs(20)
    outcomes = await collect(wide, batch, ledger=ledger)
    assert all(outcome.ok for outcome in outcomes.values())
    assert charged(emulator) == once(batch)
    assert len(set(keys_sent(emulator))) == len(keys_sent(emulator)) > 1


async def test_a_429_for_good_is_an_outcome(emulator, ledger):
    """All are open, and nothing was paid."""
    emulator.faults.add(Fault(route=BATCH, status=429))
    emulator.faults.add(Fault(route=SINGLE, status=429))
    async with HeyGen(
        emulator.api_key, base_url=emulator.url, retry=RetryPolicy(max_attempts=1)
    ) as heygen:
        outcomes = await collect(heygen, specs(5), ledger=ledger)
    assert {type(outcome.error) for outcome in outcomes.values()} == {RateLimitError}
    assert {item.state for item in (await lines(ledger)).values()} == {ItemState.OPEN}


async def test_trouble_with_the_ids_is_put_up_with(wide, emulator, ledger):
    """Looks at the batch may fail for a while; nothing is sent twice."""
    emulator.faults.add(Fault(route=LOOK, nth=tuple(range(1, 9)), status=404))
    batch = specs(5)
    outcomes = await collect(wide, batch, ledger=ledger)
    assert all(outcome.ok for outcome in outcomes.values())
    assert charged(emulator) == once(batch)
    assert emulator.count(BATCH) == 1
    assert emulator.count(SINGLE) == 0


@pytest.mark.parametrize("status", [404, 400, 500, 401])
async def test_ids_that_never_come_are_asked_for_by_the_next_run(wide, emulator, ledger, status):
    """The batch is paid: whatever its GET says, no item of it is submitted again."""
    emulator.faults.add(Fault(route=LOOK, status=status))
    batch = specs(5)
    outcomes = await collect(wide, batch, ledger=ledger)
    assert {type(outcome.error) for outcome in outcomes.values()} == {SubmissionUnknownError}
    assert {outcome.error.idempotency_key for outcome in outcomes.values()} == {None}
    assert {item.state for item in (await lines(ledger)).values()} == {ItemState.INTENT}
    emulator.faults.clear()
    await asyncio.sleep(2 * DAY)  # the id of the batch outlives the key
    again = await collect(wide, batch, ledger=ledger, submit_in_batches=False)
    assert all(outcome.ok for outcome in again.values())
    assert charged(emulator) == once(batch)
    assert (emulator.count(BATCH), emulator.count(SINGLE)) == (1, 0)


async def crash(emulator, ledger, batch, *, before=False):
    """Leave what a run has written that died between its POST and the answer."""
    reset = "before" if before else "after"
    emulator.faults.add(Fault(route=BATCH, reset=reset))
    async with HeyGen(
        emulator.api_key, base_url=emulator.url, retry=RetryPolicy(max_attempts=1)
    ) as dying:
        outcomes = await collect(dying, batch, ledger=ledger)
    emulator.faults.clear()
    assert {type(outcome.error) for outcome in outcomes.values()} == {SubmissionUnknownError}


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("in_batches", [True, False])
async def test_a_lost_batch_is_sent_again_with_its_key(wide, emulator, ledger, before, in_batches):
    """All of it, in its order, whatever the order in which its specs come."""
    batch = specs(7)
    await crash(emulator, ledger, batch, before=before)
    items = await lines(ledger)
    assert {item.state for item in items.values()} == {ItemState.INTENT}
    assert {item.idempotency_key for item in items.values()} == {None}
    places = {key: Place.of(item.labels) for key, item in items.items()}
    assert {key: place.index for key, place in places.items()} == {
        f"t{number}": number for number in range(7)
    }
    more = [image_video(title="new"), *reversed(batch)]
    outcomes = await collect(wide, more, ledger=ledger, submit_in_batches=in_batches)
    assert {key: outcome.unwrap().title for key, outcome in outcomes.items()} == {
        spec.title: spec.title for spec in more
    }
    assert charged(emulator) == once(more)
    assert len(keys_sent(emulator)) == 2
    assert len(set(keys_sent(emulator))) == 1


async def test_a_part_of_a_lost_batch_is_not_sent(wide, emulator, ledger):
    """Only all of it is the same POST; the next run may have them all."""
    batch = specs(7)
    await crash(emulator, ledger, batch)
    outcomes = await collect(wide, batch[:5], ledger=ledger)
    assert {type(outcome.error) for outcome in outcomes.values()} == {SubmissionUnknownError}
    assert emulator.count(BATCH) == 1
    assert {item.state for item in (await lines(ledger)).values()} == {ItemState.INTENT}
    again = await collect(wide, batch, ledger=ledger)
    assert all(outcome.ok for outcome in again.values())
    assert charged(emulator) == once(batch)


async def test_a_key_that_is_too_old_is_not_sent(wide, emulator, ledger):
    """Then it has to be asked: nothing tells whether the batch arrived."""
    batch = specs(4)
    await crash(emulator, ledger, batch)
    for item in (await lines(ledger)).values():
        await ledger.put(attrs.evolve(item, intended_at=item.intended_at - DAY))
    outcomes = await collect(wide, batch, ledger=ledger)
    assert {type(outcome.error) for outcome in outcomes.values()} == {SubmissionUnknownError}
    assert {item.state for item in (await lines(ledger)).values()} == {ItemState.UNCERTAIN}
    assert (emulator.count(BATCH), emulator.count(SINGLE)) == (1, 0)


async def test_the_intent_of_all_is_there_before_the_post(wide, emulator, ledger):
    """What the ledger says while the server works on it, and before there are ids."""
    emulator.faults.add(Fault(route=BATCH, delay=10))
    seen = []

    async def look():
        while not emulator.count(BATCH):
            await asyncio.sleep(0.5)
        seen.append(await lines(ledger))
        await asyncio.sleep(11)
        seen.append(await lines(ledger))

    looking = asyncio.create_task(look())
    await collect(wide, specs(3), ledger=ledger)
    await looking
    for items, has_id in zip(seen, (False, True), strict=True):
        assert {item.state for item in items.values()} == {ItemState.INTENT}
        places = [Place.of(item.labels) for item in items.values()]
        assert [place.index for place in places] == [0, 1, 2]
        assert {place.size for place in places} == {3}
        assert {place.key for place in places} == set(keys_sent(emulator))
        assert [place.batch_id is not None for place in places] == [has_id] * 3


@pytest.mark.parametrize("at", [0.5, 1.5, 5.0])
async def test_stop_drops_what_was_not_sent(emulator, wide, ledger, at):
    """What was sent is seen out."""
    emulator.faults.add(Fault(route=BATCH, delay=2))
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(at, stop.set)

    async def slow():
        for spec in specs(5):
            yield spec
        await asyncio.sleep(0.7)  # so that the pack lingers
        for number in range(5, 8):
            yield image_video(title=f"t{number}")
        await asyncio.sleep(60)

    outcomes = await collect(wide, slow(), ledger=ledger, stop=stop)
    assert all(outcome.ok for outcome in outcomes.values())
    assert len(outcomes) == (0 if at == 0.5 else 8)
    assert sum(charged(emulator).values()) == len(outcomes)


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("at", [0.5, 2.0, 3.5, 4.5])
async def test_nothing_is_lost_by_closing(nothing_left, emulator, ledger, at, written):
    """While it lingers, during the POST, before there are ids, and after."""
    emulator.faults.add(Fault(route=BATCH, nth=(1,), delay=2))
    batch = specs(5)

    async def endless():
        for spec in batch:
            yield spec
        await asyncio.sleep(1000)

    known = ledger if written else None
    async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
        outcomes = heygen.map(endless(), key=by_title, ledger=known, submit_in_batches=True)
        waiting = asyncio.create_task(anext(outcomes))
        await asyncio.sleep(at)
        waiting.cancel()
        await asyncio.wait([waiting])
        await outcomes.aclose()
        orphans = heygen.orphans()
        if at == 0.5:
            assert emulator.count(BATCH) == 0
            assert not orphans
        elif written:
            assert not orphans
        elif at < 4:
            (orphan,) = orphans
            assert (orphan.batch, orphan.job) == (tuple(batch), None)
            again = await heygen.videos.create_batch(
                orphan.batch, idempotency_key=orphan.idempotency_key
            )
            assert len(await again.jobs()) == 5
            assert charged(emulator) == once(batch)
        else:
            known_jobs = [one for one in orphans if one.job is not None]
            assert len(known_jobs) == 5 or orphans[0].batch
    if written:
        async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
            again = await collect(heygen, batch, ledger=ledger)
            assert all(outcome.ok for outcome in again.values())
        assert charged(emulator) == once(batch)
        assert emulator.count(SINGLE) == 0
        assert emulator.count(BATCH) == 1


async def test_an_unknown_outcome_without_a_ledger_tells_the_key(emulator):
    """In words: as the error's own key it would start a single job that is paid, too."""
    emulator.faults.add(Fault(route=BATCH, reset="after"))
    async with HeyGen(
        emulator.api_key, base_url=emulator.url, retry=RetryPolicy(max_attempts=2)
    ) as heygen:
        outcomes = await collect(heygen, specs(3))
    (key,) = set(keys_sent(emulator))
    for outcome in outcomes.values():
        assert isinstance(outcome.error, SubmissionUnknownError)
        assert outcome.error.idempotency_key is None
        assert outcome.error.spec is outcome.spec
        assert key in str(outcome.error)
    assert charged(emulator) == once(specs(3))


async def test_the_body_has_the_items_in_order(wide, emulator):
    """The wire sees the vendor's fields and nothing else."""
    batch = specs(3)
    await collect(wide, batch)
    (job,) = [job for job in emulator.jobs.values() if job.kind.name == "batch"]
    assert [body["title"] for body in job.request["videos"]] == ["t0", "t1", "t2"]
    assert json.dumps(job.request["videos"])


async def test_a_429_says_nothing_of_an_earlier_run(wide, emulator, ledger):
    """The batch may have arrived then: its key is kept, and no other one is sent."""
    batch = specs(4)
    await crash(emulator, ledger, batch)
    emulator.faults.add(Fault(route=BATCH, status=429))
    outcomes = await collect(wide, batch, ledger=ledger)
    assert {type(outcome.error) for outcome in outcomes.values()} == {SubmissionUnknownError}
    assert {item.state for item in (await lines(ledger)).values()} == {ItemState.INTENT}
    emulator.faults.clear()
    again = await collect(wide, batch, ledger=ledger)
    assert all(outcome.ok for outcome in again.values())
    assert charged(emulator) == once(batch)
    assert len(set(keys_sent(emulator))) == 1
