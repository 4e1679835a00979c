"""One job as the poller sees it: what is known of it, who waits, and when it is next due."""

from __future__ import annotations

import copy
import heapq
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

    from heygen_async.errors import HeyGenError
    from heygen_async.jobs.schedule import DurationModel
    from heygen_async.models.jobs import JobStatus
    from heygen_async.protocol.kinds import JobKind, JobSnapshot


_MOST_DOUBTS = 8  # unknown words of one job, each of which is worth a look of its own
_DOUBT_PAUSE = 30.0  # seconds between further looks at their account, at the least


class Watch:
    """The state of one job, shared by all handles on it and by the poller.

    ``created_at`` is Unix time, the other times are on the event loop's clock. ``detail`` is set
    once, when the job has ended. ``due`` is when it is to be looked at, kept while nobody waits.
    ``entry`` is the ticket of its place in a queue, 0 while it has none.
    """

    __slots__ = (
        "__weakref__",
        "born",
        "created_at",
        "deadline",
        "detail",
        "doubt",
        "due",
        "entry",
        "failures",
        "fetch_detail",
        "hinted",
        "id",
        "kind",
        "listeners",
        "looked_at",
        "model",
        "rate",
        "size",
        "solo",
        "status",
        "trouble_since",
        "unknown_since",
        "waiters",
    )

    def __init__(
        self,
        kind: JobKind[Any],
        job_id: str,
        *,
        born: float,
        created_at: int,
        status: JobStatus,
        model: DurationModel,
        size: float | None,
    ) -> None:
        self.kind = kind
        self.id = job_id
        self.born = born
        self.created_at = created_at
        self.status = status
        self.model = model
        self.size = size
        self.detail: JobSnapshot[Any] | None = None
        self.waiters: tuple[asyncio.Future[None], ...] = ()  # tuples are small, waiters few
        self.listeners: tuple[asyncio.Queue[JobStatus | HeyGenError], ...] = ()
        self.deadline: float | None = None
        self.trouble_since: float | None = None
        self.failures = 0  # looks that told nothing, in a row
        self.unknown_since: float | None = None  # so long it shows words that nobody knows
        self.doubt: tuple[tuple[str, ...], float, float] | None = None  # see ``doubtful``
        self.due: float | None = None
        self.looked_at: float | None = None  # when it was last seen to be unfinished
        self.entry = 0
        self.rate = 0.0  # looks per second it is planned for
        self.solo = False  # the bulk status does not serve it
        self.fetch_detail = False  # the bulk status, or an event, says it has ended
        self.hinted: bool | None = None  # an event spoke of it: whether it was signed

    @property
    def deserted(self) -> bool:
        """Whether nobody waits for it."""
        return not self.waiters and not self.listeners

    @property
    def alive(self) -> bool:
        """Whether this client has seen the job: by its submission, a look, or a signed event."""
        return self.status.raw != "" or self.looked_at is not None or bool(self.hinted)

    def calm(self) -> None:
        """Note that a look told something: trouble, if there was any, is over."""
        self.trouble_since = None
        self.failures = 0

    def doubtful(self, word: str, now: float) -> bool:
        """Tell whether an unknown ``word`` of the bulk status is a reason to look at the detail.

        It is when it is new, and then ever more rarely: each time that twice as long has passed
        since the first. A word that stays costs no look at every poll, and what it hides is found.
        """
        words, first, last = self.doubt or ((), now, now)
        new = word not in words and len(words) < _MOST_DOUBTS
        if not new and now - first < max(2 * (last - first), last - first + _DOUBT_PAUSE):
            return False
        self.doubt = ((*words, word) if new else words, first, now)
        return True

    def publish(self, status: JobStatus) -> None:
        """Note the status, and tell the listeners if it is news."""
        if status != self.status:
            self.status = status
            for queue in self.listeners:
                queue.put_nowait(status)

    def end(self, status: JobStatus, detail: JobSnapshot[Any]) -> None:
        """Keep what the job ended with, and wake everybody."""
        self.status = status
        self.detail = detail
        for queue in self.listeners:
            queue.put_nowait(status)
        for future in self.waiters:
            if not future.done():
                future.set_result(None)

    def fail(self, error: HeyGenError) -> None:
        """End the waits, though not the job; each gets an error of its own."""
        for queue in self.listeners:
            queue.put_nowait(copy.copy(error))
        for future in self.waiters:
            if not future.done():
                future.set_exception(copy.copy(error))


class WatchQueue:
    """Watches by due time; O(log n) to add, and leaving costs nothing."""

    __slots__ = ("_heap",)

    _tickets = itertools.count(1)

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Watch]] = []

    def push(self, watch: Watch, due: float) -> None:
        """Queue ``watch``; an older place of it, in any queue, is void."""
        watch.due = due
        watch.entry = next(self._tickets)
        heapq.heappush(self._heap, (due, watch.entry, watch))

    def first(self) -> Watch | None:
        """Return the one that is due first, None if there is none."""
        heap = self._heap
        while heap and heap[0][2].entry != heap[0][1]:
            heapq.heappop(heap)
        return heap[0][2] if heap else None

    def due(self) -> float | None:
        """Return when the first one is due, None if there is none."""
        return None if self.first() is None else self._heap[0][0]

    def pop(self, limit: int) -> list[Watch]:
        """Take out up to ``limit`` watches, the first due first."""
        taken: list[Watch] = []
        while len(taken) < limit and self.due() is not None:
            watch = heapq.heappop(self._heap)[2]
            watch.entry = 0
            taken.append(watch)
        return taken
