"""Which events have come before, as far back as time and a bounded memory go."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from heygen_async.errors import WebhookError
from heygen_async.protocol.deliveries import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

CERTAIN = 2 * TOLERANCE
"""Seconds for which an event is remembered in any case: its timestamp may be used as long."""

KEPT = 24 * 3600.0 + CERTAIN
"""Seconds for which it is remembered where there is room: HeyGen delivers again for a day.

https://developers.heygen.com/docs/webhook-events
"""

REMEMBERED = 100_000
"""How many marks are kept, in about 20 MiB; an event leaves two at most."""


class SeenEvents:
    """Recognises what comes again; its clock is the one that judges the timestamps."""

    def __init__(self) -> None:
        self._marks: OrderedDict[bytes, float] = OrderedDict()  # by age
        self._lock = threading.Lock()  # two deliveries of one event may come in two loops

    def __len__(self) -> int:
        return len(self._marks)

    @staticmethod
    def marks(body: bytes, event_id: str | None) -> list[bytes]:
        """Return what an event is known by: its bytes, and its id if it has one."""
        # The id may be missing, or stand outside what is signed.
        known = [body] if event_id is None else [body, event_id.encode(errors="surrogatepass")]
        return [*dict.fromkeys(hashlib.sha256(text).digest() for text in known)]

    def add(self, marks: Sequence[bytes], now: float, *, full: bool) -> bool:
        """Remember an event, and tell whether it is new.

        Raises ``WebhookError`` (503) for a new one if there is no room, or all is ``full``.
        """
        with self._lock:
            room = self._make_room(now)
            if not self._marks.keys().isdisjoint(marks):
                return False
            if full or not room:
                raise WebhookError("too many events at once", status=503)
            self._marks.update(dict.fromkeys(marks, now))
        return True

    def knows(self, marks: Sequence[bytes], now: float) -> bool:
        """Tell whether an event came before."""
        with self._lock:
            self._make_room(now)
            return not self._marks.keys().isdisjoint(marks)

    def note(self, marks: Sequence[bytes], now: float) -> None:
        """Remember an event where there is room: others remember it, too."""
        with self._lock:
            if self._make_room(now):
                self._marks.update(dict.fromkeys(marks, now))

    def _make_room(self, now: float) -> bool:
        """Forget what need not be kept, oldest first; tell whether there is room for an event."""
        while self._marks:
            age = now - next(iter(self._marks.values()))
            full = len(self._marks) + 2 > REMEMBERED
            # What may come again is not forgotten for lack of room: its handlers would run twice.
            if age <= CERTAIN or (age <= KEPT and not full):
                return not full
            self._marks.popitem(last=False)
        return True
