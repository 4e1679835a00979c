"""The files of a batch: the digest that tells a spec by what is in them, and names for new ones."""

from __future__ import annotations

import functools
import glob
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heygen_async.errors import InvalidRequestError
from heygen_async.protocol.media import FIELDS
from heygen_async.protocol.sniff import SORTS, suffix_of
from heygen_async.transport.uploads import MOST_REMEMBERED, identity, unreadable

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from heygen_async.models.jobs import Spec

_SAFE = re.compile(r"[A-Za-z0-9][\w.\-]{0,99}", re.ASCII)
_OTHER = ".bin"
_to_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def spec_digest(spec: Spec[Any]) -> str:
    """Return 32 hex digits over what ``spec`` says and what its local media hold.

    It is the same for the same render, wherever its files lie; options at their defaults count
    as absent. It reads files: call it in a thread. Raises ``InvalidRequestError`` for a file that
    cannot be read.
    """
    text = _to_json(_plain(spec))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(value: Any) -> Any:
    """Return what JSON can say of a value."""
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, Path):
        try:
            return {"sha256": file_digest(value, identity(value.stat()))}
        except OSError as error:
            raise unreadable(value, error) from None
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    fields = FIELDS[type(value)]
    if not fields:
        return value
    given = {
        field.name: item if type(item) is str else _plain(item)
        for field in fields
        if (item := getattr(value, field.name)) != field.default
    }
    return {type(value).__name__: given}


# Each file is read once as long as it is one of the last used: a batch may bring a picture of its
# own for each of a million specs.
@functools.lru_cache(maxsize=MOST_REMEMBERED)
def file_digest(path: Path, _identity: Hashable) -> str:
    """Return the SHA-256 of a file in hex digits; another identity is another file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class OutputPaths:
    """Names the files in one folder, by the key of their item or by its index.

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

    def claim(self, index: int, key: str | None, assets: Sequence[str] = ()) -> None:
        """Refuse an item, before it is paid for, any of whose files would replace another.

        It looks at the disk: call it in a thread. Each claim is to be released.
        """
        stem = _stem(index, key)
        # The name is taken first, in one step: another thread may be asking for the same.
        taken = self._in_flight.setdefault(stem, index) != index
        # The suffix is not known yet; these are all that ``path`` gives.
        names = [f"{stem}{end}" for end in (*SORTS, _OTHER)]
        names += [f"{stem}.{asset}{end}" for asset in assets for end in (*SORTS, _OTHER)]
        if taken or any((self._folder / name).exists() for name in names):
            raise InvalidRequestError(
                f"{self._folder} has a file {stem!r} already; move it away, or save elsewhere"
            )

    def release(self, index: int, key: str | None) -> None:
        """Give up the name of an item that has ended, if it had it."""
        if self._in_flight.get(stem := _stem(index, key)) == index:
            del self._in_flight[stem]

    def path(self, index: int, key: str | None, url: str, asset: str = "") -> Path:
        """Return where the file that ``url`` gives is saved, the ``asset`` beside the first one."""
        suffix = suffix_of(url) or _OTHER
        between = f".{asset}" if asset and suffix != f".{asset}" else ""
        return self._folder / f"{_stem(index, key)}{between}{suffix}"

    @staticmethod
    def are_saved(first: Path, assets: Sequence[str]) -> bool:
        """Tell whether an item's first file is there, and one of each asset beside it."""
        stems = [glob.escape(f"{first.stem}.{asset}") for asset in assets]
        return first.is_file() and all(any(first.parent.glob(f"{stem}*")) for stem in stems)


def _stem(index: int, key: str | None) -> str:
    """Return a file name without its suffix, unlike that of any other key."""
    if key is None:
        return f"{index + 1:05}"
    if _SAFE.fullmatch(key) and "." not in key:
        return key
    slug = re.sub(r"\W+", "-", key, flags=re.ASCII).strip("-_")[:60]
    return f"{slug}-{hashlib.sha256(key.encode()).hexdigest()[:8]}".lstrip("-")
