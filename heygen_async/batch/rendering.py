"""``Rendering``: one item of a run, from what the ledger has of it to its file."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import logging
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, cast

import attrs

from heygen_async.batch.batches import StoppedError
from heygen_async.batch.files import OutputPaths, spec_digest
from heygen_async.batch.item import (
    ItemState,
    LedgerItem,
    Outcome,
    Place,
    Step,
    Submitted,
    next_step,
    only_match,
    state_after,
    taken_over,
)
from heygen_async.errors import (
    ClaimLostError,
    HeyGenError,
    JobFailedError,
    LedgerError,
    RateLimitError,
    SubmissionUnknownError,
)
from heygen_async.jobs.limiter import hold_slot
from heygen_async.protocol.idempotency import is_key
from heygen_async.protocol.media import local_media
from heygen_async.protocol.redact import may_be_kept, redact_text
from heygen_async.protocol.retry import may_succeed_again
from heygen_async.transport.http import PostHooks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from heygen_async.batch.batches import Packer
    from heygen_async.batch.budget import Budget
    from heygen_async.batch.ledger import Ledger
    from heygen_async.jobs.job import Job
    from heygen_async.jobs.limiter import SlotLimiter
    from heygen_async.jobs.service import JobService
    from heygen_async.models.jobs import Spec
    from heygen_async.models.policies import RetryPolicy
    from heygen_async.protocol.kinds import JobKind
    from heygen_async.protocol.request import Request, Submission

T = TypeVar("T")

LABEL = "heygen-async-"
"""How a ``callback_id`` begins that a batch has given, so that nobody else has it."""

logger = logging.getLogger("heygen_async.batch")


@attrs.define(eq=False, kw_only=True)
class Terms(Generic[T]):
    """What holds for all items of a run.

    ``assets`` are the files to save, '' being the main one. Any of ``stops`` ends the submissions,
    and so does ``refusal``, which the account, not an item, was refused with. ``posts`` is what is
    on the wire; ``fail`` is told that the run must not go on.
    """

    service: JobService
    slots: SlotLimiter
    retry: RetryPolicy
    ledger: Ledger | None = None
    own_keys: bool = False  # whether an item's key is the first idempotency key that is sent for it
    paths: OutputPaths | None = None
    assets: tuple[str, ...] = ("",)
    redownload: bool = False
    on_submit: Callable[[Submitted[T]], object] | None = None
    timeout: float | None = None
    retry_failed: int = 0
    budget: Budget | None = None
    packer: Packer[T] | None = None
    in_batches: bool = False
    stops: tuple[asyncio.Event, ...] = ()
    fail: Callable[[BaseException], None] = lambda _problem: None
    refusal: HeyGenError | None = None
    posts: set[asyncio.Task[None]] = attrs.field(factory=set)

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be submitted."""
        return any(stop.is_set() for stop in self.stops)

    def time(self) -> float:
        """Return the Unix time by which ages are told: the ledger's, if there is one."""
        return time.time() if self.ledger is None else self.ledger.time()

    def check(self, sent: bool) -> None:
        """Raise what forbids a POST; of one that was ``sent`` before only the stop does.

        That may have started a job, which an error would make a refusal of.
        """
        if self.stopped:
            raise StoppedError
        if self.refusal is not None and not sent:
            raise copy.copy(self.refusal)

    async def write(self, changes: Mapping[Rendering[T], Mapping[str, Any]]) -> None:
        """Write what has changed of items, of all or of none; trouble is kept in each of them.

        The next write of an item writes all of it again. The run does not go on without its
        ledger; but what another process has taken over is only that item's trouble.
        """
        lines: dict[Rendering[T], LedgerItem] = {}
        for item, change in changes.items():
            if self.ledger is None or item.line is None:
                continue
            new = dict(change)
            if new.get("error"):
                new["error"] = redact_text(new["error"])  # it may quote a signed URL
            lines[item] = item.line = attrs.evolve(item.line, attempts=item.attempts, **new)
        if self.ledger is None or not lines:
            return
        try:
            await self.ledger.put(*lines.values())
        except LedgerError as error:
            lost = isinstance(error, ClaimLostError)
            if lost and len(lines) > 1:
                for item in lines:  # which of them it is, each finds out
                    await self.write({item: {}})
                return
            if not lost:
                self.fail(error)
            for item, line in lines.items():
                item.trouble = error
                logger.warning("not written: %s %s", item.key, line.token or "")
        else:
            for item in lines:
                item.trouble = None


@attrs.define(eq=False, kw_only=True)
class Rendering(Generic[T]):
    """One item on its way: ``line`` is what the ledger has, or would have, of it.

    ``spec`` is None where only the ledger knows what was submitted. ``admitted`` is set when the
    item has its slot, or waits for somebody else; ``post`` is its submission on the wire.
    """

    terms: Terms[T]
    index: int
    spec: Spec[T] | None
    key: str | None = None
    digest: str = ""
    idempotency_key: str | None = None
    line: LedgerItem | None = None
    job: Job[T] | None = None
    submitting: bool = False
    post: asyncio.Task[Any] | None = None
    attempts: int = 0
    failure: JobFailedError | None = None  # of the render before this one
    trouble: LedgerError | None = None
    mine: asyncio.Timeout | None = None  # ends the wait for what is no longer this process's
    admitted: asyncio.Event = attrs.field(factory=asyncio.Event)

    @property
    def kind(self) -> JobKind[T]:
        """The kind of its job; raises ``InvalidRequestError`` if what is rendered is no spec."""
        if self.spec is not None:
            return self.terms.service.kind_of(self.spec)
        assert self.line is not None  # noqa: S101 - then there is no spec
        return self.terms.service.transport.vendor.kind_named(self.line.kind)

    async def outcome(self) -> Outcome[T]:
        """Take the item to its end; raises what it ends with where there is no result."""
        ledger, spec, key = self.terms.ledger, self.spec, self.key
        if ledger is None or spec is None or key is None:
            return await self.render()
        reads_files = any(local_media(spec))  # then it is for a thread: the loop never blocks
        self.digest = (
            await asyncio.to_thread(spec_digest, spec) if reads_files else spec_digest(spec)
        )
        try:
            recalled = await self._recall(await ledger.get(key))
            if recalled is not None:
                return recalled
            known = await ledger.take(key, waits=self.admitted.set, lost=self._taken_over)
        except LedgerError as error:
            self.terms.fail(error)
            raise
        try:
            return await self._recall(known) or await self.render()
        finally:
            self.leave(ledger, key)

    def leave(self, ledger: Ledger, key: str) -> None:
        """Let others work on the item, as soon as what is on the wire is written."""
        if self.post is None or self.post.done():
            ledger.leave(key)
        else:
            self.post.add_done_callback(lambda _: ledger.leave(key))

    async def _recall(self, known: LedgerItem | None) -> Outcome[T] | None:
        """Take in what the ledger has of the item; return its outcome if nothing is to be done."""
        step = next_step(known, self.digest, self.terms.time(), path=self.kind.path)
        self.attempts = 0 if known is None else known.attempts
        self.line, self.idempotency_key = known, None
        failed = known is not None and known.state is ItemState.FAILED
        if known is None or step is Step.SUBMIT or (failed and self._tries_again(known.error_code)):
            self.line = LedgerItem(
                key=cast("str", self.key),
                digest=self.digest,
                state=ItemState.OPEN,
                kind=self.kind.name,
                labels=_new_labels(self.spec),
                version=0 if known is None else known.version,
            )
            return None
        self.idempotency_key = known.idempotency_key
        return await self._finished(known) if known.ended else None

    async def _finished(self, line: LedgerItem) -> Outcome[T] | None:
        """Return the outcome of an item that has ended, unless its file has to be fetched.

        Nothing is asked of the vendor, who may have deleted the job meanwhile.
        """
        terms = self.terms
        if terms.ledger is None or line.token is None:
            return None
        job: Job[T] = terms.service.attach(line.token)
        if line.state is ItemState.FAILED:
            self.job = job
            error = JobFailedError(job, code=line.error_code, message=line.error)
            return self.ended(error=error)
        path = Path(line.path) if line.path else None
        elsewhere = line.machine is not None and line.machine != terms.ledger.machine
        if elsewhere and not terms.redownload:
            saved, path = path is not None, None
        else:
            saved = path is not None and await asyncio.to_thread(
                OutputPaths.are_saved, path, terms.assets[1:]
            )
        if not saved and terms.paths is not None:
            return None
        self.job = job
        result = None if line.result is None else self.kind.read_result(line.result)
        return self.ended(result=result, path=path if saved else None)

    async def render(self) -> Outcome[T]:
        """Take an item, which is this process's to work on, to its end."""
        try:
            if self.line is None or self.line.state is ItemState.OPEN:
                await self._prepare()
            while True:
                try:
                    async with self._started_in_slot() as job, self._while_mine():
                        result = await job.wait(self.terms.timeout)
                except JobFailedError as error:
                    if not self._tries_again(error.code):
                        await self._fail(error)
                        raise
                    await self._renew(error)
                else:  # the slot is free again: a download is no job at the vendor
                    return await self._complete(job, result)
        except asyncio.CancelledError:
            if self.job is not None and self.line is None:  # no ledger knows it
                self.terms.service.report_orphan(self.spec, self.idempotency_key, self.job)
            raise
        finally:
            if self.terms.paths is not None:
                self.terms.paths.release(self.index, self.key)

    @contextlib.asynccontextmanager
    async def _while_mine(self) -> AsyncIterator[None]:
        """End what is waited for once another process has taken the item over."""
        try:
            async with asyncio.timeout(None) as mine:
                self.mine = mine
                yield
        except TimeoutError:
            if mine.expired():
                raise taken_over(self.key) from None
            raise

    def _taken_over(self) -> None:
        if self.mine is not None and not self.mine.expired():
            self.mine.reschedule(asyncio.get_running_loop().time())

    async def _prepare(self) -> None:
        """Make sure, before anything is paid for, that a new item can be sent and saved."""
        own = self.terms.own_keys and self.attempts == 0 and self.kind.honours_key
        wanted = self.key if own and is_key(self.key) else None
        self.idempotency_key = self._new_key(wanted)  # one for all attempts
        paths, assets = self.terms.paths, self.terms.assets
        if paths is not None:
            for asset in filter(None, assets):
                self.kind.asset(asset)  # what no result has
            await asyncio.to_thread(paths.claim, self.index, self.key, assets[1:])

    def _new_key(self, wanted: str | None = None) -> str | None:
        return self.terms.service.key_for(cast("Spec[T]", self.spec), wanted)

    def _started_in_slot(self) -> AbstractAsyncContextManager[Job[T]]:
        """Hold a slot for the item's job, and give it; one that has ended needs none."""
        if self.line is not None and self.line.ended and self.line.token is not None:
            self.admitted.set()
            return contextlib.nullcontext(self._attach(self.line.token))
        key = None if self.line is None else self.line.key  # else it is only a name
        return hold_slot(self.terms.slots, self._begin, self.terms.retry, key)

    async def _begin(self) -> Job[T]:
        """Return the item's job, started now or earlier."""
        self.admitted.set()
        line, terms = self.line, self.terms
        # A wait for the slot may have outlived the key: what was right when the item was
        # recalled is decided anew.
        step = next_step(line, line.digest if line else "", self.terms.time(), path=self.kind.path)
        if line is not None and line.token is not None:
            return self._attach(line.token)
        if step is Step.SUBMIT:
            terms.check(False)
            if terms.budget is not None:
                await terms.budget.admit()
        job: Job[T] | None = None
        if step is Step.SEARCH and line is not None:
            return await self._search(line)
        if step is not Step.RESEND:
            job = await self._submit_packed(step)
        return job or await self._submit(line.intended_at if line and step is Step.RESEND else None)

    def _attach(self, token: str) -> Job[T]:
        job: Job[T] = self.terms.service.attach(token)
        return self._started(job)

    def _started(self, job: Job[T]) -> Job[T]:
        self.job = job
        if self.terms.on_submit is not None and self.spec is not None:
            started = Submitted(index=self.index, spec=self.spec, key=self.key, job=job)
            self.terms.on_submit(started)
        return job

    async def _submit_packed(self, step: Step) -> Job[T] | None:
        """Submit the item in a batch; return None if it is to be submitted singly after all."""
        packer, line = self.terms.packer, self.line
        if self.spec is None or packer is None:
            return None
        spec = _labelled(self.spec, line)
        try:
            if step is Step.REJOIN:
                assert line is not None  # noqa: S101 - this step comes from what it has
                place = Place.of(line.labels)
                assert place is not None  # noqa: S101 - as above
                job = await packer.rejoin(self, spec, place, line.intended_at or 0.0)
            elif self.terms.in_batches and packer.takes(self.spec):
                job = await packer.submit(self, spec)
            else:
                return None
        except RateLimitError:
            if self.terms.stopped:
                raise StoppedError from None  # rather than wait for another slot
            raise
        finally:
            self.submitting = False
        if job is not None and isinstance(self.trouble, ClaimLostError):
            self._lost(job)
        return None if job is None else self._started(job)

    async def _submit(self, sent_at: float | None) -> Job[T]:
        """Submit an item, written down before each POST and after it.

        ``sent_at`` is when an earlier run sent it. The POST runs in a task of its own, which a
        cancellation of this one does not reach. So ``after`` writes what became of it, whoever is
        still there.
        """
        terms, service = self.terms, self.terms.service
        spec = None if self.spec is None else _labelled(self.spec, self.line)
        intended = False

        async def before() -> None:
            nonlocal intended
            terms.check(intended or sent_at is not None)  # also before each further attempt
            intended = True
            self.post = asyncio.current_task()
            # Directly before the POST: earlier, and a kill during a wait for the turn would leave
            # items uncertain that were never sent. Without the ledger nothing is sent.
            known = self.line
            first = known is not None and known.state is ItemState.OPEN
            await self._write(
                state=ItemState.INTENT,
                idempotency_key=self.idempotency_key,
                intended_at=self.terms.time()
                if first and sent_at is None
                else known and known.intended_at,
                error=None,
                request=_kept(request) if first else known and known.request,
            )
            if self.trouble is not None:
                trouble, self.line = self.trouble, known
                await self._write()  # a ledger that is gone has saved the intent of a POST
                raise trouble  # that is not made

        def abandoned(job: Job[T] | None) -> None:
            if terms.ledger is None or self.trouble is not None:  # else the ledger has it
                service.report_orphan(spec, self.idempotency_key, job)

        self.submitting = True
        try:
            request = await self._request(spec, resent=sent_at is not None)
            return await service.submit(
                spec,
                self.idempotency_key,
                kind=self.kind,
                request=request,
                key_sent_at=None if sent_at is None else sent_at - terms.time() + time.time(),
                queued=True,
                hooks=PostHooks(before, self._write_submission, abandoned, terms.posts),
            )
        except HeyGenError as error:
            if isinstance(error, SubmissionUnknownError):
                error.spec = self.spec
            if intended and not isinstance(error, LedgerError):
                await self._write_submission(error)
            if isinstance(error, RateLimitError) and terms.stopped:
                raise StoppedError from None  # rather than wait for another slot
            raise
        finally:
            self.submitting = False

    async def _request(self, spec: Spec[T] | None, *, resent: bool) -> Request[Submission] | None:
        """Return the POST of the item, the same as before if the ledger has that."""
        kept = self.line.request if self.line is not None and resent else None
        if kept is not None:
            return self.kind.repeat(kept["path"], kept["json"])
        if spec is None or self.line is None:  # without a ledger nobody keeps it
            return None
        return await self.terms.service.request_for(spec)

    async def _write_submission(self, ended: Job[T] | HeyGenError) -> None:
        """Write what became of a POST."""
        if isinstance(ended, HeyGenError):
            state = state_after(ended)
            known = {} if state is ItemState.INTENT else {"request": None}
            await self._write(state=state, error=str(ended), **known)
            return
        self.attempts += 1
        try:
            await self._write(
                state=ItemState.SUBMITTED,
                token=ended.token,
                submitted_at=self.terms.time(),
                error=None,
                request=None,
            )
        except ClaimLostError:
            self._lost(ended)
        self._started(ended)

    def _lost(self, job: Job[T]) -> NoReturn:
        """Tell of a job whose row is another process's by now, which may not know the job."""
        self.job = job
        self.terms.service.report_orphan(self.spec, self.idempotency_key, job)
        assert self.trouble is not None  # noqa: S101 - that is why it is lost
        raise self.trouble

    async def _search(self, line: LedgerItem) -> Job[T]:
        """Find the one job that an earlier submission may have become."""
        assert self.terms.ledger is not None  # noqa: S101 - it has the line
        if self.spec is None:
            raise StoppedError  # its key is too old by now; it is for whoever has the spec
        unique = any(label.startswith(LABEL) for label in line.labels)
        spec = _labelled(self.spec, line)
        found = await self.terms.service.find(spec, line.intended_at or 0.0, unique=unique)
        others = await self.terms.ledger.related(line, [job.id for job in found])
        job = only_match(found, line, others)
        if job is None:
            await self._write(state=ItemState.UNCERTAIN, request=None)
            raise SubmissionUnknownError(
                f"{line.key!r} may have been submitted by an earlier run, and no job can be told "
                "to be its own; look at the vendor's list, then reopen it, or leave it",
                spec=self.spec,
            )
        await self._write_submission(job)
        return job

    def _tries_again(self, code: str | None) -> bool:
        """Whether a render that has failed with this code is to be paid for once more."""
        terms = self.terms
        return (
            max(1, self.attempts) <= terms.retry_failed
            and may_succeed_again(code)
            and not terms.stopped
            and terms.refusal is None
        )

    async def _renew(self, failure: JobFailedError) -> None:
        """Let a failed item be submitted as another job, and write that down."""
        logger.info("%s is rendered again: %s", self.key or self.index, failure)
        self.failure = failure
        self.idempotency_key = self._new_key()  # the old one would give the old job
        await self._write(
            state=ItemState.OPEN,
            token=None,
            idempotency_key=None,
            labels=_new_labels(self.spec),
            error=failure.message,
            error_code=failure.code,
        )

    async def _fail(self, error: JobFailedError) -> None:
        """Write down that the vendor could not render the item."""
        await self._write(
            state=ItemState.FAILED,
            error=error.message,
            error_code=error.code,
            path=None,
            ended_at=self.terms.time(),
        )

    async def _complete(self, job: Job[T], result: T) -> Outcome[T]:
        """Save the file of an item that is rendered, and write down how it ended."""
        paths, problem = await self._save(job, result)
        path, ledger = paths.get(self.terms.assets[0]), self.terms.ledger
        with contextlib.suppress(ClaimLostError):  # the outcome tells, and has the result as well
            await self._write(
                state=ItemState.COMPLETED,
                error=None if problem is None else str(problem),
                error_code=None,
                path=None if path is None else str(path),
                machine=None if path is None or ledger is None else ledger.machine,
                ended_at=self.terms.time(),
                result=None if ledger is None else self.kind.write_result(result),
            )
        return self.ended(result=result, path=path, paths=paths, error=problem or self.trouble)

    async def _save(self, job: Job[T], result: T) -> tuple[dict[str, Path], HeyGenError | None]:
        """Save the files that are wanted, and return them with the first trouble."""
        kind, terms, paths, problem = self.kind, self.terms, dict[str, Path](), None
        if terms.paths is None:
            return paths, problem
        for asset in terms.assets:
            url = kind.file_url(result, asset) if asset else kind.download_url(result)
            if url is None and not asset:
                continue
            beside = "" if asset == terms.assets[0] else asset
            target = terms.paths.path(self.index, self.key, url or "", beside)
            try:
                paths[asset] = await job.download(target, asset=asset or None, overwrite=True)
            except HeyGenError as error:
                problem = problem or error
        return paths, problem

    async def _write(self, **changes: Any) -> None:
        """Write what has changed; raises ``ClaimLostError``, other trouble is kept."""
        await self.terms.write({self: changes})
        if isinstance(self.trouble, ClaimLostError):
            raise self.trouble

    def ended(self, **how: Any) -> Outcome[T]:
        """Return the outcome of the item."""
        return Outcome(
            index=self.index,
            spec=self.spec,
            key=self.key,
            job=self.job,
            attempts=self.attempts,
            **how,
        )


def _kept(request: Request[Submission] | None) -> dict[str, Any] | None:
    """Return what a ledger keeps of a request: nothing if a URL in it may be signed."""
    if request is None:
        return None
    kept = {"path": request.path, "json": request.json}
    return kept if may_be_kept(json.dumps(kept)) else None


def _new_labels(spec: Spec[Any] | None) -> tuple[str, ...]:
    """Return what the job of a new submission can be found by, where the vendor echoes any.

    A ``callback_id`` that nobody else has finds a lost submission.
    """
    if not hasattr(spec, "callback_id"):
        return ()
    label: str | None = spec.callback_id  # type: ignore[union-attr] # it is there
    return (label or f"{LABEL}{uuid.uuid4().hex}",)


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
