"""HeyGen v3 videos on the wire: ``/v3/videos`` and the kind of job that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.models.jobs import State
from heygen_async.models.scenes import AvatarScene, ImageScene, VideoScene
from heygen_async.models.speech import (
    ElevenLabsSettings,
    FishSettings,
    Speech,
    StarfishSettings,
)
from heygen_async.models.videos import (
    AvatarVideo,
    CinematicVideo,
    ImageVideo,
    StudioVideo,
    Video,
)
from heygen_async.protocol.convert import converter, nothing, one, shape_request, tag_request
from heygen_async.protocol.kinds import JobKind, JobSnapshot, ListedJob, Search, about, register
from heygen_async.protocol.pages import Page, page, rows_of, whole
from heygen_async.protocol.request import Request, Submission, at, job_id, query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from heygen_async.models.webhooks import DeliveredEvent

VideoSpec = ImageVideo | AvatarVideo | CinematicVideo | StudioVideo

VIDEO_WORDS = {
    "waiting": State.QUEUED,
    "pending": State.QUEUED,
    "queued": State.QUEUED,
    "processing": State.RUNNING,
    "running": State.RUNNING,
}

_PATH = "/v3/videos"
_PAGE = 100
_LONGEST = 1e9  # seconds that a render may have taken, to be believed


def create_video(spec: VideoSpec) -> Request[Submission]:
    """``POST /v3/videos``."""

    def decode(payload: Any) -> Submission:
        data = payload["data"]
        return Submission(id=job_id(data["video_id"]), word=data.get("status"))

    return Request(
        method="POST",
        path=_PATH,
        json=converter.unstructure(spec),
        decode=decode,
        paid=True,
    )


def get_video(video_id: str) -> Request[Video]:
    """``GET /v3/videos/{video_id}``."""
    return Request(method="GET", path=at("/v3/videos/{}", video_id), decode=one(Video))


def look_at_video(video_id: str) -> Request[JobSnapshot[Video]]:
    """``GET /v3/videos/{video_id}``, read as a look at the job."""
    decode_video = one(Video)
    return Request(
        method="GET",
        path=at("/v3/videos/{}", video_id),
        decode=lambda payload: video_detail(decode_video(payload), video_id),
    )


def video_detail(video: Video, video_id: str) -> JobSnapshot[Video]:
    """Read a video as the state of its job; without a URL there is no result yet."""
    about(video.id, video_id)
    took = None
    if video.completed_at is not None and video.created_at is not None:
        took = video.completed_at - video.created_at
    return JobSnapshot(
        word=video.status,
        result=video if video.video_url else None,
        code=video.failure_code,
        message=video.failure_message,
        # Nonsense in two dates is no reason to withhold the video.
        duration=float(took) if took is not None and 0 <= took <= _LONGEST else None,
        created_at=video.created_at,
    )


def video_words(video_ids: Sequence[str]) -> Request[Mapping[str, str]]:
    """``GET /v3/videos/statuses``: the vendor's word for each of at most 100 ids.

    The answer's rows are matched by id. Of several rows for one id the last counts, or the one
    that says the video has ended. Rows without an id or a word are passed over, as are those of
    unknown ids.
    """

    def decode(payload: Any) -> Mapping[str, str]:
        words: dict[str, str] = {}
        for row in rows_of(payload):
            if not isinstance(row, dict):
                continue
            video_id, word = row.get("video_id"), row.get("status")
            if type(video_id) is not str or type(word) is not str or word == "not_found":
                continue
            if not VIDEO.status(words.get(video_id, "")).terminal:
                words[video_id] = word
        return words

    return Request(
        method="GET",
        path="/v3/videos/statuses",
        params={"video_ids": ",".join(video_ids)},
        decode=decode,
    )


def list_videos(
    *, limit: int, token: str | None, folder_id: str | None, title: str | None
) -> Request[Page[Video]]:
    """``GET /v3/videos``, one page."""
    return Request(
        method="GET",
        path="/v3/videos",
        params=query(limit=limit, token=token, folder_id=folder_id, title=title),
        decode=page(Video),
    )


def searches(spec: VideoSpec) -> Sequence[Search]:
    """Return the search among the events that were delivered to the account's endpoints.

    They echo the ``callback_id``. A title is nobody's own, so no video is taken by its title.
    """
    callback_id = getattr(spec, "callback_id", None)
    if callback_id is None:
        return ()
    from heygen_async.protocol.heygen_webhooks import list_events  # noqa: PLC0415 - rarely used

    def ask(token: str | None) -> Request[Page[DeliveredEvent]]:
        request = list_events(event_type=None, entity_id=None, limit=_PAGE, token=token)
        return whole(request, "event_data")

    def trace(event: DeliveredEvent) -> ListedJob:
        data = event.event_data
        video_id = data.get("video_id")
        return ListedJob(
            id=video_id if isinstance(video_id, str) else None, label=data.get("callback_id")
        )

    return (Search(label=callback_id, page=ask, trace=trace),)


def delete_video(video_id: str) -> Request[None]:
    """``DELETE /v3/videos/{video_id}``."""
    return Request(method="DELETE", path=at("/v3/videos/{}", video_id), decode=nothing)


def _flat_audio(fields: dict[str, Any]) -> dict[str, Any]:
    """Write audio the way HeyGen takes it: not as an object, but in a field for each sort."""
    audio = fields.pop("audio", None)
    if audio is not None:
        sort = audio["type"]
        fields[f"audio_{sort}"] = audio[sort]
    return fields


def _shape(cls: type[Speech], **tag: str) -> None:
    shape_request(cls, lambda fields: {**tag, **_flat_audio(fields)})


def _avatar_scene(fields: dict[str, Any]) -> dict[str, Any]:
    color = fields.pop("background_color", None)
    if color is not None:
        fields["background"] = {"type": "color", "color": color}
    return {"type": "avatar_video", "input": {"type": "avatar", **_flat_audio(fields)}}


_shape(ImageVideo, type="image")
_shape(AvatarVideo, type="avatar")
_shape(ImageScene, type="image")
_shape(VideoScene, type="video")
shape_request(AvatarScene, _avatar_scene)
tag_request(CinematicVideo, type="cinematic_avatar")
tag_request(StudioVideo, type="studio")
tag_request(ElevenLabsSettings, engine_type="elevenlabs")
tag_request(FishSettings, engine_type="fish")
tag_request(StarfishSettings, engine_type="starfish")


def _script_length(spec: VideoSpec) -> float | None:
    script = getattr(spec, "script", None)
    return float(len(script)) if script else None


VIDEO = register(
    JobKind(
        name="heygen.video",
        api="HeyGen",
        specs=(ImageVideo, AvatarVideo, CinematicVideo, StudioVideo),
        path=_PATH,
        create=create_video,
        get_status=look_at_video,
        get_statuses=video_words,
        statuses_limit=_PAGE,
        status_map=VIDEO_WORDS,
        download_url=lambda video: video.video_url,
        size=_script_length,
        searches=searches,
    )
)
