"""What the namespaces share: the usual operations of a collection, written once."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

import attrs

from heygen_async.errors import InvalidRequestError
from heygen_async.models._checks import is_http_url
from heygen_async.protocol.idempotency import one_key
from heygen_async.protocol.request import Request
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from heygen_async.jobs.batch import Batch
    from heygen_async.jobs.job import Job
    from heygen_async.jobs.service import JobService
    from heygen_async.models.batches import BatchDetail
    from heygen_async.models.jobs import JobStatus, Spec
    from heygen_async.models.media import Asset
    from heygen_async.protocol.kinds import JobKind
    from heygen_async.protocol.operations import Collection, Operation
    from heygen_async.transport.http import Transport

T = TypeVar("T")
S = TypeVar("S", bound="Spec[Any]")


class Namespace:
    """A part of a client: operations that go out on its transport.

    Each of its lists takes ``timeout`` (seconds) and ``headers`` for the request of each page.
    """

    def __init__(self, transport: Transport, service: JobService) -> None:
        self._transport = transport
        self._service = service

    def _over(self, service: JobService) -> Self:
        """Return this namespace, and those in it, with the options of another service."""
        if service is self._service:
            return self
        other = copy.copy(self)
        for name, part in vars(self).items():
            if isinstance(part, Namespace):
                setattr(other, name, part._over(service))  # noqa: SLF001 - its own
        other._transport, other._service = service.transport, service  # noqa: SLF001 - its own
        return other

    async def _call(self, operation: Operation[T], *ids: str, json: Any = None) -> T:
        return await self._transport.send(operation.request(*ids, json=json))

    async def _submit(self, spec: Spec[T], key: str | None = None) -> Job[T]:
        return await self._service.submit(spec, self._service.key_for(spec, key))

    def _list(
        self,
        collection: Collection[T],
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        **filters: object,
    ) -> AsyncIterator[T]:
        transport = self._service.with_options(timeout=timeout, headers=headers).transport
        return pages(lambda token: transport.send(collection.list(token, **filters)))


class Resource(Namespace, Generic[T]):
    """A namespace for one collection."""

    def __init__(
        self, transport: Transport, service: JobService, collection: Collection[T]
    ) -> None:
        super().__init__(transport, service)
        self._collection = collection

    async def _update(self, id: str, **texts: str) -> T:  # noqa: A002 - what it is
        for name, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                raise InvalidRequestError(f"{name} must be a non-empty str, not {text!r}")
        return await self._transport.send(self._collection.update(id, texts))


class Readable(Resource[T]):
    """A collection whose items can be got one by one."""

    async def get(
        self,
        id: str,  # noqa: A002 - what it is
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - of the request
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Return the item with this id, with fresh URLs where it has any.

        ``timeout`` (seconds) and ``headers`` are for this request; where a method has none, use
        ``client.with_options``. Raises ``NotFoundError`` if there is no such item.
        """
        service = self._service.with_options(timeout=timeout, headers=headers)
        return await service.transport.send(self._collection.get(id))


class Deletable(Resource[T]):
    """A collection whose items can be deleted."""

    async def delete(
        self,
        id: str,  # noqa: A002 - what it is
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - of the request
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Delete the item for good; ``timeout`` (seconds) and ``headers`` are for this request.

        Raises ``NotFoundError`` if there is none.
        """
        service = self._service.with_options(timeout=timeout, headers=headers)
        await service.transport.send(self._collection.delete(id))


class BulkReadable(Namespace):
    """A collection of jobs whose statuses can be asked for many at once."""

    _kind: ClassVar[JobKind[Any]]

    async def statuses(
        self, ids: Sequence[str] = (), *, batch_ids: Sequence[str] = ()
    ) -> Mapping[str, JobStatus]:
        """Return the status of each by its id, in one request for each hundred.

        Those of the batches are told, too. Ids that the server does not know are absent from the
        answer; ``error`` of a status says why it failed.
        """
        kind, found = self._kind, dict[str, "JobStatus"]()
        name = f"{kind.collection.id_name}s"
        wanted = [*((name, each) for each in ids), *(("batch_ids", each) for each in batch_ids)]
        for start in range(0, len(wanted), kind.statuses_limit):
            chunk = wanted[start : start + kind.statuses_limit]
            params = {
                sort: ",".join(each for other, each in chunk if other == sort) for sort, _ in chunk
            }
            path = kind.get_statuses(()).path
            request = Request(method="GET", path=path, params=params, decode=self._read_statuses)
            told = await self._transport.send(request)
            found |= told
        return found

    def _read_statuses(self, payload: Any) -> Mapping[str, JobStatus]:
        words = self._kind.read_statuses(payload)
        errors = {
            row["video_id"]: row["error"]
            for row in payload["data"]
            if isinstance(row, dict)
            and isinstance(row.get("error"), dict)
            and row.get("video_id") in words
        }
        return {
            job_id: attrs.evolve(self._kind.status(word), error=errors.get(job_id))
            for job_id, word in words.items()
        }


class Creatable(Namespace, Generic[S, T]):
    """A namespace in which jobs are started."""

    async def create(
        self,
        spec: S,
        *,
        key: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - of each request
        headers: Mapping[str, str] | None = None,
    ) -> Job[T]:
        """Submit ``spec`` and return its job at once; the same as ``client.submit(spec)``.

        Local media of the spec go up first. ``key``, or ``idempotency_key``, is the key under which
        a repeated call gives the same job for a day. ``timeout`` (seconds) and ``headers`` are for
        each request of this call. Raises ``InvalidRequestError`` before anything is sent (also for
        a key that the operation does not honour), ``SubmissionUnknownError`` if the answer is lost
        for good, and ``APIError``.
        """
        service = self._service.with_options(timeout=timeout, headers=headers)
        return await service.submit(spec, service.key_for(spec, one_key(key, idempotency_key)))


class Batchable(Namespace, Generic[S, T]):
    """A namespace in which many jobs can be started by one call."""

    _kind: ClassVar[JobKind[Any]]

    async def create_batch(
        self,
        specs: Sequence[S],
        *,
        title: str | None = None,
        callback_url: str | None = None,
        key: str | None = None,
        idempotency_key: str | None = None,
    ) -> Batch[T]:
        """Submit up to 100 specs by one POST; ``await batch.jobs()`` gives their jobs.

        The batch is paid once, as with ``create``; an item that the vendor refuses costs nothing.
        ``callback_url`` is told once when all have ended. Raises what ``create`` raises.
        """
        options = {"title": title, "callback_url": callback_url}
        wanted = one_key(key, idempotency_key)
        return await self._service.create_batch(self._kind, specs, wanted, **options)

    async def get_batch(self, id: str) -> BatchDetail:  # noqa: A002 - what it is
        """Return what the vendor tells of a batch and all of its items."""
        return await self._service.read_batch(self._kind, id)


class Uploads(Namespace):
    """Local files on their way to a vendor."""

    async def upload(
        self, file: Path | bytes, *, progress: Callable[[int, int], object] | None = None
    ) -> Asset:
        """Upload a local file and return its asset.

        The same file is sent once by a client; it is streamed from disk. ``progress`` is called
        with the bytes sent so far and the file's size. Raises ``InvalidRequestError`` for a file
        that is missing, empty, too large or of another type than the vendor takes.
        """
        return await self._service.uploader.upload(file, progress)


def https_url(url: str) -> str:
    """Return ``url`` if events can be delivered to it, else raise ``InvalidRequestError``."""
    if not is_http_url(url) or not url.lower().startswith("https:"):
        raise InvalidRequestError(f"url must be an https URL with a host, not {url!r}")
    return url


def event_names(events: Iterable[str]) -> list[str]:
    """Return the names of event types as a list, else raise ``InvalidRequestError``."""
    names = list(events) if not isinstance(events, str) and hasattr(events, "__iter__") else []
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise InvalidRequestError(
            f"events must be a list of one or more names of event types, not {events!r}"
        )
    return names
