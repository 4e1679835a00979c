"""HeyGen's v3, one module per area, each ending in a table of its routes."""

from heygen_async.emulator._heygen import (
    assets,
    avatars,
    looks,
    uploads,
    users,
    videos,
    voices,
    webhooks,
)

ROUTES = (
    *videos.ROUTES,
    *looks.ROUTES,
    *avatars.ROUTES,
    *assets.ROUTES,
    *uploads.ROUTES,
    *voices.ROUTES,
    *users.ROUTES,
    *webhooks.ROUTES,
)
