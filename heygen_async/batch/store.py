"""The ledger's file: SQLite, opened, locked, checked and written by one thread."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from heygen_async.batch import rows
from heygen_async.batch.locks import lock
from heygen_async.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

R = TypeVar("R")

logger = logging.getLogger("heygen_async.batch")

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

_owned: set[tuple[int, int]] = set()
"""Device and inode of each file that this process owns.

A file of these is not even opened again: to close that would drop SQLite's own locks on it.
"""


class _BloomFilter:
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

    The owner holds a lock on the file itself, which the system gives up when the process ends,
    however it ends; others can read the ledger meanwhile.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._rescued: Path | None = None
        self._totals: list[tuple[int, int]] = []
        self._changed_at = 0
        self._seen: _BloomFilter | None = None
        self._undo = contextlib.ExitStack()
        with contextlib.ExitStack() as undo, self._explained():
            if not path.parent.is_dir():
                raise LedgerError(f"{path}: its folder does not exist; create it first")
            if read_only and not path.exists():
                raise LedgerError(f"{path}: there is no such ledger")
            if not read_only:
                self._descriptor = self._own(path, undo)
            self._connection = _connect(path, "ro" if read_only else "rw")
            undo.callback(self._connection.close)
            self._prepare(read_only=read_only)
            if not read_only:
                # Nothing is paid on a guess: the owner goes on with whole rows only. The filter
                # holds for the one who writes; a reader is not told of what is new.
                self._seen = _BloomFilter()
                rows.check(self._connection, self._seen.add)
            self.salt = rows.salt(self._connection)
            self._undo = undo.pop_all()

    def may_have(self, key: str) -> bool:
        """Tell whether there may be an item of ``key``; False is certain. Needs no thread."""
        return self._seen is None or key in self._seen

    def note(self, key: str) -> None:
        """Take note of a key that is about to be written."""
        if self._seen is not None:
            self._seen.add(key)

    def read(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """Do ``work``, which changes nothing."""
        with self._explained():
            return work(self._connection)

    def apply(self, work: Sequence[Callable[[sqlite3.Connection], Any]]) -> list[Any]:
        """Do all of ``work`` in one transaction, which is on the disk when this returns.

        Where the path no longer leads to the open file, it goes into a copy, and is an error.
        """
        if self._descriptor is None:
            raise LedgerError(f"{self._path}: it cannot be written; it was opened to be read")
        with self._explained():
            self._look_after()
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                results = [item(self._connection) for item in work]
            self._checkpoint()
        if self._rescued is not None:
            raise self._gone()
        return results

    def close(self) -> None:
        """Close the file, then let others have it."""
        with self._undo, self._explained():
            told = self._rescued is not None
            self._look_after()
            if self._rescued is not None and not told:
                raise self._gone()

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
            lock(descriptor)
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
        rows.set_up(self._connection)
        run = self._connection.execute
        (application,), (version,) = (
            run(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
        )
        (tables,) = run("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != rows.APPLICATION:
            raise LedgerError(f"{self._path}: it belongs to another program; name another file")
        if version > rows.VERSION:
            raise LedgerError(f"{self._path}: it was written by a newer version; upgrade this one")
        (verdict,) = run("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise LedgerError(f"{self._path}: {_REASONS[sqlite3.SQLITE_CORRUPT]} ({verdict})")
        if read_only:
            if not tables:
                raise LedgerError(f"{self._path}: there is nothing in it yet")
            if version < rows.VERSION:
                self._connection.executescript(rows.READ_VERSION_1)
            return
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        with self._connection:  # which a version half made or half migrated is taken back by
            if version < rows.VERSION:
                self._connection.executescript(rows.MIGRATE if tables else rows.CREATE)
        self._checkpoint()

    def _checkpoint(self) -> None:
        """Take what is committed from the log into the file, and empty the log.

        Then all that ``put`` has returned for is in the one file: a log that is cut, removed or
        not copied with it loses nothing. A reader may hold it up; the next one makes up for that.
        """
        run = self._connection.execute
        run("PRAGMA busy_timeout = 0")
        with contextlib.suppress(sqlite3.Error):  # what is committed is on the disk all the same
            run("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        run(f"PRAGMA busy_timeout = {_PATIENCE * 1000:.0f}")
        if self._descriptor is not None:
            self._totals = rows.totals(self._connection)
            self._changed_at = os.fstat(self._descriptor).st_mtime_ns

    def _look_after(self) -> None:
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
                if rows.totals(other) != self._totals:
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
            lock(descriptor)
            copy = _connect(Path(name), "rw")
            undo.callback(copy.close)
            rows.set_up(copy)
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
            raise LedgerError(f"{self._path}: {_REASONS.get(code, str(error))}") from error


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)
