"""HeyGen v3 avatars and looks on the wire, and the kind of job that makes a look."""

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
from heygen_async.protocol.convert import converter, nothing, one, tag_request
from heygen_async.protocol.kinds import JobKind, JobSnapshot, about, register
from heygen_async.protocol.pages import Page, page
from heygen_async.protocol.request import Request, Submission, at, job_id, present, query

AvatarSpec = PhotoAvatar | DigitalTwin | PromptAvatar

tag_request(PhotoAvatar, type="photo")
tag_request(DigitalTwin, type="digital_twin")
tag_request(PromptAvatar, type="prompt")


def create_avatar(spec: AvatarSpec) -> Request[Submission]:
    """``POST /v3/avatars``; the job's id is the new look's."""

    def decode(payload: Any) -> Submission:
        look = payload["data"]["avatar_item"]
        return Submission(id=job_id(look["id"]), word=look.get("status") or "processing")

    return Request(
        method="POST",
        path="/v3/avatars",
        json=converter.unstructure(spec),
        decode=decode,
        paid=True,
    )


def look_at_look(look_id: str) -> Request[JobSnapshot[AvatarLook]]:
    """``GET /v3/avatars/looks/{look_id}``, read as a look at the job.

    A photo is usable when its preview is there, which may be a while after "completed".
    """
    decode_look = one(AvatarLook)

    def decode(payload: Any) -> JobSnapshot[AvatarLook]:
        look = decode_look(payload)
        about(look.id, look_id)
        word = look.status or "completed"  # public looks have no status and are usable
        usable = look.avatar_type != "photo_avatar" or look.preview_image_url is not None
        # A preview may be there while the look is still in the making: the word is needed too.
        ended = AVATAR.status(word).state is State.COMPLETED
        return JobSnapshot(
            word=word,
            result=look if usable and ended else None,
            code=look.error.code if look.error else None,
            message=look.error.message if look.error else None,
        )

    return Request(method="GET", path=at("/v3/avatars/looks/{}", look_id), decode=decode)


def get_look(look_id: str) -> Request[AvatarLook]:
    """``GET /v3/avatars/looks/{look_id}``."""
    return Request(method="GET", path=at("/v3/avatars/looks/{}", look_id), decode=one(AvatarLook))


def rename_look(look_id: str, name: str) -> Request[AvatarLook]:
    """``PATCH /v3/avatars/looks/{look_id}``."""
    path = at("/v3/avatars/looks/{}", look_id)
    return Request(method="PATCH", path=path, json={"name": name}, decode=one(AvatarLook))


def delete_look(look_id: str) -> Request[None]:
    """``DELETE /v3/avatars/looks/{look_id}``."""
    return Request(method="DELETE", path=at("/v3/avatars/looks/{}", look_id), decode=nothing)


def list_looks(
    *,
    group_id: str | None,
    avatar_type: str | None,
    ownership: str | None,
    limit: int,
    token: str | None,
) -> Request[Page[AvatarLook]]:
    """``GET /v3/avatars/looks``, one page."""
    params = query(
        group_id=group_id, avatar_type=avatar_type, ownership=ownership, limit=limit, token=token
    )
    return Request(method="GET", path="/v3/avatars/looks", params=params, decode=page(AvatarLook))


def get_group(group_id: str) -> Request[AvatarGroup]:
    """``GET /v3/avatars/{group_id}``."""
    return Request(method="GET", path=at("/v3/avatars/{}", group_id), decode=one(AvatarGroup))


def delete_group(group_id: str) -> Request[None]:
    """``DELETE /v3/avatars/{group_id}``."""
    return Request(method="DELETE", path=at("/v3/avatars/{}", group_id), decode=nothing)


def list_groups(
    *, ownership: str | None, limit: int, token: str | None
) -> Request[Page[AvatarGroup]]:
    """``GET /v3/avatars``, one page."""
    params = query(ownership=ownership, limit=limit, token=token)
    return Request(method="GET", path="/v3/avatars", params=params, decode=page(AvatarGroup))


def ask_consent(
    group_id: str, *, reroute_url: str | None, consent_text: str | None
) -> Request[Consent]:
    """``POST /v3/avatars/{group_id}/consent``."""
    return Request(
        method="POST",
        path=at("/v3/avatars/{}/consent", group_id),
        json=present(reroute_url=reroute_url, consent_text=consent_text),
        decode=one(Consent),
    )


AVATAR = register(
    JobKind(
        name="heygen.avatar",
        api="HeyGen",
        specs=(PhotoAvatar, DigitalTwin, PromptAvatar),
        path="/v3/avatars",
        create=create_avatar,
        get_status=look_at_look,
        status_map={
            "processing": State.RUNNING,
            "pending_consent": State.NEEDS_ACTION,
        },
        typical_duration=60.0,
        download_url=lambda look: look.preview_image_url,
    )
)
