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
    many = tuple[cls, ...]  # type: ignore[valid-type] # a type made at run time

    def decode(payload: Any) -> Page[T]:
        token = payload.get("next_token") if payload.get("has_more") else None
        return Page(
            items=converter.structure(rows_of(payload), many),
            next_token=None if token is None else converter.structure(token, str),
        )

    return decode


def rows_of(payload: Any) -> list[Any]:
    """Return the rows of a list answer; raises ``TypeError`` if there are none to be had."""
    rows = payload["data"]
    if not isinstance(rows, list):
        raise TypeError(f"data must be a list, not {type(rows).__name__}")
    return rows
