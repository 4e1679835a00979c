"""Lists of avatars: those made from photos, the account's own and the public ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._files import PUBLIC
from heygen_async.emulator._jogg.account import ACCOUNT
from heygen_async.emulator._jogg.answers import answer
from heygen_async.emulator._jogg.catalogue import CUSTOM_AVATARS, PUBLIC_AVATARS, SURROUNDINGS
from heygen_async.emulator._jogg.pages import cut, read_page_query
from heygen_async.emulator._jogg.words import FILTERS, NUMBERS, failure_of, state_of
from heygen_async.emulator._requests import read_choice
from heygen_async.emulator._world import WORLD, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._jogg.account import PhotoAvatar
    from heygen_async.emulator._schema import Json

STATUSES = tuple(FILTERS.values())
ASPECT_RATIOS = ("portrait", "landscape", "square")
"""In the order of their numbers in an answer."""

PUBLIC_FILTERS: Mapping[str, tuple[str, ...]] = {
    "style": ("professional", "social"),
    "gender": ("female", "male"),
    "age": ("adult", "senior", "young_adult"),
    "scene": (
        "lifestyle",
        "outdoors",
        "business",
        "studio",
        "health_fitness",
        "education",
        "news",
    ),
    "ethnicity": (
        "european",
        "african",
        "south_asian",
        "east_asian",
        "middle_eastern",
        "south_american",
        "north_american",
    ),
}


async def list_photo_avatars(request: web.Request) -> web.Response:
    """``GET /v2/avatars/photo_avatars``: words in the filter, numbers in the answer."""
    query = read_page_query(request, "name", "status")
    status = read_choice(query, "status", STATUSES)
    world = request.app[WORLD]
    rows = [
        row
        for avatar in request.app[ACCOUNT].avatars.values()
        if (row := _show(world, avatar))
        and status in {None, FILTERS[row["status"]]}
        and query.get("name", "") in avatar.name
    ]
    return answer({"avatars": cut(rows, query)[0]})


async def list_custom_avatars(request: web.Request) -> web.Response:
    """``GET /v2/avatars/custom``."""
    query = read_page_query(request, "name", "status")
    status = read_choice(query, "status", STATUSES)
    rows = [
        row
        for row in CUSTOM_AVATARS
        if status in {None, row["avatar_status"]} and query.get("name", "") in row["name"]
    ]
    return answer({"avatars": cut(rows, query)[0]})


async def list_public_avatars(request: web.Request) -> web.Response:
    """``GET /v2/avatars/public``; all given filters have to fit."""
    query = read_page_query(request, "aspect_ratio", *PUBLIC_FILTERS)
    wanted: dict[str, object] = {
        name: word
        for name, words in PUBLIC_FILTERS.items()
        if (word := read_choice(query, name, words))
    }
    if ratio := read_choice(query, "aspect_ratio", ASPECT_RATIOS):
        wanted["aspect_ratio"] = ASPECT_RATIOS.index(ratio)
    rows = [
        row
        for row in PUBLIC_AVATARS
        if wanted.items() <= {**row, **SURROUNDINGS[row["id"]]}.items()
    ]
    return answer({"avatars": cut(rows, query)[0]})


ROUTES = (
    web.get("/v2/avatars/photo_avatars", list_photo_avatars, allow_head=False),
    web.get("/v2/avatars/custom", list_custom_avatars, allow_head=False),
    web.get("/v2/avatars/public", list_public_avatars, allow_head=False),
)


def _show(world: World, avatar: PhotoAvatar) -> Json:
    failure = failure_of(world, avatar.job)
    return {
        "id": avatar.id,
        "name": avatar.name,
        "cover_url": f"{world.signer.base_url}{PUBLIC}/thumbnail/{avatar.job.id}.jpg",
        "status": NUMBERS[state_of(world, avatar.job)],
        "fail_msg": failure[1] if failure else "",
    }
