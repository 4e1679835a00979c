"""JoggAI's v2, one module per area, each ending in a table of its routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.emulator._jogg import (
    assets,
    avatars,
    motions,
    photos,
    users,
    videos,
    voices,
    webhooks,
)
from heygen_async.emulator._jogg.throttle import throttle
from heygen_async.emulator._middlewares import (
    authenticate,
    drift,
    explain,
    observe,
    pause,
)
from heygen_async.emulator._sabotage import sabotage

if TYPE_CHECKING:
    from aiohttp.typedefs import Middleware

MIDDLEWARES: tuple[Middleware, ...] = (
    observe,
    sabotage,
    drift,
    explain,
    authenticate,
    throttle,
    pause,
)

ROUTES = (
    *photos.ROUTES,
    *motions.ROUTES,
    *avatars.ROUTES,
    *videos.ROUTES,
    *assets.ROUTES,
    *voices.ROUTES,
    *users.ROUTES,
    *webhooks.ROUTES,
)
