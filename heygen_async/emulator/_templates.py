"""Templates of HeyGen, whose videos are those of ``/v3/videos``, and comparisons of videos."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from heygen_async.emulator._batches import BATCH, batch_handlers
from heygen_async.emulator._collections import (
    Call,
    Collection,
    Handler,
    JobCollection,
    failure_of,
    show_job,
)
from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._jobs import RenderJob, Store, job_kind
from heygen_async.emulator._rules import resolve_references
from heygen_async.emulator._videos import VIDEO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._openapi import Json

WINNER = "a"

_TEXT = {"type": "text", "content": "Hello"}
_PICTURE = {"type": "image", "asset": {"type": "url", "url": "https://example.com/office.jpg"}}
_VOICE = {"type": "voice", "voice_id": "1bd001e7e50f421d891986aad5158bc8"}
_TEMPLATES: Store[Json] = Store()
for _number in (1, 2, 3):
    _TEMPLATES.add(
        f"template-{_number}",
        {
            "id": f"template-{_number}",
            "name": f"Template {_number}",
            "aspect_ratio": "16:9",
            "created_at": 1_700_000_000 + _number,
            "variables": {"greeting": _TEXT, "background": _PICTURE, "speaker": _VOICE},
            "scene_ids": ["scene-1", "scene-2"],
            "scenes": [
                {
                    "scene_id": "scene-1",
                    "script": "{{greeting}}",
                    "variables": [{"name": "greeting", "variable_type": "text"}],
                },
                {"scene_id": "scene-2", "variables": []},
            ],
        },
    )

TEMPLATES = Collection(
    path="/v3/templates",
    id="template_id",
    rows=lambda _call: _TEMPLATES,
    show=lambda _call, template: template,
    missing=partial(not_found, "template"),
    newest_first=True,
)


def _generate(call: Call) -> Json:
    """``POST /v3/templates/{template_id}``: a video, if the template has all that is filled in."""
    template = TEMPLATES.find(call)
    for name, value in call.body["variables"].items():
        known = template["variables"].get(name)
        if known is None or known["type"] != value["type"]:
            raise invalid(f"variables.{name}", f"{name} is no {value['type']} of the template.")
    for number, scene_id in enumerate(call.body.get("scene_ids") or ()):
        if scene_id not in template["scene_ids"]:
            raise invalid(f"scene_ids[{number}]", f"{scene_id} is no scene of the template.")
    asked = {**call.body, "caption": {} if call.body.get("caption") else None}
    job = call.backend.submit(asked, VIDEO)
    return show_job(call.backend, job)


COMPARISON = job_kind("video_comparison")


def _show_comparison(call: Call, job: RenderJob) -> Json:
    backend, asked = call.backend, job.request
    verdict = {
        "model_a": asked["model_a"],
        "model_b": asked["model_b"],
        "winner": asked[f"model_{WINNER}"],
        "winner_side": WINNER,
        "confidence": 0.75,
        "question_id": asked["question_id"],
        "judge_model_version": asked.get("judge_model_version") or "judge-1",
    }
    return {
        "comparison_id": job.id,
        "status": backend.word(job),
        "result": verdict if backend.is_completed(job) else None,
        "error": failure_of(backend, job),
    }


def _create_batch(call: Call) -> Json:
    """Take all or none, which have their ids at once."""
    resolve_references(call.backend, call.references)
    made = _BATCHES[f"POST {_PATH}/batches"](call)
    return {**made, "status": "processing", "total_items": len(call.body["comparisons"])}


def _show_batch(call: Call) -> Json:
    """Return a batch with other names than those of videos have, and whole items."""
    shown = _BATCHES[f"GET {_PATH}/batches/{{batch_id}}"](call)
    jobs: list[RenderJob] = call.backend.jobs.of(BATCH)[shown["batch_id"]].request["items"]
    compared = [_show_comparison(call, job) for job in jobs]
    words = [each["status"] for each in compared]
    counts = {word: words.count(word) for word in ("processing", "completed", "failed")}
    items = [
        {"item_index": row["item_index"], "comparison": compared[row["item_index"]]}
        for row in shown["items"]
    ]
    return {**shown, "items": items, "counts": counts}


_PATH = "/v3/video-quality/comparisons"
COMPARISONS = JobCollection(path=_PATH, id="comparison_id", kind=COMPARISON)
_BATCHES = batch_handlers(COMPARISONS, "comparisons")


def _get_comparison(call: Call) -> Json:
    job = call.backend.jobs.of(COMPARISON).get(call.ids["comparison_id"])
    if job is None:
        raise ApiError(404, "resource_not_found", "Comparison not found.")
    return _show_comparison(call, job)


HANDLERS: Mapping[str, Handler] = {
    **TEMPLATES.handlers(),
    "POST /v3/templates/{template_id}": _generate,
    f"POST {_PATH}": lambda call: _show_comparison(
        call, call.backend.submit(call.body, COMPARISON)
    ),
    f"GET {_PATH}/{{comparison_id}}": _get_comparison,
    f"POST {_PATH}/batches": _create_batch,
    f"GET {_PATH}/batches/{{batch_id}}": _show_batch,
}
