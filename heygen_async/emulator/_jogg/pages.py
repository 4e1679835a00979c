"""Pages of JoggAI's lists: ``page`` from 1 and ``page_size``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from heygen_async.emulator._requests import read_integer, read_query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

T = TypeVar("T")

PAGE_SIZE = 10
MAX_PAGE_SIZE = 100


def read_page_query(request: web.Request, *filters: str) -> Mapping[str, str]:
    """Return the query of a list, which may have a page and these *filters*."""
    return read_query(request, "page", "page_size", *filters)


def cut(rows: Sequence[T], query: Mapping[str, str]) -> tuple[Sequence[T], bool]:
    """Return the rows of one page and whether there are more after it."""
    size = read_integer(query, "page_size", PAGE_SIZE, MAX_PAGE_SIZE)
    stop = read_integer(query, "page", 1) * size
    return rows[stop - size : stop], stop < len(rows)
