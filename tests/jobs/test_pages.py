"""When a page of a list is asked for in place of statuses, without a loop."""

from __future__ import annotations

import pytest

from heygen_async import PollPolicy
from heygen_async.jobs.pages import NOT_LISTED, NOT_SOUGHT, ListPages
from heygen_async.jobs.schedule import DurationModel
from heygen_async.jobs.tracked import TrackedJob
from heygen_async.protocol.heygen.videos import VIDEO


def jobs(pages, count, born=0.0):
    """Return so many jobs, which are waited for and queued."""
    made = []
    for number in range(count):
        job = TrackedJob(
            VIDEO, str(number), PollPolicy(), DurationModel(180.0), born=born, created_at=0
        )
        job.queued(0.0, 1.0)
        pages.add(job)
        made.append(job)
    return made


@pytest.fixture
def pages():
    return ListPages()


@pytest.mark.parametrize(("rows", "bulk", "pays"), [(1, 1, False), (2, 1, True), (9, 10, True)])
def test_a_page_has_to_do_more_than_the_request_in_its_place(pages, rows, bulk, pays):
    """Two jobs for the price of one do; of a bulk request the results count as well."""
    first = jobs(pages, rows)[0]
    assert (pages.choose(first, 1.0, bulk) is not None) is pays


def test_a_page_with_few_of_many_jobs_does_not_pay(pages):
    """Ten of a page for a hundred in bulk do not, until so many of a hundred have ended."""
    here = jobs(pages, 10)
    jobs(pages, 90)
    pages.choose(here[0], 1.0, 100)
    pages.see(None, "t1", here, here, 2.0)
    assert pages.choose(here[0], 3.0, 100) is None
    pages.learn(rows=1000, ends=200)
    assert pages.choose(here[0], 3.0, 100) == (None, here)


def test_jobs_are_found_page_by_page_and_asked_for_together(pages):
    """The search goes on where it was; newer jobs are sought at the top."""
    old = jobs(pages, 4)
    assert pages.choose(old[0], 1.0, 4) == (None, [old[0]])
    pages.see(None, "t1", old[2:], [old[0]], 2.0)
    assert pages.choose(old[1], 3.0, 2) == ("t1", [old[1]])
    pages.see("t1", None, old[:2], [old[1]], 4.0)
    assert pages.choose(old[0], 5.0, 2) == ("t1", old[:2])
    new = jobs(pages, 2, born=6.0)
    assert pages.choose(new[0], 7.0, 2) == (None, [new[0]])


def test_a_page_is_not_asked_for_twice_at_once(pages):
    """Neither are jobs on it that another request is about to tell of."""
    here = jobs(pages, 3)
    pages.choose(here[0], 1.0, 3)
    assert pages.choose(here[1], 1.0, 3) is None
    pages.failed(None)
    assert pages.choose(here[1], 1.0, 3) is not None


def test_what_is_not_listed_is_not_sought_again(pages):
    """A job that its page does not bring has a status of its own."""
    here = jobs(pages, 3)
    pages.choose(here[0], 1.0, 3)
    pages.see(None, None, here[1:], [here[0]], 2.0)
    assert here[0].page == NOT_LISTED
    assert pages.choose(here[0], 3.0, 3) is None
    pages.lose(here[1])
    assert pages.choose(here[1], 3.0, 3) is None


def test_a_job_that_has_left_the_first_page_is_sought_on_the_next(pages):
    """Newer videos push it on."""
    here = jobs(pages, 3)
    pages.choose(here[0], 1.0, 3)
    pages.see(None, "t1", here, here[:1], 2.0)
    pages.choose(here[0], 3.0, 3)
    pages.see(None, "t1", here[1:], here, 4.0)
    assert here[0].page == NOT_SOUGHT
    assert pages.choose(here[0], 5.0, 1) is None  # alone, its own status is as good
    jobs(pages, 1)
    assert pages.choose(here[0], 5.0, 1) == ("t1", [here[0]])


def test_two_pages_that_bring_nothing_end_it_for_a_while(pages):
    """As in an account where others make videos, too."""
    here = jobs(pages, 10)
    for turn in range(2):
        pages.choose(here[turn], 1.0, 10)
        pages.see(None if turn == 0 else "t0", f"t{turn}", [], [here[turn]], 2.0)
    assert pages.choose(here[5], 60.0, 10) is None
    assert pages.choose(here[5], 70.0, 10) is not None


def test_a_wait_may_end_while_its_page_is_on_its_way(pages):
    """Then it counts no more, wherever it stands."""
    here = jobs(pages, 3)
    pages.choose(here[0], 1.0, 3)
    pages.remove(here[0])
    pages.see(None, None, here[1:], here[:1], 2.0)
    assert (pages.waiting, pages.not_sought) == (2, 0)
    pages.add(here[0])
    assert pages.waiting == 3


def test_nothing_is_kept_of_jobs_that_nobody_waits_for(pages):
    """A batch of a million leaves no memory behind."""
    here = jobs(pages, 5)
    pages.choose(here[0], 1.0, 5)
    pages.see(None, None, here[:3], here, 2.0)
    for job in here:
        pages.remove(job)
    assert (pages.waiting, pages.not_sought, pages._mates) == (0, 0, {})
