"""Batches of HeyGen: many jobs by one POST, whose ids come a little later.

A batch is a job itself, which costs nothing and ends with the last of its items.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs

from heygen_async.emulator._collections import Call, Handler, decode, encode, failure_of
from heygen_async.emulator._errors import ApiError
from heygen_async.emulator._jobs import RenderJob, job_kind
from heygen_async.emulator._rules import resolve_references

if TYPE_CHECKING:
    from heygen_async.emulator._collections import JobCollection
    from heygen_async.emulator._openapi import Json
    from heygen_async.emulator._state import Backend

ID_AFTER = 2.0
"""Seconds after the POST at which its items get ids, or are refused."""

WORDS = {"pending": "queued"}


def _announce(backend: Backend, batch: RenderJob) -> tuple[str, Json] | None:
    """Tell of the end, unless that of an item has moved meanwhile."""
    if not _follow(backend, batch):
        return None
    return "batch.finished", {"batch_id": batch.id, "status": _status(backend, batch)}


BATCH = job_kind("batch", announce=_announce)


def batch_handlers(jobs: JobCollection, field: str) -> dict[str, Handler]:
    """Return what the operations of a collection's batches do, by their names."""
    return {
        f"POST {jobs.path}/batches": partial(_create, jobs, field),
        f"GET {jobs.path}/batches/{{batch_id}}": _show,
    }


def _create(jobs: JobCollection, field: str, call: Call) -> Json:
    """Take the items that are good and refuse the others, each by itself.

    Whether queued items count against the limit of concurrent jobs is not documented; here they
    take no slots.
    """
    backend = call.backend
    items: list[RenderJob | ApiError] = []
    for index, body in enumerate(call.body[field]):
        start = f"{field}[{index}]"
        mine = [each for each in call.references if each[2].startswith((f"{start}.", f"{start}["))]
        try:
            looks = resolve_references(backend, mine)
            one = attrs.evolve(call, body=body, looks=looks)
            failure = jobs.check(one)
            job = backend.submit(jobs.request(body), jobs.kind, queued=True)
        except ApiError as error:
            items.append(error)
        else:
            job.failure = failure or job.failure
            items.append(job)
    ends = [item.finished_at for item in items if isinstance(item, RenderJob)]
    now = backend.clock.now()
    batch = backend.jobs.create(
        {**call.body, "items": items},
        BATCH,
        now=now,
        duration=max([ID_AFTER, *(end - now for end in ends)]),
    )
    backend.jobs.on_change.append(partial(_move, backend, batch))
    return {"batch_id": batch.id}


def _follow(backend: Backend, batch: RenderJob) -> bool:
    """Let the batch end with the last of its items; return whether it has ended."""
    ends = [item.finished_at for item in batch.request["items"] if isinstance(item, RenderJob)]
    batch.finished_at = max([batch.created_at + ID_AFTER, *ends])
    return batch.finished_at <= backend.clock.now()


def _move(backend: Backend, batch: RenderJob, job: RenderJob) -> None:
    if job in batch.request["items"]:
        _follow(backend, batch)
        backend.jobs.changed(batch)


def _row(backend: Backend, batch: RenderJob, index: int) -> Json:
    item: RenderJob | ApiError = batch.request["items"][index]
    row = {"item_index": index, "status": "queued", "video_id": None, "error": None}
    if backend.clock.now() < batch.created_at + ID_AFTER:
        return row
    if isinstance(item, ApiError):
        return row | {"status": "failed", "error": {"code": item.code, "message": item.message}}
    state = backend.state(item)
    told = {"status": WORDS.get(state, state), "error": failure_of(backend, item)}
    return row | {"video_id": item.id, **told}


def _rows(backend: Backend, batch: RenderJob) -> list[Json]:
    return [_row(backend, batch, index) for index in range(len(batch.request["items"]))]


def _status(backend: Backend, batch: RenderJob) -> str:
    """Return the word for the whole: it has failed if all of its items have."""
    words = {row["status"] for row in _rows(backend, batch)}
    if words & {"queued", "processing"}:
        return "processing"
    return "failed" if words == {"failed"} else "completed"


def status_rows(backend: Backend, batch_id: str) -> list[Json]:
    """Return what a bulk status tells of a batch: a row for each item."""
    batch = backend.jobs.of(BATCH).get(batch_id)
    if batch is None:
        return [{"batch_id": batch_id, "status": "not_found"}]
    return [{**row, "batch_id": batch_id} for row in _rows(backend, batch)]


def _show(call: Call) -> Json:
    batch = call.backend.jobs.of(BATCH).get(call.ids["batch_id"])
    if batch is None:
        raise ApiError(404, "not_found", "Batch not found.")
    rows = _rows(call.backend, batch)
    first = decode(call.query["token"]) if call.query.get("token") is not None else 0
    last = first + call.query["limit"]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["status"]] = counts.get(row["status"], 0) + 1
    return {
        "batch_id": batch.id,
        "title": batch.title,
        "status": _status(call.backend, batch),
        "total_items": len(rows),
        "counts_by_status": counts,
        "created_at": int(call.backend.clock.unix(batch.created_at)),
        "items": rows[first:last],
        "has_more": last < len(rows),
        "next_token": encode(last) if last < len(rows) else None,
    }
