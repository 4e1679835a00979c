"""The user's handlers: who wants which events, and the tasks that call them."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

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
        self._closing: set[asyncio.Task[Any] | None] = set()

    @property
    def full(self) -> bool:
        """Whether no more events can be taken for now."""
        if len(self._tasks) >= MAX_PENDING:  # a loop that was closed takes its tasks with it
            self._tasks = {task for task in self._tasks if not task.get_loop().is_closed()}
        return len(self._tasks) >= MAX_PENDING

    def add(self, kind: type[E], handler: Handler[E]) -> None:
        """Call ``handler`` with each event that is a ``kind``."""
        self._handlers.append((kind, handler))

    def start(self, event: WebhookEvent) -> None:
        """Have the handlers called that want ``event``, soon."""
        wanted = [handler for kind, handler in self._handlers if isinstance(event, kind)]
        if wanted:
            self.spawn(_run(wanted, event), event)

    def spawn(self, work: Coroutine[Any, Any, None], event: WebhookEvent) -> None:
        """Have the work that an event needs done, as one of those that ``aclose`` waits for."""
        task = asyncio.create_task(work, name=f"webhook {event.event_type}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():  # by the end of its loop, say: the vendor believes it was delivered
            logger.warning("the handlers of %s were cut off", task.get_name())

    async def aclose(self) -> None:
        """Wait for the handlers at work, in whichever loop; cancelling this cancels them.

        A handler that closes its own receiver waits for the others only.
        """
        caller, here = asyncio.current_task(), asyncio.get_running_loop()
        loops = {task.get_loop() for task in self._tasks if task.get_loop().is_running()}
        # A task is awaited and cancelled only in its own loop; gather passes a cancellation on.
        await asyncio.gather(
            self._settle(caller),
            *(
                asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._settle(None), loop))
                for loop in loops - {here}
            ),
            return_exceptions=True,  # a loop that ends meanwhile took its handlers with it
        )

    async def _settle(self, caller: asyncio.Task[Any] | None) -> None:
        """Wait for the handlers at work in this loop, for ``caller`` only if it is none of them."""
        loop = asyncio.get_running_loop()
        if caller in self._tasks:
            # Two handlers that close their receiver would wait for each other for ever.
            self._closing.add(caller)

        def others() -> set[asyncio.Task[None]]:
            return {task for task in self._tasks - self._closing if task.get_loop() is loop}

        try:
            while tasks := others():
                await asyncio.wait(tasks)
        finally:
            for task in others():
                task.cancel()
            self._closing.discard(caller)


async def _run(handlers: list[Handler[Any]], event: WebhookEvent) -> None:
    await asyncio.sleep(0)  # the answer goes first, also where tasks are eager
    for handler in handlers:
        try:
            result = handler(event)
            if inspect.isawaitable(result):
                await result
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:
            # A handler may raise anything, and the others are to be called: also after a
            # cancellation that is not ours, such as that of something it waited for.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            logger.warning("a handler of %r failed", event.event_type, exc_info=True)
