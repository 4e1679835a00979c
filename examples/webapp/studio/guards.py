"""Keeps strangers out: who may ask, and what a page of ours may load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

_OUR_NAMES = frozenset({"127.0.0.1", "localhost"})
_READS = frozenset({"GET", "HEAD"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src 'self' https://*.heygen.ai https://*.heygen.com http://127.0.0.1:*; "  # voices
        "connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer only this machine, and let no other site order: the app has no login."""
    if request.url.host not in _OUR_NAMES:  # another name may be one that points here by a trick
        raise web.HTTPForbidden(text="This app answers only on this machine.")
    origin = f"{request.scheme}://{request.host}"
    if request.method not in _READS and request.headers.get("Origin") != origin:
        raise web.HTTPForbidden(text="Only the page of this app may do that.")
    return await handler(request)


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Add the security headers to every answer."""
    response.headers.update(_HEADERS)
