"""The v3 envelopes of success, and pages of a list under an opaque token."""

from __future__ import annotations

import base64
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

from heygen_async.emulator._errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from heygen_async.emulator._schema import Json

T = TypeVar("T")

_PREFIX = "after:"


def single(data: Json) -> web.Response:
    """Return the answer that carries one resource."""
    return web.json_response({"data": data})


def listing(rows: Sequence[Json], next_token: str | None = None) -> web.Response:
    """Return the answer that carries a list; the cursors stand beside ``data``."""
    return web.json_response(
        {"data": rows, "has_more": next_token is not None, "next_token": next_token}
    )


def cut_page(
    rows: Iterable[T], *, position: Callable[[T], int], limit: int, token: str | None
) -> tuple[list[T], str | None]:
    """Return one page of *rows*, which ascend by *position*, and the token of the next one.

    A token is the position of the last row seen, so that rows may come and go in between.
    """
    last = None if token is None else _decode(token)
    fresh = (row for row in rows if last is None or position(row) > last)
    page = list(islice(fresh, limit + 1))
    if len(page) <= limit:
        return page, None
    page.pop()
    return page, _encode(position(page[-1]))


def _encode(position: int) -> str:
    return base64.urlsafe_b64encode(f"{_PREFIX}{position}".encode()).decode()


def _decode(token: str) -> int:
    try:
        text = base64.b64decode(token, altchars="-_", validate=True).decode()
        return int(text.removeprefix(_PREFIX) if text.startswith(_PREFIX) else "")
    except ValueError:
        raise invalid("token", "Invalid pagination token") from None
