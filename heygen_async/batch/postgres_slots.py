"""``PostgresSlots``: one limit of jobs in flight, and one pace of POSTs, for all processes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.batch.postgres_schema import IN_FLIGHT, IS_FREE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.batch.postgres_store import PostgresStore

logger = logging.getLogger("heygen_async.jobs")

_LOOK = 2.0
"""Seconds between two looks for a free slot, should no notification come."""

_ACCOUNT = """
    SELECT slot_limit, allowed, round, extract(epoch FROM opens_at - clock_timestamp()) AS pause
    FROM heygen_async.accounts WHERE id = $1 FOR UPDATE
"""
_HAS = """
    SELECT slot FROM heygen_async.items
    WHERE (ledger, key, worker) = ($1, $2, $3) AND slot IS NOT NULL
"""
_CLEAR = f"""
    UPDATE heygen_async.items SET slot = NULL
    WHERE slot IS NOT NULL AND account = $1 AND {IS_FREE} AND NOT {IN_FLIGHT}
"""  # noqa: S608 - no input in it, nor below
_FREE = """
    SELECT number, taken FROM generate_series(1, $2) AS number,
        (SELECT count(*) AS taken FROM heygen_async.items
         WHERE account = $1 AND slot IS NOT NULL) AS counted
    WHERE NOT EXISTS (SELECT FROM heygen_async.items WHERE account = $1 AND slot = number)
    ORDER BY number LIMIT 1
"""
_GIVE = """
    UPDATE heygen_async.items SET account = $4, slot = $5
    WHERE (ledger, key, worker) = ($1, $2, $3)
"""
_GIVE_TO_NONE = """
    INSERT INTO heygen_async.items (ledger, key, digest, state, kind, version, worker, account,
                                    slot, intended_at)
    VALUES (0, $1, '-', 'intent', '', 1, $2, $3, $4, extract(epoch FROM clock_timestamp()))
"""
_BIND = """
    UPDATE heygen_async.items SET state = 'submitted', token = $2,
        kind = split_part($2, '/', 1), submitted_at = extract(epoch FROM clock_timestamp())
    WHERE (ledger, key) = (0, $1)
"""
# 'intent' is no end: what has it is held back by the rule of the table, and by its row.
_TAKE_BACK = """
    UPDATE heygen_async.items SET slot = NULL, ended_at = CASE state WHEN 'submitted'
        THEN coalesce(ended_at, extract(epoch FROM clock_timestamp())) ELSE ended_at END
    WHERE (ledger, key, worker) = ($1, $2, $3) AND slot IS NOT NULL AND state <> 'intent'
"""
_GROW = """
    UPDATE heygen_async.accounts SET allowed = least(slot_limit, allowed + 1 / allowed)
    WHERE id = $1
"""
_SHRINK = """
    UPDATE heygen_async.accounts SET
        opens_at = greatest(opens_at, clock_timestamp() + $2 * interval '1 second'),
        allowed = CASE round WHEN $3 THEN greatest(1, allowed / 2) ELSE allowed END,
        round = CASE round WHEN $3 THEN round + 1 ELSE round END
    WHERE id = $1 RETURNING allowed
"""
_ENTER = """
    UPDATE heygen_async.accounts SET slot_limit = $2, allowed = $2
    WHERE id = $1 AND slot_limit <> $2
"""


@attrs.frozen
class Slot:
    """A slot that is held: for an item of a ledger, or, with ``ledger`` 0, for none."""

    ledger: int
    key: str
    round: int


class PostgresSlots:
    """Bounds the jobs in flight on an account: the client that came last says by how many.

    A claimed item that has not ended is the slot, and its number is in its row. A 429 that any
    process gets halves what is allowed for all, and lets nobody in before its pause is over; each
    job that ends raises it.
    """

    def __init__(self, store: PostgresStore, limit: int) -> None:
        self.limit = limit
        self.store = store
        self._account: Mapping[str, str] | None = None
        self._entered: int | None = None  # the account that knows this limit
        self._queue = asyncio.Lock()

    def for_account(self, account: Mapping[str, str]) -> None:
        """Count for the account of a client (``Transport.account``)."""
        self._account = account

    async def acquire(self, key: str, *, first: bool = False) -> Slot:
        """Return a slot for the item of ``key`` as soon as there is one; for none if it has none.

        An item that was taken over has its slot already.
        """
        await self._enter()
        ledger = self.store.ledger if self.store.has_claimed(key) else 0
        mine = ledger, key, self.store.worker
        has_one = bool(await self.store.link.fetch(_HAS, *mine))
        queue = contextlib.nullcontext() if first or has_one else self._queue
        async with queue:  # one of this process looks for a slot at a time
            while True:
                slot, pause = await self.store.link.do(
                    lambda connection: self._try(connection, ledger, key)
                )
                if slot is not None:
                    return slot
                await self.store.link.woken(f"slot {self.store.account}", pause or _LOOK)

    async def bind(self, slot: Slot, token: str) -> None:
        """Write down which job holds the slot, where no ledger does."""
        if slot.ledger == 0:
            await self.store.link.do(lambda c: c.execute(_BIND, slot.key, token))

    async def release(
        self, slot: Slot, *, pause: float | None = None, running: bool = False
    ) -> None:
        """Take the slot back, and learn from how its job fared.

        One whose job may be ``running`` stays taken until a process has seen that it is not.
        """
        work = self.store.link.spawn(
            self.store.link.do(lambda connection: self._release(connection, slot, pause, running))
        )
        await asyncio.shield(work)

    def pace(self, limit: int, window: float) -> Pace:
        """Return what lets ``limit`` POSTs of the account out in any ``window`` seconds."""
        return Pace(self, limit, window)

    async def _enter(self) -> None:
        """Have the account, and let it know the limit."""
        store = self.store
        if store.account is None and self._account is not None:
            await store.enter(self._account)
        if self._entered != store.account:
            await store.link.do(lambda c: c.execute(_ENTER, store.account, self.limit))
            self._entered = store.account

    async def _try(self, connection: Any, ledger: int, key: str) -> tuple[Slot | None, float]:
        """Return a slot, or None and in how many seconds it is worth another look."""
        store = self.store
        async with connection.transaction():
            account = await connection.fetchrow(_ACCOUNT, store.account)
            if await connection.fetchval(_HAS, ledger, key, store.worker) is not None:
                return Slot(ledger, key, account["round"]), 0.0
            if account["pause"] > 0:
                return None, min(float(account["pause"]), _LOOK)
            await connection.execute(_CLEAR, store.account)
            free = await connection.fetchrow(_FREE, store.account, account["slot_limit"])
            if free is None or free["taken"] >= int(account["allowed"]):
                return None, 0.0
            number = free["number"]
            if ledger:
                given = ledger, key, store.worker, store.account, number
                await connection.execute(_GIVE, *given)
            else:
                await connection.execute(_GIVE_TO_NONE, key, store.worker, store.account, number)
        return Slot(ledger, key, account["round"]), 0.0

    async def _release(
        self, connection: Any, slot: Slot, pause: float | None, running: bool
    ) -> None:
        store = self.store
        async with connection.transaction():
            if slot.ledger == 0 and running:  # whoever adopts it sees it out
                leave = "UPDATE heygen_async.items SET worker = NULL WHERE (ledger, key) = (0, $1)"
                await connection.execute(leave, slot.key)
            elif slot.ledger == 0:
                drop = "DELETE FROM heygen_async.items WHERE (ledger, key) = (0, $1)"
                await connection.execute(drop, slot.key)
            elif not running:
                await connection.execute(_TAKE_BACK, slot.ledger, slot.key, store.worker)
            if pause is not None:
                allowed = await connection.fetchval(_SHRINK, store.account, pause, slot.round)
                line = "refused with 429: at most %d jobs for now, the next in %.1f s"
                logger.info(line, allowed, pause)
            elif not running:
                await connection.execute(_GROW, store.account)


class Pace:
    """At most ``limit`` turns in any ``window`` seconds for all processes of an account."""

    def __init__(self, slots: PostgresSlots, limit: int, window: float) -> None:
        self._slots = slots
        self._limit = limit
        self._window = window

    async def acquire(self) -> None:
        """Return when it is the caller's turn; who gives up waiting has used his."""
        await self._slots._enter()  # noqa: SLF001 - of the same module
        delay = await self._slots.store.link.do(self._reserve)
        await asyncio.sleep(delay)

    async def _reserve(self, connection: Any) -> float:
        """Note the caller's turn, and return how many seconds it is until then."""
        account = self._slots.store.account
        async with connection.transaction():
            lock = "SELECT turns FROM heygen_async.accounts WHERE id = $1 FOR UPDATE"
            await connection.fetchval(lock, account)
            at, now = await connection.fetchrow(
                "WITH turn AS (SELECT greatest(clock_timestamp(), "
                "CASE WHEN cardinality(turns) >= $2 "
                "THEN turns[cardinality(turns) - $2 + 1] + $3 * interval '1 second' END) AS at "
                "FROM heygen_async.accounts WHERE id = $1) "
                "UPDATE heygen_async.accounts SET turns = "
                "(turns || turn.at)[greatest(1, cardinality(turns) - $2 + 2):] "
                "FROM turn WHERE id = $1 RETURNING turn.at, clock_timestamp()",
                account,
                self._limit,
                self._window,
            )
        return float((at - now).total_seconds())
