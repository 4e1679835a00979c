"""What ``map`` runs: specs in as slots get free, outcomes out as they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from heygen_async.batch.errands import Errand
from heygen_async.batch.outcome import Outcome
from heygen_async.errors import HeyGenError, InvalidRequestError, TransportError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from heygen_async.batch.worker import Worker
    from heygen_async.models.jobs import Spec

Specs: TypeAlias = "Iterable[Spec[Any]] | AsyncIterable[Spec[Any]]"


class Runner:
    """One run of ``map``.

    A spec is taken when the one before it has got its slot. Outcomes that nobody has fetched
    hold the run up when they are, with the jobs in flight, as many as ``window``.
    """

    def __init__(
        self,
        specs: Specs,
        worker: Worker,
        *,
        key: Callable[[Any], str] | None,
        stop: asyncio.Event | None,
        window: int,
    ) -> None:
        if not isinstance(specs, Iterable | AsyncIterable):
            raise InvalidRequestError(f"specs must be iterable, {type(specs).__name__} is not")
        if worker.book is not None and key is None:
            raise InvalidRequestError("a ledger needs key=, such as key=lambda spec: spec.title")
        self._specs = specs
        self._worker = worker
        self._key = key
        self._stop = stop
        self._window = asyncio.Semaphore(window)
        self._outcomes: asyncio.Queue[Outcome[Any] | None] = asyncio.Queue()
        self._running: dict[asyncio.Task[None], Errand] = {}
        self._own: list[asyncio.Task[None]] = []
        self._problem: BaseException | None = None

    async def outcomes(self) -> AsyncGenerator[Outcome[Any], None]:
        """Yield the outcomes; whatever still runs when this ends is ended with it."""
        await self._worker.prepare()
        feeding = asyncio.create_task(self._feed())
        self._own = [feeding, asyncio.create_task(self._see_out(feeding))]
        if self._stop is not None:
            self._own.append(asyncio.create_task(self._heed(self._stop)))
        try:
            while (outcome := await self._outcomes.get()) is not None:
                self._window.release()
                yield outcome
            if self._problem is not None:
                raise self._problem
        finally:
            await self._end()

    async def aclose(self) -> None:
        """End the run with an error; nothing more is submitted, what was is written down."""
        self._problem = TransportError("the client was closed during the batch", maybe_sent=False)
        self._outcomes.put_nowait(None)
        await self._end()

    async def _feed(self) -> None:
        """Start an errand for each spec."""
        index = 0
        async for spec in _each(self._specs):
            await self._window.acquire()
            errand = Errand(index=index, spec=spec)
            index += 1
            task = asyncio.create_task(self._work(errand))
            self._running[task] = errand
            task.add_done_callback(self._ended)
            await errand.admitted.wait()

    async def _work(self, errand: Errand) -> None:
        try:
            errand.key = self._name(errand.spec)
            await self._worker.recall(errand)
            outcome = await self._worker.finished(errand) or await self._worker.render(errand)
        except HeyGenError as error:
            outcome = Outcome(
                index=errand.index, spec=errand.spec, key=errand.key, job=errand.job, error=error
            )
        finally:
            self._worker.release(errand)
        self._outcomes.put_nowait(outcome)

    def _name(self, spec: Any) -> str | None:
        if self._key is None:
            return None
        key = self._key(spec)
        if not isinstance(key, str) or not key or not _is_text(key):
            raise InvalidRequestError(f"key(spec) must give a non-empty str, not {key!r}")
        return key

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Forget an errand; a broken ledger or function of the caller's ends the feeding."""
        self._running.pop(task).admitted.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            self._problem = self._problem or error
        if self._problem is not None or self._worker.trouble is not None:
            self._own[0].cancel()

    async def _see_out(self, feeding: asyncio.Task[None]) -> None:
        """Wait until all has ended; what went wrong with the feeding is raised after that."""
        await asyncio.wait({feeding})
        if not feeding.cancelled():
            self._problem = self._problem or feeding.exception()
        while self._running:
            await asyncio.wait(set(self._running))
        self._problem = self._problem or self._worker.trouble
        self._outcomes.put_nowait(None)

    async def _heed(self, stop: asyncio.Event) -> None:
        """When it is time to stop, drop what was not submitted; the rest goes on."""
        await stop.wait()
        self._own[0].cancel()
        for task, errand in self._running.items():
            if errand.idle:
                task.cancel()

    async def _end(self) -> None:
        """Cancel all waits; submissions under way are seen through, unless cancelled again."""
        tasks = [*self._own, *self._running]
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*self._worker.posts, return_exceptions=True)
        finally:
            await asyncio.gather(*tasks, return_exceptions=True)


async def _each(specs: Specs) -> AsyncIterator[Any]:
    if isinstance(specs, AsyncIterable):
        async for spec in specs:
            yield spec
    else:
        for spec in specs:
            yield spec


def _is_text(key: str) -> bool:
    """Tell whether ``key`` can be written down: half a surrogate pair cannot."""
    return key.encode(errors="ignore").decode() == key
