"""What tells one vendor's API from another's: address, environment, and how answers are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from heygen_async.protocol import heygen_videos as _heygen_videos  # noqa: F401 - registers kinds
from heygen_async.protocol.answers import read
from heygen_async.protocol.idempotency import honours_key


@frozen(kw_only=True)
class Dialect:
    """One vendor's API, as far as the transport has to know it."""

    api: str
    base_url: str
    key_variable: str
    url_variable: str
    honours_key: Callable[[str, str], bool]
    read: Callable[..., Any]


HEYGEN = Dialect(
    api="HeyGen",
    base_url="https://api.heygen.com",
    key_variable="HEYGEN_API_KEY",
    url_variable="HEYGEN_BASE_URL",
    honours_key=honours_key,
    read=read,
)
