"""The poller by itself: a server by a script, the jumping clock, and no socket."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time
import weakref

import pytest

from heygen_async import (
    AuthenticationError,
    HeyGenError,
    InvalidRequestError,
    JobEvent,
    NotFoundError,
    PermissionDeniedError,
    PollEvent,
    PollPolicy,
    RateLimitError,
    ResponseError,
    RetryPolicy,
    ServerError,
    TransportError,
)
from heygen_async.errors import BadRequestError
from heygen_async.jobs.poller import Poller
from heygen_async.jobs.scheduler import TRUSTED_AFTER
from heygen_async.protocol.kinds import JobSnapshot

from .fakes import ALONE, DONE, FILM, RUNNING, FakeServer, kind

pytestmark = pytest.mark.usefixtures("nothing_left")


def now():
    return asyncio.get_running_loop().time()


@contextlib.asynccontextmanager
async def polling(answer=None, *, history=None, emit=None, **policy):
    """Give a server and a poller on it, closed afterwards."""
    server = FakeServer(answer)
    poller = Poller(server, PollPolicy(**{"jitter": 0.0, **policy}), RetryPolicy(), history, emit)
    try:
        yield server, poller
    finally:
        await poller.aclose()


def track(poller, job_id="a", of=FILM, *, age=0.0, word="waiting"):
    return poller.track(of, job_id, created_at=time.time() - age, word=word)


async def wait(poller, job, deadline=None):
    """Wait as ``Job.wait`` does."""
    future = asyncio.get_running_loop().create_future()
    poller.join(job, future, deadline)
    try:
        await future
    finally:
        poller.leave(job, future)


def waiting(poller, *jobs):
    return [asyncio.create_task(wait(poller, job)) for job in jobs]


async def cancelled(*tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def by_path(**answers):
    """Answer by the path without its slash, with what is given or what it gives."""

    def answer(request):
        found = answers[request.path[1:]]
        return found(request) if callable(found) else found

    return answer


def rows(word):
    return lambda request: dict.fromkeys(request.json, word)


async def test_one_wait_ends_with_its_job():
    """One request is enough when it finds the end; then nothing is left."""
    async with polling() as (server, poller):
        job = track(poller)
        await wait(poller, job)
        assert (server.paths, job.snapshot, poller.waiting) == (["/a"], DONE, 0)
        await asyncio.sleep(1000)
        assert len(server.asked) == 1


async def test_invariant_7_no_request_when_nobody_waits():
    """The first waiter starts the poller, the last stops it; a job alone asks for nothing."""
    async with polling(by_path(a=RUNNING)) as (server, poller):
        job = track(poller)
        await asyncio.sleep(1000)
        assert server.asked == []
        first, second = waiting(poller, job, job)
        await asyncio.sleep(100)
        assert len(server.asked) > 3
        await cancelled(first)
        count = len(server.asked)
        await asyncio.sleep(100)
        assert len(server.asked) > count
        await cancelled(second)
        assert poller.waiting == 0
        assert asyncio.get_running_loop().timers() == []
        count = len(server.asked)
        await asyncio.sleep(1000)
        assert len(server.asked) == count


async def test_a_hundred_waits_share_a_request():
    """Also those that are due at once: they begin in one turn of the loop."""
    async with polling(by_path(many=rows("working"))) as (server, poller):
        jobs = [track(poller, str(number), age=300.0) for number in range(150)]
        tasks = waiting(poller, *jobs)
        await asyncio.sleep(0.15)
        assert [len(request.json) for _, request in server.asked] == [100, 50]
        counted = poller.counters
        assert (counted.polls, counted.bulk_polls, counted.bulk_rows) == (2, 2, 150)
        await cancelled(*tasks)


async def test_places_are_counted_by_the_limit_of_the_kind():
    """A bulk request of a kind that takes ten ids has ten places, not a hundred."""
    films, shorts = kind("a"), kind("b", limit=10)
    async with polling(by_path(many=rows("working"))) as (_, poller):
        jobs = [track(poller, str(n), of, age=300.0) for of in (films, shorts) for n in range(5)]
        tasks = waiting(poller, *jobs)
        await asyncio.sleep(0.15)
        assert poller.counters.bulk_polls == 2
        assert (poller.counters.bulk_rows, poller.counters.bulk_places) == (10, 110)
        await cancelled(*tasks)


async def test_what_ended_in_bulk_is_fetched_one_by_one():
    """Beside the request budget, and each once."""
    answer = by_path(many=rows("done"), a=DONE, b=DONE)
    async with polling(answer, max_requests_per_second=0.01) as (server, poller):
        jobs = track(poller, "a", age=300.0), track(poller, "b", age=300.0)
        await asyncio.gather(*waiting(poller, *jobs))
        assert (server.paths, now() < 1) == (["/many", "/a", "/b"], True)
        assert (poller.counters.details, poller.counters.ended) == (2, 2)


async def test_invariant_6_one_waiters_cancel_reaches_no_other():
    """Each has a future of his own; the job is asked for as long as one of them waits."""
    async with polling(lambda _: DONE if now() > 60 else RUNNING) as (_, poller):
        job = track(poller)
        first, second = waiting(poller, job, job)
        await asyncio.sleep(10)
        await cancelled(first)
        await second
        assert job.snapshot == DONE


async def test_a_wait_that_is_left_during_its_request_queues_nothing():
    """The answer is read, and asks for nothing more."""
    async with polling(by_path(a=RUNNING)) as (server, poller):
        (task,) = waiting(poller, track(poller, age=300.0))
        await asyncio.sleep(0.05)
        assert len(server.asked) == 1
        await cancelled(task)
        await asyncio.sleep(1000)
        assert len(server.asked) == 1


async def test_a_deadline_is_met_with_a_last_request():
    """What ends just before it is no timeout."""

    def answer(_request):
        return DONE if now() > 98 else RUNNING

    async with polling(answer, interval=60.0) as (server, poller):
        await wait(poller, track(poller), now() + 100)
        assert server.asked[-1][0] == pytest.approx(99)


async def test_no_two_handles_are_told_apart():
    """A job has one state, whoever tracks it; it is forgotten with its last handle."""
    async with polling() as (_, poller):
        job = track(poller)
        assert track(poller) is job
        assert track(poller, of=ALONE) is not job
        known = weakref.ref(job)
        del job
        assert known() is None


@pytest.mark.parametrize(
    "error",
    [
        ServerError("oops", status=500),
        RateLimitError("slow down", status=429),
        TransportError("reset"),
        ResponseError("garbage"),
        NotFoundError("<html>", status=404),
        BadRequestError("what?", status=400),
    ],
)
async def test_invariant_3_trouble_ends_no_wait_within_its_budget(error):
    """After five minutes of it the wait ends, with the last error; before that it goes on."""
    async with polling(lambda _: DONE if now() > 290 else error) as (_, poller):
        await wait(poller, track(poller, age=100.0, word=""))
    async with polling(lambda _: error) as (_, poller):
        start = now()
        with pytest.raises(type(error)) as caught:
            await wait(poller, track(poller, age=100.0, word=""))
        assert 300 < now() - start < 400
        assert caught.value is not error


async def test_pauses_grow_while_nothing_succeeds():
    """As those of retries do; one answer that tells something is enough to begin anew."""
    dark = ServerError("oops", status=500)
    async with polling(lambda _: RUNNING if 100 < now() < 130 else dark) as (server, poller):
        (task,) = waiting(poller, track(poller, age=300.0))
        await asyncio.sleep(400)
        times = [at for at, _ in server.asked]
        first = [late - early for early, late in itertools.pairwise(times) if late < 100]
        then = [late - early for early, late in itertools.pairwise(times) if early > 130]
        for gaps in (first, then):
            assert gaps[0] < 1.5
            assert all(gap < 1.1 * 2**number for number, gap in enumerate(gaps))
            assert max(gaps) > 10
        await cancelled(task)


async def test_a_lost_key_ends_all_waits_a_forbidden_job_only_its_own():
    """401 is about the key, 403 about what was asked for."""
    none = AuthenticationError("who?", status=401)
    answer = by_path(a=PermissionDeniedError("no", status=403), b=DONE, c=none, d=RUNNING)
    async with polling(answer) as (_, poller):
        first, second = waiting(poller, track(poller, "a", ALONE), track(poller, "b", ALONE))
        with pytest.raises(PermissionDeniedError):
            await first
        await second
        both = waiting(poller, track(poller, "c", ALONE), track(poller, "d", ALONE))
        found = await asyncio.gather(*both, return_exceptions=True)
        assert [type(each) for each in found] == [AuthenticationError] * 2
        assert found[0] is not found[1]


async def test_retry_after_holds_everything_back():
    """The server's wish is for the whole client, up to the policy's bound."""
    error = RateLimitError("slow down", status=429)
    error.retry_after = 50.0
    async with polling(lambda _: DONE if now() > 40 else error) as (server, poller):
        jobs = [track(poller, str(number), ALONE, age=300.0) for number in range(3)]
        await asyncio.gather(*waiting(poller, *jobs))
        times = [at for at, _ in server.asked]
        assert [at < 1 or at > 50 for at in times] == [True] * len(times)


async def test_a_bad_id_is_found_by_halving():
    """The others are served in bulk, and it alone by itself; nobody's wait ends."""

    def answer(request):
        if request.json is None:
            return BadRequestError("no id", status=400) if request.path == "/5" else RUNNING
        if "5" in request.json:
            return BadRequestError("bad id", status=400)
        return dict.fromkeys(request.json, "working")

    async with polling(answer) as (server, poller):
        jobs = [track(poller, str(number), age=300.0) for number in range(8)]
        tasks = waiting(poller, *jobs)
        await asyncio.sleep(2)
        assert [each.alone for each in jobs] == [number == 5 for number in range(8)]
        sizes = [len(request.json) if request.json else 1 for _, request in server.asked]
        assert sizes == [8, 4, 4, 2, 1, 1, 2]
        await cancelled(*tasks)


@pytest.mark.parametrize(
    "error", [PermissionDeniedError("no", status=403), NotFoundError("no", status=404)]
)
async def test_a_refused_bulk_status_ends_no_wait(error, caplog):
    """Each job is asked for by itself; that is warned of once."""
    answer = by_path(many=error, a=DONE, b=lambda _: DONE if now() > 100 else RUNNING)
    async with polling(answer) as (server, poller):
        jobs = track(poller, "a", age=300.0), track(poller, "b", age=300.0)
        await asyncio.gather(*waiting(poller, *jobs))
        assert server.paths[:3] == ["/many", "/a", "/b"]
    said = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert ["bulk status refused" in each.getMessage() for each in said] == [True]


async def test_a_row_that_is_missing_leads_to_the_job_itself():
    """The vendor's own "not found" then ends the wait of a job that was never seen."""
    gone = NotFoundError("No such film.", status=404, code="not_found")
    async with polling(by_path(many={"b": "working"}, a=gone, b=RUNNING)) as (_, poller):
        jobs = [track(poller, name, age=300.0, word="") for name in "ab"]
        first, second = waiting(poller, *jobs)
        with pytest.raises(NotFoundError, match="it was deleted"):
            await first
        await asyncio.sleep(100)
        assert not second.done()
        await cancelled(second)


async def test_invariant_4_an_unknown_word_is_warned_of_once(caplog):
    """It means "still running" until nothing else has been seen for the budget."""
    odd = JobSnapshot(word="weird")
    async with polling(lambda _: odd, unknown_budget=500.0) as (_, poller):
        found = await asyncio.gather(
            *waiting(poller, track(poller, "a", ALONE), track(poller, "b", ALONE)),
            return_exceptions=True,
        )
        assert [type(each) for each in found] == [ResponseError] * 2
        assert 500 < now() < 700
    assert caplog.text.count("the status 'weird' is new") == 1


async def test_the_hook_hears_of_requests_and_of_news():
    """Once for each change of a status, however often it is seen."""
    told = []
    async with polling(lambda _: DONE if now() > 60 else RUNNING, emit=told.append) as (
        server,
        poller,
    ):
        job = track(poller)
        await wait(poller, job)
        polls = [each for each in told if isinstance(each, PollEvent)]
        assert polls == [PollEvent(kind="fake.film", jobs=1)] * len(server.asked)
        jobs = [each for each in told if isinstance(each, JobEvent)]
        assert [each.status.raw for each in jobs] == ["working", "done"]
        assert {each.token for each in jobs} == {job.token}


async def test_an_event_has_its_job_asked_for_at_once():
    """If anybody waits for it; other kinds, ids and jobs cost nothing."""
    async with polling(by_path(a=RUNNING)) as (server, poller):
        job, idle = track(poller), track(poller, "idle")
        (task,) = waiting(poller, job)
        await asyncio.sleep(1)
        for kinds, name in (("fake.other", "a"), (FILM.name, "x"), (FILM.name, "idle")):
            poller.notify([kinds], name, signed=True)
        await asyncio.sleep(1)
        assert (server.asked, idle.notified) == ([], None)
        poller.notify([FILM.name], "a", signed=True)
        await asyncio.sleep(0.2)
        assert server.paths == ["/a"]
        await cancelled(task)


async def test_the_history_is_read_before_jobs_that_should_have_been_announced():
    """Once an interval, and only back to the last event that was seen."""
    events, read = [("e1", None), ("e0", None)], []

    async def history():
        for event in events:
            read.append(event[0])
            yield event

    answer = by_path(
        a=lambda _: DONE if now() > 300 else RUNNING,
        **{f"x{number}": DONE for number in range(TRUSTED_AFTER)},
    )
    async with polling(answer, history=history) as (server, poller):
        for number in range(TRUSTED_AFTER):
            (task,) = waiting(poller, track(poller, f"x{number}"))
            await asyncio.sleep(0)
            poller.notify([FILM.name], f"x{number}", signed=True)
            await task
        assert FILM in poller.scheduler.relied_on
        server.asked.clear()
        (task,) = waiting(poller, track(poller, age=400.0))
        await asyncio.sleep(290)
        assert read[:3] == ["e1", "e0", "e1"]
        assert set(read[2:]) == {"e1"}
        events.insert(0, ("e2", ([FILM.name], "a")))
        await task
        assert now() < 400
    assert poller.counters.ended == TRUSTED_AFTER + 1


async def test_a_history_that_cannot_be_read_costs_only_itself():
    """The jobs are asked for all the same."""

    async def history():
        raise ServerError("oops", status=500)
        yield

    async with polling(history=history) as (_, poller):
        poller.scheduler.relied_on[FILM] = now()
        await wait(poller, track(poller))


async def test_a_request_that_is_cancelled_is_made_again():
    """A shutdown that cancels every task there is leaves nobody waiting for ever."""
    async with polling(lambda _: DONE) as (server, poller):
        (task,) = waiting(poller, track(poller, age=300.0))
        await asyncio.sleep(0.05)
        for each in asyncio.all_tasks() - {asyncio.current_task(), task}:
            each.cancel()
        await task
        assert server.paths == ["/a", "/a"]


async def test_a_bug_ends_the_waits_that_it_is_about(caplog):
    """With an error that says so, and the traceback in the log."""
    async with polling(lambda _: ZeroDivisionError("bug")) as (_, poller):
        with pytest.raises(ResponseError, match="internal error: ZeroDivisionError"):
            await wait(poller, track(poller))
    assert "ended in a bug" in caplog.text


async def test_a_refresh_asks_once_and_raises_what_goes_wrong():
    """Nobody waits afterwards, and what it finds is kept."""
    answers = iter([ServerError("oops", status=500), RUNNING, DONE, RUNNING])
    async with polling(lambda _: next(answers)) as (server, poller):
        job = track(poller)
        with pytest.raises(ServerError):
            await poller.refresh(job)
        for word in ("working", "done", "done"):
            await poller.refresh(job)
            assert job.status.raw == word
        assert (poller.counters.ended, poller.counters.polls) == (1, 0)
        assert len(server.asked) == 4


async def test_closing_ends_all_waits_and_leaves_nothing():
    """Each gets an error of its own, listeners too, and nobody can begin to wait."""
    async with polling(by_path(a=RUNNING, b=RUNNING)) as (_, poller):
        tasks = waiting(poller, track(poller, "a", age=300.0), track(poller, "b"))
        listener = asyncio.Queue()
        poller.join(track(poller, "a"), listener)
        await asyncio.sleep(0.05)
        await poller.aclose()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in found] == [TransportError] * 2
        assert isinstance(listener.get_nowait(), HeyGenError)
        with pytest.raises(TransportError, match="closed"):
            poller.join(track(poller, "c"), listener)


async def test_a_poller_belongs_to_one_loop():
    """Its births and due times are told by that loop's clock."""
    async with polling() as (_, poller):
        job = track(poller)

        def elsewhere():
            with pytest.raises(InvalidRequestError, match="another event loop"):
                asyncio.run(wait(poller, job))

        await asyncio.to_thread(elsewhere)


async def test_durations_and_lag_are_told():
    """What was learned, by kind, and how late the ends were noticed."""
    done = JobSnapshot(word="done", result="film", duration=20.0)
    async with polling(lambda _: done) as (_, poller):
        await wait(poller, track(poller, age=21.0))
        assert poller.lag == pytest.approx(1.1, abs=0.2)
        (learned,) = poller.durations().items()
        assert (learned[0], learned[1].jobs) == ("fake.film", 1)
        assert learned[1].p10 < learned[1].p50 < learned[1].p90


def leads_to(job_id):
    return JobSnapshot(word="working", follows=(FILM, job_id))


async def test_a_job_that_goes_on_as_another_is_asked_for_with_the_others():
    """It is folded into the bulk request of its new kind, and its first id is asked for no more."""
    answers = by_path(s=leads_to("b"), a=RUNNING, b=RUNNING, many=rows("working"))
    async with polling(answers) as (server, poller):
        other, job = track(poller, "a", age=100.0), track(poller, "s", of=ALONE, age=100.0)
        tasks = waiting(poller, other, job)
        await asyncio.sleep(60)
        assert server.paths.count("/s") == 1
        bulk = [request.json for _, request in server.asked if request.json]
        assert ["a", "b"] in map(sorted, bulk)
        assert job.token.endswith("/b")
        assert poller.waiting == 2
        await cancelled(*tasks)


async def test_a_refresh_follows_and_events_know_both_ids():
    """Whichever id an event has, or none of a job that has not moved, the wait ends."""
    for job_id, kinds in (("s", "fake.alone"), ("b", "fake.film"), ("", "fake.alone")):
        async with polling(by_path(s=leads_to("b"), b=DONE), first_poll=86_400.0) as (
            server,
            poller,
        ):
            job = track(poller, "s", of=ALONE)
            if job_id:
                await poller.refresh(job)
                assert job.id == "b"
                job.due = None
            (task,) = waiting(poller, job)
            await asyncio.sleep(0)
            poller.notify([kinds], job_id, signed=True)
            async with asyncio.timeout(100):
                await task
            assert server.paths == ["/s", "/b"]
            assert poller.track(ALONE, "s", created_at=0.0, word="") is job
