"""Avatar groups of v2: made from pictures, added to, trained and listed."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._avatars import Group, Look
from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._kinds import PHOTO_GENERATION, PHOTO_UPLOAD, TRAINING
from heygen_async.emulator._legacy.answers import answer_v2
from heygen_async.emulator._legacy.photo_avatars import show_photo_avatar
from heygen_async.emulator._legacy.photos import image_keys
from heygen_async.emulator._requests import read_choice, read_json, read_query
from heygen_async.emulator._schema import Array, Nullable, Record, Text
from heygen_async.emulator._world import WORLD, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._schema import Json

WORD = Text(min_length=1)
CREATE_GROUP = Record(
    {"name": WORD, "image_key": WORD, "generation_id": Nullable(WORD)},
    required=("name", "image_key"),
)
ADD_LOOKS = Record(
    {
        "group_id": WORD,
        "image_keys": Array(items=WORD, min_items=1, max_items=4),
        "name": WORD,
        "generation_id": Nullable(WORD),
    },
    required=("group_id", "image_keys", "name"),
)
TRAIN = Record({"group_id": WORD}, required=("group_id",))

TRAINING_STATUSES: Mapping[str, str] = {"processing": "training", "completed": "ready"}
"""The word of a training where it is not that of the job."""


async def create_group(request: web.Request) -> web.Response:
    """``POST /v2/photo_avatar/avatar_group/create``."""
    world = request.app[WORLD]
    body = await read_json(request, CREATE_GROUP)
    _require_pictures(world, body, {"image_key": body["image_key"]})
    group = Group(id=uuid.uuid4().hex, name=body["name"], created_at=world.unix())
    return answer_v2(show_photo_avatar(world, _add_look(world, body, group)))


async def add_looks(request: web.Request) -> web.Response:
    """``POST /v2/photo_avatar/avatar_group/add``: one look per picture."""
    world = request.app[WORLD]
    body = await read_json(request, ADD_LOOKS)
    group = world.avatars.own_group(body["group_id"], at="group_id")
    keys = {f"image_keys[{index}]": key for index, key in enumerate(body["image_keys"])}
    _require_pictures(world, body, keys)
    looks = [_add_look(world, body, group) for _ in body["image_keys"]]
    return answer_v2({"photo_avatar_list": [show_photo_avatar(world, look) for look in looks]})


async def train(request: web.Request) -> web.Response:
    """``POST /v2/photo_avatar/train``."""
    world = request.app[WORLD]
    body = await read_json(request, TRAIN)
    group = world.avatars.own_group(body["group_id"], at="group_id")
    group.training = world.submit(body, TRAINING)
    return answer_v2({"flow_id": group.training.id})


async def get_training(request: web.Request) -> web.Response:
    """``GET /v2/photo_avatar/train/status/{group_id}``: of the group's last training."""
    read_query(request)
    world = request.app[WORLD]
    group = world.avatars.own_group(request.match_info["group_id"])
    job = group.training
    if job is None:
        raise ApiError(404, "not_found", "The group was never trained.")
    now = world.clock.now()
    status = job.status(now)
    return answer_v2(
        {
            "status": TRAINING_STATUSES.get(status, status),
            "error_msg": job.failure[1] if job.failure and status == "failed" else None,
            "created_at": int(world.clock.unix(job.created_at)),
            "updated_at": int(world.clock.unix(min(now, job.finished_at))),
        }
    )


async def list_groups(request: web.Request) -> web.Response:
    """``GET /v2/avatar_group.list``, without the public ones unless they are asked for."""
    query = read_query(request, "include_public")
    everyone = read_choice(query, "include_public", ("true", "false")) == "true"
    world = request.app[WORLD]
    rows = [
        _show_group(world, group)
        for group in world.avatars.groups.values()
        if everyone or not group.public
    ]
    return answer_v2({"total_count": len(rows), "avatar_group_list": rows})


async def list_avatars(request: web.Request) -> web.Response:
    """``GET /v2/avatar_group/{group_id}/avatars``: photo avatars look unlike the others."""
    read_query(request)
    world, group_id = request.app[WORLD], request.match_info["group_id"]
    group = world.avatars.groups.get(group_id)
    if group is None:
        raise not_found("avatar_group", group_id)
    looks = world.avatars.looks_of(group)
    rows = [
        show_photo_avatar(world, look) if look.is_photo else _show_video_avatar(world, look)
        for look in looks
    ]
    return answer_v2({"avatar_list": rows})


ROUTES = (
    web.post("/v2/photo_avatar/avatar_group/create", create_group),
    web.post("/v2/photo_avatar/avatar_group/add", add_looks),
    web.post("/v2/photo_avatar/train", train),
    web.get("/v2/photo_avatar/train/status/{group_id}", get_training, allow_head=False),
    web.get("/v2/avatar_group.list", list_groups, allow_head=False),
    web.get("/v2/avatar_group/{group_id}/avatars", list_avatars, allow_head=False),
)


def _require_pictures(world: World, body: Json, keys: Mapping[str, str]) -> None:
    """Require pictures that exist, and a generation that does if one is named."""
    for at, key in keys.items():
        if not _is_generated(world, key) and not _is_uploaded(world, key):
            raise invalid(at, "The image was not found.")
    generation_id = body.get("generation_id")
    if generation_id is not None and generation_id not in world.book.of(PHOTO_GENERATION):
        raise not_found("generation", generation_id, param="generation_id")


def _is_generated(world: World, key: str) -> bool:
    job = world.book.of(PHOTO_GENERATION).get(key.partition("/")[2].removesuffix(".jpg"))
    done = job is not None and job.status(world.clock.now()) == "completed"
    return job is not None and done and key in image_keys(job)


def _is_uploaded(world: World, key: str) -> bool:
    """Return whether a key is ``image/<asset id>/original``, of an asset that is a picture."""
    match = re.fullmatch("image/([^/]+)/original", key)
    asset = world.assets.all.get(match[1]) if match else None
    return asset is not None and asset.mime_type.startswith("image/")


def _add_look(world: World, body: Json, group: Group) -> Look:
    job = world.submit(body, PHOTO_UPLOAD)
    look = Look(
        id=job.id,
        name=body["name"],
        avatar_type="photo_avatar",
        group_id=group.id,
        matting=True,
        job=job,
    )
    return world.avatars.add(look, group)


def _show_group(world: World, group: Group) -> Json:
    looks = world.avatars.looks_of(group)
    status = group.training.status(world.clock.now()) if group.training else "empty"
    return {
        "id": group.id,
        "name": group.name,
        "created_at": group.created_at,
        "num_looks": len(looks),
        "preview_image": world.signer.sign(f"/preview/{looks[0].id}.jpg"),
        "group_type": "PHOTO" if looks[0].is_photo else "PRIVATE",
        "train_status": TRAINING_STATUSES.get(status, status),
        "default_voice_id": looks[0].default_voice_id,
    }


def _show_video_avatar(world: World, look: Look) -> Json:
    return {
        "avatar_id": look.id,
        "avatar_name": look.name,
        "gender": look.gender,
        "preview_image_url": world.signer.sign(f"/preview/{look.id}.jpg"),
        "preview_video_url": world.signer.sign(f"/video/{look.id}.mp4"),
        "premium": False,
        "tags": None,
        "default_voice_id": look.default_voice_id,
    }
