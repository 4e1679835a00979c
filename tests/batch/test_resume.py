"""A batch with a ledger goes on where it was: nothing is lost, and nothing is paid twice."""

from __future__ import annotations

import asyncio
import json
import threading

import attrs
import pytest

from heygen_async import (
    AddMotion,
    HeyGen,
    InvalidRequestError,
    ItemState,
    JobFailedError,
    Ledger,
    LedgerError,
    LegacyVideo,
    RetryPolicy,
    SubmissionUnknownError,
)
from heygen_async.batch.files import spec_digest
from heygen_async.emulator import Fault
from tests.conftest import PORTRAIT, image_video

CREATE = "POST /v3/videos"
LEGACY = "POST /v2/videos"
MOTION = "POST /v2/photo_avatar/add_motion"
DAY = 24 * 3600.0

pytestmark = pytest.mark.filterwarnings("ignore:HeyGen retired")


def by_title(spec):
    return spec.title


def specs(count):
    return [image_video(title=f"t{number}") for number in range(count)]


def legacy(title="Ada"):
    return LegacyVideo(
        image_url="https://example.com/a.png", script="Hi", voice_id="v1", title=title
    )


@pytest.fixture
async def ledger(tmp_path):
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        yield ledger


@pytest.fixture
def run(heygen, ledger):
    """Run a batch on the ledger and return its outcomes by key."""

    async def go(batch, *, key=by_title, client=heygen, **options):
        outcomes = client.map(batch, key=key, ledger=ledger, **options)
        return {outcome.key: outcome async for outcome in outcomes}

    return go


async def crash(heygen, emulator, ledger, batch, *, before=False, key=by_title):
    """Leave the intents of a run that died around its POSTs: the answers are never read."""
    route = f"POST {batch_path(batch[0])}"
    emulator.faults.add(Fault(route=route, reset="before" if before else "after"))
    async with HeyGen(
        emulator.api_key, base_url=emulator.url, retry=RetryPolicy(max_attempts=1)
    ) as dying:
        async for _ in dying.map(batch, key=key, ledger=ledger):
            pass
    emulator.faults.clear()
    async for item in ledger.items():
        await ledger.put(attrs.evolve(item, state=ItemState.INTENT))


def batch_path(spec):
    return {
        "ImageVideo": "/v3/videos",
        "LegacyVideo": "/v2/videos",
        "AddMotion": "/v2/photo_avatar/add_motion",
    }[type(spec).__name__]


async def test_a_ledger_needs_keys(heygen, ledger):
    """Refused where ``map`` is called."""
    with pytest.raises(InvalidRequestError, match="a ledger needs key="):
        heygen.map(specs(1), ledger=ledger)


@pytest.mark.parametrize("wrong", [None, "", 5])
async def test_a_key_must_be_text(run, wrong):
    """What ``key`` makes is checked before anything is sent."""
    outcomes = await run(specs(1), key=lambda spec: wrong)
    assert isinstance(outcomes[None].error, InvalidRequestError)


async def test_a_run_is_written_down(run, ledger, emulator, tmp_path):
    """Each item has its token, its key, its times and its file."""
    await run(specs(5), download_to=tmp_path / "out")
    async for item in ledger.items():
        assert item.state is ItemState.COMPLETED
        assert item.token.startswith("heygen.video/")
        assert item.path == str(tmp_path / "out" / f"{item.key}.mp4")
        assert item.intended_at <= item.submitted_at <= item.ended_at
        assert item.error is None
        assert item.ended
    sent = [seen for seen in emulator.received if seen.route == CREATE]
    keys = {seen.headers["Idempotency-Key"] for seen in sent}
    assert keys == {item.idempotency_key async for item in ledger.items()}


async def test_the_intent_is_there_before_the_post_and_the_id_after_it(run, ledger, emulator):
    """What the ledger says while the server works on the POST, and when the job is known."""
    emulator.faults.add(Fault(route=CREATE, delay=10))
    seen = []

    async def look():
        while not emulator.count(CREATE):
            await asyncio.sleep(0.5)
        seen.append(await ledger.get("t0"))

    looking = asyncio.create_task(look())
    await run(specs(1), on_submit=lambda o: seen.append(asyncio.create_task(ledger.get(o.key))))
    await looking
    intent, submitted = seen[0], await seen[1]
    assert (intent.state, intent.token) == (ItemState.INTENT, None)
    assert intent.idempotency_key is not None
    assert submitted.token is not None


async def test_finished_items_are_not_touched(run, emulator, tmp_path):
    """A second run sends nothing at all, and still tells of every item."""
    first = await run(specs(5), download_to=tmp_path / "out")
    before = len(emulator.received)
    again = await run(specs(5), download_to=tmp_path / "out")
    assert len(emulator.received) == before
    assert {key: outcome.path for key, outcome in again.items()} == {
        key: outcome.path for key, outcome in first.items()
    }
    outcome = again["t0"]
    assert outcome.ok
    assert (await outcome.job).id == first["t0"].job.id


async def test_a_finished_item_has_its_result(run, emulator):
    """Written down when it ended; the signatures of its URLs are not."""
    first = (await run(specs(1)))["t0"].unwrap()
    before = len(emulator.received)
    again = (await run(specs(1)))["t0"].unwrap()
    assert len(emulator.received) == before
    assert (again.id, again.duration, again.status) == (first.id, first.duration, "completed")
    assert "?" in first.video_url
    assert again.video_url == first.video_url.partition("?")[0] + "?…"


async def test_a_result_that_was_not_kept_is_fetched_by_its_job(run, ledger):
    """As of an earlier version, whose ledger goes on."""
    await run(specs(1))
    await ledger.put(attrs.evolve(await ledger.get("t0"), result=None))
    outcome = (await run(specs(1)))["t0"]
    with pytest.raises(InvalidRequestError, match=r"await outcome\.job"):
        outcome.unwrap()
    assert (await outcome.job).video_url


async def test_without_files_a_finished_item_is_not_asked_for(run, emulator):
    """Nothing is sent for it, and its job gives the result."""
    first = await run(specs(1))
    before = len(emulator.received)
    again = await run(specs(1))
    assert again["t0"].ok
    assert len(emulator.received) == before
    assert (await again["t0"].job).id == first["t0"].unwrap().id


async def test_a_file_that_was_lost_is_fetched_again(run, emulator, tmp_path):
    """Nothing is rendered anew for it."""
    first = await run(specs(1), download_to=tmp_path)
    first["t0"].path.unlink()
    again = await run(specs(1), download_to=tmp_path)
    assert again["t0"].path == first["t0"].path
    assert again["t0"].path.is_file()
    assert len(emulator.wallet.charges) == 1


async def test_a_failed_download_is_made_up_for(run, ledger, emulator, tmp_path):
    """The item stays without a file, and the next run fetches it, over a leftover if need be."""
    emulator.faults.add(Fault(route="FILES", status=500))
    first = await run(specs(1), download_to=tmp_path)
    assert not first["t0"].ok
    item = await ledger.get("t0")
    assert (item.state, item.path) == (ItemState.COMPLETED, None)
    assert "500" in item.error
    emulator.faults.clear()
    (tmp_path / "t0.mp4").write_bytes(b"a file that was renamed before the ledger knew")
    again = await run(specs(1), download_to=tmp_path)
    assert again["t0"].path.read_bytes()[4:8] == b"ftyp"
    assert len(emulator.wallet.charges) == 1


async def test_submitted_items_are_attached(run, heygen, ledger, emulator):
    """A run that was left goes on with the jobs that run."""
    async for _ in (outcomes := heygen.map(specs(30), key=by_title, ledger=ledger)):
        break
    await outcomes.aclose()
    assert (await ledger.counts())[ItemState.SUBMITTED] >= 9
    outcomes = await run(specs(30))
    assert len(outcomes) == 30
    assert all(outcome.ok for outcome in outcomes.values())
    assert len(emulator.wallet.charges) == emulator.count(CREATE) == 30


@pytest.mark.parametrize("before", [True, False])
async def test_an_intent_is_sent_again_with_its_key(run, heygen, emulator, ledger, before):
    """Whether the server had it or not: one render, one charge."""
    await crash(heygen, emulator, ledger, specs(3), before=before)
    assert len(emulator.wallet.charges) == (0 if before else 3)
    outcomes = await run(specs(3))
    assert all(outcome.ok for outcome in outcomes.values())
    assert len(emulator.wallet.charges) == len(emulator.videos) == 3
    keys = [seen.headers["Idempotency-Key"] for seen in emulator.received if seen.route == CREATE]
    assert len(keys) == 6
    assert len(set(keys)) == 3


async def age(ledger, seconds):
    """Let all of the ledger be so much older."""
    async for item in ledger.items():
        await ledger.put(attrs.evolve(item, intended_at=item.intended_at - seconds))


async def test_an_intent_older_than_a_day_is_uncertain(run, heygen, emulator, ledger):
    """The key has expired, so it is not sent again, and a video of its title may be anybody's."""
    batch = specs(2)
    await crash(heygen, emulator, ledger, batch)
    await age(ledger, 2 * DAY)
    outcomes = await run(batch)
    assert all(isinstance(o.error, SubmissionUnknownError) for o in outcomes.values())
    assert len(emulator.wallet.charges) == 2


async def test_a_lookup_that_finds_nothing_is_uncertain(run, heygen, emulator, ledger):
    """Absence is no proof: it is not sent again, in this run or the next."""
    await crash(heygen, emulator, ledger, specs(1), before=True)
    await age(ledger, 2 * DAY)
    for _ in range(2):
        outcomes = await run(specs(1))
        assert isinstance(outcomes["t0"].error, SubmissionUnknownError)
        assert (await ledger.get("t0")).state is ItemState.UNCERTAIN
    assert not emulator.wallet.charges


async def test_v2_is_uncertain_at_once(run, heygen, emulator, ledger):
    """It honours no key and echoes no label, and a title is nobody's own."""
    await crash(heygen, emulator, ledger, [legacy()])
    outcomes = await run([legacy()])
    assert isinstance(outcomes["Ada"].error, SubmissionUnknownError)
    assert (await ledger.get("Ada")).state is ItemState.UNCERTAIN
    assert len(emulator.wallet.charges) == 1


async def test_two_of_one_title_are_told_apart_by_nobody(run, heygen, emulator, ledger):
    """Where two items of a title lack their jobs, a video of that title is given to neither."""
    batch = [attrs.evolve(legacy(), script=script) for script in ("Hi", "Bye")]
    await crash(heygen, emulator, ledger, batch, key=lambda spec: spec.script)
    outcomes = await run(batch, key=lambda spec: spec.script)
    assert all(isinstance(o.error, SubmissionUnknownError) for o in outcomes.values())
    assert len(emulator.wallet.charges) == 2


async def test_motion_without_an_answer_is_uncertain_until_reopened(run, heygen, emulator, ledger):
    """There is no list to look in; only the user can say that it is to be paid again."""
    motion = [AddMotion(id="photo_ada", prompt="nods", motion_type="kling")]
    emulator.faults.add(Fault(route=MOTION, nth=1, reset="after"))
    for _ in range(2):
        outcomes = await run(motion, key=lambda spec: spec.prompt)
        assert isinstance(outcomes["nods"].error, SubmissionUnknownError)
        assert (await ledger.counts()) == {ItemState.UNCERTAIN: 1}
    assert len(emulator.wallet.charges) == 1
    assert await ledger.reopen(failed=True) == 0
    assert await ledger.reopen(uncertain=True) == 1
    outcomes = await run(motion, key=lambda spec: spec.prompt)
    assert outcomes["nods"].ok
    assert len(emulator.wallet.charges) == 2


async def test_a_failed_render_is_not_paid_again_by_itself(run, ledger, emulator):
    """The second run repeats the vendor's reason; reopened, it is submitted with a new key."""
    first = await run(specs(1), on_submit=lambda o: emulator.fail(o.job.id, "oops", "No face"))
    for outcomes in (first, await run(specs(1))):
        error = outcomes["t0"].error
        assert isinstance(error, JobFailedError)
        assert (error.code, error.message) == ("oops", "No face")
        assert error.job.token == first["t0"].job.token
    assert emulator.count(CREATE) == 1
    assert await ledger.reopen(failed=True) == 1
    assert (await run(specs(1)))["t0"].ok
    keys = {seen.headers["Idempotency-Key"] for seen in emulator.received if seen.route == CREATE}
    assert len(keys) == 2


async def test_local_files_are_digested_in_a_thread(run, monkeypatch):
    """The loop does not wait for a disk; a spec without files costs no thread."""
    seen = []

    def digested(spec):
        seen.append(threading.current_thread() is threading.main_thread())
        return spec_digest(spec)

    monkeypatch.setattr("heygen_async.batch.rendering.spec_digest", digested)
    await run([image_video(title="file", image=PORTRAIT)])
    await run(specs(1))
    assert seen == [False, True]


async def test_a_job_that_no_ledger_could_keep_is_reported(heygen, ledger, emulator, tmp_path):
    """The batch was left and the ledger was lost while the POST was on its way."""
    emulator.faults.add(Fault(route=CREATE, delay=10))
    outcomes = heygen.map(specs(1), key=by_title, ledger=ledger)
    reading = asyncio.create_task(anext(outcomes))
    await asyncio.sleep(5)
    (tmp_path / "run.sqlite").unlink()
    await outcomes.aclose()
    await asyncio.wait([reading])
    assert isinstance(reading.exception(), LedgerError | StopAsyncIteration)
    (charge,) = emulator.wallet.charges
    assert [orphan.job.id for orphan in heygen.orphans()] == [charge.job_id]


async def test_a_signature_in_the_vendors_reason_is_not_written(run, ledger, emulator):
    """A message may quote a signed URL: the ledger has it without its query."""
    reason = "cannot read https://files.example/a.png?Signature=secret today"
    await run(specs(1), on_submit=lambda o: emulator.fail(o.job.id, "oops", reason))
    assert (await ledger.get("t0")).error == "cannot read https://files.example/a.png?… today"


async def test_a_refused_spec_is_tried_again(run, ledger, emulator):
    """A 402 leaves the item open, with the reason; the next run submits it."""
    emulator.faults.add(Fault(route=CREATE, nth=1, status=402))
    assert not (await run(specs(1)))["t0"].ok
    item = await ledger.get("t0")
    assert item.state is ItemState.OPEN
    assert "402" in item.error
    assert (await run(specs(1)))["t0"].ok
    assert (await ledger.get("t0")).error is None


async def test_a_refused_spec_may_be_mended(run, emulator):
    """Nothing was done for it, so its key takes the corrected spec."""
    emulator.faults.add(Fault(route=CREATE, nth=1, status=400))
    await run(specs(1))
    mended = [image_video(title="t0", script="Mended")]
    assert (await run(mended))["t0"].ok


async def test_a_key_with_another_spec_is_refused(run, emulator):
    """Both digests are named, and nothing is sent."""
    await run(specs(1))
    outcomes = await run([image_video(title="t0", script="Changed")])
    assert isinstance(outcomes["t0"].error, InvalidRequestError)
    assert "another spec" in str(outcomes["t0"].error)
    assert emulator.count(CREATE) == 1


async def test_a_key_that_stands_twice_is_rendered_once(heygen, ledger, emulator):
    """In one run and in two at the same time: the others wait for the first, and have its job."""

    async def go():
        return [o async for o in heygen.map(specs(1) * 2, key=by_title, ledger=ledger)]

    outcomes = [outcome for each in await asyncio.gather(go(), go()) for outcome in each]
    assert len({outcome.unwrap().id for outcome in outcomes}) == 1
    assert len(outcomes) == 4
    assert len(emulator.wallet.charges) == emulator.count(CREATE) == 1


async def test_a_429_leaves_no_intent_behind(heygen, ledger, emulator):
    """A spec that waits for its turn after a refusal was surely not accepted."""
    emulator.faults.add(Fault(route=CREATE, status=429, retry_after=60))
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(30, stop.set)
    outcomes = heygen.map(specs(1), key=by_title, ledger=ledger, stop=stop)
    assert [outcome async for outcome in outcomes] == []
    assert await ledger.counts() == {ItemState.OPEN: 1}


async def test_a_full_disk_stops_the_batch_and_loses_nothing(database, heygen, ledger, emulator):
    """What runs is seen out, nothing more is submitted, and with room again all goes on."""
    batch = specs(200)
    database.room = 8
    ended = []
    with pytest.raises(LedgerError, match="the disk is full"):
        async for outcome in heygen.map(batch, key=by_title, ledger=ledger):
            ended.append(outcome)  # noqa: PERF401 - the loop raises
    assert 0 < len(emulator.wallet.charges) == emulator.count(CREATE) < 200
    assert sum(outcome.result is not None for outcome in ended) == len(emulator.wallet.charges)
    database.room = 10_000
    outcomes = [o async for o in heygen.map(batch, key=by_title, ledger=ledger)]
    assert all(outcome.ok for outcome in outcomes)
    assert len(emulator.wallet.charges) == 200


async def test_an_expired_intent_is_looked_up_by_its_callback_id(run, heygen, emulator, ledger):
    """Among the delivered events, which tell apart what has the same title."""
    endpoint = {"url": "https://example.com/hooks"}
    await heygen.request("POST", "/v3/webhooks/endpoints", json=endpoint)
    batch = [image_video(title="same", callback_id=name) for name in ("a", "b")]
    await crash(heygen, emulator, ledger, batch, key=lambda spec: spec.callback_id)
    await age(ledger, 2 * DAY)
    outcomes = await run(batch[:1], key=lambda spec: spec.callback_id)
    assert isinstance(outcomes["a"].error, SubmissionUnknownError)  # nothing was delivered


@pytest.mark.parametrize("wrong", ["\ud800"])
async def test_a_key_that_cannot_be_written_is_refused(run, wrong):
    """Half a surrogate pair is no text."""
    outcomes = await run(specs(1), key=lambda spec: wrong)
    assert isinstance(outcomes[None].error, InvalidRequestError)


async def test_an_error_that_repeats_secrets_is_written_without_them(run, emulator, tmp_path):
    """A vendor's message may hold the key or a signed URL."""
    said = f"bad key {emulator.api_key} at https://files.example/a.mp4?Signature=abc&Expires=1"
    body = json.dumps({"error": {"code": "invalid_parameter", "message": said}})
    emulator.faults.add(Fault(route=CREATE, status=400, body=body, content_type="application/json"))
    outcomes = await run(specs(1))
    assert emulator.api_key not in str(outcomes["t0"].error)
    written = b"".join(path.read_bytes() for path in tmp_path.glob("run.sqlite*"))
    assert b"https://files.example/a.mp4?" in written
    assert emulator.api_key.encode() not in written
    assert b"Signature" not in written


async def test_no_secret_gets_into_the_file(run, emulator, tmp_path):
    """Neither the key nor the query of a signed URL, after errors of all sorts."""
    emulator.faults.add(Fault(route="FILES", status=500))
    emulator.faults.add(Fault(route=CREATE, nth=2, status=400))
    await run(specs(3), download_to=tmp_path / "out")
    written = b"".join(path.read_bytes() for path in tmp_path.glob("run.sqlite*"))
    assert b"t0" in written
    assert emulator.api_key.encode() not in written
    assert b"ignature" not in written
    assert b"xpires" not in written
