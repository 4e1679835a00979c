"""``ListPages``: when a page of a kind's list is asked for in place of statuses; pure.

A page of ``GET /v3/videos`` has a hundred whole results. So where many jobs that are waited for
stand on one page, it is a bulk status and all their results in a single request.
https://developers.heygen.com/reference/list-videos
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heygen_async.jobs.tracked import TrackedJob

Place: TypeAlias = "str | None"
"""The token of a page; None is the first page, which has the newest."""

PAGE_SIZE = 100

NOT_SOUGHT = "not sought\n"  # no token has a line end
NOT_LISTED = "not listed\n"

_TRUSTED = 10  # pages, then a request for statuses
_MISSES = 2  # pages in a row that did not pay
_PAUSE = 60.0, 3600.0  # seconds without pages after that, twice as long each time in a row
_LATE = 3.0  # per second
_PRIOR = 1, 50  # of so many rows so many are expected to tell of an end, before any was seen


class ListPages:
    """The pages of one kind's list, as far as jobs that are waited for were seen on them.

    Jobs are found by their ids, wherever they are: that the newest come first is only a hope.
    A page is asked for when it does more for a request than the bulk status, of whose rows each
    that tells of an end costs a request for the result.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self.not_sought = 0  # waiting jobs that no page was read for yet
        self._mates: dict[Place, dict[TrackedJob, None]] = {}
        self._next: Place = NOT_LISTED  # where the search for others goes on
        self._top_read_at: float | None = None
        self._ends, self._rows = _PRIOR
        self._misses = 0
        self._in_a_row = 0  # pages since other statuses were asked for
        self._off_until = self._pause = 0.0
        # Of the requests under way: what they are in place of, and since when.
        self._asked: dict[Place, tuple[int, float]] = {}

    def add(self, job: TrackedJob) -> None:
        """Take in that a job is waited for."""
        self.waiting += 1
        self.not_sought += job.page == NOT_SOUGHT
        self._mates.setdefault(job.page, {})[job] = None

    def remove(self, job: TrackedJob) -> None:
        """Take in that a job is waited for no more."""
        self.waiting -= 1
        self.not_sought -= job.page == NOT_SOUGHT
        self._leave(job)

    def choose(
        self, job: TrackedJob, now: float, bulk: int, late: float = 0.0
    ) -> tuple[Place, list[TrackedJob]] | None:
        """Return the page to ask for in place of the next request, and the jobs on it.

        ``job`` has been due for ``late`` seconds, and the request would ask for it and others,
        ``bulk`` of them at the most (1 is a request for it alone). None if that is the better one.
        """
        if now < self._off_until or job.page == NOT_LISTED:
            return None
        if self._in_a_row >= _TRUSTED and not job.fetch_result:
            self._in_a_row = 0  # a list that lags behind would say for ever that all is running
            return None
        if job.page != NOT_SOUGHT:
            place = job.page
            queued = (each for each in self._mates[place] if each.ticket)
            mates = [job, *(each for each in queued if each is not job)]
            expected = len(mates)
        else:
            seen_since = self._top_read_at is not None and job.born <= self._top_read_at
            place = self._next if seen_since else None
            mates, expected = [job], min(PAGE_SIZE, self.not_sought)
            if place == NOT_LISTED:
                self._move(job, NOT_LISTED)
                return None
        if place in self._asked or not self._pays(expected, bulk, late):
            return None
        self._asked[place] = bulk, now
        self._in_a_row += 1
        return place, mates

    def see(
        self,
        place: Place,
        then: Place,
        found: Iterable[TrackedJob],
        asked: Iterable[TrackedJob],
        now: float,
    ) -> None:
        """Take in which jobs a page has; ``then`` is the token of the next page.

        ``asked`` are the jobs that ``choose`` expected on it.
        """
        bulk, at = self._asked.pop(place, (1, now))
        there = list(found)
        for job in there:
            self._move(job, place)
        for job in asked:
            if job not in there:
                # Newer ones push it from the first page on, and what is sought may be further on.
                goes_on = then is not None and (place is None or job.page == NOT_SOUGHT)
                self._move(job, NOT_SOUGHT if goes_on else NOT_LISTED)
        if place is None:
            self._top_read_at = at
        if place in (None, self._next):
            self._next = NOT_LISTED if then is None else then
        if self._pays(len(there), bulk):
            self._misses, self._pause = 0, 0.0
        else:
            self._misses += 1
        if self._misses >= _MISSES:
            self.stop(now)

    def lose(self, job: TrackedJob) -> None:
        """Take in that the list does not say of a job what its own status says."""
        self._move(job, NOT_LISTED)

    def learn(self, *, rows: int, ends: int) -> None:
        """Take in how many rows told of an end."""
        self._rows += rows
        self._ends += ends

    def stop(self, now: float) -> None:
        """Do without pages for a while: they brought too little, or are refused."""
        self._misses, self._top_read_at = 0, None
        self._pause = min(max(2 * self._pause, _PAUSE[0]), _PAUSE[1])
        self._off_until = now + self._pause

    def failed(self, place: Place) -> None:
        """Take in that the answer never came."""
        self._asked.pop(place, None)

    def _pays(self, rows: int, bulk: int, late: float = 0.0) -> bool:
        """Tell whether a page with so many of the jobs is worth its request.

        Of ``bulk`` rows those that have ended cost one more request each: so a row costs
        ``1 / bulk + ends / rows``, and one of a page its share of the page. Requests that are
        ``late`` are too few for all: then it matters more how many jobs they tell of.
        """
        if bulk == 1:
            return rows > 1
        return rows * (1 / bulk + self._ends / self._rows / (1 + _LATE * late)) >= 1

    def _move(self, job: TrackedJob, place: Place) -> None:
        if place == job.page:
            return
        if self._leave(job):
            self.not_sought += (place == NOT_SOUGHT) - (job.page == NOT_SOUGHT)
            self._mates.setdefault(place, {})[job] = None
        job.page = place

    def _leave(self, job: TrackedJob) -> bool:
        """Take a job from its page, if it is waited for still; tell whether it was."""
        mates = self._mates.get(job.page, {})
        if job not in mates:  # its wait ended while the answer was on its way
            return False
        del mates[job]
        if not mates:
            del self._mates[job.page]
        return True
