"""JoggAI's v2: photos, motions, videos, avatars, voices, uploads and webhooks.

What triggers ``generated_photo_avatar_*`` beside a motion's events is not known; it is never
sent. Whether the ``webhook_url`` of a request is signed is not either; here it is not.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._files import VIDEO_SECONDS, image_keys
from heygen_async.emulator._jobs import JobKind, RenderJob
from heygen_async.emulator._middleware import JOGG, call_operation
from heygen_async.emulator._openapi import read_data
from heygen_async.emulator._publisher import Event, EventFormat
from heygen_async.emulator._sender import (
    STALE_AGE,
    Deliveries,
    Delivery,
    DeliveryPolicy,
    Endpoint,
    sign,
)
from heygen_async.emulator._server import ServerConfig
from heygen_async.emulator._state import EMAIL, USERNAME, Backend, Upload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from heygen_async.emulator._collections import Call, Handler
    from heygen_async.emulator._deviations import Drift
    from heygen_async.emulator._openapi import Json

FIRST_AVATAR_ID = 155_182
MAX_ENDPOINTS = 20
MEGABYTE = 1024**2
MAX_DESCRIPTION, MAX_DESCRIPTION_1_0 = 1500, 299
"""Bytes of a motion's description in UTF-8: under 300 for model 1.0, at most 1500 for others."""

RESOURCES = "https://res.jogg.ai"

ASPECT_RATIOS = ("portrait", "landscape", "square")
"""In the order of their numbers in an answer."""

NUMBERS: Mapping[str, int] = {"pending": 0, "processing": 0, "completed": 1, "failed": 2}
FILTERS: Mapping[int, str] = {0: "processing", 1: "completed", 2: "failed"}
"""The states in the list of photo avatars, and the words of that list's own filter."""

_PENDING = {"pending": "in_progress", "processing": "in_progress"}
_LIVE = {"completed": "success", "failed": "fail"}
WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "documented": {"jogg_photo": {**_PENDING, "completed": "success", "failed": "error"}},
    "live": {
        "jogg_photo": {**_PENDING, **_LIVE},
        "jogg_motion": _LIVE,
        "jogg_video": _LIVE,
    },
    "odd": {
        "jogg_photo": {**_PENDING, "completed": "Completed", "failed": "FAILED"},
        "jogg_motion": {"pending": "Queued", "completed": "SUCCESS", "failed": "Error"},
        "jogg_video": {"pending": "WAITING", "completed": "Succeeded", "failed": "Canceled"},
    },
}
"""Statuses by drift and kind of job; a state that is missing is its own word."""

CODES: Mapping[int, int] = {
    400: 40000,
    401: 10105,
    402: 18020,
    403: 18025,
    404: 10104,
    429: 429,
}
"""The business code of each kind of refusal; the system error for all others."""

SYSTEM_ERROR = 50000
MESSAGES: Mapping[int, str] = {
    10104: "Record not found",
    10105: "Invalid API key",
    18020: "Insufficient credit",
    18025: "No permission to call APIs",
    429: "Rate limit exceeded. Please try again later.",
    SYSTEM_ERROR: "System error",
}
HTTP_STATUSES: Mapping[int, int] = {10105: 401, 429: 429}
"""The HTTP status of a business code where it is not 200."""


def _answer(_call: Call, data: Json) -> Json:
    return {"rid": uuid.uuid4().hex, "code": 0, "msg": "success", "data": data}


def _refuse(backend: Backend, _path: str, error: ApiError) -> tuple[int, Json]:
    """Return a refusal; the drift may give its code another HTTP status."""
    code = CODES.get(error.status, SYSTEM_ERROR)
    message = MESSAGES.get(code)
    if message is None:
        where = f"{error.param}: " if error.param else ""
        message = f"Parameter error: {where}{error.message}"
    status = {**HTTP_STATUSES, **backend.drift.jogg_http}.get(code, 200)
    if error.code == "not_implemented":  # the emulator speaking, not the vendor
        message = error.message
    return status, {"rid": uuid.uuid4().hex, "code": code, "msg": message, "data": None}


def status_word(backend: Backend, job: RenderJob) -> str:
    """Return the status of a job now, in the words that the drift asks for."""
    state = backend.state(job)
    return WORDS[backend.drift.jogg_words].get(job.kind.name, {}).get(state, state)


def _announce_photo(backend: Backend, job: RenderJob) -> tuple[str, Json]:
    if job.failure:
        return "generated_image_failed", {"photo_id": job.id, "error": job.failure[1]}
    photos = [backend.signer.public(f"/{key}") for key in image_keys(job.id)]
    return "generated_image_success", {"photo_id": job.id, "photo_urls": photos}


def _announce_motion(backend: Backend, job: RenderJob) -> tuple[str, Json]:
    if job.failure:
        return "generated_motion_failed", {"motion_id": job.id, "error": job.failure[1]}
    data = {
        "motion_id": job.id,
        "motion_url": backend.signer.public(f"/video/{job.id}.mp4"),
        "photo_url": job.request["image_url"],
    }
    return "generated_motion_success", data


def _announce_video(backend: Backend, job: RenderJob) -> tuple[str, Json]:
    live = backend.drift.jogg_events == "live"
    data: dict[str, object] = {"project_id" if live else "video_id": job.id}
    if not live:
        data["status"] = status_word(backend, job)
    if job.failure:
        return "generated_avatar_video_failed", {**data, "error": _show_failure(job.failure)}
    data |= {
        "video_url": backend.signer.public(f"/video/{job.id}.mp4"),
        "duration": VIDEO_SECONDS,
    }
    if not live:
        data["cover_url"] = backend.signer.public(f"/thumbnail/{job.id}.jpg")
    return "generated_avatar_video_success", data


def _show_failure(failure: tuple[str, str]) -> Json:
    """Return why a video failed; the vendor's own codes are numbers."""
    code, message = failure
    return {"code": int(code) if code.isdecimal() else code, "message": message}


_AVATAR_FAILED = (str(SYSTEM_ERROR), "Avatar generation failed")
PHOTO = JobKind(
    name="jogg_photo",
    vendor="JoggAI",
    price=0.2,
    prefix="25-",
    failure=_AVATAR_FAILED,
    announce=_announce_photo,
)
MOTION = JobKind(
    name="jogg_motion",
    vendor="JoggAI",
    price=2.0,
    prefix="25-mo_",
    failure=_AVATAR_FAILED,
    announce=_announce_motion,
)
MOTION_PRO = attrs.evolve(MOTION, price=3.0)
VIDEO = JobKind(
    name="jogg_video",
    vendor="JoggAI",
    failure=(str(SYSTEM_ERROR), "Video generation failed"),
    announce=_announce_video,
)


def _find_job(call: Call, job_id: str, name: str, kind: JobKind) -> RenderJob:
    """Return the job that the parameter *name* is the id of."""
    if job := call.backend.jobs.of(kind).get(job_id):
        return job
    raise not_found(kind.name, job_id, param=name)


def _require_voice(voice_id: str, at: str) -> None:
    """Require a voice of the catalogue or of the account."""
    own = read_data("fixtures")["jogg_custom_voices"]
    if voice_id not in {voice["voice_id"] for voice in (*_catalogue(), *own)}:
        raise invalid(at, f"Voice {voice_id} does not exist.")


def _generate_photo(call: Call) -> Json:
    return {"photo_id": call.backend.submit(call.body, PHOTO).id}


def _get_photo(call: Call) -> Json:
    backend = call.backend
    job = _find_job(call, call.query["photo_id"], "photo_id", PHOTO)
    shown: dict[str, object] = {"photo_id": job.id, "status": status_word(backend, job)}
    if backend.state(job) == "completed":
        keys = image_keys(job.id)
        urls = [backend.signer.public(f"/{key}") for key in keys]
        shown |= {"image_url_list": urls, "image_key_list": keys, "msg": None}
    elif backend.drift.nulls:
        shown |= {"image_url_list": None, "image_key_list": None, "msg": None}
    if failure := backend.failure(job):
        shown["msg"] = failure[1]
    return shown


def _add_motion(call: Call) -> Json:
    """Make a new avatar out of a picture, which may be of a finished generation or any other."""
    backend, body = call.backend, call.body
    _require_voice(body["voice_id"], "voice_id")
    if body.get("photo_id"):
        photo = _find_job(call, body["photo_id"], "photo_id", PHOTO)
        if backend.state(photo) != "completed":
            raise invalid("photo_id", "The photo is not ready.")
    most = MAX_DESCRIPTION_1_0 if body["model"] == "1.0" else MAX_DESCRIPTION
    if len(body.get("description", "").encode()) > most:
        raise invalid("description", f"At most {most} bytes with model {body['model']}.")
    job = backend.submit(body, MOTION_PRO if body["model"] == "2.0-Pro" else MOTION)
    avatar_id = FIRST_AVATAR_ID + len(backend.jogg_avatars)
    backend.jogg_avatars[avatar_id] = job
    return {"avatar_id": avatar_id, "motion_id": job.id, "status": status_word(backend, job)}


def _get_motion(call: Call) -> Json:
    backend = call.backend
    job = _find_job(call, call.query["motion_id"], "motion_id", MOTION)
    done = backend.state(job) == "completed"
    shown = {
        "motion_id": job.id,
        "avatar_id": next(key for key, made in backend.jogg_avatars.items() if made is job),
        "image_url": job.request["image_url"],
        "name": job.request["name"],
        "status": status_word(backend, job),
        "motion_preview_url": backend.signer.public(f"/video/{job.id}.mp4") if done else "",
        "voice_id": job.request["voice_id"],
    }
    if done or backend.drift.nulls:
        shown["error_msg"] = None
    if failure := backend.failure(job):
        shown["error_msg"] = failure[1]
    return shown


def _create_video(call: Call) -> Json:
    """Require a voice, even for audio, with one source of speech, and an avatar that is ready."""
    voice, avatar = call.body["voice"], call.body["avatar"]
    _require_voice(voice["voice_id"], "voice.voice_id")
    for kind, field in (("script", "script"), ("audio", "audio_url")):
        if kind == voice["type"] and field not in voice:
            raise invalid(f"voice.{field}", "Field required.")
        if kind != voice["type"] and field in voice:
            raise invalid(f"voice.{field}", f"Not with a voice of type {voice['type']}.")
    number, backend = avatar["avatar_id"], call.backend
    if avatar["avatar_type"] == 0:
        states = {row["id"]: "completed" for row in read_data("fixtures")["jogg_public_avatars"]}
    else:
        own = read_data("fixtures")["jogg_custom_avatars"]
        states = {row["id"]: row["avatar_status"] for row in own}
        states |= {key: backend.state(job) for key, job in backend.jogg_avatars.items()}
    if number not in states:
        raise not_found("avatar", str(number), param="avatar.avatar_id")
    if states[number] != "completed":
        raise invalid("avatar.avatar_id", "The avatar is not ready.")
    return {"video_id": backend.submit(call.body, VIDEO).id}


def _get_video(call: Call) -> Json:
    backend = call.backend
    job = _find_job(call, call.ids["id"], "id", VIDEO)
    shown: dict[str, object] = {"video_id": job.id, "status": status_word(backend, job)}
    if backend.state(job) == "completed":
        shown["video_url"] = backend.signer.public(f"/video/{job.id}.mp4")
        shown["cover_url"] = backend.signer.public(f"/thumbnail/{job.id}.jpg")
        shown["duration"] = VIDEO_SECONDS
    elif backend.drift.nulls:
        shown |= {"video_url": None, "cover_url": None, "duration": None}
    if failure := backend.failure(job):
        shown["error"] = _show_failure(failure)
    return {**shown, "created_at": int(backend.clock.unix(job.created_at))}


def _sign_upload(call: Call) -> Json:
    """Sign a URL for a PUT; the file is then at another one for good."""
    body, signer = call.body, call.backend.signer
    mime_type, size = body["content_type"], body.get("file_size")
    suffix, megabytes = read_data("page_facts")["jogg_uploads"]["suffix_and_megabytes"][mime_type]
    if size is not None and size > megabytes * MEGABYTE:
        raise invalid("file_size", f"At most {megabytes} MB of {mime_type}.")
    upload = Upload(
        filename=body["filename"],
        content_type=mime_type,
        headers={"Content-Type": mime_type},
        size=size,
    )
    call.backend.uploads.add(upload.id, upload)
    asset_url = signer.public(f"{upload.path}.{suffix}")
    return {"sign_url": signer.sign(upload.path), "asset_url": asset_url}


def _page(rows: Sequence[Json], query: Mapping[str, Any]) -> tuple[Sequence[Json], bool]:
    """Return the rows of one page and whether there are more after it."""
    stop = query["page"] * query["page_size"]
    return rows[stop - query["page_size"] : stop], stop < len(rows)


def _fitting(rows: Iterable[Json], query: Mapping[str, Any], *names: str) -> list[Json]:
    """Return the rows that have all the words asked for in fields of these *names*."""
    return [row for row in rows if all(query.get(name, row[name]) == row[name] for name in names)]


def _catalogue() -> list[Json]:
    voices = []
    for row in read_data("fixtures")["jogg_voices"]:
        voice_id = f"{row['accent']}-{row['name']}Neural"
        audio_url = f"{RESOURCES}/voices/{voice_id}.mp3"
        made = {"voice_id": voice_id, "audio_url": audio_url, "use_case": "narrative_story"}
        voices.append({**row, **made})
    return voices


def _list_voices(call: Call) -> Json:
    voices = _fitting(_catalogue(), call.query, "gender", "language", "age", "use_case")
    page, has_more = _page(voices, call.query)
    return {"voices": page, "has_more": has_more}


def _list_custom_voices(call: Call) -> Json:
    voices = _fitting(read_data("fixtures")["jogg_custom_voices"], call.query, "language")
    return {"total": len(voices), "voices": voices}


def _with_urls(row: Json) -> dict[str, Any]:
    base = f"{RESOURCES}/avatars/{row['id']}"
    return {**row, "video_url": f"{base}.mp4", "cover_url": f"{base}.jpg"}


def _list_public_avatars(call: Call) -> Json:
    """List what fits all filters; scene and ethnicity are found by, but not shown."""
    rows = read_data("fixtures")["jogg_public_avatars"]
    rows = _fitting(rows, call.query, "style", "gender", "age", "scene", "ethnicity")
    if ratio := call.query.get("aspect_ratio"):
        rows = [row for row in rows if row["aspect_ratio"] == ASPECT_RATIOS.index(ratio)]
    shown = [
        {key: value for key, value in _with_urls(row).items() if key not in {"scene", "ethnicity"}}
        for row in rows
    ]
    return {"avatars": _page(shown, call.query)[0]}


def _list_custom_avatars(call: Call) -> Json:
    rows = [
        {
            **_with_urls(row),
            "api_only": False,
            "avatar_url": f"{RESOURCES}/avatars/{row['id']}/source.mp4",
        }
        for row in read_data("fixtures")["jogg_custom_avatars"]
        if call.query.get("status") in {None, row["avatar_status"]}
        and call.query.get("name", "") in row["name"]
    ]
    return {"avatars": _page(rows, call.query)[0]}


def _list_photo_avatars(call: Call) -> Json:
    """List the avatars made from photos: words in the filter, numbers in the answer."""
    backend, rows = call.backend, []
    for avatar_id, job in backend.jogg_avatars.items():
        number, failure = NUMBERS[backend.state(job)], backend.failure(job)
        row = {
            "id": avatar_id,
            "name": job.request["name"],
            "cover_url": backend.signer.public(f"/thumbnail/{job.id}.jpg"),
            "status": number,
            "fail_msg": failure[1] if failure else "",
        }
        fits = call.query.get("status") in {None, FILTERS[number]}
        if fits and call.query.get("name", "") in row["name"]:
            rows.append(row)
    return {"avatars": _page(rows, call.query)[0]}


def _create_endpoint(call: Call) -> Json:
    if len(call.publisher.endpoints) >= MAX_ENDPOINTS:
        raise invalid(None, f"At most {MAX_ENDPOINTS} endpoints.")
    enabled, events = call.body["status"] == "enabled", tuple(call.body["events"])
    endpoint = call.publisher.add_endpoint(call.body["url"], events=events, enabled=enabled)
    return _show_endpoint(endpoint)


def _replace_endpoint(call: Call) -> Json:
    """Replace all but the secret."""
    endpoint = call.publisher.find_endpoint(call.ids["endpoint_id"])
    endpoint.url = call.body["url"]
    endpoint.enabled = call.body["status"] == "enabled"
    endpoint.events = tuple(call.body["events"])
    call.publisher.expect_running()
    return _show_endpoint(endpoint)


def _delete_endpoint(call: Call) -> Json:
    call.publisher.delete_endpoint(call.publisher.find_endpoint(call.ids["endpoint_id"]))
    return {"message": "webhook deleted"}


def _show_endpoint(endpoint: Endpoint) -> Json:
    return {
        "endpoint_id": endpoint.id,
        "url": endpoint.url,
        "secret": endpoint.secret,
        "status": "enabled" if endpoint.enabled else "disabled",
        "events": list(endpoint.events or ()),
        "username": USERNAME,
        "created_at": int(endpoint.created_at),
    }


WITHOUT_ID = ("generated_image", "generated_motion", "generated_script")
"""The events that carry no ``event_id``."""


def _write_event(event: Event, _drift: Drift) -> Json:
    told = {"event": event.type, "timestamp": int(event.created_at), "data": event.data}
    return told if event.type.startswith(WITHOUT_ID) else {"event_id": event.id, **told}


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
    "POST /v2/photo_avatar/photo/generate": _generate_photo,
    "GET /v2/photo_avatar/photo": _get_photo,
    "POST /v2/photo_avatar/add_motion": _add_motion,
    "GET /v2/photo_avatar": _get_motion,
    "POST /v2/create_video_from_avatar": _create_video,
    "GET /v2/avatar_video/{id}": _get_video,
    "POST /v2/upload/asset": _sign_upload,
    "GET /v2/voices": _list_voices,
    "GET /v2/voices/custom": _list_custom_voices,
    "GET /v2/avatars/public": _list_public_avatars,
    "GET /v2/avatars/custom": _list_custom_avatars,
    "GET /v2/avatars/photo_avatars": _list_photo_avatars,
    "GET /v2/user/whoami": lambda _call: {"email": EMAIL, "username": USERNAME},
    "GET /v2/user/remaining_quota": lambda call: {
        "remaining_quota": call.backend.jogg_wallet.balance
    },
    "GET /v2/endpoints": lambda call: {
        "endpoints": [_show_endpoint(each) for each in call.publisher.endpoints.values()]
    },
    "POST /v2/endpoint": _create_endpoint,
    "PUT /v2/endpoint/{endpoint_id}": _replace_endpoint,
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
