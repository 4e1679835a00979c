"""The clients: who owns what, and in what order it closes."""

from __future__ import annotations

import functools
import os
import weakref
from typing import TYPE_CHECKING, Any, Self, TypedDict, TypeVar, Unpack

from heygen_async.batch.runner import Runner
from heygen_async.batch.worker import Worker
from heygen_async.errors import InvalidRequestError
from heygen_async.jobs.desk import Desk
from heygen_async.jobs.poller import Poller
from heygen_async.jobs.slots import SlotLimiter, Slots, in_slot
from heygen_async.models._checks import is_http_url
from heygen_async.models.policies import PollPolicy, RetryPolicy
from heygen_async.models.statistics import Statistics
from heygen_async.protocol.dialects import HEYGEN, Dialect
from heygen_async.protocol.request import Request, query
from heygen_async.resources.media import Assets, Uploads, Voices
from heygen_async.resources.videos import Videos
from heygen_async.transport.downloads import Downloader
from heygen_async.transport.http import ApiKey, Transport
from heygen_async.transport.uploads import Uploader

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
    from pathlib import Path
    from types import TracebackType

    import aiohttp

    from heygen_async.batch.ledger import Ledger
    from heygen_async.batch.outcome import Outcome
    from heygen_async.jobs.job import Job
    from heygen_async.models.jobs import Spec
    from heygen_async.resources.avatars import Avatars
    from heygen_async.resources.legacy import V2
    from heygen_async.resources.users import Users

T = TypeVar("T")


class _Options(TypedDict, total=False):
    """The keyword options of a client."""

    base_url: str | None
    session: aiohttp.ClientSession | None
    max_concurrent_jobs: int | SlotLimiter
    poll: PollPolicy
    retry: RetryPolicy
    timeout: float | None


class _Client:
    """What both clients share; a subclass brings its dialect and hangs up its namespaces."""

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
    ) -> None:
        self._slots = _find_slots(max_concurrent_jobs)
        self._transport = Transport(
            dialect,
            api_key=_find_key(dialect, api_key),
            base_url=_find_url(dialect, base_url),
            session=session,
            retry=retry,
            timeout=timeout,
        )
        self._poller = Poller(self._transport.send_once, poll, retry)
        self._uploader = Uploader(self._transport.send, dialect.files)
        downloader = Downloader(lambda: self._transport.session, retry)
        self._desk = Desk(self._transport, self._uploader, downloader, self._poller)
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


class HeyGen(_Client):
    """An asyncio session with HeyGen; use it as ``async with HeyGen() as heygen``.

    ``api_key`` comes from ``HEYGEN_API_KEY`` and ``base_url`` from ``HEYGEN_BASE_URL`` where
    they are not given. A lent ``session`` is never closed. ``max_concurrent_jobs`` bounds how
    many jobs of ``run`` and ``map`` are in flight at the vendor (10 on its pay-as-you-go plan); it
    takes a ``SlotLimiter``, too. ``timeout`` is for one API request, in seconds: by default 30
    for reads and 120 for writes.

    Raises ``InvalidRequestError`` if there is no key.
    """

    def __init__(self, api_key: str | None = None, **options: Unpack[_Options]) -> None:
        super().__init__(HEYGEN, api_key, **options)
        self.videos = Videos(self._transport, self._desk)
        self.assets = Assets(self._transport, self._uploader)
        self.voices = Voices(self._transport)

    # The rest is loaded by those who use it: the import stays quick.

    @functools.cached_property
    def avatars(self) -> Avatars:
        """Avatars and their looks."""
        from heygen_async.resources.avatars import Avatars  # noqa: PLC0415

        return Avatars(self._transport, self._desk)

    @functools.cached_property
    def users(self) -> Users:
        """The account."""
        from heygen_async.resources.users import Users  # noqa: PLC0415

        return Users(self._transport)

    @functools.cached_property
    def v2(self) -> V2:
        """The API that HeyGen retired on 2026-11-01; its first use gives one warning."""
        from heygen_async.resources.legacy import V2  # noqa: PLC0415

        return V2(self._transport, self._desk)


class JoggAI(_Client):
    """An asyncio session with JoggAI; use it as ``async with JoggAI() as jogg``.

    The options are those of ``HeyGen``, the variables ``JOGG_API_KEY`` and ``JOGG_BASE_URL``.
    POSTs keep to JoggAI's 20 in a minute by themselves, and none is ever sent twice.

    Raises ``InvalidRequestError`` if there is no key.
    """

    def __init__(self, api_key: str | None = None, **options: Unpack[_Options]) -> None:
        from heygen_async.protocol.jogg_dialect import JOGG  # noqa: PLC0415
        from heygen_async.resources import jogg  # noqa: PLC0415

        super().__init__(JOGG, api_key, **options)
        self.photo_avatars = jogg.JoggPhotoAvatars(self._transport, self._desk)
        self.videos = jogg.JoggVideos(self._desk)
        self.avatars = jogg.JoggAvatars(self._transport)
        self.assets = Uploads(self._uploader)
        self.voices = jogg.JoggVoices(self._transport)
        self.users = jogg.JoggUsers(self._transport)


def _find_key(dialect: Dialect, api_key: str | None) -> ApiKey:
    key = api_key if api_key is not None else os.environ.get(dialect.key_variable, "")
    if not isinstance(key, str) or not key.strip() or not key.isascii():
        raise InvalidRequestError(
            f"no {dialect.api} API key: set the environment variable {dialect.key_variable}, "
            "or pass api_key="
        )
    return ApiKey(key.strip())


def _find_slots(max_concurrent_jobs: int | SlotLimiter) -> SlotLimiter:
    if not isinstance(max_concurrent_jobs, int):
        if hasattr(max_concurrent_jobs, "acquire"):
            return max_concurrent_jobs
    elif max_concurrent_jobs >= 1:
        return Slots(max_concurrent_jobs)
    raise InvalidRequestError(
        "max_concurrent_jobs must be a whole number from 1, or a SlotLimiter, "
        f"not {max_concurrent_jobs!r}"
    )


def _find_url(dialect: Dialect, base_url: str | None) -> str:
    url = base_url or os.environ.get(dialect.url_variable) or dialect.base_url
    if not is_http_url(url):
        raise InvalidRequestError(
            f"base_url must be an http(s) URL such as {dialect.base_url!r}, not {url!r}"
        )
    return url
