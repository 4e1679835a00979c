"""Lists that page by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from heygen_async.errors import ResponseError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from heygen_async.protocol.operations import Page

T = TypeVar("T")


async def pages(fetch: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """Yield the items of all pages; a page is fetched when the one before it is used up.

    A server that ignores page numbers gives the same page again; that is taken as the end.
    """
    token: str | None = None
    seen: set[str] = set()
    before: list[object] = []
    while True:
        page = await fetch(token)
        # By what they are known by; the rest of them may differ from answer to answer.
        ids = [getattr(item, "id", None) or getattr(item, "voice_id", item) for item in page.items]
        if ids and ids == before:
            return
        before = ids
        for item in page.items:
            yield item
        token = page.next_token
        if token is None:
            return
        if token in seen:
            raise ResponseError("the list came back to a page that it had given before")
        seen.add(token)
