"""HeyGen as the client knows it: its address, its kinds of jobs, and what it has retired."""

from heygen_async.protocol.answers import read
from heygen_async.protocol.heygen import (
    avatars,
    brands,
    edits,
    media,
    quality,
    templates,
    translations,
    v2,
    video_agents,
    videos,
    voices,
    workflows,
)
from heygen_async.protocol.idempotency import honours_key
from heygen_async.protocol.vendors import Vendor

HEYGEN = Vendor(
    api="HeyGen",
    base_url="https://api.heygen.com",
    key_variable="HEYGEN_API_KEY",
    url_variable="HEYGEN_BASE_URL",
    honours_key=honours_key,
    read=read,
    uploads=media.UPLOADS,
    kinds=(
        *videos.KINDS,
        templates.TEMPLATE_VIDEO,
        avatars.AVATAR,
        *voices.KINDS,
        *translations.KINDS,
        *brands.KINDS,
        *edits.KINDS,
        video_agents.AGENT,
        quality.COMPARISON,
        workflows.RUN,
        *v2.KINDS,
    ),
    retired=("/v1/", "/v2/"),
    retirement=(
        "HeyGen retired its v1 and v2 API on 2026-11-01: instead of LegacyVideo use ImageVideo or "
        "AvatarVideo, instead of AddMotion their motion_prompt, instead of v2.photo_avatars avatars"
    ),
)
