"""JoggAI's envelope ``{rid, code, msg, data}``, for success and refusal alike."""

from __future__ import annotations

import uuid
from types import MappingProxyType
from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._world import WORLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._errors import ApiError
    from heygen_async.emulator._schema import Json

CODES: Mapping[int, int] = {
    400: 40000,
    401: 10105,
    402: 18020,
    403: 18025,
    404: 10104,
    429: 429,
}
"""The business code of each kind of refusal; 50000 for all others."""

SYSTEM_ERROR = 50000

MESSAGES: Mapping[int, str] = {
    10104: "Record not found",
    10105: "Invalid API key",
    18020: "Insufficient credit",
    18025: "No permission to call APIs",
    429: "Rate limit exceeded. Please try again later.",
    SYSTEM_ERROR: "System error",
}

HTTP: Mapping[int, int] = MappingProxyType({10105: 401, 429: 429})
"""The HTTP status of a business code where it is not 200."""


def answer(data: Json) -> web.Response:
    """Return the answer of success."""
    return web.json_response({"rid": uuid.uuid4().hex, "code": 0, "msg": "success", "data": data})


def refuse(request: web.Request, error: ApiError) -> web.Response:
    """Return a refusal; the drift may give its code another HTTP status."""
    code = CODES.get(error.status, SYSTEM_ERROR)
    message = MESSAGES.get(code)
    if message is None:
        where = f"{error.param}: " if error.param else ""
        message = f"Parameter error: {where}{error.message}"
    status = {**HTTP, **request.app[WORLD].drift.jogg_http}.get(code, 200)
    body = {"rid": uuid.uuid4().hex, "code": code, "msg": message, "data": None}
    return web.json_response(body, status=status, headers=error.headers)
