"""Idempotency keys: a second POST with the same key gets the first one's answer.

The vendor's rules: the answer is replayed for 24 hours even to another body, a key in flight
is refused with 409, and a key belongs to one method and path. Only answers of success are
kept here, so a refused request may be sent again under its key.
"""

from __future__ import annotations

import re

import attrs
from aiohttp import web

from heygen_async.emulator._errors import ApiError, invalid

HEADER = "Idempotency-Key"
PATTERN = re.compile(r"[A-Za-z0-9_\-:.]{1,255}")
WINDOW = 24 * 3600.0

HONOURED = frozenset(
    {
        "POST /v3/videos",
        "POST /v3/avatars",
        "POST /v3/avatars/{group_id}/consent",
        "POST /v3/assets",
        "POST /v3/assets/direct-uploads",
        "POST /v3/webhooks/endpoints",
        "POST /v3/webhooks/endpoints/{endpoint_id}/rotate-secret",
    }
)
"""The operations that look at the header; all others ignore it."""

Scope = tuple[str, str, str]
"""Method, path and key."""


@attrs.frozen(kw_only=True)
class Answer:
    """A stored answer, replayed until a moment of the loop's clock."""

    status: int
    text: str
    expires_at: float

    def response(self) -> web.Response:
        """Return the answer once more."""
        return web.Response(status=self.status, text=self.text, content_type="application/json")


class IdempotencyStore:
    """The keys in flight and the answers already given."""

    __slots__ = ("_answers", "_in_flight")

    def __init__(self) -> None:
        self._in_flight: set[Scope] = set()
        self._answers: dict[Scope, Answer] = {}

    def begin(self, scope: Scope, *, now: float) -> Answer | None:
        """Return the answer to replay, or reserve the key and return None; 409 in between."""
        self._drop_expired(now)
        if answer := self._answers.get(scope):
            return answer
        if scope in self._in_flight:
            raise ApiError(
                409,
                "request_in_progress",
                "A request with this Idempotency-Key is already in progress. Retry shortly.",
            )
        self._in_flight.add(scope)
        return None

    def end(self, scope: Scope) -> None:
        """Give the key free again."""
        self._in_flight.discard(scope)

    def store(self, scope: Scope, response: web.Response, *, now: float) -> None:
        """Keep an answer of success for 24 hours; a refusal is raised and never gets here."""
        self._answers[scope] = Answer(
            status=response.status, text=response.text or "", expires_at=now + WINDOW
        )

    def _drop_expired(self, now: float) -> None:
        while self._answers:
            oldest = next(iter(self._answers))
            if self._answers[oldest].expires_at > now:
                return
            del self._answers[oldest]


def scope_of(request: web.Request, route: str) -> Scope | None:
    """Return what a request's key covers, None if it carries none that *route* looks at."""
    key = request.headers.get(HEADER)
    if key is None or route not in HONOURED:
        return None
    if not PATTERN.fullmatch(key):
        raise invalid(HEADER, "Idempotency-Key should match ^[A-Za-z0-9_\\-:.]{1,255}$.")
    return request.method, request.path, key
