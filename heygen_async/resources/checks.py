"""What every namespace wants of the ids it is given."""

from __future__ import annotations

from heygen_async.errors import InvalidRequestError


def named(name: str, value: str) -> str:
    """Return ``value`` if it can be an id, else raise ``InvalidRequestError``."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequestError(f"{name} must be a non-empty str, not {value!r}")
    return value
