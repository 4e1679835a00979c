"""What both clients share: who owns what, and in what order it closes."""

from __future__ import annotations

import asyncio
import copy
import functools
import weakref
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from heygen_async.client.settings import (
    find_key,
    find_slots,
    find_url,
    guarded,
    hidden,
    start_logging,
)
from heygen_async.errors import InvalidRequestError, TransportError
from heygen_async.jobs.limiter import SlotLimiter, give_back, hold_slot, submit_in_slot
from heygen_async.jobs.poller import Poller
from heygen_async.jobs.service import JobService
from heygen_async.models._words import Described
from heygen_async.models.policies import PollPolicy, RetryPolicy
from heygen_async.models.statistics import Statistics
from heygen_async.protocol.addresses import is_local
from heygen_async.protocol.idempotency import check_key, one_key
from heygen_async.protocol.operations import query
from heygen_async.protocol.request import Request
from heygen_async.resources.collection import Namespace
from heygen_async.transport.downloads import MAX_BYTES, Downloader
from heygen_async.transport.http import Transport
from heygen_async.transport.uploads import Uploader

if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterable,
        Callable,
        Iterable,
        Mapping,
        Sequence,
    )
    from pathlib import Path
    from ssl import SSLContext
    from types import TracebackType

    import aiohttp

    from heygen_async.batch.item import BadRow, Submitted
    from heygen_async.batch.ledger import Ledger
    from heygen_async.batch.map_run import MapRun, Outcomes
    from heygen_async.jobs.job import Job
    from heygen_async.jobs.poller import History
    from heygen_async.models.account import Balance
    from heygen_async.models.jobs import Orphan, Spec
    from heygen_async.models.telemetry import Event
    from heygen_async.protocol.result_files import AssetName
    from heygen_async.protocol.vendors import Vendor

T = TypeVar("T")


class _Submit(Generic[T]):
    """One submission, however often it is tried, and its job once there is one."""

    def __init__(self, service: JobService, spec: Spec[T], key: str | None) -> None:
        self._service, self._spec, self._key = service, spec, key
        self._job: Job[T] | None = None

    async def __call__(self) -> Job[T]:
        self._job = await self._service.submit(self._spec, self._key, queued=True)
        return self._job

    def report(self) -> None:
        """Tell of the job, for whoever submitted it is gone."""
        if self._job is not None:
            self._service.report_orphan(self._spec, self._key, self._job)


class Client(Described):
    """A session with one vendor; a subclass brings the vendor and hangs up the namespaces."""

    _history: History | None = None

    def __init__(
        self,
        api_key: str | None = None,
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
        prepare: bool = False,
        proxy: str | None = None,
        ssl: SSLContext | None = None,
    ) -> None:
        """Make a client, which sends nothing yet.

        - ``api_key`` is the account's key; without it the one in the vendor's variable.
        - ``base_url`` is another address of the API, such as that of an emulator; without it the
          one in the vendor's variable, or the vendor's own.
        - ``session`` is an ``aiohttp.ClientSession`` that is lent, and never closed; without it
          the client has one of its own.
        - ``max_concurrent_jobs`` bounds how many jobs of ``run`` and ``map`` are in flight at the
          vendor; a ``SlotLimiter`` may do so for several clients, and ``ledger.slots(10)`` of a
          ledger on PostgreSQL for all processes that have it.
        - ``poll`` says how often waiting jobs are looked at.
        - ``retry`` says how often a request is sent again, and after how long.
        - ``timeout`` is for one API request, in seconds; without it 30 for reads and 120 for
          writes.
        - ``on_event`` is called in the event loop with each request, retry, poll and change of a
          job (``heygen_async.models.telemetry``).
        - ``max_download_bytes`` is how large a file of a result may be (4 GiB).
        - ``allow_private_hosts`` lets such files come from any address, and without TLS; else they
          come by https from public addresses only, unless ``base_url`` itself is local or without
          TLS. Their names are looked up by the system's resolver, checked, and not looked up
          again; through a proxy it is the proxy that looks up.
        - ``prepare`` makes local pictures that the vendor would not take (HEIC, CMYK, turned by
          EXIF data, too large) into JPEG or PNG before they go up; that needs
          ``heygen-async[prepare]``.
        - ``proxy`` is the URL of an http(s) proxy for all requests, uploads and downloads; without
          it ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY`` are obeyed.
        - ``ssl`` is an ``ssl.SSLContext`` that says whom to trust; without it the system's
          certificates, or ``SSL_CERT_FILE``, do. A lent session has its own of both.

        ``with_options`` gives a client with other options. Raises ``InvalidRequestError`` if there
        is no key, or if what ``prepare`` needs is not installed.
        """
        api_key = hidden(api_key)  # before anything that may raise with the key in its frame
        vendor = self._load_vendor()
        start_logging()
        emit = guarded(on_event)
        base_url = find_url(vendor, base_url)
        self._slots = find_slots(max_concurrent_jobs)
        self._transport = Transport(
            vendor,
            api_key=find_key(vendor, api_key),
            base_url=base_url,
            session=session,
            retry=retry,
            timeout=timeout,
            emit=emit,
            proxy=proxy,
            ssl=ssl,
        )
        loop = self._transport.loop
        self._poller = Poller(
            self._transport.send_once, poll, retry, self._history, emit, loop=loop
        )
        uploader = Uploader(self._transport, prepare=prepare)
        downloader = Downloader(
            self._transport.session,
            retry,
            max_bytes=max_download_bytes,
            open_to_all=allow_private_hosts or is_local(base_url),
        )
        service = JobService(self._transport, uploader, downloader, self._poller, emit)
        self._service = service.in_slots(self._slots)
        self._transport = self._service.transport
        self._tasks: set[asyncio.Task[Any]] = set()  # what goes on behind ``submit``
        self._closed = False
        self._opened: Client | None = None  # of which this one is a copy with other options
        self._batches: weakref.WeakSet[MapRun[Any]] = weakref.WeakSet()
        self._add_namespaces()

    @staticmethod
    def _load_vendor() -> Vendor:
        """Return the vendor, loaded with its first client."""
        raise NotImplementedError

    def _add_namespaces(self) -> None:
        """Hang up the vendor's namespaces, loaded with its first client."""

    def with_options(
        self,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        max_concurrent_jobs: int | SlotLimiter | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a client with other options, where they are given; it costs next to nothing.

        It shares all else with this one: session, uploads, waits, statistics, ``orphans``. To
        close it closes nothing, it ends with this one. ``timeout`` is for one API request, in
        seconds, while a file may take 600 as ever; ``headers`` go out beside those it has, to the
        API alone. A number of ``max_concurrent_jobs`` gives it slots of its own. The looks at
        waiting jobs are for all, and have the options of the client that was opened.

        Raises ``InvalidRequestError`` for a header that is the client's own, such as the key's.
        """
        other = copy.copy(self)
        service = self._service.with_options(timeout=timeout, retry=retry, headers=headers)
        if max_concurrent_jobs is not None:
            other._slots = find_slots(max_concurrent_jobs)  # noqa: SLF001 - its own
            service = service.in_slots(other._slots)  # noqa: SLF001 - its own
        other._transport, other._service = service.transport, service  # noqa: SLF001 - its own
        other._opened = self._opened or self  # noqa: SLF001 - its own
        for name, part in vars(self).items():
            if isinstance(part, Namespace):
                setattr(other, name, part._over(service))  # noqa: SLF001 - for clients alone
        return other

    async def submit(
        self,
        spec: Spec[T],
        *,
        key: str | None = None,
        ledger: Ledger | None = None,
        idempotency_key: str | None = None,
        slot: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109 - of each request
        headers: Mapping[str, str] | None = None,
    ) -> Job[T]:
        """Submit ``spec`` and return its job at once.

        Local media of the spec are uploaded first. The call is paid once: it is sent again only
        with the same idempotency key, or if it surely was not accepted. ``key`` is that key, as is
        ``idempotency_key``; it is refused where the operation honours none (``honours_key``).

        With ``slot`` it waits for one of ``max_concurrent_jobs`` slots, as ``run`` does, and holds
        it until the job ends: the job is looked at meanwhile, whether or not anybody waits for
        it. A hold ends early with the client, and with an error that would end a wait.

        With a ``ledger`` the submission is written down under ``key``, as ``run`` does it, and so
        is the end of the job, if it comes before client and ledger are closed. A call with the
        same key gives the same job, whatever happened in between.

        ``timeout`` (seconds) and ``headers`` are for each request of this call. Raises
        ``InvalidRequestError`` before anything is sent, ``SubmissionUnknownError`` if the answer
        is lost for good, and ``APIError``; with a ledger ``LedgerError``, too.
        """
        service = self._service.with_options(timeout=timeout, headers=headers)
        key = one_key(key, idempotency_key)
        if ledger is not None:
            from heygen_async.batch.single import job_of  # noqa: PLC0415 - as in ``map``

            run = functools.partial(self._once, spec, key, ledger, service)
            return await job_of(run, key, self._tasks)
        key = service.key_for(spec, key)
        if not slot:
            return await service.submit(spec, key)
        self._transport.loop.check()  # before a slot is taken
        slots, submit = self._slots, _Submit(service, spec, key)
        try:
            job, held = await submit_in_slot(slots, submit, self._transport.retry)
        except asyncio.CancelledError:
            submit.report()
            raise

        def release(seen: bool) -> None:
            task = give_back(slots, held, **({} if seen else {"running": True}))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        service.when_ended(job, release)
        return job

    async def submit_all(
        self,
        spec: Spec[T],
        *,
        key: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - of each request
        headers: Mapping[str, str] | None = None,
    ) -> Sequence[Job[T]]:
        """Submit ``spec`` by one paid call and return all jobs that it leads to, in their order.

        A translation is one for each of its languages. Takes and raises what ``submit`` does
        without a ledger.
        """
        service = self._service.with_options(timeout=timeout, headers=headers)
        return await service.submit_all(spec, service.key_for(spec, one_key(key, idempotency_key)))

    async def run(
        self,
        spec: Spec[T],
        *,
        key: str | None = None,
        ledger: Ledger | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - passed on to wait
        headers: Mapping[str, str] | None = None,
        on_submit: Callable[[Job[T]], object] | None = None,
    ) -> T:
        """Submit ``spec`` and wait for its result.

        One of ``max_concurrent_jobs`` slots is held from before the submission until the job has
        ended; after a 429 the spec waits for the next one at the head of the queue. ``timeout``
        bounds the wait from the submission on, in seconds; that of a request is
        ``with_options(timeout=…)``. ``headers`` are for the requests of the submission, and
        ``on_submit`` is called with the job once it is there. Raises what ``submit`` and
        ``Job.wait`` raise. If it is cancelled, ``orphans`` has the job.

        With a ``ledger`` the spec is rendered once for its ``key``, however often and wherever
        this is called: whoever comes second waits for the first, what was cut short goes on, and
        of what has ended comes the result, with fresh URLs as long as the vendor has the job, or
        the failure. Another spec under the key is refused. The key goes to the vendor as the
        idempotency key of the first submission where the operation honours one, and it is one.
        """
        self._transport.loop.check()  # before a slot is taken
        service = self._service.with_options(headers=headers)
        key = one_key(key, idempotency_key)
        if ledger is not None:
            started = None if on_submit is None else lambda item: on_submit(item.job)
            from heygen_async.batch.single import result_of  # noqa: PLC0415 - as in ``map``

            run = self._once(spec, key, ledger, service, on_submit=started, timeout=timeout)
            return await result_of(run, key)
        submit = _Submit(service, spec, service.key_for(spec, key))  # one key for all tries
        try:
            async with hold_slot(self._slots, submit, self._transport.retry) as job:
                if on_submit is not None:
                    on_submit(job)
                return await job.wait(timeout)
        except asyncio.CancelledError:  # the caller never saw the job
            submit.report()
            raise

    def _once(
        self,
        spec: Spec[T],
        key: str | None,
        ledger: Ledger,
        service: JobService,
        **options: Any,
    ) -> Outcomes[T]:
        """Render one spec of a ledger by its key, as ``map`` does."""
        if key is None:
            raise InvalidRequestError("a ledger needs key=, which names this render in it")
        return self._map(
            [spec], service, key=lambda _: key, ledger=ledger, own_keys=True, **options
        )

    def honours_key(self, spec: Spec[Any] | type[Spec[Any]]) -> bool:
        """Tell whether the operation of a spec, or of a class of specs, honours a ``key``.

        Then the vendor answers a repeated submission with the same job for a day. Raises
        ``InvalidRequestError`` for what is no spec of this API.
        """
        cls = spec if isinstance(spec, type) else type(spec)
        return self._transport.vendor.kind_for(cls).honours_key

    async def balance(self) -> Balance | None:
        """Return what is left to spend, None where the account's plan does not tell."""
        raise NotImplementedError

    def orphans(self) -> Sequence[Orphan]:
        """Return what was paid, or may have been, while its caller was cancelled, oldest first.

        A POST that is on its way when its caller is cancelled is seen through, and so is one when
        the client closes; each is logged as a warning and told to ``on_event``, too. An item of a
        ``map`` with a ledger is in the ledger instead.
        """
        return self._service.orphans

    def map(
        self,
        specs: Iterable[Spec[T] | BadRow] | AsyncIterable[Spec[T] | BadRow],
        *,
        key: Callable[[Any], str] | None = None,
        ledger: Ledger | None = None,
        download_to: str | Path | None = None,
        file_name: Callable[[str], str] | None = None,
        assets: Sequence[AssetName | str] = (),
        redownload: bool = False,
        stop: asyncio.Event | None = None,
        on_submit: Callable[[Submitted[T]], object] | None = None,
        timeout: float | None = None,
        submit_in_batches: bool = False,
        retry_failed: int = 0,
        budget: float | None = None,
        stop_below: float | None = None,
    ) -> Outcomes[T]:
        """Render ``specs`` and yield their outcomes as they end; a failure is an outcome.

        Specs are taken as slots of ``max_concurrent_jobs`` get free, so there may be any number of
        them; ``specs_from`` makes them of rows, each of which may be bad. ``download_to`` is a
        folder for the files, named after ``key(spec)`` or counted; ``file_name`` gives the name for
        a key, to which the file's ending is added. ``assets`` are those to save if it is not only
        the main one, as ``Job.download`` names them. With a ``ledger`` a run that was cut short
        goes on where it was, each spec known by its ``key(spec)``, and what somebody else renders
        under that key is waited for; without one, ``key`` is only a name. No key goes to the
        vendor, for titles repeat between tables. In a ledger of several machines a file that
        another one has saved is not fetched, unless ``redownload`` says so.

        ``on_submit`` is called with a ``Submitted`` when an item's job has been started or found
        again. When ``stop`` is set nothing more is submitted, and what runs is waited for.
        ``timeout`` bounds the wait for each item, in seconds: its outcome is a ``JobTimeoutError``
        with the job, and with a ledger the next run goes on waiting for it. Leaving the loop ends
        the waits; the renders go on.

        With ``submit_in_batches`` the specs that get their slots within a second of each other go
        out by one POST, up to 100 of a kind that has batches; an item that the vendor refuses
        fails alone. Each holds a slot as ever, though it is not documented whether HeyGen counts
        what it has queued of a batch against the account's limit: so it is off by default. An
        interrupted batch goes on where it was if the next run has all of its specs.

        After the first 401, 402 or failure for want of credit nothing more is submitted: the items
        that are left end with that error, unsent, and a later run goes on with them. So it is with
        ``BudgetError`` once this run has used up ``budget`` of the ``balance``, or that is less
        than ``stop_below``, both in its unit; it is looked at again after as many submissions as
        there are slots.

        ``retry_failed`` is how often an item is rendered, and paid, again that the vendor failed
        to render for a reason of its own (``rendering_failed``, for one); ``Outcome.attempts``
        counts.

        Raises ``InvalidRequestError`` for
        options that make no sense, ``LedgerError`` when the ledger fails, and what ``specs``
        raises, the last two after all that runs has ended.
        """
        # The import of the package stays quick without these.
        from heygen_async.batch.budget import Budget  # noqa: PLC0415

        return self._map(
            specs,
            self._service,
            key=key,
            ledger=ledger,
            download_to=download_to,
            file_name=file_name,
            assets=assets,
            redownload=redownload,
            stop=stop,
            on_submit=on_submit,
            timeout=timeout,
            in_batches=submit_in_batches,
            retry_failed=retry_failed,
            budget=None
            if budget is None and stop_below is None
            else Budget(self.balance, spend=budget, keep=stop_below, pace=self._slots.limit),
        )

    def _map(
        self,
        specs: Iterable[Spec[T] | BadRow] | AsyncIterable[Spec[T] | BadRow],
        service: JobService,
        *,
        timeout: float | None = None,
        **options: Any,
    ) -> Outcomes[T]:
        from heygen_async.batch.map_run import MapRun, Outcomes  # noqa: PLC0415

        if timeout is not None and not timeout >= 0:
            raise InvalidRequestError(f"timeout must be seconds, from 0 on, not {timeout!r}")
        retry = service.transport.retry
        batch: MapRun[T] = MapRun(
            specs, service, self._slots, retry=retry, timeout=timeout, **options
        )
        self._batches.add(batch)
        return Outcomes(batch)

    def attach(self, token: str) -> Job[Any]:
        """Return the job of a ``Job.token``, also one of another process; sends nothing.

        Raises ``InvalidRequestError`` if it is no token of this API.
        """
        return self._service.attach(token)

    def job(self, kind: str, id: str) -> Job[Any]:  # noqa: A002 - what it is
        """Return the job of that ``kind``, such as ``heygen.video``, and id; sends nothing.

        It is for what ``request`` or another program has started: ``Job.kind`` names the kinds.
        Raises ``InvalidRequestError`` for an unknown one.
        """
        return self._service.find_by_id(kind, id)

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - of the request
    ) -> Any:
        """Call any endpoint with the same key, retries and errors; return the parsed JSON.

        ``path`` starts with a slash, such as ``/v3/lipsyncs``. A POST gets an idempotency key
        where the operation is known to honour one, or the one that is given, and is repeated with
        it; without one it is sent once, and if its answer is lost, that raises
        ``SubmissionUnknownError``. ``headers`` go out beside the client's own; ``timeout`` is
        for each attempt, in seconds.
        """
        if not path.startswith("/") or not path.isprintable() or not method.isalpha():
            raise InvalidRequestError(
                f"method must be one such as 'GET', and path start with '/' and hold no control "
                f"characters, not {method!r} and {path!r}"
            )
        call: Request[Any] = Request(
            method=method.upper(),
            path=path,
            json=json,
            params=query(**(params or {})),
            decode=lambda payload: payload,
            paid=method.upper() == "POST",
            idempotency_key=None if idempotency_key is None else check_key(idempotency_key),
        )
        return await self._transport.with_options(timeout=timeout, headers=headers).send(call)

    def statistics(self) -> Statistics:
        """Return what this client has done so far, in numbers."""
        sent, polled = self._transport.counters, self._poller.counters
        places = polled.bulk_places
        return Statistics(
            requests=sent.requests,
            retries=sent.retries,
            rate_limited=sent.rate_limited,
            polls=polled.polls,
            bulk_polls=polled.bulk_polls,
            bulk_rows=polled.bulk_rows,
            bulk_fill=polled.bulk_rows / places if places else 0.0,
            details=polled.details,
            pages=polled.pages,
            jobs_submitted=self._service.submitted,
            jobs_waiting=self._poller.waiting,
            jobs_ended=polled.ended,
            lag=self._poller.lag,
            durations=self._poller.durations(),
        )

    @property
    def api(self) -> str:
        """The vendor's name, ``HeyGen`` or ``JoggAI``."""
        return self._transport.vendor.api

    @property
    def event_loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that this client belongs to, None before its first use.

        Raises ``TransportError`` once the client is closed.
        """
        self._check_open()
        return self._transport.loop.loop

    def notify(self, kinds: Sequence[str], job_id: str, *, signed: bool) -> None:
        """Look at a job that a webhook spoke of now, if anybody waits for it.

        ``kinds`` are those that it may be of, such as ``heygen.video``. Call it in ``event_loop``.
        ``WebhookReceiver`` does; an event that is not ``signed`` is only a hint.
        """
        self._poller.notify(kinds, job_id, signed=signed)

    async def aclose(self) -> None:
        """End open waits with an error, close the session if it is owned; renders go on.

        A POST that is paid for and on its way is waited for, as long as a request may take
        (``timeout``, by default 120 seconds) and 10 seconds more; ``orphans`` has what it gave.

        Raises ``InvalidRequestError`` in another event loop than that of its first use, unless
        that one has been closed.
        """
        if self._opened is not None:  # the session is that one's, and so are the waits
            return
        if self._transport.loop.dead:  # its waits and batches ended with it; what is left closes
            self._closed = True
            await self._transport.aclose()
            return
        self._transport.loop.check()
        self._closed = True
        try:
            for batch in list(self._batches):
                await batch.close_with_client()
            await self._poller.aclose()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._transport.aclose()
        except asyncio.CancelledError:  # whoever cancels the closing does not want to wait
            await self._poller.aclose()
            await self._transport.abort()
            raise

    def _check_open(self) -> None:
        if (self._opened or self)._closed:  # noqa: SLF001 - of the same class
            raise TransportError("the client is closed; make a new one", maybe_sent=False)

    async def __aenter__(self) -> Self:
        self._transport.loop.check()
        self._check_open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
