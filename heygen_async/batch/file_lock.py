"""Who owns a file: a lock on the file itself, which the system gives up when the process ends."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from typing import TYPE_CHECKING

from heygen_async.batch.sqlite_errors import REASONS, reason
from heygen_async.errors import LedgerError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import struct

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCKED_BYTE = (1 << 30) + 1024
"""A byte of the page that SQLite keeps for its own locks, which use the first 512 of it."""

_owned: set[tuple[int, int]] = set()
"""Device and inode of each file that this process owns.

A file of these is not even opened again: to close that would drop SQLite's own locks on it.
"""


@contextlib.contextmanager
def owned(path: Path) -> Iterator[int]:
    """Own a file, new or not, and give its descriptor.

    Raises ``LedgerError`` if it has an owner, by whatever name, or cannot have one.
    """
    with contextlib.suppress(OSError):
        if identity(path.stat()) in _owned:
            raise LedgerError(f"{path}: it is in use by this process; open it once")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise LedgerError(f"{path}: {reason(error)}") from error
    try:
        try:
            lock(descriptor)
        except BlockingIOError as error:
            raise LedgerError(f"{path}: {REASONS[sqlite3.SQLITE_BUSY]}") from error
        except OSError as error:
            raise LedgerError(
                f"{path}: its file system cannot lock it ({error.strerror}), as network file "
                "systems often cannot; put it on a local disk"
            ) from error
        mine = identity(os.fstat(descriptor))
        _owned.add(mine)
        try:
            yield descriptor
        finally:
            _owned.discard(mine)
    finally:
        os.close(descriptor)


def lock(descriptor: int) -> None:
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


def identity(status: os.stat_result) -> tuple[int, int]:
    """Return what tells a file from all others, whatever it is called."""
    return status.st_dev, status.st_ino
