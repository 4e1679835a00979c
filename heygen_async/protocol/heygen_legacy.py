"""HeyGen v1/v2 on the wire: videos, photo avatars, and their kinds of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.models.avatars import AvatarLook
from heygen_async.models.jobs import State
from heygen_async.models.legacy import (
    AddLooks,
    AddMotion,
    AddSoundEffect,
    CreateGroup,
    LegacyPhoto,
    LegacyVideo,
    PhotoAvatarLook,
    PhotoGeneration,
    TrainGroup,
    Training,
    UpscaleAvatar,
)
from heygen_async.models.videos import Video
from heygen_async.protocol.convert import converter, nothing, readable, shape_request
from heygen_async.protocol.heygen_videos import VIDEO_WORDS, video_detail
from heygen_async.protocol.kinds import JobKind, JobSnapshot, about, meaning, register
from heygen_async.protocol.pages import Page, page
from heygen_async.protocol.request import Request, Submission, at, job_id, query

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK_WORDS = {
    "pending": State.QUEUED,
    "in_progress": State.RUNNING,
    "processing": State.RUNNING,
    "training": State.RUNNING,
}


def data_of(payload: Any) -> Any:
    """Return what the answer holds, wrapped in ``data`` or bare: the pages show both."""
    data = payload.get("data")
    return payload if data is None else data


def _legacy_one(cls: type[Any]) -> Callable[[Any], Any]:
    return lambda payload: converter.structure(data_of(payload), cls)


def _video_body(fields: dict[str, Any]) -> dict[str, Any]:
    """Write what v2 knows: its page has no volume, so it goes out only if it was changed."""
    settings = fields.get("voice_settings")
    if settings is not None and settings.get("volume") == 1:
        fields["voice_settings"] = {k: v for k, v in settings.items() if k != "volume"}
    return fields


shape_request(LegacyVideo, _video_body)


def create_video(spec: LegacyVideo) -> Request[Submission]:
    """``POST /v2/videos``."""
    if isinstance(spec.avatar_id, AvatarLook):
        spec = attrs.evolve(spec, avatar_id=spec.avatar_id.id)
    return _submit("/v2/videos", converter.unstructure(spec), "video_id")


def get_video(video_id: str) -> Request[Video]:
    """``GET /v2/videos/{video_id}``."""
    return Request(method="GET", path=at("/v2/videos/{}", video_id), decode=_legacy_one(Video))


def look_at_video(video_id: str) -> Request[JobSnapshot[Video]]:
    """``GET /v2/videos/{video_id}``, read as a look at the job."""

    def decode(payload: Any) -> JobSnapshot[Video]:
        return video_detail(converter.structure(data_of(payload), Video), video_id)

    return Request(method="GET", path=at("/v2/videos/{}", video_id), decode=decode)


def list_videos(
    *, limit: int, token: str | None, folder_id: str | None, title: str | None
) -> Request[Page[Video]]:
    """``GET /v2/videos``, one page."""
    params = query(limit=limit, token=token, folder_id=folder_id, title=title)
    return Request(method="GET", path="/v2/videos", params=params, decode=page(Video))


def delete_video(video_id: str) -> Request[None]:
    """``DELETE /v2/videos/{video_id}``."""
    return Request(method="DELETE", path=at("/v2/videos/{}", video_id), decode=nothing)


def get_photo_avatar(look_id: str) -> Request[PhotoAvatarLook]:
    """``GET /v2/photo_avatar/{id}``."""
    return Request(
        method="GET", path=at("/v2/photo_avatar/{}", look_id), decode=_legacy_one(PhotoAvatarLook)
    )


def look_at_photo_avatar(
    look_id: str,
    done: Callable[[PhotoAvatarLook], object] | None = None,
    made: Callable[[PhotoAvatarLook], object] | None = None,
) -> Request[JobSnapshot[PhotoAvatarLook]]:
    """``GET /v2/photo_avatar/{id}``, read as a look at the job.

    A job that changes a look which is completed already has ended when it is ``done``. Where the
    word is unknown, the look is the job's result if ``made``, or ``done``, says so: its picture
    was there before.
    """

    def decode(payload: Any) -> JobSnapshot[PhotoAvatarLook]:
        look = converter.structure(data_of(payload), PhotoAvatarLook)
        about(look.id, look_id)
        there = look.motion_preview_url if look.is_motion else look.image_url
        completed = meaning(LOOK_WORDS, look.status) is State.COMPLETED
        proof = made or done
        proven = completed or (proof is not None and proof(look))
        waits = completed and done is not None and not done(look)
        word = "processing" if waits else look.status
        return JobSnapshot(word=word, result=look if there and proven else None)

    return Request(method="GET", path=at("/v2/photo_avatar/{}", look_id), decode=decode)


def get_generation(generation_id: str) -> Request[PhotoGeneration]:
    """``GET /v2/photo_avatar/generation/{id}``."""
    path = at("/v2/photo_avatar/generation/{}", generation_id)
    return Request(method="GET", path=path, decode=_legacy_one(PhotoGeneration))


def look_at_generation(generation_id: str) -> Request[JobSnapshot[PhotoGeneration]]:
    """``GET /v2/photo_avatar/generation/{id}``, read as a look at the job."""

    def decode(payload: Any) -> JobSnapshot[PhotoGeneration]:
        made = converter.structure(data_of(payload), PhotoGeneration)
        about(made.id, generation_id)
        failed = meaning(LOOK_WORDS, made.status) is State.FAILED
        return JobSnapshot(
            word=made.status,
            result=made if made.image_key_list else None,
            message=made.msg if failed else None,  # it need not be about a failure
        )

    path = at("/v2/photo_avatar/generation/{}", generation_id)
    return Request(method="GET", path=path, decode=decode)


def get_training(group_id: str) -> Request[Training]:
    """``GET /v2/photo_avatar/train/status/{group_id}``."""
    path = at("/v2/photo_avatar/train/status/{}", group_id)
    return Request(method="GET", path=path, decode=_legacy_one(Training))


def look_at_training(group_id: str) -> Request[JobSnapshot[Training]]:
    """``GET /v2/photo_avatar/train/status/{group_id}``, read as a look at the job."""

    def decode(payload: Any) -> JobSnapshot[Training]:
        training = converter.structure(data_of(payload), Training)
        ended = meaning(LOOK_WORDS, training.status) is State.COMPLETED
        return JobSnapshot(
            word=training.status, result=training if ended else None, message=training.error_msg
        )

    path = at("/v2/photo_avatar/train/status/{}", group_id)
    return Request(method="GET", path=path, decode=decode)


def add_looks(spec: AddLooks) -> Request[tuple[PhotoAvatarLook, ...]]:
    """``POST /v2/photo_avatar/avatar_group/add``."""

    def decode(payload: Any) -> tuple[PhotoAvatarLook, ...]:
        rows = data_of(payload).get("photo_avatar_list") or ()
        return readable(rows, lambda row: converter.structure(row, PhotoAvatarLook))

    return Request(
        method="POST",
        path="/v2/photo_avatar/avatar_group/add",
        json=converter.unstructure(spec),
        decode=decode,
        paid=True,
    )


def train(spec: TrainGroup) -> Request[Submission]:
    """``POST /v2/photo_avatar/train``; the job is found again by the group's id."""
    return Request(
        method="POST",
        path="/v2/photo_avatar/train",
        json=converter.unstructure(spec),
        decode=lambda _payload: Submission(id=spec.group_id, word="pending", named=False),
        paid=True,
    )


def _submit(path: str, body: Any, id_field: str) -> Request[Submission]:
    def decode(payload: Any) -> Submission:
        data = data_of(payload)
        return Submission(id=job_id(data[id_field]), word=data.get("status") or "pending")

    return Request(method="POST", path=path, json=body, decode=decode, paid=True)


def _simple(path: str, id_field: str = "id") -> Callable[[Any], Request[Submission]]:
    return lambda spec: _submit(path, converter.unstructure(spec), id_field)


def _look_kind(
    name: str,
    spec: type[Any],
    path: str,
    *,
    seconds: float,
    done: Callable[[PhotoAvatarLook], object] | None = None,
    made: Callable[[PhotoAvatarLook], object] | None = None,
) -> JobKind[PhotoAvatarLook]:
    """Return a kind whose job is a photo avatar look, finished when that is completed."""
    return register(
        JobKind(
            name=name,
            api="HeyGen",
            specs=(spec,),
            path=path,
            create=_simple(path),
            get_status=lambda look_id: look_at_photo_avatar(look_id, done, made),
            status_map=LOOK_WORDS,
            typical_duration=seconds,
            download_url=lambda look: look.motion_preview_url or look.image_url,
        )
    )


LEGACY_VIDEO = register(
    JobKind(
        name="heygen.v2.video",
        api="HeyGen",
        specs=(LegacyVideo,),
        path="/v2/videos",
        create=create_video,
        get_status=look_at_video,
        status_map=VIDEO_WORDS,
        size=lambda spec: float(len(spec.script)) if spec.script else None,
        download_url=lambda video: video.video_url,
    )
)
MOTION = _look_kind(
    "heygen.v2.motion",
    AddMotion,
    "/v2/photo_avatar/add_motion",
    seconds=120,
    made=lambda look: look.motion_preview_url,
)
SOUND = _look_kind(
    "heygen.v2.sound",
    AddSoundEffect,
    "/v2/photo_avatar/add_sound_effect",
    seconds=60,
    done=lambda look: look.extra.get("background_sound_effect"),
)
UPSCALE = _look_kind(
    "heygen.v2.upscale",
    UpscaleAvatar,
    "/v2/photo_avatar/upscale",
    seconds=60,
    done=lambda look: look.upscaled or look.extra.get("upscaled"),
)
GROUP = _look_kind(
    "heygen.v2.group", CreateGroup, "/v2/photo_avatar/avatar_group/create", seconds=20
)
PHOTOS = register(
    JobKind(
        name="heygen.v2.photos",
        api="HeyGen",
        specs=(LegacyPhoto,),
        path="/v2/photo_avatar/photo/generate",
        create=_simple("/v2/photo_avatar/photo/generate", "generation_id"),
        get_status=look_at_generation,
        status_map=LOOK_WORDS,
        typical_duration=60.0,
        download_url=lambda made: made.image_url_list[0] if made.image_url_list else None,
    )
)
TRAINING = register(
    JobKind(
        name="heygen.v2.training",
        api="HeyGen",
        specs=(TrainGroup,),
        path="/v2/photo_avatar/train",
        create=train,
        get_status=look_at_training,
        status_map=LOOK_WORDS,
        typical_duration=300.0,
        download_url=lambda _training: None,
    )
)
