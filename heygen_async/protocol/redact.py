"""What may be written down of a URL."""

from __future__ import annotations

from urllib.parse import urlsplit


def redact(url: str) -> str:
    """Return ``url`` without its query, fragment and credentials, where signatures are kept."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an unreadable URL"
    if not parts.netloc:
        return parts.path
    hidden = "?…" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}{hidden}"
