"""A proxy in front of a server that cuts the connection at a message of the tests' choice."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self


class CuttingProxy:
    """Forwards all; the ``at``-th piece of what clients send, or of the answers, ends its link."""

    def __init__(self, host: str, port: int, *, at: int = 0, answers: bool = False) -> None:
        self.sent = self.answered = 0
        self.cuts = 0
        self._there = host, port
        self._at = at
        self._answers = answers
        self._links: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._server.close()
        for link in [*self._links]:
            link.transport.abort()
        await self._server.wait_closed()

    async def _forward(self, reader, writer) -> None:
        there_reader, there = await asyncio.open_connection(*self._there)
        self._links |= {writer, there}
        pumps = [
            asyncio.create_task(self._pump(reader, there, answers=False)),
            asyncio.create_task(self._pump(there_reader, writer, answers=True)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for link in (writer, there):  # one way is cut, and with it the other
            link.transport.abort()
            self._links.discard(link)
        await asyncio.wait(pumps)

    async def _pump(self, reader, writer, *, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                self.sent += not answers
                self.answered += answers
                if answers == self._answers and self._at == (
                    self.answered if answers else self.sent
                ):
                    self.cuts += 1
                    return
                writer.write(data)
                await writer.drain()
