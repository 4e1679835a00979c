"""Photo avatars of v2: ``/v2/photo_avatar/{id}``, and how v2 shows a look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._legacy.answers import answer_v2
from heygen_async.emulator._requests import read_query
from heygen_async.emulator._world import WORLD, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._avatars import Look
    from heygen_async.emulator._schema import Json

STATUSES: Mapping[str, str] = {"processing": "pending"}
"""The word of v2 where it is not that of the job."""

SOUND = "background sound"


async def get_photo_avatar(request: web.Request) -> web.Response:
    """``GET /v2/photo_avatar/{id}``."""
    read_query(request)
    world = request.app[WORLD]
    return answer_v2(show_photo_avatar(world, find(world, request.match_info["id"])))


async def delete_photo_avatar(request: web.Request) -> web.Response:
    """``DELETE /v2/photo_avatar/{id}``; with its last look the group goes."""
    read_query(request)
    world = request.app[WORLD]
    look = find(world, request.match_info["id"])
    if look.job is None:
        raise ApiError(403, "forbidden", "Public avatars cannot be deleted.")
    world.avatars.delete_look(look)
    return answer_v2({})


ROUTES = (
    web.get("/v2/photo_avatar/{id}", get_photo_avatar, allow_head=False),
    web.delete("/v2/photo_avatar/{id}", delete_photo_avatar),
)


def find(world: World, look_id: str, at: str | None = None) -> Look:
    """Return a photo avatar; 404 about the parameter *at* if there is none of this id."""
    look = world.avatars.looks.get(look_id)
    if look is None or not look.is_photo:
        raise not_found("avatar", look_id, param=at)
    return look


def find_completed(world: World, look_id: str) -> Look:
    """Return a photo avatar for the parameter ``id``; 400 until it is completed."""
    look = find(world, look_id, "id")
    if look.job and look.job.status(world.clock.now()) != "completed":
        raise ApiError(400, "avatar_not_usable", "Photo avatar look upload not completed.")
    return look


def find_motion(world: World, look_id: str) -> Look:
    """Return a completed motion for the parameter ``id``; 400 for any other photo avatar."""
    look = find_completed(world, look_id)
    if not look.is_motion:
        raise invalid("id", "Only avatars with motion are supported.")
    return look


def show_photo_avatar(world: World, look: Look) -> Json:
    """Return a look as v2 shows it."""
    now, sign = world.clock.now(), world.signer.sign
    status = "completed" if look.job is None else look.job.status(now)
    done = status == "completed"
    upscaled = look.upscale is not None and look.upscale.status(now) == "completed"
    sounds = look.sound_effect is not None and look.sound_effect.status(now) == "completed"
    created = world.clock.unix(look.job.created_at) if look.job else None
    return {
        "id": look.id,
        "image_url": sign(f"/preview/{look.id}.jpg") if done else "",
        "created_at": created or world.avatars.groups[look.group_id].created_at,
        "name": look.name,
        "status": STATUSES.get(status, status),
        "group_id": look.group_id,
        "is_motion": look.is_motion,
        "motion_preview_url": sign(f"/video/{look.id}.mp4") if done and look.is_motion else None,
        "business_type": "generated" if look.is_motion else "uploaded",
        "upscale_availability": {
            "available": done and look.is_motion and not upscaled,
            "reason": None if done else "Photo avatar look upload not completed",
        },
        "upscaled": upscaled,
        "background_sound_effect": SOUND if sounds else None,
        "default_voice_id": look.default_voice_id,
    }
