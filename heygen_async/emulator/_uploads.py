"""Places for files that are sent straight to the file server with a presigned PUT."""

from __future__ import annotations

import uuid
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.define(kw_only=True)
class Upload:
    """One place: what was announced, and the ``content`` once it has arrived.

    The PUT has to carry ``headers``; ``size`` and ``checksum`` (SHA-256) are checked if known.
    """

    id: str
    filename: str
    content_type: str
    headers: Mapping[str, str]
    size: int | None = None
    checksum: bytes | None = None
    content: bytes | None = attrs.field(default=None, repr=False)

    @property
    def path(self) -> str:
        """The path on the file server that takes the PUT."""
        return f"/upload/{self.id}"


class Uploads:
    """The places by id."""

    __slots__ = ("_uploads",)

    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}

    @property
    def all(self) -> Mapping[str, Upload]:
        """A read-only view of the places by id."""
        return MappingProxyType(self._uploads)

    def reserve(
        self,
        *,
        filename: str,
        content_type: str,
        headers: Mapping[str, str],
        size: int | None = None,
        checksum: bytes | None = None,
    ) -> Upload:
        """Return a new place for a file."""
        upload = Upload(
            id=uuid.uuid4().hex,
            filename=filename,
            content_type=content_type,
            headers=headers,
            size=size,
            checksum=checksum,
        )
        self._uploads[upload.id] = upload
        return upload
