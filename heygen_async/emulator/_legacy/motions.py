"""Motions of v2: ``add_motion``, and what can be done to one afterwards."""

from __future__ import annotations

import uuid

from aiohttp import web

from heygen_async.emulator._avatars import Group, Look
from heygen_async.emulator._errors import ApiError
from heygen_async.emulator._kinds import MOTION, SOUND_EFFECT, UPSCALE
from heygen_async.emulator._legacy.answers import answer_v2
from heygen_async.emulator._legacy.photo_avatars import find_completed, find_motion
from heygen_async.emulator._requests import read_json
from heygen_async.emulator._schema import Choice, Record, Text
from heygen_async.emulator._world import WORLD, World

DOCUMENTED_TYPES = (
    "expressive",
    "consistent",
    "consistent_gen_3",
    "hailuo_2",
    "veo2",
    "seedance_lite",
    "kling",
)
NEWER_TYPES = ("veo3.1", "runway_gen4", "runway_gen3", "avatar_iv")
"""Words of the server's own validation message that its page does not have."""

ADD_MOTION = Record(
    {
        "id": Text(min_length=1),
        "prompt": Text(),
        "motion_type": Choice((*DOCUMENTED_TYPES, *NEWER_TYPES)),
    },
    required=("id",),
)
BY_ID = Record({"id": Text(min_length=1)}, required=("id",))


async def add_motion(request: web.Request) -> web.Response:
    """``POST /v2/photo_avatar/add_motion``: a new look, which moves."""
    world = request.app[WORLD]
    body = await read_json(request, ADD_MOTION)
    still = find_completed(world, body["id"])
    if len(world.book.of(MOTION)) >= world.max_motions:
        message = f"You have exceeded your limit of {world.max_motions} photo avatar add motions."
        raise ApiError(400, "resource_limit_reached", message)
    group = _group_for(world, still)
    job = world.submit(body, MOTION)
    look = Look(
        id=job.id,
        name=still.name,
        avatar_type=still.avatar_type,
        group_id=group.id,
        gender=still.gender,
        default_voice_id=still.default_voice_id,
        matting=still.matting,
        is_motion=True,
        job=job,
    )
    world.avatars.add(look, group)
    return answer_v2({"id": look.id})


async def upscale(request: web.Request) -> web.Response:
    """``POST /v2/photo_avatar/upscale``: the look becomes ``upscaled`` when the job ends."""
    world = request.app[WORLD]
    body = await read_json(request, BY_ID)
    look = find_motion(world, body["id"])
    look.upscale = world.submit(body, UPSCALE)
    return answer_v2({"id": look.id})


async def add_sound_effect(request: web.Request) -> web.Response:
    """``POST /v2/photo_avatar/add_sound_effect``: the look has a sound when the job ends."""
    world = request.app[WORLD]
    body = await read_json(request, BY_ID)
    look = find_motion(world, body["id"])
    look.sound_effect = world.submit(body, SOUND_EFFECT)
    return answer_v2({"id": look.id})


ROUTES = (
    web.post("/v2/photo_avatar/add_motion", add_motion),
    web.post("/v2/photo_avatar/upscale", upscale),
    web.post("/v2/photo_avatar/add_sound_effect", add_sound_effect),
)


def _group_for(world: World, still: Look) -> Group:
    """Return the group of a look, or a new one for a look that is not the account's own."""
    group = world.avatars.groups[still.group_id]
    if not group.public:
        return group
    return Group(id=uuid.uuid4().hex, name=group.name, created_at=world.unix())
