"""Voices of HeyGen: the public ones, clones, professional ones, and what they say; sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.emulator._collections import Call, Collection, Handler, delete_job
from heygen_async.emulator._errors import ApiError, invalid, not_found
from heygen_async.emulator._jobs import JobKind, RenderJob, Store, job_kind
from heygen_async.emulator._openapi import read_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._openapi import Json
    from heygen_async.emulator._state import Backend

SOUND_SECONDS = 0.5
FOUND = 3  # voices that fit a description

CLONE = job_kind("voice_clone")
TRAINING = job_kind("model_voice")
SPEECH = job_kind("speech")


def _show_clone(backend: Backend, job: RenderJob) -> Json:
    failure, done = backend.failure(job), backend.is_completed(job)
    return {
        "voice_id": job.id,
        "name": job.request["voice_name"],
        "language": job.request.get("language") or "English",
        "gender": "unknown",
        "engine": "elevenlabs",
        "type": "private",
        "preview_audio_url": backend.signer.sign(f"/audio/{job.id}.wav") if done else None,
        "support_pause": True,
        "support_locale": False,
        "status": backend.word(job),
        "failure_message": failure and failure[1],
        "created_at": int(backend.clock.unix(job.created_at)),
    }


def _voices(call: Call) -> Store[Json]:
    voices: Store[Json] = Store()
    for row in read_data("fixtures")["voices"]:
        sound = call.backend.signer.sign(f"/audio/{row['voice_id']}.wav")
        voices.add(row["voice_id"], row | {"preview_audio_url": sound})
    for job in call.backend.jobs.of(CLONE).values():
        voices.add(job.id, _show_clone(call.backend, job))
    return voices


def find_voice(backend: Backend, voice_id: str, at: str) -> Json:
    """Return a voice that can speak; 404 ``voice_not_found``."""
    for voice in read_data("fixtures")["voices"]:
        if voice["voice_id"] == voice_id:
            found: Json = voice
            return found
    job = backend.jobs.of(CLONE).get(voice_id)
    if job is None or not backend.is_completed(job):
        raise not_found("voice", voice_id, param=at)
    return _show_clone(backend, job)


def _fits(call: Call, voice: Json) -> bool:
    """Return whether all given filters fit; of the two types the public one is the default."""
    wanted = {name: call.query.get(name) for name in ("type", "engine", "language", "gender")}
    return all(word is None or voice[name].lower() == word.lower() for name, word in wanted.items())


def _delete_voice(call: Call, voice: Json) -> Json:
    job = call.backend.jobs.of(CLONE).get(voice["voice_id"])
    if job is None:
        raise ApiError(403, "forbidden", "Public voices cannot be deleted.")
    call.backend.jobs.delete(job)
    return {"voice_id": job.id}


VOICES = Collection(
    path="/v3/voices",
    id="voice_id",
    rows=_voices,
    show=lambda _call, voice: voice,
    missing=lambda voice_id: not_found("voice", voice_id),
    matches=_fits,
    delete=_delete_voice,
)


def _design(call: Call) -> Json:
    """``POST /v3/voices``: some public voices of the gender, others for each seed."""
    gender, seed = call.body.get("gender"), call.body.get("seed", 0)
    rows = read_data("fixtures")["voices"]
    found = [row for row in rows if gender in {None, row["gender"]}]
    start = seed * FOUND % max(1, len(found))
    return {"voices": (found[start:] + found[:start])[:FOUND], "seed": seed + 1}


def _speak(call: Call, kind: JobKind = SPEECH) -> Json:
    """Speak at once, for the price of a job that has ended."""
    job = call.backend.submit(call.body, kind)
    job.finish(call.backend.clock.now())
    words = call.body["text"].split()
    length = SOUND_SECONDS / max(1, len(words))
    return {
        "audio_url": call.backend.signer.sign(f"/audio/{job.id}.wav"),
        "duration": SOUND_SECONDS,
        "request_id": job.id,
        "word_timestamps": [
            {"word": word, "start": number * length, "end": (number + 1) * length}
            for number, word in enumerate(words)
        ],
    }


def _show_trained(call: Call, job: RenderJob) -> Json:
    failure = call.backend.failure(job)
    return {
        "mode": "professional",
        "name": "",
        "language": "en",
        **{name: value for name, value in job.request.items() if value is not None},
        "voice_id": job.id,
        "status": call.backend.word(job),
        "created_at": int(call.backend.clock.unix(job.created_at)),
        "failure_reason": failure and failure[0],
    }


def _train(call: Call) -> Json:
    """``POST /v3/models/audio/voices``: a new voice, or an old one once more."""
    old = call.body.get("voice_id")
    if old is None:
        return {"voice_id": call.backend.submit(call.body, TRAINING).id}
    job = ready_voice(call, old)
    call.backend.wallet.require(TRAINING.price, "training")
    now, lasts = call.backend.clock.now(), job.duration
    job.created_at, job.finished_at = now, now + lasts
    call.backend.wallet.charge(job.id, TRAINING.price, at=now)
    call.backend.jobs.changed(job)
    return {"voice_id": job.id}


def ready_voice(call: Call, voice_id: str) -> RenderJob:
    """Return the professional voice that can speak by now; 404 or 409."""
    job = call.backend.jobs.of(TRAINING).get(voice_id)
    if job is None:
        raise not_found("voice", voice_id, param="voice_id")
    if not call.backend.is_completed(job):
        raise ApiError(409, "resource_not_ready", f"Voice {voice_id} is not ready.")
    return job


def _speak_trained(call: Call) -> Json:
    ready_voice(call, call.body["voice_id"])
    return _speak(call)


def _delete_trained(call: Call, job: RenderJob) -> Json:
    if call.backend.state(job) in {"pending", "processing"}:
        raise ApiError(409, "resource_not_ready", "The voice is in training.")
    delete_job(call, job)
    return {"status": "ok"}


MODEL_VOICES = Collection(
    path="/v3/models/audio/voices",
    id="voice_id",
    rows=lambda call: call.backend.jobs.of(TRAINING),
    show=_show_trained,
    missing=lambda voice_id: not_found("voice", voice_id),
    newest_first=True,
    delete=_delete_trained,
)


def _sounds(_call: Call) -> Store[Json]:
    sounds: Store[Json] = Store()
    for row in read_data("fixtures")["sounds"]:
        sounds.add(row["id"], row)
    return sounds


SOUNDS = Collection(
    path="/v3/audio/sounds",
    id="sound_id",
    rows=_sounds,
    show=lambda call, sound: {
        **sound,
        "audio_url": call.backend.signer.sign(f"/audio/{sound['id']}.wav"),
        "duration": SOUND_SECONDS,
    },
    missing=lambda sound_id: invalid("sound_id", sound_id),
    matches=lambda call, sound: (
        sound["type"] == call.query["type"] and sound["score"] >= call.query["min_score"]
    ),
)

HANDLERS: Mapping[str, Handler] = {
    **VOICES.handlers(),
    **MODEL_VOICES.handlers(),
    **SOUNDS.handlers(),
    "POST /v3/voices": _design,
    "POST /v3/voices/clone": lambda call: {
        "voice_clone_id": call.backend.submit(call.body, CLONE).id
    },
    "POST /v3/voices/speech": _speak,
    "POST /v3/models/audio/voices": _train,
    "POST /v3/models/audio/tts": _speak_trained,
}
