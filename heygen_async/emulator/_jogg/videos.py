"""Videos: ``create_video_from_avatar`` and ``avatar_video``."""

from __future__ import annotations

from aiohttp import web

from heygen_async.emulator._errors import invalid, not_found
from heygen_async.emulator._files import PUBLIC
from heygen_async.emulator._heygen.videos import VIDEO_SECONDS
from heygen_async.emulator._jogg.account import ACCOUNT, Account
from heygen_async.emulator._jogg.answers import answer
from heygen_async.emulator._jogg.catalogue import CUSTOM_AVATARS, PUBLIC_AVATARS
from heygen_async.emulator._jogg.lookup import find_job, require_voice
from heygen_async.emulator._jogg.photos import ASPECT_RATIO
from heygen_async.emulator._jogg.words import failure_of, state_of, word_of
from heygen_async.emulator._kinds import JOGG_VIDEO
from heygen_async.emulator._requests import read_json, read_query
from heygen_async.emulator._schema import Choice, Flag, Json, Number, Record, Text
from heygen_async.emulator._world import WORLD, World

URL = Text(pattern=r"https?://\S+")
CREATE_VIDEO = Record(
    {
        "avatar": Record(
            {
                "avatar_type": Number(integer=True, minimum=0, maximum=1),
                "avatar_id": Number(integer=True),
            },
            required=("avatar_type", "avatar_id"),
        ),
        "voice": Record(
            {
                "type": Choice(("script", "audio")),
                "script": Text(min_length=1),
                "audio_url": URL,
                "voice_id": Text(min_length=1),
            },
            required=("type", "voice_id"),
        ),
        "aspect_ratio": ASPECT_RATIO,
        "screen_style": Number(integer=True, minimum=1, maximum=3),
        "caption": Flag(),
        "webhook_url": URL,
        "video_name": Text(),
    },
    required=("avatar", "voice", "aspect_ratio", "screen_style"),
)
SOURCES = {"script": "script", "audio": "audio_url"}
"""The field that each type of voice needs, while it must not have the other one."""


async def create_video(request: web.Request) -> web.Response:
    """``POST /v2/create_video_from_avatar``."""
    world, account = request.app[WORLD], request.app[ACCOUNT]
    body = await read_json(request, CREATE_VIDEO)
    _check_voice(body["voice"])
    _check_avatar(world, account, body["avatar"])
    job = account.submit(world, body, JOGG_VIDEO)
    return answer({"video_id": job.id})


async def get_video(request: web.Request) -> web.Response:
    """``GET /v2/avatar_video/{id}``."""
    read_query(request)
    world = request.app[WORLD]
    job = find_job(world, {"id": request.match_info["id"]}, "id", JOGG_VIDEO)
    shown: dict[str, object] = {"video_id": job.id, "status": word_of(world, job)}
    base = f"{world.signer.base_url}{PUBLIC}"
    if state_of(world, job) == "completed":
        shown["video_url"] = f"{base}/video/{job.id}.mp4"
        shown["cover_url"] = f"{base}/thumbnail/{job.id}.jpg"
        shown["duration"] = VIDEO_SECONDS
    elif world.drift.nulls:
        shown |= {"video_url": None, "cover_url": None, "duration": None}
    if failure := failure_of(world, job):
        shown["error"] = show_failure(failure)
    return answer({**shown, "created_at": int(world.clock.unix(job.created_at))})


ROUTES = (
    web.post("/v2/create_video_from_avatar", create_video),
    web.get("/v2/avatar_video/{id}", get_video, allow_head=False),
)


def show_failure(failure: tuple[str, str]) -> Json:
    """Return why a video failed; the vendor's own codes are numbers."""
    code, message = failure
    return {"code": int(code) if code.isdecimal() else code, "message": message}


def _check_voice(voice: Json) -> None:
    """Require a voice that exists, even for audio, and one source of speech."""
    require_voice(voice["voice_id"], "voice.voice_id")
    for kind, field in SOURCES.items():
        if kind == voice["type"] and field not in voice:
            raise invalid(f"voice.{field}", "Field required.")
        if kind != voice["type"] and field in voice:
            raise invalid(f"voice.{field}", f"Not with a voice of type {voice['type']}.")


def _check_avatar(world: World, account: Account, avatar: Json) -> None:
    """Require an avatar of its type that exists and is completed."""
    number = avatar["avatar_id"]
    if avatar["avatar_type"] == 0:
        found = number in {public["id"] for public in PUBLIC_AVATARS}
        completed = True
    elif own := account.avatars.get(number):
        found, completed = True, state_of(world, own.job) == "completed"
    else:
        statuses = {custom["id"]: custom["avatar_status"] for custom in CUSTOM_AVATARS}
        found, completed = number in statuses, statuses.get(number) == "completed"
    if not found:
        raise not_found("avatar", str(number), param="avatar.avatar_id")
    if not completed:
        raise invalid("avatar.avatar_id", "The avatar is not ready.")
