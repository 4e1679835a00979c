"""Clippings, background and filler word removals, podcasts and hyperframes renders of HeyGen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from heygen_async.emulator._collections import Call, Collection, Handler, delete_job, show_job
from heygen_async.emulator._errors import ApiError, invalid
from heygen_async.emulator._files import VIDEO_SECONDS
from heygen_async.emulator._jobs import RenderJob, job_kind
from heygen_async.emulator._publisher import announce_end

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._jobs import JobKind
    from heygen_async.emulator._openapi import Json
    from heygen_async.emulator._state import Backend

CLIPS = 2
LAYERS = ("foreground", "mask", "background")


def _film(backend: Backend, job: RenderJob) -> Json:
    return {
        "duration": VIDEO_SECONDS,
        "output_duration": VIDEO_SECONDS,
        "video_url": backend.signer.sign(f"/video/{job.id}.mp4"),
        "thumbnail_url": backend.signer.sign(f"/thumbnail/{job.id}.jpg"),
    }


def _clips(backend: Backend, job: RenderJob) -> Json:
    film = _film(backend, job)
    clips = [{"id": f"{job.id}-{n}", "status": "completed", **film} for n in range(1, CLIPS + 1)]
    return {"clips": clips, "source_duration": VIDEO_SECONDS}


def _layers(backend: Backend, job: RenderJob) -> Json:
    url = _film(backend, job)["video_url"]
    return {"layers": dict.fromkeys(job.request.get("layers") or LAYERS, url)}


def _announce(made: str, id_name: str, _backend: Backend, job: RenderJob) -> tuple[str, Json]:
    named = {id_name: job.id, "callback_id": job.request.get("callback_id")}
    return announce_end(job, made, named)


CLIPPING = job_kind(
    "clipping", result=_clips, announce=partial(_announce, "ai_clipping", "ai_clipping_id")
)
REMOVAL = job_kind("background_removal", result=_layers)  # no event tells of one
SPEECH = job_kind(
    "filler_word_removal",
    result=_film,
    announce=partial(_announce, "filler_word_removal", "filler_word_removal_id"),
)
RENDER = job_kind(
    "hyperframes", result=_film, announce=partial(_announce, "hyperframes_video", "render_id")
)
PODCAST = job_kind("podcast", result=_film, announce=partial(_announce, "podcast", "podcast_id"))


def _show(call: Call, job: RenderJob) -> Json:
    """Return a job as its document has it, which takes the fields that it knows."""
    backend, done = call.backend, call.backend.is_completed(job)
    failure = backend.failure(job)
    lived = (backend.clock.now() - job.created_at) / job.duration if job.duration else 1.0
    shown = {"format": "mp4", "clips": [], "layers": {}, **show_job(backend, job)}
    return {
        **shown,
        "layers": shown["layers"] if done else {},
        "duration": shown.get("duration") if done else None,
        "progress": 100 if done else int(99 * min(1.0, lived)),
        "error": failure and failure[1],
        "render_id": job.id,
        "podcast_id": job.id,
    }


def _kept(path: str, id_name: str, kind: JobKind) -> dict[str, Handler]:
    """Return the handlers of a list that has no PATCH, and takes new jobs."""
    rows = Collection(
        path=path,
        id=id_name,
        rows=lambda call: call.backend.jobs.of(kind),
        show=_show,
        missing=lambda job_id: ApiError(404, "resource_not_found", f"{job_id} not found."),
        newest_first=True,
        delete=_delete,
    )
    return rows.handlers() | {f"POST {path}": lambda call: _create(call, kind)}


def _delete(call: Call, job: RenderJob) -> Json:
    deleted = delete_job(call, job)
    return {} if job.kind is PODCAST else {"render_id": job.id, **deleted}


def _create(call: Call, kind: JobKind) -> Json:
    job = call.backend.submit(call.body, kind)
    ids = {f"{kind.name}_id": job.id, "ai_clipping_id": job.id}
    return {**_show(call, job), **ids}


def _remove_background(call: Call) -> Json:
    """``POST /v3/background-removals``: one job for each ``request_id``."""
    wanted = call.body.get("request_id")
    jobs = call.backend.jobs.of(REMOVAL).values()
    known = (job for job in jobs if wanted and job.request.get("request_id") == wanted)
    return _show(call, next(known, None) or call.backend.submit(call.body, REMOVAL))


def _talk(call: Call) -> Json:
    """``POST /v3/podcasts``."""
    if not call.body.get("topic") and not call.body.get("source_files"):
        raise invalid("topic", "One of topic and source_files is required.")
    return _create(call, PODCAST)


HANDLERS: Mapping[str, Handler] = {
    **_kept("/v3/ai-clipping", "job_id", CLIPPING),
    **_kept("/v3/background-removals", "job_id", REMOVAL),
    **_kept("/v3/hyperframes/renders", "render_id", RENDER),
    **_kept("/v3/podcasts", "podcast_id", PODCAST),
    **{
        name: handler
        for name, handler in _kept(
            "/v3/filler-word-removals", "filler_word_removal_id", SPEECH
        ).items()
        if name.partition(" ")[0] == "POST" or ("{" in name and name[:3] == "GET")
    },
    "POST /v3/background-removals": _remove_background,
    "POST /v3/podcasts": _talk,
}
