"""JoggAI's lip syncs, translations, templates with their videos, and music."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.emulator._errors import invalid, not_found
from heygen_async.emulator._files import VIDEO_SECONDS
from heygen_async.emulator._jobs import job_kind
from heygen_async.emulator._jogg_jobs import (
    announce_video,
    find_job,
    list_fixtures,
    list_rows,
    require_voice,
    show_failure,
    show_job,
    word,
)
from heygen_async.emulator._openapi import read_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._collections import Call, Handler
    from heygen_async.emulator._jobs import JobKind, RenderJob
    from heygen_async.emulator._openapi import Json
    from heygen_async.emulator._state import Backend

LANGUAGES: tuple[str, ...] = tuple(read_data("fixtures")["languages"])
STATUS_NUMBERS = {3: "processing", 4: "completed", 5: "failed"}
"""What the filters of the lists of videos mean."""

LIP_SYNC = job_kind("jogg_lip_sync")
TRANSLATION = job_kind(
    "jogg_translation", announce=announce_video("generated_translate_video", "video_translate_id")
)
TEMPLATE_VIDEO = job_kind(
    "jogg_template_video", announce=announce_video("generated_template_video")
)


def _film(backend: Backend, job: RenderJob, url: str) -> dict[str, Any]:
    return {
        url: backend.signer.public(f"/video/{job.id}.mp4"),
        "cover_url": backend.signer.public(f"/thumbnail/{job.id}.jpg"),
        "duration_seconds": VIDEO_SECONDS,
    }


def _show_nested(backend: Backend, job: RenderJob, result: Json) -> dict[str, Any]:
    """Return a job whose result stands in an object of its own."""
    unix, failure = backend.clock.unix, backend.failure(job)
    shown = {
        "status": word(backend, job),
        "created_at": int(unix(job.created_at)),
        "error": show_failure(failure) if failure else None,
    }
    if backend.state(job) == "completed":
        shown |= {"completed_at": int(unix(job.finished_at)), "data": result}
    return shown


def _create_lip_sync(call: Call) -> Json:
    job = call.backend.submit(call.body, LIP_SYNC)
    return {"task_id": job.id, "status": word(call.backend, job)}


def _get_lip_sync(call: Call) -> Json:
    job = find_job(call.backend, call.ids["task_id"], "task_id", LIP_SYNC)
    film = _film(call.backend, job, "result_url")
    return {"task_id": job.id, **_show_nested(call.backend, job, film)}


def _translate(call: Call) -> Json:
    if call.body["output_language"] not in LANGUAGES:
        raise invalid("output_language", "Not a target language.")
    asked = {**call.body, "webhook_url": call.body.get("callback_url")}
    return {"video_translate_id": call.backend.submit(asked, TRANSLATION).id}


def _get_translation(call: Call) -> Json:
    backend = call.backend
    job = find_job(backend, call.ids["video_translate_id"], "video_translate_id", TRANSLATION)
    result = {"url": backend.signer.public(f"/video/{job.id}.mp4")}
    if job.request.get("add_subtitles"):
        result["subtitle_url"] = backend.signer.public(f"/srt/{job.id}.srt")
    return {**job.request, "video_translate_id": job.id, **show_job(backend, job, result)}


def _find_template(number: int, at: str) -> Json:
    fixtures = read_data("fixtures")
    for row in (*fixtures["jogg_templates"], *fixtures["jogg_custom_templates"]):
        if row["id"] == number:
            return {**row, "template_id": number}
    raise not_found("template", str(number), param=at)


def _fill_template(call: Call) -> Json:
    """Require a template, and what it has a place for."""
    template = _find_template(call.body["template_id"], "template_id")
    if "voice_id" in call.body:
        require_voice(call.body["voice_id"], "voice_id")
    places = [(each["type"], each["name"]) for each in template["variables"]]
    for index, each in enumerate(call.body["variables"]):
        if (each["type"], each["name"]) not in places:
            raise invalid(f"variables[{index}].name", "The template has no such variable.")
    return {"video_id": call.backend.submit(call.body, TEMPLATE_VIDEO).id}


def _get_template_video(call: Call) -> Json:
    job = find_job(call.backend, call.ids["video_id"], "video_id", TEMPLATE_VIDEO)
    film = _film(call.backend, job, "url") | {"deducted_credit": job.kind.price}
    named = {"video_name": job.request.get("video_name", "")}
    return {"video_id": job.id, **_show_nested(call.backend, job, film | named)}


def list_jobs(call: Call, name: str, *kinds: JobKind) -> Json:
    """Return a page of the videos of some kinds, the newest first unless asked otherwise."""
    backend, query = call.backend, dict(call.query)
    wanted = STATUS_NUMBERS.get(query.pop("status", 0))
    newest_first = query.pop("sort_order") == "desc"
    query.pop("sort_by")
    jobs = [job for kind in kinds for job in backend.jobs.of(kind).values()]
    rows: list[Json] = []
    for job in sorted(jobs, key=lambda each: each.number, reverse=newest_first):
        state = backend.state(job).replace("pending", "processing")
        title = job.request.get("video_name") or job.request.get("title") or ""
        row: dict[str, Any] = {
            **dict.fromkeys(("id", "video_id"), job.id),
            **dict.fromkeys(("title", "video_name"), title),
            "status": state,
            "created_at": int(backend.clock.unix(job.created_at)),
        }
        if state == "completed":
            film = _film(backend, job, "url")
            row |= film | {"video_url": film["url"], "video_duration": VIDEO_SECONDS}
        if failure := backend.failure(job):
            row["error"] = {"code": failure[0], "message": failure[1]}
        if wanted in (None, state):
            rows.append(row)
    place = {key: query[key] for key in ("page", "page_size")}
    return list_rows(call, name, rows, place)


HANDLERS: Mapping[str, Handler] = {
    "POST /v2/create_lip_sync_video": _create_lip_sync,
    "GET /v2/lip_sync_video/{task_id}": _get_lip_sync,
    "POST /v2/video_translate/": _translate,
    "GET /v2/video_translate/{video_translate_id}": _get_translation,
    "GET /v2/video_translate/target_languages": lambda _call: {"languages": [*LANGUAGES]},
    "GET /v2/templates": list_fixtures("templates", "jogg_templates"),
    "GET /v2/templates/custom": list_fixtures("templates", "jogg_custom_templates"),
    "GET /v2/template/custom/{id}": lambda call: _find_template(int(call.ids["id"]), "id"),
    "POST /v2/create_video_with_template": _fill_template,
    "GET /v2/template_video/{video_id}": _get_template_video,
    "GET /v2/template_videos": lambda call: list_jobs(call, "data", TEMPLATE_VIDEO),
    "GET /v2/musics": list_fixtures("music", "jogg_musics"),
    "GET /v2/visual_styles": list_fixtures("visual_styles", "jogg_visual_styles"),
}
