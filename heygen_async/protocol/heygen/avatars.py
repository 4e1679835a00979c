"""HeyGen v3 avatars and their looks, and the kind of job that makes a look."""

from __future__ import annotations

from typing import Any

from heygen_async.models.avatars import (
    AvatarGroup,
    AvatarLook,
    Consent,
    DigitalTwin,
    PhotoAvatar,
    PromptAvatar,
)
from heygen_async.models.jobs import State
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.kinds import JobKind, JobSnapshot, meaning
from heygen_async.protocol.operations import Collection, Operation

AvatarSpec = PhotoAvatar | DigitalTwin | PromptAvatar

AVATAR_STATUSES = {"processing": State.RUNNING, "pending_consent": State.NEEDS_ACTION}

GROUPS = Collection(
    item="/v3/avatars/{group_id}", model=AvatarGroup, converter=CONVERTER, page_size=50
)
LOOKS = Collection(
    item="/v3/avatars/looks/{look_id}", model=AvatarLook, converter=CONVERTER, page_size=50
)
CONSENT = Operation(
    "POST",
    "/v3/avatars/{group_id}/consent",
    lambda payload: CONVERTER.structure(payload["data"], Consent),
)


def look_snapshot(look: AvatarLook) -> JobSnapshot[AvatarLook]:
    """Read a look as the state of its job.

    A photo is usable when its preview is there, which may be a while after "completed"; a preview
    may be there while the look is still in the making: the word is needed, too.
    """
    word = look.status or "completed"  # public looks have no status and are usable
    usable = look.avatar_type != "photo_avatar" or look.preview_image_url is not None
    ended = meaning(AVATAR_STATUSES, word) is State.COMPLETED
    error: Any = look.error
    return JobSnapshot(
        word=word,
        result=look if usable and ended else None,
        code=error.code if error else None,
        message=error.message if error else None,
    )


AVATAR = JobKind(
    name="heygen.avatar",
    specs=(PhotoAvatar, DigitalTwin, PromptAvatar),
    path="/v3/avatars",
    collection=LOOKS,
    id_field="avatar_item.id",
    first_word="processing",
    status_map=AVATAR_STATUSES,
    snapshot=look_snapshot,
    file="preview_image_url",
    typical_duration=60.0,
)
