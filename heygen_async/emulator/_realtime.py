"""Avatars of HeyGen that speak in real time, and speech that comes in parts: event streams."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from heygen_async.emulator._collections import Call, EventStream, Handler
from heygen_async.emulator._errors import ApiError, invalid
from heygen_async.emulator._files import media
from heygen_async.emulator._jobs import RenderJob, job_kind
from heygen_async.emulator._voices import SPEECH, ready_voice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._openapi import Json

STREAM = job_kind("realtime")
WORD_SECONDS = 0.25
PART_WORDS = 4


def _find(call: Call) -> RenderJob:
    job = call.backend.jobs.of(STREAM).get(call.ids["stream_id"])
    if job is None:
        raise ApiError(404, "resource_not_found", "Stream not found.")
    return job


def _show(call: Call) -> Json:
    job = _find(call)
    failure = call.backend.failure(job)
    return {
        "stream_id": job.id,
        "status": call.backend.word(job),
        "hls_url": call.backend.signer.sign(f"/video/{job.id}.mp4"),
        "error_message": failure and failure[1],
        "end_reason": failure and failure[0],
    }


def _append(call: Call) -> Json:
    job = _find(call)
    if job.request["type"] != "text_stream" or job.request.get("final"):
        raise invalid("delta", "The stream takes no text.")
    text = job.request["text"] + call.body["delta"]
    job.request = {**job.request, "text": text, "final": call.body["final"]}
    return {"ok": True, "buffered_bytes": len(call.body["delta"].encode())}


def _cancel(call: Call) -> Json:
    job = _find(call)
    running = call.backend.state(job) in ("pending", "processing")
    if running:
        job.finish(call.backend.clock.now(), ("cancelled", "The stream was cancelled."))
    return {"stream_id": job.id, "cancelled": running}


def _events(words: list[str]) -> list[list[Json]]:
    """Return the words with their times, a few in each event."""
    spoken: list[Json] = [
        {"word": word, "start": at * WORD_SECONDS, "end": (at + 1) * WORD_SECONDS}
        for at, word in enumerate(words)
    ]
    return [spoken[start : start + PART_WORDS] for start in range(0, len(spoken), PART_WORDS)]


def _words(call: Call) -> EventStream:
    """``GET /v3/avatar-realtime/{stream_id}/words``, behind the ``Last-Event-ID``."""
    parts = _events(_find(call).request.get("text", "").split())
    told = [(str(number), json.dumps({"words": part})) for number, part in enumerate(parts, 1)]
    last = call.last_event_id or "0"
    return EventStream(told[int(last) if last.isdecimal() else 0 :])


def _speak(call: Call) -> EventStream:
    """``POST /v3/models/audio/tts/stream``."""
    ready_voice(call, call.body["voice_id"])
    job = call.backend.submit(call.body, SPEECH)
    job.finish(call.backend.clock.now())
    sound = base64.b64encode(media()["audio.wav"].content).decode()
    told: list[Json] = []
    for number, part in enumerate(_events(call.body["text"].split())):
        told.append({"type": "audio", "part_index": number, "audio": sound})
        if call.body["with_timestamps"]:
            words = [
                {
                    "text": each["word"],
                    "start_time": each["start"],
                    "end_time": each["end"],
                    "confidence": 1,
                }
                for each in part
            ]
            told.append({"type": "alignment", "word_alignments": words})
    return EventStream([("", json.dumps(each)) for each in told] + [("", "[DONE]")])


_PATH = "/v3/avatar-realtime"
HANDLERS: Mapping[str, Handler] = {
    f"POST {_PATH}": lambda call: {"stream_id": call.backend.submit(call.body, STREAM).id},
    f"GET {_PATH}/{{stream_id}}": _show,
    f"POST {_PATH}/{{stream_id}}/text": _append,
    f"POST {_PATH}/{{stream_id}}/cancel": _cancel,
    f"GET {_PATH}/{{stream_id}}/words": _words,
    "POST /v3/models/audio/tts/stream": _speak,
}
