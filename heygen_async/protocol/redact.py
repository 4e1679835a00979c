"""What may be written down of a URL."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_QUERY = re.compile(r"(https?://[^\s?\"'<>]+)\?(?!…)[^\s\"'<>]*")


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


def redact_text(text: str) -> str:
    """Return ``text`` with the query of each URL in it left out."""
    return _QUERY.sub(r"\1?…", text)
