"""Videos of HeyGen: those of v3, which v2 and v1 show in their own ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.emulator._batches import batch_handlers, status_rows
from heygen_async.emulator._collections import Call, Handler, JobCollection, page_url, show_job
from heygen_async.emulator._errors import ApiError, not_found
from heygen_async.emulator._files import VIDEO_SECONDS
from heygen_async.emulator._jobs import RenderJob, job_kind
from heygen_async.emulator._rules import check_v2_video, check_video

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from heygen_async.emulator._openapi import Json
    from heygen_async.emulator._state import Backend


def _output_format(job: RenderJob) -> str:
    return str(job.request.get("output_format", "mp4"))


def _result(backend: Backend, job: RenderJob) -> Json:
    """Return presigned URLs; subtitles only if a caption was asked for, burnt in by a style."""
    sign, suffix = backend.signer.sign, _output_format(job)
    caption = job.request.get("caption")
    styled = caption is not None and caption.get("style") is not None
    return {
        "duration": VIDEO_SECONDS,
        "video_url": sign(f"/video/{job.id}.{suffix}"),
        "thumbnail_url": sign(f"/thumbnail/{job.id}.jpg"),
        "gif_url": sign(f"/gif/{job.id}.gif"),
        "captioned_video_url": sign(f"/captioned/{job.id}.{suffix}") if styled else None,
        "subtitle_url": None if caption is None else sign(f"/srt/{job.id}.srt"),
    }


def _announce(backend: Backend, job: RenderJob) -> tuple[str, Json]:
    named = {"video_id": job.id, "callback_id": job.request.get("callback_id")}
    if job.failure:
        return "avatar_video.fail", {**named, "msg": job.failure[1]}
    links = _result(backend, job)
    data = {
        **named,
        "url": links["video_url"],
        "gif_download_url": links["gif_url"],
        "video_page_url": page_url(job),
        "video_share_page_url": None,
        "folder_id": None,
    }
    return "avatar_video.success", data


VIDEO = job_kind("video", result=_result, announce=_announce)


def _check(call: Call, rule: Callable[[Call], None]) -> tuple[str, str] | None:
    """Check a request by a rule; it fails in the end if a look of it has no preview yet."""
    rule(call)
    if all(call.backend.has_preview(look) for look in call.looks):
        return None
    return VIDEO.failure[0], "The avatar was not ready to be rendered."


def _matches(call: Call, job: RenderJob) -> bool:
    """Return whether a title contains the text that is asked for; no video is in any folder."""
    return "folder_id" not in call.query and call.query.get("title", "") in (job.title or "")


def _collection(path: str, rule: Callable[[Call], None]) -> JobCollection:
    return JobCollection(
        path=path,
        id="video_id",
        kind=VIDEO,
        check=lambda call: _check(call, rule),
        created=lambda job: {"status": "waiting", "output_format": _output_format(job)},
        matches=_matches,
        batch_rows=status_rows,
    )


def _get_v1_status(call: Call) -> Json:
    """``GET /v1/video_status.get``."""
    video_id = call.query.get("video_id")
    if not video_id:
        raise ApiError(400, "missing_parameter", "video_id is required.")
    job = call.backend.jobs.of(VIDEO).get(video_id)
    if job is None:
        raise ApiError(400, "video_not_found", "Invalid video_id.")
    shown = show_job(call.backend, job)
    message = shown["failure_message"]
    error = {"code": shown["failure_code"], "detail": message, "message": message}
    return {
        **shown,
        "callback_id": None,
        "caption_url": shown.get("subtitle_url"),
        "error": error if message is not None else None,
        "video_url_caption": shown.get("captioned_video_url"),
    }


LIPSYNC = JobCollection(
    path="/v3/lipsyncs",
    id="lipsync_id",
    kind=job_kind(
        "lipsync",
        result=lambda backend, job: {
            "duration": VIDEO_SECONDS,
            "video_url": backend.signer.sign(f"/video/{job.id}.mp4"),
        },
    ),
    batch_rows=status_rows,
)


def _show_scene(number: int, scene: Json) -> Json:
    """Return the avatar and the text of a scene, or of a video that is one scene."""
    part, name = scene.get("input", scene), f"scene-{number}"
    speech = {each: part.get(each) for each in ("voice_id", "voice_settings")}
    avatar = isinstance(part.get("avatar_id"), str)
    return {
        "id": name,
        "elements": [{"id": f"{name}-avatar", "type": "avatar", "avatar_id": part["avatar_id"]}]
        if avatar
        else [],
        "script": [{"id": f"{name}-text", "type": "text", "text": part["script"], **speech}]
        if part.get("script")
        else [],
    }


def _get_scenes(call: Call) -> Json:
    """``GET /v3/videos/{video_id}/scenes``."""
    job = call.backend.jobs.of(VIDEO).get(call.ids["video_id"])
    if job is None:
        raise not_found("video", call.ids["video_id"])
    names = "aspect_ratio", "resolution", "caption", "brand_glossary_id"
    scenes = enumerate(job.request.get("scenes") or [job.request], 1)
    return {
        "video_id": job.id,
        "video": {"title": job.title, **{name: job.request.get(name) for name in names}},
        "scenes": [_show_scene(number, scene) for number, scene in scenes],
    }


VIDEOS = _collection("/v3/videos", check_video)

HANDLERS: Mapping[str, Handler] = {
    **VIDEOS.handlers(),
    **batch_handlers(VIDEOS, "videos"),
    **_collection("/v2/videos", check_v2_video).handlers(),
    **LIPSYNC.handlers(),
    "GET /v3/videos/{video_id}/scenes": _get_scenes,
    **batch_handlers(LIPSYNC, "lipsyncs"),
    "GET /v1/video_status.get": _get_v1_status,
}
