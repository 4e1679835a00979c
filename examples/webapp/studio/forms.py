"""Reads the form of the page, and refuses what cannot be rendered with a plain sentence."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from aiohttp import web
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_PORTRAIT = 32 * 1024 * 1024
"""Bytes of a portrait; HeyGen takes no more."""

MAX_SCRIPT = 5_000
"""Characters of a script; HeyGen takes no more."""

MAX_FORM = MAX_PORTRAIT + 64 * 1024
"""Bytes of a whole form."""

_SUFFIXES = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg"}
_TOO_LARGE = "The portrait is too large: 32 MB at most."


@frozen(kw_only=True)
class Form:
    """A form that is in order; ``id`` was drawn by the page."""

    id: str
    script: str
    voice_id: str
    portrait: IO[bytes]
    suffix: str


async def read_form(request: web.Request) -> Form:
    """Return the form in ``request``; raise a 400, 413 or 415 whose text is for the person."""
    try:
        fields = await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise _too_large() from None
    except ValueError:
        raise web.HTTPBadRequest(text="This is not the form of the page.") from None
    portrait = fields.get("portrait")
    if not isinstance(portrait, web.FileField):
        raise web.HTTPBadRequest(text="Choose a portrait.", headers=_about("portrait"))
    return Form(
        id=request.match_info["id"],
        script=_text(fields, "script", "Write what the person shall say.", MAX_SCRIPT),
        voice_id=_text(fields, "voice", "Choose a voice.", 200),
        portrait=portrait.file,
        suffix=_suffix(portrait.file),
    )


def _text(fields: Mapping[str, object], name: str, missing: str, longest: int) -> str:
    value = fields.get(name)
    text = value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""
    if not text:
        raise web.HTTPBadRequest(text=missing, headers=_about(name))
    if len(text) > longest:
        sentence = f"The text has {len(text):,} characters: {longest:,} at most."
        raise web.HTTPBadRequest(text=sentence, headers=_about(name))
    return text


def _suffix(portrait: IO[bytes]) -> str:
    """Tell what kind of picture it is by its bytes; its name says nothing."""
    size = portrait.seek(0, 2)
    portrait.seek(0)
    head = portrait.read(8)
    portrait.seek(0)
    if size > MAX_PORTRAIT:
        raise _too_large()
    for signature, suffix in _SUFFIXES.items():
        if head.startswith(signature):
            return suffix
    raise web.HTTPUnsupportedMediaType(
        text="The portrait must be a PNG or JPEG picture.", headers=_about("portrait")
    )


def _too_large() -> web.HTTPException:
    return web.HTTPRequestEntityTooLarge(
        max_size=MAX_PORTRAIT, actual_size=0, text=_TOO_LARGE, headers=_about("portrait")
    )


def _about(field: str) -> dict[str, str]:
    """Return the header that ties a refusal to its field of the form."""
    return {"X-Field": field}
