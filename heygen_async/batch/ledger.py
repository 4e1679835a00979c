"""``Ledger``: what a batch has done, on disk before and after each step that costs money."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import functools
import hashlib
import hmac
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from heygen_async.batch.item import ItemState
from heygen_async.batch.ledger_file import LedgerFile
from heygen_async.errors import LedgerError
from heygen_async.transport.loops import LoopBinding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from heygen_async.batch.item import LedgerItem
    from heygen_async.batch.ledger_file import Change

    Waiting = list[tuple[Change, asyncio.Future[Any]]]
    """Changes that are not written yet, and the futures of those who wait for them."""

R = TypeVar("R")

GATHER = 0.05
"""Seconds between two syncs, which cost more than all that is written by them."""


class Ledger:
    """The memory of batches: one SQLite file, opened as ``async with Ledger("run.sqlite")``.

    ``map`` writes into it what it is about to submit, what it has submitted, and how that ended,
    each synced to the disk before it goes on. It holds no API key and no signed URL. One process
    owns it at a time; ``read_only`` reads beside the owner. It belongs to the account that it was
    first used with; ``adopt`` gives it, once, to the one that uses it next. Trouble with the file
    is a ``LedgerError``.
    """

    def __init__(self, path: str | Path, *, read_only: bool = False, adopt: bool = False) -> None:
        self.path = Path(path)
        self.claimed: set[str] = set()
        """The keys that a ``map`` of this process is working on."""
        self._read_only = read_only
        self._adopt = adopt
        self._thread: ThreadPoolExecutor | None = None
        self._file: LedgerFile | None = None
        self._loop = LoopBinding("ledger", error=LedgerError)
        self._holders: list[Callable[[], Awaitable[None]]] = []
        self._waiting: Waiting = []
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Future[list[object]] | None = None
        self._synced_at = -math.inf

    async def get(self, key: str) -> LedgerItem | None:
        """Return the item of ``key``, None if there is none."""
        file = self._opened()
        if file.seen is not None and key not in file.seen:  # most keys are new: no thread is asked
            return None
        return await self._call(file.get, key)

    async def put(self, item: LedgerItem) -> None:
        """Write ``item`` under its key; it is on the disk when this returns.

        Under load this takes up to ``GATHER`` seconds longer, so that many are synced as one.
        """
        file = self._opened()
        if file.seen is not None:
            file.seen.add(item.key)
        await self._apply(file, item)

    async def put_all(self, items: Sequence[LedgerItem]) -> None:
        """Write all items or none, as ``put`` does."""
        file = self._opened()
        if file.seen is not None:
            for item in items:
                file.seen.add(item.key)
        await self._apply(file, functools.partial(file.put_all, items))

    async def items(self) -> AsyncIterator[LedgerItem]:
        """Yield all items, in the order of their keys."""
        after = ""
        while page := await self._call(self._opened().page, after):
            for item in page:
                yield item
            after = page[-1].key

    async def counts(self) -> Mapping[ItemState, int]:
        """Return how many items there are in each state."""
        return await self._call(self._opened().counts)

    async def check(self) -> None:
        """Compare all items with their checksums and their number; an owner's opening does, too.

        Raises ``LedgerError``, which names the items that are damaged.
        """
        await self._call(self._opened().check)

    async def reopen(self, *, failed: bool = False, uncertain: bool = False) -> int:
        """Let the next ``map`` submit failed or uncertain items anew; return how many.

        An uncertain item may have been paid for already: look at the vendor's list first.
        """
        wanted = {ItemState.FAILED: failed, ItemState.UNCERTAIN: uncertain}
        states = [state for state, anew in wanted.items() if anew]
        file = self._opened()
        reopened: int = await self._apply(file, functools.partial(file.reopen, states))
        return reopened

    async def rename(self, keys: Mapping[str, str]) -> None:
        """Give items other keys, by the old ones; there must be no item of the new ones."""
        file = self._opened()
        if file.seen is not None:
            for new in keys.values():
                file.seen.add(new)
        await self._apply(file, functools.partial(file.rename, [*keys.items()]))

    async def discard(self, keys: Iterable[str]) -> None:
        """Forget open items that were never sent, such as rows that a table has no more."""
        file = self._opened()
        await self._apply(file, functools.partial(file.discard, [*keys]))

    async def claim(self, *, api: str, origin: str, account: str) -> None:
        """Make sure that the ledger belongs to an account, or to none yet, which gives it to it.

        ``account`` is the API key, which is hashed at once and not kept. ``map`` does this before
        it looks at an item; for another account, the items say nothing. Raises ``LedgerError``.
        """
        file = self._opened()
        secret = account.encode(errors="backslashreplace")
        digest = hmac.digest(file.salt, secret, hashlib.sha256).hex()
        del account, secret  # no traceback is to show it
        mine = (api, origin, digest)
        known = await self._apply(file, functools.partial(file.claim, mine, adopt=self._adopt))
        if known != mine:
            whose = f"{known[0]} at {known[1]}"
            if known[:2] == mine[:2]:
                whose = f"another account of {api}, or another API key of this one"
            raise LedgerError(
                f"{self.path}: it belongs to {whose}, for which its items were paid; name another "
                "file, or adopt this one, once: Ledger(path, adopt=True), or batch run --adopt"
            )
        self._adopt = False

    def hold(self, close: Callable[[], Awaitable[None]]) -> None:
        """Keep the ledger open for a batch: ``close`` is awaited, and may write, before it closes.

        So nothing that was paid goes unwritten in whatever order client and ledger are left.
        """
        self._opened()
        self._holders.append(close)

    def release(self, close: Callable[[], Awaitable[None]]) -> None:
        """End what ``hold`` has begun."""
        with contextlib.suppress(ValueError):
            self._holders.remove(close)

    async def __aenter__(self) -> Self:
        if self._thread is not None:
            raise LedgerError(f"{self.path}: it is open already")
        self._loop = LoopBinding("ledger", error=LedgerError)
        self._loop.check()
        self._thread = ThreadPoolExecutor(1, "heygen-ledger")
        opening = self._call(functools.partial(LedgerFile, self.path, read_only=self._read_only))
        cancelled = await _through(opening)
        if cancelled is not None and opening.exception() is None:
            await _through(self._call(opening.result().close))
        if cancelled is not None or opening.exception() is not None:
            self._stop()
        if cancelled is not None:
            raise cancelled
        self._file = opening.result()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._end_holders()
        finally:
            await self._close()

    async def _end_holders(self) -> None:
        """Let each batch come to its end, also if another one's end is an error."""
        if self._holders:
            close = self._holders.pop()
            try:
                await close()
            finally:
                await self._end_holders()

    async def _close(self) -> None:
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
        self._stop()
        if (error := cancelled or closed.exception()) is not None:
            raise error

    def _opened(self) -> LedgerFile:
        if self._file is None:
            raise LedgerError(f"{self.path}: it is closed; use it inside 'async with'")
        self._loop.check()
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

    def _stop(self) -> None:
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
