"""Videos: ``/v3/videos`` and ``/v3/videos/statuses``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._answers import cut_page, listing, single
from heygen_async.emulator._errors import invalid, not_found
from heygen_async.emulator._heygen.look_views import has_preview
from heygen_async.emulator._heygen.references import References
from heygen_async.emulator._heygen.video_rules import check_video
from heygen_async.emulator._heygen.video_shapes import CREATE_VIDEO
from heygen_async.emulator._kinds import VIDEO
from heygen_async.emulator._requests import read_json, read_limit, read_query
from heygen_async.emulator._world import WORLD, World

if TYPE_CHECKING:
    from heygen_async.emulator._jobs import RenderJob
    from heygen_async.emulator._schema import Json

MAX_IDS = 100
VIDEO_SECONDS = 2.4
"""The length of the packaged video."""

BULK_WORDS = {"pending": "queued"}
"""The bulk endpoint's own words where they differ."""


async def create_video(request: web.Request) -> web.Response:
    """``POST /v3/videos``."""
    world = request.app[WORLD]
    body = await read_json(request, CREATE_VIDEO)
    references = References(world)
    check_video(body, references)
    job = submit(world, body, references)
    return single({"video_id": job.id, "status": "waiting", "output_format": output_format(job)})


async def get_video(request: web.Request) -> web.Response:
    """``GET /v3/videos/{video_id}``."""
    read_query(request)
    world = request.app[WORLD]
    return single(detail(world, find(world, request.match_info["video_id"])))


async def list_videos(request: web.Request) -> web.Response:
    """``GET /v3/videos``, newest first."""
    query = read_query(request, "limit", "token", "folder_id", "title")
    title = query.get("title")
    if title == "":
        raise invalid("title", "title should have at least 1 character.")
    world = request.app[WORLD]
    jobs = (
        job
        for job in reversed(list(world.book.of(VIDEO).values()))
        if "folder_id" not in query and (title is None or title in (job.request.get("title") or ""))
    )
    page, token = cut_page(
        jobs,
        position=lambda job: -job.number,
        limit=read_limit(query, default=10),
        token=query.get("token"),
    )
    return listing([detail(world, job) for job in page], token)


async def delete_video(request: web.Request) -> web.Response:
    """``DELETE /v3/videos/{video_id}``."""
    read_query(request)
    return single(delete(request.app[WORLD], request.match_info["video_id"]))


async def list_statuses(request: web.Request) -> web.Response:
    """``GET /v3/videos/statuses``; no batches exist here, so none is found."""
    query = read_query(request, "video_ids", "batch_ids")
    video_ids = [part for part in query.get("video_ids", "").split(",") if part]
    batch_ids = [part for part in query.get("batch_ids", "").split(",") if part]
    if len(video_ids) + len(batch_ids) > MAX_IDS:
        raise invalid("video_ids", f"At most {MAX_IDS} ids per request.")
    if not video_ids and not batch_ids:
        raise invalid("video_ids", "video_ids or batch_ids is required.")
    world = request.app[WORLD]
    jobs, now = world.book.of(VIDEO), world.clock.now()
    rows = [status_row(video_id, jobs.get(video_id), now) for video_id in video_ids]
    rows += [{**status_row(None, None, now), "batch_id": batch_id} for batch_id in batch_ids]
    return listing(rows)


ROUTES = (
    web.post("/v3/videos", create_video),
    web.get("/v3/videos", list_videos, allow_head=False),
    web.get("/v3/videos/statuses", list_statuses, allow_head=False),
    web.get("/v3/videos/{video_id}", get_video, allow_head=False),
    web.delete("/v3/videos/{video_id}", delete_video),
)


def find(world: World, video_id: str) -> RenderJob:
    """Return a job; 404 ``video_not_found``."""
    if job := world.book.of(VIDEO).get(video_id):
        return job
    raise not_found("video", video_id)


def submit(world: World, body: Json, references: References) -> RenderJob:
    """Return the job of a checked request, which fails if a look of it has no preview yet."""
    job = world.submit(body, VIDEO)
    if not all(has_preview(world, look) for look in references.looks):
        job.failure = (VIDEO.failure[0], "The avatar was not ready to be rendered.")
    return job


def delete(world: World, video_id: str) -> Json:
    """Forget a job and free its slot; 404 ``video_not_found``."""
    job = find(world, video_id)
    world.book.delete(job.id)
    world.slots.free(job)
    return {"id": job.id, "deleted": True}


def output_format(job: RenderJob) -> str:
    """Return ``mp4`` or ``webm``."""
    return str(job.request.get("output_format", "mp4"))


def status_row(video_id: str | None, job: RenderJob | None, now: float) -> Json:
    """Return one row of the bulk answer."""
    word = job.status(now) if job else "not_found"
    error = None
    if job and job.failure and word == "failed":
        code, message = job.failure
        error = {"code": code, "message": message}
    return {
        "video_id": video_id,
        "status": BULK_WORDS.get(word, word),
        "error": error,
        "batch_id": None,
        "item_index": None,
    }


def detail(world: World, job: RenderJob) -> Json:
    """Return a ``VideoDetail``, its URLs signed afresh."""
    status = job.status(world.clock.now())
    code, message = (job.failure if status == "failed" else None) or (None, None)
    done = status == "completed"
    return {
        "id": job.id,
        "title": job.request.get("title"),
        "status": status,
        "created_at": int(world.clock.unix(job.created_at)),
        "completed_at": int(world.clock.unix(job.finished_at)) if done else None,
        "duration": VIDEO_SECONDS if done else None,
        **(urls(world, job) if done else dict.fromkeys(URL_FIELDS)),
        "folder_id": None,
        "output_language": None,
        "failure_code": code,
        "failure_message": message,
        "video_page_url": f"https://app.heygen.com/video/{job.id}",
    }


URL_FIELDS = ("video_url", "thumbnail_url", "gif_url", "captioned_video_url", "subtitle_url")


def urls(world: World, job: RenderJob) -> dict[str, str | None]:
    """Return the presigned URLs of a finished job; subtitles only if a caption was asked for."""
    sign, suffix = world.signer.sign, output_format(job)
    caption = job.request.get("caption")
    styled = caption is not None and caption.get("style") is not None
    paths = {
        "video_url": f"/video/{job.id}.{suffix}",
        "thumbnail_url": f"/thumbnail/{job.id}.jpg",
        "gif_url": f"/gif/{job.id}.gif",
        "captioned_video_url": f"/captioned/{job.id}.{suffix}" if styled else None,
        "subtitle_url": None if caption is None else f"/srt/{job.id}.srt",
    }
    return {name: path and sign(path) for name, path in paths.items()}
