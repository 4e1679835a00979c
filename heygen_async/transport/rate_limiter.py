"""A limit on calls per time that is kept on this side, so that the server need not say no."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol


class Pace(Protocol):
    """Lets calls out one by one."""

    async def acquire(self) -> None:
        """Return when it is the caller's turn."""


class RateLimiter:
    """At most ``limit`` turns in any ``window`` seconds, first come, first served."""

    def __init__(self, limit: int, window: float) -> None:
        self._window = window
        self._turns: deque[float] = deque(maxlen=limit)
        self._lock = asyncio.Lock()

    async def acquire(self) -> None:
        """Return when it is the caller's turn."""
        loop = asyncio.get_running_loop()
        async with self._lock:  # a queue: it is given in the order in which it was asked for
            if len(self._turns) == self._turns.maxlen:
                await asyncio.sleep(self._turns[0] + self._window - loop.time())
            # Noted when it begins: one who is cancelled while he waits takes no turn.
            self._turns.append(loop.time())
