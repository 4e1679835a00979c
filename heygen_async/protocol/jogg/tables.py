"""JoggAI v2: photos, motion, videos, lists, uploads, and the kinds of jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen

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
from heygen_async.models.jogg_films import (
    JoggListedVideo,
    JoggTemplate,
    JoggTemplateVideo,
    JoggVariable,
)
from heygen_async.models.jogg_products import (
    JoggProductAvatar,
    JoggProductPreviews,
    JoggProductVideo,
    JoggScript,
)
from heygen_async.models.media import Asset
from heygen_async.protocol import convert
from heygen_async.protocol.jogg import bodies
from heygen_async.protocol.kinds import JobKind, JobSnapshot, check_id, meaning
from heygen_async.protocol.media import MEGABYTE, PresignedUpload, UploadRules, put_file
from heygen_async.protocol.operations import Collection, Operation, Page, query, rows_of, url_path
from heygen_async.protocol.request import Request, Submission, Upload, drop_none
from heygen_async.protocol.result_files import find_files

if TYPE_CHECKING:
    import cattrs

T = TypeVar("T")

# The pages and the live server use different words for the same states, and lists use numbers.
# Those for an end that others use as well are in ``ENDS``.
STATUSES = {
    "pending": State.QUEUED,
    "waiting": State.QUEUED,
    "in_progress": State.RUNNING,
    "processing": State.RUNNING,
    "0": State.RUNNING,
    "1": State.COMPLETED,
    "fail": State.FAILED,
    "2": State.FAILED,
}

_STATUS_FIELDS = ("status", "error_msg", "err_msg", "error", "msg", "data")


def make_converter() -> cattrs.Converter:
    """Return the converter for all of JoggAI's API; media are URLs there."""
    return convert.make_converter(
        requests={
            JoggVideo: _video_body,
            JoggTemplateVideo: bodies.number_avatar_type,
            JoggVariable: bodies.variable_body,
            JoggProductVideo: bodies.product_video_body,
            JoggProductPreviews: bodies.product_video_body,
            JoggProductAvatar: bodies.product_avatar_body,
            JoggScript: bodies.script_body,
        },
        answers={
            JoggAvatar: _avatar_row,
            JoggPhotoSet: _photo_set,
            JoggTemplate: bodies.template,
            JoggListedVideo: bodies.listed_video,
        },
        media=lambda media: media.url if isinstance(media, Asset) else media,
    )


def _video_body(fields: dict[str, Any]) -> dict[str, Any]:
    avatar_id, kind = fields.pop("avatar_id"), fields.pop("avatar_type")
    audio = fields.pop("audio", None)
    voice = drop_none(
        type="script" if audio is None else "audio",
        voice_id=fields.pop("voice_id"),
        script=fields.pop("script", None),
        audio_url=audio,
    )
    avatar = {"avatar_type": int(kind == "custom"), "avatar_id": avatar_id}
    return {"avatar": avatar, "voice": voice, **fields}


def _avatar_row(row: dict[str, Any]) -> dict[str, Any]:
    status = row.get("status", row.get("avatar_status"))  # photo avatars have the longer name
    rest = {name: value for name, value in row.items() if name != "avatar_status"}
    if "avatar_id" in rest:  # so do the ids of product avatars
        rest["id"] = rest.pop("avatar_id")
    return {**rest, "status": None if status is None else str(status)}


def _photo_set(data: dict[str, Any]) -> dict[str, Any]:
    names = {"image_url_list": "image_urls", "image_key_list": "image_keys"}
    named = bodies.renamed(data, names)
    if not named.get("image_keys"):
        named.pop("image_keys", None)
    return named


CONVERTER = make_converter()


@frozen(kw_only=True)
class NumberedCollection(Collection[T]):
    """A list with page numbers, whose rows are under a ``name``, or which is a bare array.

    The server need not say whether there is more. ``paged`` says that there is more than a page.
    """

    name: str
    paged: bool = True

    def list(self, token: str | None = None, **filters: object) -> Request[Page[T]]:
        """Return the request for a page; ``token`` is its number."""
        number = int(token or 1)
        size = {"page": number, "page_size": self.page_size} if self.paged else {}
        return Request(
            method="GET",
            path=self.path,
            params=query(**size, **filters),
            decode=partial(self._read_numbered, number),
        )

    def _read_numbered(self, number: int, payload: Any) -> Page[T]:
        data = payload["data"]
        bare = isinstance(data, list)
        rows = rows_of({"data": data if bare else data.get(self.name) or []})
        more = bool(rows) if bare else data.get("has_more", bool(rows))
        items = convert.readable(rows, partial(self.converter.structure, cl=self.model))
        return Page(
            items=items,
            next_token=str(number + 1) if more and self.paged else None,
            left_out=len(rows) - len(items),
        )


def _avatars(sort: str) -> NumberedCollection[JoggAvatar]:
    item = f"/v2/avatars/{sort}/{{avatar_id}}"
    return NumberedCollection(item=item, model=JoggAvatar, converter=CONVERTER, name="avatars")


PUBLIC_AVATARS = _avatars("public")
CUSTOM_AVATARS = _avatars("custom")
PHOTO_AVATARS = _avatars("photo_avatars")
VOICES = NumberedCollection(
    item="/v2/voices/{voice_id}", model=JoggVoice, converter=CONVERTER, name="voices"
)
CUSTOM_VOICES = NumberedCollection(
    item="/v2/voices/custom/{voice_id}",
    model=JoggVoice,
    converter=CONVERTER,
    name="voices",
    paged=False,
)
WHOAMI = Operation(
    "GET", "/v2/user/whoami", lambda payload: CONVERTER.structure(payload["data"], JoggUser)
)
REMAINING_QUOTA = Operation(
    "GET",
    "/v2/user/remaining_quota",
    lambda payload: float(payload["data"]["remaining_quota"]),
)


@frozen(kw_only=True, eq=False)
class JoggKind(JobKind[T]):
    """A kind whose answers tell a state beside the fields of the result, once there is one.

    ``in_query`` says that the job's id goes into the query, not into the path. ``aliases`` are
    names seen instead of those of the model, and ``told`` is the field, by default that of the
    main file, without which there is no result. ``word`` finds the status in an answer.
    """

    in_query: bool = False
    aliases: Mapping[str, str] = field(factory=dict)
    told: str = field()
    word: Callable[[Mapping[str, Any]], Any] = itemgetter("status")

    @told.default
    def _the_main_file(self) -> str:
        return self.file or ""

    def read_submission(self, spec: Any, payload: Any) -> Submission:
        """Read the answer to the POST; the guides have other names for ids than the document."""
        data = payload["data"]
        if isinstance(data, dict):
            payload = {**payload, "data": bodies.renamed(data, self.aliases)}
        return super().read_submission(spec, payload)

    def get_status(self, job_id: str) -> Request[JobSnapshot[T]]:
        """Return the request for one job's state."""
        things = self.collection
        asked = {things.id_name: job_id} if self.in_query else {}
        path = things.path if asked else url_path(things.item, job_id)
        read = partial(self.read_status, job_id)
        return Request(method="GET", path=path, params=asked, decode=read)

    def read_status(self, job_id: str, payload: Any) -> JobSnapshot[T]:
        """Read the state; the reason of a failure stands under one of five names."""
        data, name = payload["data"], self.collection.id_name
        check_id(data.get(name), job_id)
        word = self.word(data)
        if type(word) not in (str, int):
            raise TypeError(f"the status is {word!r}")
        error = data.get("error")
        named = error if isinstance(error, dict) else {"message": error}
        code = named.get("code")
        message = data.get("error_msg") or data.get("err_msg") or named.get("message")
        if meaning(self.status_map, str(word)) is State.FAILED:
            message = message or data.get("msg")  # it need not be about a failure
        return JobSnapshot(
            word=str(word),
            result=self._result(data, {name: job_id}),
            code=None if code is None else str(code),
            message=None if message is None else str(message),
        )

    def _result(self, data: Mapping[str, Any], job: dict[str, str]) -> T | None:
        """Return the result, which is there when what has to be told is; it may be nested."""
        inner = data.get("data")
        if isinstance(inner, Mapping):
            data = {**data, **inner}
        named = bodies.renamed(data, self.aliases)
        if not (named.get(self.told) or any(find_files(named, self.told))):
            return None
        known = {name: value for name, value in named.items() if name not in _STATUS_FIELDS}
        result: T = CONVERTER.structure(known | job, self.collection.model)
        return result


PHOTOS = Collection(
    item="/v2/photo_avatar/photo/{photo_id}", model=JoggPhotoSet, converter=CONVERTER
)
MOTIONS = Collection(
    item="/v2/photo_avatar/{motion_id}", model=JoggMotionAvatar, converter=CONVERTER
)
AVATAR_VIDEOS = Collection(
    item="/v2/avatar_video/{video_id}", model=JoggAvatarVideo, converter=CONVERTER
)


KINDS: tuple[JobKind[Any], ...] = (
    JoggKind(
        name="jogg.photo",
        specs=(JoggPhoto,),
        path="/v2/photo_avatar/photo/generate",
        collection=PHOTOS,
        in_query=True,
        status_map=STATUSES,
        file="image_urls",
        aliases={"image_url_list": "image_urls"},
    ),
    JoggKind(
        name="jogg.motion",
        specs=(JoggMotion,),
        path="/v2/photo_avatar/add_motion",
        collection=MOTIONS,
        in_query=True,
        status_map=STATUSES,
        file="motion_preview_url",
        typical_duration=150.0,
    ),
    JoggKind(
        name="jogg.video",
        specs=(JoggVideo,),
        path="/v2/create_video_from_avatar",
        collection=AVATAR_VIDEOS,
        status_map=STATUSES,
        file="video_url",
        size_field="script",
        typical_duration=60.0,
    ),
)


def presign(upload: Upload) -> Request[PresignedUpload]:
    """``POST /v2/upload/asset``: leave to put a file; its URL is known at once."""

    def decode(payload: Any) -> PresignedUpload:
        data = payload["data"]
        return PresignedUpload(
            put=put_file(upload, data["sign_url"], {"Content-Type": upload.content_type}),
            asset=Asset(
                id=data["asset_url"],
                url=data["asset_url"],
                mime_type=upload.content_type,
                size_bytes=upload.size,
            ),
        )

    body = {
        "filename": upload.filename,
        "content_type": upload.content_type,
        "file_size": upload.size,
    }
    return Request(method="POST", path="/v2/upload/asset", json=body, decode=decode)


# https://docs.jogg.ai/api-reference/v2/QuickStart/UploadMedia
UPLOADS = UploadRules(
    sizes={
        "image/png": 10 * MEGABYTE,
        "image/jpeg": 10 * MEGABYTE,
        "image/webp": 10 * MEGABYTE,
        "image/gif": 10 * MEGABYTE,
        "video/mp4": 100 * MEGABYTE,
        "video/webm": 100 * MEGABYTE,
        "video/quicktime": 100 * MEGABYTE,
        "audio/mpeg": 20 * MEGABYTE,
        "audio/wav": 20 * MEGABYTE,
        "audio/mp4": 20 * MEGABYTE,
    },
    presign=presign,
)
