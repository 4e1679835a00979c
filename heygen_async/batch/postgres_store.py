"""``PostgresStore``: a ledger in PostgreSQL, for any number of processes and machines."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import logging
import socket
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import attrs

from heygen_async.batch.crew import Crew, Worker
from heygen_async.batch.item import ItemState, LedgerItem, taken_over
from heygen_async.batch.postgres_link import AlreadyThere, PostgresLink
from heygen_async.batch.postgres_schema import (
    CHANNEL,
    CREATE,
    IN_FLIGHT,
    IS_FREE,
    LOCK,
    MIGRATIONS,
    VERSION,
)
from heygen_async.batch.postgres_slots import PostgresSlots
from heygen_async.batch.store import NoLedgerError, identify
from heygen_async.errors import InvalidRequestError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from heygen_async.batch.store import Event
    from heygen_async.jobs.limiter import SlotLimiter


logger = logging.getLogger("heygen_async.batch")

REMEMBERED = "25 hours"
"""For how long events are known: HeyGen delivers again for a day."""

_LISTED = 500
_ADOPTED = 20  # rows of the dead that one process takes over at a beat
_LOOK = 1.0  # seconds between two looks at what is waited for, should no notification come
_LOOK_MOST = 10.0

_NAMES = tuple(field.name for field in attrs.fields(LedgerItem))
_COLUMNS = ", ".join(_NAMES)
_WRITTEN = [name for name in _NAMES if name not in ("key", "version")]
_SET = ", ".join(f"{name} = ${place}" for place, name in enumerate(_WRITTEN, start=5))
_PUT = (
    f"UPDATE heygen_async.items SET {_SET} WHERE (ledger, key, worker, version) = ($1, $2, $3, $4)"  # noqa: S608 - no input in it, nor below
)
_PLACES = ", ".join(f"${place}" for place in range(4, 4 + len(_WRITTEN)))
_REPLACED = ", ".join(f"{name} = excluded.{name}" for name in _WRITTEN)
_OFFER = f"""
    INSERT INTO heygen_async.items AS items (ledger, key, {", ".join(_WRITTEN)})
    VALUES ($1, $2, {_PLACES}) ON CONFLICT (ledger, key) DO UPDATE SET {_REPLACED}
    WHERE items.version = $3 AND {IS_FREE}
"""  # noqa: S608
_TAKE = f"""
    INSERT INTO heygen_async.items AS items (ledger, key, digest, state, kind, worker, version)
    VALUES ($1, $2, '', 'open', '', $3, 1)
    ON CONFLICT (ledger, key) DO UPDATE SET worker = $3, version = items.version + 1
    WHERE items.worker = $3 OR {IS_FREE}
    RETURNING {_COLUMNS}
"""  # noqa: S608
_LEAVE = f"""
    UPDATE heygen_async.items SET worker = NULL, slot = CASE WHEN {IN_FLIGHT} THEN slot END
    WHERE (ledger, key, worker) = ($1, $2, $3)
"""  # noqa: S608
_DROP = """
    DELETE FROM heygen_async.items
    WHERE (ledger, key, worker) = ($1, $2, $3) AND digest = '' AND state = 'open'
"""
_ORPHANS = f"""
    SELECT ledger, key FROM heygen_async.items
    WHERE slot IS NOT NULL AND account = $1 AND {IS_FREE} AND {IN_FLIGHT}
    AND (token IS NOT NULL OR request IS NOT NULL)  -- else it is for whoever has the spec
    LIMIT {_ADOPTED}
"""  # noqa: S608
_BEAT = """
    INSERT INTO heygen_async.workers (id, machine, lease, alive_until)
    VALUES ($1, $2, $3::double precision * interval '1 second',
            clock_timestamp() + $3::double precision * interval '1 second')
    ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until
    RETURNING extract(epoch FROM clock_timestamp())::double precision
"""
_WORKERS = """
    SELECT workers.machine, count(*) FILTER (WHERE ledger = $1) AS claimed,
        count(*) FILTER (WHERE ledger <> $1) AS elsewhere
    FROM heygen_async.workers JOIN heygen_async.live USING (id)
        LEFT JOIN heygen_async.items ON worker = id
    WHERE id <> $2 GROUP BY id, workers.machine, started_at ORDER BY workers.machine, started_at
"""
_CREW = """
    SELECT current_setting('server_version') AS server,
        (SELECT version FROM heygen_async.meta) AS schema,
        (SELECT count(*) FROM heygen_async.items
         WHERE items.account = ledgers.account AND slot IS NOT NULL) AS taken,
        slot_limit AS limit, floor(allowed)::integer AS allowed,
        NOT pg_is_in_recovery() AND (
            SELECT bool_and(has_table_privilege('heygen_async.items', word))
            FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) AS word
        ) AS writable
    FROM heygen_async.ledgers LEFT JOIN heygen_async.accounts ON accounts.id = account
    WHERE ledgers.id = $1
"""
_KNOWN = "SELECT call FROM heygen_async.events WHERE mark = ANY ($1)"
_REMEMBER = """
    INSERT INTO heygen_async.events (mark, call, news)
    SELECT mark, $2, CASE place WHEN 1 THEN $3::json END
    FROM unnest($1::bytea[]) WITH ORDINALITY AS marks (mark, place) ORDER BY mark
"""
_CLEAN = f"""
    WITH gone AS (
        DELETE FROM heygen_async.workers WHERE alive_until < clock_timestamp() - interval '1 day'
    ) DELETE FROM heygen_async.events WHERE at < clock_timestamp() - interval '{REMEMBERED}'
"""  # noqa: S608


class PostgresStore:
    """Keeps the items of one ledger in rows; a row belongs to the worker who has claimed it.

    A worker shows that he lives by a beat, three for each ``lease``; the rows of one who does not
    are for whoever takes them. Notifications make waits short, and nothing depends on them.
    """

    def __init__(self, url: str, name: str | None, *, read_only: bool, lease: float) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:  # its message quotes what stands in the place of the port
            raise InvalidRequestError(
                "the URL of the ledger cannot be read; in a password '/', '#', '?' and '@' are "
                "written as %2F, %23, %3F and %40"
            ) from None
        if name is not None and parts.fragment:
            raise InvalidRequestError(f"two names for one ledger: {name!r} and the URL's own")
        if not lease > 0:
            raise InvalidRequestError(f"lease must be seconds, more than 0, not {lease!r}")
        self._name = name or unquote(parts.fragment) or "default"
        host = f"{parts.hostname or 'localhost'}{f':{port}' if port else ''}"
        user = f"{parts.username}@" if parts.username else ""
        self.where = f"postgresql://{user}{host}{parts.path}#{self._name}"
        url = urlunsplit(parts._replace(fragment=""))
        self.link = PostgresLink(url, self.where, read_only=read_only)
        self.machine: str | None = socket.gethostname()
        self.worker = uuid.uuid4()
        self.ledger = 0
        self.account: int | None = None
        self._salt = b""
        self._lease = lease
        self._read_only = read_only
        self._opened_at: Any = None
        self._heard = 0  # the last event that was told of
        self._versions: dict[tuple[int, str], int] = {}  # of what is claimed here
        self._leaving: dict[tuple[int, str], asyncio.Future[None]] = {}
        self._beating: asyncio.Task[None] | None = None
        self._beaten_at = 0.0  # by the server's clock
        self._notify: list[Callable[..., object]] = []
        self._adopt: Callable[[PostgresStore, str], object] | None = None
        self._lost: Callable[[str], object] = lambda _key: None
        self._slots: PostgresSlots | None = None
        self._ahead = 0.0  # of this machine's clock the server's is, in seconds

    # Opening and closing

    async def open(self) -> None:
        """Connect, make or migrate the tables, and begin to beat."""
        await self.link.open(self._prepare)
        if not self._read_only:
            self._beating = asyncio.create_task(self._beat(), name="heygen-ledger-beat")

    async def _prepare(self, connection: Any) -> None:
        """Make sure that there are tables, and that they are of this version."""
        if not self._read_only:
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        known = await connection.fetchval("SELECT to_regnamespace('heygen_async') IS NOT NULL")
        if not known and self._read_only:
            raise NoLedgerError(f"{self.where}: there is nothing in it yet")
        if not known:
            await connection.execute(CREATE)
        if not await connection.fetchval("SELECT to_regclass('heygen_async.meta') IS NOT NULL"):
            raise LedgerError(
                f"{self.where}: its schema heygen_async is another program's; name another database"
            )
        version, self._salt = await connection.fetchrow("SELECT * FROM heygen_async.meta")
        if version > VERSION:
            raise LedgerError(f"{self.where}: a newer version has made it; upgrade this one")
        for step in range(version, VERSION):
            await connection.execute(MIGRATIONS[step])
        find = "SELECT id FROM heygen_async.ledgers WHERE name = $1"
        self.ledger = await connection.fetchval(find, self._name)
        if self.ledger is None and self._read_only:
            raise NoLedgerError(f"{self.where}: there is no ledger of this name")
        if self.ledger is None:
            make = "INSERT INTO heygen_async.ledgers (name) VALUES ($1) RETURNING id"
            self.ledger = await connection.fetchval(make, self._name)
        if not self._read_only:
            await self._register(connection)

    async def _register(self, connection: Any) -> None:
        now = await connection.fetchval(_BEAT, self.worker, self.machine, self._lease)
        self._ahead, self._beaten_at = now - time.time(), now
        self._opened_at = await connection.fetchval("SELECT clock_timestamp()")
        self._heard = await connection.fetchval(
            "SELECT coalesce(max(id), 0) FROM heygen_async.events"
        )
        await connection.execute(_CLEAN)

    async def close(self) -> None:
        """Leave all that is claimed, and disconnect."""
        try:
            if self._beating is not None:
                self._beating.cancel()
                await asyncio.wait([self._beating])
                await self.link.finish()
                await self.link.do(self._leave_all)
        finally:
            await self.link.close()

    async def _leave_all(self, connection: Any) -> None:
        for ledger, key in [*self._versions]:
            await connection.execute(_LEAVE, ledger, key, self.worker)
        await connection.execute("DELETE FROM heygen_async.workers WHERE id = $1", self.worker)

    def time(self) -> float:
        """Return the Unix time of the server, the one clock of all who share it."""
        return time.time() + self._ahead

    async def _hear_events(self) -> None:
        """Tell of the events that were taken in since the last look, here or elsewhere."""
        query = "SELECT id, news FROM heygen_async.events WHERE id > $1 ORDER BY id"
        for number, news in await self.link.fetch(query, self._heard):
            if number <= self._heard:  # two looks at once
                continue
            self._heard = number
            for kinds, job_id, signed in json.loads(news or "[]"):
                for notify in self._notify:
                    notify(tuple(kinds), job_id, signed=signed)

    def hear(self, notify: Callable[..., object]) -> None:
        """Call ``notify`` for the events of all processes, this one's too."""
        if notify not in self._notify:
            self._notify.append(notify)

    async def remember(self, marks: Sequence[bytes], event: Sequence[Event]) -> bool:
        """Remember an event, and tell all who listen; return whether it is new."""
        news = json.dumps([[list(kinds), job_id, signed] for kinds, job_id, signed in event])
        call = uuid.uuid4()

        async def write(connection: Any) -> bool:
            async with connection.transaction():
                known = await connection.fetch(_KNOWN, [*marks])
                if known:  # maybe by this very call, whose answer was lost
                    return any(row["call"] == call for row in known)
                await connection.execute(_REMEMBER, [*marks], call, news)
                await connection.execute("SELECT pg_notify($1, 'event')", CHANNEL)
            return True

        while True:
            try:
                return await self.link.do(write)
            except LedgerError as error:  # another process was quicker; it is known by now
                if not isinstance(error.__cause__, AlreadyThere):
                    raise

    async def forget(self, marks: Sequence[bytes]) -> None:
        """Forget an event."""
        await self.link.execute("DELETE FROM heygen_async.events WHERE mark = ANY ($1)", [*marks])

    # Living, and seeing out the dead

    async def _beat(self) -> None:
        """Show that this worker lives, as long as it does."""
        while True:
            try:
                await self._once()
            except LedgerError as error:
                logger.warning("%s", error)
            await asyncio.sleep(self._lease / 3)

    async def _once(self) -> None:
        async def beat(connection: Any) -> float:
            if await connection.fetchval("SELECT version FROM heygen_async.meta") > VERSION:
                line = f"{self.where}: a newer version has changed it; upgrade this one"
                self.link.broken = LedgerError(line)
                raise self.link.broken
            now: float = await connection.fetchval(_BEAT, self.worker, self.machine, self._lease)
            return now

        before = time.time()
        now = await self.link.do(beat, patience=self._lease / 3)
        self._ahead = now - (before + time.time()) / 2
        await self.link.listen(self._hear_events)
        if now - self._beaten_at > self._lease:  # others may have taken this worker for dead
            await self._tell_lost()
        self._beaten_at = now
        if self._adopt is not None and self.account is not None:
            await self._tell_orphans()

    def on_lost(self, lost: Callable[[str], object]) -> None:
        """Tell of each item that another worker has taken over."""
        self._lost = lost

    async def _tell_lost(self) -> None:
        held = {*self._versions}
        query = (
            "SELECT ledger, key FROM heygen_async.items "
            "JOIN unnest($1::integer[], $2::text[]) AS held (ledger, key) USING (ledger, key) "
            "WHERE worker = $3"
        )
        given = [ledger for ledger, _ in held], [key for _, key in held]
        rows = await self.link.fetch(query, *given, self.worker)
        for ledger, key in held - {(row["ledger"], row["key"]) for row in rows}:
            self._versions.pop((ledger, key), None)
            if ledger == self.ledger:
                self._lost(key)

    def on_orphan(self, adopt: Callable[[PostgresStore, str], object] | None) -> None:
        """Tell of each row in flight on this account whose worker is dead, in whatever ledger."""
        self._adopt = adopt

    async def _tell_orphans(self) -> None:
        rows = await self.link.fetch(_ORPHANS, self.account)
        for ledger, key in rows:
            if self._adopt is not None:
                self._adopt(self._of(ledger), key)

    def _of(self, ledger: int) -> PostgresStore:
        """Return this store for the items of another ledger."""
        if ledger == self.ledger:
            return self
        other = copy.copy(self)
        other.ledger, other._slots = ledger, None  # noqa: SLF001 - of the same class
        return other

    # Items

    async def own(self, account: Mapping[str, str], *, adopt: bool) -> tuple[str, str] | None:
        """Give the ledger to an account, if it may have it."""
        given = identify(account, self._salt)

        async def write(connection: Any) -> tuple[str, str] | None:
            async with connection.transaction():
                mine = await self._find_account(connection, *given)
                await connection.execute(
                    "UPDATE heygen_async.ledgers SET account = $2 WHERE id = $1 "
                    "AND (account IS NULL OR $3) AND account IS DISTINCT FROM $2",
                    self.ledger,
                    mine,
                    adopt,
                )
                whose = await connection.fetchrow(
                    "SELECT accounts.id, api, origin FROM heygen_async.ledgers "
                    "JOIN heygen_async.accounts ON accounts.id = account WHERE ledgers.id = $1",
                    self.ledger,
                )
            if whose["id"] != mine:
                return whose["api"], whose["origin"]
            self.account = mine
            return None

        return await self.link.do(write)

    async def enter(self, account: Mapping[str, str]) -> None:
        """Count for an account from now on, whoever the ledger belongs to."""
        given = identify(account, self._salt)
        self.account = await self.link.do(lambda c: self._find_account(c, *given))

    @staticmethod
    async def _find_account(connection: Any, *given: str) -> int:
        """Return the number of an account, which is given one if it has none yet."""
        made = (
            "INSERT INTO heygen_async.accounts (api, origin, digest) VALUES ($1, $2, $3) "
            "ON CONFLICT DO NOTHING"
        )
        known = "SELECT id FROM heygen_async.accounts WHERE (api, origin, digest) = ($1, $2, $3)"
        found = await connection.fetchval(known, *given)
        if found is None:
            await connection.execute(made, *given)
            found = await connection.fetchval(known, *given)
        return int(found)

    async def get(self, key: str) -> LedgerItem | None:
        """Return an item as it stands."""
        query = f"SELECT {_COLUMNS} FROM heygen_async.items WHERE (ledger, key) = ($1, $2)"  # noqa: S608
        return _item(await self.link.do(lambda c: c.fetchrow(query, self.ledger, _plain(key))))

    async def take(self, key: str, waits: Callable[[], object]) -> LedgerItem | None:
        """Claim an item as soon as no worker who lives has it."""
        key, look = _plain(key), _LOOK
        if (leaving := self._leaving.get((self.ledger, key))) is not None:
            await asyncio.wait([leaving])  # else it would end the new claim
        what = f"item {self.ledger} {hashlib.md5(key.encode()).hexdigest()}"  # noqa: S324 - a name
        while True:
            row = await self.link.do(lambda c: c.fetchrow(_TAKE, self.ledger, key, self.worker))
            if row is not None:
                self._versions[self.ledger, key] = row["version"]
                return _item(row)
            waits()
            await self.link.woken(what, look)
            look = min(2 * look, _LOOK_MOST)

    def leave(self, key: str) -> None:
        """Give a claim up; a slot stays with what may run, until a worker has seen it out."""
        key = _plain(key)
        self._versions.pop((self.ledger, key), None)
        ledger = self.ledger

        async def write(connection: Any) -> None:
            async with connection.transaction():
                await connection.execute(_DROP, ledger, key, self.worker)
                await connection.execute(_LEAVE, ledger, key, self.worker)

        name = ledger, key
        leaving = self._leaving[name] = self.link.spawn(self.link.do(write))
        leaving.add_done_callback(
            lambda done: self._leaving.get(name) is done and self._leaving.pop(name)
        )

    async def put(self, items: Sequence[LedgerItem]) -> None:
        """Write all items or none, each under its claim, or if nobody has claimed it since."""
        if self.ledger == 0:  # what no ledger was named for has a slot, and no more
            return
        mine, others = [], []
        for item in items:
            key = _plain(item.key)
            version = self._versions.get((self.ledger, key))
            fields = [_field(name, getattr(item, name)) for name in _WRITTEN]
            if version is None:
                others.append((self.ledger, key, item.version, *fields))
            else:
                mine.append((self.ledger, key, self.worker, version, *fields))

        async def write(connection: Any) -> None:
            async with connection.transaction():
                for values in mine:
                    if await connection.execute(_PUT, *values) != "UPDATE 1":
                        self._versions.pop((self.ledger, values[1]), None)
                        raise taken_over(values[1])
                if others:
                    await connection.executemany(_OFFER, others)

        await self.link.do(write)

    async def page(self, after: str) -> list[LedgerItem]:
        """Return the next items by key."""
        query = (
            f"SELECT {_COLUMNS} FROM heygen_async.items "  # noqa: S608
            f"WHERE ledger = $1 AND key > $2 AND digest <> '' ORDER BY key LIMIT {_LISTED}"
        )
        rows = await self.link.fetch(query, self.ledger, _plain(after))
        return [item for row in rows if (item := _item(row)) is not None]

    async def related(self, labels: Iterable[str], job_ids: Iterable[str]) -> list[LedgerItem]:
        """Return the items with one of the labels, or one of the jobs."""
        query = (
            f"SELECT {_COLUMNS} FROM heygen_async.items WHERE ledger = $1 AND (labels && $2 "  # noqa: S608
            "OR substring(token FROM '^[^/]*/[^/]*/(.*)$') = ANY ($3))"
        )
        given = [*map(_plain, labels)], [*map(_plain, job_ids)]
        rows = await self.link.fetch(query, self.ledger, *given)
        return [item for row in rows if (item := _item(row)) is not None]

    async def counts(self) -> Mapping[ItemState, int]:
        """Return how many items there are in each state."""
        query = (
            "SELECT state, count(*) FROM heygen_async.items "
            "WHERE ledger = $1 AND digest <> '' GROUP BY state"
        )
        rows = await self.link.fetch(query, self.ledger)
        return {ItemState(state): number for state, number in rows}

    async def check(self) -> None:
        """Read all items: what PostgreSQL itself does not notice shows then."""
        after = ""
        while page := await self.page(after):
            after = page[-1].key

    async def reopen(self, states: Sequence[ItemState]) -> int:
        """Let the items in these states be submitted anew, unless somebody works on them."""
        change = (
            "UPDATE heygen_async.items SET state = 'open', token = NULL, slot = NULL "  # noqa: S608
            f"WHERE ledger = $1 AND state = ANY ($2) AND digest <> '' AND {IS_FREE}"
        )
        return await self.link.execute(change, self.ledger, [*states])

    async def rename(self, keys: Sequence[tuple[str, str]]) -> None:
        """Give items other keys, unless somebody works on them."""
        change = (
            "UPDATE heygen_async.items SET key = $3 WHERE (ledger, key) = ($1, $2) "  # noqa: S608
            f"AND {IS_FREE}"
        )
        pairs = [(self.ledger, _plain(old), _plain(new)) for old, new in keys]
        await self.link.do(lambda connection: connection.executemany(change, pairs))

    async def discard(self, keys: Sequence[str]) -> None:
        """Remove items that were never sent, and that nobody has claimed."""
        change = (
            "DELETE FROM heygen_async.items WHERE ledger = $1 AND key = ANY ($2) "  # noqa: S608
            f"AND state = 'open' AND token IS NULL AND intended_at IS NULL AND {IS_FREE}"
        )
        await self.link.execute(change, self.ledger, [*map(_plain, keys)])

    async def stop(self) -> None:
        """Ask all workers of this ledger to submit nothing more."""
        change = (
            "WITH stopped AS (UPDATE heygen_async.ledgers SET stopped_at = clock_timestamp() "
            "WHERE id = $1 RETURNING id) SELECT pg_notify($2, 'stop ' || id) FROM stopped"
        )
        await self.link.execute(change, self.ledger, CHANNEL)

    async def stopped(self, wait: float) -> bool:
        """Whether ``stop`` was called since this store was opened, as soon as that is heard of."""
        await self.link.woken(f"stop {self.ledger}", wait)
        query = "SELECT stopped_at > $2 FROM heygen_async.ledgers WHERE id = $1"
        return bool(await self.link.do(lambda c: c.fetchval(query, self.ledger, self._opened_at)))

    async def crew(self) -> Crew:
        """Return who else works on it, and how much of its account is in use."""
        workers = await self.link.fetch(_WORKERS, self.ledger, self.worker)
        row = await self.link.do(lambda connection: connection.fetchrow(_CREW, self.ledger))
        return Crew(workers=tuple(Worker(**each) for each in workers), **row)

    def slots(self, limit: int, own: SlotLimiter | None) -> SlotLimiter:
        """Return what bounds the jobs of the account for all processes."""
        if isinstance(own, PostgresSlots) and own.store is self:
            return own
        if self._slots is None or self._slots.limit != limit:
            self._slots = PostgresSlots(self, limit)
        return self._slots

    def has_claimed(self, key: str) -> bool:
        """Whether the item of this key is claimed here."""
        return (self.ledger, _plain(key)) in self._versions


def _plain(text: str) -> str:
    """Return text that PostgreSQL takes: half a surrogate pair and NUL are written out."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


def _field(name: str, value: Any) -> Any:
    """Return what is written of a field of an item."""
    if name in ("result", "request"):
        return None if value is None else json.dumps(value, default=repr)
    if name == "labels":
        return [*map(_plain, value)]
    return _plain(value) if isinstance(value, str) else value


def _item(row: Any) -> LedgerItem | None:
    """Return the item of a row; None for a place that was only claimed."""
    if row is None or not row["digest"]:
        return None
    fields = dict(row)
    for name in ("result", "request"):
        if fields[name] is not None:
            fields[name] = json.loads(fields[name])
    fields["labels"] = tuple(fields["labels"])
    return LedgerItem(**fields | {"state": ItemState(fields["state"])})
