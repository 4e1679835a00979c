"""The envelopes of v1 and v2, of success and of refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async.emulator._errors import refuse_v3
from heygen_async.emulator._world import WORLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._errors import ApiError
    from heygen_async.emulator._schema import Json

V1_CODES: Mapping[str, int] = {
    "invalid_parameter": 400175,
    "missing_parameter": 40001,
    "video_not_found": 40031,
}
"""The numbers of v1; where it has none of its own the HTTP status stands in."""


def answer_v2(data: Json) -> web.Response:
    """Return ``{"error": null, "data": …}``."""
    return web.json_response({"error": None, "data": data})


def answer_v1(data: Json) -> web.Response:
    """Return ``{"code": 100, "data": …, "message": "Success"}``."""
    return web.json_response({"code": 100, "data": data, "message": "Success"})


def refuse(request: web.Request, error: ApiError) -> web.Response:
    """Return a refusal in the envelope of the version that was asked.

    ``/v2/videos`` stands in the document of v3, and so do its errors.
    """
    if request.path.startswith("/v1/"):
        return _refuse_v1(error)
    if request.path.startswith("/v2/") and not request.path.startswith("/v2/videos"):
        return _refuse_v2(error, as_text=request.app[WORLD].drift.v2_errors == "text")
    return refuse_v3(error)


def _refuse_v1(error: ApiError) -> web.Response:
    code = V1_CODES.get(error.code, error.status)
    body = {"code": code, "message": _message(error)}
    return web.json_response(body, status=error.status, headers=error.headers)


def _refuse_v2(error: ApiError, *, as_text: bool) -> web.Response:
    message = _message(error)
    body = {"error": message if as_text else {"code": error.code, "message": message}, "data": None}
    return web.json_response(body, status=error.status, headers=error.headers)


def _message(error: ApiError) -> str:
    """Return the message, which has to name the parameter: there is no field for it."""
    return f"{error.param} is invalid: {error.message}" if error.param else error.message
