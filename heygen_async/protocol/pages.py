"""Pages of a list, with the cursor to the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import evolve, frozen

from heygen_async.protocol.convert import converter, readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from heygen_async.protocol.request import Request

T = TypeVar("T")


@frozen(kw_only=True)
class Page(Generic[T]):
    """Some items of a list; ``next_token`` is None on the last page.

    ``left_out`` counts the rows that made no sense.
    """

    items: tuple[T, ...]
    next_token: str | None
    left_out: int = 0


def page(cls: type[T]) -> Callable[[Any], Page[T]]:
    """Return the decoder of v3 lists: ``{"data": […], "has_more": …, "next_token": …}``."""

    def decode(payload: Any) -> Page[T]:
        token = payload.get("next_token") if payload.get("has_more") else None
        rows = rows_of(payload)
        items = readable(rows, lambda row: converter.structure(row, cls))
        return Page(
            items=items,
            next_token=None if token is None else converter.structure(token, str),
            left_out=len(rows) - len(items),
        )

    return decode


def rows_of(payload: Any) -> list[Any]:
    """Return the rows of a list answer; raises ``TypeError`` if there are none to be had."""
    rows = payload["data"]
    if not isinstance(rows, list) or (rows and not any(isinstance(row, dict) for row in rows)):
        raise TypeError(f"data must be a list of objects, not {type(rows).__name__}")
    return rows


def whole(request: Request[Page[T]], *needed: str) -> Request[Page[T]]:
    """Return the request for a page whose rows all tell the ``needed`` fields.

    A search that finds nothing is a reason to pay again, so a row that cannot be read may not
    count as another's.
    """

    def decode(payload: Any) -> Page[T]:
        found = request.decode(payload)
        unread = any(name in getattr(row, "extra", ()) for row in found.items for name in needed)
        if unread or found.left_out:
            raise ValueError("a row of the list cannot be read, and may be the one searched for")
        return found

    return evolve(request, decode=decode)
