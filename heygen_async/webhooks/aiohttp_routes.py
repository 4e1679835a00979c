"""Deliveries through an ``aiohttp.web`` application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.webhooks.intake import ALLOW

if TYPE_CHECKING:
    from heygen_async.webhooks.intake import Intake

_CHUNK = 65536


def routes(intake: Intake, path: str) -> list[web.RouteDef]:
    """Return the routes of ``path``, for ``app.add_routes``."""

    async def deliver(request: web.Request) -> web.Response:
        try:
            status = await intake.respond(
                request.method, request.headers, request.content.iter_chunked(_CHUNK)
            )
        except (web.RequestPayloadError, ConnectionError):
            status = 400  # the body broke off; if anybody is left to hear it
        return web.Response(status=status, headers={"Allow": ALLOW} if status == 405 else None)  # noqa: PLR2004 - method not allowed

    return [web.route("*", path, deliver)]
