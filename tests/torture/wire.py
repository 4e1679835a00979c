"""Connections in memory, on a loop in virtual time: a history takes milliseconds, and repeats.

The client keeps its own session, connector and parser; only the socket is missing. Threads are
missing, too: what goes to an executor is done at once, and its result arrives a moment later, so
that the same seed always gives the same order.
"""

from __future__ import annotations

import asyncio
import selectors

from tests.virtual_time import VirtualTimeLoop

ADDRESS = "http://127.0.0.1:8011"
WRITTEN = 0.0005
"""Virtual seconds that work in a thread takes."""


class _Selector(selectors.DefaultSelector):
    loop: MemoryLoop

    def select(self, timeout=None):
        events = super().select(0)
        if not events and timeout is not None and timeout > 0:
            self.loop.jump(timeout)
        return events


class MemoryLoop(VirtualTimeLoop):
    """A loop whose connections to ``ADDRESS`` lead to ``serve``, and whose clock only jumps."""

    def __init__(self):
        self._now = 0.0
        self.jumps = 0
        self.serve = None  # makes the protocol of the server's end of a connection
        self.refuses = lambda: False
        self.servers = set()
        selector = _Selector()
        selector.loop = self
        asyncio.SelectorEventLoop.__init__(self, selector)

    async def sock_connect(self, sock, address):
        if self.refuses():
            raise ConnectionRefusedError(111, "refused by the history")

    async def create_connection(self, factory, *args, sock=None, **options):
        sock.close()
        client, server = factory(), self.serve()
        near, far = _End(self, client), _End(self, server)
        near.peer, far.peer = far, near
        self.servers.add(far)
        far.protocol.connection_made(far)
        near.protocol.connection_made(near)
        return near, client

    def cut(self):
        """Break all connections, as the death of their process does."""
        for end in list(self.servers):
            end.abort()

    def run_in_executor(self, executor, func, *args):
        future = self.create_future()
        try:
            result, give = func(*args), future.set_result
        except Exception as error:  # noqa: BLE001 - it is the caller's, as with a thread
            result, give = error, future.set_exception

        def done():
            if not future.done():
                give(result)

        self.call_later(WRITTEN, done)
        return future


class _End(asyncio.Transport):
    """One end of a connection; what is written arrives in the loop's next turn."""

    def __init__(self, loop, protocol):
        super().__init__()
        self.loop = loop
        self.protocol = protocol
        self.peer = None
        self.closing = False
        self.paused = False
        self.held = []

    def get_extra_info(self, name, default=None):
        return ("127.0.0.1", 8011) if name in ("peername", "sockname") else default

    def set_protocol(self, protocol):
        self.protocol = protocol

    def get_protocol(self):
        return self.protocol

    def is_closing(self):
        return self.closing

    def is_reading(self):
        return not self.paused

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False
        held, self.held = self.held, []
        for item in held:
            self.loop.call_soon(self.receive, item)

    def set_write_buffer_limits(self, high=None, low=None):
        """Nothing is buffered."""

    def get_write_buffer_size(self):
        return 0

    def can_write_eof(self):
        return False

    def write(self, data):
        if not self.closing and data:
            self.loop.call_soon(self.peer.receive, bytes(data))

    def receive(self, item):
        if self.paused:
            self.held.append(item)
        elif self.closing:
            return
        elif isinstance(item, bytes):
            self.protocol.data_received(item)
        else:
            self.closing = True
            self.lost(*item)

    def close(self):
        self._end(None)

    def abort(self):
        self._end(ConnectionResetError(104, "reset by the history"))

    def _end(self, error):
        if self.closing:
            return
        self.closing = True
        self.loop.call_soon(self.lost, None)
        self.loop.call_soon(self.peer.receive, (error,))

    def lost(self, error):
        self.loop.servers.discard(self)
        self.protocol.connection_lost(error)
