"""A request as a value: what to send, and how to read the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import field, frozen

T = TypeVar("T")

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@frozen(kw_only=True)
class Upload:
    """A file to send as multipart field ``file``."""

    content: Path | bytes = field(repr=False)
    filename: str
    content_type: str


@frozen(kw_only=True)
class Request(Generic[T]):
    """One call; ``decode`` turns the parsed JSON of a good answer into ``T``.

    ``paid`` marks a call whose lost answer may cost money.
    """

    method: str
    path: str
    decode: Callable[[Any], T]
    params: Mapping[str, str] = field(factory=dict)
    json: Any = None
    upload: Upload | None = None
    paid: bool = False
    idempotency_key: str | None = None

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.method in _SAFE_METHODS or self.idempotency_key is not None


def query(**values: object) -> dict[str, str]:
    """Return the query parameters that are not None, as text."""
    return {name: str(value) for name, value in values.items() if value is not None}
