"""``PostgresLink``: connections to a server that may be restarted, and what its errors mean."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
import random
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

from heygen_async.batch.postgres_schema import CHANNEL
from heygen_async.errors import InvalidRequestError, LedgerError

try:
    import asyncpg
except ImportError:
    raise InvalidRequestError(
        "a postgresql:// ledger needs a driver: pip install 'heygen-async[postgres]'"
    ) from None

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Work = Callable[[Any], Awaitable["R"]]
    """What is done on a connection; it may be done twice, if an answer is lost."""

R = TypeVar("R")

logger = logging.getLogger("heygen_async.batch")

PATIENCE = 30.0
"""Seconds for which a server that has gone is waited for, as one that is restarted."""

OPENING = 5.0
"""Seconds for which it is waited for when a ledger is opened: a wrong address is told then."""

_PAUSE = 0.2  # seconds between two attempts

CONNECTIONS = 4
"""How many a process uses at most, beside the one that listens."""

AlreadyThere = asyncpg.UniqueViolationError

_GONE = (
    OSError,  # a TimeoutError, too
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it is shut down, or starts
    asyncpg.InsufficientResourcesError,  # too many connections; a full disk is told at once
    asyncpg.TransactionRollbackError,
)
_CURES = {
    asyncpg.InvalidPasswordError: "it refuses the user or the password; look at those of the URL, "
    "at PGPASSWORD and at ~/.pgpass",
    asyncpg.InvalidAuthorizationSpecificationError: "it lets this user not in; look at the user of "
    "the URL, and at the server's pg_hba.conf",
    asyncpg.InvalidCatalogNameError: "there is no such database; make it (createdb), or name "
    "another one in the URL",
    asyncpg.InsufficientPrivilegeError: "this user lacks a right; the documentation says which "
    "ones are needed",
    asyncpg.ReadOnlySQLTransactionError: "it can only be read, as a replica; name the primary, or "
    "open it with read_only=True",
    asyncpg.DiskFullError: "its disk is full; make room, and run again",
    asyncpg.UndefinedTableError: "its tables are not those of this version",
    asyncpg.UndefinedColumnError: "its tables are not those of this version",
    asyncpg.TooManyConnectionsError: "it has no connection left; raise its max_connections, or run "
    "fewer processes",
}


def _is_lost(error: Exception) -> bool:
    """Whether it may be another thing the next time; values that the driver refuses are not."""
    return isinstance(error, _GONE) and not isinstance(error, asyncpg.DiskFullError | ValueError)


class PostgresLink:
    """A few connections of one process to the server, and one that listens.

    What is done on a connection that gets lost is done again. All who wait for a notification
    are woken after each gap in which one may have been missed.
    """

    def __init__(self, url: str, where: str, *, read_only: bool) -> None:
        self.broken: LedgerError | None = None
        """What all work ends with from now on."""
        self._url = url
        self._where = where
        self._settings = {"application_name": "heygen_async"}
        if read_only:
            self._settings["default_transaction_read_only"] = "on"
        self._pool: Any = None
        self._listener: Any = None
        self._wakers: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._on_event: Callable[[], Awaitable[None]] | None = None

    async def open(self, prepare: Work[None]) -> None:
        """Connect, and do the first work in a transaction; a server that starts is waited for."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + OPENING
        while True:
            try:
                self._pool = await self._connect(prepare)
            except LedgerError:
                raise
            except (*_GONE, asyncpg.PostgresError, ValueError) as error:
                if not _is_lost(error) or loop.time() > give_up:
                    raise self._told(error) from error
            else:
                return
            await asyncio.sleep(_PAUSE)

    async def _connect(self, prepare: Work[None]) -> Any:
        pool = await asyncpg.create_pool(
            self._url,
            min_size=0,  # it logs each attempt to keep some while the server is away
            max_size=CONNECTIONS,
            timeout=10,
            command_timeout=PATIENCE,
            server_settings=self._settings,
        )
        try:
            async with pool.acquire() as connection, connection.transaction():
                await prepare(connection)
        except BaseException:
            pool.terminate()
            raise
        return pool

    async def close(self) -> None:
        """Disconnect, whatever runs."""
        tasks = {*self._tasks}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        pool, listener, self._pool, self._listener = self._pool, self._listener, None, None
        if listener is not None:
            with contextlib.suppress(*_GONE):
                await listener.close(timeout=5)
        if pool is not None:
            try:
                async with asyncio.timeout(5):
                    await pool.close()
            except _GONE:
                pool.terminate()

    async def finish(self) -> None:
        """Wait until what was spawned has ended."""
        while self._tasks:
            await asyncio.wait({*self._tasks})

    async def do(self, work: Work[R], *, patience: float = PATIENCE) -> R:
        """Do a piece of work on a connection; again, for some seconds, if that is lost.

        Raises ``LedgerError``, which says what the driver's error means, and what to do.
        """
        loop = asyncio.get_running_loop()
        give_up, pause = loop.time() + patience, 0.05
        while True:
            if self.broken is not None:
                raise copy.copy(self.broken)
            if self._pool is None:
                raise LedgerError(f"{self._where}: it is closed; use it inside 'async with'")
            try:
                async with self._pool.acquire(timeout=10) as connection:
                    return await work(connection)
            except LedgerError:
                raise
            except (*_GONE, asyncpg.PostgresError, ValueError) as error:
                told = self._told(error)
                if not _is_lost(error) or loop.time() >= give_up:
                    raise told from error
                logger.info("%s; trying again", told)
            await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - no secret
            pause = min(2 * pause, 2.0)

    async def execute(self, change: str, *given: Any) -> int:
        """Make one change, and return how many rows it has changed."""
        told: str = await self.do(lambda connection: connection.execute(change, *given))
        return int(told.rsplit(" ", 1)[-1])

    async def fetch(self, query: str, *given: Any) -> list[Any]:
        """Return the rows of a query."""
        rows: list[Any] = await self.do(lambda connection: connection.fetch(query, *given))
        return rows

    def spawn(self, work: Awaitable[R]) -> asyncio.Future[R]:
        """Let something be done that no cancellation of its caller ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Future[Any]) -> None:
        """Log what a task in the background ended with: nobody else may ask."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.warning("%s", error)

    async def listen(self, on_event: Callable[[], Awaitable[None]]) -> None:
        """Hear notifications, if that is not so already; ``on_event`` is awaited at each event."""
        if self._listener is not None and not self._listener.is_closed():
            return
        self._on_event = on_event
        settings = {"application_name": "heygen_async listening"}
        try:
            connection = await asyncpg.connect(self._url, timeout=10, server_settings=settings)
            try:
                await connection.add_listener(CHANNEL, self._wake)
            except BaseException:
                self.spawn(connection.close(timeout=5))
                raise
        except (*_GONE, asyncpg.PostgresError) as error:
            raise self._told(error) from error
        self._listener = connection
        for what in (*self._wakers, "event"):  # of which something may have been missed
            self._wake(None, 0, CHANNEL, what)

    def _wake(self, _connection: Any, _pid: int, _channel: str, what: Any) -> None:
        if what == "event" and self._on_event is not None:
            self.spawn(self._on_event())
        for waker in self._wakers.get(what, ()):
            if not waker.done():
                waker.set_result(None)

    async def woken(self, what: str, timeout: float) -> None:  # noqa: ASYNC109 - a bound, no error
        """Return when a notification says that there is news of something, or after a while."""
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wakers[what].add(waker)
        try:
            jitter = 0.8 + 0.4 * random.random()  # noqa: S311 - no secret
            await asyncio.wait([waker], timeout=timeout * jitter)
        finally:
            self._wakers[what].discard(waker)
            if not self._wakers[what]:
                del self._wakers[what]

    def _told(self, error: BaseException) -> LedgerError:
        cure = next((text for kind, text in _CURES.items() if isinstance(error, kind)), None)
        if cure is None and isinstance(error, OSError):
            cure = f"no server answers there ({str(error) or type(error).__name__}); look at host "
            cure += "and port of the URL, and whether it runs"
        return LedgerError(f"{self._where}: {cure or error}")
