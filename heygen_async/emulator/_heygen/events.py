"""HeyGen's events: which job has which, what they say, and how they are signed.

The data of all but a video's is not documented; here the thing made has the name that the
answer to its request gives it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from heygen_async.emulator._courier import STALE_AGE, Terms, sign
from heygen_async.emulator._herald import Event, Outcome, Vendor
from heygen_async.emulator._heygen.videos import urls
from heygen_async.emulator._kinds import AVATAR, MOTION, PHOTO_GENERATION, TRAINING, VIDEO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._deliveries import Deliveries
    from heygen_async.emulator._drift import Drift
    from heygen_async.emulator._jobs import RenderJob
    from heygen_async.emulator._schema import Json
    from heygen_async.emulator._world import World

EVENT_TYPES: Mapping[str, str] = {
    **{
        f"{made}.{end}": f"{text} {'is ready' if end == 'success' else 'failed'}."
        for made, text in {
            "avatar_video": "A video",
            "avatar_video_gif": "The GIF of a video",
            "video_translate": "A translation",
            "instant_avatar": "A digital twin",
            "photo_avatar_generation": "A photo avatar",
            "photo_avatar_train": "The training of a photo avatar",
            "photo_avatar_add_motion": "The motion of a photo avatar",
            "proofread_creation": "A proofread",
            "live_avatar": "A live avatar",
            "avatar_video_caption": "A video with captions",
            "video_agent": "A video of the agent",
            "hyperframes_video": "A hyperframes video",
            "ai_clipping": "A clipping",
        }.items()
        for end in ("success", "fail")
    },
    "video_translate.preflight.validation_failed": "A translation was refused.",
    "video_translate.preflight.download_failed": "A video to translate could not be loaded.",
    "personalized_video": "A personalized video has changed.",
    "batch.finished": "All items of a batch have ended.",
}

ANSWER_TIMEOUT = 10.0
FIRST_PAUSE, RETRIES = 10.0, 13
"""The pauses double; the last retry is 22 h 45 min after the event: the page says up to 24 h."""


def iso(moment: float) -> str:
    """Return a Unix time as webhooks have it: ``2026-03-25T12:00:00Z``."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def show_event(event: Event) -> Json:
    """Return an event as the history has it."""
    return {
        "event_id": event.id,
        "event_type": event.type,
        "event_data": event.data,
        "created_at": iso(event.created_at),
    }


def write(event: Event, drift: Drift) -> Json:
    """Return the body of a webhook; a bare one has only type and data."""
    shown = show_event(event)
    if drift.heygen_events == "bare":
        return {name: shown[name] for name in ("event_type", "event_data")}
    return shown


def pack(
    body: Json, *, event_id: str, secret: str | None, now: float, how: Deliveries
) -> tuple[bytes, Mapping[str, str]]:
    """Return body and headers of a webhook; a callback of one job has none of the vendor's.

    The signature is of the body alone, not of the time.
    """
    content = json.dumps(body).encode()
    signature = sign(content, secret, how)
    if secret is None:
        return content, {}
    if how.plain_signature:
        return content, {"signature": signature} if signature else {}
    headers = {
        "Heygen-Timestamp": str(int(now - STALE_AGE if how.stale else now)),
        "Heygen-Event-Id": event_id,
    }
    return content, headers | ({"Heygen-Signature": signature} if signature else {})


def _video(world: World, job: RenderJob) -> Outcome:
    named = {"video_id": job.id, "callback_id": job.request.get("callback_id")}
    if job.failure:
        return "avatar_video.fail", {**named, "msg": job.failure[1]}
    links = urls(world, job)
    page = f"https://app.heygen.com/video/{job.id}"
    data = {
        **named,
        "url": links["video_url"],
        "gif_download_url": links["gif_url"],
        "video_page_url": page,
        "video_share_page_url": None,
        "folder_id": None,
    }
    return "avatar_video.success", data


def _avatar(world: World, job: RenderJob) -> Outcome:
    look = world.avatars.looks[job.id]
    if world.avatars.status(look, job.finished_at) == "pending_consent":
        return None
    made = "photo_avatar_generation" if look.is_photo else "instant_avatar"
    return _ended(job, made, {"id": look.id, "group_id": look.group_id})


def _motion(world: World, job: RenderJob) -> Outcome:
    look = world.avatars.looks[job.id]
    return _ended(job, "photo_avatar_add_motion", {"id": look.id, "group_id": look.group_id})


def _generation(_world: World, job: RenderJob) -> Outcome:
    return _ended(job, "photo_avatar_generation", {"generation_id": job.id})


def _training(_world: World, job: RenderJob) -> Outcome:
    named = {"flow_id": job.id, "group_id": job.request["group_id"]}
    return _ended(job, "photo_avatar_train", named)


def _ended(job: RenderJob, made: str, named: Json) -> Outcome:
    if job.failure:
        return f"{made}.fail", {**named, "msg": job.failure[1]}
    return f"{made}.success", named


HEYGEN = Vendor(
    outcomes={
        VIDEO.name: _video,
        AVATAR.name: _avatar,
        MOTION.name: _motion,
        PHOTO_GENERATION.name: _generation,
        TRAINING.name: _training,
    },
    write=write,
    terms=Terms(
        pack=pack,
        timeout=ANSWER_TIMEOUT,
        pauses=tuple(FIRST_PAUSE * 2**retry for retry in range(RETRIES)),
    ),
    callback="callback_url",
    prefix="ep_",
)
