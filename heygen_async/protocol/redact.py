"""What may be written down of a URL."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Some JSON has \/ for each slash.
_QUERY = re.compile(r"(?i)(https?:(?:\\?/){2}[^\s?\"'<>]+)\?(?!…)[^\s\"'<>]*")


def redact(url: str) -> str:
    """Return ``url`` without its query, fragment and credentials, where signatures are kept.

    What cannot be printed, or written into a ledger, is escaped.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an unreadable URL"
    hidden = "?…" if parts.query else ""
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""
    shown = f"{place}{parts.path}{hidden}"
    return shown if shown.isprintable() else ascii(shown)[1:-1]


def redact_text(text: str) -> str:
    """Return ``text`` with the query of each URL in it left out."""
    return _QUERY.sub(r"\1?…", text)


def may_be_kept(text: str) -> bool:
    """Tell whether no URL in ``text``, which may be JSON, has a query that may be a signature."""
    return _QUERY.search(text) is None
