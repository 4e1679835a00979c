"""The user's handlers: who wants which events, and the tasks that call them."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from heygen_async.models.webhooks import WebhookEvent

E = TypeVar("E", bound="WebhookEvent")

Handler = Callable[[E], object]
"""What is called with an event: a function, or a coroutine function."""

MAX_PENDING = 1000
"""How many events may have handlers at work; more are sent back, to be delivered again."""

logger = logging.getLogger("heygen_async.webhooks")


class Handlers:
    """Calls handlers, in the order in which they were added, in one task for each event."""

    def __init__(self) -> None:
        self._handlers: list[tuple[type[WebhookEvent], Handler[Any]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pending(self) -> int:
        """How many events have handlers at work."""
        return len(self._tasks)

    @property
    def full(self) -> bool:
        """Whether no more events can be taken for now."""
        return self.pending >= MAX_PENDING

    def add(self, kind: type[E], handler: Handler[E]) -> None:
        """Call ``handler`` with each event that is a ``kind``."""
        self._handlers.append((kind, handler))

    def start(self, event: WebhookEvent) -> None:
        """Have the handlers called that want ``event``, soon."""
        wanted = [handler for kind, handler in self._handlers if isinstance(event, kind)]
        if wanted:
            task = asyncio.create_task(_run(wanted, event), name=f"webhook {event.event_type}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Wait for the handlers at work; cancelling this cancels them."""
        try:
            while self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()


async def _run(handlers: list[Handler[Any]], event: WebhookEvent) -> None:
    await asyncio.sleep(0)  # the answer goes first, also where tasks are eager
    for handler in handlers:
        try:
            result = handler(event)
            if inspect.isawaitable(result):
                await result
        except Exception:  # a handler may raise anything, and the others are to be called
            logger.warning("a handler of %r failed", event.event_type, exc_info=True)
