"""An event loop whose clock jumps: hours pass in milliseconds, sockets and threads are real.

When nothing is ready and no thread is at work, the clock is set to the next timer instead of
waiting for it. Client and emulator share such a loop, so both live in the same virtual time.
"""

from __future__ import annotations

import asyncio
import selectors

SETTLE = 0.001
"""Real seconds that bytes may need on their way through the loopback interface."""


class _JumpingSelector(selectors.DefaultSelector):
    loop: VirtualTimeLoop

    def select(self, timeout=None):
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        while self.loop.threads_at_work:
            if events := super().select(0.05):
                return events
        if events := super().select(SETTLE):
            return events
        self.loop.jump(timeout)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A selector loop on a clock of its own that starts at 0."""

    def __init__(self):
        selector = _JumpingSelector()
        selector.loop = self
        self._now = 0.0
        self.jumps = 0
        self.threads_at_work = 0
        super().__init__(selector)

    def time(self):
        return self._now

    def jump(self, seconds):
        self._now += seconds
        self.jumps += 1

    def timers(self, of=""):
        """Return the timers that are set; with ``of``, those that call what is named so."""
        return [each for each in self._scheduled if not each.cancelled() and of in repr(each)]

    async def getaddrinfo(self, host, port, **options):
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise OSError(f"tests stay on the loopback interface, {host!r} is beyond it")
        return await super().getaddrinfo(host, port, **options)

    def run_in_executor(self, executor, func, *args):
        self.threads_at_work += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_done)
        return future

    async def shutdown_default_executor(self, timeout=None):  # noqa: ASYNC109 - as asyncio has it
        """Wait for the threads as long as it takes: a deadline would pass in no time here."""
        await super().shutdown_default_executor()

    def _thread_done(self, _future):
        self.threads_at_work -= 1
