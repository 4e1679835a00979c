"""Video agents of HeyGen: sessions that think, may ask back, and begin a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from heygen_async.emulator import _videos
from heygen_async.emulator._collections import Call, Collection, Handler, Page, show_job
from heygen_async.emulator._errors import ApiError, not_found
from heygen_async.emulator._jobs import RenderJob, Store, job_kind
from heygen_async.emulator._publisher import announce_end

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._openapi import Json
    from heygen_async.emulator._state import Backend

PATH = "/v3/video-agents"


@attrs.define
class Session:
    """What is said in a session, whether it waits for an answer, and the video it began."""

    messages: list[Json]
    asks: bool
    video: RenderJob | None = None


def _announce_session(backend: Backend, job: RenderJob) -> tuple[str, Json] | None:
    """Tell of a session that fails; one that ends well begins its video, which is told of."""
    if job.failure:
        return announce_end(job, "video_agent", {"session_id": job.id})
    _begin_video(backend, job)
    return None


AGENT = job_kind("video_agent", announce=_announce_session)


def _begin_video(backend: Backend, job: RenderJob) -> RenderJob | None:
    """Return the video of a session, begun when the agent had thought enough."""
    session: Session = backend.notes[job.id]
    if session.video is None and not session.asks and backend.is_completed(job):

        def announce(_backend: Backend, video: RenderJob) -> tuple[str, Json]:
            named = {"session_id": job.id, "video_id": video.id}
            return announce_end(video, "video_agent", named)

        kind = attrs.evolve(_videos.VIDEO, announce=announce)
        hook = {"callback_url": job.request.get("callback_url")}
        request = {"type": "video_agent", "title": None, **hook}
        session.video = backend.jobs.create(request, kind, now=job.finished_at)
        backend.rendering.append(session.video)
    return session.video


def _show(call: Call, job: RenderJob) -> Json:
    backend, session = call.backend, call.backend.notes[job.id]
    video, failure = _begin_video(backend, job), backend.failure(job)
    status, messages = backend.word(job), list(session.messages)
    if failure:
        messages.append({"role": "model", "content": failure[1], "type": "error"})
    elif session.asks:
        status = "waiting_for_input"
    elif video is not None:
        status = backend.state(video)
        status = status if status in {"completed", "failed"} else "generating"
    age = max(0.0, backend.clock.now() - job.created_at)
    return {
        "session_id": job.id,
        "status": status,
        "progress": 100 if status == "completed" else min(90, int(90 * age / (age + 60))),
        "video_id": video.id if video else None,
        "created_at": int(backend.clock.unix(job.created_at)),
        "messages": messages,
    }


SESSIONS = Collection(
    path=PATH,
    id="session_id",
    rows=lambda call: call.backend.jobs.of(AGENT),
    show=_show,
    missing=lambda session_id: ApiError(404, "resource_not_found", f"{session_id} not found."),
    newest_first=True,
)


def _style(number: int, tag: str) -> Json:
    return {"style_id": f"style-{number}", "name": f"Style {number}", "tags": [tag]}


_STYLES: Store[Json] = Store()
for _number, _tag in enumerate(("cinematic", "retro-tech", "cinematic"), 1):
    _STYLES.add(f"style-{_number}", _style(_number, _tag))

STYLES = Collection(
    path=f"{PATH}/styles",
    id="style_id",
    rows=lambda _call: _STYLES,
    show=lambda _call, style: style,
    missing=lambda style_id: not_found("style", style_id),
    matches=lambda call, style: call.query.get("tag", style["tags"][0]) in style["tags"],
)


def _said(text: str, role: str = "user") -> Json:
    return {"role": role, "content": text, "type": "text"}


def _create(call: Call) -> Json:
    job = call.backend.submit(call.body, AGENT)
    asks = call.body.get("mode") == "chat"
    messages = [_said(call.body["prompt"])]
    if asks:
        messages.append(_said("Who is it for?", "model"))
    call.backend.notes[job.id] = Session(messages, asks)
    shown = _show(call, job)
    return {**shown, "status": "thinking" if asks else "generating"}


def _send(call: Call) -> Json:
    """Take a message in; the agent that waited for it thinks on from now."""
    job = SESSIONS.find(call)
    session: Session = call.backend.notes[job.id]
    session.messages.append(_said(call.body["message"]))
    if session.asks:
        session.asks = False
        job.finish(call.backend.clock.now() + job.duration, job.failure)
        call.backend.jobs.changed(job)
    return {"session_id": job.id, "run_id": f"run-{len(session.messages)}"}


def _stop(call: Call) -> Json:
    job = SESSIONS.find(call)
    if _begin_video(call.backend, job) is None:
        job.finish(call.backend.clock.now(), ("stopped", "The session was stopped."))
        call.backend.jobs.changed(job)
    return {"session_id": job.id}


def _get_resource(call: Call) -> Json:
    job, resource_id = SESSIONS.find(call), call.ids["resource_id"]
    if resource_id != f"draft-{job.id}":
        raise ApiError(404, "resource_not_found", "Resource not found.")
    link = call.backend.signer.sign(f"/thumbnail/{job.id}.jpg")
    return {"resource_id": resource_id, "resource_type": "image", "url": link}


def _list_videos(call: Call) -> Page:
    video = _begin_video(call.backend, SESSIONS.find(call))
    return Page([] if video is None else [show_job(call.backend, video)])


HANDLERS: Mapping[str, Handler] = {
    **SESSIONS.handlers(),
    f"GET {PATH}/styles": STYLES.handlers()[f"GET {PATH}/styles"],
    f"POST {PATH}": _create,
    f"POST {PATH}/{{session_id}}": _send,
    f"POST {PATH}/{{session_id}}/stop": _stop,
    f"GET {PATH}/{{session_id}}/resources/{{resource_id}}": _get_resource,
    f"GET {PATH}/{{session_id}}/videos": _list_videos,
}
