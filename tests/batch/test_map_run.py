"""``map``: specs in as slots get free, outcomes out as they end, and a clean way out."""

from __future__ import annotations

import asyncio
import contextlib
import itertools

import pytest

from heygen_async import (
    AddMotion,
    Caption,
    DownloadError,
    HeyGen,
    InvalidRequestError,
    JobFailedError,
    JoggMotion,
    Ledger,
    LegacyVideo,
    TransportError,
    specs_from,
)
from heygen_async.emulator import Emulator, Fault, FaultPlan
from tests.conftest import PORTRAIT, image_video

CREATE = "POST /v3/videos"


def specs(count, **changes):
    for number in range(count):
        yield image_video(title=f"t{number}", **changes)


async def collect(outcomes):
    return [outcome async for outcome in outcomes]


async def test_outcomes_come_as_they_end(heygen, emulator):
    """Each spec gives one outcome, with its index, key, job and result."""
    outcomes = await collect(heygen.map(specs(30), key=lambda spec: spec.title))
    assert sorted(outcome.index for outcome in outcomes) == list(range(30))
    assert [outcome.index for outcome in outcomes] != list(range(30))
    for outcome in outcomes:
        assert outcome.ok
        assert outcome.key == outcome.spec.title == f"t{outcome.index}"
        assert outcome.unwrap().id == outcome.job.id
        assert outcome.path is None
    assert len(emulator.wallet.charges) == 30


async def test_any_files_of_a_result_are_saved(heygen, tmp_path):
    """The first of them under the item's name, the others beside it."""
    captioned = image_video(title="Ada", caption=Caption(file_format="srt"))
    wanted = ("video", "subtitles", "thumbnail")
    run = heygen.map([captioned], key=lambda _: "ada", download_to=tmp_path, assets=wanted)
    (outcome,) = await collect(run)
    names = ("ada.mp4", "ada.subtitles.srt", "ada.thumbnail.jpg")
    assert outcome.error is None
    assert outcome.path == tmp_path / "ada.mp4"
    assert dict(outcome.paths) == {
        asset: tmp_path / name for asset, name in zip(wanted, names, strict=True)
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


async def test_a_file_that_no_result_has_is_refused_before_it_is_paid_for(
    heygen, emulator, tmp_path
):
    """And one that this result lacks is told when the others are saved."""
    run = heygen.map(specs(1), download_to=tmp_path, assets=["poster"])
    (outcome,) = await collect(run)
    assert isinstance(outcome.error, InvalidRequestError)
    assert not emulator.wallet.charges
    run = heygen.map(specs(1), download_to=tmp_path, assets=["video", "subtitles"])
    (outcome,) = await collect(run)
    assert isinstance(outcome.error, DownloadError)
    assert outcome.paths.keys() == {"video"}


async def test_a_file_beside_the_first_is_not_replaced(heygen, emulator, tmp_path):
    """It may be somebody's work."""
    (tmp_path / "00001.thumbnail.jpg").touch()
    run = heygen.map(specs(1), download_to=tmp_path, assets=["video", "thumbnail"])
    (outcome,) = await collect(run)
    assert isinstance(outcome.error, InvalidRequestError)
    assert not emulator.wallet.charges


async def test_a_file_that_was_not_asked_for_then_is_fetched_now(heygen, emulator, tmp_path):
    """Nothing is rendered for it."""
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        options = {"key": lambda _: "ada", "ledger": ledger, "download_to": tmp_path / "out"}
        for assets in (["video"], ["video", "gif"], ["video", "gif"]):
            (outcome,) = await collect(heygen.map(specs(1), assets=assets, **options))
            assert outcome.ok
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["ada.gif", "ada.mp4"]
    assert len(emulator.wallet.charges) == 1


async def test_an_async_iterable_does_as_well(heygen):
    """Specs may come from an async generator, too."""

    async def produce():
        for spec in specs(3):
            await asyncio.sleep(1)
            yield spec

    assert len(await collect(heygen.map(produce()))) == 3


async def test_specs_are_taken_only_as_slots_get_free(emulator):
    """No more is taken than fits, one that has just got its slot, and one that waits for it."""
    taken = []
    source = (taken.append(n) or image_video() for n in itertools.count())
    async with (
        HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=3) as heygen,
        contextlib.aclosing(heygen.map(source)) as outcomes,
    ):
        for _ in range(5):
            await anext(outcomes)
            assert emulator.count(CREATE) <= len(taken) <= emulator.count(CREATE) + 2
    assert len(taken) <= 3 + 5 + 1


async def test_a_slow_reader_holds_the_run_up(emulator):
    """Outcomes that nobody fetches do not pile up: the memory is bounded by the slots."""
    taken = []
    source = (taken.append(n) or image_video() for n in itertools.count())
    async with (
        HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=3) as heygen,
        contextlib.aclosing(heygen.map(source)) as outcomes,
    ):
        await anext(outcomes)
        await asyncio.sleep(24 * 3600)
        assert len(taken) == 2 * 3 + 2  # the window, the one fetched, and one that waits


async def test_a_failure_is_an_outcome():
    """Refused, failed, and malformed specs do not stop the rest."""
    faults = FaultPlan([Fault(route=CREATE, nth=(2,), status=400)])
    async with (
        Emulator(faults=faults, failure_rate=0.0) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=1) as heygen,
    ):
        source = [
            image_video(),
            image_video(),
            "no spec",
            JoggMotion(
                image_url="https://example.com/a.png",
                name="Ada",
                voice_id="en-US-ChristopherNeural",
                model="2.0",
            ),
            image_video(),
        ]
        outcomes = await collect(heygen.map(source))
    assert [type(o.error).__name__ for o in sorted(outcomes, key=lambda o: o.index)] == [
        "NoneType",
        "BadRequestError",
        "InvalidRequestError",
        "InvalidRequestError",
        "NoneType",
    ]
    assert len(emulator.wallet.charges) == 2
    failed = next(o for o in outcomes if o.index == 1)
    with pytest.raises(type(failed.error)):
        failed.unwrap()


async def test_a_render_that_fails_is_an_outcome_with_its_job(emulator, heygen):
    """The vendor's reason is in the error."""
    outcomes = heygen.map(specs(1), on_submit=lambda o: emulator.fail(o.job.id, "oops", "No face"))
    (outcome,) = await collect(outcomes)
    assert isinstance(outcome.error, JobFailedError)
    assert (outcome.error.code, outcome.error.message) == ("oops", "No face")
    assert outcome.job is not None


async def test_files_are_saved_under_their_keys(heygen, tmp_path):
    """``download_to`` makes the folder and gives each outcome its path."""
    outcomes = await collect(
        heygen.map(specs(3), key=lambda spec: spec.title, download_to=tmp_path / "out")
    )
    assert {outcome.path for outcome in outcomes} == set((tmp_path / "out").iterdir())
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"t0.mp4", "t1.mp4", "t2.mp4"}


async def test_a_file_that_exists_is_refused_before_anything_is_paid(heygen, emulator, tmp_path):
    """A second run into the same folder costs nothing and replaces nothing."""
    (tmp_path / "t0.mp4").write_bytes(b"paid")
    outcomes = await collect(
        heygen.map(specs(2), key=lambda spec: spec.title, download_to=tmp_path)
    )
    assert {outcome.key: outcome.ok for outcome in outcomes} == {"t0": False, "t1": True}
    assert (tmp_path / "t0.mp4").read_bytes() == b"paid"
    assert len(emulator.wallet.charges) == 1


async def test_a_download_that_fails_keeps_the_result(tmp_path):
    """The video is paid, so the outcome has it beside the error."""
    faults = FaultPlan([Fault(route="FILES", status=500)])
    async with (
        Emulator(faults=faults) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        (outcome,) = await collect(heygen.map(specs(1), download_to=tmp_path))
    assert isinstance(outcome.error, DownloadError)
    assert outcome.result.id == outcome.job.id
    assert list(tmp_path.iterdir()) == []


async def test_leaving_the_loop_ends_the_waits_and_not_the_renders(nothing_left, heygen, emulator):
    """After ``break`` nothing more is submitted, and each job that was can be found again."""
    started = []
    outcomes = heygen.map(specs(1000), on_submit=started.append)
    async for _ in outcomes:
        break
    await outcomes.aclose()
    submitted = emulator.count(CREATE)
    await asyncio.sleep(3600)
    assert emulator.count(CREATE) == submitted == len(started)
    for outcome in started:
        assert (await heygen.attach(outcome.job.token)).status == "completed"


async def test_leaving_without_closing_is_as_clean(nothing_left, heygen, emulator):
    """A loop over ``heygen.map(…)`` itself may simply be left."""
    async for _ in heygen.map(specs(1000)):
        break
    await asyncio.sleep(3600)
    submitted = emulator.count(CREATE)
    await asyncio.sleep(3600)
    assert emulator.count(CREATE) == submitted < 1000


async def test_a_submission_under_way_is_seen_through(nothing_left):
    """Cancelled in the middle of a POST, the run still learns the id of what was paid."""
    started = []
    async with (
        Emulator(latency=5.0) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        reading = asyncio.create_task(collect(heygen.map(specs(1), on_submit=started.append)))
        while not emulator.count(CREATE):
            await asyncio.sleep(0.1)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.sleep(60)
        assert heygen.statistics().jobs_submitted == len(emulator.wallet.charges) == 1


async def test_cancelled_twice_it_leaves_at_once():
    """A second cancellation does not wait for the POST."""
    async with (
        Emulator(latency=50.0) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        clock = asyncio.get_running_loop().time
        reading = asyncio.create_task(collect(heygen.map(specs(1))))
        await asyncio.sleep(1)
        start = clock()
        reading.cancel()
        await asyncio.sleep(1)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert clock() - start < 2


async def test_an_exception_in_the_body_is_the_callers(nothing_left, heygen, emulator):
    """It comes out as it is, and the run has ended."""
    with pytest.raises(ZeroDivisionError):
        async with contextlib.aclosing(heygen.map(specs(1000))) as outcomes:
            async for _ in outcomes:
                1 / 0  # noqa: B018
    submitted = emulator.count(CREATE)
    await asyncio.sleep(3600)
    assert emulator.count(CREATE) == submitted


async def test_what_a_left_batch_waited_for_is_reported(heygen, emulator):
    """Without a ledger nobody else knows of these jobs, which are paid and go on."""
    outcomes = heygen.map(specs(3))
    reading = asyncio.create_task(anext(outcomes))
    await asyncio.sleep(5)
    await outcomes.aclose()
    with pytest.raises(StopAsyncIteration):
        await reading
    charged = {charge.job_id for charge in emulator.wallet.charges}
    assert {orphan.job.id for orphan in heygen.orphans()} == charged
    assert len(charged) == 3


async def test_stop_sees_out_what_runs(heygen, emulator):
    """After ``stop`` nothing more is submitted, and every job that runs gives its outcome."""
    stop, started, ended = asyncio.Event(), [], []
    async for outcome in heygen.map(specs(1000), stop=stop, on_submit=started.append):
        ended.append(outcome)
        stop.set()
    assert {outcome.key for outcome in ended} == {outcome.key for outcome in started}
    assert len(ended) == len(started) == emulator.count(CREATE) < 25


async def test_stop_drops_what_waits_for_a_slot_after_a_429():
    """A spec that was refused and waits is not submitted any more."""
    stop = asyncio.Event()
    faults = FaultPlan([Fault(route=CREATE, status=429, retry_after=60)])
    async with (
        Emulator(faults=faults) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        asyncio.get_running_loop().call_later(30, stop.set)
        assert await collect(heygen.map(specs(100), stop=stop)) == []
        assert 1 <= emulator.count(CREATE) <= 10
        await asyncio.sleep(3600)
        assert emulator.count(CREATE) <= 10


async def test_stop_drops_what_is_still_being_uploaded():
    """The picture is on its way when the batch is stopped: no render is paid after that."""
    stop = asyncio.Event()
    faults = FaultPlan([Fault(route="POST /v3/assets", delay=10)])
    async with (
        Emulator(faults=faults) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        asyncio.get_running_loop().call_later(5, stop.set)
        assert await collect(heygen.map(specs(3, image=PORTRAIT), stop=stop)) == []
        assert emulator.count("POST /v3/assets") == 1
        assert emulator.count(CREATE) == 0


async def test_stop_makes_no_further_attempt():
    """A render that was not accepted yet is not sent again after the stop."""
    stop = asyncio.Event()
    faults = FaultPlan([Fault(route=CREATE, status=503, retry_after=60)])
    async with (
        Emulator(faults=faults) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        asyncio.get_running_loop().call_later(30, stop.set)
        assert await collect(heygen.map(specs(1), stop=stop)) == []
        assert emulator.count(CREATE) == 1


async def test_what_the_source_raises_comes_after_the_outcomes(heygen):
    """Jobs that run when the source breaks are seen out first."""

    def source():
        yield from specs(3)
        raise ZeroDivisionError

    ended = []
    with pytest.raises(ZeroDivisionError):
        async for outcome in heygen.map(source()):
            ended.append(outcome)  # noqa: PERF401 - the loop raises
    assert len(ended) == 3


async def test_what_the_callers_functions_raise_ends_the_run(nothing_left, heygen):
    """A bug in ``key`` or ``on_submit`` is not swallowed."""
    with pytest.raises(ZeroDivisionError):
        await collect(heygen.map(specs(3), key=lambda spec: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        await collect(heygen.map(specs(3), on_submit=lambda outcome: 1 / 0))


async def test_closing_the_client_ends_its_batches(nothing_left, emulator):
    """A loop in another task ends with an error, and nothing runs any more."""
    heygen = HeyGen(emulator.api_key, base_url=emulator.url)
    reading = asyncio.create_task(collect(heygen.map(specs(1000))))
    await asyncio.sleep(10)
    await heygen.aclose()
    with pytest.raises(TransportError, match="closed during the batch"):
        await reading


@pytest.mark.parametrize("wrong", [{"specs": 5}, {"specs": image_video()}])
async def test_specs_must_be_iterable(heygen, wrong):
    """The mistake is told where ``map`` is called, not at the first step of the loop."""
    with pytest.raises(InvalidRequestError, match="specs must be iterable"):
        heygen.map(**wrong)


async def test_runs_and_maps_of_a_client_share_its_slots():
    """Two maps and five runs together never have more than the account's four jobs in flight."""
    async with (
        Emulator(max_concurrent_jobs=4) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=4) as heygen,
    ):
        await asyncio.gather(
            collect(heygen.map(specs(10))),
            collect(heygen.map(specs(10))),
            *(heygen.run(image_video()) for _ in range(5)),
        )
        assert len(emulator.wallet.charges) == 25
        assert heygen.statistics().rate_limited == 0


async def test_a_429_shrinks_the_batch_and_loses_nothing(tmp_path):
    """With twice the slots that the account has, every spec is rendered once."""
    async with (
        Emulator(max_concurrent_jobs=5) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url, max_concurrent_jobs=10) as heygen,
    ):
        outcomes = await collect(heygen.map(specs(60)))
        assert all(outcome.ok for outcome in outcomes)
        assert len(emulator.wallet.charges) == 60
        refused = heygen.statistics().rate_limited
        assert 0 < refused == emulator.count(CREATE) - 60 < 60


@pytest.mark.parametrize("where", ["v2", "motion", "jogg"])
async def test_it_works_the_same_for_v2_and_joggai(where, heygen, jogg, emulator):
    """Any spec will do, on the client of its API."""
    client, spec = {
        "v2": (
            heygen,
            LegacyVideo(image_url="https://example.com/a.png", script="Hi", voice_id="v1"),
        ),
        "motion": (
            heygen,
            AddMotion(id="photo_ada", prompt="nods", motion_type="kling"),
        ),
        "jogg": (
            jogg,
            JoggMotion(
                image_url="https://example.com/a.png",
                name="Ada",
                voice_id="en-US-ChristopherNeural",
                model="2.0",
            ),
        ),
    }[where]
    with contextlib.ExitStack() as stack:
        if where != "jogg":
            stack.enter_context(pytest.warns(DeprecationWarning, match="retired"))
        outcomes = await collect(client.map([spec] * 3))
    assert [outcome.ok for outcome in outcomes] == [True] * 3


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_row_of_which_no_spec_can_be_made_ends_alone(heygen, emulator, asynchronous):
    """Its outcome has the error in its place; what is no error of this package is its cause."""
    rows = [{"script": "Hello!"}, {"script": 7}, {}, {"script": "Bye!"}]

    async def later():
        for row in rows:
            yield row

    made = specs_from(
        later() if asynchronous else iter(rows), lambda row: image_video(script=row["script"])
    )
    outcomes = {outcome.index: outcome async for outcome in heygen.map(made)}
    assert [outcomes[index].ok for index in range(4)] == [True, False, False, True]
    assert outcomes[2].spec is None
    assert "row 3: KeyError: 'script'" in str(outcomes[2].error)
    assert isinstance(outcomes[2].error.__cause__, KeyError)
    assert isinstance(outcomes[1].error, InvalidRequestError)
    assert emulator.count("POST /v3/videos") == 2


async def test_bad_rows_hold_the_run_up_as_others_do(heygen):
    """Outcomes that nobody fetches are bounded, also if no spec can be made of any row."""
    taken = []

    def make(row):
        taken.append(row)
        raise ValueError(row)

    outcomes = heygen.map(specs_from(iter(range(10_000)), make))
    await anext(outcomes)
    await asyncio.sleep(1)
    assert len(taken) <= 25
    await outcomes.aclose()
