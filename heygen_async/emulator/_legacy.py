"""HeyGen's v2 beside its videos: photo avatars, their groups, trainings and motions; the quota."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._files import image_keys
from heygen_async.emulator._jobs import RenderJob, job_kind
from heygen_async.emulator._publisher import announce_end
from heygen_async.emulator._state import Backend, Group, Look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._collections import Call, Handler
    from heygen_async.emulator._openapi import Json

SECONDS_PER_CREDIT = 60


def _announce_motion(backend: Backend, job: RenderJob) -> tuple[str, Json]:
    group_id = backend.avatars.looks[job.id].group_id
    return announce_end(job, "photo_avatar_add_motion", {"id": job.id, "group_id": group_id})


def _announce_training(_backend: Backend, job: RenderJob) -> tuple[str, Json]:
    named = {"flow_id": job.id, "group_id": job.request["group_id"]}
    return announce_end(job, "photo_avatar_train", named)


def _announce_generation(_backend: Backend, job: RenderJob) -> tuple[str, Json]:
    return announce_end(job, "photo_avatar_generation", {"generation_id": job.id})


PHOTO_GENERATION = job_kind("photo_generation", announce=_announce_generation)
PHOTO_UPLOAD = job_kind("photo_upload")
MOTION = job_kind("motion", announce=_announce_motion)
TRAINING = job_kind("training", announce=_announce_training)
UPSCALE, SOUND_EFFECT = job_kind("upscale"), job_kind("sound_effect")


def _get_generation(call: Call) -> Json:
    backend, generation_id = call.backend, call.ids["generation_id"]
    job = backend.jobs.of(PHOTO_GENERATION).get(generation_id)
    if job is None:
        raise not_found("generation", generation_id)
    failure = backend.failure(job)
    keys = image_keys(job.id) if backend.state(job) == "completed" else []
    return {
        "id": job.id,
        "status": backend.word(job),
        "msg": failure and failure[1],
        "image_url_list": [backend.signer.sign(f"/{key}") for key in keys],
        "image_key_list": keys,
    }


def _create_group(call: Call) -> Json:
    _require_pictures(call, {"image_key": call.body["image_key"]})
    group = Group(name=call.body["name"], created_at=call.backend.clock.unix())
    return _serialize_look(call.backend, _add_look(call, group))


def _add_looks(call: Call) -> Json:
    """Make one look of each picture."""
    group = call.backend.avatars.groups[call.body["group_id"]]
    keys = call.body["image_keys"]
    _require_pictures(call, {f"image_keys[{index}]": key for index, key in enumerate(keys)})
    looks = [_add_look(call, group) for _ in keys]
    return {"photo_avatar_list": [_serialize_look(call.backend, look) for look in looks]}


def _require_pictures(call: Call, keys: Mapping[str, str]) -> None:
    """Require pictures that were generated or uploaded, and a generation if one is named."""
    backend, generations = call.backend, call.backend.jobs.of(PHOTO_GENERATION)
    for at, key in keys.items():
        job = generations.get(key.partition("/")[2].removesuffix(".jpg"))
        made = job and backend.state(job) == "completed" and key in image_keys(job.id)
        match = re.fullmatch("image/([^/]+)/original", key)
        asset = backend.assets.get(match[1]) if match else None
        if not made and not (asset and asset.mime_type.startswith("image/")):
            raise invalid(at, "The image was not found.")
    generation_id = call.body.get("generation_id")
    if generation_id is not None and generation_id not in generations:
        raise not_found("generation", generation_id, param="generation_id")


def _add_look(call: Call, group: Group) -> Look:
    job, name = call.backend.submit(call.body, PHOTO_UPLOAD), call.body["name"]
    look = Look(id=job.id, name=name, avatar_type="photo_avatar", group_id=group.id, job=job)
    return call.backend.avatars.add(look, group)


def _train(call: Call) -> Json:
    group = call.backend.avatars.groups[call.body["group_id"]]
    group.training = call.backend.submit(call.body, TRAINING)
    return {"flow_id": group.training.id}


def _get_training(call: Call) -> Json:
    """Tell of the group's last training."""
    backend = call.backend
    job = backend.avatars.own_group(call.ids["group_id"]).training
    if job is None:
        raise ApiError(404, "not_found", "The group was never trained.")
    failure = backend.failure(job)
    return {
        "status": backend.word(job),
        "error_msg": failure and failure[1],
        "created_at": int(backend.clock.unix(job.created_at)),
        "updated_at": int(backend.clock.unix(min(backend.clock.now(), job.finished_at))),
    }


def _list_groups(call: Call) -> Json:
    """List the account's groups, and the public ones if they are asked for."""
    backend, rows = call.backend, []
    for group in backend.avatars.groups.values():
        first, *others = backend.avatars.looks_of(group)
        row = {
            "id": group.id,
            "name": group.name,
            "created_at": float(int(group.created_at)),
            "num_looks": 1 + len(others),
            "preview_image": backend.signer.sign(f"/preview/{first.id}.jpg"),
            "group_type": "PHOTO" if first.is_photo else "PRIVATE",
            "train_status": backend.word(group.training) if group.training else "empty",
            "default_voice_id": first.default_voice_id,
        }
        if call.query["include_public"] or not group.public:
            rows.append(row)
    return {"total_count": len(rows), "avatar_group_list": rows}


def _list_avatars(call: Call) -> Json:
    """List the looks of a group: photo avatars look unlike the others."""
    backend, group_id = call.backend, call.ids["group_id"]
    group = backend.avatars.groups.get(group_id)
    if group is None:
        raise not_found("avatar_group", group_id)
    rows = [
        _serialize_look(backend, look)
        if look.is_photo
        else {
            "avatar_id": look.id,
            "avatar_name": look.name,
            "gender": look.gender,
            "preview_image_url": backend.signer.sign(f"/preview/{look.id}.jpg"),
            "preview_video_url": backend.signer.sign(f"/video/{look.id}.mp4"),
            "premium": False,
            "tags": None,
            "default_voice_id": look.default_voice_id,
        }
        for look in backend.avatars.looks_of(group)
    ]
    return {"avatar_list": rows}


def _serialize_look(backend: Backend, look: Look) -> Json:
    sign, made = backend.signer.sign, look.job
    status = backend.state(made) if made else "completed"
    done, upscaled = status == "completed", backend.is_completed(look.upscale)
    created = backend.clock.unix(made.created_at) if made else None
    return {
        "id": look.id,
        "image_url": sign(f"/preview/{look.id}.jpg") if done else "",
        # Whole seconds, written with a point: 1737665964.0.
        "created_at": float(int(created or backend.avatars.groups[look.group_id].created_at)),
        "name": look.name,
        "status": "pending" if status == "processing" else status,
        "group_id": look.group_id,
        "is_motion": look.is_motion,
        "motion_preview_url": sign(f"/video/{look.id}.mp4") if done and look.is_motion else None,
        "business_type": "generated" if look.is_motion else "uploaded",
        "upscale_availability": {
            "available": done and look.is_motion and not upscaled,
            "reason": None if done else "Photo avatar look upload not completed",
        },
        "upscaled": upscaled,
        "background_sound_effect": (
            "background sound" if backend.is_completed(look.sound_effect) else None
        ),
        "default_voice_id": look.default_voice_id,
    }


def _find_look(call: Call, look_id: str, at: str | None = None) -> Look:
    """Return a photo avatar; 404 about the parameter *at* if there is none of this id."""
    look = call.backend.avatars.looks.get(look_id)
    if look is None or not look.is_photo:
        raise not_found("avatar", look_id, param=at)
    return look


def _find_completed(call: Call, *, moving: bool = False) -> Look:
    """Return the photo avatar that a body names; 400 until it is completed, or if it is still."""
    look = _find_look(call, call.body["id"], "id")
    if look.job and not call.backend.is_completed(look.job):
        raise ApiError(400, "avatar_not_usable", "Photo avatar look upload not completed.")
    if moving and not look.is_motion:
        raise invalid("id", "Only avatars with motion are supported.")
    return look


def _delete_look(call: Call) -> Json:
    """Forget a photo avatar, and with its last look the group."""
    look = _find_look(call, call.ids["id"])
    if look.job is None:
        raise ApiError(403, "forbidden", "Public avatars cannot be deleted.")
    call.backend.avatars.delete_look(look)
    return {}


def _add_motion(call: Call) -> Json:
    """Make a new look, which moves; a public one's goes to a group of the account's own."""
    backend = call.backend
    still = _find_completed(call)
    if len(backend.jobs.of(MOTION)) >= backend.max_motions:
        message = f"You have exceeded your limit of {backend.max_motions} photo avatar add motions."
        raise ApiError(400, "resource_limit_reached", message)
    group = backend.avatars.groups[still.group_id]
    if group.public:
        group = Group(name=group.name, created_at=backend.clock.unix())
    job = backend.submit(call.body, MOTION)
    look = attrs.evolve(still, id=job.id, group_id=group.id, is_motion=True, job=job)
    look.upscale = look.sound_effect = None
    return {"id": backend.avatars.add(look, group).id}


def _upscale(call: Call) -> Json:
    """Have a motion upscaled, which it is when the job ends."""
    look = _find_completed(call, moving=True)
    look.upscale = call.backend.submit(call.body, UPSCALE)
    return {"id": look.id}


def _add_sound_effect(call: Call) -> Json:
    """Give a motion a sound, which it has when the job ends."""
    look = _find_completed(call, moving=True)
    look.sound_effect = call.backend.submit(call.body, SOUND_EFFECT)
    return {"id": look.id}


HANDLERS: Mapping[str, Handler] = {
    "POST /v2/photo_avatar/photo/generate": lambda call: {
        "generation_id": call.backend.submit(call.body, PHOTO_GENERATION).id
    },
    "GET /v2/photo_avatar/generation/{generation_id}": _get_generation,
    "POST /v2/photo_avatar/avatar_group/create": _create_group,
    "POST /v2/photo_avatar/avatar_group/add": _add_looks,
    "POST /v2/photo_avatar/train": _train,
    "GET /v2/photo_avatar/train/status/{group_id}": _get_training,
    "GET /v2/avatar_group.list": _list_groups,
    "GET /v2/avatar_group/{group_id}/avatars": _list_avatars,
    "GET /v2/photo_avatar/{id}": lambda call: _serialize_look(
        call.backend, _find_look(call, call.ids["id"])
    ),
    "DELETE /v2/photo_avatar/{id}": _delete_look,
    "POST /v2/photo_avatar/add_motion": _add_motion,
    "POST /v2/photo_avatar/upscale": _upscale,
    "POST /v2/photo_avatar/add_sound_effect": _add_sound_effect,
    "GET /v2/user/remaining_quota": lambda call: {
        "remaining_quota": int(call.backend.wallet.balance * SECONDS_PER_CREDIT)
    },
}
