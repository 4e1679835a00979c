"""Read an answer as the transport would."""

from __future__ import annotations

import json
from typing import Any

from multidict import CIMultiDict

from heygen_async.protocol import heygen_media, heygen_videos
from heygen_async.protocol.answers import read
from heygen_async.protocol.request import Request

NOW = 1_700_000_000.0

ANYTHING: Request[Any] = Request(method="GET", path="/v3/any", decode=lambda payload: payload)
GET_VIDEO = heygen_videos.get_video("v1")
LIST_VIDEOS = heygen_videos.list_videos(limit=100, token=None, folder_id=None, title=None)
STATUSES = heygen_videos.video_words(["a", "b"])
LIST_VOICES = heygen_media.list_voices(
    type=None, engine=None, language=None, gender=None, limit=100, token=None
)
UPLOAD: Request[Any] = heygen_media.upload_asset(None)  # what went up is no matter to the answer


def answer(
    request: Request[Any], payload: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Any:
    """Read ``payload``, as it is if bytes, else as JSON."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return read(request, status, CIMultiDict(headers or {}), body, now=NOW)
