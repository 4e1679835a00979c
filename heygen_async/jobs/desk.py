"""Where jobs begin: media up, one POST, and the handle; or a token, and the handle."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from heygen_async.errors import InvalidRequestError, SubmissionUnknownError
from heygen_async.jobs.job import Job
from heygen_async.protocol.idempotency import check_key
from heygen_async.protocol.kinds import kind_of, read_token

if TYPE_CHECKING:
    from pathlib import Path

    from heygen_async.jobs.poller import Poller
    from heygen_async.jobs.watch import Watch
    from heygen_async.models.jobs import Spec
    from heygen_async.transport.downloads import Downloader
    from heygen_async.transport.http import Transport
    from heygen_async.transport.uploads import Uploader

T = TypeVar("T")

logger = logging.getLogger("heygen_async.jobs")


class Desk:
    """Submits specs and finds submitted jobs again."""

    def __init__(
        self, transport: Transport, uploader: Uploader, downloader: Downloader, poller: Poller
    ) -> None:
        self.poller = poller
        self.submitted = 0
        self._transport = transport
        self._uploader = uploader
        self._downloader = downloader

    async def submit(self, spec: Spec[T], idempotency_key: str | None) -> Job[T]:
        """Upload the spec's local media, submit it once, and return its job."""
        dialect = self._transport.dialect
        kind = kind_of(spec, dialect.api)
        if idempotency_key is not None:
            check_key(idempotency_key)
        request = kind.create(await self._uploader.resolve(spec))
        if idempotency_key is not None:
            if not dialect.honours_key(request.method, request.path):
                raise InvalidRequestError(
                    f"{request.method} {request.path} honours no idempotency key; leave it out"
                )
            request = attrs.evolve(request, idempotency_key=idempotency_key)
        try:
            submission = await self._transport.send(request)
        except SubmissionUnknownError as error:
            error.spec = spec
            raise
        self.submitted += 1
        watch = self.poller.watch(
            kind,
            submission.id,
            created_at=time.time(),
            word=submission.word,
            size=kind.size(spec),
            variant=str(getattr(spec, "resolution", None) or ""),
        )
        job: Job[T] = Job(self, watch)
        logger.debug("submitted %s", job.token)
        return job

    def attach(self, token: str) -> Job[Any]:
        """Return the job of a token; nothing is sent."""
        kind, job_id, created_at = read_token(token, self._transport.dialect.api)
        return Job(self, self.poller.watch(kind, job_id, created_at=created_at, word=""))

    async def save(self, watch: Watch, path: Path) -> Path:
        """Save the file of an ended job under ``path``."""
        pick = watch.kind.download_url

        async def renew() -> str | None:
            detail = await self._transport.send(watch.kind.look(watch.id))
            return None if detail.result is None else pick(detail.result)

        url = None if watch.detail is None else pick(watch.detail.result)
        return await self._downloader.save(url, path, renew=renew)
