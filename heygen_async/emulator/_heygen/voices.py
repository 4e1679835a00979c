"""Voices: ``GET /v3/voices``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._answers import cut_page, listing
from heygen_async.emulator._heygen.catalogue import VOICES, Voice
from heygen_async.emulator._requests import read_choice, read_limit, read_query

if TYPE_CHECKING:
    from heygen_async.emulator._schema import Json

FILTERS = ("engine", "language", "gender")
TYPES = ("public", "private")


async def list_voices(request: web.Request) -> web.Response:
    """``GET /v3/voices``, the public ones unless *type* says otherwise."""
    query = read_query(request, "type", *FILTERS, "limit", "token")
    wanted = {"type": "public"} | {name: query[name] for name in FILTERS if name in query}
    if word := read_choice(query, "type", TYPES):
        wanted["type"] = word
    numbered = enumerate(VOICES.values())
    page, token = cut_page(
        [row for row in numbered if all(_is(row[1], *pair) for pair in wanted.items())],
        position=lambda row: row[0],
        limit=read_limit(query, default=20),
        token=query.get("token"),
    )
    return listing([describe(voice) for _, voice in page], token)


ROUTES = (web.get("/v3/voices", list_voices, allow_head=False),)


def _is(voice: Voice, name: str, value: str) -> bool:
    return str(getattr(voice, name)).lower() == value.lower()


def describe(voice: Voice) -> Json:
    """Return a voice as the API shows it."""
    return {
        "voice_id": voice.id,
        "name": voice.name,
        "language": voice.language,
        "gender": voice.gender,
        "preview_audio_url": None,
        "support_pause": True,
        "support_locale": voice.support_locale,
        "type": voice.type,
    }
