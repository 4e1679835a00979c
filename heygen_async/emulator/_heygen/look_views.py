"""How v3 shows avatar looks and groups, and when a look has its preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.emulator._files import PREVIEW_SIZE

if TYPE_CHECKING:
    from heygen_async.emulator._avatars import Group, Look
    from heygen_async.emulator._schema import Json
    from heygen_async.emulator._world import World

ENGINES = ("avatar_v", "avatar_iv", "avatar_iii")
STATUSES = {"pending": "processing"}
"""The word of v3 where it is not that of the job."""


def has_preview(world: World, look: Look) -> bool:
    """Return whether the preview image and its size are there by now."""
    now = world.clock.now()
    if look.job is None:
        return True
    late = world.drift.preview_delay if look.is_photo else 0.0
    done = look.job.status(now) == "completed"
    return done and now >= look.job.finished_at + late


def needs_consent(world: World, group: Group) -> bool:
    """Return whether a person has to agree to a look of a group of the account."""
    kinds = {look.avatar_type for look in world.avatars.looks_of(group)}
    return not group.public and "digital_twin" in kinds


def show_look(world: World, look: Look) -> Json:
    """Return a look; status and error are those of a private one only."""
    shown = has_preview(world, look)
    width, height = PREVIEW_SIZE if shown else (None, None)
    video = shown and not look.is_photo
    return {
        "id": look.id,
        "name": look.name,
        "avatar_type": look.avatar_type,
        "group_id": look.group_id,
        "preview_image_url": world.signer.sign(f"/preview/{look.id}.jpg") if shown else None,
        "preview_video_url": world.signer.sign(f"/video/{look.id}.mp4") if video else None,
        "gender": look.gender,
        "tags": [],
        "default_voice_id": look.default_voice_id,
        "supported_api_engines": list(ENGINES),
        "image_width": width,
        "image_height": height,
        "preferred_orientation": "landscape" if shown else None,
        **_state(world, look),
    }


def show_group(world: World, group: Group) -> Json:
    """Return a group; its state and its pictures are those of its first look."""
    looks = world.avatars.looks_of(group)
    first = show_look(world, looks[0])
    consent = "approved" if group.consented else "pending"
    return {
        "id": group.id,
        "name": group.name,
        "preview_image_url": first["preview_image_url"],
        "preview_video_url": first["preview_video_url"],
        "gender": first["gender"],
        "created_at": int(group.created_at),
        "looks_count": len(looks),
        "default_voice_id": first["default_voice_id"],
        "consent_status": consent if needs_consent(world, group) else None,
        "status": first["status"],
        "error": first["error"],
    }


def _state(world: World, look: Look) -> Json:
    if look.job is None:
        return {"status": None, "error": None}
    word = world.avatars.status(look, world.clock.now())
    failure = look.job.failure if word == "failed" else None
    error = failure and {"code": failure[0], "message": failure[1]}
    return {"status": STATUSES.get(word, word), "error": error}
