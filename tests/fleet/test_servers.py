"""The servers themselves: each database is empty, and nothing of them is left."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.fleet.servers import PostgresServer, ValkeyServer

pytestmark = pytest.mark.real_time


async def test_each_database_is_a_fresh_one(database: str) -> None:
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("SELECT to_regnamespace('heygen_async')") is None
    await connection.close()


async def test_a_restart_ends_connections_and_keeps_what_was_written(
    postgres: PostgresServer, database: str
) -> None:
    """As that of a server which crashes."""
    connection = await asyncpg.connect(database)
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    await asyncio.to_thread(postgres.restart)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")
    connection.terminate()
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("SELECT one FROM kept") == 1
    await connection.close()


def test_nothing_is_left_of_a_server(valkey: ValkeyServer) -> None:
    with ValkeyServer() as other:
        assert other.answers()
        process, folder = other._process, other._folder
    assert process is not None
    assert process.poll() is not None
    assert not folder.exists()
    assert valkey.answers()


def test_a_wrong_password_is_refused(postgres: PostgresServer) -> None:
    async def connect() -> None:
        await asyncpg.connect(postgres.url().replace("not-secret", "wrong"))

    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(connect())
