"""From the loop that a delivery comes in to the one that its client lives in."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import TYPE_CHECKING, TypeVar

from heygen_async.errors import WebhookError

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")

PATIENCE = 4.0
"""Seconds to wait for the other loop: JoggAI takes no answer after 5, HeyGen none after 10."""


async def call_in(loop: asyncio.AbstractEventLoop, function: Callable[[], R]) -> R:
    """Call ``function`` in ``loop``, which may run in another thread, and return what it returns.

    Raises ``WebhookError`` with 503 if that loop does not answer; nothing has been done then.
    """
    answer: concurrent.futures.Future[R] = concurrent.futures.Future()

    # A callback, not a task: a loop that ends cancels its tasks, and that would come out here.
    def call() -> None:
        if answer.set_running_or_notify_cancel():  # False once nobody waits any more
            try:
                answer.set_result(function())
            except Exception as error:  # noqa: BLE001 - whatever it is, it is raised over here
                answer.set_exception(error)

    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:
        raise WebhookError("the event loop of the client has been closed", status=503) from None
    try:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.wrap_future(answer)
    except TimeoutError:
        raise WebhookError("the event loop of the client does not answer", status=503) from None
