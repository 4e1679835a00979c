"""The connections of a ledger on PostgreSQL."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from heygen_async import Ledger

pytestmark = pytest.mark.real_time


async def test_a_ledger_that_is_closed_as_it_begins_to_listen_leaves_no_connection(
    database, monkeypatch
):
    """The one that was to listen is closed, too."""
    begun = asyncio.get_running_loop().create_future()

    async def hang(connection, *_):
        begun.set_result(connection)
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncpg.Connection, "add_listener", hang)
    async with Ledger(database):
        connection = await begun
    assert connection.is_closed()
