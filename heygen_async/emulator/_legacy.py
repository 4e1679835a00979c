"""HeyGen's v2 beside its videos: photo avatars, their groups, trainings and motions; the quota."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._files import image_keys
from heygen_async.emulator._jobs import JobKind, RenderJob
from heygen_async.emulator._publisher import announce_end
from heygen_async.emulator._state import Backend, Group, Look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._collections import Call, Handler
    from heygen_async.emulator._openapi import Json

SECONDS_PER_CREDIT = 60
SOUND = "background sound"

AVATAR_FAILED = ("avatar_generation_failed", "The avatar could not be made.")
MOTION_FAILED = ("motion_generation_failed", "The motion could not be made.")


def _announce_motion(backend: Backend, job: RenderJob) -> tuple[str, Json]:
    look = backend.avatars.looks[job.id]
    named = {"id": look.id, "group_id": look.group_id}
    return announce_end(job, "photo_avatar_add_motion", named)


def _announce_generation(_backend: Backend, job: RenderJob) -> tuple[str, Json]:
    return announce_end(job, "photo_avatar_generation", {"generation_id": job.id})


def _announce_training(_backend: Backend, job: RenderJob) -> tuple[str, Json]:
    named = {"flow_id": job.id, "group_id": job.request["group_id"]}
    return announce_end(job, "photo_avatar_train", named)


PHOTO_GENERATION = JobKind(
    name="photo_generation",
    duration_factor=0.5,
    failure=AVATAR_FAILED,
    words={"completed": "success"},
    announce=_announce_generation,
)
PHOTO_UPLOAD = JobKind(name="photo_upload", price=0.0, duration_factor=0.03, failure=AVATAR_FAILED)
MOTION = JobKind(name="motion", failure=MOTION_FAILED, announce=_announce_motion)
TRAINING = JobKind(
    name="training",
    failure=AVATAR_FAILED,
    words={"processing": "training", "completed": "ready"},
    announce=_announce_training,
)
UPSCALE = JobKind(name="upscale", duration_factor=0.5, failure=MOTION_FAILED)
SOUND_EFFECT = JobKind(name="sound_effect", duration_factor=0.5, failure=MOTION_FAILED)


def _generate_photos(call: Call) -> Json:
    return {"generation_id": call.backend.submit(call.body, PHOTO_GENERATION).id}


def _get_generation(call: Call) -> Json:
    backend, generation_id = call.backend, call.ids["generation_id"]
    job = backend.jobs.of(PHOTO_GENERATION).get(generation_id)
    if job is None:
        raise not_found("generation", generation_id)
    state, failure = backend.state(job), backend.failure(job)
    keys = image_keys(job.id) if state == "completed" else []
    return {
        "id": job.id,
        "status": job.kind.words.get(state, state),
        "msg": failure and failure[1],
        "image_url_list": [backend.signer.sign(f"/{key}") for key in keys],
        "image_key_list": keys,
    }


def _create_group(call: Call) -> Json:
    backend = call.backend
    _require_pictures(call, {"image_key": call.body["image_key"]})
    group = Group(name=call.body["name"], created_at=backend.clock.unix())
    return _serialize_look(backend, _add_look(call, group))


def _add_looks(call: Call) -> Json:
    """Make one look of each picture."""
    group = call.backend.avatars.own_group(call.body["group_id"], at="group_id")
    keys = call.body["image_keys"]
    _require_pictures(call, {f"image_keys[{index}]": key for index, key in enumerate(keys)})
    looks = [_add_look(call, group) for _ in keys]
    return {"photo_avatar_list": [_serialize_look(call.backend, look) for look in looks]}


def _require_pictures(call: Call, keys: Mapping[str, str]) -> None:
    """Require pictures that exist, and a generation that does if one is named."""
    backend, generations = call.backend, call.backend.jobs.of(PHOTO_GENERATION)
    for at, key in keys.items():
        job = generations.get(key.partition("/")[2].removesuffix(".jpg"))
        is_generated = job and backend.state(job) == "completed" and key in image_keys(job.id)
        match = re.fullmatch("image/([^/]+)/original", key)
        asset = backend.assets.get(match[1]) if match else None
        if not is_generated and not (asset and asset.mime_type.startswith("image/")):
            raise invalid(at, "The image was not found.")
    generation_id = call.body.get("generation_id")
    if generation_id is not None and generation_id not in generations:
        raise not_found("generation", generation_id, param="generation_id")


def _add_look(call: Call, group: Group) -> Look:
    job = call.backend.submit(call.body, PHOTO_UPLOAD)
    look = Look(
        id=job.id,
        name=call.body["name"],
        avatar_type="photo_avatar",
        group_id=group.id,
        job=job,
    )
    return call.backend.avatars.add(look, group)


def _train(call: Call) -> Json:
    group = call.backend.avatars.own_group(call.body["group_id"], at="group_id")
    group.training = call.backend.submit(call.body, TRAINING)
    return {"flow_id": group.training.id}


def _get_training(call: Call) -> Json:
    """Tell of the group's last training."""
    backend = call.backend
    job = backend.avatars.own_group(call.ids["group_id"]).training
    if job is None:
        raise ApiError(404, "not_found", "The group was never trained.")
    failure = backend.failure(job)
    ended = min(backend.clock.now(), job.finished_at)
    return {
        "status": _training_status(backend, job),
        "error_msg": failure and failure[1],
        "created_at": int(backend.clock.unix(job.created_at)),
        "updated_at": int(backend.clock.unix(ended)),
    }


def _training_status(backend: Backend, job: RenderJob | None) -> str:
    state = backend.state(job) if job else "empty"
    return TRAINING.words.get(state, state)


def _list_groups(call: Call) -> Json:
    """List the account's groups, and the public ones if they are asked for."""
    groups = call.backend.avatars.groups.values()
    shown = [each for each in groups if call.query["include_public"] or not each.public]
    rows = [_serialize_group(call.backend, group) for group in shown]
    return {"total_count": len(rows), "avatar_group_list": rows}


def _serialize_group(backend: Backend, group: Group) -> Json:
    looks = backend.avatars.looks_of(group)
    return {
        "id": group.id,
        "name": group.name,
        "created_at": group.created_at,
        "num_looks": len(looks),
        "preview_image": backend.signer.sign(f"/preview/{looks[0].id}.jpg"),
        "group_type": "PHOTO" if looks[0].is_photo else "PRIVATE",
        "train_status": _training_status(backend, group.training),
        "default_voice_id": looks[0].default_voice_id,
    }


def _list_avatars(call: Call) -> Json:
    """List the looks of a group: photo avatars look unlike the others."""
    avatars, group_id = call.backend.avatars, call.ids["group_id"]
    group = avatars.groups.get(group_id)
    if group is None:
        raise not_found("avatar_group", group_id)
    return {
        "avatar_list": [
            (_serialize_look if look.is_photo else _serialize_video_avatar)(call.backend, look)
            for look in avatars.looks_of(group)
        ]
    }


def _serialize_video_avatar(backend: Backend, look: Look) -> Json:
    return {
        "avatar_id": look.id,
        "avatar_name": look.name,
        "gender": look.gender,
        "preview_image_url": backend.signer.sign(f"/preview/{look.id}.jpg"),
        "preview_video_url": backend.signer.sign(f"/video/{look.id}.mp4"),
        "premium": False,
        "tags": None,
        "default_voice_id": look.default_voice_id,
    }


def _serialize_look(backend: Backend, look: Look) -> Json:
    """Return a photo avatar, whose ``pending`` lasts until it is completed."""
    sign = backend.signer.sign

    def ended(job: RenderJob | None) -> bool:
        return job is not None and backend.state(job) == "completed"

    status = "completed" if look.job is None else backend.state(look.job)
    done, upscaled = status == "completed", ended(look.upscale)
    created = backend.clock.unix(look.job.created_at) if look.job else None
    return {
        "id": look.id,
        "image_url": sign(f"/preview/{look.id}.jpg") if done else "",
        "created_at": created or backend.avatars.groups[look.group_id].created_at,
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
        "background_sound_effect": SOUND if ended(look.sound_effect) else None,
        "default_voice_id": look.default_voice_id,
    }


def _find_look(call: Call, look_id: str, at: str | None = None) -> Look:
    """Return a photo avatar; 404 about the parameter *at* if there is none of this id."""
    look = call.backend.avatars.looks.get(look_id)
    if look is None or not look.is_photo:
        raise not_found("avatar", look_id, param=at)
    return look


def _find_completed(call: Call) -> Look:
    """Return the photo avatar that a body names; 400 until it is completed."""
    look = _find_look(call, call.body["id"], "id")
    if look.job and call.backend.state(look.job) != "completed":
        raise ApiError(400, "avatar_not_usable", "Photo avatar look upload not completed.")
    return look


def _find_motion(call: Call) -> Look:
    """Return the completed motion that a body names; 400 for any other photo avatar."""
    look = _find_completed(call)
    if not look.is_motion:
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
    look = Look(
        id=job.id,
        name=still.name,
        avatar_type=still.avatar_type,
        group_id=group.id,
        gender=still.gender,
        default_voice_id=still.default_voice_id,
        matting=still.matting,
        is_motion=True,
        job=job,
    )
    return {"id": backend.avatars.add(look, group).id}


def _upscale(call: Call) -> Json:
    """Have a motion upscaled, which it is when the job ends."""
    look = _find_motion(call)
    look.upscale = call.backend.submit(call.body, UPSCALE)
    return {"id": look.id}


def _add_sound_effect(call: Call) -> Json:
    """Give a motion a sound, which it has when the job ends."""
    look = _find_motion(call)
    look.sound_effect = call.backend.submit(call.body, SOUND_EFFECT)
    return {"id": look.id}


def _get_quota(call: Call) -> Json:
    """Return what is left in seconds."""
    return {"remaining_quota": int(call.backend.wallet.balance * SECONDS_PER_CREDIT)}


def _get_look(call: Call) -> Json:
    return _serialize_look(call.backend, _find_look(call, call.ids["id"]))


HANDLERS: Mapping[str, Handler] = {
    "POST /v2/photo_avatar/photo/generate": _generate_photos,
    "GET /v2/photo_avatar/generation/{generation_id}": _get_generation,
    "POST /v2/photo_avatar/avatar_group/create": _create_group,
    "POST /v2/photo_avatar/avatar_group/add": _add_looks,
    "POST /v2/photo_avatar/train": _train,
    "GET /v2/photo_avatar/train/status/{group_id}": _get_training,
    "GET /v2/avatar_group.list": _list_groups,
    "GET /v2/avatar_group/{group_id}/avatars": _list_avatars,
    "GET /v2/photo_avatar/{id}": _get_look,
    "DELETE /v2/photo_avatar/{id}": _delete_look,
    "POST /v2/photo_avatar/add_motion": _add_motion,
    "POST /v2/photo_avatar/upscale": _upscale,
    "POST /v2/photo_avatar/add_sound_effect": _add_sound_effect,
    "GET /v2/user/remaining_quota": _get_quota,
}
