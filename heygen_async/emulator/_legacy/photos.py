"""Generated photos of v2: four pictures per request, from which avatars are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._errors import not_found
from heygen_async.emulator._kinds import PHOTO_GENERATION
from heygen_async.emulator._legacy.answers import answer_v2
from heygen_async.emulator._requests import read_json, read_query
from heygen_async.emulator._schema import Choice, Record, Shape, Text
from heygen_async.emulator._world import WORLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._jobs import RenderJob

_FIELDS: Mapping[str, Shape] = {
    "name": Text(min_length=1),
    "age": Choice(
        ("Young Adult", "Early Middle Age", "Late Middle Age", "Senior", "Unspecified"),
    ),
    "gender": Choice(("Woman", "Man", "Unspecified")),
    "ethnicity": Choice(
        (
            "White",
            "Black",
            "Asian American",
            "East Asian",
            "South East Asian",
            "South Asian",
            "Middle Eastern",
            "Pacific",
            "Hispanic",
            "Unspecified",
        )
    ),
    "orientation": Choice(("square", "horizontal", "vertical")),
    "pose": Choice(("half_body", "close_up", "full_body")),
    "style": Choice(
        ("Realistic", "Pixar", "Cinematic", "Vintage", "Noir", "Cyberpunk", "Unspecified")
    ),
    "appearance": Text(min_length=1, max_length=1000),
}
GENERATE_PHOTOS = Record(_FIELDS, required=tuple(_FIELDS))

PICTURES = 4
STATUSES: Mapping[str, str] = {"completed": "success"}
"""The word of a generation where it is not that of the job."""


async def generate_photos(request: web.Request) -> web.Response:
    """``POST /v2/photo_avatar/photo/generate``."""
    body = await read_json(request, GENERATE_PHOTOS)
    job = request.app[WORLD].submit(body, PHOTO_GENERATION)
    return answer_v2({"generation_id": job.id})


async def get_generation(request: web.Request) -> web.Response:
    """``GET /v2/photo_avatar/generation/{generation_id}``."""
    read_query(request)
    world, generation_id = request.app[WORLD], request.match_info["generation_id"]
    job = world.book.of(PHOTO_GENERATION).get(generation_id)
    if job is None:
        raise not_found("generation", generation_id)
    status = job.status(world.clock.now())
    keys = image_keys(job) if status == "completed" else []
    return answer_v2(
        {
            "id": job.id,
            "status": STATUSES.get(status, status),
            "msg": job.failure[1] if job.failure and status == "failed" else None,
            "image_url_list": [world.signer.sign(f"/{key}") for key in keys],
            "image_key_list": keys,
        }
    )


ROUTES = (
    web.post("/v2/photo_avatar/photo/generate", generate_photos),
    web.get("/v2/photo_avatar/generation/{generation_id}", get_generation, allow_head=False),
)


def image_keys(job: RenderJob) -> list[str]:
    """Return the keys of the four pictures of a generation."""
    return [f"photo{number}/{job.id}.jpg" for number in range(1, PICTURES + 1)]
