"""HeyGen's API, one module per area, each ending in a table of its routes."""

from heygen_async.emulator._heygen import assets, videos, voices

ROUTES = (*videos.ROUTES, *assets.ROUTES, *voices.ROUTES)
