"""The HeyGen v3 account on the wire."""

from __future__ import annotations

from heygen_async.models.users import User
from heygen_async.protocol.convert import one
from heygen_async.protocol.request import Request


def me() -> Request[User]:
    """``GET /v3/users/me``."""
    return Request(method="GET", path="/v3/users/me", decode=one(User))
