"""Paid once, never lost: each way in which that promise was broken, at the public face.

The server is ``tests.vendor``: it counts what it charges, and misbehaves as each test says.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

import attrs
import pytest

from heygen_async import (
    AddMotion,
    APIError,
    HeyGen,
    HeyGenError,
    InsufficientCreditError,
    InvalidRequestError,
    ItemState,
    JobTimeoutError,
    JoggMotion,
    Ledger,
    LedgerError,
    LegacyVideo,
    NotFoundError,
    OrphanEvent,
    RetryPolicy,
    SubmissionUnknownError,
    TrainGroup,
    TransportError,
)
from tests.conftest import PORTRAIT, image_video
from tests.vendor import DAY, LOGIN, Answer, Vendor

pytestmark = pytest.mark.filterwarnings("ignore:HeyGen retired")

LEGACY = LegacyVideo(image_url="https://example.com/a.png", script="Hi", voice_id="v1", title="t")
MOTION = AddMotion(id="look", prompt="nods")
JOGG = JoggMotion(image_url="https://example.com/a.png", name="t", voice_id="v", model="2.0")


@pytest.fixture
async def vendor():
    async with Vendor() as running:
        yield running


@pytest.fixture
def wall(monkeypatch):
    """Give the wall clock, which follows the loop's, and can jump as when a machine slept."""
    real = time.time()
    jumped = [0.0]

    def now():
        try:
            virtual = asyncio.get_running_loop().time()
        except RuntimeError:
            virtual = 0.0
        return real + virtual + jumped[0]

    monkeypatch.setattr(time, "time", now)

    def jump(seconds):
        jumped[0] += seconds

    return jump


def key_of(spec):
    return getattr(spec, "title", None) or getattr(spec, "name", None) or spec.prompt


async def batch(client, specs, path, **options):
    """Run a batch on a ledger at ``path``; return outcomes by key, and what was written."""
    async with Ledger(path) as ledger:
        outcomes = client.map(specs, key=key_of, ledger=ledger, **options)
        ended = {outcome.key: outcome async for outcome in outcomes}
        return ended, {item.key: item async for item in ledger.items()}


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


PAGES = [
    Answer(work=False, status=302, body=LOGIN, headers={"Location": "https://hotel.example/"}),
    Answer(work=False, status=404, body=LOGIN),
    Answer(work=False, status=402, body=LOGIN),
    Answer(work=False, status=413, body=LOGIN),
    Answer(work=False, status=421, body=LOGIN),
    Answer(work=False, status=403, body=LOGIN),
    Answer(work=False, status=400, body={"error": {"code": "bad_gateway_page", "message": "?"}}),
    Answer(work=False, status=404, body={"code": 404, "message": "no Route matched"}),
]


def copies(*answers):
    return [attrs.evolve(answer) for answer in answers]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.status))
async def test_a_page_of_a_gateway_proves_nothing(vendor, tmp_path, page):
    """After a lost answer it leaves the item an intent, and the next run gets the one job."""
    vendor.plan.extend(copies(Answer(lost=True), page))
    async with vendor.heygen() as heygen:
        first, items = await batch(heygen, [image_video(title="a")], tmp_path / "l")
        assert isinstance(first["a"].error, SubmissionUnknownError)
        assert items["a"].state is ItemState.INTENT
        again, items = await batch(heygen, [image_video(title="a")], tmp_path / "l")
    assert again["a"].ok
    assert len(vendor.charges) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.status))
async def test_a_page_of_a_gateway_alone_proves_nothing_either(vendor, page):
    """The gateway may have passed the call on before it answered for itself."""
    for spec, client in (
        (image_video(), vendor.heygen),
        (JOGG, vendor.jogg),
        (LEGACY, vendor.heygen),
    ):
        vendor.plan.extend(copies(attrs.evolve(page, work=True)))
        async with client() as api:
            with pytest.raises(SubmissionUnknownError) as caught:
                await api.submit(spec)
        assert caught.value.spec == spec
        assert isinstance(caught.value.__cause__, APIError)


async def test_a_known_refusal_settles_what_was_lost(vendor, tmp_path):
    """The vendor's own envelope with a code of its own says that the key made no job."""
    refusal = {"error": {"code": "insufficient_credit", "message": "no"}}
    vendor.plan.extend(
        [Answer(work=False, lost=True), Answer(work=False, status=402, body=refusal)]
    )
    async with vendor.heygen() as heygen:
        outcomes, items = await batch(heygen, [image_video(title="a")], tmp_path / "l")
    assert isinstance(outcomes["a"].error, InsufficientCreditError)
    assert items["a"].state is ItemState.OPEN


@pytest.mark.parametrize("code", [99999, "0", None, "new", 50000, [1], {}, 1.5, True])
@pytest.mark.parametrize("spec", [JOGG], ids=["motion"])
async def test_a_job_beside_an_unknown_code_is_a_job(vendor, caplog, spec, code):
    """JoggAI's answer names the job, so it is paid, whatever the code says."""

    def told(job_id):
        return {"code": code, "msg": "odd", "data": {"motion_id": job_id, "avatar_id": 1}}

    vendor.plan.append(Answer(body=told))
    async with vendor.jogg() as jogg:
        with caplog.at_level(logging.WARNING):
            job = await jogg.submit(spec)
        assert job.id == vendor.charges[0]
        if code not in ("0", None):
            assert "odd" in job.warning
            assert job.token in caplog.text
        await job.wait()
    assert len(vendor.charges) == 1


@pytest.mark.parametrize("code", [99999, "0", None, "new", True, 50000])
async def test_an_unknown_code_without_a_job_is_unknown(vendor, tmp_path, code):
    """It is no refusal: the item is not submitted again by itself."""
    vendor.plan.append(Answer(body={"code": code, "msg": "odd", "data": None}))
    async with vendor.jogg() as jogg:
        for _ in range(2):
            outcomes, items = await batch(jogg, [JOGG], tmp_path / "l")
            assert isinstance(outcomes["t"].error, SubmissionUnknownError)
            assert items["t"].state is ItemState.UNCERTAIN
    assert len(vendor.charges) == 1


@pytest.mark.parametrize("status", [200, 202, 400, 409, 500])
@pytest.mark.parametrize("error", ["late", {"code": "w", "message": "credits are low"}, [1], True])
@pytest.mark.parametrize("spec", [image_video(), LEGACY, MOTION], ids=["v3", "v2", "motion"])
async def test_a_job_beside_an_error_is_a_job(vendor, spec, status, error):
    """A video_id in the answer is paid for, also beside a truthy ``error``."""

    def told(job_id):
        return {"data": {"video_id": job_id, "id": job_id, "status": "waiting"}, "error": error}

    vendor.plan.append(Answer(status=status, body=told))
    async with vendor.heygen() as heygen:
        job = await heygen.submit(spec)
        assert job.id == vendor.charges[0]
        assert job.warning
    assert len(vendor.posts) == len(vendor.charges) == 1


BEFORE_THE_KEY = {401: "unauthorized", 403: "forbidden", 429: "rate_limit_exceeded"}


@pytest.mark.parametrize("status", BEFORE_THE_KEY)
async def test_a_refusal_before_the_key_is_looked_at_settles_nothing(vendor, tmp_path, status):
    """Neither of an attempt of the same run, nor of an earlier run's."""
    refusal = {"error": {"code": BEFORE_THE_KEY[status], "message": "no"}}
    refused = Answer(work=False, status=status, body=refusal)
    vendor.plan.extend([Answer(lost=True), *copies(refused, refused)])
    spec = image_video(title="a")
    async with vendor.heygen(retry=RetryPolicy(max_attempts=2)) as heygen:
        for _ in range(2):  # lost and refused; sent again by the next run, and refused
            outcomes, items = await batch(heygen, [spec], tmp_path / "l")
            assert isinstance(outcomes["a"].error, SubmissionUnknownError)
            assert items["a"].state is ItemState.INTENT
            vendor.plan.extend(copies(refused))
        vendor.plan.clear()
        outcomes, _ = await batch(heygen, [spec], tmp_path / "l")
    assert outcomes["a"].ok
    assert len(vendor.charges) == 1


@pytest.mark.parametrize("status", [302, 500, 503])
async def test_a_known_code_from_a_broken_server_proves_nothing(vendor, status):
    """Only a refusal is one: a redirect or a fault of the server may come after the work."""
    body = {"error": {"code": "invalid_parameter", "message": "no"}}
    vendor.plan.append(Answer(status=status, body=body))
    async with vendor.heygen(retry=RetryPolicy(max_attempts=1)) as heygen:
        with pytest.raises(SubmissionUnknownError):
            await heygen.submit(LEGACY)


async def test_an_error_that_names_no_job_is_none(vendor):
    """A training is known by its group, so an error beside nothing is no training."""
    vendor.plan.append(Answer(body={"error": {"code": "odd", "message": "?"}, "data": None}))
    async with vendor.heygen() as heygen:
        with pytest.raises(SubmissionUnknownError):
            await heygen.submit(TrainGroup(group_id="g1"))


async def test_the_age_of_a_key_counts_from_its_first_attempt(vendor, wall):
    """Two naps of 20 hours make 40, though there was an attempt between them."""
    vendor.plan.append(Answer(lost=True, before=lambda: wall(20 * 3600)))
    vendor.plan.append(
        Answer(work=False, status=503, body=LOGIN, before=lambda: wall(20 * 3600)),
    )
    async with vendor.heygen() as heygen:
        with pytest.raises(SubmissionUnknownError):
            await heygen.submit(image_video())
    assert len(vendor.posts) == 2
    assert len(vendor.charges) == 1


async def test_a_lost_attempt_is_settled_before_its_slot_is_given_back(vendor, wall):
    """A 429 after it does not send the spec back into the queue, where its age is forgotten."""
    limited = {"error": {"code": "rate_limit_exceeded", "message": "slow"}}
    vendor.plan.append(Answer(lost=True))
    vendor.plan.append(Answer(work=False, status=429, body=limited, before=lambda: wall(DAY)))
    async with vendor.heygen() as heygen:
        with pytest.raises(SubmissionUnknownError):
            await heygen.run(image_video())
    assert len(vendor.charges) == 1


async def test_a_closed_client_makes_no_further_attempt(vendor):
    """The caller of a POST that was on its way is told what came of it."""
    vendor.plan.extend(Answer(work=False, status=503, body=LOGIN, delay=5) for _ in range(9))
    heygen = vendor.heygen()
    submitting = asyncio.create_task(heygen.submit(image_video()))
    await until(lambda: vendor.posts)
    await heygen.aclose()
    with pytest.raises(SubmissionUnknownError):
        await submitting
    assert len(vendor.posts) == 1


async def test_what_was_refused_after_its_caller_left_is_open(vendor, tmp_path):
    """The answer is written though nobody waits for it: the next run submits the item."""
    refusal = {"error": {"code": "insufficient_credit", "message": "no"}, "data": None}
    vendor.plan.append(Answer(work=False, status=402, body=refusal, delay=5))
    async with vendor.heygen() as heygen, Ledger(tmp_path / "l") as ledger:
        outcomes = heygen.map([MOTION], key=key_of, ledger=ledger)
        reading = asyncio.create_task(anext(outcomes))
        await until(lambda: vendor.posts)
        await outcomes.aclose()
        await asyncio.gather(reading, return_exceptions=True)
        assert (await ledger.get("nods")).state is ItemState.OPEN


async def test_a_reader_that_gives_up_during_the_close_cuts_nothing_off(vendor, tmp_path):
    """``wait_for(anext(…))`` that expires while the client closes is not the one who closes it."""
    vendor.plan.append(Answer(delay=20))
    heygen = vendor.heygen()
    async with Ledger(tmp_path / "l") as ledger:
        outcomes = heygen.map([image_video(title="a")], key=key_of, ledger=ledger)
        reading = asyncio.create_task(asyncio.wait_for(anext(outcomes), 8))
        await until(lambda: vendor.posts)
        await asyncio.sleep(5)
        await heygen.aclose()
        await asyncio.gather(reading, return_exceptions=True)
        assert (await ledger.get("a")).state is ItemState.SUBMITTED


async def test_the_escape_hatch_keeps_an_answer_beside_a_warning(vendor):
    """What ``request`` posted is paid for, too: the caller gets the id."""
    vendor.plan.append(Answer(body=lambda job: {"data": {"lipsync_id": job}, "error": "late"}))
    async with vendor.heygen() as heygen:
        answer = await heygen.request("POST", "/v3/lipsyncs", json={})
    assert answer["data"]["lipsync_id"] == vendor.charges[0]


@pytest.mark.parametrize("slept", [DAY, 2 * DAY, -DAY])
async def test_an_expired_key_is_not_sent_again_by_a_retry(vendor, wall, slept):
    """The laptop slept between two attempts of one ``submit``: the vendor forgot the key."""
    vendor.plan.append(Answer(lost=True, before=lambda: wall(slept)))
    async with vendor.heygen() as heygen:
        with pytest.raises(SubmissionUnknownError) as caught:
            await heygen.submit(image_video())
        assert caught.value.idempotency_key is not None
    assert len(vendor.charges) == len(vendor.posts) == 1


async def test_a_key_that_expires_in_the_queue_is_searched_for(vendor, wall, tmp_path):
    """Between the look into the ledger and the slot a day has passed: nothing is sent again."""
    vendor.plan.append(Answer(lost=True))
    async with vendor.heygen(retry=RetryPolicy(max_attempts=1)) as heygen:
        await batch(heygen, [image_video(title="a")], tmp_path / "l")
    async with vendor.heygen(max_concurrent_jobs=1) as heygen:
        vendor.plan.append(Answer(delay=20, before=lambda: wall(DAY)))
        specs = [image_video(title="b"), image_video(title="a")]
        outcomes, items = await batch(heygen, specs, tmp_path / "l")
    assert outcomes["b"].ok
    assert isinstance(outcomes["a"].error, SubmissionUnknownError)
    assert items["a"].state is ItemState.UNCERTAIN
    assert len(vendor.charges) == 2


async def test_a_refused_key_stays_good_however_long_it_waited(vendor, wall):
    """After nothing but 429 the key was never taken, so there is nothing that could be twice."""
    limited = {"error": {"code": "rate_limit_exceeded", "message": "slow"}}
    vendor.plan.append(Answer(work=False, status=429, body=limited, before=lambda: wall(2 * DAY)))
    async with vendor.heygen() as heygen:
        await heygen.submit(image_video())
    assert len(vendor.charges) == 1


async def test_a_ledger_of_another_account_says_nothing(vendor, tmp_path):
    """What was tried with one key or one server is not "done" for another."""
    async with vendor.heygen() as heygen:
        await batch(heygen, [image_video(title="a")], tmp_path / "l")
    async with Vendor() as other, other.heygen() as heygen:
        with pytest.raises(LedgerError, match="adopt"):
            await batch(heygen, [image_video(title="a")], tmp_path / "l")
        assert not other.posts
    async with HeyGen("another-key", base_url=vendor.url) as heygen:
        with pytest.raises(LedgerError, match="adopt"):
            await batch(heygen, [image_video(title="a")], tmp_path / "l")
        async with Ledger(tmp_path / "l", adopt=True) as ledger:
            outcomes = heygen.map([image_video(title="a")], key=key_of, ledger=ledger)
            assert [outcome.ok async for outcome in outcomes] == [True]
    assert len(vendor.charges) == 1
    assert b"the-secret-key" not in (tmp_path / "l").read_bytes()


@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_a_ledger_that_is_gone_stops_the_batch(vendor, tmp_path, how):
    """Before the next POST; what was written is kept beside it, and the error says where."""
    path = tmp_path / "l"

    def lose():
        path.unlink()
        if how == "replaced":
            path.write_bytes(b"")

    vendor.plan.extend([Answer(), Answer(), Answer(before=lose)])
    specs = [image_video(title=f"t{number}") for number in range(10)]
    async with vendor.heygen(max_concurrent_jobs=1) as heygen:
        with pytest.raises(LedgerError) as caught:
            await batch(heygen, specs, path)
        assert len(vendor.charges) == 3
        (rescued,) = tmp_path.glob("*rescued*")
        assert str(rescued) in str(caught.value)
        path.unlink(missing_ok=True)
        outcomes, _ = await batch(heygen, specs, rescued)
    assert all(outcome.ok for outcome in outcomes.values())
    assert len(vendor.charges) == 10


async def test_what_a_lost_ledger_kept_from_being_sent_is_not_in_doubt(vendor, tmp_path):
    """JoggAI honours no key, so an intent that was never sent would be uncertain for good."""
    path = tmp_path / "l"
    vendor.plan.append(Answer(before=path.unlink))
    specs = [attrs.evolve(JOGG, name=f"n{number}") for number in range(3)]
    async with vendor.jogg(max_concurrent_jobs=1) as jogg:
        with pytest.raises(LedgerError):
            await batch(jogg, specs, path)
        (rescued,) = tmp_path.glob("*rescued*")
        outcomes, _ = await batch(jogg, specs, rescued)
    assert all(outcome.ok for outcome in outcomes.values())
    assert len(vendor.charges) == 3


@pytest.mark.parametrize("way", ["submit", "run", "map", "map with a ledger"])
async def test_one_call_has_one_key(vendor, tmp_path, way):
    """However often it is refused with 429."""
    limited = {"error": {"code": "rate_limit_exceeded", "message": "slow"}}
    vendor.plan.extend(Answer(work=False, status=429, body=limited) for _ in range(3))
    async with vendor.heygen() as heygen:
        if way == "submit":
            await heygen.submit(image_video())
        elif way == "run":
            await heygen.run(image_video())
        elif way == "map":
            assert [outcome.ok async for outcome in heygen.map([image_video()])] == [True]
        else:
            await batch(heygen, [image_video(title="a")], tmp_path / "l")
    keys = [key for _, key, _ in vendor.posts]
    assert len(keys) == 4
    assert len(set(keys)) == 1


def event(video_id, label):
    data = {"video_id": video_id, "callback_id": label, "url": "https://files.example/a.mp4"}
    return {
        "event_id": f"e-{video_id}",
        "event_type": "avatar_video.success",
        "created_at": "2026-11-26T00:00:00Z",
        "event_data": data,
    }


async def lose(vendor, spec, path):
    """Leave the intent of a submission whose answer was lost more than a day ago."""
    vendor.plan.append(Answer(lost=True))
    async with vendor.heygen(retry=RetryPolicy(max_attempts=1)) as heygen:
        await batch(heygen, [spec], path)


async def test_a_lost_job_is_found_by_a_label_of_its_own(vendor, wall, tmp_path):
    """The vendor echoes the callback_id, and a batch gives one that nobody else has."""
    await lose(vendor, image_video(title="a"), tmp_path / "l")
    label = vendor.posts[0][2]["callback_id"]
    vendor.events.append(event(vendor.charges[0], label))
    wall(2 * DAY)
    async with vendor.heygen() as heygen:
        outcomes, _ = await batch(heygen, [image_video(title="a")], tmp_path / "l")
    assert outcomes["a"].unwrap().id == vendor.charges[0]
    assert len(vendor.charges) == 1


@pytest.mark.parametrize(
    ("days", "label"), [(-3, "order-1"), (1, "order-1"), (None, "order-1"), (0, "order-2")]
)
async def test_a_strangers_job_is_left_alone(vendor, wall, tmp_path, days, label):
    """A callback_id of the user's may be another's: only the time of creation tells."""
    spec = image_video(title="a", callback_id="order-1")
    await lose(vendor, spec, tmp_path / "l")
    created_at = None if days is None else int(time.time() + days * DAY)
    vendor.jobs["stranger"] = {"created_at": created_at, "body": {}}
    vendor.events.append(event("stranger", label))
    wall(2 * DAY)
    async with vendor.heygen() as heygen:
        outcomes, items = await batch(heygen, [spec], tmp_path / "l")
    assert isinstance(outcomes["a"].error, SubmissionUnknownError)
    assert items["a"].state is ItemState.UNCERTAIN


async def test_a_users_label_finds_his_job(vendor, wall, tmp_path):
    """One job carries it that was created when the spec was sent."""
    spec = image_video(title="a", callback_id="order-1")
    await lose(vendor, spec, tmp_path / "l")
    vendor.events.append(event(vendor.charges[0], "order-1"))
    wall(2 * DAY)
    async with vendor.heygen() as heygen:
        outcomes, _ = await batch(heygen, [spec], tmp_path / "l")
    assert outcomes["a"].unwrap().id == vendor.charges[0]


SPECS = {"v3": image_video(title="t"), "v2": LEGACY, "motion": MOTION, "jogg": JOGG}


def client_of(vendor, name, **options):
    return (vendor.jogg if name == "jogg" else vendor.heygen)(**options)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("way", ["submit", "run"])
async def test_a_post_under_way_is_seen_through_and_reported(vendor, caplog, name, way):
    """The cancellation goes out at once; the job is an orphan, in the log, and told to the hook."""
    vendor.plan.append(Answer(delay=5))
    told = []
    async with client_of(vendor, name, on_event=told.append) as client:
        loop = asyncio.get_running_loop()
        start = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await getattr(client, way)(SPECS[name])
        assert loop.time() - start < 1.5
        assert client.orphans() == ()
        await until(client.orphans)
        (orphan,) = client.orphans()
        assert (orphan.job.id, orphan.spec) == (vendor.charges[0], SPECS[name])
        assert orphan.job.token in caplog.text
        assert [e.token for e in told if isinstance(e, OrphanEvent)] == [orphan.job.token]
        await orphan.job
    assert len(vendor.charges) == 1


async def test_a_closing_client_sees_a_post_through(vendor):
    """A sibling failed in the task group, the client closes: the job is known all the same."""
    vendor.plan.append(Answer(delay=5))

    async def fail():
        await until(lambda: vendor.posts)
        raise ZeroDivisionError

    client = vendor.heygen()
    with pytest.raises(ExceptionGroup):
        async with client, asyncio.TaskGroup() as group:
            group.create_task(client.submit(image_video()))
            group.create_task(fail())
    assert [orphan.job.id for orphan in client.orphans()] == vendor.charges


async def test_the_wait_for_a_post_under_way_is_bounded(vendor, caplog):
    """The answer never comes: spec and key are reported, after the request's own time."""
    vendor.plan.append(Answer(delay=10_000))
    client = vendor.heygen(timeout=30)
    submitting = asyncio.create_task(client.submit(image_video()))
    await until(lambda: vendor.posts)
    submitting.cancel()
    start = asyncio.get_running_loop().time()
    await client.aclose()
    assert asyncio.get_running_loop().time() - start < 45
    (orphan,) = client.orphans()
    assert (orphan.job, orphan.idempotency_key) == (None, vendor.posts[0][1])
    assert orphan.idempotency_key in caplog.text
    with contextlib.suppress(asyncio.CancelledError):
        await submitting


async def test_a_shutdown_that_cancels_all_tasks_leaves_a_report(vendor):
    """Also the task that sees the POST through was cancelled: it may be paid, and says so."""
    vendor.plan.append(Answer(delay=5))
    client = vendor.heygen()
    submitting = asyncio.create_task(client.submit(image_video()))
    await until(lambda: vendor.posts)
    ours = [task for task in asyncio.all_tasks() if task.get_name() == "paid POST /v3/videos"]
    assert ours
    for task in (*ours, submitting):
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await submitting
    await asyncio.sleep(0)
    await client.aclose()
    assert [orphan.idempotency_key for orphan in client.orphans()] == [vendor.posts[0][1]]


async def test_a_look_that_is_cancelled_is_made_again(vendor, monkeypatch):
    """A shutdown cancels the poller's tasks, too; who waits for a last job is not left for ever."""
    looks = []

    async def slow(request):
        looks.append(request.path)
        if len(looks) == 1:
            await asyncio.sleep(5)
        return vendor.finished(request.path, request.path.rpartition("/")[2])

    monkeypatch.setattr(vendor, "look", slow)
    async with vendor.heygen() as heygen:
        job = await heygen.submit(image_video())
        waiting = asyncio.create_task(job.wait())
        await until(lambda: looks)
        ours = [task for task in asyncio.all_tasks() if "Poller." in repr(task.get_coro())]
        assert ours
        for task in ours:
            task.cancel()
        async with asyncio.timeout(600):
            assert (await waiting).id == job.id


async def test_a_batch_whose_tasks_are_cancelled_says_so(vendor):
    """Its reader is neither left waiting nor told that all is done; what was paid is reported."""
    vendor.plan.extend(Answer(delay=5) for _ in range(3))
    async with vendor.heygen() as heygen:
        outcomes = heygen.map([image_video() for _ in range(3)])
        reading = asyncio.create_task(anext(outcomes))
        await until(lambda: len(vendor.posts) == 3)
        for task in asyncio.all_tasks():
            if "MapRun." in repr(task.get_coro()):
                task.cancel()
        async with asyncio.timeout(60):
            with pytest.raises(TransportError, match="cancelled"):
                await reading
    assert sorted(orphan.job.id for orphan in heygen.orphans()) == sorted(vendor.charges)


async def test_a_cancelled_wait_of_run_is_reported(vendor, monkeypatch):
    """The caller of ``run`` never saw the job."""
    monkeypatch.setattr(vendor, "finished", lambda _path, job: {"data": {"id": job, "status": "x"}})
    async with vendor.heygen() as heygen:
        running = asyncio.create_task(heygen.run(image_video()))
        await until(lambda: vendor.charges)
        await asyncio.sleep(1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert [orphan.job.id for orphan in heygen.orphans()] == vendor.charges


async def test_a_left_map_reports_what_nobody_fetched(vendor):
    """Each charge is an outcome that was fetched, or an orphan."""
    async with vendor.heygen(max_concurrent_jobs=4) as heygen:
        outcomes = heygen.map(image_video() for _ in range(100))
        fetched = [await anext(outcomes)]
        await outcomes.aclose()
        found = [outcome.job.id for outcome in fetched]
        found += [orphan.job.id for orphan in heygen.orphans()]
    assert sorted(found) == sorted(vendor.charges)


@pytest.mark.parametrize("how", ["break", "raise"])
@pytest.mark.parametrize("first", ["client", "ledger"])
async def test_leaving_a_batch_writes_every_token(vendor, tmp_path, how, first):
    """Whichever of client and ledger closes first, what was paid is in the ledger."""
    vendor.plan.extend([Answer(), *(Answer(delay=5) for _ in range(5))])
    heygen, ledger = vendor.heygen(max_concurrent_jobs=6), Ledger(tmp_path / "l")
    outer, inner = (heygen, ledger) if first == "ledger" else (ledger, heygen)
    specs = [image_video(title=f"t{number}") for number in range(20)]
    with contextlib.suppress(ZeroDivisionError):
        async with outer, inner:
            async for _ in heygen.map(specs, key=key_of, ledger=ledger):
                if how == "break":
                    break
                1 / 0  # noqa: B018
    async with Ledger(tmp_path / "l", read_only=True) as written:
        items = [item async for item in written.items()]
    tokens = [item.token.rpartition("/")[2] for item in items if item.token is not None]
    assert sorted(tokens) == sorted(vendor.charges)
    assert len(vendor.charges) >= 6
    assert heygen.orphans() == ()


async def test_what_waits_for_its_turn_is_no_intent(vendor, tmp_path):
    """JoggAI takes 20 POSTs a minute: killed meanwhile, the others are not uncertain."""
    specs = [attrs.evolve(JOGG, name=f"n{number}") for number in range(60)]
    async with vendor.jogg(max_concurrent_jobs=60) as jogg, Ledger(tmp_path / "l") as ledger:
        outcomes = jogg.map(specs, key=key_of, ledger=ledger)
        reading = asyncio.create_task(anext(outcomes))
        await asyncio.sleep(30)
        seen = await ledger.counts()
        await outcomes.aclose()
        await asyncio.gather(reading, return_exceptions=True)
    assert seen.get(ItemState.INTENT, 0) == 0
    assert len(vendor.charges) == 20


async def test_nothing_is_submitted_after_stop(vendor, tmp_path):
    """Also not what was on its way when it was set, and then was refused with 429."""
    stop = asyncio.Event()
    limited = {"error": {"code": "rate_limit_exceeded", "message": "slow"}}
    vendor.plan.append(Answer(work=False, status=429, body=limited, delay=5, before=stop.set))
    async with vendor.heygen() as heygen:
        outcomes, items = await batch(heygen, [image_video(title="a")], tmp_path / "l", stop=stop)
    assert outcomes == {}
    assert items["a"].state is ItemState.OPEN
    assert len(vendor.posts) == 1


@pytest.mark.parametrize("ledger", [True, False])
async def test_nothing_is_sent_again_after_stop(vendor, tmp_path, ledger):
    """A lost answer is not asked for once more: the next run does that, or the caller."""
    stop = asyncio.Event()
    vendor.plan.append(Answer(lost=True, before=stop.set))
    spec = image_video(title="a")
    async with vendor.heygen() as heygen:
        if ledger:
            outcomes, items = await batch(heygen, [spec], tmp_path / "l", stop=stop)
            assert items["a"].state is ItemState.INTENT
            assert heygen.orphans() == ()
        else:
            outcomes = [outcome async for outcome in heygen.map([spec], stop=stop)]
            (orphan,) = heygen.orphans()
            assert orphan.idempotency_key == vendor.posts[0][1]
    assert not outcomes
    assert len(vendor.posts) == 1


async def test_an_intent_outlives_a_file_that_is_gone(vendor, tmp_path):
    """What cannot be sent again for want of its picture may have been paid all the same."""
    picture = tmp_path / "ada.jpg"
    picture.write_bytes(PORTRAIT.read_bytes())
    told = {"data": {"asset_id": "a1", "url": "u", "mime_type": "image/jpeg", "size_bytes": 1}}
    # A signed URL is not written down, and so the POST is not.
    signed = "https://example.com/hook?X-Amz-Signature=0123456789abcdef"
    spec = image_video(title="a", image=picture, callback_url=signed)
    vendor.plan.extend([Answer(work=False, body=told), Answer(lost=True)])
    async with vendor.heygen(retry=RetryPolicy(max_attempts=1)) as heygen:
        _, items = await batch(heygen, [spec], tmp_path / "l")
        assert items["a"].state is ItemState.INTENT
    refusal = {"error": {"code": "invalid_parameter", "message": "no picture"}}
    async with vendor.heygen() as heygen:
        vendor.plan.append(Answer(work=False, status=400, body=refusal))  # of the upload
        outcomes, items = await batch(heygen, [spec], tmp_path / "l")
        assert isinstance(outcomes["a"].error, APIError)
        assert items["a"].state is ItemState.INTENT


async def test_the_age_of_a_key_counts_from_its_first_run(vendor, wall, tmp_path):
    """Sent again after 20 hours and lost once more, it is not sent again after 40."""
    async with vendor.heygen(retry=RetryPolicy(max_attempts=1)) as heygen:
        for _ in range(2):
            vendor.plan.append(Answer(lost=True))
            _, items = await batch(heygen, [image_video(title="a")], tmp_path / "l")
            assert items["a"].state is ItemState.INTENT
            wall(20 * 3600)
        outcomes, items = await batch(heygen, [image_video(title="a")], tmp_path / "l")
    assert isinstance(outcomes["a"].error, SubmissionUnknownError)
    assert items["a"].state is ItemState.UNCERTAIN
    assert len(vendor.posts) == 2
    assert len(vendor.charges) == 1


async def test_a_finished_item_is_done_though_the_vendor_forgot_it(vendor, tmp_path):
    """Nothing of it is asked for, so nothing is sent."""
    async with vendor.heygen() as heygen:
        await batch(heygen, [image_video(title="a")], tmp_path / "l")
        vendor.jobs.clear()
        sent = len(vendor.gets)
    async with vendor.heygen() as heygen:
        outcomes, _ = await batch(heygen, [image_video(title="a")], tmp_path / "l")
    assert outcomes["a"].ok
    assert len(vendor.gets) == sent


@pytest.mark.parametrize("way", ["aclose", "cancel", "client"])
async def test_leaving_during_retries_is_quick(vendor, tmp_path, way):
    """What is on the wire is seen through, and no further attempt is made."""
    busy = {"error": {"code": "internal_error", "message": "busy"}}
    vendor.plan.extend(
        Answer(work=False, status=503, body=busy, headers={"Retry-After": "60"}) for _ in range(50)
    )
    loop = asyncio.get_running_loop()
    async with Ledger(tmp_path / "l") as ledger:
        heygen = vendor.heygen()
        outcomes = heygen.map([image_video(title="a")], key=key_of, ledger=ledger)
        reading = asyncio.create_task(anext(outcomes))
        await asyncio.sleep(100)
        sent, start = len(vendor.posts), loop.time()
        if way == "cancel":
            reading.cancel()
        await (heygen.aclose() if way == "client" else outcomes.aclose())
        assert loop.time() - start < 1
        assert len(vendor.posts) == sent
        await heygen.aclose()
        assert heygen.orphans() == ()  # it is in the ledger
        await asyncio.gather(reading, return_exceptions=True)
        assert (await ledger.get("a")).state is ItemState.INTENT


async def test_a_cancelled_call_between_two_attempts_is_reported(vendor):
    """Its first attempt may have been paid."""
    vendor.plan.append(Answer(lost=True))
    vendor.plan.append(Answer(work=False, status=503, headers={"Retry-After": "60"}, body=LOGIN))
    async with vendor.heygen() as heygen:
        submitting = asyncio.create_task(heygen.submit(image_video()))
        await until(lambda: len(vendor.posts) == 2)
        await asyncio.sleep(5)
        submitting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await submitting
        (orphan,) = heygen.orphans()
        assert orphan.idempotency_key == vendor.posts[0][1]
        job = await heygen.submit(orphan.spec, idempotency_key=orphan.idempotency_key)
        assert [job.id] == vendor.charges


async def test_a_cancelled_anext_loses_no_outcome(vendor, monkeypatch):
    """``asyncio.wait_for(anext(outcomes), …)`` may be tried again."""
    finished = vendor.finished
    ready = asyncio.Event()

    def slow(path, job_id):
        done = finished(path, job_id)
        return done if ready.is_set() else {"data": {"id": job_id, "status": "processing"}}

    monkeypatch.setattr(vendor, "finished", slow)
    asyncio.get_running_loop().call_later(600, ready.set)
    seen = []
    async with vendor.heygen() as heygen:
        outcomes = aiter(heygen.map([image_video() for _ in range(5)]))
        while True:
            try:
                seen.append(await asyncio.wait_for(anext(outcomes), 10))
            except TimeoutError:
                continue
            except StopAsyncIteration:
                break
    assert sorted(outcome.job.id for outcome in seen) == sorted(vendor.charges)
    assert len(seen) == 5


async def test_an_item_that_never_ends_gives_its_slot_back(vendor, tmp_path, monkeypatch):
    """``map(timeout=…)``: the outcome carries the job, and the ledger goes on with it."""
    finished = vendor.finished
    stuck = {"data": {"status": "processing"}}
    monkeypatch.setattr(
        vendor,
        "finished",
        lambda path, job: (
            finished(path, job)
            if job != "j0"
            else stuck | {"data": {"id": job, "status": "processing"}}
        ),
    )
    specs = [image_video(title=name) for name in ("a", "b")]
    async with vendor.heygen(max_concurrent_jobs=1) as heygen:
        outcomes, items = await batch(heygen, specs, tmp_path / "l", timeout=60)
        assert isinstance(outcomes["a"].error, JobTimeoutError)
        assert outcomes["a"].job.id == "j0"
        assert items["a"].state is ItemState.SUBMITTED
        assert outcomes["b"].ok
        monkeypatch.setattr(vendor, "finished", finished)
        again, _ = await batch(heygen, specs, tmp_path / "l", timeout=60)
    assert again["a"].ok
    assert len(vendor.charges) == 2


@pytest.mark.parametrize("wrong", [-1, float("nan")])
async def test_a_timeout_that_is_none_is_refused(vendor, wrong):
    """Before anything is sent."""
    async with vendor.heygen() as heygen:
        with pytest.raises(InvalidRequestError, match="timeout"):
            heygen.map([image_video()], timeout=wrong)


async def test_a_limiter_hears_that_a_job_may_still_run(vendor, monkeypatch):
    """Its slot came back, though the vendor still counts the job."""
    heard = []

    class Limiter:
        limit = 1

        async def acquire(self, key, *, first=False):
            return 1

        async def bind(self, slot, token):
            heard.append(token.partition("/")[0])

        async def release(self, slot, *, pause=None, running=False):
            heard.append(running)

    monkeypatch.setattr(
        vendor, "finished", lambda _path, job: {"data": {"id": job, "status": "processing"}}
    )
    async with vendor.heygen(max_concurrent_jobs=Limiter()) as heygen:
        with pytest.raises(JobTimeoutError):
            await heygen.run(image_video(), timeout=30)
    assert heard == ["heygen.video", True]


@pytest.mark.parametrize("bad", [["a"], {"a": 1}, None, True, 1.5, "", "a b", "..", "a\x00b"])
@pytest.mark.parametrize("name", SPECS)
async def test_an_id_of_another_type_is_no_bare_error(vendor, name, bad):
    """It was paid, and nobody knows the job: that is an error of the tree."""
    told = {"code": 0, "data": {"video_id": bad, "id": bad, "motion_id": bad, "status": "x"}}
    vendor.plan.append(Answer(body=told))
    async with client_of(vendor, name, retry=RetryPolicy(max_attempts=1)) as client:
        with pytest.raises(SubmissionUnknownError):
            await client.submit(SPECS[name])


async def test_a_missing_job_does_not_hide_the_others(vendor):
    """An unknown token ends with the vendor's own 404."""
    async with vendor.heygen() as heygen:
        with pytest.raises((NotFoundError, HeyGenError)):
            await heygen.attach("heygen.video/1700000000/gone").wait(600)


async def test_no_byte_is_no_charge(vendor):
    """A connection that was refused is tried again also without a key."""
    async with vendor.heygen(retry=RetryPolicy(max_attempts=2)) as heygen:
        await vendor.server.close()
        with pytest.raises(TransportError) as caught:
            await heygen.submit(LEGACY)
        assert not caught.value.maybe_sent
        assert heygen.orphans() == ()
