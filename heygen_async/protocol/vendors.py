"""What tells one vendor's API from another's: address, environment, and how answers are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from heygen_async.protocol import heygen_media
from heygen_async.protocol.answers import read
from heygen_async.protocol.files import UploadRules
from heygen_async.protocol.idempotency import honours_key


@frozen(kw_only=True)
class Vendor:
    """One vendor's API, as far as the transport has to know it.

    ``retired`` are the beginnings of paths that the vendor has retired, ``retirement`` what to
    say then.
    ``posts_per_window`` is how many POSTs are allowed in how many seconds.
    """

    api: str
    base_url: str
    key_variable: str
    url_variable: str
    honours_key: Callable[[str, str], bool]
    read: Callable[..., Any]
    files: UploadRules
    retired: tuple[str, ...] = ()
    retirement: str = ""
    posts_per_window: tuple[int, float] | None = None


HEYGEN = Vendor(
    api="HeyGen",
    base_url="https://api.heygen.com",
    key_variable="HEYGEN_API_KEY",
    url_variable="HEYGEN_BASE_URL",
    honours_key=honours_key,
    read=read,
    files=heygen_media.FILES,
    retired=("/v1/", "/v2/"),
    retirement=(
        "HeyGen retired its v1 and v2 API on 2026-11-01: instead of LegacyVideo use ImageVideo or "
        "AvatarVideo, instead of AddMotion their motion_prompt, instead of v2.photo_avatars avatars"
    ),
)
