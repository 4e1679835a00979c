"""What an endpoint gets and gives, and records that are whole endpoints.

A ``Collection`` is a list, with one thing of it to get, to update and to delete; a
``JobCollection`` is one of jobs, which can be submitted and looked at in bulk as well.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, Generic, TypeVar

import attrs

from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._jobs import JobKind, RenderJob, Store
from heygen_async.emulator._openapi import Json, Operation, Reference
from heygen_async.emulator._publisher import EventPublisher
from heygen_async.emulator._state import Backend, Look

T = TypeVar("T")

MAX_IDS = 100
AFTER = "after:"


@attrs.frozen(kw_only=True)
class Call:
    """One request, as its document has it; ``looks`` are the avatar looks that it points at.

    ``idempotency_key`` and ``last_event_id`` are what it has in the headers of these names.

    ``references`` are all things that its body points at; those of a batch are judged item by item.
    """

    backend: Backend
    publisher: EventPublisher
    operation: Operation
    ids: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    references: list[Reference]
    looks: list[Look]
    idempotency_key: str | None = None
    last_event_id: str | None = None


@attrs.frozen
class Page:
    """Some rows of a list, and the token of those that follow."""

    rows: list[Json]
    next_token: str | None = None


@attrs.frozen
class EventStream:
    """Server-sent events, each with its id, empty where it has none."""

    events: list[tuple[str, str]]


Handler = Callable[[Call], Any]
"""Does an operation and returns the ``data`` of its answer, or a ``Page`` or an ``EventStream``.

Raises ``ApiError``.
"""


def _any(_call: Call, _row: Any) -> bool:
    return True


@attrs.frozen(kw_only=True)
class Collection(Generic[T]):
    """The things behind one path of HeyGen's.

    ``id`` names the id in the path, and ``missing`` makes the 404 for an unknown one. ``show``
    writes one thing, ``matches`` says whether it fits the filters of a list. ``update`` changes
    it by the body of a PATCH and returns it; ``delete`` forgets it and returns the answer.
    """

    path: str
    id: str
    rows: Callable[[Call], Store[T]]
    show: Callable[[Call, T], Json]
    missing: Callable[[str], ApiError]
    matches: Callable[[Call, T], bool] = _any
    newest_first: bool = False
    update: Callable[[Call, T], T] | None = None
    delete: Callable[[Call, T], Json] | None = None

    def handlers(self) -> dict[str, Handler]:
        """Return what each operation of the collection does, by its name."""
        one, update, delete = f"{self.path}/{{{self.id}}}", self.update, self.delete
        handlers: dict[str, Handler] = {
            f"GET {self.path}": self._list,
            f"GET {one}": lambda call: self.show(call, self.find(call)),
        }
        if update:
            handlers[f"PATCH {one}"] = lambda call: self.show(call, update(call, self.find(call)))
        if delete:
            handlers[f"DELETE {one}"] = lambda call: delete(call, self.find(call))
        return handlers

    def find(self, call: Call) -> T:
        """Return the thing that a path is about; raises the 404 of the collection."""
        thing_id = call.ids[self.id]
        if thing_id in (rows := self.rows(call)):
            return rows[thing_id]
        raise self.missing(thing_id)

    def _list(self, call: Call) -> Page:
        """Cut one page out of the rows that fit.

        A token is the number of the last row seen, so that rows may come and go in between.
        """
        rows = self.rows(call)
        sign = -1 if self.newest_first else 1
        last = decode(call.query["token"]) if call.query.get("token") else None
        pairs: Iterable[tuple[str, T]] = rows.items()
        if self.newest_first:
            pairs = reversed(rows.items())
        fresh = (
            (key, row)
            for key, row in pairs
            if (last is None or sign * rows.numbers[key] > sign * last) and self.matches(call, row)
        )
        page = list(islice(fresh, call.query["limit"] + 1))
        more = len(page) > call.query["limit"]
        if more:
            page.pop()
        token = encode(rows.numbers[page[-1][0]]) if more else None
        return Page([self.show(call, row) for _, row in page], token)


def _check_nothing(_call: Call) -> tuple[str, str] | None:
    return None


def _no_batch(_backend: Backend, batch_id: str) -> list[Json]:
    return [{"batch_id": batch_id, "status": "not_found"}]


@attrs.frozen(kw_only=True)
class JobCollection:
    """The jobs of one kind behind one path of HeyGen's.

    ``request`` is what a job keeps of a body. ``check`` raises for the first rule between fields
    that a request breaks, or returns the failure with which its job will end. ``id`` names the ids
    in paths, in the query of the bulk status (``video_ids``) and in the answer to a POST, to which
    ``created`` adds. ``batch_rows`` are the rows that a bulk status has of a batch.
    """

    path: str
    id: str
    kind: JobKind
    check: Callable[[Call], tuple[str, str] | None] = _check_nothing
    request: Callable[[Json], Json] = dict
    created: Callable[[RenderJob], Json] = lambda _job: {}
    matches: Callable[[Call, RenderJob], bool] = _any
    batch_rows: Callable[[Backend, str], list[Json]] = _no_batch

    def handlers(self) -> dict[str, Handler]:
        """Return what each operation of the collection does, by its name."""
        noun = self.id.removesuffix("_id")
        rows = Collection(
            path=self.path,
            id=self.id,
            rows=lambda call: call.backend.jobs.of(self.kind),
            show=lambda call, job: show_job(call.backend, job),
            missing=lambda job_id: not_found(noun, job_id),
            matches=self.matches,
            newest_first=True,
            update=_rename,
            delete=delete_job,
        )
        return rows.handlers() | {
            f"POST {self.path}": self._create,
            f"GET {self.path}/statuses": self._statuses,
        }

    def _create(self, call: Call) -> Json:
        failure = self.check(call)
        job = call.backend.submit(self.request(call.body), self.kind)
        job.failure = failure or job.failure
        return {self.id: job.id, **self.created(job)}

    def _statuses(self, call: Call) -> Page:
        """Tell the statuses of many jobs, and of all that batches hold.

        The ids of all kinds stand in ``video_id``: the vendor has one shape of row.
        """
        names = f"{self.id}s", "batch_ids"
        job_ids, batch_ids = (
            [*filter(None, call.query.get(name, "").split(","))] for name in names
        )
        if len(job_ids) + len(batch_ids) > MAX_IDS:
            raise invalid(names[0], f"At most {MAX_IDS} ids per request.")
        if not job_ids and not batch_ids:
            raise invalid(names[0], f"{names[0]} or batch_ids is required.")
        rows = [self._status_row(call.backend, job_id) for job_id in job_ids]
        for each in batch_ids:
            rows += self.batch_rows(call.backend, each)
        return Page(rows)

    def _status_row(self, backend: Backend, job_id: str) -> Json:
        job = backend.jobs.of(self.kind).get(job_id)
        if job is None:
            return {"video_id": job_id, "status": "not_found"}
        state = backend.state(job)
        status = self.kind.bulk_words.get(state, state)
        return {"video_id": job_id, "status": status, "error": failure_of(backend, job)}


def failure_of(backend: Backend, job: RenderJob) -> Json | None:
    """Return why a job has failed, as bulk answers tell it."""
    failure = backend.failure(job)
    return failure and {"code": failure[0], "message": failure[1]}


def show_job(backend: Backend, job: RenderJob) -> Json:
    """Return a job of HeyGen's as v3 shows it; its document takes the fields that it knows."""
    state, failure = backend.state(job), backend.failure(job) or (None, None)
    ended = {"completed_at": int(backend.clock.unix(job.finished_at))}
    return {
        **job.request,
        "id": job.id,
        "title": job.title,
        "status": backend.word(job),
        "created_at": int(backend.clock.unix(job.created_at)),
        "callback_id": job.request.get("callback_id"),
        "failure_code": failure[0],
        "failure_message": failure[1],
        "video_page_url": page_url(job),
        **(ended | dict(job.kind.result(backend, job)) if state == "completed" else {}),
    }


def page_url(job: RenderJob) -> str:
    """Return the page of the vendor's app that plays a video."""
    return f"https://app.heygen.com/video/{job.id}"


def _rename(call: Call, job: RenderJob) -> RenderJob:
    job.title = call.body.get("title", job.title)
    return job


def delete_job(call: Call, job: RenderJob) -> Json:
    """Forget a job, which frees its slot."""
    call.backend.jobs.delete(job)
    return {"id": job.id, "deleted": True}


def encode(number: int) -> str:
    """Return the token of a page."""
    return base64.urlsafe_b64encode(f"{AFTER}{number}".encode()).decode()


def decode(token: str) -> int:
    """Return the number in a token; raises the 400 for one that is none."""
    try:
        text = base64.b64decode(token, altchars="-_", validate=True).decode()
        return int(text.removeprefix(AFTER) if text.startswith(AFTER) else "")
    except ValueError:
        raise invalid("token", "Invalid pagination token") from None
