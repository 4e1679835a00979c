"""What SQLite's errors mean: a ``LedgerError`` that says what to do."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from typing import TYPE_CHECKING

from heygen_async.batch.store import NoLedgerError
from heygen_async.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REASONS = {
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


class DamagedError(sqlite3.DatabaseError):
    """Damage that the checksums show and SQLite does not see; ``explained`` adds the path."""


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise a ``LedgerError`` for an error of SQLite."""
    try:
        yield
    except sqlite3.Error as error:
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        kind = NoLedgerError if code == sqlite3.SQLITE_NOTADB else LedgerError
        raise kind(f"{path}: {REASONS.get(code, str(error))}") from error


def reason(error: OSError) -> str:
    """Return why a file could not be opened, as SQLite's error would be told."""
    return REASONS[_CODES.get(error.errno or 0, sqlite3.SQLITE_CANTOPEN)]
