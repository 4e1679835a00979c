"""Which events have come before, as far back as time and a bounded memory go."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING

from heygen_async.protocol.signatures import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Iterable

CERTAIN = 2 * TOLERANCE
"""Seconds for which an event is remembered in any case: its timestamp may be used as long."""

KEPT = 24 * 3600.0 + CERTAIN
"""Seconds for which it is remembered where there is room: HeyGen delivers again for a day.

https://developers.heygen.com/docs/webhook-events
"""

REMEMBERED = 100_000
"""How many marks are kept, in about 20 MiB; an event leaves two at most."""


class Memory:
    """Recognises what comes again; its clock is the one that judges the timestamps."""

    def __init__(self) -> None:
        self._marks: OrderedDict[bytes, float] = OrderedDict()  # by age

    def __len__(self) -> int:
        return len(self._marks)

    def knows(self, marks: Iterable[bytes]) -> bool:
        """Tell whether one of ``marks`` has been seen."""
        return any(mark in self._marks for mark in marks)

    def has_room(self, now: float) -> bool:
        """Tell whether more can be remembered; the oldest that need not be kept make room."""
        while self._marks:
            age = now - next(iter(self._marks.values()))
            full = len(self._marks) + 2 > REMEMBERED
            # What may come again is not forgotten for lack of room: its handlers would run twice.
            if age <= CERTAIN or (age <= KEPT and not full):
                return not full
            self._marks.popitem(last=False)
        return True

    def add(self, marks: Iterable[bytes], now: float) -> None:
        """Remember ``marks``."""
        self._marks.update(dict.fromkeys(marks, now))


def marks_of(body: bytes, event_id: str | None) -> set[bytes]:
    """Return what an event is known by; its id may be missing, or stand outside what is signed."""
    known = [body] if event_id is None else [body, event_id.encode(errors="surrogatepass")]
    return {hashlib.sha256(text).digest() for text in known}
