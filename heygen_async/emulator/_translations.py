"""Translations of HeyGen and the proofreads before them: a job, and a charge, for each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.emulator._batches import batch_handlers, status_rows
from heygen_async.emulator._collections import Call, Collection, Handler, JobCollection, show_job
from heygen_async.emulator._errors import ApiError, invalid
from heygen_async.emulator._files import VIDEO_SECONDS
from heygen_async.emulator._jobs import RenderJob, job_kind
from heygen_async.emulator._openapi import read_data
from heygen_async.emulator._publisher import announce_end

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._jobs import JobKind
    from heygen_async.emulator._openapi import Json
    from heygen_async.emulator._state import Backend

LANGUAGES: tuple[str, ...] = tuple(read_data("fixtures")["languages"])


def _result(backend: Backend, job: RenderJob) -> Json:
    sign, captions = backend.signer.sign, job.request.get("enable_caption")
    only_sound = job.request.get("translate_audio_only")
    return {
        "duration": VIDEO_SECONDS,
        "video_url": None if only_sound else sign(f"/video/{job.id}.mp4"),
        "audio_url": sign(f"/audio/{job.id}.wav"),
        "srt_caption_url": sign(f"/srt/{job.id}.srt") if captions else None,
    }


def _announce(backend: Backend, job: RenderJob) -> tuple[str, Json]:
    named = {
        "video_translate_id": job.id,
        "callback_id": job.request.get("callback_id"),
        "output_language": job.request["output_language"],
    }
    if job.failure:
        return "video_translate.fail", {**named, "message": job.failure[1]}
    return "video_translate.success", {**named, "url": _result(backend, job)["video_url"]}


TRANSLATION = job_kind("translation", result=_result, announce=_announce)
PROOFREAD = job_kind(
    "proofread",
    announce=lambda _backend, job: announce_end(
        job, "proofread_creation", {"proofread_id": job.id}
    ),
)


def _check(call: Call) -> None:
    for number, language in enumerate(call.body["output_languages"]):
        if language not in LANGUAGES:
            raise invalid(f"output_languages[{number}]", f"{language} is no language.")


def _submit(call: Call, kind: JobKind) -> list[str]:
    """Return the ids of new jobs, one for each language."""
    _check(call)
    languages = call.body["output_languages"]
    call.backend.wallet.require(kind.price * len(languages), kind.name)
    jobs = [call.backend.submit({**call.body, "output_language": one}, kind) for one in languages]
    return [job.id for job in jobs]


def _generate(call: Call) -> Json:
    """``POST /v3/video-translations/proofreads/{proofread_id}/generate``."""
    proofread = PROOFREADS.find(call)
    if not call.backend.is_completed(proofread):
        raise ApiError(409, "resource_not_ready", "The proofread is not ready.")
    captions = {"enable_caption": call.body.get("captions", False)}
    job = call.backend.submit({**proofread.request, **call.body, **captions}, TRANSLATION)
    return {"video_translation_id": job.id, "status": "processing"}


def _show_proofread(call: Call, job: RenderJob) -> Json:
    return {"submitted_for_review": False, **show_job(call.backend, job)}


def _srt(call: Call) -> Json:
    job = PROOFREADS.find(call)
    url = call.backend.signer.sign(f"/srt/{job.id}.srt")
    return {"srt_url": url, "original_srt_url": url}


PROOFREADS = Collection(
    path="/v3/video-translations/proofreads",
    id="proofread_id",
    rows=lambda call: call.backend.jobs.of(PROOFREAD),
    show=_show_proofread,
    missing=lambda proofread_id: ApiError(404, "resource_not_found", f"{proofread_id} not found."),
)

TRANSLATIONS = JobCollection(
    path="/v3/video-translations",
    id="video_translation_id",
    kind=TRANSLATION,
    check=_check,
    # A batch may not say which of its ids is for which language: here an item has one.
    request=lambda body: {**body, "output_language": body["output_languages"][0]},
    batch_rows=status_rows,
)

HANDLERS: Mapping[str, Handler] = {
    **TRANSLATIONS.handlers(),
    **batch_handlers(TRANSLATIONS, "video_translations"),
    "POST /v3/video-translations": lambda call: {
        "video_translation_ids": _submit(call, TRANSLATION)
    },
    "GET /v3/video-translations/languages": lambda _call: {"languages": LANGUAGES},
    "GET /v3/video-translations/proofreads/{proofread_id}": (
        lambda call: _show_proofread(call, PROOFREADS.find(call))
    ),
    "POST /v3/video-translations/proofreads": lambda call: {
        "proofread_ids": _submit(call, PROOFREAD),
        "status": "processing",
    },
    "POST /v3/video-translations/proofreads/{proofread_id}/generate": _generate,
    "GET /v3/video-translations/proofreads/{proofread_id}/srt": _srt,
    "PUT /v3/video-translations/proofreads/{proofread_id}/srt": (
        lambda call: _show_proofread(call, PROOFREADS.find(call))
    ),
}
