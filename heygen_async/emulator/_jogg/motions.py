"""Motions: ``photo_avatar/add_motion``, the way to an avatar that can be used in a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._errors import invalid
from heygen_async.emulator._files import PUBLIC
from heygen_async.emulator._jogg.account import ACCOUNT
from heygen_async.emulator._jogg.answers import answer
from heygen_async.emulator._jogg.lookup import find_job, require_voice
from heygen_async.emulator._jogg.words import failure_of, state_of, word_of
from heygen_async.emulator._kinds import JOGG_MOTION, JOGG_MOTION_PRO, JOGG_PHOTO, Kind
from heygen_async.emulator._requests import read_json, read_query
from heygen_async.emulator._schema import Choice, Record, Text
from heygen_async.emulator._world import WORLD, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._schema import Json

MODELS: Mapping[str, Kind] = {
    "1.0": JOGG_MOTION,
    "2.0": JOGG_MOTION,
    "2.0-Pro": JOGG_MOTION_PRO,
    "3.0": JOGG_MOTION,
}
MAX_DESCRIPTION = 1500
MAX_DESCRIPTION_OF: Mapping[str, int] = {"1.0": 299}
"""Bytes of a description in UTF-8, by model: under 300 for 1.0, at most 1500 for the others."""

URL = Text(pattern=r"https?://\S+")
ADD_MOTION = Record(
    {
        "image_url": URL,
        "photo_id": Text(),
        "name": Text(min_length=1),
        "voice_id": Text(min_length=1),
        "model": Choice(tuple(MODELS)),
        "description": Text(),
        "welcome_msg": Text(),
    },
    required=("image_url", "name", "voice_id", "model"),
)


async def add_motion(request: web.Request) -> web.Response:
    """``POST /v2/photo_avatar/add_motion``: a new avatar; its pictures need no generation."""
    world, account = request.app[WORLD], request.app[ACCOUNT]
    body = await read_json(request, ADD_MOTION)
    _check(world, body)
    job = account.submit(world, body, MODELS[body["model"]])
    avatar = account.add_avatar(job)
    return answer({"avatar_id": avatar.id, "motion_id": job.id, "status": word_of(world, job)})


async def get_motion(request: web.Request) -> web.Response:
    """``GET /v2/photo_avatar``."""
    world = request.app[WORLD]
    job = find_job(world, read_query(request, "motion_id"), "motion_id", JOGG_MOTION)
    done = state_of(world, job) == "completed"
    url = f"{world.signer.base_url}{PUBLIC}/video/{job.id}.mp4"
    shown = {
        "motion_id": job.id,
        "avatar_id": request.app[ACCOUNT].avatar_of(job).id,
        "image_url": job.request["image_url"],
        "name": job.request["name"],
        "status": word_of(world, job),
        "motion_preview_url": url if done else "",
        "voice_id": job.request["voice_id"],
    }
    if done or world.drift.nulls:
        shown["error_msg"] = None
    if failure := failure_of(world, job):
        shown["error_msg"] = failure[1]
    return answer(shown)


ROUTES = (
    web.post("/v2/photo_avatar/add_motion", add_motion),
    web.get("/v2/photo_avatar", get_motion, allow_head=False),
)


def _check(world: World, body: Json) -> None:
    """Require a voice, a finished photo if one is named, and a description that fits."""
    require_voice(body["voice_id"], "voice_id")
    if body.get("photo_id"):
        photo = find_job(world, body, "photo_id", JOGG_PHOTO)
        if state_of(world, photo) != "completed":
            raise invalid("photo_id", "The photo is not ready.")
    most = MAX_DESCRIPTION_OF.get(body["model"], MAX_DESCRIPTION)
    if len(body.get("description", "").encode()) > most:
        raise invalid("description", f"At most {most} bytes with model {body['model']}.")
