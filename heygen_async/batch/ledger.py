"""``Ledger``: what was done and paid, written down before and after each step that costs money."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Self

from heygen_async.batch.item import ItemState
from heygen_async.batch.sqlite_store import SqliteStore
from heygen_async.errors import InvalidRequestError, LedgerError
from heygen_async.transport.loops import LoopBinding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from heygen_async.batch.crew import Crew
    from heygen_async.batch.item import LedgerItem
    from heygen_async.batch.store import Event, Store
    from heygen_async.jobs.limiter import SlotLimiter

    SeeOut = Callable[[LedgerItem, "Ledger"], Awaitable[None]]

logger = logging.getLogger("heygen_async.batch")

LEASE = 30.0
"""Seconds of silence after which a process counts as dead, and its items are taken over."""

_LOOK = 5.0
"""Seconds between two looks whether all are to stop: a render takes minutes."""

_SCHEMES = ("postgresql://", "postgres://")


class Ledger:
    """The memory of renders: ``async with Ledger("run.sqlite")``, or a ``postgresql://`` URL.

    ``map``, ``run`` and ``submit`` write into it what they are about to submit, what they have
    submitted, and how that ended, each safe on the disk before they go on. It holds no API key and
    no signed URL. It belongs to the account that it was first used with; ``adopt`` gives it, once,
    to the one that uses it next. ``read_only`` reads beside those who write. Trouble is a
    ``LedgerError``.

    A file is of one process at a time. ``postgresql://user@host/database`` (which needs
    ``heygen-async[postgres]``) is for any number of processes on any number of machines: each item
    is worked on by one of them, all count against one limit of jobs in flight, and what a dead one
    had is taken over after ``lease`` seconds of silence. ``name`` tells ledgers in one database
    apart; it may also stand in the URL, as in ``…/database#spring``.
    """

    def __init__(
        self,
        where: str | Path,
        *,
        name: str | None = None,
        read_only: bool = False,
        adopt: bool = False,
        lease: float = LEASE,
    ) -> None:
        self._store: Store
        if str(where).startswith(_SCHEMES):
            # What it needs may be missing, and most do without.
            from heygen_async.batch.postgres_store import PostgresStore  # noqa: PLC0415

            self._store = PostgresStore(str(where), name, read_only=read_only, lease=lease)
        elif name is not None:
            raise InvalidRequestError("name= is for postgresql:// ledgers; a file is one by itself")
        else:
            self._store = SqliteStore(Path(where), read_only=read_only)
        self.where = self._store.where
        """What messages call it; a password of its URL is left out."""
        self.stopping = asyncio.Event()
        """Set when ``stop`` was called, here or by another process, since it was opened."""
        self._adopt = adopt
        self._open = False
        self._loop = LoopBinding("ledger", error=LedgerError)
        self._holders: list[Callable[[], Awaitable[None]]] = []
        self._taken: dict[str, asyncio.Event] = {}
        self._lost: dict[str, Callable[[], object]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._carers: dict[Callable[[], Awaitable[None]], SeeOut] = {}  # by who holds it
        self._adopted: dict[asyncio.Task[None], Callable[[], Awaitable[None]]] = {}

    @property
    def machine(self) -> str | None:
        """What this machine is called in a ledger that several share, None in a file."""
        return self._store.machine

    @property
    def event_loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that it was opened in; raises ``LedgerError`` while it is closed."""
        if not self._open:
            raise LedgerError(f"{self.where}: it is closed; use it inside 'async with'")
        return self._loop.loop

    async def get(self, key: str) -> LedgerItem | None:
        """Return the item of ``key``, None if there is none."""
        return await self._opened().get(key)

    async def take(
        self,
        key: str,
        *,
        waits: Callable[[], object] = lambda: None,
        lost: Callable[[], object] = lambda: None,
    ) -> LedgerItem | None:
        """Claim the item of ``key``, as soon as nobody else works on it, and return it.

        None is a new one, for which there is a place by then. ``waits`` is called if somebody has
        it, ``lost`` if another process takes it over, because this one was silent for longer than
        its lease. Each is to be ``leave``-d.
        """
        while (taken := self._taken.get(key)) is not None:
            waits()
            await taken.wait()
        store = self._opened()
        self._taken[key] = asyncio.Event()
        self._lost[key] = lost
        try:
            return await store.take(key, waits)
        except BaseException:
            self.leave(key)
            raise

    def leave(self, key: str) -> None:
        """Let others work on an item; what runs of its job keeps its slot until it has ended."""
        if (taken := self._taken.pop(key, None)) is not None:
            self._lost.pop(key, None)
            self._store.leave(key)
            taken.set()

    async def put(self, *items: LedgerItem) -> None:
        """Write items under their keys, all or none; they are safe when this returns."""
        await self._opened().put(items)

    async def items(self) -> AsyncIterator[LedgerItem]:
        """Yield all items, in the order of their keys."""
        after = ""
        while page := await self._opened().page(after):
            for item in page:
                yield item
            after = page[-1].key

    async def related(self, item: LedgerItem, job_ids: Iterable[str]) -> Sequence[LedgerItem]:
        """Return the others without a job that share a label with an item, and those of the jobs.

        They are what ``only_match`` has to know of the others.
        """
        found = await self._opened().related(item.labels, job_ids)
        return [other for other in found if other.key != item.key]

    async def counts(self) -> Mapping[ItemState, int]:
        """Return how many items there are in each state."""
        return await self._opened().counts()

    async def check(self) -> None:
        """Compare all items with their checksums and their number; an owner's opening does, too.

        Raises ``LedgerError``, which names the items that are damaged.
        """
        await self._opened().check()

    async def reopen(self, *, failed: bool = False, uncertain: bool = False) -> int:
        """Let the next ``map`` submit failed or uncertain items anew; return how many.

        An uncertain item may have been paid for already: look at the vendor's list first.
        """
        wanted = {ItemState.FAILED: failed, ItemState.UNCERTAIN: uncertain}
        return await self._opened().reopen([state for state, anew in wanted.items() if anew])

    async def rename(self, keys: Mapping[str, str]) -> None:
        """Give items other keys, by the old ones; there must be no item of the new ones."""
        await self._opened().rename([*keys.items()])

    async def discard(self, keys: Iterable[str]) -> None:
        """Forget open items that were never sent, such as rows that a table has no more."""
        await self._opened().discard([*keys])

    async def stop(self) -> None:
        """Ask all processes that work on it now to submit nothing more; what runs is seen out."""
        await self._opened().stop()
        self.stopping.set()

    async def crew(self) -> Crew | None:
        """Return who works on a ledger that several share, None for a file."""
        return await self._opened().crew()

    async def claim(self, *, api: str, origin: str, account: str) -> None:
        """Make sure that the ledger belongs to an account, or to none yet, which gives it to it.

        ``account`` is the API key, which is hashed at once and not kept. ``map`` does this before
        it looks at an item; for another account, the items say nothing. Raises ``LedgerError``.
        """
        mine = {"api": api, "origin": origin, "account": account}
        owning = self._opened().own(mine, adopt=self._adopt)
        del account, mine  # no traceback is to show it
        owner = await owning
        if owner is not None:
            whose = f"{owner[0]} at {owner[1]}"
            if owner == (api, origin):
                whose = f"another account of {api}, or another API key of this one"
            raise LedgerError(
                f"{self.where}: it belongs to {whose}, for which its items were paid; name another "
                "one, or adopt this one, once: Ledger(…, adopt=True), or batch run --adopt"
            )
        self._adopt = False

    def slots(self, limit: int, own: SlotLimiter | None = None) -> SlotLimiter:
        """Return what bounds the jobs in flight of all processes on the account of this ledger.

        Give it to a client as ``max_concurrent_jobs``, so that jobs that no ledger is named for
        count, too. ``own`` is returned where the ledger is a file, which no other process shares.
        """
        return self._store.slots(limit, own)

    async def remember(self, marks: Sequence[bytes], event: Sequence[Event]) -> bool:
        """Remember an event, wake its job in whatever process it waits; return whether it is new.

        ``WebhookReceiver`` does this.
        """
        return await self._opened().remember(marks, event)

    async def forget(self, marks: Sequence[bytes]) -> None:
        """Forget an event that could not be handled, so that its next delivery is new."""
        await self._opened().forget(marks)

    def hear(self, notify: Callable[..., object]) -> None:
        """Call ``notify(kinds, job_id, signed=…)`` for the events that other processes remember."""
        self._store.hear(notify)

    def time(self) -> float:
        """Return the Unix time by which the ages of its items are told: the server's, if any."""
        return self._store.time()

    def hold(self, close: Callable[[], Awaitable[None]], see_out: SeeOut | None = None) -> None:
        """Keep the ledger open for a batch: ``close`` is awaited, and may write, before it closes.

        So nothing that was paid goes unwritten in whatever order client and ledger are left.
        ``see_out`` is awaited with each item whose process is dead, taken over, and its ledger.
        """
        self._opened()
        self._holders.append(close)
        if see_out is not None:
            self._carers[close] = see_out
            self._store.on_orphan(self._adopt_item)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_for_stop())

    def release(self, close: Callable[[], Awaitable[None]]) -> None:
        """End what ``hold`` has begun."""
        with contextlib.suppress(ValueError):
            self._holders.remove(close)
        self.end_care(close)
        if not self._holders:
            self._end_looking()

    def end_care(self, close: Callable[[], Awaitable[None]]) -> None:
        """Take over nothing more for a batch that ends; what it is at is left to others."""
        self._carers.pop(close, None)
        if not self._carers:
            self._store.on_orphan(None)
        for task, whose in self._adopted.items():
            if whose == close:
                task.cancel()  # what is on the wire is seen through, and written

    def _tell_lost(self, key: str) -> None:
        if (lost := self._lost.get(key)) is not None:
            lost()

    def _adopt_item(self, store: Store, key: str) -> None:
        """See out an item whose process is dead, unless somebody here has just taken it."""
        ledger = self
        if store is not self._store:  # of another ledger, but of the same account
            ledger = copy.copy(self)
            ledger._store, ledger._taken, ledger._lost = store, {}, {}  # noqa: SLF001 - its own
        if key not in ledger._taken:  # noqa: SLF001 - its own
            close, see_out = next(reversed(self._carers.items()))
            task = asyncio.create_task(self._see_out_item(ledger, key, see_out))
            self._adopted[task] = close
            task.add_done_callback(self._adopted.pop)

    async def _see_out_item(self, ledger: Ledger, key: str, see_out: SeeOut) -> None:
        try:
            line = await ledger.take(key)
        except LedgerError as error:  # nobody waits for it, and there is another time
            logger.warning("%s: %s", key, error)
        else:
            if line is None:
                ledger.leave(key)
            else:
                await see_out(line, ledger)  # which leaves it

    async def __aenter__(self) -> Self:
        if self._open:
            raise LedgerError(f"{self.where}: it is open already")
        self._loop = LoopBinding("ledger", error=LedgerError)
        self._loop.check()
        self._open = True
        self._store.on_lost(self._tell_lost)
        self.stopping = asyncio.Event()
        try:
            await self._store.open()
        except BaseException:
            self._open = False
            raise
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
            await asyncio.gather(*self._adopted, return_exceptions=True)
            store = self._opened()
            self._open = False
            self._end_looking()
            for taken in self._taken.values():
                taken.set()
            self._taken.clear()
            self._lost.clear()
            await store.close()

    async def _end_holders(self) -> None:
        """Let each batch come to its end, also if another one's end is an error."""
        if self._holders:
            close = self._holders.pop()
            try:
                await close()
            finally:
                await self._end_holders()

    async def _look_for_stop(self) -> None:
        """Set ``stopping`` once somebody asks all to stop; trouble is for those who write."""
        while not self.stopping.is_set():
            with contextlib.suppress(LedgerError):
                if await self._store.stopped(_LOOK):
                    self.stopping.set()

    def _end_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _opened(self) -> Store:
        _ = self.event_loop  # which raises
        self._loop.check()
        return self._store
