"""Which operations honour ``Idempotency-Key``, and what a key may look like.

HeyGen replays the first answer to a repeated key for 24 hours on exactly these operations, and
without end where it runs workflows; https://developers.heygen.com/docs/idempotency
"""

from __future__ import annotations

import re
import uuid

from heygen_async.errors import InvalidRequestError

OPERATIONS = (
    "/v3/videos",
    "/v3/videos/batches",
    "/v3/avatars",
    "/v3/avatars/{group_id}/consent",
    "/v3/templates/{template_id}",
    "/v3/video-translations",
    "/v3/video-translations/batches",
    "/v3/video-translations/proofreads",
    "/v3/video-translations/proofreads/{proofread_id}/generate",
    "/v3/lipsyncs",
    "/v3/lipsyncs/batches",
    "/v3/ai-clipping",
    "/v3/hyperframes/renders",
    "/v3/assets",
    "/v3/assets/direct-uploads",
    "/v3/assets/direct-uploads/batches",
    "/v3/assets/complete/batches",
    "/v3/webhooks/endpoints",
    "/v3/webhooks/endpoints/{endpoint_id}/rotate-secret",
    "/v3/brand-glossaries",
    "/v3/brand-kits",
    "/v3/filler-word-removals",
    "/v3/podcasts",
    "/v3/models/audio/voices",
    "/v3/video-quality/comparisons",
    "/v3/video-quality/comparisons/batches",
    "/v3/workflows",
    "/v3/workflows/{workflow_id}/versions",
    "/v3/workflow-runs",
)
"""The paths whose POST honours a key."""

DURABLE = frozenset({"/v3/workflow-runs"})
"""Those of them that keep a key for good."""

KEY_LIFETIME = 23.5 * 3600
"""Seconds for which an idempotency key is trusted; the vendor keeps it for 24 hours."""

CLOCK_SKEW = 300.0
"""Seconds by which this machine's clock and the vendor's may differ."""

_KEY = re.compile(r"[A-Za-z0-9_\-:.]{1,255}")
_PATHS = re.compile("|".join(re.sub(r"\{\w+\}", "[^/]+", path) for path in OPERATIONS))


def honours_key(method: str, path: str) -> bool:
    """Tell whether the operation replays its answer to a repeated key."""
    return method == "POST" and _PATHS.fullmatch(path) is not None


def check_key(key: str) -> str:
    """Return ``key`` if the vendor accepts it, else raise ``InvalidRequestError``."""
    if not is_key(key):
        raise InvalidRequestError(
            f"idempotency_key must be 1 to 255 letters, digits or '_-:.', not {key!r}"
        )
    return key


def one_key(key: str | None, idempotency_key: str | None) -> str | None:
    """Return the key of a call, which has two names; raises ``InvalidRequestError`` for two."""
    if key is not None and idempotency_key is not None and key != idempotency_key:
        raise InvalidRequestError(
            f"key={key!r} and idempotency_key={idempotency_key!r} are the same thing: give one"
        )
    return idempotency_key if key is None else key


def is_key(key: object) -> bool:
    """Tell whether the vendor accepts ``key``."""
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def mint_key() -> str:
    """Return a new key, for one logical call."""
    return uuid.uuid4().hex


def outlived(path: str, sent_at: float, now: float) -> bool:
    """Tell whether a key that was sent first at ``sent_at`` may be forgotten (Unix seconds).

    The vendor takes a forgotten key for a new one, and the call is paid again. A time in the
    future is a clock that was set back, which tells nothing of the key's age.
    """
    return path not in DURABLE and not -CLOCK_SKEW <= now - sent_at < KEY_LIFETIME
