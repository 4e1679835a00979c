"""One item's way through a batch: recalled, submitted, waited for, saved, and written down."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.batch.digests import Digests, reads_files
from heygen_async.batch.items import (
    CLOCK_SKEW,
    ItemState,
    LedgerItem,
    Step,
    next_step,
    only_match,
    state_after,
)
from heygen_async.batch.outcome import Outcome
from heygen_async.batch.targets import Targets
from heygen_async.errors import (
    HeyGenError,
    InvalidRequestError,
    JobFailedError,
    LedgerError,
    SubmissionUnknownError,
)
from heygen_async.jobs.slots import in_slot
from heygen_async.protocol.kinds import kind_for
from heygen_async.protocol.redact import redact_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from heygen_async.batch.errands import Book, Desk, Errand
    from heygen_async.jobs.job import Job
    from heygen_async.jobs.slots import SlotLimiter
    from heygen_async.models.jobs import Spec
    from heygen_async.models.policies import RetryPolicy

logger = logging.getLogger("heygen_async.batch")


class Worker:
    """Takes errands to their outcomes."""

    def __init__(
        self,
        desk: Desk,
        slots: SlotLimiter,
        retry: RetryPolicy,
        *,
        book: Book | None,
        download_to: str | Path | None,
        on_submit: Callable[[Outcome[Any]], object] | None,
    ) -> None:
        self.posts: set[asyncio.Task[Any]] = set()
        self.trouble: LedgerError | None = None
        self._desk = desk
        self._slots = slots
        self._retry = retry
        self.book = book
        self._targets = None if download_to is None else Targets(Path(download_to))
        self._on_submit = on_submit
        self._digests = Digests()

    async def prepare(self) -> None:
        """Make the folder for the files; raises ``InvalidRequestError``."""
        if self._targets is not None:
            await asyncio.to_thread(self._targets.prepare)

    async def recall(self, errand: Errand) -> None:
        """Look up what the ledger has of an errand, and decide how it goes on."""
        kind_for(type(errand.spec))
        if self.book is not None and errand.key is not None:
            if errand.key in self.book.claimed:
                raise InvalidRequestError(f"key {errand.key!r} is being rendered already")
            self.book.claimed.add(errand.key)
            errand.claimed = True
            known = await self._known(self.book, errand.key)
            digest = await self._digest(errand.spec)
            errand.step = next_step(known, digest, time.time())
            fresh = known is None or errand.step is Step.SUBMIT
            errand.item = _new_item(errand.key, digest, errand.spec) if fresh else known
        if self._targets is not None and errand.step is Step.SUBMIT:
            await asyncio.to_thread(self._targets.claim, errand.index, errand.key)

    async def _known(self, book: Book, key: str) -> LedgerItem | None:
        try:
            return await book.get(key)
        except LedgerError as error:
            self.trouble = error
            raise

    async def finished(self, errand: Errand) -> Outcome[Any] | None:
        """Return the outcome of an errand that an earlier run has finished, else None."""
        item = errand.item
        if item is None or not item.ended or item.token is None:
            return None
        errand.job = self._desk.attach(item.token)
        if item.state is ItemState.FAILED:
            error = JobFailedError(errand.job, code=item.error_code, message=item.error)
            return self._outcome(errand, error=error)
        path = Path(item.path) if item.path else None
        if path is None or not await asyncio.to_thread(path.is_file):
            return None
        return self._outcome(errand, path=path)

    async def render(self, errand: Errand) -> Outcome[Any]:
        """Take an errand to its end."""
        try:
            async with in_slot(self._slots, lambda: self._start(errand), self._retry) as job:
                result = await job.wait()
            return await self._save(errand, job, result)
        except JobFailedError as error:
            await self._end(errand, ItemState.FAILED, error.message, error.code)
            return self._outcome(errand, error=error)
        except HeyGenError as error:
            return self._outcome(errand, error=error)

    def release(self, errand: Errand) -> None:
        """Let others work on the errand's key, and have its name if it left no file."""
        if self._targets is not None:
            self._targets.release(errand.index, errand.key)
        if self.book is not None and errand.claimed:
            self.book.claimed.discard(str(errand.key))

    async def _start(self, errand: Errand) -> Job[Any]:
        """Return the errand's job, started now or earlier."""
        errand.admitted.set()
        if errand.item is not None and errand.item.token is not None:
            self._started(errand, self._desk.attach(errand.item.token))
        else:
            begin = self._search if errand.step is Step.SEARCH else self._submit
            errand.post = asyncio.create_task(begin(errand))
            self.posts.add(errand.post)
            errand.post.add_done_callback(self.posts.discard)
            await asyncio.shield(errand.post)  # what is paid is written down in any case
        assert errand.job is not None  # noqa: S101 - each way sets it
        return errand.job

    def _started(self, errand: Errand, job: Job[Any]) -> None:
        errand.job = job
        if self._on_submit is not None:
            self._on_submit(self._outcome(errand))

    async def _submit(self, errand: Errand) -> None:
        key = errand.item.idempotency_key if errand.item is not None else None
        try:
            job = await self._desk.submit(
                errand.spec, key, queued=True, before=lambda key: self._intend(errand, key)
            )
        except HeyGenError as error:
            if errand.intended:
                await self._note(
                    errand, state=state_after(error, errand.step), error=redact_text(str(error))
                )
            raise
        await self._submitted(errand, job)

    async def _intend(self, errand: Errand, key: str | None) -> None:
        """Write down that the errand is about to be submitted, unless it was before."""
        errand.intended = True
        if errand.step is Step.SUBMIT:
            await self._note(
                errand,
                state=ItemState.INTENT,
                idempotency_key=key,
                intended_at=time.time(),
                error=None,
            )
            if errand.trouble is not None:
                raise errand.trouble

    async def _search(self, errand: Errand) -> None:
        """Find the one job that an earlier submission may have become."""
        item, book = errand.item, self.book
        assert item is not None and book is not None  # noqa: S101, PT018 - as above
        found = await self._desk.find(errand.spec, (item.intended_at or 0.0) - CLOCK_SKEW)
        others = [other async for other in book.items() if other.key != item.key]
        job = only_match(found, item, others)
        if job is None:
            await self._note(errand, state=ItemState.UNCERTAIN)
            raise SubmissionUnknownError(
                f"{item.key!r} may have been submitted by an earlier run, and no job can be told "
                "to be its own; look at the vendor's list, then reopen it, or leave it",
                spec=errand.spec,
            )
        await self._submitted(errand, job)

    async def _submitted(self, errand: Errand, job: Job[Any]) -> None:
        await self._note(
            errand,
            state=ItemState.SUBMITTED,
            token=job.token,
            submitted_at=time.time(),
            error=None,
        )
        self._started(errand, job)

    async def _save(self, errand: Errand, job: Job[Any], result: Any) -> Outcome[Any]:
        """Save the file of a job that has completed."""
        url = kind_for(type(errand.spec)).download_url(result)
        path, problem = None, None
        if self._targets is not None and url is not None:
            target = self._targets.path(errand.index, errand.key, url)
            try:
                path = await job.download(target, overwrite=True)
            except HeyGenError as error:
                problem = error
        message = None if problem is None else str(problem)
        await self._end(errand, ItemState.COMPLETED, message, path=path)
        return self._outcome(errand, result=result, path=path, error=problem or errand.trouble)

    async def _end(
        self,
        errand: Errand,
        state: ItemState,
        error: str | None,
        code: str | None = None,
        path: Path | None = None,
    ) -> None:
        await self._note(
            errand,
            state=state,
            error=None if error is None else redact_text(error),
            error_code=code,
            path=None if path is None else str(path),
            ended_at=time.time(),
        )

    async def _note(self, errand: Errand, **changes: Any) -> None:
        """Write what has changed; trouble is kept, for the batch must not go on without a ledger.

        The next note of the errand writes all of it again.
        """
        if self.book is None or errand.item is None:
            return
        errand.item = attrs.evolve(errand.item, **changes)
        try:
            await self.book.put(errand.item)
        except LedgerError as error:
            errand.trouble = self.trouble = error
            logger.warning("not written: %s %s", errand.key, errand.item.token or "")
        else:
            errand.trouble = None

    async def _digest(self, spec: Spec[Any]) -> str:
        if reads_files(spec):
            return await asyncio.to_thread(self._digests.digest, spec)
        return self._digests.digest(spec)

    def _outcome(self, errand: Errand, **how: Any) -> Outcome[Any]:
        return Outcome(index=errand.index, spec=errand.spec, key=errand.key, job=errand.job, **how)


def _new_item(key: str, digest: str, spec: Spec[Any]) -> LedgerItem:
    kind = kind_for(type(spec))
    labels = tuple(search.label for search in kind.searches(spec))
    return LedgerItem(key=key, digest=digest, state=ItemState.OPEN, kind=kind.name, labels=labels)
