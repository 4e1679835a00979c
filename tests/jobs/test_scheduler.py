"""What to ask next: by due time, folded, within the budget; and what is learned on the way."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async.jobs.schedule import DurationModel
from heygen_async.jobs.scheduler import TRUSTED_AFTER, PollQueue, PollScheduler
from heygen_async.models.policies import PollPolicy
from heygen_async.protocol.kinds import JobSnapshot

from .fakes import ALONE, DONE, FILM, START, FakeFuture, ids, kind, scheduler, tracked

NOW = START


def resumed(plan: PollScheduler, job_id="job", of=FILM, *, due=None, **options):
    """Return a job that somebody waits for; it is due so many seconds from now."""
    one = tracked(job_id, of, **options)
    plan.resume(one, NOW)
    if due is not None:
        plan.queue(one, NOW, due)
    return one


def queued(plan: PollScheduler, count: int, of: object = FILM, *, step: float = 1.0):
    """Queue so many jobs, each due a step after the one before."""
    return [resumed(plan, str(number), of, due=number * step) for number in range(count)]


def taken(plan: PollScheduler, times: int) -> list[list[str]]:
    """Take out what is asked for next, so many times, however long that takes."""
    return [ids(plan.take(max(NOW, plan.next_due()))) for _ in range(times)]


@given(st.lists(st.floats(0, 1e6), max_size=30), st.integers(1, 10))
def test_jobs_leave_a_queue_in_order_of_their_due_times(dues, limit):
    """The first due is out first, at most ``limit`` at once, and each leaves once."""
    queue = PollQueue()
    for number, due in enumerate(dues):
        one = tracked(str(number))
        queue.push(one, one.queued(0.0, due))
    out, order = [], []
    while (first := queue.first()) is not None:
        batch = queue.pop(limit)
        assert 1 <= len(batch) <= limit
        assert batch[0] is first[1]
        assert all((each.ticket, each.due) == (0, None) for each in batch)
        order.append(first[0])
        out += batch
    assert [dues[int(each.id)] for each in out] == sorted(dues)
    assert order == sorted(order)
    assert len(set(out)) == len(dues)
    assert queue.pop(limit) == []


def test_equal_times_leave_in_order_of_arrival():
    """Jobs need no order of their own."""
    queue = PollQueue()
    for name in "abc":
        one = tracked(name)
        queue.push(one, one.queued(0.0, 5.0))
    assert ids(queue.pop(9)) == ["a", "b", "c"]


def test_a_job_has_one_place():
    """Queued again, its older place is void, be it earlier or later, in this queue or another."""
    first, second, queue, other = tracked("1"), tracked("2"), PollQueue(), PollQueue()
    queue.push(first, first.queued(0.0, 1.0))
    queue.push(second, second.queued(0.0, 2.0))
    queue.push(first, first.queued(0.0, 3.0))
    assert queue.first() == (2.0, second)
    other.push(second, second.queued(0.0, 9.0))
    assert queue.first() == (3.0, first)
    assert ids(queue.pop(9)) == ["1"]
    assert ids(other.pop(9)) == ["2"]


def test_a_void_place_takes_no_room_in_a_batch():
    """Jobs that left make way for those behind them."""
    queue, jobs = PollQueue(), [tracked(str(number)) for number in range(6)]
    for number, each in enumerate(jobs):
        queue.push(each, each.queued(0.0, float(number)))
    for each in jobs[:3]:
        each.leave(FakeFuture())
    assert ids(queue.pop(2)) == ["3", "4"]


def test_an_empty_scheduler_wants_nothing():
    """Without a waiting job nothing is due."""
    plan = scheduler()
    assert plan.next_due() is None
    assert plan.take(NOW) == ()


def test_the_first_request_is_where_the_schedule_puts_it():
    """Without ``first_poll`` a job of 180 s is first asked for after some seconds."""
    plan = scheduler()
    one = resumed(plan)
    assert plan.next_due() == one.due
    assert 5 < one.due - NOW < 30
    assert plan.take(one.due - 0.01) == ()
    assert plan.take(one.due) == [one]


@pytest.mark.parametrize(("age", "delay"), [(0.0, 40.0), (15.0, 25.0)])
def test_the_first_request_is_where_the_policy_puts_it(age, delay):
    """``first_poll`` counts from submission, for the first request only."""
    plan = scheduler(first_poll=40.0)
    one = resumed(plan, born=NOW - age)
    assert one.due == NOW + delay
    plan.queue(one, NOW + 1)
    assert one.due != NOW + 40


@pytest.mark.parametrize("first_poll", [None, 40.0])
def test_the_first_request_for_an_old_job_is_not_put_off(first_poll):
    """A job attached long after its submission is asked for right away."""
    assert resumed(scheduler(first_poll=first_poll), born=NOW - 180).due == NOW


def test_a_bulk_request_is_filled_with_the_next_due():
    """The first due and those behind it go together, the rest stays in order."""
    plan = scheduler()
    queued(plan, 7, kind(limit=3))
    assert taken(plan, 3) == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert plan.next_due() is None


def test_kinds_are_not_mixed():
    """A request is for one kind: that of the first due, whose like it takes along."""
    plan = scheduler()
    films, shorts = kind("a"), kind("b")
    for number, of in enumerate([shorts, films, shorts, films]):
        resumed(plan, f"{of.name}{number}", of, due=number)
    assert taken(plan, 2) == [["b0", "b2"], ["a1", "a3"]]


def test_a_kind_without_bulk_status_is_asked_one_by_one():
    """So is a job that the bulk status does not serve."""
    plan = scheduler()
    queued(plan, 2, ALONE)
    solo = resumed(plan, "solo", born=NOW - 100)
    plan.queue(solo, NOW, solo.see_word(None, NOW))
    plan.queue(solo, NOW, 0.5)
    resumed(plan, "film", due=9.0)
    assert taken(plan, 4) == [["0"], ["solo"], ["1"], ["film"]]


@pytest.mark.parametrize("rate", [0.5, 10.0, 100.0])
def test_status_requests_keep_their_distance(rate):
    """However much is due, requests are 1 / rate seconds apart."""
    plan = scheduler(max_requests_per_second=rate)
    queued(plan, 20, ALONE, step=0.0)
    times = []
    while (due := plan.next_due()) is not None:
        times.append(due)
        assert plan.take(due - 1e-6) == ()
        assert len(plan.take(due)) == 1
    gaps = [late - early for early, late in itertools.pairwise(times)]
    assert len(times) == 20
    assert gaps == pytest.approx([1 / rate] * 19)


def test_results_are_beside_the_budget():
    """Each result is needed once, so it does not wait for the status requests."""
    plan = scheduler(max_requests_per_second=0.1)
    queued(plan, 3, ALONE, step=0.0)
    plan.take(NOW)
    done = resumed(plan, "done")
    plan.queue(done, NOW, done.see_word("done", NOW))
    assert plan.next_due(statuses=False) == NOW
    assert plan.next_due(results=False) == NOW + 10
    assert plan.take(NOW, results=False) == ()
    assert plan.take(NOW) == [done]
    assert plan.next_due(statuses=False) is None


def test_a_pause_holds_everything_back():
    """While the server wants quiet nothing goes out; a shorter wish does not cut a longer one."""
    plan = scheduler()
    done = resumed(plan, "done")
    plan.queue(done, NOW, done.see_word("done", NOW))
    queued(plan, 1)
    plan.pause(NOW + 30)
    plan.pause(NOW + 10)
    assert plan.next_due(statuses=False) == plan.next_due(results=False) == NOW + 30
    assert plan.take(NOW + 29) == ()
    assert taken(plan, 2) == [["done"], ["0"]]


def test_resuming_does_not_put_off_a_request():
    """A job that somebody waits for again is asked for when it was due, at once if overdue."""
    plan, me = scheduler(), FakeFuture()
    one = tracked()
    one.join(me, NOW)
    plan.resume(one, NOW)
    plan.queue(one, NOW, 30.0)
    for at, due in ((10, 30), (70, 70)):
        one.leave(me)
        plan.drop(one)
        assert plan.next_due() is None
        one.join(me, NOW + at)
        plan.resume(one, NOW + at)
        assert plan.next_due() == NOW + due


def test_waiting_in_short_turns_is_not_starved():
    """Who waits a second at a time, again and again, still gets the request that was due."""
    plan, me = scheduler(), FakeFuture()
    one = resumed(plan)
    due = one.due
    for second in range(1, 200):
        one.leave(me)
        plan.drop(one)
        plan.resume(one, NOW + second)
        if NOW + second >= due:
            break
    assert plan.next_due() == NOW + second < due + 1


def test_a_second_waiter_changes_a_place_only_by_his_deadline():
    """Nothing is queued anew without one, nor while the job is being asked for."""
    plan = scheduler()
    one = resumed(plan)
    place = (one.ticket, one.due)
    plan.resume(one, NOW)
    assert (one.ticket, one.due) == place
    one.join(FakeFuture(), NOW, NOW + 3)
    plan.resume(one, NOW)
    assert one.due == NOW + 2
    plan.take(NOW + 2)
    one.join(FakeFuture(), NOW + 2, NOW + 4)
    plan.resume(one, NOW + 2)
    assert one.ticket == 0


def test_a_dropped_job_is_asked_for_no_more():
    """Nobody waits, so nothing is sent, and an answer that comes late queues nothing."""
    plan = scheduler()
    first, second = queued(plan, 2)
    first.leave(FakeFuture())
    plan.drop(first)
    assert taken(plan, 1) == [["1"]]
    plan.drop(second)
    plan.queue(second, NOW, 1.0)
    assert plan.next_due() is None
    assert plan.waiting() == []


def test_the_scheduler_knows_who_is_waited_for():
    """A job is waited for until it is dropped, also while it is asked for."""
    plan = scheduler()
    first, second = queued(plan, 2)
    plan.take(NOW)
    assert len(plan) == first.model.running + second.model.running == 2
    assert plan.waiting() == [first, second]
    plan.drop(first)
    plan.drop(first)
    assert plan.waiting() == [second]
    assert first.model.running == 0


def test_a_refused_bulk_status_is_asked_no_more():
    """The jobs queued for it go on one by one, at their times; that is news once."""
    plan = scheduler()
    jobs = queued(plan, 3, step=2.0)
    assert plan.refuse_bulk(FILM, NOW)
    assert not plan.refuse_bulk(FILM, NOW)
    assert [each.due for each in jobs] == [NOW, NOW + 2, NOW + 4]
    resumed(plan, "new", due=1.0)
    assert taken(plan, 4) == [["0"], ["new"], ["1"], ["2"]]
    assert plan.next_due() is None


def test_a_refused_bulk_status_is_a_matter_of_its_kind():
    """Other kinds keep theirs."""
    plan = scheduler()
    plan.refuse_bulk(kind("other"), NOW)
    queued(plan, 3)
    assert len(plan.take(NOW)) == 3


def test_a_refused_bulk_status_is_tried_again_after_a_minute_then_after_two():
    """All jobs of the kind go together again; if it serves, the next refusal costs a minute."""
    plan = scheduler()
    jobs = queued(plan, 3)
    for pause in (60, 120):
        start = plan.next_due()
        assert plan.refuse_bulk(FILM, start) is (pause == 60)
        for at, size in ((start + 1, 1), (start + pause - 1, 1), (start + pause, 3)):
            for each in jobs:
                plan.queue(each, at, 0.0)
            assert len(plan.take(at)) == size
        for each in jobs:
            plan.queue(each, at + 1, 5.0)
    assert plan.accept_bulk(FILM)
    assert not plan.accept_bulk(FILM)
    assert plan.refuse_bulk(FILM, at + 10)
    plan.queue(jobs[0], at + 70, 0.0)
    assert len(plan.take(at + 70)) > 1


def end(plan, *, took=180.0, told=None, signed=None, late=20.0, word="done"):
    """Let a job end that took so long; return how late that is said to be noticed."""
    one = resumed(plan, born=NOW - took - late)
    if signed is not None:
        one.notify(NOW, signed=signed)
    snapshot = JobSnapshot(word=word, result="film", duration=told, message="No.")
    one.see(snapshot, NOW)
    return plan.ended(one, NOW)


def test_webhooks_are_relied_on_after_some_in_a_row():
    """Then a job is asked for when it is overdue, and by the schedule again after one missed."""
    plan = scheduler()
    for _ in range(TRUSTED_AFTER):
        assert FILM not in plan.relied_on
        end(plan, signed=True, told=180.0)
    assert FILM in plan.relied_on
    one = resumed(plan)
    assert one.due - NOW > 180
    end(plan, told=100.0)
    assert FILM not in plan.relied_on
    assert one.due - NOW < 30


@pytest.mark.parametrize(
    ("how", "relied"),
    [
        ({"signed": False}, False),  # anybody can send such a one
        ({"told": 180.0, "late": 20.0}, False),
        ({"late": 1.0}, False),  # how late is not known
        ({"told": 180.0, "late": 5.0}, True),  # its event may be on its way
    ],
)
def test_a_job_without_its_signed_event_ends_the_trust(how, relied):
    """But for one that was noticed so soon that its event may still come."""
    plan = scheduler()
    for _ in range(TRUSTED_AFTER):
        end(plan, signed=True)
    end(plan, **how)
    assert (FILM in plan.relied_on) is relied


def test_silence_is_odd_when_many_jobs_run():
    """No event for longer than two are due at the usual rate: then some are asked for."""
    plan = scheduler()
    for _ in range(TRUSTED_AFTER):
        end(plan, signed=True, told=180.0)
    model = DurationModel(180.0)
    for number in range(18):
        resumed(plan, str(number), model=model)
    assert plan.next_due() == pytest.approx(NOW + 2 * 180 / 18)
    assert len(plan.take(NOW + 25)) == 18
    assert plan.next_due() is None


def test_a_job_asked_for_alone_does_not_stand_for_the_others():
    """Its request breaks no silence: the hundred that share one are asked for all the same."""
    plan = scheduler()
    for _ in range(TRUSTED_AFTER):
        end(plan, signed=True, told=180.0)
    solo = resumed(plan, "solo", born=NOW - 100)
    plan.queue(solo, NOW, solo.see_word(None, NOW))
    resumed(plan, "film")
    since = plan.relied_on[FILM]
    assert ids(plan.take(NOW + 1)) == ["solo"]
    assert plan.relied_on[FILM] == since


def test_durations_are_learned_from_what_completed():
    """By the vendor's word, else half-way since the job was last seen to run; none of failures."""
    plan = scheduler()
    assert end(plan, told=180.0, late=20.0) == 20.0
    assert end(plan, told=180.0, word="failed") is None
    assert end(plan) is None
    one = resumed(plan, born=NOW - 100)
    one.see_word("working", NOW - 10)
    one.see(DONE, NOW)
    assert plan.ended(one, NOW) == 5.0
    assert (one.model.learned, len(plan)) == (1, 0)


def crowd(jobs: int, of: object, seconds: float, rate: float) -> tuple[int, float, set[str]]:
    """Let jobs that never end be asked for; return requests, the backlog and who had one."""
    plan = PollScheduler(PollPolicy(jitter=0.0, max_requests_per_second=rate), jitter=lambda: 0.5)
    model = DurationModel(180.0)
    for number in range(jobs):
        one = resumed(plan, str(number), of, model=model, born=NOW - number * 180 / jobs)
        plan.queue(one, NOW)
    requests, backlog, seen = 0, 0.0, set()
    while (now := plan.next_due()) is not None and now < NOW + seconds:
        due = min(one.due for one in plan.waiting())
        requests += 1
        backlog = max(backlog, now - due)
        for each in plan.take(now):
            seen.add(each.id)
            plan.queue(each, now)
    return requests, backlog, seen


def test_a_crowd_is_slowed_down_into_the_budget():
    """When jobs ask for more than the budget all delays grow: it is used, and nobody starves."""
    requests, backlog, seen = crowd(400, ALONE, seconds=600, rate=2.0)
    assert 600 * 2 * 0.7 < requests <= 600 * 2 + 1
    assert len(seen) == 400
    assert backlog < 400 / 2 / 2  # half of the time in which each could have its turn


def test_a_crowd_within_the_budget_is_not_slowed_down():
    """Folded a hundred to a request, the same crowd is served as if each were alone."""
    requests, backlog, seen = crowd(1000, FILM, seconds=300, rate=10.0)
    assert len(seen) == 1000
    assert backlog < 1
    assert requests < 300 * 5


def test_many_old_jobs_ask_for_no_more_than_their_next_requests():
    """Ten thousand running jobs attached at once are due at once, and slow nothing down by it."""
    plan, lone = scheduler(max_requests_per_second=40.0), scheduler()
    for number in range(10_000):
        resumed(plan, str(number), born=NOW - 200)
    late = resumed(plan, "late")
    assert late.due == pytest.approx(resumed(lone).due, rel=1e-9)


def test_an_endless_wait_costs_what_the_policy_says():
    """After hours one job is asked for once in the longest interval."""
    plan = scheduler()
    one, now = resumed(plan), NOW + 86_400
    for _ in range(50):
        plan.queue(one, now)
        assert one.due - now == pytest.approx(60)
        now = one.due


def test_demand_is_forgotten_with_its_jobs():
    """When the crowd is gone, a new job is asked for as if there had been none."""
    plan = scheduler(max_requests_per_second=0.1)
    for each in [resumed(plan, str(number), ALONE) for number in range(50)]:
        plan.drop(each)
    lone = resumed(scheduler(max_requests_per_second=0.1), "lone", ALONE)
    assert resumed(plan, "late", ALONE).due == pytest.approx(lone.due)
