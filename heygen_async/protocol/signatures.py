"""Whether a delivery is the vendor's: HMAC-SHA256 over the raw body, and how old it says it is."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence

from heygen_async.errors import WebhookError


class Folded(dict[bytes, bytes]):
    """Headers as bytes under their names in lower case."""


Headers = Folded | Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]
"""The headers of any framework: a mapping, or pairs as ASGI has them."""

TOLERANCE = 300.0
"""Seconds by which a timestamp may be off, in either direction."""


def fold(headers: Headers) -> Folded:
    """Return the headers as bytes under their names in lower case; the first of a name counts."""
    if isinstance(headers, Folded):  # on its way through several hands
        return headers
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    folded = Folded()
    for name, value in pairs:
        folded.setdefault(_octets(name).lower(), _octets(value))
    return folded


def sign(body: bytes, secret: bytes) -> bytes:
    """Return the signature that both vendors send: 64 digits of lower-case hex."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


def matches(body: bytes, signatures: Sequence[bytes], secrets: Sequence[bytes]) -> bool:
    """Tell whether one of ``signatures`` is that of ``body`` under one of ``secrets``.

    All of them are compared, in constant time.
    """
    good = [sign(body, secret) for secret in secrets]
    found = [hmac.compare_digest(given, own) for given in signatures for own in good]
    return any(found)


def check_time(stamp: bytes, *, now: float) -> None:
    """Raise ``WebhookError`` if ``stamp``, Unix seconds as text, is not about ``now``."""
    try:
        said = int(stamp)
    except ValueError:  # no digits, or thousands of them
        raise WebhookError("the timestamp header is no number", status=400) from None
    if not now - TOLERANCE <= said <= now + TOLERANCE:
        raise WebhookError(
            f"the timestamp is more than {TOLERANCE:.0f} s off; is this machine's clock right?",
            status=401,
        )


def _octets(text: object) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode("utf-8", "replace")
