"""What a dead process has left is seen out from its row alone, without the spec and its files."""

from __future__ import annotations

import asyncio
import json
import time

import attrs
import pytest

from heygen_async import (
    ClaimLostError,
    HeyGen,
    ItemState,
    Ledger,
    RetryPolicy,
    SubmissionUnknownError,
)
from heygen_async.batch.takeover import see_out
from heygen_async.emulator import Fault
from heygen_async.jobs.limiter import JobLimiter
from heygen_async.transport.http import Transport
from tests.conftest import PORTRAIT, image_video

CREATE = "POST /v3/videos"
UPLOAD = "POST /v3/assets"
DAY = 24 * 3600.0


@pytest.fixture
async def ledger(tmp_path):
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        yield ledger


@pytest.fixture
def portrait(tmp_path):
    path = tmp_path / "portrait.jpg"
    path.write_bytes(PORTRAIT.read_bytes())
    return path


@pytest.fixture
def take_over(heygen, ledger):
    """See out a row as the upkeep of a shared ledger does; return the row."""

    async def go(key="a"):
        line = await ledger.take(key)
        service, retry = heygen._service, RetryPolicy()
        await see_out(line, ledger, service=service, slots=JobLimiter(1), retry=retry)
        assert await asyncio.wait_for(ledger.take(key), 1)  # it was left
        ledger.leave(key)
        return await ledger.get(key)

    return go


async def crash(emulator, ledger, spec, *, reset="after"):
    """Leave the row of a process that died before the answer to its POST."""
    emulator.faults.add(Fault(route=CREATE, reset=reset))
    once = RetryPolicy(max_attempts=1)
    async with HeyGen(emulator.api_key, base_url=emulator.url, retry=once) as dying:
        with pytest.raises(SubmissionUnknownError):
            await dying.run(spec, key="a", ledger=ledger)
    emulator.faults.clear()


@pytest.fixture
def bodies(monkeypatch):
    """Give the bodies of the POSTs that were sent, as bytes."""
    sent, send_once = [], Transport.send_once

    async def spy(transport, request):
        if f"{request.method} {request.path}" == CREATE:
            sent.append(json.dumps(request.json).encode())
        return await send_once(transport, request)

    monkeypatch.setattr(Transport, "send_once", spy)
    return sent


async def test_what_may_have_been_sent_is_sent_again_as_it_was(
    take_over, emulator, ledger, portrait, bodies
):
    """The same bytes under the same key, though the file is another one by now."""
    await crash(emulator, ledger, image_video(image=portrait))
    portrait.write_bytes(b"another picture")
    row = await take_over()
    first, second = bodies
    assert first == second
    assert emulator.count(UPLOAD) == len(emulator.wallet.charges) == 1
    assert (row.state, row.request, row.attempts) == (ItemState.COMPLETED, None, 1)
    assert row.result["id"] == row.token.rpartition("/")[2]


async def test_the_clock_of_the_ledger_tells_whether_a_key_is_still_good(
    take_over, emulator, ledger, monkeypatch
):
    """That of this machine may be days ahead."""
    await crash(emulator, ledger, image_video())
    right = time.time
    monkeypatch.setattr(ledger, "time", right)
    monkeypatch.setattr(time, "time", lambda: right() + 2 * DAY)
    await take_over()
    assert emulator.count(CREATE) == 2
    assert len(emulator.wallet.charges) == 1


async def test_a_run_sends_again_what_is_kept(heygen, emulator, ledger, portrait, bodies):
    """Nothing is uploaded anew, which would be another asset, and another body."""
    spec = image_video(image=portrait)
    await crash(emulator, ledger, spec)
    await heygen.run(spec, key="a", ledger=ledger)
    first, second = bodies
    assert first == second
    assert emulator.count(UPLOAD) == len(emulator.wallet.charges) == 1


async def test_the_request_is_kept_while_its_answer_is_not_known(heygen, emulator, ledger, bodies):
    """From before the POST on, and not after the answer."""
    spec = image_video(script="Grüß dich", callback_id="mine")
    await crash(emulator, ledger, spec)
    row = await ledger.get("a")
    assert row.request["path"] == "/v3/videos"
    assert json.dumps(row.request["json"]).encode() == bodies[0]
    await heygen.run(spec, key="a", ledger=ledger)
    assert (await ledger.get("a")).request is None


async def test_a_request_with_a_signed_url_is_not_kept(heygen, take_over, emulator, ledger):
    """So only who has the spec can send it again."""
    spec = image_video(image="https://files.example/ada.png?Signature=secret")
    await crash(emulator, ledger, spec)
    row = await ledger.get("a")
    assert (row.state, row.request) == (ItemState.INTENT, None)
    assert await take_over() == row
    assert emulator.count(CREATE) == 1
    await heygen.run(spec, key="a", ledger=ledger)
    assert len(emulator.wallet.charges) == 1


async def test_a_job_that_runs_is_waited_for(heygen, take_over, emulator, ledger):
    """Its end is written down, a failure as well."""
    spec = image_video()
    for key in ("good", "bad"):
        job = await heygen.submit(spec)
        await ledger.put(
            attrs.evolve(
                await _row(ledger, key), state=ItemState.SUBMITTED, token=job.token, attempts=1
            )
        )
    emulator.fail(job.id, "oops", "No face")
    assert (await take_over("good")).state is ItemState.COMPLETED
    failed = await take_over("bad")
    assert (failed.state, failed.error, failed.error_code) == (ItemState.FAILED, "No face", "oops")
    assert emulator.count(CREATE) == 2


async def _row(ledger, key):
    from heygen_async import LedgerItem

    return await ledger.get(key) or LedgerItem(
        key=key, digest="d", state=ItemState.OPEN, kind="heygen.video"
    )


@pytest.mark.parametrize("change", ["open", "old", "uncertain", "unknown kind", "stopping"])
async def test_what_nobody_can_go_on_with_is_left(take_over, emulator, ledger, change):
    """For whoever comes with the spec."""
    await crash(emulator, ledger, image_video())
    row = await ledger.get("a")
    row = {
        "open": attrs.evolve(row, state=ItemState.OPEN),
        "old": attrs.evolve(row, intended_at=row.intended_at - 2 * DAY),
        "uncertain": attrs.evolve(row, state=ItemState.UNCERTAIN),
        "unknown kind": attrs.evolve(row, kind="heygen.hologram"),
        "stopping": row,
    }[change]
    await ledger.put(row)
    if change == "stopping":
        ledger.stopping.set()
    assert await take_over() == row
    assert emulator.count(CREATE) == 1


async def test_what_is_cancelled_on_the_wire_is_written_before_the_row_is_left(
    heygen, emulator, ledger
):
    """Else the next one would find an intent whose answer is on its way."""
    await crash(emulator, ledger, image_video(), reset="before")  # a replay would not wait
    emulator.faults.add(Fault(route=CREATE, delay=10))
    line = await ledger.take("a")
    service, retry = heygen._service, RetryPolicy()
    seeing = see_out(line, ledger, service=service, slots=JobLimiter(1), retry=retry)
    task = asyncio.create_task(seeing)
    await asyncio.sleep(5)
    task.cancel()
    waiting = asyncio.create_task(ledger.take("a"))
    await asyncio.sleep(1)
    assert not waiting.done()
    assert (await waiting).state is ItemState.SUBMITTED
    ledger.leave("a")


# What another process has taken over


@pytest.fixture
def losing(ledger, monkeypatch):
    """Let the claim of a key be lost at a write that a function picks."""
    put = ledger.put

    def lose(key, when):
        async def losing(*items):
            if any(item.key == key and when(item) for item in items):
                raise ClaimLostError(f"{key} was taken over")
            await put(*items)

        monkeypatch.setattr(ledger, "put", losing)

    return lose


@pytest.mark.parametrize("state", ["intent", "submitted", "completed"])
@pytest.mark.parametrize("in_batches", [False, True])
async def test_a_lost_claim_is_the_trouble_of_one_item(  # noqa: PLR0917 - fixtures
    heygen, emulator, ledger, losing, state, in_batches
):
    """Nothing more is sent for it, and the others go on; a job that was paid is told."""
    losing("t1", lambda item: item.state == state)
    specs = [image_video(title=f"t{number}") for number in range(3)]
    run = heygen.map(
        specs, key=lambda spec: spec.title, ledger=ledger, submit_in_batches=in_batches
    )
    outcomes = {outcome.key: outcome async for outcome in run}
    assert isinstance(outcomes["t1"].error, ClaimLostError)
    assert all(outcomes[key].ok for key in ("t0", "t2"))
    assert len(emulator.wallet.charges) == (2 if state == "intent" else 3)
    told = [orphan.job.id for orphan in heygen.orphans()]
    assert told == ([outcomes["t1"].job.id] if state == "submitted" else [])
    assert (outcomes["t1"].result is None) == (state != "completed")
