"""Events that speak of jobs: each is a reason to look, and many are a reason to poll less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heygen_async.jobs.agenda import Agenda
    from heygen_async.jobs.watch import Watch
    from heygen_async.protocol.kinds import JobKind

TRUSTED_AFTER = 3
"""How many jobs of a kind have to be announced in a row before events are relied on."""

_ON_ITS_WAY = 10.0  # seconds that an event may take
_PAUSE = 1.0  # seconds between looks at one job, however often it is spoken of


class Announcements:
    """Judges by the jobs that end whether events can be relied on, kind by kind."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._in_a_row: dict[JobKind[Any], int] = {}

    def take(self, watch: Watch, now: float, *, signed: bool) -> None:
        """Have the job looked at, that an event spoke of."""
        watch.hinted = signed or bool(watch.hinted)
        watch.fetch_detail = True
        looked = watch.born - _PAUSE if watch.looked_at is None else watch.looked_at
        self._agenda.queue(watch, now, max(0.0, looked + _PAUSE - now))

    def ended(self, watch: Watch, now: float, late: float | None) -> None:
        """Learn from a job that has ended: it was announced by a signed event, or it was not.

        One that was missed is enough to look at all of its kind by the schedule again; one that
        was seen only ``late`` seconds after its end may have been ahead of its event.
        """
        if not watch.hinted and late is not None and late < _ON_ITS_WAY:
            return
        in_a_row = self._in_a_row.get(watch.kind, 0) + 1 if watch.hinted else 0
        self._in_a_row[watch.kind] = in_a_row
        self._agenda.rely_on_events(watch.kind, now, rely=in_a_row >= TRUSTED_AFTER)
