"""What ``map`` runs: specs in as slots get free, each written down, outcomes out as they end."""

from __future__ import annotations

import asyncio
import copy
import functools
import logging
import time
import uuid
import weakref
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar

import attrs

from heygen_async.batch.batches import Packer, StoppedError
from heygen_async.batch.files import OutputPaths, spec_digest
from heygen_async.batch.item import (
    BadRow,
    ItemState,
    LedgerItem,
    Outcome,
    Place,
    Step,
    Submitted,
    next_step,
    only_match,
    state_after,
)
from heygen_async.errors import (
    HeyGenError,
    InvalidRequestError,
    JobFailedError,
    LedgerError,
    RateLimitError,
    SubmissionUnknownError,
    TransportError,
)
from heygen_async.jobs.limiter import hold_slot
from heygen_async.protocol.media import local_media
from heygen_async.protocol.redact import redact_text
from heygen_async.protocol.retry import ends_submissions, may_succeed_again
from heygen_async.transport.http import PostHooks

if TYPE_CHECKING:
    from heygen_async.batch.budget import Budget
    from heygen_async.batch.ledger import Ledger
    from heygen_async.jobs.job import Job
    from heygen_async.jobs.limiter import SlotLimiter
    from heygen_async.jobs.service import JobService
    from heygen_async.models.jobs import Spec
    from heygen_async.models.policies import RetryPolicy

T = TypeVar("T")
Specs: TypeAlias = "Iterable[Spec[T] | BadRow] | AsyncIterable[Spec[T] | BadRow]"

LABEL = "heygen-async-"
"""How a ``callback_id`` begins that a batch has given, so that nobody else has it."""

logger = logging.getLogger("heygen_async.batch")


@attrs.define(eq=False, kw_only=True)
class _Item(Generic[T]):
    """One spec on its way; ``line`` is what the ledger has, or would have, of it."""

    index: int
    spec: Spec[T]
    key: str | None = None
    idempotency_key: str | None = None
    line: LedgerItem | None = None
    job: Job[T] | None = None
    claimed: bool = False
    submitting: bool = False
    attempts: int = 0
    failure: JobFailedError | None = None  # of the render before this one
    trouble: LedgerError | None = None
    admitted: asyncio.Event = attrs.field(factory=asyncio.Event)


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
        retry: RetryPolicy,
        *,
        key: Callable[[Any], str] | None,
        ledger: Ledger | None,
        download_to: str | Path | None,
        file_name: Callable[[str], str] | None,
        assets: Sequence[str],
        stop: asyncio.Event | None,
        on_submit: Callable[[Submitted[T]], object] | None,
        timeout: float | None,
        submit_in_batches: bool,
        retry_failed: int,
        budget: Budget | None,
    ) -> None:
        if not isinstance(specs, Iterable | AsyncIterable):
            raise InvalidRequestError(f"specs must be iterable, {type(specs).__name__} is not")
        if ledger is not None and key is None:
            raise InvalidRequestError("a ledger needs key=, such as key=lambda spec: spec.title")
        self._specs = specs
        self._service = service
        self._slots = slots
        self._retry = retry
        self._key = key
        self._ledger = ledger
        self._paths = None if download_to is None else OutputPaths(Path(download_to), file_name)
        self._assets = tuple(assets) or ("",)  # that is the main one, whatever it is called
        self._stop = stop or asyncio.Event()
        self._on_submit = on_submit
        self._timeout = timeout
        self._retry_failed = retry_failed
        self._budget = budget
        self._refusal: HeyGenError | None = None  # what the account, not an item, was refused with
        self._window = asyncio.Semaphore(2 * slots.limit)
        self._outcomes: asyncio.Queue[Outcome[T] | None] = asyncio.Queue()  # None: no more
        self._running: dict[asyncio.Task[None], _Item[T] | None] = {}  # None: it feeds
        self._dropped: set[asyncio.Task[None]] = set()  # of these, what the run itself cancelled
        self._posts: set[asyncio.Task[None]] = set()  # what is on the wire, seen through
        self._feeding: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._in_batches = submit_in_batches
        self._packer: Packer[T] = Packer(
            service, self._write_all, slots=slots.limit, check=self._check, posts=self._posts
        )
        self._problem: BaseException | None = None  # the first one, raised after all has ended
        self._loop: asyncio.AbstractEventLoop | None = None

    async def next(self) -> Outcome[T] | None:
        """Return the next outcome, None when there are no more; a cancelled call loses none."""
        if self._feeding is None and self._closing is None:
            transport, ledger = self._service.transport, self._ledger
            transport.loop.check()  # once for the batch, not in an outcome for each of its specs
            if ledger is not None:
                await ledger.claim(**transport.account)
                ledger.hold(self.aclose)  # it stays open until what is on the wire is written
            if self._paths is not None:
                await asyncio.to_thread(self._paths.prepare)
            self._loop = asyncio.get_running_loop()
            self._feeding = self._run(self._feed(), None)
            self._stopping = asyncio.create_task(self._wait_for_stop())
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

    def _run(self, work: Coroutine[Any, Any, None], item: _Item[T] | None) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running[task] = item
        task.add_done_callback(self._ended)
        return task

    async def _feed(self) -> None:
        """Start a task for each spec, as the window allows."""
        index = 0
        async for spec in _each(self._specs):
            await self._window.acquire()
            index += 1
            if isinstance(spec, BadRow):
                bad: Outcome[T] = Outcome(index=index - 1, spec=None, error=spec.error)
                self._outcomes.put_nowait(bad)
                continue
            item = _Item(index=index - 1, spec=spec)
            self._run(self._work(item), item)
            await item.admitted.wait()
        self._packer.flush()

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

    async def _wait_for_stop(self) -> None:
        """When it is time to stop, drop what was not submitted; the rest goes on.

        What is in the midst of its submission learns of it directly before the POST.
        """
        await self._stop.wait()
        for task, item in [*self._running.items()]:
            if item is None or (item.job is None and not item.submitting):
                self._drop(task)

    def _close(self) -> asyncio.Task[None]:
        if self._closing is None:
            self._closing = asyncio.create_task(self._end())
        return self._closing

    async def _end(self) -> None:
        """Cancel all waits. What is on the wire is seen through, and no further attempt is made."""
        tasks = [*self._running, *self._packer.close()]
        if self._stopping is not None:
            tasks.append(self._stopping)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while self._posts:
            await asyncio.wait(set(self._posts))
        while not self._outcomes.empty():  # what nobody will fetch any more
            outcome = self._outcomes.get_nowait()
            if outcome is None or outcome.spec is None or self._ledger is not None:
                continue
            if outcome.job is not None or isinstance(outcome.error, SubmissionUnknownError):
                # A charge, or what may be one, that neither a ledger nor the caller knows of.
                key = getattr(outcome.error, "idempotency_key", None)
                self._service.report_orphan(outcome.spec, key, outcome.job)
        self._outcomes.put_nowait(None)
        if self._ledger is not None:
            self._ledger.release(self.aclose)

    async def _work(self, item: _Item[T]) -> None:
        """Take an item to its outcome."""
        try:
            outcome = await self._recall(item) or await self._render(item)
        except StoppedError:
            if item.failure is None:
                return
            outcome = self._outcome(item, error=item.failure)
        except HeyGenError as error:
            if self._refusal is None and ends_submissions(error):
                self._refusal = error
                logger.warning("nothing more is submitted: %s", error)
            outcome = self._outcome(item, error=error)
        finally:
            if self._paths is not None:
                self._paths.release(item.index, item.key)
            if self._ledger is not None and item.claimed:
                self._ledger.claimed.discard(str(item.key))
        self._outcomes.put_nowait(outcome)

    def _check(self, sent: bool) -> None:
        """Raise what forbids a POST; of one that was ``sent`` before only the stop does.

        That may have started a job, which an error would make a refusal of.
        """
        if self._stop.is_set():
            raise StoppedError
        if self._refusal is not None and not sent:
            raise copy.copy(self._refusal)

    async def _recall(self, item: _Item[T]) -> Outcome[T] | None:
        """Look up what the ledger has of an item; return its outcome if an earlier run ended it."""
        spec = item.spec
        if self._key is not None:
            key = self._key(spec)
            # Half a surrogate pair cannot be written down.
            if not isinstance(key, str) or not key or key.encode(errors="ignore").decode() != key:
                raise InvalidRequestError(f"key(spec) must give a non-empty str, not {key!r}")
            item.key = key
        kind = self._service.kind_of(spec)
        if self._ledger is not None and item.key is not None:
            # No lock is needed: nothing is awaited between the question and the claim.
            if item.key in self._ledger.claimed:
                raise InvalidRequestError(f"key {item.key!r} is being rendered already")
            self._ledger.claimed.add(item.key)
            item.claimed = True
            try:
                known = await self._ledger.get(item.key)
            except LedgerError as error:
                self._fail(error)
                raise
            reads_files = any(local_media(spec))  # then it is for a thread: the loop never blocks
            digest = (
                await asyncio.to_thread(spec_digest, spec) if reads_files else spec_digest(spec)
            )
            step = next_step(known, digest, time.time(), path=kind.path)
            item.attempts = 0 if known is None else known.attempts
            if known is None or step is Step.SUBMIT or self._tries_again(item, known.error_code):
                item.line = LedgerItem(
                    key=item.key,
                    digest=digest,
                    state=ItemState.OPEN,
                    kind=kind.name,
                    labels=_new_labels(spec),
                )
            else:
                item.line, item.idempotency_key = known, known.idempotency_key
                if known.ended and known.token is not None:
                    return await self._finished(item, known, known.token)
        if item.line is None or item.line.state is ItemState.OPEN:
            item.idempotency_key = self._service.key_for(spec, None)  # one for all attempts
            if self._paths is not None:
                for asset in filter(None, self._assets):
                    kind.asset(asset)  # what no result has is refused before it is paid for
                await asyncio.to_thread(self._paths.claim, item.index, item.key, self._assets[1:])
        return None

    async def _finished(self, item: _Item[T], line: LedgerItem, token: str) -> Outcome[T] | None:
        """Return the outcome of an item that has ended, unless its file has to be fetched.

        Nothing is asked of the vendor, who may have deleted the job meanwhile.
        """
        job: Job[T] = self._service.attach(token)
        if line.state is ItemState.FAILED:
            item.job = job
            error = JobFailedError(job, code=line.error_code, message=line.error)
            return self._outcome(item, error=error)
        path = Path(line.path) if line.path else None
        saved = path is not None and await asyncio.to_thread(
            OutputPaths.are_saved, path, self._assets[1:]
        )
        if not saved and self._paths is not None:
            return None
        item.job = job
        kind = self._service.kind_of(item.spec)
        result = None if line.result is None else kind.read_result(line.result)
        return self._outcome(item, result=result, path=path if saved else None)

    def _tries_again(self, item: _Item[T], code: str | None) -> bool:
        """Whether a render that has failed with this code is to be paid for once more."""
        return (
            max(1, item.attempts) <= self._retry_failed
            and may_succeed_again(code)
            and not self._stop.is_set()
            and self._refusal is None
        )

    async def _render(self, item: _Item[T]) -> Outcome[T]:
        """Take an item to its end."""
        try:
            while True:
                begin = functools.partial(self._begin, item)
                try:
                    async with hold_slot(self._slots, begin, self._retry) as job:
                        result = await job.wait(self._timeout)
                except JobFailedError as error:
                    if self._tries_again(item, error.code):
                        await self._renew(item, error)
                        continue
                    await self._write(
                        item,
                        state=ItemState.FAILED,
                        error=error.message,
                        error_code=error.code,
                        path=None,
                        ended_at=time.time(),
                    )
                    raise
                # The slot is free again: a download is no job at the vendor.
                return await self._complete(item, job, result)
        except asyncio.CancelledError:
            if item.job is not None and item.line is None:  # no ledger knows it
                self._service.report_orphan(item.spec, item.idempotency_key, item.job)
            raise

    async def _renew(self, item: _Item[T], failure: JobFailedError) -> None:
        """Let a failed item be submitted as another job, and write that down."""
        logger.info("%s is rendered again: %s", item.key or item.index, failure)
        item.failure = failure
        # The old key would give the old job.
        item.idempotency_key = self._service.key_for(item.spec, None)
        await self._write(
            item,
            state=ItemState.OPEN,
            token=None,
            idempotency_key=None,
            labels=_new_labels(item.spec),
            error=failure.message,
            error_code=failure.code,
        )

    async def _complete(self, item: _Item[T], job: Job[T], result: T) -> Outcome[T]:
        """Save the file of an item that is rendered, and write down how it ended."""
        kind = self._service.kind_of(item.spec)
        paths, problem = await self._save(item, job, result)
        path = paths.get(self._assets[0])
        await self._write(
            item,
            state=ItemState.COMPLETED,
            error=None if problem is None else str(problem),
            error_code=None,
            path=None if path is None else str(path),
            ended_at=time.time(),
            result=None if self._ledger is None else kind.write_result(result),
        )
        return self._outcome(
            item, result=result, path=path, paths=paths, error=problem or item.trouble
        )

    async def _save(
        self, item: _Item[T], job: Job[T], result: T
    ) -> tuple[dict[str, Path], HeyGenError | None]:
        """Save the files that are wanted, and return them with the first trouble."""
        kind, paths, problem = self._service.kind_of(item.spec), dict[str, Path](), None
        if self._paths is None:
            return paths, problem
        for asset in self._assets:
            url = kind.file_url(result, asset) if asset else kind.download_url(result)
            if url is None and not asset:
                continue
            beside = "" if asset == self._assets[0] else asset
            target = self._paths.path(item.index, item.key, url or "", beside)
            try:
                paths[asset] = await job.download(target, asset=asset or None, overwrite=True)
            except HeyGenError as error:
                problem = problem or error
        return paths, problem

    async def _begin(self, item: _Item[T]) -> Job[T]:
        """Return the item's job, started now or earlier."""
        item.admitted.set()
        line = item.line
        if line is not None and line.token is not None:
            self._started(item, self._service.attach(line.token))
            assert item.job is not None  # noqa: S101 - just set
            return item.job
        # A wait for the slot may have outlived the key: what was right when the item was
        # recalled is decided anew.
        step = Step.SUBMIT
        if line is not None:
            path = self._service.kind_of(item.spec).path
            step = next_step(line, line.digest, time.time(), path=path)
        if step is Step.SUBMIT:
            self._check(False)
            if self._budget is not None:
                await self._budget.admit()
        if step is Step.REJOIN or (
            step is Step.SUBMIT and self._in_batches and self._packer.takes(item.spec)
        ):
            if await self._submit_packed(item, step):
                assert item.job is not None  # noqa: S101 - the packer has set it
                return item.job
            step = Step.SUBMIT
        if step is Step.SUBMIT:
            await self._submit(item, None)
        elif step is Step.RESEND and line is not None:
            await self._submit(item, line.intended_at)
        elif line is not None:
            await self._search(item, line)
        assert item.job is not None  # noqa: S101 - each way sets it
        return item.job

    def _started(self, item: _Item[T], job: Job[T]) -> None:
        item.job = job
        if self._on_submit is not None:
            self._on_submit(Submitted(index=item.index, spec=item.spec, key=item.key, job=job))

    async def _submit_packed(self, item: _Item[T], step: Step) -> bool:
        """Submit an item in a batch; return False if it is to be submitted singly after all."""
        spec, line = _labelled(item.spec, item.line), item.line
        try:
            if step is Step.SUBMIT:
                job = await self._packer.submit(item, spec)
            else:
                assert line is not None  # noqa: S101 - this step comes from what it has
                place = Place.of(line.labels)
                assert place is not None  # noqa: S101 - as above
                job = await self._packer.rejoin(item, spec, place, line.intended_at or 0.0)
        except RateLimitError:
            if self._stop.is_set():
                raise StoppedError from None  # rather than wait for another slot
            raise
        finally:
            item.submitting = False
        if job is not None:
            self._started(item, job)
        return job is not None

    async def _submit(self, item: _Item[T], sent_at: float | None) -> None:
        """Submit an item, written down before each POST and after it.

        The POST runs in a task of its own, which a cancellation of this one does not reach. So
        ``after`` writes what became of it, whoever is still there.
        """
        spec = _labelled(item.spec, item.line)
        intended = False

        async def before() -> None:
            nonlocal intended
            self._check(intended or sent_at is not None)  # also before each further attempt
            intended = True
            # Directly before the POST: earlier, and a kill during a wait for the turn would leave
            # items uncertain that were never sent. Without the ledger nothing is sent.
            known = item.line
            first = known is not None and known.state is ItemState.OPEN
            at = time.time() if first and sent_at is None else known and known.intended_at
            key = item.idempotency_key
            await self._write(
                item, state=ItemState.INTENT, idempotency_key=key, intended_at=at, error=None
            )
            if item.trouble is not None:
                trouble, item.line = item.trouble, known
                await self._write(item)  # a ledger that is gone has saved the intent of a POST
                raise trouble  # that is not made

        async def after(ended: Job[T] | HeyGenError) -> None:
            await self._write_submission(item, ended)

        def abandoned(job: Job[T] | None) -> None:
            if self._ledger is None or item.trouble is not None:  # else the ledger has it
                self._service.report_orphan(spec, item.idempotency_key, job)

        item.submitting = True
        try:
            await self._service.submit(
                spec,
                item.idempotency_key,
                key_sent_at=sent_at,
                queued=True,
                hooks=PostHooks(before, after, abandoned, self._posts),
            )
        except HeyGenError as error:
            if isinstance(error, SubmissionUnknownError):
                error.spec = item.spec
            if intended and not isinstance(error, LedgerError):
                await self._write_submission(item, error)
            if isinstance(error, RateLimitError) and self._stop.is_set():
                raise StoppedError from None  # rather than wait for another slot
            raise
        finally:
            item.submitting = False

    async def _write_submission(self, item: _Item[T], ended: Job[T] | HeyGenError) -> None:
        """Write what became of a POST."""
        if isinstance(ended, HeyGenError):
            await self._write(item, state=state_after(ended), error=str(ended))
            return
        item.attempts += 1
        at = time.time()
        await self._write(
            item, state=ItemState.SUBMITTED, token=ended.token, submitted_at=at, error=None
        )
        self._started(item, ended)

    async def _search(self, item: _Item[T], line: LedgerItem) -> None:
        """Find the one job that an earlier submission may have become."""
        assert self._ledger is not None  # noqa: S101 - it has the line
        unique = any(label.startswith(LABEL) for label in line.labels)
        spec = _labelled(item.spec, line)
        found = await self._service.find(spec, line.intended_at or 0.0, unique=unique)
        others = [other async for other in self._ledger.items() if other.key != line.key]
        job = only_match(found, line, others)
        if job is None:
            await self._write(item, state=ItemState.UNCERTAIN)
            raise SubmissionUnknownError(
                f"{line.key!r} may have been submitted by an earlier run, and no job can be told "
                "to be its own; look at the vendor's list, then reopen it, or leave it",
                spec=item.spec,
            )
        await self._write_submission(item, job)

    async def _write(self, item: _Item[T], **changes: Any) -> None:
        """Write what has changed; trouble is kept, for the batch must not go on without a ledger.

        The next write of the item writes all of it again.
        """
        await self._write_all({item: changes})

    async def _write_all(self, changes: Mapping[_Item[T], Mapping[str, Any]]) -> None:
        """Write what has changed of many items, of all or of none."""
        lines: dict[_Item[T], LedgerItem] = {}
        for item, change in changes.items():
            if self._ledger is None or item.line is None:
                continue
            new = dict(change)
            if new.get("error"):
                new["error"] = redact_text(new["error"])  # it may quote a signed URL
            lines[item] = item.line = attrs.evolve(item.line, attempts=item.attempts, **new)
        if self._ledger is None or not lines:
            return
        try:
            if len(lines) == 1:
                await self._ledger.put(*lines.values())
            else:
                await self._ledger.put_all([*lines.values()])
        except LedgerError as error:
            self._fail(error)
            for item, line in lines.items():
                item.trouble = error
                logger.warning("not written: %s %s", item.key, line.token or "")
        else:
            for item in lines:
                item.trouble = None

    def _outcome(self, item: _Item[T], **how: Any) -> Outcome[T]:
        return Outcome(
            index=item.index,
            spec=item.spec,
            key=item.key,
            job=item.job,
            attempts=item.attempts,
            **how,
        )


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


def _new_labels(spec: Spec[Any]) -> tuple[str, ...]:
    """Return what the job of a new submission can be found by, where the vendor echoes any.

    A ``callback_id`` that nobody else has finds a lost submission.
    """
    if not hasattr(spec, "callback_id"):
        return ()
    return (spec.callback_id or f"{LABEL}{uuid.uuid4().hex}",)


def _labelled(spec: Spec[T], line: LedgerItem | None) -> Spec[T]:
    """Return the spec with the label that its line has, by which its job can be found."""
    ours = [label for label in line.labels if label.startswith(LABEL)] if line else []
    if not ours:
        return spec
    # A copy, and not ``attrs.evolve``: all of the spec was checked when it was made, and the
    # checks of a large one cost as much as the rest of the item.
    labelled = copy.copy(spec)
    object.__setattr__(labelled, "callback_id", ours[0])
    return labelled


async def _each(specs: Specs[T]) -> AsyncIterator[Spec[T] | BadRow]:
    if isinstance(specs, AsyncIterable):
        async for spec in specs:
            yield spec
    else:
        for spec in specs:
            yield spec
