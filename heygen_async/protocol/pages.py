"""Pages of a list, with the cursor to the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import frozen

from heygen_async.protocol.convert import converter

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


@frozen(kw_only=True)
class Page(Generic[T]):
    """Some items of a list; ``next_token`` is None on the last page."""

    items: tuple[T, ...]
    next_token: str | None


def page(cls: type[T]) -> Callable[[Any], Page[T]]:
    """Return the decoder of v3 lists: ``{"data": […], "has_more": …, "next_token": …}``."""

    def decode(payload: Any) -> Page[T]:
        items = tuple(converter.structure(item, cls) for item in payload["data"])
        token = payload.get("next_token") if payload.get("has_more") else None
        return Page(items=items, next_token=token)

    return decode
