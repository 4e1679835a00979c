"""``Ledger``: what a batch has done, on disk before and after each step that costs money."""

from __future__ import annotations

import asyncio
import copy
import functools
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from heygen_async.batch import store
from heygen_async.batch.items import ItemState
from heygen_async.errors import LedgerError
from heygen_async.transport.loops import LoopBinding

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator, Callable, Mapping
    from types import TracebackType

    from heygen_async.batch.items import LedgerItem

R = TypeVar("R")

GATHER = 0.05
"""Seconds between two syncs, which cost more than all that is written by them."""


class Ledger:
    """The memory of batches: one SQLite file, opened as ``async with Ledger("run.sqlite")``.

    ``map`` writes into it what it is about to submit, what it has submitted, and how that ended,
    each synced to the disk before it goes on. It holds no API key and no signed URL. One process
    owns it at a time; ``read_only`` reads beside the owner. Trouble with the file is a
    ``LedgerError``.
    """

    def __init__(self, path: str | Path, *, read_only: bool = False) -> None:
        self.path = Path(path)
        self.claimed: set[str] = set()
        """The keys that a ``map`` of this process is working on."""
        self._read_only = read_only
        self._thread: ThreadPoolExecutor | None = None
        self._store: store.Store | None = None
        self._waiting: list[tuple[Callable[[sqlite3.Connection], Any], asyncio.Future[Any]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._synced_at = -math.inf

    async def get(self, key: str) -> LedgerItem | None:
        """Return the item of ``key``, None if there is none."""
        opened = self._opened()
        if not opened.may_have(key):
            return None
        (item,) = await self._call(opened.apply, [functools.partial(store.get, key=key)])
        return item  # type: ignore[no-any-return] # what store.get returns

    async def put(self, item: LedgerItem) -> None:
        """Write ``item`` under its key; it is on the disk when this returns.

        Under load this takes up to ``GATHER`` seconds longer, so that many are synced as one.
        """
        self._opened().note(item.key)
        await self._do(functools.partial(store.put, item=item))

    async def items(self) -> AsyncIterator[LedgerItem]:
        """Yield all items, in the order of their keys."""
        after = ""
        while page := await self._do(functools.partial(store.page, after=after)):
            for item in page:
                yield item
            after = page[-1].key

    async def counts(self) -> Mapping[ItemState, int]:
        """Return how many items there are in each state."""
        return await self._do(store.counts)

    async def reopen(self, *, failed: bool = False, uncertain: bool = False) -> int:
        """Let the next ``map`` submit failed or uncertain items anew; return how many.

        An uncertain item may have been paid for already: look at the vendor's list first.
        """
        wanted = {ItemState.FAILED: failed, ItemState.UNCERTAIN: uncertain}
        states = [state for state, reopened in wanted.items() if reopened]
        return await self._do(functools.partial(store.reopen, states=states))

    async def __aenter__(self) -> Self:
        if self._thread is not None:
            raise LedgerError(f"{self.path}: it is open already")
        self._loop = LoopBinding("ledger", error=LedgerError)
        self._loop.check()
        self._thread = ThreadPoolExecutor(1, "heygen-ledger")
        try:
            self._store = await self._call(store.Store, self.path, read_only=self._read_only)
        except BaseException:
            self._stop()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        closing, self._store = self._store, None
        try:
            if self._writer is not None:
                await self._writer
        finally:
            if closing is not None:
                await self._call(closing.close)
            self._stop()

    def _opened(self) -> store.Store:
        if self._store is None:
            raise LedgerError(f"{self.path}: it is closed; use it inside 'async with'")
        self._loop.check()
        return self._store

    async def _do(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """Do ``work`` in the ledger's thread; what comes together is synced together."""
        opened = self._opened()
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(opened))
        return await done

    async def _write(self, opened: store.Store) -> None:
        """Do all that waits, in one transaction, until nothing waits any more."""
        clock = asyncio.get_running_loop().time
        while self._waiting:
            if (pause := self._synced_at + GATHER - clock()) > 0:
                await asyncio.sleep(pause)
            self._synced_at = clock()
            batch, self._waiting = self._waiting, []
            try:
                results = await self._call(opened.apply, [work for work, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
                for _, done in batch:
                    if not done.done():
                        done.set_exception(copy.copy(error))
            else:
                for (_, done), result in zip(batch, results, strict=True):
                    if not done.done():
                        done.set_result(result)
        self._writer = None

    async def _call(self, function: Callable[..., R], *args: Any, **options: Any) -> R:
        call = functools.partial(function, *args, **options)
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _stop(self) -> None:
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
