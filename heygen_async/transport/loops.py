"""Which event loop an object belongs to: that of its first use, and no other."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from heygen_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from heygen_async.errors import HeyGenError


class LoopBinding:
    """Binds its owner to the event loop that is running when ``check`` is first called.

    ``loop`` is that loop, None before. Used from another one, futures, locks and connections of
    asyncio hang or break halfway; so every entry point checks before anything is sent.
    """

    __slots__ = ("_error", "_lock", "_owner", "loop")

    def __init__(
        self,
        owner: str,
        *,
        error: type[HeyGenError] = InvalidRequestError,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._owner = owner
        self._error = error
        self._lock = threading.Lock()
        # A strong reference: the address of a loop that is gone is soon that of the next one.
        self.loop = loop

    @property
    def dead(self) -> bool:
        """Whether its loop has been closed: nothing of it can run any more."""
        return self.loop is not None and self.loop.is_closed()

    def check(self) -> None:
        """Bind to the running loop, or raise unless it is the one bound to."""
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            raise self._error(
                f"the {self._owner} needs a running event loop: use it inside a coroutine"
            ) from None
        if self.loop is running:
            return
        with self._lock:  # two threads may come first at once
            if self.loop is None:
                self.loop = running
        if self.dead:
            raise self._error(
                f"the {self._owner} belongs to an event loop that has been closed; make a "
                f"{self._owner} for each loop: create it inside the coroutine that asyncio.run runs"
            )
        if self.loop is not running:
            raise self._error(
                f"the {self._owner} belongs to another event loop; make a {self._owner} for each "
                "loop, or hand the call to its loop with asyncio.run_coroutine_threadsafe"
            )
