"""``run`` and ``submit`` with ``key=`` and ``ledger=``: one render for a key, however it goes."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from heygen_async import (
    AddMotion,
    HeyGen,
    ImageVideo,
    InvalidRequestError,
    ItemState,
    JobFailedError,
    JobTimeoutError,
    Ledger,
    LedgerError,
    RetryPolicy,
)
from heygen_async.emulator import Fault
from tests.conftest import image_video

CREATE = "POST /v3/videos"
SPEC = image_video()


@pytest.fixture
async def ledger(tmp_path):
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        yield ledger


@pytest.fixture
async def another(emulator):
    """Give another client on the same account, as another process would have it."""
    async with HeyGen(emulator.api_key, base_url=emulator.url) as client:
        yield client


def keys_of(emulator):
    return [
        seen.headers.get("Idempotency-Key") for seen in emulator.received if seen.route == CREATE
    ]


async def crash(emulator, ledger, key="order-1"):
    """Leave the row of a process that died between its POST and the answer."""
    emulator.faults.add(Fault(route=CREATE, reset="after"))
    once = RetryPolicy(max_attempts=1)
    async with HeyGen(emulator.api_key, base_url=emulator.url, retry=once) as dying:
        with pytest.raises(Exception, match="its outcome is not known"):
            await dying.run(SPEC, key=key, ledger=ledger)
    emulator.faults.clear()


async def test_a_key_is_rendered_once(heygen, another, emulator, ledger):
    """Called again it gives the result, with fresh URLs, and the key has gone to the vendor."""
    first = await heygen.run(SPEC, key="order-1", ledger=ledger)
    again = await another.run(SPEC, key="order-1", ledger=ledger)
    assert again.id == first.id
    assert "signature=" in again.video_url
    assert len(emulator.wallet.charges) == 1
    assert keys_of(emulator) == ["order-1"]
    assert (await ledger.get("order-1")).state is ItemState.COMPLETED


async def test_two_at_a_time_are_one_render(heygen, another, emulator, ledger):
    """The second waits for the first."""
    videos = await asyncio.gather(
        heygen.run(SPEC, key="order-1", ledger=ledger),
        another.run(SPEC, key="order-1", ledger=ledger),
    )
    assert videos[0].id == videos[1].id
    assert emulator.count(CREATE) == 1


async def test_after_a_crash_it_goes_on(heygen, emulator, ledger):
    """What was paid before the answer was lost is not paid again."""
    await crash(emulator, ledger)
    assert (await ledger.get("order-1")).state is ItemState.INTENT
    await heygen.run(SPEC, key="order-1", ledger=ledger)
    assert keys_of(emulator) == ["order-1"] * 2
    assert len(emulator.wallet.charges) == 1


async def test_another_spec_under_the_key_is_refused(heygen, emulator, ledger):
    """Nothing is sent for it."""
    await heygen.run(SPEC, key="order-1", ledger=ledger)
    with pytest.raises(InvalidRequestError, match="another spec"):
        await heygen.run(image_video(script="Other"), key="order-1", ledger=ledger)
    assert emulator.count(CREATE) == 1


async def test_a_result_that_the_vendor_has_deleted_comes_from_the_ledger(heygen, another, ledger):
    """Its URLs are those of then, without signatures."""
    first = await heygen.run(SPEC, key="order-1", ledger=ledger)
    await heygen.videos.delete(first.id)
    again = await another.run(SPEC, key="order-1", ledger=ledger)
    assert (again.id, again.duration) == (first.id, first.duration)
    assert again.video_url.endswith("?…")


async def test_a_failure_is_told_again_and_a_new_render_has_a_new_key(heygen, emulator, ledger):
    """The vendor would answer the old one with the failed job."""
    failing = lambda job: emulator.fail(job.id, "oops", "No face")  # noqa: E731
    with pytest.raises(JobFailedError, match="No face"):
        await heygen.run(SPEC, key="order-1", ledger=ledger, on_submit=failing)
    with pytest.raises(JobFailedError, match="No face"):
        await heygen.run(SPEC, key="order-1", ledger=ledger)
    assert await ledger.reopen(failed=True) == 1
    await heygen.run(SPEC, key="order-1", ledger=ledger)
    first, second = keys_of(emulator)
    assert first == "order-1" != second


async def test_a_key_that_the_vendor_would_not_take_names_the_row_only(heygen, emulator, ledger):
    """Of other letters, or of an operation that honours none."""
    await heygen.run(SPEC, key="Bestellung für Ada", ledger=ledger)
    assert "Bestellung" not in keys_of(emulator)[0]
    motion = AddMotion(id="photo_ada", prompt="nods", motion_type="kling")
    with pytest.warns(DeprecationWarning, match="retired"):
        for _ in range(2):
            await heygen.run(motion, key="motion", ledger=ledger)
        with pytest.raises(InvalidRequestError, match="honours no idempotency key"):
            await heygen.run(motion, key="motion")
    assert len(emulator.wallet.charges) == 2


async def test_submit_gives_the_job_and_sees_it_out(heygen, another, emulator, ledger):
    """Its end is written down though nobody waits; run and submit find the same job."""
    job = await heygen.submit(SPEC, key="order-1", ledger=ledger)
    assert (await ledger.get("order-1")).token == job.token
    assert (await heygen.submit(SPEC, key="order-2", ledger=ledger)).id != job.id
    await asyncio.sleep(3600)
    assert (await ledger.get("order-1")).state is ItemState.COMPLETED
    assert (await another.submit(SPEC, key="order-1", ledger=ledger)).id == job.id
    assert (await another.run(SPEC, key="order-1", ledger=ledger)).id == job.id
    assert len(emulator.wallet.charges) == 2


async def test_submit_holds_a_slot_until_the_end(nothing_left, emulator, ledger):
    """The second is sent when the first has ended."""
    async with HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=1) as heygen:
        first = await heygen.submit(SPEC, key="order-1", ledger=ledger)
        await heygen.submit(SPEC, key="order-2", ledger=ledger)
        assert first.status.terminal
    assert (await ledger.counts())[ItemState.SUBMITTED] == 1


async def test_what_submit_is_refused_with_is_raised(heygen, emulator, ledger):
    """And so is what comes of a row that has no job."""
    emulator.faults.add(Fault(route=CREATE, nth=1, status=402))
    with pytest.raises(Exception, match="402"):
        await heygen.submit(SPEC, key="order-1", ledger=ledger)
    job = await heygen.submit(SPEC, key="order-1", ledger=ledger)
    with pytest.raises(InvalidRequestError, match="another spec"):
        await heygen.submit(image_video(script="Other"), key="order-1", ledger=ledger)
    assert await job


async def test_a_cancelled_run_goes_on_with_the_next_call(nothing_left, heygen, emulator, ledger):
    """The job is in the ledger, and no orphan."""
    running = asyncio.create_task(heygen.run(SPEC, key="order-1", ledger=ledger))
    await asyncio.sleep(20)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert heygen.orphans() == ()
    await heygen.run(SPEC, key="order-1", ledger=ledger)
    assert len(emulator.wallet.charges) == 1


async def test_options_work_as_without_a_ledger(heygen, emulator, ledger):
    """Headers are for the submission, the timeout for the wait."""
    told = []
    with pytest.raises(JobTimeoutError) as caught:
        await heygen.run(
            SPEC,
            key="order-1",
            ledger=ledger,
            timeout=1,
            headers={"X-Trace": "t1"},
            on_submit=told.append,
        )
    assert [job.token for job in told] == [caught.value.job.token]
    sent = [(seen.route, seen.headers.get("X-Trace")) for seen in emulator.received]
    assert (CREATE, "t1") in sent
    with pytest.raises(InvalidRequestError):
        await heygen.run(SPEC, key="order-2", ledger=ledger, timeout=-1)


async def test_a_ledger_that_is_stopping_lets_nothing_out(heygen, emulator, ledger):
    """Neither of ``run`` nor of ``map``; what runs is seen out."""
    running = asyncio.create_task(heygen.run(SPEC, key="order-1", ledger=ledger))
    await asyncio.sleep(20)
    ledger.stopping.set()
    await running
    with pytest.raises(LedgerError, match="asked to stop"):
        await heygen.run(SPEC, key="order-2", ledger=ledger)
    with pytest.raises(LedgerError, match="asked to stop"):
        await heygen.submit(SPEC, key="order-2", ledger=ledger)
    batch = heygen.map([SPEC], key=lambda _: "order-3", ledger=ledger)
    assert [outcome async for outcome in batch] == []
    assert emulator.count(CREATE) == 1


async def test_a_stop_ends_a_wait_for_a_slot(emulator, ledger):
    """Of a run that waits in its queue."""
    async with HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=1) as heygen:
        await heygen.submit(SPEC, key="order-1", ledger=ledger)
        waiting = asyncio.create_task(heygen.run(SPEC, key="order-2", ledger=ledger))
        await asyncio.sleep(1)
        ledger.stopping.set()
        with pytest.raises(LedgerError, match="asked to stop"):
            await waiting
    assert emulator.count(CREATE) == 1


@pytest.mark.parametrize("call", ["run", "submit"])
async def test_a_ledger_needs_a_key_and_a_key_has_one_value(heygen, emulator, ledger, call):
    """``idempotency_key`` is another name of ``key``."""
    start = getattr(heygen, call)
    with pytest.raises(InvalidRequestError, match="needs key="):
        await start(SPEC, ledger=ledger)
    with pytest.raises(InvalidRequestError, match="are the same thing"):
        await start(SPEC, key="a", idempotency_key="b")
    with pytest.raises(InvalidRequestError, match="idempotency_key must be"):
        await start(SPEC, key="no key")
    assert not emulator.received
    await start(SPEC, key="a", idempotency_key="a")
    await start(SPEC, idempotency_key="b", ledger=ledger)
    assert keys_of(emulator) == ["a", "b"]
    assert (await ledger.get("b")).token is not None


async def test_key_is_the_idempotency_key_everywhere(heygen, emulator):
    """One job for it, from whatever method."""
    jobs = [
        await heygen.submit(SPEC, key="k"),
        await heygen.videos.create(SPEC, key="k"),
        *(await heygen.submit_all(SPEC, key="k")),
    ]
    assert len({job.id for job in jobs}) == 1
    batches = [await heygen.videos.create_batch([SPEC, SPEC], key="b") for _ in range(2)]
    assert batches[0].id == batches[1].id
    assert len(emulator.wallet.charges) == 3


async def test_a_client_tells_where_a_key_is_honoured(heygen):
    """Of a spec, and of a class of specs."""
    assert heygen.honours_key(SPEC)
    assert heygen.honours_key(ImageVideo)
    assert not heygen.honours_key(AddMotion)
    with pytest.raises(InvalidRequestError, match="no spec"):
        heygen.honours_key(str)


class Slots:
    """What ``Ledger.slots`` gives where several processes share a ledger."""

    limit = 3

    def __init__(self):
        self.heard = []

    def for_account(self, account):
        self.heard.append(("account", account["api"]))

    def pace(self, limit, window):
        self.heard.append(("pace", limit, window))
        return self

    async def acquire(self, key=None, *, first=False):
        self.heard.append(("acquire", key))
        return key

    async def bind(self, slot, token):
        self.heard.append(("bind", slot))

    async def release(self, slot, *, pause=None, running=False):
        self.heard.append(("release", slot, running))


async def test_shared_slots_learn_the_account_and_set_the_pace(emulator):
    """Once for a client; each POST takes its turn with all processes where the vendor counts."""
    from heygen_async import JoggAI, JoggMotion

    slots = Slots()
    motion = JoggMotion(
        image_url="https://example.com/a.png",
        name="Ada",
        voice_id="en-US-ChristopherNeural",
        model="2.0",
    )
    async with JoggAI(
        emulator.jogg_api_key, base_url=emulator.jogg_url, max_concurrent_jobs=slots
    ) as jogg:
        assert slots.heard[0] == ("account", "JoggAI")
        assert slots.heard[1][0] == "pace"
        await jogg.run(motion)
    kinds = [told[0] for told in slots.heard[2:]]
    key = slots.heard[2][1]
    assert kinds == ["acquire", "acquire", "bind", "release"]
    assert slots.heard[3] == ("acquire", None)  # the turn of the POST
    assert slots.heard[4:] == [("bind", key), ("release", key, False)]


async def test_a_row_is_asked_for_a_slot_by_its_key(emulator, ledger, monkeypatch):
    """And the ledger's slots take the place of the client's."""
    slots = Slots()
    monkeypatch.setattr(ledger, "slots", lambda limit, own: slots)
    async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
        await heygen.run(SPEC, key="order-1", ledger=ledger)
        await heygen.run(SPEC, key="order-1", ledger=ledger)  # which has ended and needs none
    assert [told for told in slots.heard if told[0] in ("acquire", "release")] == [
        ("acquire", "order-1"),
        ("release", "order-1", False),
    ]
    assert ("account", "HeyGen") in slots.heard


async def test_a_file_of_another_machine_counts_as_saved(heygen, emulator, ledger, tmp_path):
    """It is fetched here only if that is asked for."""
    options = {"key": lambda _: "order-1", "ledger": ledger, "download_to": tmp_path / "out"}

    async def go(**more):
        (outcome,) = [each async for each in heygen.map([SPEC], **options, **more)]
        return outcome

    first = await go()
    first.path.unlink()
    item = await ledger.get("order-1")
    assert item.machine is None  # a file ledger is of one machine
    await ledger.put(attrs.evolve(item, machine="elsewhere"))
    before = len(emulator.received)
    outcome = await go()
    assert outcome.ok
    assert outcome.path is None
    assert len(emulator.received) == before
    assert (await go(redownload=True)).path == first.path
    assert first.path.is_file()
    assert (await ledger.get("order-1")).machine is None
    assert emulator.count(CREATE) == 1
