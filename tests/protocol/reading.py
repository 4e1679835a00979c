"""Read an answer as the transport would."""

from __future__ import annotations

import json
from typing import Any

from multidict import CIMultiDict

from heygen_async.protocol.answers import read
from heygen_async.protocol.heygen import media, videos, voices
from heygen_async.protocol.request import Request

NOW = 1_700_000_000.0

ANYTHING: Request[Any] = Request(method="GET", path="/v3/any", decode=lambda payload: payload)
GET_VIDEO = videos.VIDEOS.get("v1")
LIST_VIDEOS = videos.VIDEOS.list()
STATUSES = videos.VIDEO.get_statuses(["a", "b"])
LIST_VOICES = voices.VOICES.list()
UPLOAD: Request[Any] = media.upload_asset(None)  # what went up is no matter to the answer


def answer(
    request: Request[Any], payload: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Any:
    """Read ``payload``, as it is if bytes, else as JSON."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return read(request, status, CIMultiDict(headers or {}), body, now=NOW)
