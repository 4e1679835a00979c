"""HeyGen v3 assets and voices on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.models.media import Asset
from heygen_async.models.voices import Voice
from heygen_async.protocol.convert import converter
from heygen_async.protocol.pages import Page, page
from heygen_async.protocol.request import Request, Upload, query

if TYPE_CHECKING:
    from collections.abc import Mapping


def upload_asset(upload: Upload) -> Request[Asset]:
    """``POST /v3/assets``, multipart."""

    def decode(payload: Any) -> Asset:
        data: Mapping[str, Any] = payload["data"]
        fields = {name: value for name, value in data.items() if name != "asset_id"}
        return converter.structure({**fields, "id": data["asset_id"]}, Asset)

    return Request(method="POST", path="/v3/assets", upload=upload, decode=decode)


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
