"""Brand kits, which are imported by a job, and brand glossaries of HeyGen."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from heygen_async.emulator._collections import Call, Collection, Handler
from heygen_async.emulator._errors import ApiError, invalid
from heygen_async.emulator._jobs import RenderJob, job_kind
from heygen_async.emulator._publisher import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._openapi import Json

BRAND_KIT = job_kind("brand_kit")
COLORS = ["#0a0b0c", "#f0f0f0"]
LISTS = "do_not_translate_terms", "forced_translations"


def _missing(thing_id: str) -> ApiError:
    return ApiError(404, "resource_not_found", f"{thing_id} not found.")


def _show_kit(call: Call, job: RenderJob) -> Json:
    logo = call.backend.signer.sign(f"/thumbnail/{job.id}.jpg")
    done = call.backend.is_completed(job)
    found = {
        "logo_url": logo,
        "colors": COLORS,
        "color_roles": {"primary": COLORS[0]},
        "logos": [{"logo_id": "logo-1", "name": "logo", "url": logo}],
        "logo_roles": {"primary": "logo-1"},
        "fonts": [{"font_id": "font-1", "name": "Inter"}],
        "font_roles": {"title_text": {"font_id": "font-1", "weight": 700}},
    }
    return {
        "brand_kit_id": job.id,
        "status": call.backend.word(job),
        "colors": [],
        "logos": [],
        "fonts": [],
        **(found if done else {}),
        **job.request,
        "name": job.request.get("name") or job.request["url"],
    }


def _update_kit(call: Call, job: RenderJob) -> RenderJob:
    if not call.body:
        raise invalid(None, "At least one field is required.")
    if set(call.body) - {"name"} and not call.backend.is_completed(job):
        raise ApiError(409, "brand_kit_not_ready", "The brand kit is being imported.")
    job.request = {**job.request, **call.body}
    return job


def _delete_kit(call: Call, job: RenderJob) -> Json:
    call.backend.jobs.delete(job)
    return {"brand_kit_id": job.id}


def _create_kit(call: Call) -> Json:
    job = call.backend.submit(call.body, BRAND_KIT)
    return {"brand_kit_id": job.id, "status": "loading"}


BRAND_KITS = Collection(
    path="/v3/brand-kits",
    id="brand_kit_id",
    rows=lambda call: call.backend.jobs.of(BRAND_KIT),
    show=_show_kit,
    missing=_missing,
    update=_update_kit,
    delete=_delete_kit,
)


def _show_glossary(_call: Call, glossary: Json) -> Json:
    """Leave out the lists of translation that are empty."""
    return {name: value for name, value in glossary.items() if value or name not in LISTS}


def _require_free(call: Call, body: Json, own: Json) -> str:
    name = str(body["name"]).strip()
    taken = {row["name"].lower() for row in call.backend.glossaries.values() if row is not own}
    if name.lower() in taken:
        raise ApiError(409, "conflict", "A glossary with this name already exists.", param="name")
    return name


def _create_glossary(call: Call) -> Json:
    now, name = iso(call.backend.clock.unix()), _require_free(call, call.body, {})
    glossary: dict[str, Any] = {
        "brand_glossary_id": uuid.uuid4().hex,
        "terms": [],
        **call.body,
        "name": name,
        "created_at": now,
        "updated_at": now,
    }
    call.backend.glossaries.add(glossary["brand_glossary_id"], glossary)
    return _show_glossary(call, glossary)


def _update_glossary(call: Call, glossary: dict[str, Any]) -> dict[str, Any]:
    if not call.body:
        raise invalid(None, "At least one field is required.")
    body = dict(call.body)
    if "name" in body:
        body["name"] = _require_free(call, body, glossary)
    glossary.update(body, updated_at=iso(call.backend.clock.unix()))
    return glossary


def _delete_glossary(call: Call, glossary: Json) -> Json:
    del call.backend.glossaries[glossary["brand_glossary_id"]]
    return {"brand_glossary_id": glossary["brand_glossary_id"]}


BRAND_GLOSSARIES = Collection(
    path="/v3/brand-glossaries",
    id="brand_glossary_id",
    rows=lambda call: call.backend.glossaries,
    show=_show_glossary,
    missing=_missing,
    update=_update_glossary,
    delete=_delete_glossary,
)

HANDLERS: Mapping[str, Handler] = {
    **BRAND_KITS.handlers(),
    **BRAND_GLOSSARIES.handlers(),
    "POST /v3/brand-kits": _create_kit,
    "POST /v3/brand-glossaries": _create_glossary,
}
