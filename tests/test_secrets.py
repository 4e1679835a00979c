"""The key stays home, and no answer can hurt: invariants 5 and 10, attacked at the public face."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import traceback

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from heygen_async import (
    HeyGen,
    HeyGenError,
    InsufficientCreditError,
    InvalidRequestError,
    JoggAI,
    Ledger,
    NotFoundError,
    ResponseError,
    RetryPolicy,
    SubmissionUnknownError,
)
from tests.conftest import image_video

KEY = "sk_V2_hgu_the_secret_of_the_house"
ONCE = RetryPolicy(max_attempts=1)


class Server:
    """Answers each request with what ``answer`` makes of it, and remembers them."""

    def __init__(self, answer):
        self.answer = answer
        self.seen = []

    async def __aenter__(self):
        async def handle(request):
            self.seen.append(request)
            answer = self.answer(request)
            return await answer if asyncio.iscoroutine(answer) else answer

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        self._server = TestServer(app)
        await self._server.start_server()
        self.url = str(self._server.make_url("/"))
        return self

    async def __aexit__(self, *error):
        await self._server.close()


def shown(error):
    """Return all that a tracker of errors would print: each frame's variables, and the chain."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    chain, parts = error, []
    while chain is not None:
        parts += [repr(chain), str(vars(chain)), str(getattr(chain, "request_info", ""))]
        chain = chain.__cause__ or chain.__context__
    # The test's own frame is not the library's: its variables are left out.
    frames = [str(frame.locals) for frame in told.stack if "heygen_async/" in frame.filename] + [
        str(frame.locals) for frame in told.stack if "aiohttp/" in frame.filename
    ]
    return "\n".join([*parts, *frames, *told.format_exception_only()])


def refused(_request):
    body = {"error": {"code": "insufficient_credit", "message": f"{KEY} has none"}}
    return web.json_response(body, status=402, headers={"X-Request-Id": f"r-{KEY}"})


def echoing(_request):
    return web.json_response(
        {"data": {"video_id": "v1", "status": KEY}, "error": f"{KEY} is low"},
        headers={"X-Request-Id": KEY},
    )


def garbage(_request):
    return web.Response(text=f"<html>{KEY}</html>")


async def never(_request):
    await asyncio.sleep(10_000)


def cut(request):
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize("answer", [refused, garbage, never, cut])
@pytest.mark.parametrize("call", ["submit", "get", "request", "list"])
async def test_no_error_shows_the_key(answer, call, caplog):
    """Neither its text, nor its chain, nor a variable of any frame of a traceback."""
    caplog.set_level(logging.DEBUG)
    told = []
    async with (
        Server(answer) as server,
        HeyGen(KEY, base_url=server.url, timeout=5, retry=ONCE, on_event=told.append) as heygen,
    ):
        with pytest.raises(HeyGenError) as caught:
            if call == "submit":
                await heygen.submit(image_video())
            elif call == "get":
                await heygen.videos.get("v1")
            elif call == "request":
                await heygen.request("POST", "/v3/anything", json={})
            else:
                [video async for video in heygen.videos.list()]
        assert server.seen[0].headers["x-api-key"] == KEY
    assert KEY not in shown(caught.value)
    assert KEY not in caplog.text
    assert KEY not in str(told)


async def test_a_cancellation_shows_no_key():
    """Its traceback leads through aiohttp, which holds the headers."""
    async with Server(never) as server, HeyGen(KEY, base_url=server.url) as heygen:
        asking = asyncio.create_task(heygen.videos.get("v1"))
        while not server.seen:
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await asking
    assert KEY not in shown(caught.value)


async def test_an_answer_that_echoes_the_key_is_read_without_it(tmp_path, caplog):
    """Not in the job, its warning, the hook, a log line at INFO or the ledger."""
    caplog.set_level(logging.INFO)
    told = []
    async with (
        Server(echoing) as server,
        HeyGen(KEY, base_url=server.url, on_event=told.append, retry=ONCE) as heygen,
        Ledger(tmp_path / "l") as ledger,
    ):
        job = await heygen.submit(image_video())
        outcomes = heygen.map([image_video(title="a")], key=lambda s: s.title, ledger=ledger)
        waiting = asyncio.create_task(anext(outcomes))
        while not (item := await ledger.get("a")) or item.token is None:
            await asyncio.sleep(0.1)
        await outcomes.aclose()
        await asyncio.gather(waiting, return_exceptions=True)
    assert "…" in job.warning
    assert KEY not in f"{job!r} {job.warning} {job.status} {told} {caplog.text}"
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert KEY.encode() not in written


@pytest.mark.parametrize("client", [HeyGen, JoggAI])
@pytest.mark.parametrize(
    "bad", ["a\nb", "a\r\nX-Evil: 1", "a\x00b", "a\x7fb", "a b", "ключ", "\ud800"]
)
def test_a_key_that_no_header_takes_is_refused_at_once(client, bad):
    """At construction, in words, and without showing it."""
    with pytest.raises(InvalidRequestError, match="copy it again") as caught:
        client(bad)
    assert str(repr(bad)).strip("'") not in shown(caught.value).replace("\\\\", "\\")


async def test_a_key_with_a_line_end_is_taken_without_it():
    """That is how files and shells hand it over."""
    async with Server(no_such) as server, HeyGen(f"{KEY}\n", base_url=server.url) as heygen:
        with pytest.raises(NotFoundError):
            await heygen.videos.get("v1")
        assert server.seen[0].headers["x-api-key"] == KEY


async def test_a_bomb_is_not_read_to_its_end():
    """Some hundred KiB of gzip hold more than the bound; reading stops there."""
    bomb = gzip.compress(b"[" + b" " * (80 * 1024 * 1024) + b"]")

    def explode(_request):
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with Server(explode) as server, HeyGen(KEY, base_url=server.url, retry=ONCE) as heygen:
        with pytest.raises(ResponseError, match="bytes"):
            await heygen.videos.get("v1")
        with pytest.raises(SubmissionUnknownError):
            await heygen.submit(image_video())


@pytest.mark.parametrize("levels", [101, 500, 900, 100_000])
async def test_a_deep_answer_is_refused(levels):
    """Deeper than any document of the vendor's, and than what Python can walk."""
    body = '{"data": {"id": "v1", "status": "completed", "x": ' + "[" * levels + "]" * levels + "}}"

    def deep(_request):
        return web.Response(text=body, content_type="application/json")

    async with Server(deep) as server, HeyGen(KEY, base_url=server.url, retry=ONCE) as heygen:
        with pytest.raises(ResponseError):
            await heygen.videos.get("v1")
        async with JoggAI(KEY, base_url=server.url, retry=ONCE) as jogg:
            with pytest.raises(ResponseError):
                await jogg.users.whoami()


async def test_a_wide_answer_is_read():
    """A long list has as many brackets, and is not deep."""
    rows = [{"id": f"v{number}", "status": "completed", "x": [[1]]} for number in range(500)]

    def wide(_request):
        return web.json_response({"data": rows, "has_more": False, "next_token": None})

    async with Server(wide) as server, HeyGen(KEY, base_url=server.url) as heygen:
        assert len([video async for video in heygen.videos.list()]) == 500


def no_such(_request):
    return web.json_response({"error": {"code": "not_found", "message": "no"}}, status=404)


@pytest.mark.parametrize("way", ["session", "middleware"])
async def test_a_lent_session_does_not_change_what_an_answer_means(way):
    """``raise_for_status`` of its own: a 402 is one POST, and a 404 is said at once."""

    async def strict(request, handler):
        response = await handler(request)
        response.raise_for_status()
        return response

    options = {"raise_for_status": True} if way == "session" else {"middlewares": (strict,)}
    async with Server(refused) as server, aiohttp.ClientSession(**options) as session:
        heygen = HeyGen(KEY, base_url=server.url, session=session)
        with pytest.raises(HeyGenError) as caught:
            await heygen.submit(image_video())
        assert isinstance(
            caught.value,
            InsufficientCreditError if way == "session" else SubmissionUnknownError,
        )
        assert KEY not in shown(caught.value)
        assert len(server.seen) == 1
        server.answer = no_such
        with pytest.raises(NotFoundError):
            await heygen.videos.get("v1")
        assert len(server.seen) == 2
        await heygen.aclose()


async def test_a_lent_session_may_have_a_timeout_of_its_own():
    """Ours is asked for with each request."""

    async def slow(_request):
        await asyncio.sleep(20)
        return web.json_response({"data": {"id": "v1", "status": "completed"}})

    timeout = aiohttp.ClientTimeout(total=1)
    async with Server(slow) as server, aiohttp.ClientSession(timeout=timeout) as session:
        heygen = HeyGen(KEY, base_url=server.url, session=session)
        assert (await heygen.videos.get("v1")).id == "v1"
        assert len(server.seen) == 1
        await heygen.aclose()


async def test_what_is_no_text_can_be_printed_all_the_same(caplog):
    """Half a surrogate pair, or a header beyond UTF-8, breaks no log, terminal or ledger."""

    def odd(_request):
        body = b'{"error": {"code": "insufficient_credit", "message": "no \\ud800 \\ud83d\\ude00"}}'
        headers = {"X-Request-Id": "r-\udcff"}
        return web.Response(status=402, body=body, content_type="application/json", headers=headers)

    async with Server(odd) as server, HeyGen(KEY, base_url=server.url) as heygen:
        with pytest.raises(InsufficientCreditError) as caught:
            await heygen.submit(image_video())
    assert caught.value.message == "no ? \N{GRINNING FACE}"
    str(caught.value).encode()
    caplog.text.encode()


def test_the_answers_read_so_far_are_json():
    """The bodies above are what they are meant to be."""
    assert json.loads(refused(None).text)["error"]["code"] == "insufficient_credit"
