"""Photos: ``photo_avatar/photo/generate``, four pictures to a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._files import PUBLIC
from heygen_async.emulator._jogg.account import ACCOUNT
from heygen_async.emulator._jogg.answers import answer
from heygen_async.emulator._jogg.lookup import find_job
from heygen_async.emulator._jogg.words import failure_of, state_of, word_of
from heygen_async.emulator._kinds import JOGG_PHOTO
from heygen_async.emulator._requests import read_json, read_query
from heygen_async.emulator._schema import Choice, Record, Text
from heygen_async.emulator._world import WORLD

if TYPE_CHECKING:
    from heygen_async.emulator._jobs import RenderJob

PICTURES = 4
ASPECT_RATIO = Choice(("portrait", "landscape", "square"))
ETHNICITY = Choice(
    (
        "European",
        "African",
        "South Asian",
        "East Asian",
        "Middle Eastern",
        "South American",
        "North American",
    )
)
GENERATE_PHOTO = Record(
    {
        "age": Choice(("Teenager", "Young adult", "Adult", "Elderly")),
        "avatar_style": Choice(("Professional", "Social")),
        "gender": Choice(("Female", "Male")),
        "model": Choice(("classic", "modern")),
        "aspect_ratio": ASPECT_RATIO,
        "ethnicity": ETHNICITY,
        "background": Text(),
        "appearance": Text(),
        "image_url": Text(),
    },
    required=("age", "avatar_style", "gender", "model", "aspect_ratio"),
)


async def generate_photo(request: web.Request) -> web.Response:
    """``POST /v2/photo_avatar/photo/generate``."""
    body = await read_json(request, GENERATE_PHOTO)
    job = request.app[ACCOUNT].submit(request.app[WORLD], body, JOGG_PHOTO)
    return answer({"photo_id": job.id})


async def get_photo(request: web.Request) -> web.Response:
    """``GET /v2/photo_avatar/photo``."""
    world = request.app[WORLD]
    job = find_job(world, read_query(request, "photo_id"), "photo_id", JOGG_PHOTO)
    shown: dict[str, object] = {"photo_id": job.id, "status": word_of(world, job)}
    if state_of(world, job) == "completed":
        keys = image_keys(job)
        urls = [f"{world.signer.base_url}{PUBLIC}/{key}" for key in keys]
        shown |= {"image_url_list": urls, "image_key_list": keys, "msg": None}
    elif world.drift.nulls:
        shown |= {"image_url_list": None, "image_key_list": None, "msg": None}
    if failure := failure_of(world, job):
        shown["msg"] = failure[1]
    return answer(shown)


ROUTES = (
    web.post("/v2/photo_avatar/photo/generate", generate_photo),
    web.get("/v2/photo_avatar/photo", get_photo, allow_head=False),
)


def image_keys(job: RenderJob) -> list[str]:
    """Return the keys of the four pictures of a generation."""
    return [f"photo{number}/{job.id}.jpg" for number in range(1, PICTURES + 1)]
