"""The journal: which requests arrived, with what headers, and what they were answered."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

import attrs

REMEMBERED = 10_000
"""How many of the last requests are kept whole; the counts know them all."""


@attrs.frozen(kw_only=True)
class Received:
    """One request: ``status`` is None if the connection was lost before the answer was out.

    ``route`` is the route's pattern (``GET /v3/videos/{video_id}``), ``FILES`` for the file
    server, ``unmatched`` where nothing fits. ``at`` is loop time in seconds. ``headers`` finds
    names in any case.
    """

    method: str
    path: str
    route: str
    headers: Mapping[str, str]
    status: int | None
    at: float


class Journal:
    """The last requests whole, and how many there were of each route."""

    __slots__ = ("counts", "requests")

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.requests: deque[Received] = deque(maxlen=REMEMBERED)
