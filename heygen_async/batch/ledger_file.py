"""``LedgerFile``: the SQLite file of a ledger, which one thread locks, checks and writes."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import logging
import operator
import os
import sqlite3
import sys
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.batch.item import ItemState, LedgerItem
from heygen_async.errors import InvalidRequestError, LedgerError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Owner = tuple[str, str, str]
    """The API, its origin, and the keyed hash of the account's API key."""

    Change = LedgerItem | Callable[[], object]
    """An item to write, or a method of the file that writes."""

logger = logging.getLogger("heygen_async.batch")

VERSION = 3
APPLICATION = 0x48654C67  # "HeLg": what tells a ledger from another program's SQLite file

_PAGE_SIZE = 500
_MOST_NAMED = 10
_CHUNKS = (32, 4, 1)
"""How many rows one statement writes: each call of SQLite gives up the GIL, and may wait for it."""

_COLUMNS = tuple(attribute.name for attribute in attrs.fields(LedgerItem))
_values = operator.attrgetter(*_COLUMNS)
_JSON = [_COLUMNS.index(name) for name in ("labels", "result")]
_NEW = {"result": "NULL", "attempts": "0"}  # since version 2, and what items of before have in them
_ALL = ", ".join(_COLUMNS)
_CHECKSUM = f"row_checksum({_ALL})"
_SELECT = f"SELECT {_ALL}, checksum FROM items"  # noqa: S608 - no input in it, nor below
_ROW = f"({', '.join('?' * (len(_COLUMNS) + 1))})"
_REPLACED = ", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS[1:], "checksum"))
_PUT = {
    size: f"INSERT INTO items ({_ALL}, checksum) VALUES {', '.join([_ROW] * size)} "  # noqa: S608
    f"ON CONFLICT (key) DO UPDATE SET {_REPLACED}"
    for size in _CHUNKS
}
_REOPENED = ", ".join({"state": "?1", "token": "NULL"}.get(name, name) for name in _COLUMNS)
_REOPEN = f"UPDATE items SET state = ?1, token = NULL, checksum = row_checksum({_REOPENED})"  # noqa: S608

_RENAMED = ", ".join({"key": "?1"}.get(name, name) for name in _COLUMNS)
_RENAME = f"UPDATE items SET key = ?1, checksum = row_checksum({_RENAMED}) WHERE key = ?2"  # noqa: S608

_ITEMS = f"CREATE TABLE items ({_ALL}, checksum, PRIMARY KEY (key)) WITHOUT ROWID;"
# The totals show when rows are gone, or are what they once were; the triggers keep them in the
# transaction of each change. The salt keeps equal API keys of two ledgers from being recognised.
_REST = """
    CREATE TABLE totals (items, checksums);
    INSERT INTO totals SELECT count(*), ifnull(sum(checksum), 0) FROM items;
    CREATE TRIGGER item_made AFTER INSERT ON items BEGIN
        UPDATE totals SET items = items + 1, checksums = checksums + new.checksum; END;
    CREATE TRIGGER item_changed AFTER UPDATE ON items BEGIN
        UPDATE totals SET checksums = checksums + new.checksum - old.checksum; END;
    CREATE TRIGGER item_removed AFTER DELETE ON items BEGIN
        UPDATE totals SET items = items - 1, checksums = checksums - old.checksum; END;
    CREATE TABLE owner (salt, api, origin, account, checksum);
    INSERT INTO owner (salt) VALUES (lower(hex(randomblob(16))));
    UPDATE owner SET checksum = row_checksum(salt, api, origin, account);
"""
_MARK = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
_OLD = ", ".join(name for name in _COLUMNS if name not in _NEW)
# What was damaged before it is migrated is so afterwards: no row has a negative checksum.
_RENEWED = f"CASE checksum WHEN row_checksum({_OLD}) THEN {_CHECKSUM} ELSE -1 END"
_ADD = "".join(f"ALTER TABLE items ADD COLUMN {name} DEFAULT {old};" for name, old in _NEW.items())
_CREATE = {  # by the version that is there: 0 is none
    0: f"BEGIN; {_ITEMS} {_REST} {_MARK} COMMIT;",
    1: f"""BEGIN; {_ADD} ALTER TABLE items ADD COLUMN checksum;
           UPDATE items SET checksum = {_CHECKSUM}; {_REST} {_MARK} COMMIT;""",  # noqa: S608
    2: f"BEGIN; {_ADD} UPDATE items SET checksum = {_RENEWED}; {_MARK} COMMIT;",  # noqa: S608
}
_OLD_ITEMS = f"""
    CREATE TEMP VIEW old AS
        SELECT *, {", ".join(f"{old} AS {name}" for name, old in _NEW.items())} FROM main.items;
"""  # noqa: S608
# These let a file that may not be changed look like one of this version.
_READ = {
    1: f"""{_OLD_ITEMS}
        CREATE TEMP VIEW items AS SELECT {_ALL}, {_CHECKSUM} AS checksum FROM old;
        CREATE TEMP VIEW totals AS
            SELECT count(*) AS items, ifnull(sum(checksum), 0) AS checksums FROM items;
        CREATE TEMP TABLE owner (salt, api, origin, account, checksum);
        INSERT INTO owner (salt) VALUES ('');
        UPDATE owner SET checksum = row_checksum(salt, api, origin, account);
    """,  # noqa: S608
    2: f"""{_OLD_ITEMS}
        CREATE TEMP VIEW items AS SELECT {_ALL}, {_RENEWED} AS checksum FROM old;
        CREATE TEMP VIEW totals AS SELECT items, checksums
            + (SELECT ifnull(sum(checksum), 0) FROM temp.items)
            - (SELECT ifnull(sum(checksum), 0) FROM main.items) AS checksums FROM main.totals;
    """,  # noqa: S608
}

_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full; make room, and run again",
    sqlite3.SQLITE_READONLY: "it cannot be written; look at the rights of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; look at its folder, which must be writable",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written; look at it, and at its room",
    sqlite3.SQLITE_BUSY: (
        "it is in use by another process, wait for that to end; or it is on a network file system, "
        "move it to a local disk"
    ),
    sqlite3.SQLITE_CORRUPT: "it is damaged; put back a copy. Nothing in it was changed",
    sqlite3.SQLITE_NOTADB: "it is no ledger, or damaged; name another file, or put back a copy",
}
_CODES = {
    errno.EACCES: sqlite3.SQLITE_READONLY,
    errno.EPERM: sqlite3.SQLITE_READONLY,
    errno.EROFS: sqlite3.SQLITE_READONLY,
    errno.ENOSPC: sqlite3.SQLITE_FULL,
    errno.EIO: sqlite3.SQLITE_IOERR,
}

_PATIENCE = 5.0
"""Seconds that a locked database is waited for."""

_LOCKED_BYTE = (1 << 30) + 1024
"""A byte of the page that SQLite keeps for its own locks, which use the first 512 of it."""

_owned: set[tuple[int, int]] = set()
"""Device and inode of each file that this process owns.

A file of these is not even opened again: to close that would drop SQLite's own locks on it.
"""


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


class NoLedgerError(LedgerError, InvalidRequestError):
    """The path leads to no ledger: it is a mistyped one."""


class DamagedError(sqlite3.DatabaseError):
    """Damage that the checksums show and SQLite does not see; ``LedgerFile`` adds the path."""


class LedgerFile:
    """A connection to the file and, unless it only reads, the right to be its one owner.

    The owner holds a lock on the file itself, which the system gives up when the process ends,
    however it ends; others can read the ledger meanwhile. ``seen`` has all keys that are in an
    owner's file; a reader is not told of what is new, so it has none.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._rescued: Path | None = None
        self._totals: list[tuple[int, int]] = []
        self._changed_at = 0
        self._undo = contextlib.ExitStack()
        self.seen: BloomFilter | None = None
        with contextlib.ExitStack() as undo, self._explained():
            if not path.parent.is_dir():
                raise LedgerError(f"{path}: its folder does not exist; create it first")
            if read_only and not path.exists():
                raise NoLedgerError(f"{path}: there is no such ledger")
            if not read_only:
                self._descriptor = self._own(path, undo)
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
        with self._explained():
            found = self._connection.execute(f"{_SELECT} WHERE key = ?", (_escaped(key),))
            row = found.fetchone()
            return None if row is None else _item(row)

    def page(self, after: str) -> list[LedgerItem]:
        """Return the next items by key."""
        query = f"{_SELECT} WHERE key > ? ORDER BY key LIMIT {_PAGE_SIZE}"
        with self._explained():
            return [_item(row) for row in self._connection.execute(query, (after,))]

    def counts(self) -> dict[ItemState, int]:
        """Return how many items there are in each state."""
        with self._explained():
            rows = self._connection.execute("SELECT state, count(*) FROM items GROUP BY state")
            try:
                return {ItemState(state): number for state, number in rows}
            except ValueError as error:
                line = f"items are damaged; put back a copy of the ledger ({error})"
                raise DamagedError(line) from None

    def check(self) -> None:
        """Compare all rows with the checksums."""
        with self._explained():
            self._check(lambda _key: None)

    def apply(self, changes: Sequence[Change]) -> list[object]:
        """Make all changes in one transaction, which is on the disk when this returns.

        Where the path no longer leads to the open file, they go into a copy, and it is an error.
        """
        if self._descriptor is None:
            raise LedgerError(f"{self._path}: it cannot be written; it was opened to be read")
        results: list[object] = []
        with self._explained():
            self._check_place()
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                puts: list[LedgerItem] = []
                for change in changes:
                    if isinstance(change, LedgerItem):
                        puts.append(change)
                        results.append(None)
                    else:
                        self._put(puts)  # what came before it
                        puts.clear()
                        results.append(change())
                self._put(puts)
            self._checkpoint()
        if self._rescued is not None:
            raise self._gone()
        return results

    def reopen(self, states: Sequence[ItemState]) -> int:
        """Let the items in ``states`` be submitted anew, as a change; return how many they are."""
        marks = ", ".join("?" * len(states))
        change = f"{_REOPEN} WHERE state IN ({marks})"
        return self._connection.execute(change, (ItemState.OPEN, *states)).rowcount

    def rename(self, keys: Sequence[tuple[str, str]]) -> None:
        """Give items other keys, as a change."""
        pairs = [(_escaped(new), _escaped(old)) for old, new in keys]
        self._connection.executemany(_RENAME, pairs)

    def discard(self, keys: Sequence[str]) -> None:
        """Remove items that were never sent, as a change."""
        never_sent = "state = ? AND token IS NULL AND intended_at IS NULL"
        change = f"DELETE FROM items WHERE key = ? AND {never_sent}"  # noqa: S608 - no input in it
        self._connection.executemany(change, [(_escaped(key), ItemState.OPEN) for key in keys])

    def claim(self, owner: Owner, *, adopt: bool) -> Owner:
        """Return whose ledger it is: ``owner``, as a change, if it was nobody's or is adopted."""
        run = self._connection.execute
        known: Owner = run("SELECT api, origin, account FROM owner").fetchone()
        if known == owner or (known[0] is not None and not adopt):
            return known
        run("UPDATE owner SET api = ?, origin = ?, account = ?", owner)
        run("UPDATE owner SET checksum = row_checksum(salt, api, origin, account)")
        return owner

    def close(self) -> None:
        """Close the file, then let others have it."""
        with self._undo, self._explained():
            told = self._rescued is not None
            self._check_place()
            if self._rescued is not None and not told:
                raise self._gone()

    def put_all(self, items: Sequence[LedgerItem]) -> None:
        """Write items, as a change."""
        self._put(items)

    def _put(self, items: Sequence[LedgerItem]) -> None:
        """Write each item in the place of what its key has."""
        rows = []
        for item in items:
            fields = list(_values(item))
            for place in _JSON:
                if fields[place] is not None:
                    fields[place] = _to_json(fields[place])
            rows.append([*fields, _checksum(*fields)])
        start = 0
        for size in _CHUNKS:
            while start + size <= len(rows):
                chunk = rows[start : start + size]
                try:
                    self._connection.execute(_PUT[size], [*itertools.chain(*chunk)])
                except UnicodeEncodeError:  # half a surrogate pair, as in a vendor's message
                    fields = [[*map(_escaped, row[:-1])] for row in chunk]
                    chunk = [[*row, _checksum(*row)] for row in fields]
                    self._connection.execute(_PUT[size], [*itertools.chain(*chunk)])
                start += size

    def _own(self, path: Path, undo: contextlib.ExitStack) -> int:
        """Open the file, new or not, and become its one owner."""
        with contextlib.suppress(OSError):
            if _identity(path.stat()) in _owned:
                raise LedgerError(f"{path}: it is in use by this process; open it once")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            code = _CODES.get(error.errno or 0, sqlite3.SQLITE_CANTOPEN)
            raise LedgerError(f"{path}: {_REASONS[code]}") from error
        undo.callback(os.close, descriptor)
        try:
            _lock(descriptor)
        except BlockingIOError as error:
            raise LedgerError(f"{path}: {_REASONS[sqlite3.SQLITE_BUSY]}") from error
        except OSError as error:
            raise LedgerError(
                f"{path}: its file system cannot lock it ({error.strerror}), as network file "
                "systems often cannot; put it on a local disk"
            ) from error
        identity = _identity(os.fstat(descriptor))
        _owned.add(identity)
        undo.callback(_owned.discard, identity)
        return descriptor

    def _prepare(self, *, read_only: bool) -> None:
        """Check that the file is a ledger and whole; make a new one of an empty file."""
        run = self._connection.execute
        (application,), (version,) = (
            run(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
        )
        (tables,) = run("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != APPLICATION:
            raise NoLedgerError(f"{self._path}: it belongs to another program; name another file")
        if version > VERSION:
            raise LedgerError(f"{self._path}: it was written by a newer version; upgrade this one")
        (verdict,) = run("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise LedgerError(f"{self._path}: {_REASONS[sqlite3.SQLITE_CORRUPT]} ({verdict})")
        if read_only:
            if not tables:
                raise NoLedgerError(f"{self._path}: there is nothing in it yet")
            if version < VERSION:
                self._connection.executescript(_READ[version])
            return
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
        with self._connection:  # which takes back a version half made or half migrated
            if version < VERSION:
                self._connection.executescript(_CREATE[version if tables else 0])
        self._checkpoint()

    def _check(self, see: Callable[[str], None]) -> None:
        """Compare all rows with the checksums, and tell ``see`` each key."""
        number, total, damaged = 0, 0, []
        with self._connection:  # one state of the file, whatever its owner writes meanwhile
            self._connection.execute("BEGIN")
            for row in self._connection.execute(_SELECT):
                checksum = _checksum(*row[:-1])
                number, total = number + 1, total + checksum
                if checksum != row[-1]:
                    damaged.append(repr(row[0]))
                else:
                    see(row[0])
            written = _read_totals(self._connection)
            owners = self._connection.execute("SELECT * FROM owner").fetchall()
        trouble = []
        if damaged:
            more = f" and {len(damaged) - _MOST_NAMED} more" if len(damaged) > _MOST_NAMED else ""
            trouble.append(f"items {', '.join(damaged[:_MOST_NAMED])}{more} are not as written")
        if [items for items, _ in written] != [number]:
            told = written[0][0] if written else "their number"
            trouble.append(f"{number} items are there where {told} were written")
        elif not damaged and written[0][1] != total:
            trouble.append("its items are not those that were written last")
        if len(owners) != 1 or _checksum(*owners[0][:-1]) != owners[0][-1]:
            trouble.append("whose it is cannot be read")
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
        if _identity(there) != _identity(os.fstat(self._descriptor)):
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
            _lock(descriptor)
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

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Say in a ``LedgerError`` what SQLite's errors mean."""
        try:
            yield
        except sqlite3.Error as error:
            code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
            kind = NoLedgerError if code == sqlite3.SQLITE_NOTADB else LedgerError
            raise kind(f"{self._path}: {_REASONS.get(code, str(error))}") from error


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a database that knows the checksum, and reads text that is none any more."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)
    connection.create_function("row_checksum", -1, _checksum, deterministic=True)
    connection.text_factory = lambda raw: raw.decode(errors="backslashreplace")
    return connection


def _lock(descriptor: int) -> None:
    """Lock the open file; raises ``BlockingIOError`` if another open file of it holds the lock.

    It belongs to the descriptor, not to the process, whose POSIX locks end when *any* of its
    descriptors of the file is closed. It does not touch SQLite's own locks, so others can read.
    """
    if sys.platform == "win32":
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:  # what Windows calls a lock that another holds
            raise BlockingIOError(*error.args) from error
    elif sys.platform == "darwin":
        # There flock(2) would shut SQLite out; F_OFD_SETLK of its <fcntl.h> locks a range.
        span = struct.pack("qqihh", _LOCKED_BYTE, 1, 0, fcntl.F_WRLCK, os.SEEK_SET)
        fcntl.fcntl(descriptor, 90, span)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _read_totals(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return how many items there are to be, and the sum of their checksums: one row."""
    return connection.execute("SELECT items, checksums FROM totals").fetchall()


_to_json = json.JSONEncoder(default=repr).encode  # json.dumps would make one at each call


def _checksum(*values: Any) -> int:
    return zlib.crc32(_to_json(values).encode())


def _escaped(value: Any) -> Any:
    """Return text as it can be stored: half a surrogate pair is written out."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value


def _item(row: Sequence[Any]) -> LedgerItem:
    *values, checksum = row
    fields = dict(zip(_COLUMNS, values, strict=True))
    try:
        state, labels = ItemState(fields.pop("state")), tuple(json.loads(fields.pop("labels")))
        if fields["result"] is not None:
            fields["result"] = json.loads(fields["result"])
    except (TypeError, ValueError):
        checksum = None
    if _checksum(*values) != checksum:
        raise DamagedError(f"item {row[0]!r} is damaged; put back a copy of the ledger")
    return LedgerItem(state=state, labels=labels, **fields)
