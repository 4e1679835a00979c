"""Reading requests strictly: a JSON body, a query string, a page's limit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from heygen_async.emulator._errors import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from heygen_async.emulator._schema import Json, Shape

MAX_LIMIT = 100


async def read_json(request: web.Request, shape: Shape) -> Json:
    """Return the JSON object in the body, which has *shape*; 400 for anything else."""
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


def read_limit(query: Mapping[str, str], default: int) -> int:
    """Return the size of a page, from 1 to 100."""
    text = query.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_LIMIT):
        raise invalid("limit", f"limit should be an integer from 1 to {MAX_LIMIT}.")
    return int(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
