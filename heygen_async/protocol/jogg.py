"""JoggAI v2 on the wire: photos, motion, videos, lists, and their kinds of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from heygen_async.models.jobs import State
from heygen_async.models.jogg import (
    JoggAvatar,
    JoggAvatarVideo,
    JoggMotion,
    JoggMotionAvatar,
    JoggPhoto,
    JoggPhotoSet,
    JoggUser,
    JoggVideo,
    JoggVoice,
)
from heygen_async.models.media import Asset
from heygen_async.protocol.convert import converter, one, readable
from heygen_async.protocol.kinds import JobKind, JobSnapshot, about, meaning, register
from heygen_async.protocol.pages import Page, rows_of
from heygen_async.protocol.request import Request, Submission, at, job_id, present, query

if TYPE_CHECKING:
    from collections.abc import Callable

    from heygen_async.models.media import Media

T = TypeVar("T")

# The pages and the live server use different words for the same states, and lists use numbers.
# Those for an end that others use as well are in ``ENDS``.
JOGG_WORDS = {
    "pending": State.QUEUED,
    "waiting": State.QUEUED,
    "in_progress": State.RUNNING,
    "processing": State.RUNNING,
    "0": State.RUNNING,
    "1": State.COMPLETED,
    "fail": State.FAILED,
    "2": State.FAILED,
}


def generate_photo(spec: JoggPhoto) -> Request[Submission]:
    """``POST /v2/photo_avatar/photo/generate``."""
    body = present(
        age=spec.age,
        avatar_style=spec.avatar_style,
        gender=spec.gender,
        model=spec.model,
        aspect_ratio=spec.aspect_ratio,
        ethnicity=spec.ethnicity,
        background=spec.background,
        appearance=spec.appearance,
        image_url=_url(spec.image_url),
    )
    return _submit("/v2/photo_avatar/photo/generate", body, "photo_id")


def look_at_photo(photo_id: str) -> Request[JobSnapshot[JoggPhotoSet]]:
    """``GET /v2/photo_avatar/photo``."""

    def result(data: dict[str, Any]) -> JoggPhotoSet | None:
        if not data.get("image_url_list"):
            return None
        named = {_PHOTO_FIELDS.get(name, name): value for name, value in data.items()}
        known = {name: named[name] for name in named if name not in _STATUS}
        if not known.get("image_keys"):
            known.pop("image_keys", None)
        return converter.structure(known | {"photo_id": photo_id}, JoggPhotoSet)

    return _look("/v2/photo_avatar/photo", {"photo_id": photo_id}, result)


def add_motion(spec: JoggMotion) -> Request[Submission]:
    """``POST /v2/photo_avatar/add_motion``."""
    body = present(
        image_url=_url(spec.image_url),
        name=spec.name,
        voice_id=spec.voice_id,
        model=spec.model,
        photo_id=spec.photo_id,
        description=spec.description,
        welcome_msg=spec.welcome_msg,
    )
    return _submit("/v2/photo_avatar/add_motion", body, "motion_id")


def look_at_motion(motion_id: str) -> Request[JobSnapshot[JoggMotionAvatar]]:
    """``GET /v2/photo_avatar``."""
    wanted = {"motion_id": motion_id}
    result = _finished(JoggMotionAvatar, "motion_preview_url", wanted)
    return _look("/v2/photo_avatar", wanted, result)


def create_video(spec: JoggVideo) -> Request[Submission]:
    """``POST /v2/create_video_from_avatar``."""
    voice = present(
        type="script" if spec.audio is None else "audio",
        voice_id=spec.voice_id,
        script=spec.script,
        audio_url=_url(spec.audio),
    )
    body = present(
        avatar={"avatar_type": int(spec.avatar_type == "custom"), "avatar_id": spec.avatar_id},
        voice=voice,
        aspect_ratio=spec.aspect_ratio,
        screen_style=spec.screen_style,
        caption=spec.caption,
        webhook_url=spec.webhook_url,
        video_name=spec.video_name,
    )
    return _submit("/v2/create_video_from_avatar", body, "video_id")


def look_at_video(video_id: str) -> Request[JobSnapshot[JoggAvatarVideo]]:
    """``GET /v2/avatar_video/{video_id}``."""
    wanted = {"video_id": video_id}
    result = _finished(JoggAvatarVideo, "video_url", wanted)
    return _look(at("/v2/avatar_video/{}", video_id), wanted, result, params={})


def list_avatars(
    sort: str, *, page: int, size: int, **filters: str | None
) -> Request[Page[JoggAvatar]]:
    """``GET /v2/avatars/{public,custom,photo_avatars}``, one page."""

    def item(row: dict[str, Any]) -> JoggAvatar:
        status = row.get("status", row.get("avatar_status"))
        words = {"status": None if status is None else str(status)}
        rest = {name: value for name, value in row.items() if name != "avatar_status"}
        return converter.structure(rest | words, JoggAvatar)

    params = query(page=page, page_size=size, **filters)
    return Request(
        method="GET",
        path=f"/v2/avatars/{sort}",
        params=params,
        decode=lambda payload: _page(payload["data"], "avatars", item, page),
    )


def list_voices(*, page: int, size: int, **filters: str | None) -> Request[Page[JoggVoice]]:
    """``GET /v2/voices``, one page."""
    return Request(
        method="GET",
        path="/v2/voices",
        params=query(page=page, page_size=size, **filters),
        decode=lambda payload: _page(payload["data"], "voices", _voice, page),
    )


def list_custom_voices(*, language: str | None) -> Request[Page[JoggVoice]]:
    """``GET /v2/voices/custom``, which has one page only."""
    return Request(
        method="GET",
        path="/v2/voices/custom",
        params=query(language=language),
        decode=lambda payload: Page(
            items=_page(payload["data"], "voices", _voice, 1).items, next_token=None
        ),
    )


def whoami() -> Request[JoggUser]:
    """``GET /v2/user/whoami``."""
    return Request(method="GET", path="/v2/user/whoami", decode=one(JoggUser))


def remaining_quota() -> Request[float]:
    """``GET /v2/user/remaining_quota``."""
    return Request(
        method="GET",
        path="/v2/user/remaining_quota",
        decode=lambda payload: float(payload["data"]["remaining_quota"]),
    )


_STATUS = ("status", "error_msg", "error", "msg")
_PHOTO_FIELDS = {"image_url_list": "image_urls", "image_key_list": "image_keys"}


def _submit(path: str, body: Any, id_field: str) -> Request[Submission]:
    def decode(payload: Any) -> Submission:
        data = payload["data"]
        return Submission(id=job_id(data[id_field]), word=str(data.get("status") or "pending"))

    return Request(method="POST", path=path, json=body, decode=decode, paid=True)


def _look(
    path: str,
    wanted: dict[str, str],
    result: Callable[[dict[str, Any]], T | None],
    params: dict[str, str] | None = None,
) -> Request[JobSnapshot[T]]:
    """Build the status request; the reason of a failure stands under one of four names.

    ``wanted`` is the job's id under the name that the answer has for it.
    """

    def decode(payload: Any) -> JobSnapshot[T]:
        data = payload["data"]
        for name, wanted_id in wanted.items():
            about(data.get(name), wanted_id)
        word = data["status"]
        if type(word) not in (str, int):
            raise TypeError(f"the status is {word!r}")
        error = data.get("error")
        named = error if isinstance(error, dict) else {"message": error}
        code = named.get("code")
        message = data.get("error_msg") or named.get("message")
        if meaning(JOGG_WORDS, str(word)) is State.FAILED:
            message = message or data.get("msg")  # it need not be about a failure
        return JobSnapshot(
            word=str(word),
            result=result(data),
            code=None if code is None else str(code),
            message=None if message is None else str(message),
        )

    return Request(
        method="GET", path=path, params=wanted if params is None else params, decode=decode
    )


def _finished(
    cls: type[T], file: str, wanted: dict[str, str]
) -> Callable[[dict[str, Any]], T | None]:
    """Return what reads a result of type ``cls``, which is there when its ``file`` has a URL."""

    def result(data: dict[str, Any]) -> T | None:
        if not data.get(file):
            return None
        known = {name: value for name, value in data.items() if name not in _STATUS}
        return converter.structure(known | wanted, cls)

    return result


def _page(data: Any, name: str, item: Callable[[dict[str, Any]], T], number: int) -> Page[T]:
    """Read a page; the server may give a bare array, and need not say whether there is more."""
    rows = rows_of({"data": data if isinstance(data, list) else data.get(name) or []})
    more = bool(rows) if isinstance(data, list) else data.get("has_more", bool(rows))
    items = readable(rows, item)
    return Page(
        items=items,
        next_token=str(number + 1) if more else None,
        left_out=len(rows) - len(items),
    )


def _voice(row: dict[str, Any]) -> JoggVoice:
    return converter.structure(row, JoggVoice)


def _url(media: Media | None) -> str | None:
    return media.url if isinstance(media, Asset) else media  # type: ignore[return-value]


def _length(spec: JoggVideo) -> float | None:
    return float(len(spec.script)) if spec.script else None


PHOTO = register(
    JobKind(
        name="jogg.photo",
        api="JoggAI",
        specs=(JoggPhoto,),
        path="/v2/photo_avatar/photo/generate",
        create=generate_photo,
        get_status=look_at_photo,
        status_map=JOGG_WORDS,
        typical_duration=180.0,
        download_url=lambda photos: photos.image_urls[0],
    )
)
MOTION = register(
    JobKind(
        name="jogg.motion",
        api="JoggAI",
        specs=(JoggMotion,),
        path="/v2/photo_avatar/add_motion",
        create=add_motion,
        get_status=look_at_motion,
        status_map=JOGG_WORDS,
        typical_duration=150.0,
        download_url=lambda avatar: avatar.motion_preview_url,
    )
)
VIDEO = register(
    JobKind(
        name="jogg.video",
        api="JoggAI",
        specs=(JoggVideo,),
        path="/v2/create_video_from_avatar",
        create=create_video,
        get_status=look_at_video,
        status_map=JOGG_WORDS,
        typical_duration=60.0,
        size=_length,
        download_url=lambda video: video.video_url,
    )
)
