"""HeyGen v1/v2, retired on 2026-11-01: videos, photo avatars, and their kinds of jobs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

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
from heygen_async.protocol.convert import readable
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.heygen.videos import VIDEO_STATUSES
from heygen_async.protocol.kinds import JobKind, JobSnapshot, meaning
from heygen_async.protocol.operations import Collection
from heygen_async.protocol.request import Request, Submission

LOOK_STATUSES = {
    "pending": State.QUEUED,
    "in_progress": State.RUNNING,
    "processing": State.RUNNING,
    "training": State.RUNNING,
}

Proof = Callable[[PhotoAvatarLook], object]

# The pages show answers wrapped in ``data`` as well as bare ones.
VIDEOS = Collection(item="/v2/videos/{video_id}", model=Video, converter=CONVERTER, bare=True)
LOOKS = Collection(
    item="/v2/photo_avatar/{look_id}", model=PhotoAvatarLook, converter=CONVERTER, bare=True
)
GENERATIONS = Collection(
    item="/v2/photo_avatar/generation/{generation_id}",
    model=PhotoGeneration,
    converter=CONVERTER,
    bare=True,
)
TRAININGS = Collection(
    item="/v2/photo_avatar/train/status/{group_id}",
    model=Training,
    converter=CONVERTER,
    bare=True,
)


def add_looks(spec: AddLooks) -> Request[tuple[PhotoAvatarLook, ...]]:
    """``POST /v2/photo_avatar/avatar_group/add``."""

    def decode(payload: Any) -> tuple[PhotoAvatarLook, ...]:
        rows = LOOKS.unwrap(payload).get("photo_avatar_list") or ()
        return readable(rows, partial(CONVERTER.structure, cl=PhotoAvatarLook))

    return Request(
        method="POST",
        path="/v2/photo_avatar/avatar_group/add",
        json=CONVERTER.unstructure(spec),
        decode=decode,
        paid=True,
    )


def look_snapshot(
    done: Proof | None, made: Proof | None, look: PhotoAvatarLook
) -> JobSnapshot[Any]:
    """Read a look as the state of its job.

    A job that changes a look which is completed already has ended when it is ``done``. Where the
    word is unknown, the look is the job's result if ``made``, or ``done``, says so: its picture
    was there before.
    """
    there = look.motion_preview_url if look.is_motion else look.image_url
    completed = meaning(LOOK_STATUSES, look.status) is State.COMPLETED
    proof = made or done
    proven = completed or (proof is not None and proof(look))
    waits = completed and done is not None and not done(look)
    word = "processing" if waits else look.status
    return JobSnapshot(word=word, result=look if there and proven else None)


def _look_kind(
    name: str,
    spec: type[Any],
    path: str,
    *,
    seconds: float,
    done: Proof | None = None,
    made: Proof | None = None,
) -> JobKind[PhotoAvatarLook]:
    return JobKind(
        name=name,
        specs=(spec,),
        path=path,
        collection=LOOKS,
        id_field="id",
        status_map=LOOK_STATUSES,
        snapshot=partial(look_snapshot, done, made),
        more_files=("motion_preview_url", "image_url"),
        typical_duration=seconds,
    )


def generation_snapshot(made: PhotoGeneration) -> JobSnapshot[PhotoGeneration]:
    """Read a generation as the state of its job; ``msg`` need not be about a failure."""
    failed = meaning(LOOK_STATUSES, made.status) is State.FAILED
    return JobSnapshot(
        word=made.status,
        result=made if made.image_key_list else None,
        message=made.msg if failed else None,
    )


def training_snapshot(training: Training) -> JobSnapshot[Training]:
    """Read a training as the state of its job."""
    ended = meaning(LOOK_STATUSES, training.status) is State.COMPLETED
    return JobSnapshot(
        word=training.status, result=training if ended else None, message=training.error_msg
    )


class _TrainingKind(JobKind[Training]):
    def read_submission(self, spec: TrainGroup, payload: Any) -> Submission:  # noqa: ARG002
        """Return the job, which has the group's id: the answer names none."""
        return Submission(id=spec.group_id, word=self.first_word, named=False)


KINDS = (
    JobKind(
        name="heygen.v2.video",
        specs=(LegacyVideo,),
        collection=VIDEOS,
        status_map=VIDEO_STATUSES,
        size_field="script",
        file="video_url",
    ),
    _look_kind(
        "heygen.v2.motion",
        AddMotion,
        "/v2/photo_avatar/add_motion",
        seconds=120,
        made=lambda look: look.motion_preview_url,
    ),
    _look_kind(
        "heygen.v2.sound",
        AddSoundEffect,
        "/v2/photo_avatar/add_sound_effect",
        seconds=60,
        done=lambda look: look.extra.get("background_sound_effect"),
    ),
    _look_kind(
        "heygen.v2.upscale",
        UpscaleAvatar,
        "/v2/photo_avatar/upscale",
        seconds=60,
        done=lambda look: look.upscaled or look.extra.get("upscaled"),
    ),
    _look_kind("heygen.v2.group", CreateGroup, "/v2/photo_avatar/avatar_group/create", seconds=20),
    JobKind(
        name="heygen.v2.photos",
        specs=(LegacyPhoto,),
        path="/v2/photo_avatar/photo/generate",
        collection=GENERATIONS,
        status_map=LOOK_STATUSES,
        snapshot=generation_snapshot,
        more_files=("image_url_list",),
        typical_duration=60.0,
    ),
    _TrainingKind(
        name="heygen.v2.training",
        specs=(TrainGroup,),
        path="/v2/photo_avatar/train",
        collection=TRAININGS,
        status_map=LOOK_STATUSES,
        snapshot=training_snapshot,
        typical_duration=300.0,
    ),
)
