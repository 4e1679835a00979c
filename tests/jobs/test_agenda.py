"""What to ask next: by due time, folded, within the budget, before a deadline."""

from __future__ import annotations

import itertools

import pytest

from heygen_async.jobs.agenda import Agenda
from heygen_async.jobs.schedule import DurationModel
from heygen_async.models.policies import PollPolicy

from .fakes import ALONE, FILM, START, agenda, ids, kind, watch

NOW = START


def queued(plan: Agenda, count: int, of: object = FILM, *, step: float = 1.0) -> list[object]:
    """Queue so many watches, each due a step after the one before."""
    watches = [watch(str(number), of) for number in range(count)]
    for number, each in enumerate(watches):
        plan.queue(each, NOW, number * step)
    return watches


def test_an_empty_agenda_wants_nothing():
    """Without a waiting job nothing is due."""
    plan = agenda()
    assert (plan.next_status(), plan.next_detail()) == (None, None)


def test_the_first_look_is_where_the_schedule_puts_it():
    """Without ``first_poll`` a job of 180 s is first looked at after some seconds."""
    plan, one = agenda(), watch()
    plan.plan(one, NOW)
    assert plan.next_status() == one.due
    assert 5 < one.due - NOW < 30


@pytest.mark.parametrize(("age", "delay"), [(0.0, 40.0), (15.0, 25.0)])
def test_the_first_look_is_where_the_policy_puts_it(age, delay):
    """``first_poll`` counts from submission, for the first look only."""
    plan, one = agenda(first_poll=40.0), watch(born=NOW - age)
    plan.resume(one, NOW)
    assert one.due == NOW + delay
    plan.plan(one, NOW + 1)
    assert one.due != NOW + 40


@pytest.mark.parametrize("first_poll", [None, 40.0])
def test_the_first_look_at_an_old_job_is_not_put_off(first_poll):
    """A job attached long after its submission is looked at right away."""
    plan, one = agenda(first_poll=first_poll), watch(born=NOW - 180)
    plan.resume(one, NOW)
    assert one.due == NOW


def test_a_bulk_request_is_filled_with_the_next_due():
    """The first due and those behind it go together, the rest stays in order."""
    plan = agenda()
    of = kind(limit=3)
    queued(plan, 7, of)
    assert ids(plan.take_status(NOW)) == ["0", "1", "2"]
    assert ids(plan.take_status(NOW + 1)) == ["3", "4", "5"]
    assert ids(plan.take_status(NOW + 2)) == ["6"]
    assert plan.next_status() is None


def test_kinds_are_not_mixed():
    """A request is for one kind: that of the first due, whose kin it takes along."""
    plan = agenda()
    films, shorts = kind("a"), kind("b")
    for number, of in enumerate([shorts, films, shorts, films]):
        plan.queue(watch(f"{of.name}{number}", of), NOW, number)
    assert ids(plan.take_status(NOW)) == ["b0", "b2"]
    assert ids(plan.take_status(NOW)) == ["a1", "a3"]


def test_a_kind_without_bulk_status_is_asked_one_by_one():
    """So is a job that the bulk status does not serve."""
    plan, solo = agenda(), watch("solo")
    solo.solo = True
    queued(plan, 2, ALONE)
    plan.queue(solo, NOW, 0.5)
    plan.queue(watch("film"), NOW, 9.0)
    taken = [ids(plan.take_status(NOW)) for _ in range(4)]
    assert taken == [["0"], ["solo"], ["1"], ["film"]]


@pytest.mark.parametrize("rate", [0.5, 10.0, 100.0])
def test_status_requests_keep_their_distance(rate):
    """However much is due, requests are 1 / rate seconds apart."""
    plan = agenda(max_requests_per_second=rate)
    queued(plan, 20, ALONE, step=0.0)
    times = []
    while (due := plan.next_status()) is not None:
        times.append(due)
        plan.take_status(due)
    gaps = [late - early for early, late in itertools.pairwise(times)]
    assert len(times) == 20
    assert gaps == pytest.approx([1 / rate] * 19)


def test_details_are_beside_the_budget():
    """Each detail is needed once, so it does not wait for the status requests."""
    plan, done = agenda(max_requests_per_second=0.1), watch("done")
    queued(plan, 3, ALONE, step=0.0)
    plan.take_status(NOW)
    done.fetch_detail = True
    plan.queue(done, NOW, 0.0)
    assert (plan.next_detail(), plan.next_status()) == (NOW, NOW + 10)
    assert plan.take_detail() is done
    assert plan.next_detail() is None


def test_a_pause_holds_everything_back():
    """While the server wants quiet nothing goes out; a shorter wish does not cut a longer one."""
    plan, done = agenda(), watch("done")
    done.fetch_detail = True
    plan.queue(done, NOW, 1.0)
    queued(plan, 1)
    plan.pause(NOW + 30)
    plan.pause(NOW + 10)
    assert (plan.next_status(), plan.next_detail()) == (NOW + 30, NOW + 30)
    plan.queue(watch("late", kind("late")), NOW, 60)
    plan.take_status(NOW + 30)
    assert plan.next_status() == NOW + 60


@pytest.mark.parametrize(
    ("deadline", "due"), [(100.0, 50.0), (51.0, 50.0), (50.0, 49.0), (10.0, 9.0), (0.5, 0.25)]
)
def test_a_look_is_made_before_the_deadline(deadline, due):
    """A look that would come too late is made a second before, or half-way if it is close."""
    plan, one = agenda(), watch()
    one.deadline = NOW + deadline
    plan.queue(one, NOW, 50.0)
    assert one.due == NOW + due


def test_a_deadline_that_is_past_changes_nothing():
    """Who waits on after another's deadline is served by the schedule."""
    plan, one = agenda(), watch()
    one.deadline = NOW
    plan.queue(one, NOW, 50.0)
    assert one.due == NOW + 50


def test_resuming_does_not_put_off_a_look():
    """A job that somebody waits for again is looked at when it was due, at once if overdue."""
    plan, one = agenda(), watch()
    plan.queue(one, NOW, 30.0)
    plan.drop(one)
    plan.resume(one, NOW + 10)
    assert plan.next_status() == NOW + 30
    plan.drop(one)
    plan.resume(one, NOW + 70)
    assert plan.next_status() == NOW + 70


def test_resuming_a_new_job_plans_it():
    """A job never looked at has no due time yet."""
    plan, one, other = agenda(), watch(), watch()
    plan.resume(one, NOW)
    plan.plan(other, NOW)
    assert one.due == pytest.approx(other.due, rel=1e-3)


def test_waiting_in_short_turns_is_not_starved():
    """Who waits a second at a time, again and again, still gets the look that was due."""
    plan, one = agenda(), watch()
    plan.plan(one, NOW)
    due = one.due
    for second in range(1, 200):
        plan.drop(one)
        plan.resume(one, NOW + second)
        if NOW + second >= due:
            break
    assert plan.next_status() == NOW + second < due + 1


def test_a_dropped_job_is_asked_for_no_more():
    """Nobody waits, so nothing is sent."""
    plan = agenda()
    first, second = queued(plan, 2)
    plan.drop(first)
    assert ids(plan.take_status(NOW)) == ["1"]
    plan.queue(second, NOW, 1.0)
    plan.drop(second)
    assert plan.next_status() is None


def test_the_agenda_knows_who_is_waited_for():
    """A job is waited for from its first look until it is dropped, also while it is looked at."""
    plan = agenda()
    first, second = queued(plan, 2)
    plan.take_status(NOW)
    plan.queue(second, NOW, 5.0)
    assert len(plan) == 2
    assert set(plan.waiting()) == {first, second}
    plan.drop(first)
    assert first not in plan
    assert plan.waiting() == [second]


def test_what_a_job_asks_of_the_budget():
    """A place in a bulk request, or a whole one; a look at once asks for no more than that."""
    plan, folded, alone = agenda(), watch("a", born=NOW - 180), watch("b", born=NOW - 180)
    alone.solo = True
    for each in (folded, alone):
        plan.plan(each, NOW)
        assert each.due is not None
    assert alone.rate == pytest.approx(1 / (alone.due - NOW))
    assert folded.rate == pytest.approx(1 / (folded.due - NOW) / 100)
    asked = alone.rate
    plan.queue(alone, NOW, 0.0)
    assert alone.rate == asked


def test_many_old_jobs_ask_for_no_more_than_their_looks():
    """Ten thousand running jobs attached at once are due at once, and stretch nothing by it."""
    plan = agenda(max_requests_per_second=1000.0)
    for number in range(10_000):
        plan.resume(watch(str(number), born=NOW - 200), NOW)
    assert plan._stretch() == 1.0
    assert plan._demand < 10_000 / 100 / 3


def test_a_dropped_job_takes_its_wishes_along():
    """The next to wait for it has no old deadline, no old trouble and a budget of its own."""
    plan, one = agenda(), watch()
    one.deadline, one.trouble_since = NOW + 5, NOW
    plan.plan(one, NOW)
    assert one.rate > 0
    plan.drop(one)
    plan.drop(one)
    assert (one.deadline, one.trouble_since, one.rate, one.entry) == (None, None, 0.0, 0)


def test_a_refused_bulk_status_is_asked_no_more():
    """The jobs queued for it go on one by one, at their times; that is news once."""
    plan = agenda()
    watches = queued(plan, 3, step=2.0)
    assert plan.refuse_bulk(FILM, NOW)
    assert not plan.refuse_bulk(FILM, NOW)
    assert [each.due for each in watches] == [NOW, NOW + 2, NOW + 4]
    plan.queue(watch("new"), NOW, 1.0)
    assert [ids(plan.take_status(NOW)) for _ in range(4)] == [["0"], ["new"], ["1"], ["2"]]
    assert plan.next_status() is None


def test_a_refused_bulk_status_is_a_matter_of_its_kind():
    """Other kinds keep theirs."""
    plan = agenda()
    plan.refuse_bulk(kind("other"), NOW)
    queued(plan, 3)
    assert len(plan.take_status(NOW)) == 3


def crowd(jobs: int, of: object, seconds: float, rate: float) -> tuple[int, float, set[str]]:
    """Let jobs that never end be looked at; return requests, the backlog and who had a look."""
    plan = Agenda(PollPolicy(jitter=0.0, max_requests_per_second=rate), spread=lambda: 0.5)
    model = DurationModel(180.0)
    for number in range(jobs):
        plan.plan(watch(str(number), of, model=model, born=NOW - number * 180 / jobs), NOW)
    requests, backlog, seen = 0, 0.0, set()
    while (now := plan.next_status()) is not None and now < NOW + seconds:
        batch = plan.take_status(now)
        requests += 1
        backlog = max(backlog, now - batch[0].due)
        for each in batch:
            seen.add(each.id)
            plan.plan(each, now)
    return requests, backlog, seen


def test_a_crowd_is_stretched_into_the_budget():
    """When jobs ask for more than the budget all delays grow: it is used, and nobody starves."""
    requests, backlog, seen = crowd(400, ALONE, seconds=600, rate=2.0)
    assert 600 * 2 * 0.7 < requests <= 600 * 2 + 1
    assert len(seen) == 400
    assert backlog < 400 / 2 / 2  # half of the time in which each could have its turn


def test_a_crowd_within_the_budget_is_not_stretched():
    """Folded a hundred to a request, the same crowd is served as if each were alone."""
    requests, backlog, seen = crowd(1000, FILM, seconds=300, rate=10.0)
    assert len(seen) == 1000
    assert backlog < 1
    assert requests < 300 * 5


def test_an_endless_wait_costs_what_the_policy_says():
    """After hours one job is looked at once in the longest interval."""
    plan, one = agenda(), watch()
    now = NOW + 86_400
    for _ in range(50):
        plan.plan(one, now)
        assert one.due - now == pytest.approx(60)
        now = one.due


def test_demand_is_forgotten_with_its_jobs():
    """When the crowd is gone, a new job is looked at as if there had been none."""
    plan = agenda(max_requests_per_second=0.1)
    for each in [watch(str(number), ALONE) for number in range(50)]:
        plan.plan(each, NOW)
        plan.drop(each)
    late, lone = watch("late", ALONE), watch("lone", ALONE)
    plan.plan(late, NOW)
    agenda(max_requests_per_second=0.1).plan(lone, NOW)
    assert late.due == pytest.approx(lone.due)
