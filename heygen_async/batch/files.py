"""The files of a batch: the digest that tells a spec by what is in them, and names for new ones."""

from __future__ import annotations

import functools
import glob
import hashlib
import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heygen_async.errors import InvalidRequestError
from heygen_async.protocol.media import FIELDS
from heygen_async.protocol.sniff import SORTS, suffix_of
from heygen_async.transport.uploads import MOST_REMEMBERED, identity, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable, Sequence

    from heygen_async.models.jobs import Spec

_QUERY = re.compile(r"(https?://[^\s\"?#]+)\?[^\s\"#]*", re.IGNORECASE)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)
_HASHED = re.compile(r"(?:\A|-)[0-9a-f]{8}\Z")
_OTHER = ".bin"
_ENDS = (*SORTS, _OTHER)  # all that ``path`` gives
_MOST_BYTES = 200
"""How long a name may be, so that with its endings it is one on any system."""

_to_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def spec_digest(spec: Spec[Any]) -> str:
    """Return 32 hex digits over what ``spec`` says and what its local media hold.

    It is the same for the same render, wherever its files lie; options at their defaults count
    as absent. It reads files: call it in a thread. Raises ``InvalidRequestError`` for a file that
    cannot be read.
    """
    return _digest(_to_json(_plain(spec)))


def spec_digests(spec: Spec[Any]) -> tuple[str, str]:
    """Return the digest of ``spec``, and the one for which the queries of URLs do not count."""
    text = _to_json(_plain(spec))
    return _digest(text), _digest(_QUERY.sub(r"\1", text))


def _digest(text: str) -> str:
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

    ``file_name`` says what the file of a key is called, else it is called like the key: as it is
    if on every system it is then a name of its own, or with a part of its hash.

    Two items never share a file: a name belongs to one item while it is in flight, and after
    that to its file on disk. Nothing is kept of items that have ended.
    """

    def __init__(self, folder: Path, file_name: Callable[[str], str] | None = None) -> None:
        self._folder = folder.absolute()
        self._file_name = file_name
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
        stem = self._stem(index, key)
        # The name is taken first, in one step: another thread may be asking for the same.
        taken = self._in_flight.setdefault(unique_name(stem), index) != index
        # What an earlier version has saved counts, too: else it would be paid again.
        stems = {stem, _old_stem(key) if key is not None and self._file_name is None else stem}
        # The suffix is not known yet; these are all that ``path`` gives.
        ends = [*_ENDS, *(f".{asset}{end}" for asset in assets for end in _ENDS)]
        names = [f"{each}{end}" for each in stems for end in ends]
        if taken or any((self._folder / name).exists() for name in names):
            raise InvalidRequestError(
                f"{self._folder} has a file {stem!r} already; move it away, or save elsewhere"
            )

    def release(self, index: int, key: str | None) -> None:
        """Give up the name of an item that has ended, if it had it."""
        if self._in_flight.get(name := unique_name(self._stem(index, key))) == index:
            del self._in_flight[name]

    def path(self, index: int, key: str | None, url: str, asset: str = "") -> Path:
        """Return where the file that ``url`` gives is saved, the ``asset`` beside the first one."""
        suffix = suffix_of(url) or _OTHER
        between = f".{asset}" if asset and suffix != f".{asset}" else ""
        return self._folder / f"{self._stem(index, key)}{between}{suffix}"

    @staticmethod
    def are_saved(first: Path, assets: Sequence[str]) -> bool:
        """Tell whether an item's first file is there, and one of each asset beside it."""
        stems = [glob.escape(f"{first.stem}.{asset}") for asset in assets]
        return first.is_file() and all(any(first.parent.glob(f"{stem}*")) for stem in stems)

    def _stem(self, index: int, key: str | None) -> str:
        if key is None:
            return f"{index + 1:05}"
        return stem_of(key) if self._file_name is None else safe_name(self._file_name(key))


def has_file(stem: str, names: Container[str]) -> bool:
    """Tell whether one of ``names`` is that of a file that ``path`` gives for ``stem``."""
    return any(f"{stem}{end}" in names for end in _ENDS)


def safe_name(text: str) -> str:
    """Return a name that any system takes for a file, with the letters of whatever script.

    It is at most 200 bytes long, and leaves out what is at its end or in its place not allowed.
    """
    kept = (c if c.isalnum() or c in "._-" or _is_mark(c) else "-" for c in _normal(text))
    name = re.sub(r"-+", "-", "".join(kept)).encode()[:_MOST_BYTES].decode(errors="ignore")
    name = name.strip("-.")
    base, dot, rest = name.partition(".")
    return f"{base}_{dot}{rest}" if _RESERVED.fullmatch(base) else name


def unique_name(text: str) -> str:
    """Return what two names have in common that are one file on some system."""
    return _normal(safe_name(text).casefold())


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _is_mark(character: str) -> bool:
    """Tell a vowel sign or an accent, which is part of the letter before it."""
    return unicodedata.category(character)[0] == "M" or character in "\u200c\u200d"


def stem_of(key: str) -> str:
    """Return a name for a key that on no system is that of another key."""
    if key == unique_name(key) and "." not in key and not _HASHED.search(key):
        return key
    slug = safe_name(key).replace(".", "-").encode()[:120].decode(errors="ignore").strip("-")
    return f"{slug}-{hashlib.sha256(key.encode()).hexdigest()[:8]}".lstrip("-")


def _old_stem(key: str) -> str:
    """Return what the file of a key was called before names kept all letters."""
    if re.fullmatch(r"[A-Za-z0-9][\w\-]{0,99}", key, re.ASCII):
        return key
    slug = re.sub(r"\W+", "-", key, flags=re.ASCII).strip("-_")[:60]
    return f"{slug}-{hashlib.sha256(key.encode()).hexdigest()[:8]}".lstrip("-")
