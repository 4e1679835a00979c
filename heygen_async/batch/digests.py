"""The digest of a spec: the same for the same render, wherever its files lie."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heygen_async.protocol.local_media import fields_of, local_media
from heygen_async.transport.uploads import identity, unreadable

if TYPE_CHECKING:
    from collections.abc import Hashable

    from heygen_async.models.jobs import Spec


class Digests:
    """Works out digests, reading each local file once."""

    def __init__(self) -> None:
        self._files: dict[Hashable, str] = {}

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
            same = identity(media.stat())
            if same not in self._files:
                with media.open("rb") as file:
                    self._files[same] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise unreadable(media, error) from None
        return self._files[same]


def reads_files(spec: Spec[Any]) -> bool:
    """Tell whether the digest of ``spec`` reads local media."""
    return any(True for _ in local_media(spec))
