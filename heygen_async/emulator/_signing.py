"""Presigned URLs: a path of the file server, good until a moment, under an HMAC."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._clock import Clock


class Signer:
    """Signs paths for *ttl* seconds with a secret of its own, and checks what it signed."""

    __slots__ = ("_clock", "_secret", "_ttl", "base_url")

    def __init__(self, clock: Clock, ttl: float) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._ttl = ttl
        self.base_url = ""

    def sign(self, path: str, ttl: float | None = None) -> str:
        """Return the URL of *path*, ending in ``?expires=<Unix seconds>&signature=<hex>``.

        It lasts *ttl* seconds, else as long as any other.
        """
        expires = str(int(self._unix() + (self._ttl if ttl is None else ttl)))
        return f"{self.base_url}{path}?expires={expires}&signature={self._mac(path, expires)}"

    def complaint(self, path: str, query: Mapping[str, str]) -> str | None:
        """Return what is wrong with a signed URL, None if it is good."""
        expires = query.get("expires", "")
        given = query.get("signature", "").encode()
        if not hmac.compare_digest(given, self._mac(path, expires).encode()):
            return "The request signature does not match."
        if self._unix() >= int(expires):
            return "Request has expired."
        return None

    def _unix(self) -> float:
        return self._clock.unix(self._clock.now())

    def _mac(self, path: str, expires: str) -> str:
        return hmac.digest(self._secret, f"{path}\n{expires}".encode(), "sha256").hex()
