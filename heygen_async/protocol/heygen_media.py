"""HeyGen v3 assets and voices on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.models.media import Asset
from heygen_async.models.voices import Voice
from heygen_async.protocol.convert import converter, nothing, one
from heygen_async.protocol.files import MEGABYTE, PresignedUpload, UploadRules, put_file
from heygen_async.protocol.pages import Page, page
from heygen_async.protocol.request import Request, Upload, at, query

if TYPE_CHECKING:
    from collections.abc import Mapping


def upload_asset(upload: Upload) -> Request[Asset]:
    """``POST /v3/assets``, multipart, for files of at most 32 MB."""
    return Request(method="POST", path="/v3/assets", upload=upload, decode=_uploaded)


def create_direct_upload(upload: Upload) -> Request[PresignedUpload]:
    """``POST /v3/assets/direct-uploads``: leave to put a larger file, and how to complete it."""

    def decode(payload: Any) -> PresignedUpload:
        data = payload["data"]
        return PresignedUpload(
            put=put_file(upload, data["upload_url"], data.get("upload_headers") or {}),
            complete=complete_direct_upload(data["asset_id"]),
            max_bytes=data.get("max_bytes"),
        )

    body = {
        "filename": upload.filename,
        "content_type": upload.content_type,
        "size_bytes": upload.size,
    }
    return Request(method="POST", path="/v3/assets/direct-uploads", json=body, decode=decode)


def complete_direct_upload(asset_id: str) -> Request[Asset]:
    """``POST /v3/assets/{asset_id}/complete``; 409 ``conflict`` means the file is not seen yet."""
    return Request(
        method="POST",
        path=at("/v3/assets/{}/complete", asset_id),
        json={},
        decode=_uploaded,
        idempotent=True,
        busy_code="conflict",
    )


def get_asset(asset_id: str) -> Request[Asset]:
    """``GET /v3/assets/{asset_id}``."""
    return Request(method="GET", path=at("/v3/assets/{}", asset_id), decode=one(Asset))


def delete_asset(asset_id: str) -> Request[None]:
    """``DELETE /v3/assets/{asset_id}``."""
    return Request(method="DELETE", path=at("/v3/assets/{}", asset_id), decode=nothing)


def list_voices(
    *,
    type: str | None,  # noqa: A002 - the vendor's name for it
    engine: str | None,
    language: str | None,
    gender: str | None,
    limit: int,
    token: str | None,
) -> Request[Page[Voice]]:
    """``GET /v3/voices``, one page."""
    return Request(
        method="GET",
        path="/v3/voices",
        params=query(
            type=type, engine=engine, language=language, gender=gender, limit=limit, token=token
        ),
        decode=page(Voice),
    )


def _uploaded(payload: Any) -> Asset:
    data: Mapping[str, Any] = payload["data"]
    fields = {name: value for name, value in data.items() if name != "asset_id"}
    return converter.structure({**fields, "id": data["asset_id"]}, Asset)


# The limits of files that are passed on to videos; https://developers.heygen.com/docs/limits
FILES = UploadRules(
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
