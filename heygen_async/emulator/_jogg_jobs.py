"""What JoggAI tells of any job, and its lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.emulator._errors import invalid, not_found
from heygen_async.emulator._files import VIDEO_SECONDS
from heygen_async.emulator._openapi import read_data

if TYPE_CHECKING:
    from collections.abc import Callable

    from heygen_async.emulator._collections import Call, Handler
    from heygen_async.emulator._jobs import JobKind, RenderJob
    from heygen_async.emulator._openapi import Json
    from heygen_async.emulator._state import Backend


def word(backend: Backend, job: RenderJob) -> str:
    """Return the status of a job now, in the words that the drift asks for."""
    words, state, name = read_data("page_facts")["jogg_words"], backend.state(job), job.kind.name
    told = words[backend.drift.jogg_words].get(name) or words["documented"].get(name, {})
    return str(told.get(state, state))


def show_failure(failure: tuple[str, str]) -> Json:
    """Return why a video failed; the vendor's own codes are numbers."""
    code, message = failure
    return {"code": int(code) if code.isdecimal() else code, "message": message}


def announce_video(
    family: str, name: str = "video_id"
) -> Callable[[Backend, RenderJob], tuple[str, Json]]:
    """Return what tells of a video; a live event has another name for it, and less to tell."""

    def announce(backend: Backend, job: RenderJob) -> tuple[str, Json]:
        if backend.drift.jogg_events == "live":
            named, cover = {"project_id": job.id}, {}
        else:
            named = {name: job.id, "status": word(backend, job)}
            cover = {"cover_url": backend.signer.public(f"/thumbnail/{job.id}.jpg")}
        if job.failure:
            return f"{family}_failed", {**named, "error": show_failure(job.failure)}
        url = backend.signer.public(f"/video/{job.id}.mp4")
        told = {**named, "video_url": url, "duration": VIDEO_SECONDS, **cover}
        return f"{family}_success", told

    return announce


def find_job(backend: Backend, job_id: str, name: str, kind: JobKind) -> RenderJob:
    """Return the job that the parameter *name* is the id of."""
    if job := backend.jobs.of(kind).get(job_id):
        return job
    raise not_found(kind.name, job_id, param=name)


def show_job(backend: Backend, job: RenderJob, result: Json) -> dict[str, Any]:
    """Return status and result of a job: before its end fields are missing, or null by drift."""
    shown = {"status": word(backend, job)}
    if backend.state(job) == "completed":
        return {**shown, **result}
    return {**shown, **(dict.fromkeys(result) if backend.drift.nulls else {})}


def require_voice(voice_id: str, at: str) -> None:
    """Require a voice of the catalogue or of the account."""
    fixtures = read_data("fixtures")
    voices = [*fixtures["jogg_voices"], *fixtures["jogg_custom_voices"]]
    if voice_id not in {voice["voice_id"] for voice in voices}:
        raise invalid(at, f"Voice {voice_id} does not exist.")


def list_rows(call: Call, name: str, rows: list[Json], asked: Json | None = None) -> Json:
    """Return a page of the rows that all filters fit; some are found by what is not shown."""
    query = dict(call.query if asked is None else asked)
    size, page = query.pop("page_size", len(rows)), query.pop("page", 1)

    def fits(row: Json) -> bool:
        known = {**row, **row.get("found_by", {})}
        return all(
            word in known[key] if key == "name" else word == known[key]
            for key, word in query.items()
        )

    found = [row for row in rows if fits(row)]
    shown = found[(page - 1) * size : page * size]
    place = {"page": page, "page_size": size}
    pages = {"total_items": len(found), "total_pages": -(-len(found) // max(size, 1))}
    more = {"has_more": page * size < len(found), "total": len(found)}
    return {name: shown, **more, **place, "pagination": place | pages}


def list_fixtures(name: str, fixture: str) -> Handler:
    return lambda call: list_rows(call, name, read_data("fixtures")[fixture])
