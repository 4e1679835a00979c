"""One server on the loopback interface: routes behind middlewares, and a journal of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from heygen_async.emulator._journal import Journal
from heygen_async.emulator._middlewares import stamp
from heygen_async.emulator._world import FACE, JOURNAL, WORLD, Face, World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp.typedefs import Middleware

HOST = "127.0.0.1"
MAX_BODY = 64 * 1024 * 1024
"""Bytes of a JSON body; media may stand in it as base64."""

SHUTDOWN_TIMEOUT = 0.05
KEEPALIVE_TIMEOUT = 3600.0
"""Longer than any client's, so that idle connections are closed by the client alone."""


class Site:
    """A server that can be started and closed any number of times.

    ``state`` is what its own routes need beside the world.
    """

    __slots__ = ("_middlewares", "_port", "_routes", "_runner", "face", "journal", "state", "url")

    def __init__(
        self,
        routes: Iterable[web.RouteDef],
        middlewares: Iterable[Middleware],
        *,
        face: Face,
        world: World,
        port: int = 0,
    ) -> None:
        self._routes = tuple(routes)
        self._middlewares = tuple(middlewares)
        self._port = port
        self._runner: web.AppRunner | None = None
        self.face = face
        self.journal = Journal()
        self.state: dict[web.AppKey[Any], object] = {
            WORLD: world,
            FACE: face,
            JOURNAL: self.journal,
        }
        self.url = ""

    async def start(self) -> None:
        """Listen, on the given port or a free one."""
        app = web.Application(middlewares=list(self._middlewares), client_max_size=MAX_BODY)
        for key, value in self.state.items():
            app[key] = value
        app.add_routes(self._routes)
        if not self.face.mark:
            app.on_response_prepare.append(stamp)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=SHUTDOWN_TIMEOUT,
            keepalive_timeout=KEEPALIVE_TIMEOUT,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"

    async def aclose(self) -> None:
        """Stop listening and drop all connections; may be called again."""
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()
