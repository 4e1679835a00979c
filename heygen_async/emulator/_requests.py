"""Reading requests strictly: a JSON body, a query string, a page's limit."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

from heygen_async.emulator._errors import invalid
from heygen_async.emulator._schema import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from heygen_async.emulator._schema import Json, Shape

MAX_LIMIT = 100


async def read_json(request: web.Request, shape: Shape) -> Json:
    """Return the JSON object in the body, which has *shape*; 400 for anything else.

    A query string beside a body is refused too.
    """
    read_query(request)
    if request.content_type != "application/json":
        raise invalid(None, "Content-Type should be application/json.")
    try:
        body: Json = json.loads(await request.read(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise invalid(None, "The request body is not valid JSON.") from None
    shape.check(body, "")
    return body


def read_query(request: web.Request, *allowed: str) -> Mapping[str, str]:
    """Return the query parameters; 400 for one that is not *allowed* or is given twice."""
    for name in request.query:
        if name not in allowed:
            raise invalid(name, f"Unknown query parameter {name}.")
        if len(request.query.getall(name)) > 1:
            raise invalid(name, f"Query parameter {name} is given twice.")
    return request.query


def read_limit(query: Mapping[str, str], default: int, maximum: int = MAX_LIMIT) -> int:
    """Return the size of a page, from 1 to *maximum*."""
    return read_integer(query, "limit", default, maximum)


def read_integer(
    query: Mapping[str, str], name: str, default: int, maximum: int | None = None
) -> int:
    """Return an integer parameter of at least 1 and at most *maximum*."""
    text = query.get(name, str(default))
    if not (re.fullmatch("[0-9]{1,9}", text) and int(text) >= 1):
        raise invalid(name, f"{name} should be an integer of at least 1.")
    if maximum is not None and int(text) > maximum:
        raise invalid(name, f"{name} should be an integer of at most {maximum}.")
    return int(text)


def read_choice(query: Mapping[str, str], name: str, words: tuple[str, ...]) -> str | None:
    """Return a parameter that is one of *words*, None if it is not given."""
    if name in query:
        Choice(words).check(query[name], name)
    return query.get(name)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
