"""Ways for a request to reach a receiver: aiohttp, uvicorn, and ASGI driven by hand."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import aiohttp
import uvicorn
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

PATH = "/hooks/heygen"


class Asgi:
    """Drives an ASGI application as a server would."""

    def __init__(self, app):
        self.app = app
        self.sent = []

    async def receive(self, messages):
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    async def send(self, message):
        self.sent.append(message)

    async def http(self, method, messages, headers):
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": PATH, "headers": pairs}
        await self.app(scope, lambda: self.receive(messages), self.send)

    async def request(self, method, chunks, headers):
        messages = [
            {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
        ] + [{"type": "http.request"}]
        await self.http(method, messages, headers)
        start, body = self.sent[-2:]
        return start["status"], body["body"], dict(start["headers"]).get(b"allow", b"").decode()


@asynccontextmanager
async def by_hand(receiver):
    """Drive the ASGI application without a server."""
    asgi = Asgi(receiver.asgi)

    async def send(method, body=b"", headers=None):
        headers = dict(headers or {})
        if isinstance(body, bytes):
            headers["Content-Length"] = str(len(body))
        return await asgi.request(method, [body] if isinstance(body, bytes) else body, headers)

    yield send


@asynccontextmanager
async def through_aiohttp(receiver):
    app = web.Application()
    app.add_routes(receiver.routes(PATH))
    async with TestClient(TestServer(app, host="127.0.0.1")) as http:
        yield sender(http)


@asynccontextmanager
async def through_uvicorn(receiver):
    async with served(receiver.asgi) as url, aiohttp.ClientSession(url) as http:
        yield sender(http)


@asynccontextmanager
async def served(app):
    """Run an ASGI application in uvicorn; gives its URL."""
    config = uvicorn.Config(app, ws="none", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        while not server.started:
            await asyncio.sleep(0.001)
        try:
            yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


def sender(http):
    """Return the function that sends requests with an aiohttp session."""

    async def chunked(chunks):
        for chunk in chunks:
            yield chunk

    async def send(method, body=b"", headers=None):
        data = body if isinstance(body, bytes) else chunked(body)
        async with http.request(method, PATH, data=data, headers=headers) as answer:
            return answer.status, await answer.read(), answer.headers.get("Allow", "")

    return send
