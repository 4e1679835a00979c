"""A file that is being written: nothing under its name until it is whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import uuid
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class PartFile:
    """A file under a temporary name; its methods block, so they are called in threads.

    A thread cannot be cancelled: after ``discard`` one that comes late finds no file, and makes
    none.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        # Short, for the name of the target may be as long as the disk allows.
        self._path = target.with_name(f".{target.name[:40]}.{uuid.uuid4().hex[:8]}.part")
        self._file: IO[bytes] | None = None
        self._discarded = False
        self._lock = threading.Lock()

    def open(self) -> None:
        """Make the file; raises ``OSError``."""
        with self._lock:
            if not self._discarded:
                try:
                    self._file = self._path.open("x+b")
                except ValueError as error:  # a name that no disk takes
                    raise OSError(str(error)) from None

    def free(self) -> int:
        """Return how many bytes the disk has room for."""
        return shutil.disk_usage(self._target.parent).free

    def write(self, chunk: bytes) -> None:
        """Add ``chunk``."""
        with self._lock:
            if self._file is not None:
                self._file.write(chunk)

    def restart(self) -> None:
        """Throw away what was written."""
        with self._lock:
            if self._file is not None:
                self._file.seek(0)
                self._file.truncate()

    def head(self, size: int) -> bytes:
        """Return the first bytes."""
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(0)
            head = self._file.read(size)
            self._file.seek(0, os.SEEK_END)
            return head

    def settle(self) -> None:
        """Give the file its name."""
        with self._lock:
            if self._file is not None:
                self._file.flush()
                with contextlib.suppress(OSError):  # some disks cannot; the rename still is atomic
                    os.fsync(self._file.fileno())
                self._file.close()
                self._path.replace(self._target)

    def discard(self) -> None:
        """Leave nothing but what has its name."""
        with self._lock:
            self._discarded = True
            if self._file is not None:
                with contextlib.suppress(OSError):  # what did not fit is not wanted any more
                    self._file.close()
                with contextlib.suppress(OSError):
                    self._path.unlink(missing_ok=True)
                self._file = None
