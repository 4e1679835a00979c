"""JoggAI as the transport knows it: its address, its limits, and how files go up."""

from __future__ import annotations

from typing import Any

from heygen_async.models.media import Asset
from heygen_async.protocol.files import MEGABYTE, PresignedUpload, UploadRules, put_file
from heygen_async.protocol.jogg_answers import read_jogg
from heygen_async.protocol.request import Request, Upload
from heygen_async.protocol.vendors import Vendor


def sign_upload(upload: Upload) -> Request[PresignedUpload]:
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
FILES = UploadRules(
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
    presign=sign_upload,
)

JOGG = Vendor(
    api="JoggAI",
    base_url="https://api.jogg.ai",
    key_variable="JOGG_API_KEY",
    url_variable="JOGG_BASE_URL",
    honours_key=lambda _method, _path: False,
    read=read_jogg,
    files=FILES,
    posts_per_window=(20, 60.0),
)
