"""``heygen.users``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.protocol import heygen_users as wire

if TYPE_CHECKING:
    from heygen_async.models.users import User
    from heygen_async.transport.http import Transport


class Users:
    """The account: https://developers.heygen.com/reference/get-current-user."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def me(self) -> User:
        """Return who the key belongs to, and what is left to spend."""
        return await self._transport.send(wire.me())
