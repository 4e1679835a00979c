"""``SqliteStore``: a ledger in one SQLite file of one process, each change on the disk."""

from __future__ import annotations

import asyncio
import copy
import functools
import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from heygen_async.batch.ledger_file import LedgerFile
from heygen_async.batch.store import identify
from heygen_async.errors import LedgerError
from heygen_async.jobs.limiter import JobLimiter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from heygen_async.batch.item import ItemState, LedgerItem
    from heygen_async.batch.ledger_file import Change
    from heygen_async.batch.store import Event, Store
    from heygen_async.jobs.limiter import SlotLimiter

    Waiting = list[tuple[Change, asyncio.Future[Any]]]
    """Changes that are not written yet, and the futures of those who wait for them."""

R = TypeVar("R")

GATHER = 0.05
"""Seconds between two syncs, which cost more than all that is written by them."""


class SqliteStore:
    """Writes in a thread of its own; changes that come together are synced as one.

    One process owns the file at a time; ``read_only`` reads beside the owner.
    """

    machine: str | None = None

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.where = str(path)
        self._path = path
        self._read_only = read_only
        self._thread: ThreadPoolExecutor | None = None
        self._file: LedgerFile | None = None
        self._waiting: Waiting = []
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Future[list[object]] | None = None
        self._synced_at = -math.inf

    async def open(self) -> None:
        """Open it, as its owner or to read it."""
        self._thread = ThreadPoolExecutor(1, "heygen-ledger")
        opening = self._call(functools.partial(LedgerFile, self._path, read_only=self._read_only))
        cancelled = await _through(opening)
        if cancelled is not None and opening.exception() is None:
            await _through(self._call(opening.result().close))
        if cancelled is not None or opening.exception() is not None:
            self._end_thread()
        if cancelled is not None:
            raise cancelled
        self._file = opening.result()

    async def close(self) -> None:
        """Write what waits, and no more than that, then close the file."""
        cancelled = None
        closing, self._file = self._opened(), None
        while self._waiting or self._writing is not None:
            if self._writing is None:
                self._begin(closing)
            else:
                cancelled = await _through(self._writing) or cancelled
        closed = self._call(closing.close)
        cancelled = await _through(closed) or cancelled
        self._end_thread()
        if (error := cancelled or closed.exception()) is not None:
            raise error

    async def own(self, account: Mapping[str, str], *, adopt: bool) -> tuple[str, str] | None:
        """Give it to an account, or return whose it is."""
        file = self._opened()
        mine = identify(account, file.salt)
        del account  # no traceback is to show it
        known = await self._apply(file, functools.partial(file.claim, mine, adopt=adopt))
        return None if known == mine else known[:2]

    async def get(self, key: str) -> LedgerItem | None:
        """Return an item, None if there is none."""
        file = self._opened()
        if file.seen is not None and key not in file.seen:  # most keys are new: no thread is asked
            return None
        return await self._call(file.get, key)

    async def take(self, key: str, waits: Callable[[], object]) -> LedgerItem | None:  # noqa: ARG002 - nobody else has the file
        """Return an item: no other process claims any."""
        return await self.get(key)

    def leave(self, key: str) -> None:
        """Do nothing: a claim is nothing here."""

    async def put(self, items: Sequence[LedgerItem]) -> None:
        """Write all items or none.

        Under load this takes up to ``GATHER`` seconds longer, so that many are synced as one.
        """
        file = self._opened()
        if file.seen is not None:
            for item in items:
                file.seen.add(item.key)
        await self._apply(file, items)

    async def page(self, after: str) -> list[LedgerItem]:
        """Return the next items."""
        return await self._call(self._opened().page, after)

    async def related(self, labels: Iterable[str], job_ids: Iterable[str]) -> list[LedgerItem]:
        """Return what ``LedgerFile.related`` finds."""
        return await self._call(self._opened().related, [*labels], [*job_ids])

    async def counts(self) -> Mapping[ItemState, int]:
        """Return how many items there are in each state."""
        return await self._call(self._opened().counts)

    async def check(self) -> None:
        """Compare all items with their checksums."""
        await self._call(self._opened().check)

    async def reopen(self, states: Sequence[ItemState]) -> int:
        """Let items be submitted anew; return how many."""
        file = self._opened()
        reopened: int = await self._apply(file, functools.partial(file.reopen, states))
        return reopened

    async def rename(self, keys: Sequence[tuple[str, str]]) -> None:
        """Give items other keys."""
        file = self._opened()
        if file.seen is not None:
            for _, new in keys:
                file.seen.add(new)
        await self._apply(file, functools.partial(file.rename, keys))

    async def discard(self, keys: Sequence[str]) -> None:
        """Remove items that were never sent."""
        file = self._opened()
        await self._apply(file, functools.partial(file.discard, keys))

    async def stop(self) -> None:
        """Ask the owner, which may be another process, to submit nothing more."""
        await self._call(self._opened().stop)

    async def stopped(self, wait: float) -> bool:
        """Whether somebody has asked the owner to stop: a look at the disk, without a thread."""
        await asyncio.sleep(wait)
        return self._opened().stopped()

    async def crew(self) -> None:
        """Return None: a file is of one process."""

    async def remember(self, marks: Sequence[bytes], event: Sequence[Event]) -> bool:  # noqa: ARG002 - no other process is to be told
        """Remember an event; return whether it is new."""
        file = self._opened()
        new: bool = await self._apply(file, functools.partial(file.remember, marks, time.time()))
        return new

    async def forget(self, marks: Sequence[bytes]) -> None:
        """Forget an event."""
        file = self._opened()
        await self._apply(file, functools.partial(file.forget, marks))

    def on_lost(self, lost: Callable[[str], object]) -> None:
        """Do nothing: no other process can take anything."""

    def on_orphan(self, adopt: Callable[[Store, str], object] | None) -> None:
        """Do nothing: no other process can have died over it."""

    def time(self) -> float:
        """Return the time of this machine."""
        return time.time()

    def hear(self, notify: Callable[..., object]) -> None:
        """Do nothing: no other process tells of events."""

    def slots(self, limit: int, own: SlotLimiter | None) -> SlotLimiter:
        """Return ``own``, or what bounds the jobs of this process."""
        return JobLimiter(limit) if own is None else own

    def _opened(self) -> LedgerFile:
        if self._file is None:
            raise LedgerError(f"{self.where}: it is closed; use it inside 'async with'")
        return self._file

    async def _apply(self, file: LedgerFile, change: Change) -> Any:
        """Make a change in the ledger's thread; what comes together is synced together."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, done))
        if self._timer is None and self._writing is None:
            self._schedule(file)
        return await done

    def _schedule(self, file: LedgerFile) -> None:
        """Let what waits be written, ``GATHER`` seconds after what was written last.

        No task does this, for whoever cancels all tasks at shutdown would leave writers waiting.
        """
        loop = asyncio.get_running_loop()
        pause = max(0.0, self._synced_at + GATHER - loop.time())
        self._timer = loop.call_later(pause, self._begin, file)

    def _begin(self, file: LedgerFile) -> None:
        """Write all that waits in one transaction: one at a time, for there is one thread."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        group, self._waiting = self._waiting, []
        self._writing = self._call(file.apply, [change for change, _ in group])
        self._writing.add_done_callback(functools.partial(self._written, group))

    def _written(self, group: Waiting, writing: asyncio.Future[list[object]]) -> None:
        """Tell those who wait, and go on with what came meanwhile."""
        self._writing = None
        self._synced_at = asyncio.get_running_loop().time()
        error = writing.exception()
        results = [None] * len(group) if error is not None else writing.result()
        for (_, done), result in zip(group, results, strict=True):
            if done.done():  # its writer was cancelled; what it wanted is written all the same
                continue
            if error is not None:
                done.set_exception(copy.copy(error))  # each raises one of its own
            else:
                done.set_result(result)
        if self._waiting and self._file is not None:
            self._schedule(self._file)

    def _call(self, function: Callable[..., R], *given: object) -> asyncio.Future[R]:
        return asyncio.get_running_loop().run_in_executor(self._thread, function, *given)

    def _end_thread(self) -> None:
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None


async def _through(future: asyncio.Future[Any]) -> asyncio.CancelledError | None:
    """Wait until the thread has done its part; return the cancellation that came meanwhile.

    It takes milliseconds, and left halfway the file would stay locked with nobody to close it.
    """
    cancelled = None
    while True:
        try:
            # Also for one that is done: its callbacks have their turn first, which close waits for.
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
        if future.done():
            return cancelled
