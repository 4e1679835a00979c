"""The names of a batch's files: one for each item, and never one that is there already."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from heygen_async.errors import InvalidRequestError

_SAFE = re.compile(r"[A-Za-z0-9][\w.\-]{0,99}", re.ASCII)
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


class Targets:
    """Names files in one folder, by the key of their item or by its index."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._taken: set[str] = set()

    def prepare(self) -> None:
        """Make the folder and see what is in it; raises ``InvalidRequestError``."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._taken = {path.stem for path in self._folder.iterdir()}
        except OSError as error:
            raise InvalidRequestError(
                f"download_to={str(self._folder)!r} is no folder to save to: {error.strerror}"
            ) from None

    def check(self, index: int, key: str | None) -> None:
        """Refuse an item, before it is paid for, whose file would replace another."""
        stem = _stem(index, key)
        if stem in self._taken:
            raise InvalidRequestError(
                f"{self._folder} has a file {stem!r} already; move it away, or save elsewhere"
            )
        self._taken.add(stem)

    def path(self, index: int, key: str | None, url: str) -> Path:
        """Return where the file that ``url`` gives is saved."""
        suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
        suffix = suffix if _SUFFIX.fullmatch(suffix) else ".bin"
        return self._folder / f"{_stem(index, key)}{suffix}"


def _stem(index: int, key: str | None) -> str:
    """Return a file name without its suffix, unlike that of any other key."""
    if key is None:
        return f"{index + 1:05}"
    if _SAFE.fullmatch(key) and "." not in key:
        return key
    slug = re.sub(r"\W+", "-", key, flags=re.ASCII).strip("-_")[:60]
    return f"{slug}-{hashlib.sha256(key.encode()).hexdigest()[:8]}".lstrip("-")
