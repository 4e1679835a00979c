"""The ledger of a history in PostgreSQL: real tables, asked by a thread while the clock stands."""

from __future__ import annotations

import asyncio
import copy
import threading
import time
from typing import Any

import asyncpg

from heygen_async import Ledger, LedgerError
from heygen_async.batch import postgres_store
from heygen_async.batch.postgres_link import PostgresLink

WRITTEN = 0.0005
"""Virtual seconds that an answer of the server takes."""

_CLOCK = """
    CREATE SCHEMA IF NOT EXISTS fake;
    CREATE TABLE IF NOT EXISTS fake.clock AS SELECT to_timestamp(0) AS at;
    CREATE OR REPLACE FUNCTION fake.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT at FROM fake.clock';
    CREATE OR REPLACE FUNCTION fake.pg_postmaster_start_time() RETURNS timestamptz LANGUAGE sql
        AS 'SELECT to_timestamp(0)';
"""
"""The server's clock is that of the history, and found before its own."""

_PATH = "fake, pg_catalog"

_CLEAN = "DROP SCHEMA IF EXISTS heygen_async CASCADE"


class _Thread:
    """A thread with an ordinary loop and clock, in which the driver lives."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class PostgresLedgers:
    """Makes the ledgers of histories, and lets their processes die."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._thread = _Thread()
        self._before = postgres_store.PostgresLink, postgres_store.CREATE
        thread = self._thread
        self._execute(_CLOCK)

        class BlockingLink(PostgresLink):
            """Asks in the thread, and waits for it: the same seed gives the same order."""

            async def open(self, prepare: Any) -> None:
                self._settings["search_path"] = _PATH
                thread.do(super().open(self._at(prepare)))

            async def close(self) -> None:
                for task in {*self._tasks}:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                thread.do(super().close())

            async def do(self, work: Any, *, patience: float = 1.0) -> Any:
                if self.broken is not None:
                    raise copy.copy(self.broken)
                result = thread.do(super().do(self._at(work), patience=patience))
                await asyncio.sleep(WRITTEN)
                return result

            def _at(self, work: Any) -> Any:
                """Let the server have the time of the history when it works."""
                now = time.time()

                async def timed(connection: Any) -> Any:
                    await connection.execute("UPDATE fake.clock SET at = to_timestamp($1)", now)
                    return await work(connection)

                return timed

            async def listen(self, _on_event: Any) -> None:
                """Hear nothing: nothing depends on it."""

        postgres_store.PostgresLink = BlockingLink  # type: ignore[misc]
        path = "SET LOCAL search_path TO heygen_async"
        postgres_store.CREATE = postgres_store.CREATE.replace(path, f"{path}, {_PATH}")

    def open(self, place: str) -> Ledger:
        """Return the ledger of a history."""
        return Ledger(self._url, name=place)

    def die(self, ledger: Ledger) -> None:
        """Go on as if the process of this ledger had been killed: it shows no sign of life."""
        store = ledger._store
        store.link.broken = LedgerError("its process is dead")

    def clean(self) -> None:
        """Forget all."""
        self._execute(_CLEAN)

    def _execute(self, change: str, *given: Any) -> None:
        async def work() -> None:
            connection = await asyncpg.connect(self._url)
            try:
                await connection.execute(change, *given)
            finally:
                await connection.close()

        self._thread.do(work())

    def close(self) -> None:
        postgres_store.PostgresLink, postgres_store.CREATE = self._before  # type: ignore[misc]
        self._thread.close()
