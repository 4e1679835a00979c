"""A lock on a file itself, by whatever name it was opened; it ends with the process."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import struct

_PLACE = (1 << 30) + 1024
"""A byte of the page that SQLite keeps for its own locks, which use the first 512 of it."""


def lock(descriptor: int) -> None:
    """Lock the open file; raises ``BlockingIOError`` if another open file of it holds the lock.

    It is that of the descriptor, not of the process, whose POSIX locks end when *any* of its
    descriptors of the file is closed. It does not touch SQLite's own locks, so others can read.
    """
    if sys.platform == "win32":
        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:  # what Windows calls a lock that another holds
            raise BlockingIOError(*error.args) from error
    elif sys.platform == "darwin":
        # There flock(2) would shut SQLite out; F_OFD_SETLK of its <fcntl.h> locks a range.
        fcntl.fcntl(descriptor, 90, struct.pack("qqihh", _PLACE, 1, 0, fcntl.F_WRLCK, os.SEEK_SET))
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
