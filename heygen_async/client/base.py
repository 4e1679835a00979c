"""What both clients share: who owns what, and in what order it closes."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Any, Self, TypedDict, TypeVar

from heygen_async.client.settings import (
    find_key,
    find_slots,
    find_url,
    guarded,
    start_logging,
)
from heygen_async.errors import InvalidRequestError
from heygen_async.jobs.desk import Desk
from heygen_async.jobs.poller import Poller
from heygen_async.jobs.slots import SlotLimiter, in_slot
from heygen_async.models.policies import PollPolicy, RetryPolicy
from heygen_async.models.statistics import Statistics
from heygen_async.protocol.addresses import is_local
from heygen_async.protocol.request import Request, query
from heygen_async.transport.downloads import MAX_BYTES, Downloader
from heygen_async.transport.http import Transport
from heygen_async.transport.uploads import Uploader

if TYPE_CHECKING:
    import asyncio
    from collections.abc import (
        AsyncGenerator,
        AsyncIterable,
        Callable,
        Iterable,
        Mapping,
        Sequence,
    )
    from pathlib import Path
    from types import TracebackType

    import aiohttp

    from heygen_async.batch.ledger import Ledger
    from heygen_async.batch.outcome import Outcome
    from heygen_async.batch.runner import Runner
    from heygen_async.jobs.job import Job
    from heygen_async.jobs.poller import History
    from heygen_async.models.jobs import Spec
    from heygen_async.models.telemetry import Event
    from heygen_async.protocol.dialects import Dialect

T = TypeVar("T")


class Options(TypedDict, total=False):
    """The keyword options of a client."""

    base_url: str | None
    session: aiohttp.ClientSession | None
    max_concurrent_jobs: int | SlotLimiter
    poll: PollPolicy
    retry: RetryPolicy
    timeout: float | None
    on_event: Callable[[Event], object] | None
    max_download_bytes: int
    allow_private_hosts: bool


class Client:
    """A session with one vendor; a subclass brings the dialect and hangs up the namespaces."""

    _history: History | None = None

    def __init__(
        self,
        dialect: Dialect,
        api_key: str | None,
        *,
        base_url: str | None = None,
        session: aiohttp.ClientSession | None = None,
        max_concurrent_jobs: int | SlotLimiter = 10,
        poll: PollPolicy = PollPolicy(),  # noqa: B008 - a frozen value
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - a frozen value
        timeout: float | None = None,
        on_event: Callable[[Event], object] | None = None,
        max_download_bytes: int = MAX_BYTES,
        allow_private_hosts: bool = False,
    ) -> None:
        start_logging()
        emit = guarded(on_event)
        base_url = find_url(dialect, base_url)
        self._slots = find_slots(max_concurrent_jobs)
        self._transport = Transport(
            dialect,
            api_key=find_key(dialect, api_key),
            base_url=base_url,
            session=session,
            retry=retry,
            timeout=timeout,
            emit=emit,
        )
        self._poller = Poller(self._transport.send_once, poll, retry, self._history, emit)
        self._uploader = Uploader(self._transport.send, dialect.files)
        downloader = Downloader(
            lambda: self._transport.session,
            retry,
            max_bytes=max_download_bytes,
            open_to_all=allow_private_hosts or is_local(base_url),
        )
        self._desk = Desk(self._transport, self._uploader, downloader, self._poller, emit)
        self._retry = retry
        self._batches: weakref.WeakSet[Runner] = weakref.WeakSet()

    async def submit(self, spec: Spec[T], *, idempotency_key: str | None = None) -> Job[T]:
        """Submit ``spec`` and return its job at once.

        Local media of the spec are uploaded first. The call is paid once: it is sent again only
        with the same idempotency key, or if it surely was not accepted. Raises
        ``InvalidRequestError`` before anything is sent, ``SubmissionUnknownError`` if the answer
        is lost for good, and ``APIError``.
        """
        return await self._desk.submit(spec, idempotency_key)

    async def run(
        self,
        spec: Spec[T],
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - passed on to wait
    ) -> T:
        """Submit ``spec`` and wait for its result.

        One of ``max_concurrent_jobs`` slots is held from before the submission until the job has
        ended; after a 429 the spec waits for the next one at the head of the queue. ``timeout``
        bounds the wait from the submission on, in seconds. Raises what ``submit`` and
        ``Job.wait`` raise.
        """
        submit = functools.partial(self._desk.submit, spec, idempotency_key, queued=True)
        async with in_slot(self._slots, submit, self._retry) as job:
            return await job.wait(timeout)

    def map(
        self,
        specs: Iterable[Spec[T]] | AsyncIterable[Spec[T]],
        *,
        key: Callable[[Any], str] | None = None,
        ledger: Ledger | None = None,
        download_to: str | Path | None = None,
        stop: asyncio.Event | None = None,
        on_submit: Callable[[Outcome[T]], object] | None = None,
    ) -> AsyncGenerator[Outcome[T], None]:
        """Render ``specs`` and yield their outcomes as they end; a failure is an outcome.

        Specs are taken as slots of ``max_concurrent_jobs`` get free, so there may be any number
        of them. ``download_to`` is a folder for the files, named after ``key(spec)`` or counted.
        With a ``ledger`` a run that was cut short goes on where it was, each spec known by its
        ``key(spec)``; without one, ``key`` is only a name.

        ``on_submit`` is called with what is known of an item when its job has been started or
        found again. When ``stop`` is set nothing more is submitted, and what runs is waited for.
        Leaving the loop ends the waits; the renders go on. Raises ``InvalidRequestError`` for
        options that make no sense, ``LedgerError`` when the ledger fails, and what ``specs``
        raises, the last two after all that runs has ended.
        """
        from heygen_async.batch.runner import Runner  # noqa: PLC0415 - the import stays quick
        from heygen_async.batch.worker import Worker  # noqa: PLC0415

        worker = Worker(
            self._desk,
            self._slots,
            self._retry,
            book=ledger,
            download_to=download_to,
            on_submit=on_submit,
        )
        batch = Runner(specs, worker, key=key, stop=stop, window=2 * self._slots.limit)
        self._batches.add(batch)
        return batch.outcomes()

    def attach(self, token: str) -> Job[Any]:
        """Return the job of a ``Job.token``, also one of another process; sends nothing.

        Raises ``InvalidRequestError`` if it is no token of this API.
        """
        return self._desk.attach(token)

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, object] | None = None,
    ) -> Any:
        """Call any endpoint with the same key, retries and errors; return the parsed JSON.

        ``path`` starts with a slash, such as ``/v3/lipsyncs``. A POST gets an idempotency key
        where the operation honours one, and is sent once where it does not; if its answer is
        lost, that raises ``SubmissionUnknownError``.
        """
        if not path.startswith("/"):
            raise InvalidRequestError(f"path must start with '/', not {path!r}")
        call: Request[Any] = Request(
            method=method.upper(),
            path=path,
            json=json,
            params=query(**(params or {})),
            decode=lambda payload: payload,
            paid=method.upper() in ("POST", "PATCH"),
        )
        return await self._transport.send(call)

    def statistics(self) -> Statistics:
        """Return what this client has done so far, in numbers."""
        sent, polled = self._transport.counters, self._poller.counters
        places = polled.bulk_polls * 100
        return Statistics(
            requests=sent.requests,
            retries=sent.retries,
            rate_limited=sent.rate_limited,
            polls=polled.polls,
            bulk_polls=polled.bulk_polls,
            bulk_rows=polled.bulk_rows,
            bulk_fill=polled.bulk_rows / places if places else 0.0,
            details=polled.details,
            jobs_submitted=self._desk.submitted,
            jobs_waiting=self._poller.waiting,
            jobs_ended=polled.ended,
            lag=self._poller.lag,
            durations=self._poller.durations(),
        )

    @property
    def api(self) -> str:
        """The vendor's name, ``HeyGen`` or ``JoggAI``."""
        return self._transport.dialect.api

    def _hint(self, kinds: Sequence[str], job_id: str, *, signed: bool) -> None:
        """Look at a job that a webhook spoke of, if anybody waits for it."""
        self._poller.hint(kinds, job_id, signed=signed)

    async def aclose(self) -> None:
        """End open waits with an error, close the session if it is owned; renders go on."""
        for batch in list(self._batches):
            await batch.aclose()
        await self._poller.aclose()
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
