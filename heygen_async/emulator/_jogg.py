"""JoggAI's v2: photos, motions, videos, avatars, voices, uploads and webhooks.

What triggers ``generated_photo_avatar_*`` beside a motion's events is not known; it is never
sent. Whether the ``webhook_url`` of a request is signed is not either; here it is not.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import attrs

from heygen_async.emulator import _jogg_films, _jogg_products
from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._files import VIDEO_SECONDS, image_keys
from heygen_async.emulator._jobs import RenderJob, job_kind
from heygen_async.emulator._jogg_jobs import (
    announce_video,
    find_job,
    list_fixtures,
    list_rows,
    require_voice,
    show_failure,
    show_job,
    word,
)
from heygen_async.emulator._middleware import JOGG, call_operation
from heygen_async.emulator._openapi import Json, read_data
from heygen_async.emulator._publisher import Event, EventFormat
from heygen_async.emulator._sender import STALE_AGE, Delivery, DeliveryPolicy, Endpoint, sign
from heygen_async.emulator._server import ServerConfig
from heygen_async.emulator._state import EMAIL, USERNAME, Backend, Upload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._collections import Call, Handler
    from heygen_async.emulator._deviations import Drift
    from heygen_async.emulator._sender import Deliveries

FIRST_AVATAR_ID = 155_182
MAX_ENDPOINTS = 20
MEGABYTE = 1024**2
SYSTEM_ERROR = 50000
MAX_DESCRIPTION, MAX_DESCRIPTION_1_0 = 1500, 299
"""Bytes of a motion's description in UTF-8: under 300 for model 1.0, at most 1500 for others."""

STATES = ("processing", "completed", "failed")
"""In the order of their numbers in the list of photo avatars, whose filter has these words."""


def _answer(call: Call, data: Json) -> Json:
    whole = {"rid": uuid.uuid4().hex, "code": 0, "msg": "success", "data": data}
    completed: Json = call.operation.complete(whole)
    return completed


def _refuse(backend: Backend, _path: str, error: ApiError) -> tuple[int, Json]:
    """Return a refusal; the drift may give its code another HTTP status."""
    facts = read_data("page_facts")["jogg_refusals"]
    code = facts["codes"].get(str(error.status), SYSTEM_ERROR)
    where = f"{error.param}: " if error.param else ""
    message = facts["messages"].get(str(code), f"Parameter error: {where}{error.message}")
    if error.code == "not_emulated":  # the emulator speaking, not the vendor
        message = error.message
    status = backend.drift.jogg_http.get(code, facts["http_statuses"].get(str(code), 200))
    return status, {"rid": uuid.uuid4().hex, "code": code, "msg": message, "data": None}


def _photo_urls(backend: Backend, job: RenderJob) -> list[str]:
    return [backend.signer.public(f"/{key}") for key in image_keys(job.id)]


def _announce_photo(backend: Backend, job: RenderJob) -> tuple[str, Json]:
    if job.failure:
        return "generated_image_failed", {"photo_id": job.id, "error": job.failure[1]}
    told = {"photo_id": job.id, "photo_urls": _photo_urls(backend, job)}
    return "generated_image_success", told


def _announce_motion(backend: Backend, job: RenderJob) -> tuple[str, Json]:
    if job.failure:
        return "generated_motion_failed", {"motion_id": job.id, "error": job.failure[1]}
    url = backend.signer.public(f"/video/{job.id}.mp4")
    told = {"motion_id": job.id, "motion_url": url, "photo_url": job.request["image_url"]}
    return "generated_motion_success", told


PHOTO = job_kind("jogg_photo", announce=_announce_photo)
MOTION = job_kind("jogg_motion", announce=_announce_motion)
MOTION_PRO = attrs.evolve(MOTION, price=3.0)
VIDEO = job_kind("jogg_video", announce=announce_video("generated_avatar_video"))


def _get_photo(call: Call) -> Json:
    backend, photo_id = call.backend, call.query["photo_id"]
    job = find_job(backend, photo_id, "photo_id", PHOTO)
    urls, keys = _photo_urls(backend, job), image_keys(job.id)
    result = {"image_url_list": urls, "image_key_list": keys, "msg": None}
    shown = {"photo_id": job.id, **show_job(backend, job, result)}
    if failure := backend.failure(job):
        shown["msg"] = failure[1]
    return shown


def _get_motion(call: Call) -> Json:
    backend, motion_id = call.backend, call.query["motion_id"]
    job = find_job(backend, motion_id, "motion_id", MOTION)
    done = backend.state(job) == "completed"
    shown = {
        **job.request,
        "motion_id": job.id,
        "avatar_id": next(key for key, made in backend.jogg_avatars.items() if made is job),
        "motion_preview_url": backend.signer.public(f"/video/{job.id}.mp4") if done else "",
        **show_job(backend, job, {"error_msg": None}),
    }
    if failure := backend.failure(job):
        shown["error_msg"] = failure[1]
    return shown


def _get_video(call: Call) -> Json:
    backend, created_at = call.backend, call.backend.clock.unix
    job = find_job(backend, call.ids["id"], "id", VIDEO)
    result = {
        "video_url": backend.signer.public(f"/video/{job.id}.mp4"),
        "cover_url": backend.signer.public(f"/thumbnail/{job.id}.jpg"),
        "duration": VIDEO_SECONDS,
    }
    shown = {"video_id": job.id, **show_job(backend, job, result)}
    if failure := backend.failure(job):
        shown["error"] = show_failure(failure)
    return {**shown, "created_at": int(created_at(job.created_at))}


def _add_motion(call: Call) -> Json:
    """Make a new avatar out of a picture, which may be of a finished generation or any other."""
    backend, body = call.backend, call.body
    require_voice(body["voice_id"], "voice_id")
    if body.get("photo_id"):
        photo = find_job(backend, body["photo_id"], "photo_id", PHOTO)
        if backend.state(photo) != "completed":
            raise invalid("photo_id", "The photo is not ready.")
    most = MAX_DESCRIPTION_1_0 if body["model"] == "1.0" else MAX_DESCRIPTION
    if len(body.get("description", "").encode()) > most:
        raise invalid("description", f"At most {most} bytes with model {body['model']}.")
    job = backend.submit(body, MOTION_PRO if body["model"] == "2.0-Pro" else MOTION)
    avatar_id = FIRST_AVATAR_ID + len(backend.jogg_avatars)
    backend.jogg_avatars[avatar_id] = job
    return {"avatar_id": avatar_id, "motion_id": job.id, "status": word(backend, job)}


def _create_video(call: Call) -> Json:
    """Require a voice, even for audio, with one source of speech, and an avatar that is ready."""
    backend, voice = call.backend, call.body["voice"]
    kind, number = call.body["avatar"]["avatar_type"], call.body["avatar"]["avatar_id"]
    require_voice(voice["voice_id"], "voice.voice_id")
    for source, field in (("script", "script"), ("audio", "audio_url")):
        if source == voice["type"] and field not in voice:
            raise invalid(f"voice.{field}", "Field required.")
        if source != voice["type"] and field in voice:
            raise invalid(f"voice.{field}", f"Not with a voice of type {voice['type']}.")
    rows = read_data("fixtures")[f"jogg_{'custom' if kind else 'public'}_avatars"]
    states = {row["id"]: row.get("avatar_status", "completed") for row in rows}
    if kind:
        states |= {key: backend.state(job) for key, job in backend.jogg_avatars.items()}
    if number not in states:
        raise not_found("avatar", str(number), param="avatar.avatar_id")
    if states[number] != "completed":
        raise invalid("avatar.avatar_id", "The avatar is not ready.")
    return {"video_id": backend.submit(call.body, VIDEO).id}


def _sign_upload(call: Call) -> Json:
    """Sign a URL for a PUT; the file is then at another one for good."""
    body, signer, name = call.body, call.backend.signer, call.body["filename"]
    mime_type, size = body["content_type"], body.get("file_size")
    suffix, megabytes = read_data("page_facts")["jogg_uploads"]["suffix_and_megabytes"][mime_type]
    if size is not None and size > megabytes * MEGABYTE:
        raise invalid("file_size", f"At most {megabytes} MB of {mime_type}.")
    headers = {"Content-Type": mime_type}
    upload = Upload(filename=name, content_type=mime_type, headers=headers, size=size)
    call.backend.uploads.add(upload.id, upload)
    asset_url = signer.public(f"{upload.path}.{suffix}")
    return {"sign_url": signer.sign(upload.path), "asset_url": asset_url}


def _list_photo_avatars(call: Call) -> Json:
    """List the avatars made from photos: words in the filter, numbers in the answer."""
    backend, rows = call.backend, list[Json]()
    for avatar_id, job in backend.jogg_avatars.items():
        state, failure = backend.state(job), backend.failure(job)
        word = state if state in STATES else "processing"
        row = {
            "id": avatar_id,
            "name": job.request["name"],
            "cover_url": backend.signer.public(f"/thumbnail/{job.id}.jpg"),
            "status": STATES.index(word),
            "fail_msg": failure[1] if failure else "",
            "found_by": {"status": word},
        }
        rows.append(row)
    return list_rows(call, "avatars", rows)


def _create_endpoint(call: Call) -> Json:
    if len(call.publisher.endpoints) >= MAX_ENDPOINTS:
        raise invalid(None, f"At most {MAX_ENDPOINTS} endpoints.")
    return _set_endpoint(call, call.publisher.add_endpoint(call.body["url"]))


def _set_endpoint(call: Call, endpoint: Endpoint) -> Json:
    """Give an endpoint all but its secret, and return it."""
    endpoint.url, endpoint.events = call.body["url"], tuple(call.body["events"])
    endpoint.enabled = call.body["status"] == "enabled"
    call.publisher.expect_running()
    return _show_endpoint(endpoint)


def _delete_endpoint(call: Call) -> Json:
    call.publisher.delete_endpoint(call.publisher.find_endpoint(call.ids["endpoint_id"]))
    return {"message": "webhook deleted"}


def _show_endpoint(endpoint: Endpoint) -> Json:
    return {
        **attrs.asdict(endpoint),
        "endpoint_id": endpoint.id,
        "status": "enabled" if endpoint.enabled else "disabled",
        "username": USERNAME,
        "created_at": int(endpoint.created_at),
    }


def _write_event(event: Event, _drift: Drift) -> Json:
    told = {"event": event.type, "timestamp": int(event.created_at), "data": event.data}
    without_id = tuple(read_data("page_facts")["jogg_events"]["without_id"])
    return told if event.type.startswith(without_id) else {"event_id": event.id, **told}


def _encode(delivery: Delivery, now: float, how: Deliveries) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a webhook; its time stands in the body, which is signed."""
    body = dict(delivery.body)
    if how.stale:
        body["timestamp"] = int(now - STALE_AGE)
    content = json.dumps(body).encode()
    headers = {"User-Agent": "JoggAI-Webhook/2.0", "X-Webhook-Event": str(body.get("event"))}
    signature = sign(content, delivery.endpoint.secret, how)
    return content, headers | ({"X-Webhook-Signature": signature} if signature else {})


EVENT_FORMAT = EventFormat(
    vendor="JoggAI",
    write=_write_event,
    type_field="event",
    # three retries, five seconds apart, as the guide of v1 has it; that of v2 gives no numbers
    policy=DeliveryPolicy(encode=_encode, timeout=5.0, pauses=[5.0, 5.0, 5.0]),
    callback="webhook_url",
    prefix="wh_",
)
HANDLERS: Mapping[str, Handler] = {
    **_jogg_films.HANDLERS,
    **_jogg_products.HANDLERS,
    "POST /v2/photo_avatar/photo/generate": lambda call: {
        "photo_id": call.backend.submit(call.body, PHOTO).id
    },
    "GET /v2/photo_avatar/photo": _get_photo,
    "POST /v2/photo_avatar/add_motion": _add_motion,
    "GET /v2/photo_avatar": _get_motion,
    "POST /v2/create_video_from_avatar": _create_video,
    "GET /v2/avatar_video/{id}": _get_video,
    "POST /v2/upload/asset": _sign_upload,
    "GET /v2/voices": list_fixtures("voices", "jogg_voices"),
    "GET /v2/voices/custom": list_fixtures("voices", "jogg_custom_voices"),
    "GET /v2/avatars/public": list_fixtures("avatars", "jogg_public_avatars"),
    "GET /v2/avatars/custom": list_fixtures("avatars", "jogg_custom_avatars"),
    "GET /v2/avatars/photo_avatars": _list_photo_avatars,
    "GET /v2/user/whoami": lambda _call: {"email": EMAIL, "username": USERNAME},
    "GET /v2/user/remaining_quota": lambda call: {
        "remaining_quota": call.backend.jogg_wallet.balance
    },
    "GET /v2/endpoints": lambda call: {
        "endpoints": [_show_endpoint(each) for each in call.publisher.endpoints.values()]
    },
    "POST /v2/endpoint": _create_endpoint,
    "PUT /v2/endpoint/{endpoint_id}": lambda call: _set_endpoint(
        call, call.publisher.find_endpoint(call.ids["endpoint_id"])
    ),
    "DELETE /v2/endpoint/{endpoint_id}": _delete_endpoint,
    "GET /v2/events": lambda _call: {"events": read_data("page_facts")["jogg_events"]["names"]},
}
CONFIG = ServerConfig(
    serve=call_operation,
    middlewares=JOGG,
    refuse=_refuse,
    answer=_answer,
    documents=("jogg",),
    handlers=HANDLERS,
    mark="JOGG ",
)
