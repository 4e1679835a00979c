"""The queue of watches, and what a watch tells those who wait."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import JobStatus, RateLimitError, State
from heygen_async.jobs.watch import WatchQueue
from heygen_async.protocol.kinds import JobSnapshot

from .fakes import FILM, ids, watch


class FakeFuture:
    """What a watch wants of a future, without a loop."""

    def __init__(self, *, done: bool = False) -> None:
        self.was_done = done
        self.outcome: object = "pending"

    def done(self) -> bool:
        return self.was_done

    def set_result(self, result: object) -> None:
        self.outcome = result

    def set_exception(self, error: BaseException) -> None:
        self.outcome = error


def drained(queue: asyncio.Queue[object]) -> list[object]:
    return [queue.get_nowait() for _ in range(queue.qsize())]


@given(st.lists(st.floats(0, 1e6), max_size=30), st.integers(1, 10))
def test_watches_leave_in_order_of_their_due_times(dues, limit):
    """The first due is out first, at most ``limit`` at once, and each leaves once."""
    queue = WatchQueue()
    for number, due in enumerate(dues):
        queue.push(watch(str(number)), due)
    taken = []
    while (due := queue.due()) is not None:
        batch = queue.pop(limit)
        assert 1 <= len(batch) <= limit
        assert batch[0].due == due
        assert all(each.entry == 0 for each in batch)
        taken += batch
    assert [each.due for each in taken] == sorted(dues)
    assert len(set(taken)) == len(dues)
    assert queue.pop(limit) == []


def test_equal_times_leave_in_order_of_arrival():
    """Watches need no order of their own."""
    queue = WatchQueue()
    for name in "abc":
        queue.push(watch(name), 5.0)
    assert ids(queue.pop(9)) == ["a", "b", "c"]


def test_a_watch_has_one_place():
    """Queued again, its older place is void, be it earlier or later, in this queue or another."""
    first, second, queue, other = watch("1"), watch("2"), WatchQueue(), WatchQueue()
    queue.push(first, 1.0)
    queue.push(second, 2.0)
    queue.push(first, 3.0)
    assert queue.due() == 2.0
    other.push(second, 9.0)
    assert queue.due() == 3.0
    assert ids(queue.pop(9)) == ["1"]
    assert ids(other.pop(9)) == ["2"]


def test_a_void_place_takes_no_room_in_a_batch():
    """Watches that left make way for those behind them."""
    queue = WatchQueue()
    watches = [watch(str(number)) for number in range(6)]
    for number, each in enumerate(watches):
        queue.push(each, float(number))
    for each in watches[:3]:
        each.entry = 0
    assert queue.due() == 3.0
    assert ids(queue.pop(2)) == ["3", "4"]


def test_a_watch_keeps_its_due_time_when_taken():
    """What was due is known to who takes it out."""
    queue, one = WatchQueue(), watch()
    queue.push(one, 7.0)
    assert queue.pop(1) == [one]
    assert (one.due, one.entry) == (7.0, 0)
    assert queue.due() is None


def test_only_news_is_published():
    """A status that was already known is told to nobody."""
    one, queue = watch(), asyncio.Queue()
    one.listeners = (queue,)
    running = FILM.status("working")
    for status in (FILM.status("waiting"), running, running):
        one.publish(status)
    assert drained(queue) == [JobStatus(State.RUNNING, "working")]
    assert one.status is running


def test_the_end_wakes_everybody():
    """Waiters get their result, listeners the last status; who is gone is left alone."""
    one, queue = watch(), asyncio.Queue()
    waiting, gone = FakeFuture(), FakeFuture(done=True)
    one.listeners, one.waiters = (queue,), (gone, waiting)
    detail = JobSnapshot(word="done", result="film")
    one.end(FILM.status("done"), detail)
    assert (one.detail, one.status.state) == (detail, State.COMPLETED)
    assert (waiting.outcome, gone.outcome) == (None, "pending")
    assert drained(queue) == [FILM.status("done")]


def test_each_waiter_gets_an_error_of_its_own():
    """A failure is copied, so that one traceback does not grow into another."""
    one, queue = watch(), asyncio.Queue()
    first, second, gone = FakeFuture(), FakeFuture(), FakeFuture(done=True)
    one.listeners, one.waiters = (queue,), (first, second, gone)
    error = RateLimitError("slow down", status=429)
    one.fail(error)
    copies = [first.outcome, second.outcome, *drained(queue)]
    assert len({id(each) for each in [*copies, error]}) == 4
    assert all(type(each) is RateLimitError and str(each) == str(error) for each in copies)
    assert (gone.outcome, one.detail) == ("pending", None)


def test_a_new_watch_is_in_no_queue():
    """Nothing is due, nobody waits, and nothing is known but the first word."""
    one = watch()
    assert (one.due, one.entry, one.rate, one.deadline, one.trouble_since) == (
        None,
        0,
        0,
        None,
        None,
    )
    assert (one.detail, one.solo, one.fetch_detail) == (None, False, False)
    assert one.status == JobStatus(State.QUEUED, "waiting")


@pytest.mark.parametrize("sort", ["waiters", "listeners"])
def test_a_watch_is_deserted_when_nobody_waits(sort):
    """A waiter or a listener is somebody."""
    one = watch()
    assert one.deserted
    setattr(one, sort, (FakeFuture(),))
    assert not one.deserted
