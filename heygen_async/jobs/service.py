"""Where jobs begin: media up, one POST, and the handle; or a token, and the handle."""

from __future__ import annotations

import asyncio
import copy
import functools
import logging
import time
import uuid
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from heygen_async.errors import (
    AuthenticationError,
    DownloadError,
    HeyGenError,
    InvalidRequestError,
    PermissionDeniedError,
    ResponseError,
    SubmissionUnknownError,
)
from heygen_async.jobs.batch import Batch
from heygen_async.jobs.job import Job
from heygen_async.jobs.limiter import SharedSlots
from heygen_async.models.jobs import Orphan
from heygen_async.models.telemetry import JobEvent, OrphanEvent
from heygen_async.protocol.batches import check_batch, create_batch, get_batch, refusal
from heygen_async.protocol.idempotency import CLOCK_SKEW, check_key
from heygen_async.protocol.kinds import usable_id
from heygen_async.protocol.request import Submission
from heygen_async.transport.http import PostHooks
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from heygen_async.jobs.limiter import SlotLimiter
    from heygen_async.jobs.poller import Poller
    from heygen_async.jobs.tracked import TrackedJob
    from heygen_async.models.batches import BatchDetail, BatchItem
    from heygen_async.models.jobs import Spec
    from heygen_async.models.policies import RetryPolicy
    from heygen_async.models.telemetry import Event
    from heygen_async.protocol.kinds import JobKind, Search
    from heygen_async.protocol.operations import Page
    from heygen_async.protocol.request import Request
    from heygen_async.transport.downloads import Downloader
    from heygen_async.transport.http import Transport
    from heygen_async.transport.rate_limiter import Pace
    from heygen_async.transport.uploads import Uploader

T = TypeVar("T")

logger = logging.getLogger("heygen_async.jobs")

MAX_ORPHANS = 10_000
"""How many orphans are remembered; each has been logged, too."""

SEARCH_WINDOW = 3600.0
"""Seconds after its submission by which a job was created that is taken for a lost one."""


@attrs.define
class _Record:
    """What a service has submitted, and what was paid while its caller was gone."""

    submitted: int = 0
    orphans: dict[str, Orphan] = attrs.field(factory=dict)


class JobService:
    """Submits specs and finds submitted jobs again."""

    def __init__(
        self,
        transport: Transport,
        uploader: Uploader,
        downloader: Downloader,
        poller: Poller,
        emit: Callable[[Event], None] | None = None,
    ) -> None:
        self.poller = poller
        self.transport = transport
        self.uploader = uploader
        self._record = _Record()
        self.downloader = downloader
        self._emit = emit

    def with_options(
        self,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        rate_limiter: Pace | None = None,
    ) -> JobService:
        """Return a service whose requests have other options, where they are given.

        The poller, whose requests are for all, keeps those of the client.
        """
        transport = self.transport.with_options(
            timeout=timeout, retry=retry, headers=headers, rate_limiter=rate_limiter
        )
        if transport is self.transport:
            return self
        other = copy.copy(self)
        other.transport, other.uploader = transport, self.uploader.over(transport)
        other.downloader = attrs.evolve(self.downloader, policy=transport.retry)
        return other

    @property
    def submitted(self) -> int:
        """How many jobs were submitted."""
        return self._record.submitted

    def kind_of(self, spec: Spec[T]) -> JobKind[T]:
        """Return the kind of job that ``spec`` starts, or raise ``InvalidRequestError``."""
        return self.transport.vendor.kind_for(type(spec))

    def key_for(self, spec: Spec[Any], key: str | None) -> str | None:
        """Return the idempotency key of one logical call, however often it is tried.

        That is ``key``, or a new one where the operation honours one, else None. Raises
        ``InvalidRequestError`` for a key that is none, or that is not honoured.
        """
        kind = self.kind_of(spec)
        if key is None:
            return uuid.uuid4().hex if kind.honours_key else None
        if not kind.honours_key:
            raise InvalidRequestError(f"POST {kind.path} honours no idempotency key; leave it out")
        return check_key(key)

    def in_slots(self, slots: SlotLimiter) -> JobService:
        """Return a service that counts with all who share ``slots``, if several processes do."""
        if not isinstance(slots, SharedSlots):
            return self
        slots.for_account(self.transport.account)
        window = self.transport.vendor.posts_per_window
        return self if window is None else self.with_options(rate_limiter=slots.pace(*window))

    async def request_for(self, spec: Spec[Any]) -> Request[Submission]:
        """Return the POST that submits ``spec`` as one job; its local media are uploaded for it."""
        kind = self.kind_of(spec)
        if kind.parts(spec) > 1:
            raise InvalidRequestError(
                f"this {type(spec).__name__} leads to {kind.parts(spec)} jobs: submit it by the "
                "create of its namespace, which returns them all, or give one spec for each"
            )
        return kind.create(await self.uploader.resolve(spec))

    async def submit(
        self,
        spec: Spec[T] | None,
        key: str | None,
        *,
        kind: JobKind[T] | None = None,
        request: Request[Submission] | None = None,
        **options: Any,
    ) -> Job[T]:
        """Submit the spec as ``submit_all`` does, and return its one job.

        ``request`` is what ``request_for`` gave for it. A ledger may know it, and the ``kind``,
        without the spec.
        """
        if spec is not None:
            kind, request = self.kind_of(spec), request or await self.request_for(spec)
        assert kind is not None and request is not None  # noqa: S101, PT018 - or there is no spec
        job, *others = await self._submit(kind, spec, key, request, **options)
        for other in others:  # more than were asked for, but paid
            self.report_orphan(spec, key, other)
        return job

    async def submit_all(self, spec: Spec[T], key: str | None, **options: Any) -> Sequence[Job[T]]:
        """Upload the spec's local media, submit it once, and return its jobs.

        ``key`` is from ``key_for``; ``key_sent_at`` says that an earlier run sent it first, in
        Unix seconds. A ``queued`` spec comes back with ``RateLimitError`` at its first 429.
        If the caller is cancelled while the POST is on its way, it is seen through and becomes an
        orphan, unless ``hooks`` take care of it.
        """
        kind = self.kind_of(spec)
        request = kind.create(await self.uploader.resolve(spec))
        return await self._submit(kind, spec, key, request, **options)

    async def _submit(
        self,
        kind: JobKind[T],
        spec: Spec[T] | None,
        key: str | None,
        request: Request[Submission],
        *,
        key_sent_at: float | None = None,
        queued: bool = False,
        hooks: PostHooks[Job[Any]] | None = None,
    ) -> Sequence[Job[T]]:
        if kind.key_field is not None:
            request = attrs.evolve(request, json={**request.json, kind.key_field: key})
        request = attrs.evolve(
            request,
            idempotency_key=key,
            key_sent_at=key_sent_at,
            queued=queued,
        )
        jobs: list[Job[T]] = []

        async def after(ended: Submission | HeyGenError) -> None:
            # Here and not after ``send``: a caller who was cancelled meanwhile never gets so far,
            # and the job that was paid for must be known all the same.
            if isinstance(ended, Submission):
                ids = ended.id, *ended.others
                jobs.extend(self._begun(kind, spec, attrs.evolve(ended, id=one)) for one in ids)
            elif isinstance(ended, SubmissionUnknownError):
                ended.spec = spec
            if hooks is not None:
                await hooks.after(jobs[0] if isinstance(ended, Submission) else ended)

        def abandoned(_submission: Submission | None) -> None:
            if hooks is not None:
                hooks.abandoned(jobs[0] if jobs else None)
            else:
                for job in jobs or (None,):
                    self.report_orphan(spec, key, job)

        before, posts = (hooks.before, hooks.tasks) if hooks else (_nothing, set())
        try:
            await self.transport.send(request, PostHooks(before, after, abandoned, posts))
        except SubmissionUnknownError as error:
            error.spec = spec
            raise
        return jobs

    def when_ended(self, job: Job[Any], then: Callable[[bool], object]) -> None:
        """Call ``then`` when the job has ended; see ``Poller.when_ended``."""
        self.poller.when_ended(job._tracked, then)  # noqa: SLF001 - it made the job

    @property
    def orphans(self) -> tuple[Orphan, ...]:
        """What was reported by ``report_orphan``, oldest first."""
        return tuple(self._record.orphans.values())

    def report_orphan(self, spec: Spec[Any] | None, key: str | None, job: Job[Any] | None) -> None:
        """Tell of a submission whose caller is gone: nobody else knows that it may be paid."""
        if spec is None:  # taken over by a ledger, whose row leads to the job
            logger.warning("left: %s, idempotency key %s", job and job.token, key)
            return
        known_by = uuid.uuid4().hex if job is None else job.token
        orphans = self._record.orphans
        if known_by in orphans:  # seen through in the moment in which its wait was cancelled
            return
        orphans[known_by] = Orphan(spec=spec, job=job, idempotency_key=key)
        if len(orphans) > MAX_ORPHANS:
            del orphans[next(iter(orphans))]
        if job is not None:
            line = "cancelled, but the job goes on; attach(%r) finds it again"
            logger.warning(line, job.token)
        else:
            line = "cancelled with its answer unknown: %s, idempotency key %s; it may be paid"
            logger.warning(line, type(spec).__name__, key)
        if self._emit is not None:
            token = None if job is None else job.token
            kind = self.kind_of(spec)
            self._emit(OrphanEvent(token=token, kind=kind.name, idempotency_key=key))

    def report_batch(self, specs: Sequence[Spec[Any]], key: str, batch_id: str | None) -> None:
        """Tell of a batch whose caller is gone: each of its items may be paid."""
        if key in self._record.orphans:
            return
        self._record.orphans[key] = Orphan(spec=specs[0], idempotency_key=key, batch=tuple(specs))
        kind = self.kind_of(specs[0])
        line = "cancelled amid a batch of %d %s: id %s, idempotency key %s; it may be paid"
        logger.warning(line, len(specs), kind.name, batch_id or "unknown", key)
        if self._emit is not None:
            self._emit(OrphanEvent(token=None, kind=kind.name, idempotency_key=key))

    def attach(self, token: str) -> Job[Any]:
        """Return the job of a token; nothing is sent."""
        kind, job_id, created_at = self.transport.vendor.read_token(token)
        return Job(self, self.poller.track(kind, job_id, created_at=created_at, word=""))

    def find_by_id(self, kind_name: str, job_id: str) -> Job[Any]:
        """Return the job of that kind and id; nothing is sent."""
        kind = self.transport.vendor.kind_named(kind_name)
        return self.attach(kind.token(usable_id(job_id), int(time.time())))

    async def find(self, spec: Spec[T], sent_at: float, *, unique: bool) -> Sequence[Job[T]]:
        """Return the jobs that carry the spec's label and may be of its submission then.

        A label that is not ``unique`` may be somebody else's, so the vendor has to say that the
        job was created about when the spec was ``sent_at`` (Unix seconds).
        """
        kind = self.kind_of(spec)
        found: dict[str, Job[T]] = {}
        for search in kind.searches(spec):
            async for item in pages(functools.partial(self._page, search)):
                trace = search.trace(item)
                if trace.id is None or trace.label != search.label or trace.id in found:
                    continue
                created_at = (await self.transport.send(kind.get_status(trace.id))).created_at
                if created_at is None and not unique:
                    continue
                age = 0.0 if created_at is None else created_at - sent_at
                if -CLOCK_SKEW <= age <= SEARCH_WINDOW:
                    tracked = self.poller.track(
                        kind, trace.id, created_at=created_at or sent_at, word="", spec=spec
                    )
                    found[trace.id] = Job(self, tracked)
        return list(found.values())

    async def _page(self, search: Search, token: str | None) -> Page[Any]:
        return await self.transport.send(search.page(token))

    async def resolve(self, spec: Spec[T]) -> Spec[T]:
        """Return the spec with its local media uploaded."""
        return await self.uploader.resolve(spec)

    async def create_batch(
        self, kind: JobKind[T], specs: Sequence[Spec[T]], key: str | None, **options: Any
    ) -> Batch[T]:
        """Upload local media, submit the specs by one POST, and return their batch.

        If the caller is cancelled while the POST is on its way, it is seen through and becomes an
        orphan.
        """
        check_batch(kind, specs)  # before any file goes up
        key = uuid.uuid4().hex if key is None else check_key(key)
        resolved = [await self.resolve(spec) for spec in specs]

        async def after(_ended: str | HeyGenError) -> None:
            """Write nothing down."""

        def abandoned(batch_id: str | None) -> None:
            self.report_batch(specs, key, batch_id)

        try:
            batch_id = await self.submit_batch(
                resolved, key, PostHooks(_nothing, after, abandoned), **options
            )
        except SubmissionUnknownError as error:
            error.spec = tuple(specs)
            raise
        return Batch(self, kind, batch_id, specs)

    async def submit_batch(
        self,
        specs: Sequence[Spec[Any]],
        key: str,
        hooks: PostHooks[str],
        *,
        key_sent_at: float | None = None,
        queued: bool = False,
        **options: Any,
    ) -> str:
        """Submit specs without local media by one POST, and return the id of their batch."""
        kind = self.kind_of(specs[0])
        request = attrs.evolve(
            create_batch(kind, specs, **options),
            idempotency_key=key,
            key_sent_at=key_sent_at,
            queued=queued,
        )
        return await self.transport.send(request, hooks)

    async def read_batch(self, kind: JobKind[Any], batch_id: str) -> BatchDetail:
        """Return a batch with all of its items."""
        detail, page = await self.transport.send(get_batch(kind, batch_id))
        items = {item.item_index: item for item in page.items}
        while page.next_token is not None and len(items) < detail.total_items:
            _, page = await self.transport.send(get_batch(kind, batch_id, page.next_token))
            if not page.items:
                break
            items |= {item.item_index: item for item in page.items}
        return attrs.evolve(detail, items=tuple(items[index] for index in sorted(items)))

    async def batch_items(
        self, kind: JobKind[Any], batch_id: str, size: int
    ) -> AsyncIterator[Mapping[int, BatchItem]]:
        """Look at a batch until all of its items have an id or were refused; yield those that have.

        Trouble is put up with for the ``error_budget``; then it is raised, and
        so is ``ResponseError`` if the batch has not as many items as were submitted, or has ended
        without telling of all.
        """
        policy, loop = self.poller.policy, asyncio.get_running_loop()
        delay, good_at = min(1.0, policy.interval), loop.time()
        while True:
            try:
                detail = await self.read_batch(kind, batch_id)
            except (AuthenticationError, PermissionDeniedError):
                raise
            except HeyGenError:
                closed = self.transport.closed
                if closed or loop.time() - good_at > policy.error_budget:
                    raise
            else:
                good_at = loop.time()
                if detail.total_items != size:
                    raise ResponseError(
                        f"batch {batch_id} has {detail.total_items} items where {size} were sent"
                    )
                settled = {
                    item.item_index: item
                    for item in detail.items
                    if item.video_id is not None or refusal(kind, item) is not None
                }
                yield settled
                if settled.keys() >= set(range(size)):
                    return
                if kind.status(detail.status).terminal and len(detail.items) >= size:
                    raise ResponseError(f"batch {batch_id} has ended without an id for each item")
            await asyncio.sleep(delay)
            delay = min(delay * 1.5, policy.max_interval)

    def begun(self, spec: Spec[T], job_id: str) -> Job[T]:
        """Return the job of an item of a batch that has got its id, and tell of it."""
        kind = self.kind_of(spec)
        return self._begun(kind, spec, Submission(id=usable_id(job_id), word=kind.first_word))

    def _begun(self, kind: JobKind[T], spec: Spec[T] | None, submission: Submission) -> Job[T]:
        """Return the job of a submission that was accepted, and tell of it."""
        self._record.submitted += 1
        tracked = self.poller.track(
            kind, submission.id, created_at=time.time(), word=submission.word, spec=spec
        )
        job: Job[T] = Job(self, tracked)
        job.warning, job.details = submission.warning, submission.details
        logger.debug("submitted %s", job)
        if job.warning is not None:
            logger.warning("%s was accepted with a warning: %s", tracked.token, job.warning)
        if self._emit is not None:
            event = JobEvent(token=tracked.token, kind=kind.name, status=tracked.status)
            self._emit(event)
        return job

    async def save(self, tracked: TrackedJob, path: Path, name: str | None = None) -> Path:
        """Save a file of an ended job under ``path``: the main one, or the one of that name."""
        kind = tracked.kind

        def pick(result: Any) -> str | None:
            return kind.download_url(result) if name is None else kind.file_url(result, name)

        async def renew() -> str | None:
            # A result's URL expires; the job's status gives a fresh one, and nothing is rendered.
            snapshot = await self.transport.send(tracked.kind.get_status(tracked.id))
            return None if snapshot.result is None else pick(snapshot.result)

        url = None if tracked.snapshot is None else pick(tracked.snapshot.result)
        # What is made beside the main file may come later, or was never asked for.
        if url is None and name is not None and (url := await renew()) is None:
            raise DownloadError(
                f"{tracked.token} has no {name} file: it was not asked for, or is not made yet; "
                "captions, for example, are made where the spec has them"
            )
        return await self.downloader.save(url, path, renew=renew)


async def _nothing() -> None:
    """Do nothing before a POST that nobody writes down."""
