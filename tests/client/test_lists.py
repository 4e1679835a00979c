"""Options of one call in every list of both clients, on a server with two pages of nothing."""

from __future__ import annotations

import asyncio
import inspect
from operator import attrgetter

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from heygen_async import HeyGen, InvalidRequestError, JoggAI, RetryPolicy, TransportError
from tests.operations_table import namespaces

CLIENTS = {"heygen": HeyGen, "jogg": JoggAI}
STREAMS = {"heygen.realtime.words", "heygen.model_voices.stream"}  # one request, and no pages
LISTS = [
    f"{way}.{name}"
    for path, cls in CLIENTS.items()
    for way, namespace in namespaces(path, cls("key"))
    for name, method in inspect.getmembers(namespace, inspect.ismethod)
    if not name.startswith("_")
    and str(inspect.signature(method).return_annotation).startswith("AsyncIterator")
    and f"{way}.{name}" not in STREAMS
]
WHOLE = {  # the vendor gives them in one page
    "jogg.avatars.product",
    "jogg.templates.custom",
    "jogg.templates.list",
    "jogg.visual_styles.list",
    "jogg.voices.custom",
    "jogg.webhooks.endpoints.list",
}

pytestmark = pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")


@pytest.fixture
async def server():
    """Give a server's URL and a list that gets one header of each request.

    Each of its two pages takes 2 s.
    """
    traces = []

    async def answer(request):
        traces.append(request.headers.get("X-Trace"))
        await asyncio.sleep(2)
        more = "token" not in request.query and request.query.get("page") != "2"
        if request.headers["x-api-key"] == "heygen":
            return web.json_response({"data": [], "has_more": more, "next_token": "t"})
        return web.json_response({"code": 0, "data": {"has_more": more}})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as running:
        yield str(running.make_url("")), traces


@pytest.mark.parametrize("way", LISTS)
async def test_every_list_takes_timeout_and_headers(server, way):
    """For the request of each page, and for no other call; bad ones are refused unsent."""
    vendor, _, name = way.partition(".")
    once = RetryPolicy(max_attempts=1)
    url, traces = server
    async with CLIENTS[vendor](vendor, base_url=url, retry=once) as client:
        method = attrgetter(name)(client)
        parameters = inspect.signature(method).parameters.values()
        needed = {each.name: "x" for each in parameters if each.default is each.empty}
        for bad in ({"timeout": 0}, {"headers": {"X-Api-Key": "other"}}):
            with pytest.raises(InvalidRequestError):
                method(**needed, **bad)
        assert traces == []
        assert [each async for each in method(**needed, timeout=3, headers={"X-Trace": "t"})] == []
        assert [each async for each in method(**needed)] == []
        count = 1 if way in WHOLE else 2
        assert traces == ["t"] * count + [None] * count
        with pytest.raises(TransportError, match="no answer in time"):
            await anext(method(**needed, timeout=1))
