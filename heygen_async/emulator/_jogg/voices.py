"""Voices: the catalogue and the account's own."""

from __future__ import annotations

from aiohttp import web

from heygen_async.emulator._jogg.answers import answer
from heygen_async.emulator._jogg.catalogue import CUSTOM_VOICES, VOICES
from heygen_async.emulator._jogg.pages import cut, read_page_query
from heygen_async.emulator._requests import read_choice, read_query

FILTERS = ("gender", "language", "age", "use_case")
GENDERS = ("female", "male")
AGES = ("young", "middle_aged", "old")


async def list_voices(request: web.Request) -> web.Response:
    """``GET /v2/voices``; all given filters have to fit."""
    query = read_page_query(request, *FILTERS)
    read_choice(query, "gender", GENDERS)
    read_choice(query, "age", AGES)
    wanted = {name: query[name] for name in FILTERS if name in query}
    page, has_more = cut([voice for voice in VOICES if wanted.items() <= voice.items()], query)
    return answer({"voices": page, "has_more": has_more})


async def list_custom_voices(request: web.Request) -> web.Response:
    """``GET /v2/voices/custom``."""
    query = read_query(request, "language")
    voices = [
        voice
        for voice in CUSTOM_VOICES
        if query.get("language", voice["language"]) == voice["language"]
    ]
    return answer({"total": len(voices), "voices": voices})


ROUTES = (
    web.get("/v2/voices", list_voices, allow_head=False),
    web.get("/v2/voices/custom", list_custom_voices, allow_head=False),
)
