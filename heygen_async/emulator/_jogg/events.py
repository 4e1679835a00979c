"""JoggAI's events: which job has which, what they say, and how they are signed.

What triggers ``generated_photo_avatar_*`` beside a motion's events is not known; it is never
sent. Whether the ``webhook_url`` of a request is signed is not either; here it is not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from heygen_async.emulator._courier import STALE_AGE, Terms, sign
from heygen_async.emulator._files import PUBLIC
from heygen_async.emulator._herald import Event, Outcome, Vendor
from heygen_async.emulator._heygen.videos import VIDEO_SECONDS
from heygen_async.emulator._jogg.photos import image_keys
from heygen_async.emulator._jogg.videos import show_failure
from heygen_async.emulator._jogg.words import word_of
from heygen_async.emulator._kinds import JOGG_MOTION, JOGG_PHOTO, JOGG_VIDEO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._deliveries import Deliveries
    from heygen_async.emulator._drift import Drift
    from heygen_async.emulator._jobs import RenderJob
    from heygen_async.emulator._schema import Json
    from heygen_async.emulator._world import World

EVENTS = tuple(
    f"{made}_{end}"
    for made in (
        "generated_video",
        "create_avatar",
        "generated_image",
        "generated_motion",
        "generated_product_video",
        "generated_avatar_video",
        "generated_template_video",
        "generated_translate_video",
        "generated_photo_avatar",
        "generated_product_avatar",
        "generated_script",
    )
    for end in ("success", "failed")
)
WITHOUT_ID = ("generated_image", "generated_motion", "generated_script")
"""The events that carry no ``event_id``."""

ANSWER_TIMEOUT = 5.0
PAUSES = (5.0, 5.0, 5.0)
"""Three retries, five seconds apart, as the guide of v1 has it; that of v2 gives no numbers."""


def write(event: Event, _drift: Drift) -> Json:
    """Return the body of a webhook."""
    told = {"event": event.type, "timestamp": int(event.created_at), "data": event.data}
    return told if event.type.startswith(WITHOUT_ID) else {"event_id": event.id, **told}


def pack(
    body: Json,
    *,
    event_id: str,  # noqa: ARG001 - stands in the body alone
    secret: str | None,
    now: float,
    how: Deliveries,
) -> tuple[bytes, Mapping[str, str]]:
    """Return body and headers of a webhook; its time stands in the body, which is signed."""
    if how.stale:
        body = {**body, "timestamp": int(now - STALE_AGE)}
    content = json.dumps(body).encode()
    headers = {"User-Agent": "JoggAI-Webhook/2.0", "X-Webhook-Event": str(body.get("event"))}
    signature = sign(content, secret, how)
    return content, headers | ({"X-Webhook-Signature": signature} if signature else {})


def _video(world: World, job: RenderJob) -> Outcome:
    live = world.drift.jogg_events == "live"
    data: dict[str, object] = {"project_id" if live else "video_id": job.id}
    if not live:
        data["status"] = word_of(world, job)
    if job.failure:
        return "generated_avatar_video_failed", {**data, "error": show_failure(job.failure)}
    base = f"{world.signer.base_url}{PUBLIC}"
    data |= {"video_url": f"{base}/video/{job.id}.mp4", "duration": VIDEO_SECONDS}
    if not live:
        data["cover_url"] = f"{base}/thumbnail/{job.id}.jpg"
    return "generated_avatar_video_success", data


def _photo(world: World, job: RenderJob) -> Outcome:
    if job.failure:
        return "generated_image_failed", {"photo_id": job.id, "error": job.failure[1]}
    photos = [f"{world.signer.base_url}{PUBLIC}/{key}" for key in image_keys(job)]
    return "generated_image_success", {"photo_id": job.id, "photo_urls": photos}


def _motion(world: World, job: RenderJob) -> Outcome:
    if job.failure:
        return "generated_motion_failed", {"motion_id": job.id, "error": job.failure[1]}
    data = {
        "motion_id": job.id,
        "motion_url": f"{world.signer.base_url}{PUBLIC}/video/{job.id}.mp4",
        "photo_url": job.request["image_url"],
    }
    return "generated_motion_success", data


JOGGAI = Vendor(
    outcomes={JOGG_VIDEO.name: _video, JOGG_PHOTO.name: _photo, JOGG_MOTION.name: _motion},
    write=write,
    terms=Terms(pack=pack, timeout=ANSWER_TIMEOUT, pauses=PAUSES),
    callback="webhook_url",
    prefix="wh_",
)
