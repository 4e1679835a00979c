"""The digest of a spec: the same for the same render, wherever its files lie."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heygen_async.protocol.media import fields_of, local_media
from heygen_async.transport.uploads import MOST_REMEMBERED, identity, unreadable

if TYPE_CHECKING:
    from collections.abc import Hashable

    from heygen_async.models.jobs import Spec


class Digests:
    """Works out digests, reading each local file once, as long as it is one of the last used."""

    def __init__(self) -> None:
        # Bounded, for a batch may bring a picture of its own for each of a million specs.
        self._digest = functools.lru_cache(maxsize=MOST_REMEMBERED)(_file_digest)

    def digest(self, spec: Spec[Any]) -> str:
        """Return 32 hex digits over what ``spec`` says and what its local media hold.

        Options at their defaults count as absent. It reads files: call it in a thread. Raises
        ``InvalidRequestError`` for a file that cannot be read.
        """
        text = json.dumps(self._plain(spec), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Path | bytes):
            return {"sha256": self._content(value)}
        if isinstance(value, tuple):
            return [self._plain(item) for item in value]
        fields = fields_of(type(value))
        if not fields:
            return value
        given = {
            field.name: self._plain(item)
            for field in fields
            if (item := getattr(value, field.name)) != field.default
        }
        return {type(value).__name__: given}

    def _content(self, media: Path | bytes) -> str:
        if isinstance(media, bytes):
            return hashlib.sha256(media).hexdigest()
        try:
            return self._digest(media, identity(media.stat()))
        except OSError as error:
            raise unreadable(media, error) from None


def _file_digest(path: Path, _identity: Hashable) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def reads_files(spec: Spec[Any]) -> bool:
    """Tell whether the digest of ``spec`` reads local media."""
    return any(True for _ in local_media(spec))
