"""The servers that these tests need: one of each for a worker, a fresh database for a test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fleet.servers import MissingServerError, PostgresServer, Server, ValkeyServer


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
    """A PostgreSQL that may be restarted: whoever stops it starts it again."""
    yield from _started(PostgresServer)


@pytest.fixture(scope="session")
def valkey() -> Iterator[Server]:
    """A Valkey, or Redis."""
    yield from _started(ValkeyServer)


@pytest.fixture
def database(postgres: PostgresServer) -> str:
    """The URL of a database in which there is nothing."""
    with ThreadPoolExecutor(1) as thread:  # the test may have a loop that runs already
        return thread.submit(postgres.database).result()
