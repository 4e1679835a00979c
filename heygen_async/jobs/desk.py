"""Where jobs begin: media up, one POST, and the handle; or a token, and the handle."""

from __future__ import annotations

import functools
import logging
import time
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from heygen_async.errors import InvalidRequestError, SubmissionUnknownError
from heygen_async.jobs.job import Job
from heygen_async.models.media import Asset
from heygen_async.models.telemetry import JobEvent
from heygen_async.protocol.idempotency import check_key
from heygen_async.protocol.kinds import kind_of, read_token
from heygen_async.protocol.local_media import local_media, with_assets
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from heygen_async.jobs.poller import Poller
    from heygen_async.jobs.watch import Watch
    from heygen_async.models.jobs import Spec
    from heygen_async.models.telemetry import Event
    from heygen_async.protocol.kinds import JobKind, Search
    from heygen_async.protocol.pages import Page
    from heygen_async.transport.downloads import Downloader
    from heygen_async.transport.http import Transport
    from heygen_async.transport.uploads import Uploader

T = TypeVar("T")

logger = logging.getLogger("heygen_async.jobs")


class Desk:
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
        self.submitted = 0
        self._transport = transport
        self._uploader = uploader
        self._downloader = downloader
        self._emit = emit

    async def submit(
        self,
        spec: Spec[T],
        idempotency_key: str | None = None,
        *,
        queued: bool = False,
        before: Callable[[str | None], Awaitable[None]] | None = None,
    ) -> Job[T]:
        """Upload the spec's local media, submit it once, and return its job.

        A ``queued`` spec comes back with ``RateLimitError`` at its first 429. ``before`` is
        awaited when all is ready for the POST, with the key it will carry.
        """
        kind = kind_of(spec, self._transport.dialect.api)
        if idempotency_key is not None:
            self._check_key(kind, spec, idempotency_key)
        request = attrs.evolve(
            kind.create(await self._uploader.resolve(spec)),
            idempotency_key=idempotency_key,
            queued=queued,
        )
        request = self._transport.with_key(request)
        if before is not None:
            await before(request.idempotency_key)
        try:
            submission = await self._transport.send(request)
        except SubmissionUnknownError as error:
            error.spec = spec
            raise
        self.submitted += 1
        job: Job[T] = self._job(kind, spec, submission.id, time.time(), submission.word)
        logger.debug("submitted %s", job.token)
        if self._emit is not None:
            self._emit(JobEvent(token=job.token, kind=kind.name, status=job.status))
        return job

    def attach(self, token: str) -> Job[Any]:
        """Return the job of a token; nothing is sent."""
        kind, job_id, created_at = read_token(token, self._transport.dialect.api)
        return Job(self, self.poller.watch(kind, job_id, created_at=created_at, word=""))

    async def find(self, spec: Spec[T], since: float) -> Sequence[Job[T]]:
        """Return the jobs that carry the spec's label and were created ``since`` (Unix seconds)."""
        kind = kind_of(spec, self._transport.dialect.api)
        found: dict[str, Job[T]] = {}
        for search in kind.searches(spec):
            async for item in pages(functools.partial(self._page, search)):
                trace = search.trace(item)
                at = since if trace.created_at is None else trace.created_at
                if trace.label == search.label and at >= since:
                    found[trace.id] = self._job(kind, spec, trace.id, at, "")
        return list(found.values())

    async def _page(self, search: Search, token: str | None) -> Page[Any]:
        return await self._transport.send(search.page(token))

    def _job(
        self, kind: JobKind[T], spec: Spec[T], job_id: str, created_at: float, word: str
    ) -> Job[T]:
        watch = self.poller.watch(
            kind,
            job_id,
            created_at=created_at,
            word=word,
            size=kind.size(spec),
            variant=str(getattr(spec, "resolution", None) or ""),
        )
        return Job(self, watch)

    def _check_key(self, kind: JobKind[T], spec: Spec[T], key: str) -> None:
        """Refuse a key that is none, or that the operation does not honour; nothing is sent."""
        check_key(key)
        uploaded = {item: Asset(id="uploaded") for item, _ in local_media(spec)}
        request = kind.create(with_assets(spec, uploaded))
        if not self._transport.dialect.honours_key(request.method, request.path):
            raise InvalidRequestError(
                f"{request.method} {request.path} honours no idempotency key; leave it out"
            )

    async def save(self, watch: Watch, path: Path) -> Path:
        """Save the file of an ended job under ``path``."""
        pick = watch.kind.download_url

        async def renew() -> str | None:
            detail = await self._transport.send(watch.kind.look(watch.id))
            return None if detail.result is None else pick(detail.result)

        url = None if watch.detail is None else pick(watch.detail.result)
        return await self._downloader.save(url, path, renew=renew)
