"""``LedgerFile``: the SQLite file of a ledger, which one thread locks, checks and writes."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from heygen_async.batch import file_lock, schema
from heygen_async.batch.item import ItemState, LedgerItem
from heygen_async.batch.sqlite_errors import REASONS, DamagedError, explained
from heygen_async.batch.store import NoLedgerError
from heygen_async.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Owner = tuple[str, str, str]
    """The API, its origin, and the keyed hash of the account's API key."""

    Change = Sequence[LedgerItem] | Callable[[], object]
    """Items to write, or a method of the file that writes."""

logger = logging.getLogger("heygen_async.batch")

REMEMBERED = 25 * 3600.0
"""Seconds for which an event is remembered: a vendor delivers it again for a day."""

_PAGE_SIZE = 500
_MOST_NAMED = 10

_PATIENCE = 5.0
"""Seconds that a locked database is waited for."""


class BloomFilter:
    """A set of keys in 2 MiB, whatever their number: it may say yes wrongly, but never no."""

    def __init__(self) -> None:
        self._bits = bytearray(1 << 21)

    def add(self, key: str) -> None:
        """Add a key: it marks two bits out of 2**24."""
        mixed = hash(key)
        one, other = mixed & 0xFFFFFF, mixed >> 24 & 0xFFFFFF
        self._bits[one >> 3] |= 1 << (one & 7)
        self._bits[other >> 3] |= 1 << (other & 7)

    def __contains__(self, key: str) -> bool:
        mixed = hash(key)
        one, other = mixed & 0xFFFFFF, mixed >> 24 & 0xFFFFFF
        bits = self._bits
        return bool(bits[one >> 3] & 1 << (one & 7) and bits[other >> 3] & 1 << (other & 7))


class LedgerFile:
    """A connection to the file and, unless it only reads, the right to be its one owner.

    The owner holds a lock on the file itself, which the system gives up when the process ends,
    however it ends; others can read the ledger meanwhile. ``seen`` has all keys that are in an
    owner's file; a reader is not told of what is new, so it has none.

    Nobody but the owner writes the file, so who asks it to stop makes an empty one beside it,
    ``<path>.stop``, which the owner removes when it opens and when it closes.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        self._stop = Path(f"{os.path.realpath(path)}.stop")  # by whatever name it is opened
        self._descriptor: int | None = None
        self._rescued: Path | None = None
        self._totals: list[tuple[int, int]] = []
        self._changed_at = 0
        self._undo = contextlib.ExitStack()
        self.seen: BloomFilter | None = None
        with contextlib.ExitStack() as undo, explained(self._path):
            if not path.parent.is_dir():
                raise LedgerError(f"{path}: its folder does not exist; create it first")
            if read_only and not path.exists():
                raise NoLedgerError(f"{path}: there is no such ledger")
            if not read_only:
                self._descriptor = undo.enter_context(file_lock.owned(path))
                self._clear_stop()
                undo.callback(self._clear_stop)
            self._connection = _connect(path, "ro" if read_only else "rw")
            undo.callback(self._connection.close)
            self._prepare(read_only=read_only)
            if not read_only:
                # Nothing is paid on a guess: the owner goes on with whole rows only.
                self.seen = BloomFilter()
                self._check(self.seen.add)
            salt = self._connection.execute("SELECT salt FROM owner").fetchone()[0]
            self.salt = str(salt).encode()
            self._undo = undo.pop_all()

    def get(self, key: str) -> LedgerItem | None:
        """Return the item of ``key``."""
        with explained(self._path):
            found = self._connection.execute(
                f"{schema.SELECT} WHERE key = ?", (schema.escaped(key),)
            )
            row = found.fetchone()
            return None if row is None else schema.to_item(row)

    def page(self, after: str) -> list[LedgerItem]:
        """Return the next items by key."""
        query = f"{schema.SELECT} WHERE key > ? ORDER BY key LIMIT {_PAGE_SIZE}"
        with explained(self._path):
            return [schema.to_item(row) for row in self._connection.execute(query, (after,))]

    def related(self, labels: Sequence[str], job_ids: Sequence[str]) -> list[LedgerItem]:
        """Return the items without a job that have one of the labels, and those of the jobs."""
        wanted = (
            (schema.BY_LABEL, labels),
            (schema.BY_OTHER_LABEL, labels),
            (schema.BY_JOB, job_ids),
        )
        found = {}
        with explained(self._path):
            for query, names in wanted:
                for row in self._connection.execute(query, (schema.to_json(names),)):
                    found[row[0]] = schema.to_item(row)
        return [*found.values()]

    def counts(self) -> dict[ItemState, int]:
        """Return how many items there are in each state."""
        with explained(self._path):
            rows = self._connection.execute("SELECT state, count(*) FROM items GROUP BY state")
            try:
                return {ItemState(state): number for state, number in rows}
            except ValueError as error:
                line = f"items are damaged; put back a copy of the ledger ({error})"
                raise DamagedError(line) from None

    def check(self) -> None:
        """Compare all rows with the checksums."""
        with explained(self._path):
            self._check(lambda _key: None)

    def apply(self, changes: Sequence[Change]) -> list[object]:
        """Make all changes in one transaction, which is on the disk when this returns.

        Where the path no longer leads to the open file, they go into a copy, and it is an error.
        """
        if self._descriptor is None:
            raise LedgerError(f"{self._path}: it cannot be written; it was opened to be read")
        results: list[object] = []
        with explained(self._path):
            self._check_place()
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                puts: list[LedgerItem] = []
                for change in changes:
                    if callable(change):
                        self._put(puts)  # what came before it
                        puts.clear()
                        results.append(change())
                    else:
                        puts.extend(change)
                        results.append(None)
                self._put(puts)
            self._checkpoint()
        if self._rescued is not None:
            raise self._gone()
        return results

    def reopen(self, states: Sequence[ItemState]) -> int:
        """Let the items in ``states`` be submitted anew, as a change; return how many they are."""
        marks = ", ".join("?" * len(states))
        change = f"{schema.REOPEN} WHERE state IN ({marks})"
        return self._connection.execute(change, (ItemState.OPEN, ItemState.OPEN, *states)).rowcount

    def rename(self, keys: Sequence[tuple[str, str]]) -> None:
        """Give items other keys, as a change."""
        pairs = [(schema.escaped(new), schema.escaped(old)) for old, new in keys]
        self._connection.executemany(schema.RENAME, [(new, new, old) for new, old in pairs])

    def discard(self, keys: Sequence[str]) -> None:
        """Remove items that were never sent, as a change."""
        never_sent = "state = ? AND token IS NULL AND intended_at IS NULL"
        change = f"DELETE FROM items WHERE key = ? AND {never_sent}"  # noqa: S608 - no input in it
        self._connection.executemany(
            change, [(schema.escaped(key), ItemState.OPEN) for key in keys]
        )

    def claim(self, owner: Owner, *, adopt: bool) -> Owner:
        """Return whose ledger it is: ``owner``, as a change, if it was nobody's or is adopted."""
        run = self._connection.execute
        known: Owner = run("SELECT api, origin, account FROM owner").fetchone()
        if known == owner or (known[0] is not None and not adopt):
            return known
        run("UPDATE owner SET api = ?, origin = ?, account = ?", owner)
        run("UPDATE owner SET checksum = row_checksum(salt, api, origin, account)")
        return owner

    def remember(self, marks: Sequence[bytes], now: float) -> bool:
        """Remember an event, as a change, if none of its marks is known; return whether it is so.

        ``now`` is in Unix seconds.
        """
        run = self._connection.execute
        run("DELETE FROM events WHERE seen_at < ?", (now - REMEMBERED,))
        known = f"SELECT 1 FROM events WHERE mark IN ({', '.join('?' * len(marks))})"  # noqa: S608
        if run(known, marks).fetchone() is not None:
            return False
        rows = [(mark, now) for mark in dict.fromkeys(marks)]
        self._connection.executemany("INSERT INTO events VALUES (?, ?)", rows)
        return True

    def forget(self, marks: Sequence[bytes]) -> None:
        """Forget an event, as a change."""
        rows = [(mark,) for mark in marks]
        self._connection.executemany("DELETE FROM events WHERE mark = ?", rows)

    def stop(self) -> None:
        """Ask the owner, whichever process that is, to submit nothing more."""
        try:
            self._stop.write_bytes(b"")
        except OSError as error:
            raise LedgerError(
                f"{self._stop}: it cannot be made ({error.strerror}), and would stop the owner"
            ) from error

    def stopped(self) -> bool:
        """Whether somebody has asked the owner to stop."""
        return self._stop.is_file()

    def _clear_stop(self) -> None:
        with contextlib.suppress(OSError):  # its folder may be gone
            self._stop.unlink()

    def close(self) -> None:
        """Close the file, then let others have it."""
        with self._undo, explained(self._path):
            told = self._rescued is not None
            self._check_place()
            if self._rescued is not None and not told:
                raise self._gone()

    def _put(self, items: Sequence[LedgerItem]) -> None:
        """Write each item in the place of what its key has."""
        rows = [*map(schema.to_row, items)]
        start = 0
        for size in schema.CHUNKS:
            while start + size <= len(rows):
                chunk = rows[start : start + size]
                try:
                    self._connection.execute(schema.PUT[size], [*itertools.chain(*chunk)])
                except UnicodeEncodeError:  # half a surrogate pair, as in a vendor's message
                    chunk = [*map(schema.escaped_row, chunk)]
                    self._connection.execute(schema.PUT[size], [*itertools.chain(*chunk)])
                start += size

    def _prepare(self, *, read_only: bool) -> None:
        """Check that the file is a ledger and whole; make a new one of an empty file."""
        run = self._connection.execute
        (application,), (version,) = (
            run(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
        )
        (tables,) = run("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != schema.APPLICATION:
            raise NoLedgerError(f"{self._path}: it belongs to another program; name another file")
        if version > schema.VERSION:
            raise LedgerError(f"{self._path}: it was written by a newer version; upgrade this one")
        (verdict,) = run("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise LedgerError(f"{self._path}: {REASONS[sqlite3.SQLITE_CORRUPT]} ({verdict})")
        if read_only:
            if not tables:
                raise NoLedgerError(f"{self._path}: there is nothing in it yet")
            if version < schema.VERSION:
                self._connection.executescript(schema.as_this_version(version))
            return
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
        with self._connection:  # which takes back a version half made or half migrated
            if version < schema.VERSION:
                self._connection.executescript(schema.to_version(version if tables else 0))
        self._checkpoint()

    def _check(self, see: Callable[[str], None]) -> None:
        """Compare all rows with the checksums, and tell ``see`` each key."""
        run = self._connection.execute
        number, total, damaged = 0, 0, []
        with self._connection:  # one state of the file, whatever its owner writes meanwhile
            run("BEGIN")
            for row in run(schema.SELECT):
                checksum = schema.checksum(*row[:-1])
                number, total = number + 1, total + checksum
                if checksum != row[-1]:
                    damaged.append(repr(row[0]))
                else:
                    see(row[0])
            written = _read_totals(self._connection)
            # Where an index has another row than the table, a lost submission would not be found.
            verdict = None if damaged else run("PRAGMA integrity_check(1)").fetchone()[0]
            owners = run("SELECT * FROM owner").fetchall()
        trouble = []
        if damaged:
            more = f" and {len(damaged) - _MOST_NAMED} more" if len(damaged) > _MOST_NAMED else ""
            trouble.append(f"items {', '.join(damaged[:_MOST_NAMED])}{more} are not as written")
        if [items for items, _ in written] != [number]:
            told = written[0][0] if written else "their number"
            trouble.append(f"{number} items are there where {told} were written")
        elif not damaged and written[0][1] != total:
            trouble.append("its items are not those that were written last")
        if len(owners) != 1 or schema.checksum(*owners[0][:-1]) != owners[0][-1]:
            trouble.append("whose it is cannot be read")
        if verdict not in (None, "ok"):
            trouble.append(str(verdict))
        if trouble:
            raise DamagedError(f"it is damaged, {'; '.join(trouble)}. Put back a copy of it")

    def _checkpoint(self) -> None:
        """Take what is committed from the log into the file, and empty the log.

        Then all that ``put`` has returned for is in the one file: a log that is cut, removed or
        not copied with it loses nothing. A reader may hold it up; the next one makes up for that.
        """
        run = self._connection.execute
        run("PRAGMA busy_timeout = 0")  # no reader is waited for
        with contextlib.suppress(sqlite3.Error):  # what is committed is on the disk all the same
            run("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        run(f"PRAGMA busy_timeout = {_PATIENCE * 1000:.0f}")
        if self._descriptor is not None:
            self._totals = _read_totals(self._connection)
            self._changed_at = os.fstat(self._descriptor).st_mtime_ns

    def _check_place(self) -> None:
        """Save the rows if the path leads to no file any more, or to another one.

        Else a cleaner of temporary files, or somebody who puts back a copy, would let writes
        succeed that no later run finds, and all would be paid again.
        """
        if self._descriptor is None or self._rescued is not None:
            return
        try:
            there = self._path.stat()
        except OSError:
            self._rescue()
            return
        if file_lock.identity(there) != file_lock.identity(os.fstat(self._descriptor)):
            self._rescue()
        elif there.st_mtime_ns != self._changed_at:  # not by the owner, who alone writes
            with contextlib.closing(_connect(self._path, "ro")) as other:
                if _read_totals(other) != self._totals:
                    raise LedgerError(
                        f"{self._path}: another program has overwritten it during its use; what "
                        "was written lately is lost. Compare the vendor's list before you run again"
                    )

    def _rescue(self) -> None:
        """Go on in a copy of the open file, beside its place or among the temporary files."""
        problems = []
        for folder in (self._path.parent, None):
            with contextlib.ExitStack() as undo:
                try:
                    copy = self._copy(folder, undo)
                except (OSError, sqlite3.Error) as error:
                    problems.append(str(error))
                    continue
                # The old log may lie beside another ledger now, which must not take it for its own.
                self._checkpoint()
                self._connection.close()
                self._connection = copy
                self._undo.push(undo.pop_all())
                logger.warning("%s", self._gone())  # a cancellation may hide the error
                return
        raise LedgerError(
            f"{self._path}: it was deleted or replaced during its use, and its rows could not be "
            f"saved elsewhere: {'; '.join(problems)}"
        )

    def _copy(self, folder: Path | None, undo: contextlib.ExitStack) -> sqlite3.Connection:
        prefix = f"{self._path.name}.rescued-"
        descriptor, name = tempfile.mkstemp(".sqlite", prefix, folder)
        undo.callback(os.close, descriptor)
        try:
            file_lock.lock(descriptor)
            copy = _connect(Path(name), "rw")
            undo.callback(copy.close)
            self._connection.backup(copy)
            copy.execute("PRAGMA synchronous = FULL")
        except (OSError, sqlite3.Error):
            os.unlink(name)  # noqa: PTH108 - no part of a ledger is to be taken for one
            raise
        self._rescued = Path(name)
        return copy

    def _gone(self) -> LedgerError:
        return LedgerError(
            f"{self._path}: it was deleted or replaced during its use; its rows are saved in "
            f"{self._rescued}. Put that in its place before you run again, or what is in it is "
            "paid twice"
        )


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a database that knows the checksum, and reads text that is none any more."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)
    connection.create_function("row_checksum", -1, schema.checksum, deterministic=True)
    connection.text_factory = lambda raw: raw.decode(errors="backslashreplace")
    return connection


def _read_totals(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return how many items there are to be, and the sum of their checksums: one row."""
    return connection.execute("SELECT items, checksums FROM totals").fetchall()
