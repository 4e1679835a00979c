"""A vendor whose videos are done at once, and a file server that misbehaves as a test says."""

from __future__ import annotations

import contextlib

from aiohttp import web
from aiohttp.test_utils import TestServer

BOX = b"\0\0\0\x18ftypmp42"
FIRST = BOX + b"A" * 4000
SECOND = BOX + b"B" * 4000


class Vendor:
    """``urls`` are what the looks at a video give, ``answers`` what the file server does.

    Of both, each is used once, and the last one for ever. ``asked`` are the requests for files.
    """

    def __init__(self):
        self.urls = ["/video.mp4"]
        self.answers = [whole(FIRST)]
        self.asked = []
        self.looks = self.posts = 0
        self.url = ""

    async def create(self, request):
        self.posts += 1
        data = {"video_id": f"v{self.posts}", "status": "waiting", "output_format": "mp4"}
        return web.json_response({"data": data})

    async def look(self, request):
        self.looks += 1
        url = self.urls.pop(0) if len(self.urls) > 1 else self.urls[0]
        if url is not None and url.startswith("/") and not url.startswith("//"):
            url = self.url + url
        data = {"id": request.match_info["id"], "status": "completed", "video_url": url}
        return web.json_response({"data": data})

    async def statuses(self, request):
        raise web.HTTPForbidden  # one by one, please

    async def file(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)

    @property
    def ranges(self):
        return [request.headers.get("Range") for request in self.asked]

    @property
    def targets(self):
        """The request targets, byte for byte as they came."""
        return [request.raw_path for request in self.asked]


@contextlib.asynccontextmanager
async def running(*, host="127.0.0.1", ssl=None):
    """Give a vendor whose server runs."""
    vendor = Vendor()
    app = web.Application()
    app.router.add_post("/v3/videos", vendor.create)
    app.router.add_get("/v3/videos/statuses", vendor.statuses)
    app.router.add_get("/v3/videos/{id}", vendor.look)
    app.router.add_route("*", "/{path:.*}", vendor.file)
    server = TestServer(app, host=host)
    await server.start_server(ssl=ssl)
    try:
        vendor.url = f"{server.scheme}://{server.host}:{server.port}"
        yield vendor
    finally:
        await server.close()


def whole(body, status=200, **headers):
    """Answer with ``body``."""

    async def answer(request):
        return web.Response(status=status, body=body, headers=named(headers))

    return answer


def moved(location, status=302):
    return whole(b"", status, Location=location)


def part(body, total=None, start=None, size=None, **headers):
    """Answer a request for a range of ``body`` with it, whatever ``If-Range`` says."""

    async def answer(request):
        if "Range" not in request.headers:
            return await whole(body, **headers)(request)
        asked = int(request.headers["Range"].removeprefix("bytes=").rstrip("-"))
        begin = asked if start is None else start
        span = f"bytes {begin}-{len(body) - 1}/{total or len(body)}"
        sent = body[begin:] if size is None else body[begin : begin + size]
        return web.Response(status=206, body=sent, headers=named(headers | {"Content-Range": span}))

    return answer


def cut(body, size, *, chunked=False, **headers):
    """Send ``size`` bytes of ``body``, from where it is asked for, and drop the connection."""

    async def answer(request):
        response = web.StreamResponse(headers=named(headers))
        begin = 0
        if "Range" in request.headers:
            begin = int(request.headers["Range"].removeprefix("bytes=").rstrip("-"))
            response.set_status(206)
            response.headers["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
        if chunked:
            response.enable_chunked_encoding()
        else:
            response.content_length = len(body) - begin
        await response.prepare(request)
        await response.write(body[begin : begin + size])
        request.transport.close()
        return response

    return answer


def named(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}
