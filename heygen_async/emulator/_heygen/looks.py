"""Avatar looks: ``/v3/avatars/looks``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._answers import cut_page, listing, single
from heygen_async.emulator._errors import ApiError, invalid
from heygen_async.emulator._heygen.look_views import show_look
from heygen_async.emulator._requests import read_choice, read_json, read_limit, read_query
from heygen_async.emulator._schema import Nullable, Record, Text
from heygen_async.emulator._world import WORLD, World

if TYPE_CHECKING:
    from heygen_async.emulator._avatars import Look

MAX_LIMIT = 50
OWNERSHIP = ("public", "private")
AVATAR_TYPES = ("studio_avatar", "digital_twin", "photo_avatar")
UPDATE_LOOK = Record({"name": Nullable(Text(max_length=255))})


async def list_looks(request: web.Request) -> web.Response:
    """``GET /v3/avatars/looks``, oldest first; all given filters have to fit."""
    query = read_query(request, "group_id", "avatar_type", "ownership", "limit", "token")
    avatar_type = read_choice(query, "avatar_type", AVATAR_TYPES)
    ownership = read_choice(query, "ownership", OWNERSHIP)
    world = request.app[WORLD]
    page, token = cut_page(
        [
            row
            for row in enumerate(world.avatars.looks.values())
            if query.get("group_id") in {None, row[1].group_id}
            and avatar_type in {None, row[1].avatar_type}
            and (ownership is None or (row[1].job is None) == (ownership == "public"))
        ],
        position=lambda row: row[0],
        limit=read_limit(query, default=20, maximum=MAX_LIMIT),
        token=query.get("token"),
    )
    return listing([show_look(world, look) for _, look in page], token)


async def get_look(request: web.Request) -> web.Response:
    """``GET /v3/avatars/looks/{look_id}``."""
    read_query(request)
    world = request.app[WORLD]
    return single(show_look(world, _find(world, request)))


async def update_look(request: web.Request) -> web.Response:
    """``PATCH /v3/avatars/looks/{look_id}``: another name; null leaves the old one."""
    world = request.app[WORLD]
    body = await read_json(request, UPDATE_LOOK)
    look = _find(world, request)
    if look.avatar_type == "studio_avatar":
        raise invalid(
            "look_id", "Renaming is only supported for photo and digital twin avatar looks."
        )
    if look.job is None:
        raise _no_look()
    if body.get("name") is not None:
        look.name = body["name"]
    return single(show_look(world, look))


async def delete_look(request: web.Request) -> web.Response:
    """``DELETE /v3/avatars/looks/{look_id}``; with the last look the group goes."""
    read_query(request)
    world = request.app[WORLD]
    look = _find(world, request)
    if look.avatar_type == "studio_avatar":
        raise invalid("look_id", "Studio avatar looks cannot be deleted.")
    if look.job is None:
        raise ApiError(403, "forbidden", "Public avatar looks cannot be deleted.")
    world.avatars.delete_look(look)
    return single({"id": look.id})


ROUTES = (
    web.get("/v3/avatars/looks", list_looks, allow_head=False),
    web.get("/v3/avatars/looks/{look_id}", get_look, allow_head=False),
    web.patch("/v3/avatars/looks/{look_id}", update_look),
    web.delete("/v3/avatars/looks/{look_id}", delete_look),
)


def _find(world: World, request: web.Request) -> Look:
    if look := world.avatars.looks.get(request.match_info["look_id"]):
        return look
    raise _no_look()


def _no_look() -> ApiError:
    return ApiError(404, "not_found", "Avatar look not found.")
