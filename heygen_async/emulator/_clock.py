"""The emulator's clock: the event loop's time for durations, one offset for dates."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """Reads the running loop's clock, so that a loop with virtual time drives the emulator."""

    __slots__ = ("_started_at", "_unix_offset")

    def __init__(self) -> None:
        self._started_at = 0.0
        self._unix_offset = 0.0

    def start(self) -> None:
        """Take the start of the emulator and the distance from loop time to Unix time."""
        self._started_at = self.now()
        self._unix_offset = time.time() - self._started_at

    def now(self) -> float:
        """Return the loop's time in seconds."""
        return asyncio.get_running_loop().time()

    def elapsed(self) -> float:
        """Return the seconds since the emulator started."""
        return self.now() - self._started_at

    def unix(self, at: float) -> float:
        """Return the Unix time of the moment *at* of the loop's clock."""
        return at + self._unix_offset
