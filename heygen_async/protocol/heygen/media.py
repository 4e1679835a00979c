"""HeyGen v3 assets and the account: what goes up, and what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.models.account import User
from heygen_async.models.jobs import State
from heygen_async.models.media import Asset, FoundAsset
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.kinds import JobKind, usable_id
from heygen_async.protocol.media import MEGABYTE, PresignedUpload, UploadRules, put_file
from heygen_async.protocol.operations import Collection, Operation, decode_none
from heygen_async.protocol.request import Request, Upload, drop_none

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ASSETS = Collection(item="/v3/assets/{asset_id}", model=Asset, converter=CONVERTER)
SEARCH = Collection(
    item="/v3/assets/search/{asset_id}", model=FoundAsset, converter=CONVERTER, page_size=50
)
ASSET: JobKind[Asset] = JobKind(
    name="heygen.asset",  # of no spec: for the words of its bulk status
    specs=(),
    collection=ASSETS,
    status_map={"pending_upload": State.QUEUED, "processing": State.RUNNING},
    statuses_limit=100,
    batch_field="files",
)
COMPLETE_BATCH = Operation("POST", "/v3/assets/complete/batches", decode_none)
ME = Operation("GET", "/v3/users/me", lambda payload: CONVERTER.structure(payload["data"], User))


def upload_asset(upload: Upload) -> Request[Asset]:
    """``POST /v3/assets``, multipart, for files of at most 32 MB."""
    return Request(method="POST", path="/v3/assets", upload=upload, decode=_uploaded)


def create_direct_upload(upload: Upload) -> Request[PresignedUpload]:
    """``POST /v3/assets/direct-uploads``: leave to put a larger file, and how to complete it."""
    return Request(
        method="POST",
        path="/v3/assets/direct-uploads",
        json=_wish(upload),
        decode=lambda payload: _slot(upload, payload["data"]),
    )


def create_upload_batch(
    uploads: Sequence[Upload], title: str | None
) -> Request[tuple[str, list[PresignedUpload]]]:
    """``POST /v3/assets/direct-uploads/batches``: the batch's id, and leave to put each file."""

    def decode(payload: Any) -> tuple[str, list[PresignedUpload]]:
        data = payload["data"]
        slots = [_slot(*each) for each in zip(uploads, data["items"], strict=True)]
        return usable_id(data["batch_id"]), slots

    body = drop_none(title=title, files=[_wish(upload) for upload in uploads])
    path = "/v3/assets/direct-uploads/batches"
    return Request(method="POST", path=path, json=body, decode=decode)


def _wish(upload: Upload) -> dict[str, Any]:
    return {
        "filename": upload.filename,
        "content_type": upload.content_type,
        "size_bytes": upload.size,
    }


def _slot(upload: Upload, data: Mapping[str, Any]) -> PresignedUpload:
    asset_id = usable_id(data["asset_id"])
    mime_type, size = upload.content_type, upload.size
    return PresignedUpload(
        put=put_file(upload, data["upload_url"], data.get("upload_headers") or {}),
        complete=complete_direct_upload(asset_id),
        asset=Asset(id=asset_id, mime_type=mime_type, size_bytes=size),
        max_bytes=data.get("max_bytes"),
    )


def complete_direct_upload(asset_id: str) -> Request[Asset]:
    """``POST /v3/assets/{asset_id}/complete``; 409 ``conflict`` means the file is not seen yet."""
    complete = Operation(
        "POST", "/v3/assets/{asset_id}/complete", _uploaded, idempotent=True, busy_code="conflict"
    )
    return complete.request(asset_id, json={})


def _uploaded(payload: Any) -> Asset:
    data: Mapping[str, Any] = payload["data"]
    fields = {name: value for name, value in data.items() if name != "asset_id"}
    return CONVERTER.structure({**fields, "id": data["asset_id"]}, Asset)


# The limits of files that are passed on to videos; https://developers.heygen.com/docs/limits
UPLOADS = UploadRules(
    sizes={
        "image/png": 50 * MEGABYTE,
        "image/jpeg": 50 * MEGABYTE,
        "video/mp4": 100 * MEGABYTE,
        "video/webm": 100 * MEGABYTE,
        "audio/mpeg": 50 * MEGABYTE,
        "audio/wav": 50 * MEGABYTE,
        "application/pdf": 32 * MEGABYTE,
        "application/x-subrip": 32 * MEGABYTE,
    },
    post=upload_asset,
    max_posted=32 * MEGABYTE,
    presign=create_direct_upload,
)
