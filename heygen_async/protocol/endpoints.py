"""What both vendors want of a webhook endpoint, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable

from heygen_async.errors import InvalidRequestError
from heygen_async.models._checks import is_http_url


def https_url(url: str) -> str:
    """Return ``url`` if it is one, with a host, else raise ``InvalidRequestError``."""
    if not is_http_url(url) or not url.lower().startswith("https:"):
        raise InvalidRequestError(f"url must be an https URL with a host, not {url!r}")
    return url


def event_names(events: Iterable[str]) -> list[str]:
    """Return the names of event types as a list, else raise ``InvalidRequestError``."""
    names = list(events) if isinstance(events, Iterable) and not isinstance(events, str) else []
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise InvalidRequestError(
            f"events must be a list of one or more names of event types, not {events!r}"
        )
    return names
