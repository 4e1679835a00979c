"""HeyGen's v3 beside its videos: assets, avatars and looks, the account, webhooks.

Its document says what each operation takes; the records and functions here say what is done.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import uuid
from hashlib import sha256
from typing import TYPE_CHECKING

import attrs

from heygen_async.emulator._collections import MAX_IDS, Call, Collection, Handler, Page
from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._files import PREVIEW_SIZE
from heygen_async.emulator._jobs import RenderJob, job_kind
from heygen_async.emulator._openapi import read_data
from heygen_async.emulator._publisher import Event, EventFormat, announce_end, iso
from heygen_async.emulator._sender import (
    STALE_AGE,
    Deliveries,
    Delivery,
    DeliveryPolicy,
    Endpoint,
    new_secret,
    sign,
)
from heygen_async.emulator._state import EMAIL, USERNAME, Asset, Backend, Group, Look, Upload, sniff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._deviations import Drift
    from heygen_async.emulator._openapi import Json

DOCS = "https://developers.heygen.com/docs/error-codes#"
MAX_BYTES = 1024**3
UPLOAD_SECONDS = 3600
DIGEST_SIZE = 32


# assets


def _show_asset(call: Call, asset: Asset) -> Json:
    return {
        **attrs.asdict(asset),
        "type": asset.mime_type.partition("/")[0],
        "owner": USERNAME,
        "space_id": "space_1",
        "url": call.backend.signer.sign(asset.path),
    }


def _delete_asset(call: Call, asset: Asset) -> Json:
    del call.backend.assets[asset.id]
    return {"id": asset.id}


ASSETS = Collection(
    path="/v3/assets",
    id="asset_id",
    rows=lambda call: call.backend.assets,
    show=_show_asset,
    missing=lambda asset_id: not_found("asset", asset_id),
    delete=_delete_asset,
)


def _asset_statuses(call: Call) -> Page:
    """``GET /v3/assets/statuses``; what was uploaded is complete at once."""
    backend = call.backend
    rows: list[Json] = []
    for asset_id in filter(None, call.query.get("asset_ids", "").split(",")):
        word = "completed" if asset_id in backend.assets else "not_found"
        pending = asset_id in backend.uploads and asset_id not in backend.assets
        rows.append({"video_id": asset_id, "status": "pending_upload" if pending else word})
    for batch_id in filter(None, call.query.get("batch_ids", "").split(",")):
        found = backend.notes.get(batch_id)
        missing = [{"batch_id": batch_id, "status": "not_found"}]
        rows += _upload_rows(backend, batch_id, found["ids"]) if found else missing
    if len(rows) > MAX_IDS:
        raise invalid("asset_ids", f"At most {MAX_IDS} ids per request.")
    return Page(rows)


def _search_assets(call: Call) -> Page:
    """``GET /v3/assets/search``: one of each type is public, and the account has none."""
    sort, scope = call.query["type"], call.query["scope"]
    url = call.backend.signer.sign(f"/stock/{sort}.jpg")
    row = {"id": f"stock-{sort}", "url": url, "type": sort, "width": 160, "height": 90}
    return Page([row] if scope == "public" else [])


def _upload_asset(call: Call) -> Json:
    """``POST /v3/assets``: a file is recognised by its first bytes."""
    name, content = call.body
    mime_type = sniff(content)
    if mime_type is None:
        raise invalid("file", "Unsupported file type.")
    return _keep_asset(call.backend, uuid.uuid4().hex, name, mime_type, content)


def _keep_asset(backend: Backend, asset_id: str, name: str, mime_type: str, content: bytes) -> Json:
    """Return a file as the answer to its upload; one that is there already stays as it is."""
    asset = backend.assets.get(asset_id)
    if asset is None:
        uploaded_at = int(backend.clock.unix())
        asset = Asset(
            id=asset_id, name=name, mime_type=mime_type, content=content, uploaded_at=uploaded_at
        )
        backend.assets.add(asset_id, asset)
    return {
        "asset_id": asset.id,
        "url": backend.signer.sign(asset.path),
        "mime_type": asset.mime_type,
        "size_bytes": len(asset.content),
    }


def _create_upload(call: Call, body: Json) -> Json:
    """``POST /v3/assets/direct-uploads``."""
    checksum = _read_checksum(body)
    headers = {"Content-Type": body["content_type"], "x-amz-meta-origin": "direct-upload"}
    if checksum:
        headers["x-amz-checksum-sha256"] = base64.b64encode(checksum).decode()
    upload = Upload(
        filename=body["filename"],
        content_type=body["content_type"],
        headers=headers,
        size=body["size_bytes"],
        checksum=checksum,
    )
    call.backend.uploads.add(upload.id, upload)
    return {
        "asset_id": upload.id,
        "upload_url": call.backend.signer.sign(upload.path, UPLOAD_SECONDS),
        "upload_headers": headers,
        "expires_in_seconds": UPLOAD_SECONDS,
        "max_bytes": MAX_BYTES,
        "status": "pending_upload",
    }


def _create_upload_batch(call: Call) -> Json:
    """``POST /v3/assets/direct-uploads/batches``."""
    items = [_create_upload(call, body) for body in call.body["files"]]
    batch_id = uuid.uuid4().hex
    ids = [item["asset_id"] for item in items]
    call.backend.notes[batch_id] = {"ids": ids, "title": call.body.get("title")}
    return {"batch_id": batch_id, "items": items}


def _find_upload_batch(call: Call, batch_id: str) -> Json:
    found = call.backend.notes.get(batch_id)
    if not isinstance(found, dict):
        raise ApiError(404, "not_found", "Batch not found.")
    return found


def _complete_upload_batch(call: Call) -> Json:
    """``POST /v3/assets/complete/batches``: all files have to be there."""
    for asset_id in _find_upload_batch(call, call.body["batch_id"])["ids"]:
        _complete_upload(call, asset_id, {})
    return {"batch_id": call.body["batch_id"]}


def _upload_rows(backend: Backend, batch_id: str, ids: list[str]) -> list[Json]:
    return [
        {
            "batch_id": batch_id,
            "item_index": index,
            "video_id": asset_id,
            "status": "completed" if asset_id in backend.assets else "queued",
        }
        for index, asset_id in enumerate(ids)
    ]


def _show_upload_batch(call: Call) -> Json:
    """``GET /v3/assets/batches/{batch_id}``, in one page."""
    batch_id = call.ids["batch_id"]
    found = _find_upload_batch(call, batch_id)
    rows = _upload_rows(call.backend, batch_id, found["ids"])
    words = [row["status"] for row in rows]
    return {
        "batch_id": batch_id,
        "title": found["title"],
        "status": "processing" if "queued" in words else "completed",
        "total_items": len(rows),
        "counts_by_status": {word: words.count(word) for word in words},
        "created_at": int(call.backend.clock.unix()),
        "items": rows[: call.query["limit"]],
        "has_more": False,
    }


def _complete_upload(call: Call, asset_id: str, body: Json) -> Json:
    """``POST /v3/assets/{asset_id}/complete``: 409 before the PUT, the same answer ever after."""
    checksum = _read_checksum(body)
    upload = call.backend.uploads.get(asset_id)
    if upload is None:
        raise not_found("asset", asset_id)
    if upload.content is None:
        message = "Uploaded object not found yet. Retry after the upload PUT returns 200."
        raise ApiError(409, "conflict", message)
    if checksum and not hmac.compare_digest(sha256(upload.content).digest(), checksum):
        raise invalid("checksum_sha256", "The uploaded object has another checksum.")
    if sniff(upload.content) != upload.content_type:
        raise invalid("content_type", "The uploaded object is of another type.")
    backend, name = call.backend, upload.filename
    kept = _keep_asset(backend, asset_id, name, upload.content_type, upload.content)
    return {**kept, "status": "processing"}


def _read_checksum(body: Json) -> bytes | None:
    """Return a SHA-256, in hex or base64: the page does not say which of them it wants."""
    text = body.get("checksum_sha256")
    if text is None:
        return None
    for decode in (bytes.fromhex, binascii.a2b_base64):
        try:
            digest = decode(text)
        except ValueError:
            continue
        if len(digest) == DIGEST_SIZE:
            return digest
    raise invalid("checksum_sha256", "Input should be a SHA-256 in hex or base64.")


# the account


def _get_user(call: Call) -> Json:
    """``GET /v3/users/me``: an account that pays from a wallet of credits."""
    balance = call.backend.wallet.balance
    return {
        "username": USERNAME,
        "email": EMAIL,
        "first_name": "Ada",
        "billing_type": "wallet",
        "wallet": {"currency": "credits", "remaining_balance": balance},
    }


# avatars and looks


def _needs_consent(backend: Backend, group: Group) -> bool:
    """Return whether a person has to agree to a look of a group of the account."""
    kinds = {look.avatar_type for look in backend.avatars.looks_of(group)}
    return not group.public and "digital_twin" in kinds


def _serialize_look(backend: Backend, look: Look) -> Json:
    """Return a look; status and error are those of a private one only."""
    sign_url, shown = backend.signer.sign, attrs.asdict(look, recurse=False)
    shown |= {"tags": [], "supported_api_engines": ["avatar_v", "avatar_iv", "avatar_iii"]}
    if backend.has_preview(look):
        shown["preview_image_url"] = sign_url(f"/preview/{look.id}.jpg")
        if not look.is_photo:
            shown["preview_video_url"] = sign_url(f"/video/{look.id}.mp4")
        shown["image_width"], shown["image_height"] = PREVIEW_SIZE
        shown["preferred_orientation"] = "landscape"
    if look.job:
        word, failure = backend.avatars.status(look, backend.clock.now()), backend.failure(look.job)
        shown["status"] = "processing" if word == "pending" else word
        shown["error"] = failure and {"code": failure[0], "message": failure[1]}
    return shown


def _serialize_group(backend: Backend, group: Group) -> Json:
    """Return a group; its state and its pictures are those of its first look."""
    looks = backend.avatars.looks_of(group)
    consent = "approved" if group.consented else "pending"
    return {
        **_serialize_look(backend, looks[0]),
        "id": group.id,
        "name": group.name,
        "created_at": int(group.created_at),
        "looks_count": len(looks),
        "consent_status": consent if _needs_consent(backend, group) else None,
    }


def _announce_avatar(backend: Backend, job: RenderJob) -> tuple[str, Json] | None:
    look = backend.avatars.looks[job.id]
    if backend.avatars.status(look, job.finished_at) == "pending_consent":
        return None
    made = "photo_avatar_generation" if look.is_photo else "instant_avatar"
    return announce_end(job, made, {"id": look.id, "group_id": look.group_id})


AVATAR = job_kind("avatar", announce=_announce_avatar)


def _update_group(call: Call, group: Group) -> Group:
    """Give the looks of a group of the account another voice."""
    call.backend.avatars.own_group(group.id, kind="avatar")
    for look in call.backend.avatars.looks_of(group):
        look.default_voice_id = call.body.get("default_voice_id", look.default_voice_id)
    return group


GROUPS = Collection(
    path="/v3/avatars",
    id="group_id",
    rows=lambda call: call.backend.avatars.groups,
    show=lambda call, group: _serialize_group(call.backend, group),
    missing=lambda group_id: not_found("avatar_group", group_id),
    matches=lambda call, group: (
        call.query.get("ownership") in {None, "public" if group.public else "private"}
    ),
    update=_update_group,
)


def _delete_group(call: Call) -> Json:
    """``DELETE /v3/avatars/{group_id}``, with all its looks."""
    avatars = call.backend.avatars
    group = avatars.own_group(call.ids["group_id"], kind="avatar")
    for look in avatars.looks_of(group):
        avatars.delete_look(look)
    return {"id": group.id}


def _create_avatar(call: Call) -> Json:
    """``POST /v3/avatars``: a new look, in a group of its own unless one is named."""
    backend, body = call.backend, call.body
    group = backend.avatars.groups.get(body.get("avatar_group_id") or "")
    if group is None:
        group = Group(name=body["name"], created_at=backend.clock.unix())
    job = backend.submit(body, AVATAR)
    look = Look(
        id=job.id,
        name=body["name"],
        avatar_type="digital_twin" if body["type"] == "digital_twin" else "photo_avatar",
        group_id=group.id,
        job=job,
    )
    backend.avatars.add(look, group)
    return {
        "avatar_item": _serialize_look(backend, look),
        "avatar_group": _serialize_group(backend, group),
    }


def _request_consent(call: Call) -> Json:
    """``POST /v3/avatars/{group_id}/consent``: a page to visit, or a video that says it."""
    backend = call.backend
    group = backend.avatars.own_group(call.ids["group_id"])
    if not _needs_consent(backend, group):
        raise invalid("group_id", "Consent is only required for digital twins.")
    if call.body.get("consent_video") is not None:
        backend.avatars.consent(group)
    url = None if group.consented else backend.signer.sign(f"/consent/{group.id}")
    return {"avatar_group": _serialize_group(backend, group), "url": url}


def _look_matches(call: Call, look: Look) -> bool:
    return (
        call.query.get("group_id") in {None, look.group_id}
        and call.query.get("avatar_type") in {None, look.avatar_type}
        and call.query.get("ownership") in {None, "private" if look.job else "public"}
    )


def _missing_look(_look_id: str) -> ApiError:
    return ApiError(404, "not_found", "Avatar look not found.")


def _rename_look(call: Call, look: Look) -> Look:
    if look.avatar_type == "studio_avatar":
        message = "Renaming is only supported for photo and digital twin avatar looks."
        raise invalid("look_id", message)
    if look.job is None:
        raise _missing_look(look.id)
    if call.body.get("name") is not None:
        look.name = call.body["name"]
    return look


def _delete_look(call: Call, look: Look) -> Json:
    if look.avatar_type == "studio_avatar":
        raise invalid("look_id", "Studio avatar looks cannot be deleted.")
    if look.job is None:
        raise ApiError(403, "forbidden", "Public avatar looks cannot be deleted.")
    call.backend.avatars.delete_look(look)
    return {"id": look.id}


LOOKS = Collection(
    path="/v3/avatars/looks",
    id="look_id",
    rows=lambda call: call.backend.avatars.looks,
    show=lambda call, look: _serialize_look(call.backend, look),
    missing=_missing_look,
    matches=_look_matches,
    update=_rename_look,
    delete=_delete_look,
)


# webhooks


def _show_endpoint(_call: Call, endpoint: Endpoint) -> Json:
    shown = {"endpoint_id": endpoint.id, "status": "enabled", "secret": None}
    return {**attrs.asdict(endpoint), **shown, "created_at": iso(endpoint.created_at)}


def _require_free(call: Call, url: str) -> None:
    if any(endpoint.url == url for endpoint in call.publisher.endpoints.values()):
        message = "A webhook endpoint with this URL already exists for this account."
        raise ApiError(409, "conflict", message)


def _update_endpoint(call: Call, endpoint: Endpoint) -> Endpoint:
    """Replace what is named; null leaves what was there."""
    url, events = call.body.get("url"), call.body.get("events")
    if url not in {None, endpoint.url}:
        _require_free(call, url)
        endpoint.url = url
    if events is not None:
        endpoint.events = tuple(events)
    call.publisher.expect_running()
    return endpoint


def _delete_endpoint(call: Call, endpoint: Endpoint) -> Json:
    call.publisher.delete_endpoint(endpoint)
    return {}


ENDPOINTS = Collection(
    path="/v3/webhooks/endpoints",
    id="endpoint_id",
    rows=lambda call: call.publisher.endpoints,
    show=_show_endpoint,
    missing=lambda endpoint_id: not_found("webhook", endpoint_id),
    update=_update_endpoint,
    delete=_delete_endpoint,
)


def _create_endpoint(call: Call) -> Json:
    """``POST /v3/webhooks/endpoints``; only this answer and a rotation's show the secret."""
    events = call.body.get("events")
    _require_free(call, call.body["url"])
    endpoint = call.publisher.add_endpoint(
        call.body["url"],
        events=None if events is None else tuple(events),
        entity_id=call.body.get("entity_id"),
    )
    call.publisher.expect_running()
    return {**_show_endpoint(call, endpoint), "secret": endpoint.secret}


def _rotate_secret(call: Call) -> Json:
    """``POST …/{endpoint_id}/rotate-secret``: the old one ends at once."""
    endpoint = ENDPOINTS.find(call)
    endpoint.secret = new_secret()
    return {"endpoint_id": endpoint.id, "secret": endpoint.secret}


def _list_event_types(_call: Call) -> Page:
    meaning = read_data("page_facts")["heygen_events"]["meaning"]
    return Page([{"event_type": name, "description": text} for name, text in meaning.items()])


def _show_event(event: Event) -> Json:
    return {
        "event_id": event.id,
        "event_type": event.type,
        "event_data": event.data,
        "created_at": iso(event.created_at),
    }


EVENTS = Collection(
    path="/v3/webhooks/events",
    id="event_id",
    rows=lambda call: call.publisher.events,
    show=lambda _call, event: _show_event(event),
    missing=lambda event_id: not_found("event", event_id),
    matches=lambda call, event: (
        event.taken
        and call.query.get("event_type") in {None, event.type}
        and call.query.get("entity_id") in {None, event.entity_id}
    ),
    newest_first=True,
)


def _write_event(event: Event, drift: Drift) -> Json:
    """Return the body of a webhook; a bare one has only type and data."""
    shown = _show_event(event)
    if drift.heygen_events == "bare":
        return {name: shown[name] for name in ("event_type", "event_data")}
    return shown


def _encode(delivery: Delivery, now: float, how: Deliveries) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a webhook; a callback of one job has none of the vendor's.

    The signature is of the body alone, not of the time.
    """
    content = json.dumps(delivery.body).encode()
    signature = sign(content, delivery.endpoint.secret, how)
    if delivery.endpoint.secret is None:
        return content, {}
    if how.plain_signature:
        return content, {"signature": signature} if signature else {}
    headers = {
        "Heygen-Timestamp": str(int(now - STALE_AGE if how.stale else now)),
        "Heygen-Event-Id": delivery.event_id,
    }
    return content, headers | ({"Heygen-Signature": signature} if signature else {})


EVENT_FORMAT = EventFormat(
    vendor="HeyGen",
    write=_write_event,
    type_field="event_type",
    # the pauses double; the last retry is 22 h 45 min after the event: the page says up to 24 h
    policy=DeliveryPolicy(encode=_encode, timeout=10.0, pauses=[10.0 * 2**n for n in range(13)]),
    callback="callback_url",
    prefix="ep_",
)


HANDLERS: Mapping[str, Handler] = {
    **ASSETS.handlers(),
    **GROUPS.handlers(),
    **LOOKS.handlers(),
    **ENDPOINTS.handlers(),
    **EVENTS.handlers(),
    "GET /v3/assets/statuses": _asset_statuses,
    "GET /v3/assets/search": _search_assets,
    "POST /v3/assets": _upload_asset,
    "POST /v3/assets/direct-uploads": lambda call: _create_upload(call, call.body),
    "POST /v3/assets/direct-uploads/batches": _create_upload_batch,
    "POST /v3/assets/complete/batches": _complete_upload_batch,
    "GET /v3/assets/batches/{batch_id}": _show_upload_batch,
    "POST /v3/assets/{asset_id}/complete": lambda call: _complete_upload(
        call, call.ids["asset_id"], call.body
    ),
    "GET /v3/users/me": _get_user,
    "POST /v3/avatars": _create_avatar,
    "DELETE /v3/avatars/{group_id}": _delete_group,
    "POST /v3/avatars/{group_id}/consent": _request_consent,
    "POST /v3/webhooks/endpoints": _create_endpoint,
    "POST /v3/webhooks/endpoints/{endpoint_id}/rotate-secret": _rotate_secret,
    "GET /v3/webhooks/event-types": _list_event_types,
}


# the envelopes of all three versions


def answer(call: Call, data: Json | Page) -> Json:
    """Put data into the envelope that the document of its operation has, which completes it."""
    if isinstance(data, Page):
        has_more, token = data.next_token is not None, data.next_token
        page: Json = {"data": data.rows, "has_more": has_more, "next_token": token}
        return dict(call.operation.complete(page))
    completed: Json = call.operation.complete({"data": data})
    is_bare = " /v2/videos" in call.operation.name and call.backend.drift.v2_videos == "bare"
    return completed["data"] if is_bare else completed


def refuse(backend: Backend, path: str, error: ApiError) -> tuple[int, Json]:
    """Return a refusal as the version has it that was asked.

    ``/v2/videos`` stands in the document of v3, and so do its errors. The messages of v1 and v2
    have to name the parameter: there is no field for it.
    """
    message = f"{error.param} is invalid: {error.message}" if error.param else error.message
    if path.startswith("/v1/"):
        codes = read_data("page_facts")["heygen_v1_codes"]["codes"]
        return error.status, {"code": codes.get(error.code, error.status), "message": message}
    if path.startswith("/v2/") and not path.startswith("/v2/videos"):
        as_object = {"code": error.code, "message": message}
        as_text = backend.drift.v2_errors == "text"
        return error.status, {"error": message if as_text else as_object, "data": None}
    body = {
        "code": error.code,
        "message": error.message,
        "param": error.param,
        "doc_url": DOCS + error.code.replace("_", "-"),
    }
    return error.status, {"error": body}
