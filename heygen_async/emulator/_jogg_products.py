"""JoggAI's products, their videos and avatars, and scripts for them."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

from heygen_async.emulator._errors import invalid, not_found
from heygen_async.emulator._files import image_keys
from heygen_async.emulator._jobs import job_kind
from heygen_async.emulator._jogg_films import list_jobs
from heygen_async.emulator._jogg_jobs import (
    announce_video,
    find_job,
    list_fixtures,
    require_voice,
    show_job,
    word,
)
from heygen_async.emulator._openapi import read_data

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from heygen_async.emulator._collections import Call, Handler
    from heygen_async.emulator._jobs import JobKind, RenderJob
    from heygen_async.emulator._openapi import Json
    from heygen_async.emulator._state import Backend

FIRST_AVATAR_ID = 7001


def _announce(family: str, name: str) -> Callable[[Backend, RenderJob], tuple[str, Json]]:
    """Return what tells of a job whose event no page shows: its id and its state."""

    def announce(backend: Backend, job: RenderJob) -> tuple[str, Json]:
        named: dict[str, Any] = {name: job.id, "status": word(backend, job)}
        if job.failure:
            return f"{family}_failed", {**named, "error": job.failure[1]}
        return f"{family}_success", named

    return announce


_announce_video = announce_video("generated_product_video")
PRODUCT_VIDEO = job_kind("jogg_product_video", announce=_announce_video)
PREVIEW = job_kind("jogg_preview")
PRODUCT_AVATAR = job_kind(
    "jogg_product_avatar", announce=_announce("generated_product_avatar", "batch_id")
)
PRODUCT_MOTION = job_kind(
    "jogg_product_motion", announce=_announce("generated_motion", "motion_id")
)
SCRIPT = job_kind("jogg_script", announce=_announce("generated_script", "task_id"))


def _create_product(call: Call) -> Json:
    body = call.body
    if not body.get("url") and not body.get("name"):
        raise invalid("url", "url or name is required.")
    product = {"name": body.get("url"), "media": [], **body, "product_id": uuid.uuid4().hex}
    call.backend.notes[product["product_id"]] = product
    return product


def _update_product(call: Call) -> Json:
    _require_product(call, call.body["product_id"], "product_id")
    call.backend.notes[call.body["product_id"]].update(call.body)
    return {}


def _require_product(call: Call, product_id: str, at: str) -> None:
    if product_id not in call.backend.notes:
        raise not_found("product", product_id, param=at)


def _check_video(call: Call, *styles: str) -> None:
    """Require what a video of a product points at."""
    body = call.body
    _require_product(call, body["product_id"], "product_id")
    if "id" in body["voice"]:
        require_voice(body["voice"]["id"], "voice.id")
    known = {row["name"] for row in read_data("fixtures")["jogg_visual_styles"]}
    for style in styles:
        if style not in known:
            raise invalid("visual_style", f"There is no style {style}.")


def _submit_video(call: Call, body: Json) -> Json:
    request = {**body, "title": body["video_spec"].get("name", "")}
    job = call.backend.submit(request, PRODUCT_VIDEO)
    return {"video_id": job.id, "status": word(call.backend, job)}


def _create_video(call: Call) -> Json:
    style = call.body.get("visual_style")
    _check_video(call, *([style] if style else []))
    return _submit_video(call, call.body)


def _create_previews(call: Call) -> Json:
    styles = call.body["visual_styles"]
    _check_video(call, *styles)
    call.backend.jogg_wallet.require(PREVIEW.price * len(styles), PREVIEW.name)
    jobs = {
        style: call.backend.submit({**call.body, "visual_style": style, "title": style}, PREVIEW)
        for style in styles
    }
    return {
        "previews": [
            {"visual_style": style, "preview_id": job.id, "err_msg": ""}
            for style, job in jobs.items()
        ]
    }


def _render_preview(call: Call) -> Json:
    job = find_job(call.backend, call.body["preview_id"], "preview_id", PREVIEW)
    if not call.backend.is_completed(job):
        raise invalid("preview_id", "The preview is not ready.")
    return _submit_video(call, job.request)


def _get_video(call: Call) -> Json:
    backend, name = call.backend, "product_video_id"
    job = find_job(backend, call.ids[name], name, PRODUCT_VIDEO)
    result = {
        "video_url": backend.signer.public(f"/video/{job.id}.mp4"),
        "cover_url": backend.signer.public(f"/thumbnail/{job.id}.jpg"),
        "deducted_credit": job.kind.price,
    }
    created_at = int(backend.clock.unix(job.created_at))
    return {"title": job.title, "created_at": created_at, **show_job(backend, job, result)}


def _generations(backend: Backend, job: RenderJob) -> list[Json]:
    """Return the pictures of a batch, which end together."""
    unix, done = backend.clock.unix, backend.is_completed(job)
    ended = {"completed_at": int(unix(job.finished_at))}
    return [
        {
            "generation_id": f"{job.id}-{number}",
            "status": word(backend, job),
            "created_at": int(unix(job.created_at)),
            **({**ended, "image_id": key, "url": backend.signer.public(f"/{key}")} if done else {}),
        }
        for number, key in enumerate(image_keys(job.id)[: job.request["num_images"]])
    ]


def _generate_avatar(call: Call) -> Json:
    source = call.body["avatar_source"]
    if ("avatar_id" if source["type"] == "id" else "value") not in source:
        raise invalid("avatar_source", f"Not enough for the type {source['type']}.")
    job = call.backend.submit(call.body, PRODUCT_AVATAR)
    rows = _generations(call.backend, job)
    return {"batch_id": job.id, "total_submitted": len(rows), "generations": rows}


def _get_batch(call: Call) -> Json:
    job = find_job(call.backend, call.ids["batch_id"], "batch_id", PRODUCT_AVATAR)
    rows = _generations(call.backend, job)
    counts = Counter(row["status"] for row in rows)
    summary = {"total": len(rows), **dict.fromkeys(("pending", "processing"), 0)}
    summary |= {**dict.fromkeys(("completed", "failed"), 0), **counts}
    return {"batch_id": job.id, "summary": summary, "generations": rows}


def _add_motion(call: Call) -> Json:
    backend, body = call.backend, call.body
    require_voice(body["voice_id"], "voice_id")
    batch_id = body["generation_id"].rpartition("-")[0]
    batch = find_job(backend, batch_id, "generation_id", PRODUCT_AVATAR)
    if not backend.is_completed(batch):
        raise invalid("generation_id", "The picture is not ready.")
    job = backend.submit(body, PRODUCT_MOTION)
    return {"avatar_id": _avatar_id(job), "motion_id": job.id, "name": body["name"]}


def _avatar_id(job: RenderJob) -> int:
    return FIRST_AVATAR_ID + job.number


def _get_motion(call: Call) -> Json:
    backend = call.backend
    job = find_job(backend, call.query["motion_id"], "motion_id", PRODUCT_MOTION)
    batch_id, _, number = job.request["generation_id"].rpartition("-")
    failure = backend.failure(job)
    return {
        **job.request,
        "motion_id": job.id,
        "avatar_id": _avatar_id(job),
        "image_url": backend.signer.public(f"/{image_keys(batch_id)[int(number)]}"),
        "error_msg": failure[1] if failure else None,
        **show_job(
            backend, job, {"motion_preview_url": backend.signer.public(f"/video/{job.id}.mp4")}
        ),
    }


def _create_script(call: Call) -> Json:
    product = call.body["product_info"]
    if product["source_type"] == "id":
        _require_product(call, product["data"].get("id", ""), "product_info.data.id")
    elif not product["data"].get("name") or not product["data"].get("description"):
        raise invalid("product_info.data.name", "name and description are required.")
    return {"task_id": call.backend.submit(call.body, SCRIPT).id}


def _get_script(call: Call) -> Json:
    backend = call.backend
    job = find_job(backend, call.ids["task_id"], "task_id", SCRIPT)
    style, failure = job.request["script_style"], backend.failure(job)
    script = {"script_style": style, "script_paragraphs": ["Look at this.", "It is good."]}
    shown = {"task_id": job.id, "status": word(backend, job)}
    if failure:
        shown["err_msg"] = failure[1]
    if backend.is_completed(job):
        return {**shown, "data": {"generated_scripts": [script]}}
    return shown


def _lister(name: str, kind: JobKind) -> Handler:
    return lambda call: list_jobs(call, name, kind)


_MADE = "POST /v2/create_video_from_product"
HANDLERS: Mapping[str, Handler] = {
    "POST /v2/product": _create_product,
    "PUT /v2/product": _update_product,
    _MADE: _create_video,
    f"{_MADE}/preview_list": _create_previews,
    f"{_MADE}/render_single_preview": _render_preview,
    "GET /v2/product_video/{product_video_id}": _get_video,
    "GET /v2/product_videos": _lister("videos", PRODUCT_VIDEO),
    "GET /v2/product_previews": _lister("previews", PREVIEW),
    "POST /v2/product_avatar/generation": _generate_avatar,
    "GET /v2/product_avatar/generation/{batch_id}": _get_batch,
    "POST /v2/product_avatar/add_motion": _add_motion,
    "GET /v2/product_avatar": _get_motion,
    "GET /v2/avatars/product_avatars": list_fixtures("product_avatars", "jogg_product_avatars"),
    "POST /v2/ai_scripts": _create_script,
    "GET /v2/ai_scripts/results/{task_id}": _get_script,
}
