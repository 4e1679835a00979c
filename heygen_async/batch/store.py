"""The ledger's file: SQLite, opened, checked and written by one thread."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.batch.items import ItemState, LedgerItem
from heygen_async.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

SCHEMA_VERSION = 1

_APPLICATION = 0x48654C67  # "HeLg": what tells a ledger from another program's SQLite file
_PAGE_SIZE = 500
_COLUMNS = tuple(attribute.name for attribute in attrs.fields(LedgerItem))
_LABELS = _COLUMNS.index("labels")
_GET = f"SELECT {', '.join(_COLUMNS)} FROM items WHERE key = ?"  # noqa: S608 - no input in it
_PAGE = f"SELECT {', '.join(_COLUMNS)} FROM items WHERE key > ? ORDER BY key LIMIT {_PAGE_SIZE}"  # noqa: S608
_PUT = f"REPLACE INTO items VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
_SCHEMA = f"""
    CREATE TABLE items ({", ".join(_COLUMNS)}, PRIMARY KEY (key)) WITHOUT ROWID;
    PRAGMA application_id = {_APPLICATION};
    PRAGMA user_version = {SCHEMA_VERSION};
"""
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full; make room, and run again",
    sqlite3.SQLITE_READONLY: "it cannot be written; look at the rights of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; look at its folder, which must be writable",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written; look at it, and at its room",
    sqlite3.SQLITE_BUSY: "it is in use by another process; wait for that to end",
    sqlite3.SQLITE_CORRUPT: "it is damaged; put back a copy. Nothing in it was changed",
    sqlite3.SQLITE_NOTADB: "it is no ledger, or damaged; name another file, or put back a copy",
}


class _Seen:
    """Tells of most keys that are not in the ledger that they are not, in 2 MiB for any number."""

    def __init__(self) -> None:
        self._marks = bytearray(1 << 21)

    def add(self, key: str) -> None:
        one, other = _places(key)
        self._marks[one >> 3] |= 1 << (one & 7)
        self._marks[other >> 3] |= 1 << (other & 7)

    def __contains__(self, key: str) -> bool:
        one, other = _places(key)
        return bool(
            self._marks[one >> 3] & 1 << (one & 7) and self._marks[other >> 3] & 1 << (other & 7)
        )


def _places(key: str) -> tuple[int, int]:
    """Return two bits out of 2**24 that mark a key."""
    mixed = hash(key)
    return mixed & 0xFFFFFF, mixed >> 24 & 0xFFFFFF


class Store:
    """A connection to the file and, unless it only reads, the right to be its one owner.

    The owner holds a lock on a second, empty file, which the system gives up when the process
    ends, however it ends; so others can read the ledger meanwhile.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        with contextlib.ExitStack() as undo, self._explained():
            if not path.parent.is_dir():
                raise LedgerError(f"{path}: its folder does not exist; create it first")
            if not read_only:
                self._owner = _connect(path.with_name(f"{path.name}.lock"), patience=0.0)
                undo.callback(self._owner.close)
                self._owner.execute("BEGIN EXCLUSIVE")
            elif not path.exists():
                raise LedgerError(f"{path}: there is no such ledger")
            self._connection = _connect(path, read_only=read_only)
            undo.callback(self._connection.close)
            self._prepare(read_only=read_only)
            self._seen = _Seen()
            for (key,) in self._connection.execute("SELECT key FROM items"):
                self._seen.add(key)
            self._undo = undo.pop_all()

    def may_have(self, key: str) -> bool:
        """Tell whether there may be an item of ``key``; False is certain. Needs no thread."""
        return key in self._seen

    def note(self, key: str) -> None:
        """Take note of a key that is about to be written."""
        self._seen.add(key)

    def apply(self, work: Sequence[Callable[[sqlite3.Connection], Any]]) -> list[Any]:
        """Do all of ``work`` in one transaction, which is on the disk when this returns."""
        with self._explained(), self._connection:
            self._connection.execute("BEGIN")
            return [item(self._connection) for item in work]

    def close(self) -> None:
        """Close the file, then let others have it."""
        self._undo.close()

    def _prepare(self, *, read_only: bool) -> None:
        """Check that the file is a ledger and whole; make a new one of an empty file."""
        run = self._connection.execute
        (application,), (version,) = (
            run(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
        )
        (tables,) = run("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != _APPLICATION:
            raise LedgerError(f"{self._path}: it belongs to another program; name another file")
        if version > SCHEMA_VERSION:
            raise LedgerError(f"{self._path}: it was written by a newer version; upgrade this one")
        (verdict,) = run("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise LedgerError(f"{self._path}: {_REASONS[sqlite3.SQLITE_CORRUPT]} ({verdict})")
        if read_only:
            if not tables:
                raise LedgerError(f"{self._path}: there is nothing in it yet")
            return
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        if not tables:
            self._connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Say in a ``LedgerError`` what SQLite's errors mean."""
        try:
            yield
        except sqlite3.Error as error:
            code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
            raise LedgerError(f"{self._path}: {_REASONS.get(code, str(error))}") from error


def get(connection: sqlite3.Connection, key: str) -> LedgerItem | None:
    """Return the item of ``key``."""
    row = connection.execute(_GET, (key,)).fetchone()
    return None if row is None else _item(row)


def put(connection: sqlite3.Connection, item: LedgerItem) -> None:
    """Write the item in the place of what its key has."""
    fields = [getattr(item, name) for name in _COLUMNS]
    fields[_LABELS] = json.dumps(item.labels)
    connection.execute(_PUT, fields)


def page(connection: sqlite3.Connection, after: str) -> list[LedgerItem]:
    """Return the next items by key."""
    return [_item(row) for row in connection.execute(_PAGE, (after,))]


def counts(connection: sqlite3.Connection) -> dict[ItemState, int]:
    """Return how many items there are in each state."""
    rows = connection.execute("SELECT state, count(*) FROM items GROUP BY state")
    return {ItemState(state): number for state, number in rows}


def reopen(connection: sqlite3.Connection, states: Sequence[ItemState]) -> int:
    """Let the items in ``states`` be submitted anew; return how many they are."""
    marks = ", ".join("?" * len(states))
    change = f"UPDATE items SET state = ?, token = NULL WHERE state IN ({marks})"  # noqa: S608
    return connection.execute(change, (ItemState.OPEN, *states)).rowcount


def _connect(path: Path, *, read_only: bool = False, patience: float = 5.0) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)


def _item(row: Sequence[Any]) -> LedgerItem:
    fields = dict(zip(_COLUMNS, row, strict=True))
    try:
        state, labels = ItemState(fields.pop("state")), tuple(json.loads(fields.pop("labels")))
    except (TypeError, ValueError):
        raise LedgerError(f"item {row[0]!r} of the ledger is damaged; put back a copy") from None
    return LedgerItem(state=state, labels=labels, **fields)
