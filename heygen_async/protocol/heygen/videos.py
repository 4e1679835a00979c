"""HeyGen v3 videos: ``/v3/videos`` and the kind of job that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.models.jobs import State
from heygen_async.models.lipsyncs import Lipsync, LipsyncVideo
from heygen_async.models.videos import (
    AvatarVideo,
    CinematicVideo,
    ImageVideo,
    StudioVideo,
    Video,
    VideoScenes,
)
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.heygen.webhooks import EVENTS
from heygen_async.protocol.kinds import JobKind, ListedJob, Search
from heygen_async.protocol.operations import Collection, Operation, Page, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heygen_async.models.webhooks import DeliveredEvent
    from heygen_async.protocol.request import Request

VideoSpec = ImageVideo | AvatarVideo | CinematicVideo | StudioVideo

VIDEO_STATUSES = {
    "waiting": State.QUEUED,
    "pending": State.QUEUED,
    "queued": State.QUEUED,
    "processing": State.RUNNING,
    "running": State.RUNNING,
}

VIDEOS = Collection(item="/v3/videos/{video_id}", model=Video, converter=CONVERTER)
SCENES = Operation(
    "GET",
    "/v3/videos/{video_id}/scenes",
    lambda payload: CONVERTER.structure(payload["data"], VideoScenes),
)


def searches(spec: VideoSpec) -> Sequence[Search]:
    """Return the search among the events that were delivered to the account's endpoints.

    They echo the ``callback_id``. A title is nobody's own, so no video is taken by its title.
    """
    callback_id = getattr(spec, "callback_id", None)
    return () if callback_id is None else (Search(label=callback_id, page=_events, trace=_trace),)


def _events(token: str | None) -> Request[Page[DeliveredEvent]]:
    return whole(EVENTS.list(token), "event_data")


def _trace(event: DeliveredEvent) -> ListedJob:
    data: Any = event.event_data
    video_id = data.get("video_id")
    return ListedJob(
        id=video_id if isinstance(video_id, str) else None, label=data.get("callback_id")
    )


VIDEO = JobKind(
    name="heygen.video",
    specs=(ImageVideo, AvatarVideo, CinematicVideo, StudioVideo),
    collection=VIDEOS,
    status_map=VIDEO_STATUSES,
    file="video_url",
    statuses_limit=100,
    lists=True,
    more_files=("captioned_video_url", "subtitle_url", "thumbnail_url", "gif_url"),
    size_field="script",
    searches=searches,
    batch_field="videos",
    batch_without=("folder_id",),
)

LIPSYNCS = Collection(item="/v3/lipsyncs/{lipsync_id}", model=LipsyncVideo, converter=CONVERTER)
LIPSYNC = JobKind(
    name="heygen.lipsync",
    specs=(Lipsync,),
    collection=LIPSYNCS,
    status_map=VIDEO_STATUSES,
    file="video_url",
    statuses_limit=100,
    lists=True,
    more_files=("caption_url",),
    batch_field="lipsyncs",
)

KINDS: tuple[JobKind[Any], ...] = (VIDEO, LIPSYNC)
