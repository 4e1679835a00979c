"""Requests at the transport, against exact sequences of answers."""

from __future__ import annotations

import asyncio
import inspect
import itertools
from email.utils import formatdate
from time import time

import aiohttp
import pytest
from aiohttp import client_exceptions
from aioresponses import aioresponses

from heygen_async import (
    APIError,
    HeyGen,
    HeyGenError,
    InvalidRequestError,
    RateLimitError,
    RetryPolicy,
    ServerError,
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


async def test_retry_after_in_seconds_is_waited_for_and_a_little_more(heygen, server):
    """429 with Retry-After: 20 is obeyed, with jitter on top."""
    server.get(VIDEO, status=429, headers={"Retry-After": "20"})
    server.get(VIDEO, payload=FOUND)
    await heygen.videos.get("v1")
    assert 20 < now() < 26


async def test_retry_after_as_a_date_is_waited_for(heygen, server):
    """An HTTP date in Retry-After means until then."""
    server.get(VIDEO, status=503, headers={"Retry-After": formatdate(time() + 40, usegmt=True)})
    server.get(VIDEO, payload=FOUND)
    await heygen.videos.get("v1")
    assert 38 < now() < 51


async def test_retry_after_has_a_cap(server):
    """A server that asks for a day is not obeyed beyond the policy."""
    async with HeyGen("secret", retry=RetryPolicy(max_retry_after=60)) as heygen:
        server.get(VIDEO, status=429, headers={"Retry-After": "86400"})
        server.get(VIDEO, payload=FOUND)
        await heygen.videos.get("v1")
    assert 60 <= now() <= 75


async def test_attempts_are_bounded(server):
    """After the last attempt the server's own error comes out."""
    async with HeyGen("secret", retry=RetryPolicy(max_attempts=3)) as heygen:
        server.get(VIDEO, status=500, repeat=True)
        with pytest.raises(ServerError):
            await heygen.videos.get("v1")
        assert heygen.statistics().requests == 3
        assert heygen.statistics().retries == 2


async def test_delays_grow_between_attempts(server):
    """The pause doubles from attempt to attempt, within its jitter."""
    async with HeyGen("secret", retry=RetryPolicy(max_attempts=5, base_delay=4)) as heygen:
        times = []
        server.get(VIDEO, status=500, repeat=True, callback=lambda *a, **k: times.append(now()))
        with pytest.raises(ServerError):
            await heygen.videos.get("v1")
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert [2 <= gaps[0] <= 4, 4 <= gaps[1] <= 8, 8 <= gaps[2] <= 16, 15 <= gaps[3] <= 30] == [
        True
    ] * 4


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_create_with_a_key_is_sent_again_with_the_same_key(heygen, server, status):
    """5xx on a keyed create leads to a second attempt under the one key."""
    keys = []

    def note(url, **options):
        keys.append(options["headers"]["Idempotency-Key"])

    server.post(f"{BASE}/v3/videos", status=status, callback=note)
    server.post(f"{BASE}/v3/videos", payload=CREATED, callback=note)
    job = await heygen.submit(image_video())
    assert job.id == "v1"
    assert len(keys) == 2
    assert len(set(keys)) == 1


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


async def test_429s_are_counted(heygen, server):
    """The statistics tell how often the server said too many."""
    server.get(VIDEO, status=429, repeat=True)
    with pytest.raises(RateLimitError):
        await heygen.videos.get("v1")
    assert heygen.statistics().rate_limited == heygen.statistics().requests == 8


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
async def test_every_aiohttp_exception_is_mapped(heygen, server, cls):
    """Whatever aiohttp raises leaves the library as an error of this package."""
    error = _build(cls)
    assert isinstance(error, aiohttp.ClientError)
    server.get(VIDEO, exception=error, repeat=True)
    with pytest.raises(HeyGenError) as caught:
        await heygen._transport.send_once(VIDEOS.get("v1"))
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
