"""Each thing that befalls a job, and what it changes; without a loop."""

from __future__ import annotations

import asyncio

import pytest

from heygen_async import JobStatus, NotFoundError, RateLimitError, ResponseError, ServerError, State
from heygen_async.errors import BadRequestError
from heygen_async.jobs.schedule import DurationModel
from heygen_async.protocol.kinds import JobSnapshot

from .fakes import ALONE, DONE, FILM, RUNNING, START, FakeFuture, tracked

NOW = START
LATER = START + 100  # after the grace of 60 s in which a job may be missing
MISSING = NotFoundError("No such film.", status=404, code="not_found")
DOWN = ServerError("oops", status=500)


def waited(**options):
    """Return a job that somebody waits for, and who that is."""
    one, future = tracked(**options), FakeFuture()
    one.join(future, NOW)
    return one, future


def drained(queue):
    return [queue.get_nowait() for _ in range(queue.qsize())]


def test_a_new_job_is_in_no_queue():
    """Nothing is due, nobody waits, and nothing is known but the first word."""
    one = tracked()
    assert (one.due, one.ticket, one.deadline, one.waiters) == (None, 0, None, ())
    assert (one.snapshot, one.alone, one.fetch_result, one.notified) == (None, False, False, None)
    assert one.status == JobStatus(State.QUEUED, "waiting")
    assert one.token == "fake.film/0/job"
    assert tracked(of=ALONE).alone


@pytest.mark.parametrize("waiter", [FakeFuture(), asyncio.Queue()])
def test_a_job_is_deserted_when_the_last_waiter_leaves(waiter):
    """A future and a queue of changes are somebody; the place in the queue goes with the last."""
    one, other = tracked(), FakeFuture()
    one.join(waiter, NOW)
    one.join(other, NOW)
    one.queued(NOW, 10.0)
    assert not one.leave(other)
    assert one.ticket
    assert one.leave(waiter)
    assert (one.ticket, one.due) == (0, NOW + 10)


def test_a_new_wait_has_a_budget_of_its_own():
    """Old trouble, an old deadline and old unknown words do not count against who comes later."""
    one, future = waited(error_budget=10.0, unknown_budget=10.0)
    one.join(FakeFuture(), NOW, NOW + 500)
    for at in (0, 5, 9):
        assert one.trouble(DOWN, NOW + at, 1.0) == 1.0
    one.see(JobSnapshot(word="odd"), NOW)
    for waiter in one.waiters:
        one.leave(waiter)
    one.join(future, LATER)
    assert one.deadline is None
    assert one.trouble(DOWN, LATER, 1.0) == 1.0
    assert one.see(JobSnapshot(word="odd"), LATER) is None


@pytest.mark.parametrize(
    ("known", "new", "kept"), [(50, 90, 50), (90, 50, 50), (-5, 90, 90), (None, 50, 50)]
)
def test_the_earliest_deadline_counts(known, new, kept):
    """That of a wait which has ended hides no later one."""
    one, _ = waited()
    if known is not None:
        one.join(FakeFuture(), NOW, NOW + known)
    one.join(FakeFuture(), NOW, NOW + new)
    one.join(FakeFuture(), NOW)
    assert one.deadline == NOW + kept


@pytest.mark.parametrize(
    ("deadline", "due"), [(100.0, 50.0), (51.0, 50.0), (50.0, 49.0), (10.0, 9.0), (0.5, 0.25)]
)
def test_a_request_is_made_before_the_deadline(deadline, due):
    """One that would come too late is made a second before, or half-way if it is close."""
    one = tracked()
    one.join(FakeFuture(), NOW, NOW + deadline)
    assert one.queued(NOW, 50.0) == one.due == NOW + due


def test_a_deadline_is_worth_one_request():
    """The next one goes where the schedule has it; so it does after a deadline that has passed."""
    one = tracked()
    one.join(FakeFuture(), NOW, NOW + 10)
    assert one.queued(NOW, 50.0) == NOW + 9
    assert one.queued(NOW + 9, 50.0) == NOW + 59
    one.join(FakeFuture(), NOW + 9, NOW + 10)
    assert one.queued(NOW + 10, 50.0) == NOW + 60


def test_each_place_in_a_queue_has_a_ticket_of_its_own():
    """By it an older place is known to be void; while it is asked for it has none."""
    one = tracked()
    one.queued(NOW, 5.0)
    first = one.ticket
    one.queued(NOW, 5.0)
    assert one.ticket > first > 0
    one.taken()
    assert (one.ticket, one.due) == (0, None)


def test_a_row_that_says_running_is_news_once():
    """It is told to who listens, and the schedule decides when to ask again."""
    one, queue = tracked(), asyncio.Queue()
    one.join(queue, NOW)
    assert [one.see_word("working", NOW + at) for at in (1, 2)] == [None, None]
    assert drained(queue) == [JobStatus(State.RUNNING, "working")]
    assert one.seen_at == NOW + 2


def test_a_row_that_says_ended_is_a_reason_to_fetch_the_result():
    """At once; the end itself is told when the result is there."""
    one, _ = waited()
    assert one.see_word("done", NOW) == 0.0
    assert (one.fetch_result, one.status.raw, one.snapshot) == (True, "waiting", None)


@pytest.mark.parametrize(("at", "alone", "delay"), [(59, False, None), (61, True, 0.0)])
def test_a_job_without_a_row_is_asked_for_alone_unless_it_is_young(at, alone, delay):
    """A bulk status may be late by as much as ``not_found_grace``."""
    one, _ = waited()
    assert one.see_word(None, NOW + at) == delay
    assert one.alone is alone


def test_an_answer_of_its_own_brings_a_job_back_to_the_others():
    """The bulk status is tried again for it, but for a kind that has none."""
    one, _ = waited()
    one.see_word(None, LATER)
    assert one.see(RUNNING, LATER) is None
    assert not one.alone
    single, _ = waited(of=ALONE)
    single.see(RUNNING, NOW)
    assert single.alone


def test_the_end_wakes_everybody():
    """Futures get their result, queues the last status; who is gone is left alone."""
    one, queue = tracked(), asyncio.Queue()
    waiting, gone = FakeFuture(), FakeFuture(done=True)
    for waiter in (queue, gone, waiting):
        one.join(waiter, NOW)
    one.queued(NOW, 1.0)
    assert one.see(DONE, NOW) is None
    assert (one.snapshot, one.status.state) == (DONE, State.COMPLETED)
    assert (waiting.outcome, gone.outcome) == (None, "pending")
    assert drained(queue) == [JobStatus(State.COMPLETED, "done")]
    assert (one.waiters, one.ticket) == ((), 0)


def test_an_end_is_final():
    """An answer that was overtaken, or comes from a stale cache, does not undo it."""
    one, _ = waited()
    one.see(DONE, NOW)
    assert one.see(RUNNING, NOW + 1) is None
    assert (one.snapshot, one.status.raw) == (DONE, "done")


def test_an_unknown_word_beside_a_result_is_an_end():
    """A render that was paid for is not lost to a new word."""
    one, future = waited()
    one.see(JobSnapshot(word="published", result="film"), NOW)
    assert (one.status, future.outcome) == (JobStatus(State.COMPLETED, "published"), None)


def test_completed_without_a_file_is_trouble():
    """The file is asked for every interval, until the error budget is spent."""
    one, _ = waited(error_budget=10.0)
    empty = JobSnapshot(word="done")
    assert [one.see(empty, NOW + at) for at in (0, 5, 10)] == [5.0] * 3
    error = one.see(empty, NOW + 11)
    assert isinstance(error, ResponseError)
    assert "no file yet" in str(error)
    assert one.snapshot is None


@pytest.mark.parametrize(
    ("times", "ends"), [((0, 299, 300), False), ((0, 301), False), ((0, 100, 301), True)]
)
def test_trouble_ends_a_wait_by_its_time_and_by_its_count(times, ends):
    """It has to last for more than ``error_budget``, and for three requests."""
    one, _ = waited()
    found = [one.trouble(DOWN, NOW + at, 7.0) for at in times]
    assert found[:-1] == [7.0] * (len(times) - 1)
    assert found[-1] == (DOWN if ends else 7.0)


@pytest.mark.parametrize("sign", ["row", "snapshot"])
def test_a_sign_of_life_ends_trouble(sign):
    """Whatever comes after it has the whole budget again."""
    one, _ = waited()
    for at in (0, 100, 200):
        one.trouble(DOWN, NOW + at, 7.0)
    one.see_word("working", NOW + 250) if sign == "row" else one.see(RUNNING, NOW + 250)
    assert [one.trouble(DOWN, NOW + at, 7.0) for at in (301, 400, 500)] == [7.0] * 3


def test_a_refused_id_is_asked_for_alone():
    """It would spoil the request for all others."""
    one, _ = waited()
    assert one.trouble(BadRequestError("no id", status=400), NOW, 15.0) == 15.0
    assert one.alone


def test_while_nobody_waits_trouble_is_nobodys():
    """A refresh that fails does not use up the budget of a later wait."""
    one = tracked()
    assert [one.trouble(DOWN, NOW + at, 7.0) for at in (0, 400, 800)] == [None] * 3
    one.join(FakeFuture(), NOW + 801)
    assert one.trouble(DOWN, NOW + 802, 7.0) == 7.0


def test_a_young_job_may_be_missing():
    """Within the grace the schedule goes on, and nothing is counted."""
    one, _ = waited(word="")
    assert [one.trouble(MISSING, NOW + at, 15.0) for at in (0, 30, 59)] == [None] * 3


def test_a_job_that_the_vendor_does_not_have_is_gone():
    """In the vendor's own words, of a job that was never seen: the wait ends at once."""
    one, _ = waited(word="")
    gone = one.trouble(MISSING, LATER, 15.0)
    assert isinstance(gone, NotFoundError)
    assert "fake.film/0/job is not there: it was deleted, or it belongs to another" in str(gone)
    assert gone is not MISSING


@pytest.mark.parametrize("sign", ["its word", "a look", "a signed event"])
def test_a_missing_job_that_was_seen_alive_has_its_budget(sign):
    """The vendor may forget a job for a while."""
    one, _ = waited(word="waiting" if sign == "its word" else "")
    if sign == "a look":
        one.see(JobSnapshot(word="working"), NOW)
    if sign == "a signed event":
        one.notify(NOW, signed=True)
    assert one.trouble(MISSING, LATER, 15.0) == 15.0


def test_an_unsigned_event_is_no_sign_of_life():
    """Anybody can send one, for any id."""
    one, _ = waited(word="")
    one.notify(NOW, signed=False)
    assert isinstance(one.trouble(MISSING, LATER, 15.0), NotFoundError)


def test_a_gateways_404_proves_nothing():
    """Without the vendor's code it is trouble like any other."""
    one, _ = waited(word="")
    assert one.trouble(NotFoundError("<html>", status=404), LATER, 15.0) == 15.0


def test_a_404_of_v2_has_no_code():
    """It is the vendor's word all the same."""
    one, _ = waited(word="")
    said = NotFoundError("Video not found", status=404)
    said.known_refusal = True
    assert isinstance(one.trouble(said, LATER, 15.0), NotFoundError)


def test_of_a_job_of_long_ago_three_404s_are_enough():
    """Whoever says them: a day after its submission no job still runs."""
    one, _ = waited(word="")
    page, start = NotFoundError("<html>", status=404), NOW + 90_000
    assert [one.trouble(page, start + at, 15.0) for at in (0, 15)] == [15.0] * 2
    gone = one.trouble(page, start + 30, 15.0)
    assert isinstance(gone, NotFoundError)
    assert "is not there" in str(gone)


@pytest.mark.parametrize(
    ("events", "remembered"), [([False], False), ([True], True), ([True, False], True)]
)
def test_an_event_is_a_reason_to_ask(events, remembered):
    """For the result, at once; a signed event stays one, whoever speaks of the job later."""
    one, _ = waited()
    assert [one.notify(NOW, signed=signed) for signed in events] == [0.0] * len(events)
    assert (one.notified, one.fetch_result) == (remembered, True)


def test_events_cost_at_most_one_request_a_second():
    """A flood of them waits until a second after the job was last seen to run."""
    one, _ = waited()
    one.see_word("working", NOW)
    assert [one.notify(NOW + at, signed=False) for at in (0.25, 0.5, 2.0)] == [0.75, 0.5, 0.0]


def test_an_event_may_be_ahead_of_the_status():
    """The job is asked for after the shortest interval, and then by the schedule."""
    one, _ = waited()
    one.notify(NOW, signed=True)
    assert one.see_word("working", NOW) == 0.0
    assert one.see(RUNNING, NOW) == 5.0
    assert (one.notified, one.fetch_result) == (None, False)
    assert one.see(RUNNING, NOW) is None


def test_a_row_with_an_unknown_word_is_looked_into():
    """Once for each new word, and then each time that twice as long has passed."""
    one, _ = waited()
    asked = []
    for at in range(0, 450, 5):
        word = "weird" if at < 200 else "weirder"
        if one.see_word(word, NOW + at) == 0.0:
            asked.append(at)
            one.see(JobSnapshot(word=word), NOW + at)
    assert asked == [0, 30, 60, 120, 200, 400]
    assert one.status.raw == "weirder"  # what its own status says is told


def test_a_known_word_ends_all_doubt():
    """An unknown one after it is new again, and has the whole budget."""
    one, _ = waited(unknown_budget=100.0)
    for at in (0, 90):
        assert one.see_word("weird", NOW + at) == 0.0
        one.see(JobSnapshot(word="weird"), NOW + at)
    assert one.see_word("working", NOW + 95) is None
    assert one.see_word("weird", NOW + 110) == 0.0
    assert one.see(JobSnapshot(word="weird"), NOW + 110) is None


@pytest.mark.parametrize(
    ("median", "policy", "budget"),
    [(60.0, {}, 1800.0), (600.0, {}, 6000.0), (60.0, {"unknown_budget": 50.0}, 50.0)],
)
def test_nothing_but_unknown_words_ends_a_wait(median, policy, budget):
    """After ten expected durations, half an hour at the least, or what the policy says."""
    one, _ = waited(model=DurationModel(median), **policy)
    odd = JobSnapshot(word="weird")
    assert one.see(odd, NOW) is None
    assert one.see(odd, NOW + budget) is None
    error = one.see(odd, NOW + budget + 1)
    assert isinstance(error, ResponseError)
    assert "the unknown status 'weird' for more than" in str(error)


def test_a_row_of_unknown_words_lets_its_own_status_decide():
    """A wait is given up only on what the job's own status says."""
    one, _ = waited(unknown_budget=50.0)
    one.see_word("weird", NOW)
    assert one.see_word("weird", NOW + 51) == 0.0
    assert one.see(RUNNING, NOW + 51) is None


def test_each_waiter_gets_an_error_of_its_own():
    """A failure is copied, so that one traceback does not grow into another."""
    one, queue = tracked(), asyncio.Queue()
    first, second, gone = FakeFuture(), FakeFuture(), FakeFuture(done=True)
    for waiter in (queue, first, second, gone):
        one.join(waiter, NOW)
    error = RateLimitError("slow down", status=429)
    one.fail(error)
    copies = [first.outcome, second.outcome, *drained(queue)]
    assert len({id(each) for each in [*copies, error]}) == 4
    assert all(type(each) is RateLimitError and str(each) == str(error) for each in copies)
    assert (gone.outcome, one.snapshot, one.waiters, one.ticket) == ("pending", None, (), 0)


def test_a_job_that_goes_on_as_another_is_as_good_as_new():
    """Its part that ended is no end; id, kind, token and birth are those of the other."""
    one, future = waited(of=ALONE)
    one.fetch_result, model = True, DurationModel(50.0)
    ended = JobSnapshot(word="done", follows=(FILM, "film"))
    assert one.see(ended, LATER) == 0.0
    assert (one.status.state, future.outcome) == (State.RUNNING, "pending")
    one.follow(FILM, "film", model, LATER)
    assert (one.token, one.born, one.model) == ("fake.film/0/film", LATER, model)
    assert (one.alone, one.fetch_result) == (False, False)
    assert one.see(DONE, LATER) is None
    assert future.outcome is None
