"""What ``map`` runs: specs in as slots get free, each written down, outcomes out as they end."""

from __future__ import annotations

import asyncio
import functools
import logging
import weakref
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Sequence,
)
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar

from heygen_async.batch.batches import Packer, StoppedError
from heygen_async.batch.files import OutputPaths
from heygen_async.batch.item import BadRow, Outcome
from heygen_async.batch.rendering import Rendering, Terms
from heygen_async.batch.takeover import see_out
from heygen_async.errors import (
    HeyGenError,
    InvalidRequestError,
    SubmissionUnknownError,
    TransportError,
)
from heygen_async.protocol.retry import ends_submissions

if TYPE_CHECKING:
    from heygen_async.batch.ledger import Ledger
    from heygen_async.jobs.limiter import SlotLimiter
    from heygen_async.jobs.service import JobService
    from heygen_async.models.jobs import Spec

T = TypeVar("T")
Specs: TypeAlias = "Iterable[Spec[T] | BadRow] | AsyncIterable[Spec[T] | BadRow]"

logger = logging.getLogger("heygen_async.batch")


class MapRun(Generic[T]):
    """One run of ``map``, and all that is its own: tasks, items, what is written of them.

    A spec is taken when the one before it has got its slot. Outcomes that nobody has fetched
    hold the run up when they are, with the jobs in flight, as many as its window. So what is
    held is bounded by the slots, however many specs there are.
    """

    def __init__(
        self,
        specs: Specs[T],
        service: JobService,
        slots: SlotLimiter,
        *,
        key: Callable[[Any], str] | None,
        ledger: Ledger | None,
        download_to: str | Path | None = None,
        file_name: Callable[[str], str] | None = None,
        assets: Sequence[str] = (),
        stop: asyncio.Event | None = None,
        **options: Any,
    ) -> None:
        if not isinstance(specs, Iterable | AsyncIterable):
            raise InvalidRequestError(f"specs must be iterable, {type(specs).__name__} is not")
        if ledger is not None and key is None:
            raise InvalidRequestError("a ledger needs key=, such as key=lambda spec: spec.title")
        self._specs = specs
        self._key = key
        self._ledger = ledger
        self._terms: Terms[T] = Terms(
            service=service,
            slots=slots,
            ledger=ledger,
            paths=None if download_to is None else OutputPaths(Path(download_to), file_name),
            assets=tuple(assets) or ("",),  # that is the main one, whatever it is called
            stops=() if stop is None else (stop,),
            fail=self._fail,
            **options,
        )
        self._window = asyncio.Semaphore(2 * slots.limit)
        self._outcomes: asyncio.Queue[Outcome[T] | None] = asyncio.Queue()  # None: no more
        self._running: dict[asyncio.Task[None], Rendering[T] | None] = {}  # None: it feeds
        self._dropped: set[asyncio.Task[None]] = set()  # of these, what the run itself cancelled
        self._feeding: asyncio.Task[None] | None = None
        self._stopping: list[asyncio.Task[None]] = []
        self._closing: asyncio.Task[None] | None = None
        self._problem: BaseException | None = None  # the first one, raised after all has ended
        self._loop: asyncio.AbstractEventLoop | None = None

    async def next(self) -> Outcome[T] | None:
        """Return the next outcome, None when there are no more; a cancelled call loses none."""
        if self._feeding is None and self._closing is None:
            await self._start()
        outcome = None if self._closing is not None else await self._outcomes.get()
        if outcome is not None:
            self._window.release()
            return outcome
        self._outcomes.put_nowait(None)  # for whoever else waits
        await asyncio.shield(self._close())  # whose own cancellation cuts off nothing
        problem, self._problem = self._problem, None
        if problem is not None:
            raise problem
        return None

    async def _start(self) -> None:
        terms, ledger = self._terms, self._ledger
        transport = terms.service.transport
        transport.loop.check()  # once for the batch, not in an outcome for each of its specs
        if ledger is not None:
            await ledger.claim(**transport.account)
            terms.slots = ledger.slots(terms.slots.limit, terms.slots)
            terms.service = terms.service.in_slots(terms.slots)
            adopt = functools.partial(
                see_out, service=terms.service, slots=terms.slots, retry=terms.retry
            )
            ledger.hold(self.aclose, adopt)  # it stays open until what is on the wire is written
            terms.stops += (ledger.stopping,)
            ledger.hear(terms.service.poller.notify)
        terms.packer = Packer(
            terms.service,
            terms.write,
            slots=terms.slots.limit,
            check=terms.check,
            posts=terms.posts,
            clock=terms.time,
        )
        if terms.paths is not None:
            await asyncio.to_thread(terms.paths.prepare)
        self._loop = asyncio.get_running_loop()
        self._feeding = self._run(self._feed(terms.packer), None)
        self._stopping = [asyncio.create_task(self._wait_for(stop)) for stop in terms.stops]

    async def aclose(self) -> None:
        """End all waits; nothing more is submitted, what is on the wire is seen through.

        To cancel this leaves at once.
        """
        closing = self._close()
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            closing.cancel()
            raise

    async def close_with_client(self) -> None:
        """End the run because the client closes: whoever waits for an outcome is told."""
        if self._closing is None and self._feeding is not None:
            self._problem = TransportError(
                "the client was closed during the batch", maybe_sent=False
            )
            self._outcomes.put_nowait(None)
        await self.aclose()

    def leave(self) -> None:
        """End the run soon: nobody holds it any more. May be called on any thread."""
        loop = self._loop
        if loop is not None and self._closing is None and not loop.is_closed():
            loop.call_soon_threadsafe(lambda: loop.create_task(self.aclose()))

    def _run(
        self, work: Coroutine[Any, Any, None], item: Rendering[T] | None
    ) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running[task] = item
        task.add_done_callback(self._ended)
        return task

    async def _feed(self, packer: Packer[T]) -> None:
        """Start a task for each spec, as the window allows."""
        index = 0
        async for spec in _each(self._specs):
            await self._window.acquire()
            index += 1
            if isinstance(spec, BadRow):
                bad: Outcome[T] = Outcome(index=index - 1, spec=None, error=spec.error)
                self._outcomes.put_nowait(bad)
                continue
            item = Rendering(terms=self._terms, index=index - 1, spec=spec)
            self._run(self._work(item), item)
            await item.admitted.wait()
        packer.flush()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Forget a task that has ended; after the last one the reader is told.

        A callback does this and no task, for a shutdown that cancels every task there is must not
        leave the reader waiting, or content.
        """
        item = self._running.pop(task)
        if item is not None:
            item.admitted.set()
        if not task.cancelled():
            if (problem := task.exception()) is not None:
                self._fail(problem)
        elif task not in self._dropped and self._closing is None:
            line = "the tasks of this batch were cancelled; run it again to go on with it"
            self._fail(TransportError(line, maybe_sent=False))
        self._dropped.discard(task)
        if not self._running:
            self._outcomes.put_nowait(None)

    def _fail(self, problem: BaseException) -> None:
        """Take no more specs; what runs is seen out before the first problem is raised."""
        self._problem = self._problem or problem
        self._drop(self._feeding)

    def _drop(self, task: asyncio.Task[None] | None) -> None:
        if task in self._running:
            self._dropped.add(task)
            task.cancel()

    async def _wait_for(self, stop: asyncio.Event) -> None:
        """When it is time to stop, drop what was not submitted; the rest goes on.

        What is in the midst of its submission learns of it directly before the POST.
        """
        await stop.wait()
        for task, item in [*self._running.items()]:
            if item is None or (item.job is None and not item.submitting):
                self._drop(task)

    def _close(self) -> asyncio.Task[None]:
        if self._closing is None:
            self._closing = asyncio.create_task(self._end())
        return self._closing

    async def _end(self) -> None:
        """Cancel all waits. What is on the wire is seen through, and no further attempt is made."""
        if self._ledger is not None:
            self._ledger.end_care(self.aclose)
        tasks = [*self._running, *self._stopping]
        if self._terms.packer is not None:
            tasks += self._terms.packer.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while self._terms.posts:
            await asyncio.wait(set(self._terms.posts))
        while not self._outcomes.empty():  # what nobody will fetch any more
            outcome = self._outcomes.get_nowait()
            if outcome is None or outcome.spec is None or self._ledger is not None:
                continue
            if outcome.job is not None or isinstance(outcome.error, SubmissionUnknownError):
                # A charge, or what may be one, that neither a ledger nor the caller knows of.
                key = getattr(outcome.error, "idempotency_key", None)
                self._terms.service.report_orphan(outcome.spec, key, outcome.job)
        self._outcomes.put_nowait(None)
        if self._ledger is not None:
            self._ledger.release(self.aclose)

    async def _work(self, item: Rendering[T]) -> None:
        """Take an item to its outcome."""
        try:
            item.key = self._key_of(item.spec)
            outcome = await item.outcome()
        except StoppedError:
            if item.failure is None:
                return
            outcome = item.ended(error=item.failure)
        except HeyGenError as error:
            if self._terms.refusal is None and ends_submissions(error):
                self._terms.refusal = error
                logger.warning("nothing more is submitted: %s", error)
            outcome = item.ended(error=error)
        self._outcomes.put_nowait(outcome)

    def _key_of(self, spec: Spec[T] | None) -> str | None:
        if self._key is None:
            return None
        key = self._key(spec)
        # Half a surrogate pair cannot be written down.
        if not isinstance(key, str) or not key or key.encode(errors="ignore").decode() != key:
            raise InvalidRequestError(f"key(spec) must give a non-empty str, not {key!r}")
        return key


class Outcomes(Generic[T]):
    """What ``map`` gives: an async iterator of outcomes, as they end.

    A ``__anext__`` that is cancelled, by ``asyncio.wait_for`` for instance, may be called again:
    no outcome is lost by it. The run ends with ``aclose``, with ``async with contextlib.aclosing``
    around it, or when nobody holds this object any more; the renders go on.
    """

    def __init__(self, run: MapRun[T]) -> None:
        self._run = run
        # A loop that was left by "break" says nothing; only that this object is dropped does,
        # as with asyncio's own finalizers of asynchronous generators.
        weakref.finalize(self, run.leave).atexit = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome[T]:
        outcome = await self._run.next()
        if outcome is None:
            raise StopAsyncIteration
        return outcome

    async def aclose(self) -> None:
        """End all waits; nothing more is submitted, what is on the wire is seen through."""
        await self._run.aclose()


async def _each(specs: Specs[T]) -> AsyncIterator[Spec[T] | BadRow]:
    if isinstance(specs, AsyncIterable):
        async for spec in specs:
            yield spec
    else:
        for spec in specs:
            yield spec
