"""The names of a batch's files: one for each item, and never one that is there already."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from heygen_async.errors import InvalidRequestError
from heygen_async.protocol.sniff import SORTS, suffix_of

if TYPE_CHECKING:
    from pathlib import Path

_SAFE = re.compile(r"[A-Za-z0-9][\w.\-]{0,99}", re.ASCII)
_OTHER = ".bin"


class Targets:
    """Names files in one folder, by the key of their item or by its index.

    Two items never share a file: a name belongs to one item while it is in flight, and after
    that to its file on disk. Nothing is kept of items that have ended.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._in_flight: dict[str, int] = {}

    def prepare(self) -> None:
        """Make the folder; raises ``InvalidRequestError``."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidRequestError(
                f"download_to={str(self._folder)!r} is no folder to save to: {error.strerror}"
            ) from None

    def claim(self, index: int, key: str | None) -> None:
        """Refuse an item, before it is paid for, whose file would replace another.

        It looks at the disk: call it in a thread. Each claim is to be released.
        """
        stem = _stem(index, key)
        # The name is taken first, in one step: another thread may be asking for the same.
        taken = self._in_flight.setdefault(stem, index) != index
        # The suffix is not known yet; these are all that ``path`` gives.
        if taken or any((self._folder / f"{stem}{end}").exists() for end in (*SORTS, _OTHER)):
            raise InvalidRequestError(
                f"{self._folder} has a file {stem!r} already; move it away, or save elsewhere"
            )

    def release(self, index: int, key: str | None) -> None:
        """Give up the name of an item that has ended, if it had it."""
        if self._in_flight.get(stem := _stem(index, key)) == index:
            del self._in_flight[stem]

    def path(self, index: int, key: str | None, url: str) -> Path:
        """Return where the file that ``url`` gives is saved."""
        return self._folder / f"{_stem(index, key)}{suffix_of(url) or _OTHER}"


def _stem(index: int, key: str | None) -> str:
    """Return a file name without its suffix, unlike that of any other key."""
    if key is None:
        return f"{index + 1:05}"
    if _SAFE.fullmatch(key) and "." not in key:
        return key
    slug = re.sub(r"\W+", "-", key, flags=re.ASCII).strip("-_")[:60]
    return f"{slug}-{hashlib.sha256(key.encode()).hexdigest()[:8]}".lstrip("-")
