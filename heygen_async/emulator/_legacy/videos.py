"""Videos of v2 and v1: ``/v2/videos`` and ``/v1/video_status.get``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator import _heygen
from heygen_async.emulator._errors import ApiError, invalid
from heygen_async.emulator._heygen.references import IMAGES, References, given
from heygen_async.emulator._heygen.video_rules import (
    check_background,
    check_matting,
    check_speech,
)
from heygen_async.emulator._heygen.video_shapes import (
    BACKGROUND,
    OPTIONAL_URL,
    TEXT,
)
from heygen_async.emulator._heygen.videos import delete, detail, find, output_format, submit
from heygen_async.emulator._legacy.answers import answer_v1, answer_v2
from heygen_async.emulator._requests import read_json, read_query
from heygen_async.emulator._schema import Choice, Flag, Nullable, Number, Record, Text
from heygen_async.emulator._world import WORLD, World

if TYPE_CHECKING:
    from heygen_async.emulator._schema import Json

VISUALS = ("avatar_id", "image_url", "image_asset_id")

CREATE_VIDEO = Record(
    {
        "avatar_id": TEXT,
        "image_url": OPTIONAL_URL,
        "image_asset_id": TEXT,
        "script": Nullable(Text(min_length=1)),
        "voice_id": TEXT,
        "audio_url": Nullable(Text(pattern=r"(https?://\S+)?")),
        "audio_asset_id": TEXT,
        "title": TEXT,
        "resolution": Nullable(Choice(("1080p", "720p"))),
        "aspect_ratio": Nullable(Choice(("16:9", "9:16"))),
        "motion_prompt": TEXT,
        "expressiveness": Nullable(Choice(("low", "medium", "high"))),
        "remove_background": Nullable(Flag()),
        "background": Nullable(BACKGROUND),
        "voice_settings": Nullable(
            Record(
                {
                    "speed": Number(minimum=0.5, maximum=1.5),
                    "pitch": Number(minimum=-50, maximum=50),
                    "locale": TEXT,
                }
            )
        ),
    }
)


async def create_video(request: web.Request) -> web.Response:
    """``POST /v2/videos``."""
    world = request.app[WORLD]
    body = await read_json(request, CREATE_VIDEO)
    if body.get("audio_url") == "":  # the page's default for: none
        body = {**body, "audio_url": None}
    references = References(world)
    _check(body, references)
    job = submit(world, body, references)
    created = {"video_id": job.id, "status": "waiting", "output_format": output_format(job)}
    return _answer(world, created)


async def get_video(request: web.Request) -> web.Response:
    """``GET /v2/videos/{video_id}``."""
    read_query(request)
    world = request.app[WORLD]
    return _answer(world, detail(world, find(world, request.match_info["video_id"])))


async def delete_video(request: web.Request) -> web.Response:
    """``DELETE /v2/videos/{video_id}``."""
    read_query(request)
    world = request.app[WORLD]
    return _answer(world, delete(world, request.match_info["video_id"]))


async def get_status(request: web.Request) -> web.Response:
    """``GET /v1/video_status.get``."""
    query = read_query(request, "video_id")
    if not query.get("video_id"):
        raise ApiError(400, "missing_parameter", "video_id is required.")
    world = request.app[WORLD]
    job = world.book.jobs.get(query["video_id"])
    if job is None or job.kind.name != "video":
        raise ApiError(400, "video_not_found", "Invalid video_id.")
    return answer_v1(_status(detail(world, job)))


ROUTES = (
    web.post("/v2/videos", create_video),
    web.get("/v2/videos", _heygen.videos.list_videos, allow_head=False),
    web.get("/v2/videos/{video_id}", get_video, allow_head=False),
    web.delete("/v2/videos/{video_id}", delete_video),
    web.get("/v1/video_status.get", get_status, allow_head=False),
)


def _answer(world: World, data: Json) -> web.Response:
    """Return a video in ``data``, as the contract has it, or bare, as the page has it."""
    return web.json_response(data) if world.drift.v2_videos == "bare" else answer_v2(data)


def _check(body: Json, references: References) -> None:
    """Raise the 400 or 404 for the first rule that a well-shaped request breaks."""
    if len(given(body, *VISUALS)) != 1:
        raise invalid(
            "avatar_id",
            "Exactly one visual source required: avatar_id, image_url, or image_asset_id.",
        )
    check_speech(body, "", references)
    check_background(body, references)
    if body.get("image_asset_id") is not None:
        references.asset(body["image_asset_id"], "image_asset_id", IMAGES)
    if body.get("avatar_id") is None:
        return
    look = references.look(body["avatar_id"], "avatar_id")
    check_matting(body, look)
    if not look.is_photo and (moving := given(body, "motion_prompt", "expressiveness")):
        raise invalid(moving[0], f"{moving[0]} is supported for photo avatars only.")


def _status(video: Json) -> Json:
    """Return the v1 view of a video."""
    failed = video["status"] == "failed"
    message = video["failure_message"]
    error = {"code": video["failure_code"], "detail": message, "message": message}
    return {
        "callback_id": None,
        "caption_url": video["subtitle_url"],
        "created_at": video["created_at"],
        "duration": video["duration"],
        "error": error if failed else None,
        "gif_url": video["gif_url"],
        "id": video["id"],
        "status": video["status"],
        "thumbnail_url": video["thumbnail_url"],
        "video_url": video["video_url"],
        "video_url_caption": video["captioned_video_url"],
    }
