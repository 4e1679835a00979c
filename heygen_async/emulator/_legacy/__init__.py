"""HeyGen's v1 and v2, one module per area, each ending in a table of its routes."""

from heygen_async.emulator._legacy import account, groups, motions, photo_avatars, photos, videos

ROUTES = (
    *videos.ROUTES,
    *motions.ROUTES,
    *photos.ROUTES,
    *groups.ROUTES,
    *photo_avatars.ROUTES,
    *account.ROUTES,
)
