"""One exchange over HTTP: keys, redirects, errors, and what aiohttp raises."""

from __future__ import annotations

import asyncio
import inspect

import aiohttp
import pytest
from aiohttp import client_exceptions
from aioresponses import aioresponses

from heygen_async import (
    APIError,
    HeyGen,
    HeyGenError,
    InvalidRequestError,
    RetryPolicy,
    TransportError,
)
from heygen_async.protocol.heygen.videos import VIDEOS
from heygen_async.transport.failures import transport_error
from tests.conftest import image_video

BASE = "https://api.heygen.com"
VIDEO = f"{BASE}/v3/videos/v1"
CREATED = {"data": {"video_id": "v1", "status": "waiting", "output_format": "mp4"}}
FOUND = {"data": {"id": "v1", "status": "processing"}}


@pytest.fixture
async def heygen():
    async with HeyGen("secret") as client:
        yield client


@pytest.fixture
def server():
    with aioresponses() as mocked:
        yield mocked


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_each_call_has_a_key_of_its_own(heygen, server):
    """Two equal specs are two renders: the key belongs to the call, not to the payload."""
    keys = []
    server.post(
        f"{BASE}/v3/videos",
        payload=CREATED,
        repeat=True,
        callback=lambda url, **options: keys.append(options["headers"]["Idempotency-Key"]),
    )
    await heygen.submit(image_video())
    await heygen.submit(image_video())
    await heygen.submit(image_video(), idempotency_key="row-7")
    assert len(set(keys)) == 3
    assert keys[2] == "row-7"


async def test_a_bad_idempotency_key_is_refused_before_anything_is_sent(heygen, server):
    """A key outside the vendor's pattern never reaches the wire."""
    with pytest.raises(InvalidRequestError, match="idempotency_key"):
        await heygen.submit(image_video(), idempotency_key="row 7")
    assert heygen.statistics().requests == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(heygen, server, status):
    """The key does not cross a redirect; the error says what to set instead."""
    server.get(VIDEO, status=status, headers={"Location": "https://evil.example/?signature=x"})
    with pytest.raises(APIError, match="base_url") as caught:
        await heygen.videos.get("v1")
    assert "signature" not in str(caught.value)
    assert [str(url) for _, url in server.requests] == [VIDEO]
    assert heygen.statistics().requests == 1


async def test_an_error_tells_all_that_support_asks_for(heygen, server):
    """Status, code, message, param, doc_url, request id, method and path are on the error."""
    server.get(
        VIDEO,
        status=400,
        payload={"error": {"code": "c", "message": "m", "param": "p", "doc_url": "d"}},
        headers={"X-Request-Id": "req-1"},
    )
    with pytest.raises(APIError) as caught:
        await heygen.videos.get("v1")
    error = caught.value
    assert (error.status, error.code, error.message, error.param) == (400, "c", "m", "p")
    assert (error.doc_url, error.request_id) == ("d", "req-1")
    assert (error.method, error.path) == ("GET", "/v3/videos/v1")
    assert "req-1" in str(error)


async def test_a_closed_client_sends_nothing(server):
    """After aclose a call fails at once, without attempts."""
    heygen = HeyGen("secret")
    await heygen.aclose()
    with pytest.raises(TransportError, match="closed"):
        await heygen.videos.get("v1")
    assert now() == 0
    assert not server.requests


def _aiohttp_exceptions():
    for cls in vars(client_exceptions).values():
        ours = inspect.isclass(cls) and cls.__module__ == client_exceptions.__name__
        if ours and cls.__name__ != "WSMessageTypeError":  # raised for web sockets only
            yield cls


@pytest.mark.parametrize("cls", list(_aiohttp_exceptions()), ids=lambda cls: cls.__name__)
async def test_every_aiohttp_exception_is_mapped(server, cls):
    """Whatever aiohttp raises leaves the library as an error of this package."""
    error = _build(cls)
    assert isinstance(error, aiohttp.ClientError)
    server.get(VIDEO, exception=error, repeat=True)
    async with HeyGen("secret", retry=RetryPolicy(max_attempts=1)) as heygen:
        with pytest.raises(HeyGenError) as caught:
            await heygen.videos.get("v1")
    assert caught.value.__cause__ is None
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("cls", "maybe_sent"),
    [
        (aiohttp.ClientConnectorError, False),
        (aiohttp.ClientConnectorDNSError, False),
        (aiohttp.ClientConnectorSSLError, False),
        (aiohttp.ClientProxyConnectionError, False),
        (aiohttp.ConnectionTimeoutError, False),
        (aiohttp.ServerDisconnectedError, True),
        (aiohttp.SocketTimeoutError, True),
        (aiohttp.ClientConnectionResetError, True),
        (aiohttp.ClientOSError, True),
        (TimeoutError, True),
        (ConnectionResetError, True),
    ],
)
def test_only_a_connection_that_was_never_made_is_surely_unsent(cls, maybe_sent):
    """Refused before a byte left is known as such; all the rest may have arrived."""
    error = transport_error(_build(cls), VIDEOS.get("v1"))
    assert isinstance(error, TransportError)
    assert error.maybe_sent is maybe_sent


def _build(cls):
    """Make an exception of any signature, with a header in it that must not come out."""
    from multidict import CIMultiDict, CIMultiDictProxy
    from yarl import URL

    info = aiohttp.RequestInfo(
        URL(VIDEO), "GET", CIMultiDictProxy(CIMultiDict({"x-api-key": "secret"})), URL(VIDEO)
    )
    key = aiohttp.client_reqrep.ConnectionKey("h", 443, True, True, None, None, None)
    parameters = {
        "request_info": info,
        "history": (),
        "connection_key": key,
        "os_error": OSError(111, "refused"),
        "certificate_error": ValueError("certificate"),
        "path": "/socket",
        "url": VIDEO,
        "expected": b"a",
        "got": b"b",
        "host": "h",
        "port": 443,
    }
    wanted = [
        name
        for name, parameter in inspect.signature(cls.__init__).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        and name != "self"
    ]
    return cls(*(parameters[name] for name in wanted))
