"""The servers that these tests need: one of each for a worker, a fresh database for a test."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.fleet.servers import MissingServerError, PostgresServer, Server, ValkeyServer

if TYPE_CHECKING:
    from collections.abc import Iterator


def _started(kind: type[Server]) -> Iterator[Server]:
    """Start a server, or skip the test: where CI says that it is there, its want is a failure."""
    try:
        server = kind()
    except MissingServerError as error:
        if os.environ.get("CI_SERVERS") == "true":  # .ci/run has found or installed them
            raise
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Start a PostgreSQL that may be restarted: whoever stops it starts it again."""
    yield from _started(PostgresServer)


@pytest.fixture(scope="session")
def valkey() -> Iterator[Server]:
    """Start a Valkey, or Redis."""
    yield from _started(ValkeyServer)


@pytest.fixture
def database(postgres: PostgresServer) -> str:
    """Make a database in which there is nothing; give its URL."""
    with ThreadPoolExecutor(1) as thread:  # the test may have a loop that runs already
        return thread.submit(postgres.database).result()
