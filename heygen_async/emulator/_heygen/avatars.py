"""Avatars: ``/v3/avatars``, which makes looks and groups them, and the consent of a person."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._answers import cut_page, listing, single
from heygen_async.emulator._avatars import AvatarType, Group, Look
from heygen_async.emulator._errors import invalid, not_found
from heygen_async.emulator._herald import HERALD
from heygen_async.emulator._heygen.look_views import needs_consent, show_group, show_look
from heygen_async.emulator._heygen.references import IMAGES, VIDEOS, References
from heygen_async.emulator._heygen.video_shapes import MEDIA, OPTIONAL_URL, TEXT
from heygen_async.emulator._kinds import AVATAR
from heygen_async.emulator._requests import read_choice, read_json, read_limit, read_query
from heygen_async.emulator._schema import Array, Nullable, Record, Text, Union
from heygen_async.emulator._world import WORLD, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._schema import Json

OWNERSHIP = ("public", "private")
MAX_LIMIT = 50

FROM_FILE = Record(
    {"name": Text(), "file": MEDIA, "avatar_group_id": TEXT}, required=("name", "file")
)
CREATE_AVATAR = Union(
    "type",
    {
        "photo": FROM_FILE,
        "digital_twin": FROM_FILE,
        "prompt": Record(
            {
                "name": Text(),
                "prompt": Text(min_length=1, max_length=1000),
                "reference_images": Nullable(Array(items=MEDIA, max_items=3)),
                "avatar_group_id": TEXT,
                "avatar_id": TEXT,
            },
            required=("name", "prompt"),
        ),
    },
)
CONSENT = Record(
    {
        "reroute_url": OPTIONAL_URL,
        "consent_text": Nullable(Text(max_length=1000)),
        "consent_video": Nullable(MEDIA),
    }
)
AVATAR_TYPES: Mapping[str, AvatarType] = {
    "photo": "photo_avatar",
    "prompt": "photo_avatar",
    "digital_twin": "digital_twin",
}


async def create_avatar(request: web.Request) -> web.Response:
    """``POST /v3/avatars``: a new look, in a group of its own unless one is named."""
    world = request.app[WORLD]
    body = await read_json(request, CREATE_AVATAR)
    _check_sources(body, References(world))
    group = _group_for(world, body)
    job = world.submit(body, AVATAR)
    look = Look(
        id=job.id,
        name=body["name"],
        avatar_type=AVATAR_TYPES[body["type"]],
        group_id=group.id,
        matting=True,
        job=job,
    )
    world.avatars.add(look, group)
    shown = {"avatar_item": show_look(world, look), "avatar_group": show_group(world, group)}
    return single(shown)


async def list_groups(request: web.Request) -> web.Response:
    """``GET /v3/avatars``, oldest first."""
    query = read_query(request, "ownership", "limit", "token")
    ownership = read_choice(query, "ownership", OWNERSHIP)
    world = request.app[WORLD]
    page, token = cut_page(
        [
            row
            for row in enumerate(world.avatars.groups.values())
            if ownership is None or row[1].public == (ownership == "public")
        ],
        position=lambda row: row[0],
        limit=read_limit(query, default=20, maximum=MAX_LIMIT),
        token=query.get("token"),
    )
    return listing([show_group(world, group) for _, group in page], token)


async def get_group(request: web.Request) -> web.Response:
    """``GET /v3/avatars/{group_id}``."""
    read_query(request)
    world, group_id = request.app[WORLD], request.match_info["group_id"]
    if group := world.avatars.groups.get(group_id):
        return single(show_group(world, group))
    raise not_found("avatar_group", group_id)


async def delete_group(request: web.Request) -> web.Response:
    """``DELETE /v3/avatars/{group_id}``, with all its looks."""
    read_query(request)
    avatars = request.app[WORLD].avatars
    group = avatars.own_group(request.match_info["group_id"], kind="avatar")
    avatars.delete_group(group)
    return single({"id": group.id})


async def request_consent(request: web.Request) -> web.Response:
    """``POST /v3/avatars/{group_id}/consent``: a page to visit, or a video that says it."""
    world = request.app[WORLD]
    body = await read_json(request, CONSENT)
    group = world.avatars.own_group(request.match_info["group_id"])
    if not needs_consent(world, group):
        raise invalid("group_id", "Consent is only required for digital twins.")
    if body.get("consent_video") is not None:
        References(world).media(body["consent_video"], "consent_video", VIDEOS)
        request.app[HERALD].consent(group)
    url = None if group.consented else world.signer.sign(f"/consent/{group.id}")
    return single({"avatar_group": show_group(world, group), "url": url})


ROUTES = (
    web.post("/v3/avatars", create_avatar),
    web.get("/v3/avatars", list_groups, allow_head=False),
    web.get("/v3/avatars/{group_id}", get_group, allow_head=False),
    web.delete("/v3/avatars/{group_id}", delete_group),
    web.post("/v3/avatars/{group_id}/consent", request_consent),
)


def _check_sources(body: Json, references: References) -> None:
    """Require media that exist and are of the right type."""
    if "file" in body:
        references.media(body["file"], "file", VIDEOS if body["type"] == "digital_twin" else IMAGES)
    for index, image in enumerate(body.get("reference_images") or ()):
        references.media(image, f"reference_images[{index}]", IMAGES)
    if body.get("avatar_id") is not None:
        references.look(body["avatar_id"], "avatar_id")


def _group_for(world: World, body: Json) -> Group:
    if body.get("avatar_group_id") is not None:
        return world.avatars.own_group(body["avatar_group_id"], at="avatar_group_id")
    return Group(id=uuid.uuid4().hex, name=body["name"], created_at=world.unix())
