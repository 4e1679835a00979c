"""Downloads whose file server, network or vendor means no good."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import shutil
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver

from heygen_async import (
    DownloadError,
    HeyGen,
    InvalidRequestError,
    JoggAI,
    ResponseError,
    RetryPolicy,
)
from heygen_async.emulator import Fault
from heygen_async.transport import downloads
from heygen_async.transport.downloads import PartFile
from tests.conftest import PORTRAIT, image_video
from tests.transport.file_server import BOX, FIRST, SECOND, cut, moved, part, running, whole

STRONG = {"ETag": '"one"'}
DATED = {"Last_Modified": "Wed, 21 Oct 2026 07:28:00 GMT"}
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\0IEND" + bytes(100)
HTML = b"<!DOCTYPE html><html><title>Hotel Astoria</title>Please log in.</html>"


@pytest.fixture
async def vendor():
    async with running() as vendor:
        yield vendor


@pytest.fixture
async def heygen(vendor):
    async with HeyGen("secret", base_url=vendor.url) as client:
        yield client


def now():
    return asyncio.get_running_loop().time()


async def fails(heygen, folder, match):
    """Download, and see it fail in that way, with nothing left of it."""
    with pytest.raises(DownloadError, match=match) as caught:
        await heygen.videos.download("v1", folder / "a.mp4")
    assert list(folder.iterdir()) == []
    assert caught.value.job.id == "v1"
    return str(caught.value)


# Spliced


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        ({}, {}, False),
        ({"ETag": 'W/"one"'}, {"ETag": 'W/"one"'}, False),
        ({"ETag": 'W/"one"'} | DATED, {"ETag": 'W/"one"'} | DATED, False),
        (STRONG, {"ETag": '"two"'}, True),
        (STRONG, {}, True),
        (STRONG, {"ETag": 'W/"one"'}, True),
        (STRONG, DATED, True),
        (STRONG, STRONG | {"total": 99_999}, True),
        (STRONG, STRONG | {"start": 5}, True),
        (DATED, {"Last_Modified": "Wed, 21 Oct 2026 07:28:01 GMT"}, True),
        (DATED, {}, True),
        (DATED, DATED | {"total": 99_999}, True),
    ],
)
async def test_two_files_are_never_spliced(  # noqa: PLR0917
    vendor, heygen, tmp_path, before, after, asked
):
    """Without proof that it is the same file, a download that broke off begins anew."""
    vendor.answers = [cut(FIRST, 1000, **before), part(SECOND, **after)]
    if asked:  # the lie is seen, and what comes next is believed
        vendor.answers.append(whole(SECOND))
    path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == SECOND
    assert vendor.ranges == [None, "bytes=1000-", None][: 2 + asked] if asked else [None, None]


@pytest.mark.parametrize(("proof", "shown"), [(STRONG, '"one"'), (DATED, DATED["Last_Modified"])])
async def test_a_download_goes_on_where_it_broke_off(vendor, heygen, tmp_path, proof, shown):
    """A strong ETag, or a time of change, sent as If-Range and repeated, is proof enough."""
    vendor.answers = [cut(FIRST, 1000, **proof), part(FIRST, **proof)]
    path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == FIRST
    assert vendor.ranges == [None, "bytes=1000-"]
    assert vendor.asked[1].headers["If-Range"] == shown


async def test_a_file_of_unknown_length_begins_anew(vendor, heygen, tmp_path):
    """Nothing can be told of what is missing, so nothing is added."""
    vendor.answers = [cut(FIRST, 1000, chunked=True, **STRONG), part(SECOND, **STRONG)]
    path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == SECOND
    assert vendor.ranges == [None, None]


async def test_a_range_that_is_cut_short_is_not_the_end(vendor, heygen, tmp_path):
    """A 206 whose own body is whole, but ends before the file does, is asked for the rest."""
    vendor.answers = [cut(FIRST, 1000, **STRONG), part(FIRST, size=500, **STRONG)]
    vendor.answers.append(part(FIRST, **STRONG))
    path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == FIRST
    assert vendor.ranges == [None, "bytes=1000-", "bytes=1500-"]


@pytest.mark.parametrize(
    ("proof", "content"), [(STRONG, FIRST), (DATED, SECOND)], ids=["etag", "time"]
)
async def test_a_renewed_url_needs_the_better_proof(vendor, heygen, tmp_path, proof, content):
    """Elsewhere the same ETag and length are the same file; the same second is not."""
    vendor.urls = ["/old.mp4", "/new.mp4"]
    vendor.answers = [cut(FIRST, 1000, **proof), whole(b"", 403), part(content, **proof)]
    path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == content
    assert vendor.targets[:3] == ["/old.mp4", "/old.mp4", "/new.mp4"]
    assert len(vendor.asked) == (3 if content is FIRST else 4)


async def test_a_range_that_nobody_asked_for_is_no_file(vendor, heygen, tmp_path):
    """A 206 to a plain request is not taken, wherever it starts."""

    async def odd(request):
        span = {"Content-Range": f"bytes 0-{len(FIRST) - 1}/{len(FIRST)}"}
        return web.Response(status=206, body=FIRST, headers=span)

    vendor.answers = [odd, whole(SECOND)]
    path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == SECOND


async def test_a_range_that_is_refused_is_asked_no_more(vendor, heygen, tmp_path):
    """After a 416 the file is fetched from its first byte."""
    vendor.answers = [cut(FIRST, 1000, **STRONG), whole(b"", 416), whole(SECOND)]
    path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == SECOND
    assert vendor.ranges == [None, "bytes=1000-", None]


# A page in the place of a video


@pytest.mark.parametrize(
    "page",
    [
        HTML,
        b'\xef\xbb\xbf\n <?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
        b'{"message": "rate limited"}',
        b'[{"message": " --> "}]',
        b"Access denied",
        b"",
        bytes(4000),
        b"\xff\xfe<\0h\0t\0m\0l\0>\0",
        b"\x1f\x8b\x08" + FIRST,
        b"\0 --> \0",
    ],
)
@pytest.mark.parametrize("url", ["/a.mp4", "/a", "/a.srt", "/a.JPG?response=b.mp4", "/a.zip"])
async def test_a_page_is_never_saved_as_a_result(vendor, heygen, tmp_path, page, url):
    """A login page, a CDN's message, zeros: an error, however it is named and answered with 200."""
    vendor.urls, vendor.answers = [url], [whole(page)]
    await fails(heygen, tmp_path, "by its first bytes" if page else "empty")
    assert 2 <= len(vendor.asked) <= 9


async def test_a_page_now_and_the_video_later(vendor, heygen, tmp_path):
    """A page is a failure like any other, so what comes after it is saved."""
    vendor.answers = [whole(HTML + bytes(9000), **STRONG), whole(FIRST, **STRONG)]
    path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == FIRST
    assert vendor.ranges == [None, None]


@pytest.mark.parametrize(
    ("names", "content"),
    [
        ("mp4 mov m4v bin", BOX),
        ("mov mp4", b"\0\0\0\x08wide\0\0\0\0mdat"),
        ("webm mkv", b"\x1a\x45\xdf\xa3\x01"),
        ("gif jpg", b"GIF89a"),
        ("jpg jpeg png", b"\xff\xd8\xff\xe0"),
        ("png bin", b"\x89PNG\r\n\x1a\n"),
        ("webp png", b"RIFF\0\0\0\0WEBPVP8 "),
        ("mp3 bin", b"ID3\x04"),
        ("mp3", b"\xff\xfb\x90\x44"),
        ("wav", b"RIFF\0\0\0\0WAVEfmt "),
        ("srt bin", b"\xef\xbb\xbf1\r\n00:00:00,000 --> 00:00:02,000\r\nHello, {world} <b>\r\n"),
        ("vtt srt", b"WEBVTT\n\n"),
    ],
)
async def test_each_sort_of_file_is_saved(vendor, heygen, tmp_path, names, content):
    """What results are made of passes, under each name that promises it."""
    vendor.answers = [whole(content)]
    for name in names.split():
        vendor.urls = [f"/file.{name}?Expires=1"]
        path = await heygen.videos.download("v1", tmp_path / name)
        assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [("mp4", b"GIF89a"), ("png", BOX), ("mp4", b"WEBVTT\n\n"), ("mp3", b"RIFF\0\0\0\0WEBP")],
)
async def test_another_sort_than_promised_is_refused(vendor, heygen, tmp_path, name, content):
    """A picture is no video, whoever sends it in its place."""
    vendor.urls, vendor.answers = [f"/file.{name}"], [whole(content)]
    await fails(heygen, tmp_path, "by its first bytes it is no (video|image|audio) file")


# Endless


async def test_a_byte_at_a_time_is_no_progress(vendor, heygen, tmp_path):
    """New attempts are earned by a share of the file, so their number is bounded."""
    vendor.answers = [cut(FIRST, 1, **STRONG)]
    await fails(heygen, tmp_path, "attempts")
    assert len(vendor.asked) == RetryPolicy().max_attempts
    assert now() < 120


async def test_a_share_at_a_time_is_progress(vendor, heygen, tmp_path):
    """A connection that breaks after each twentieth of the file brings all of it."""
    vendor.answers = [cut(FIRST, 201, **STRONG)]
    path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == FIRST
    assert len(vendor.asked) == 20 > RetryPolicy().max_attempts


async def test_a_slow_drip_is_cut_off(vendor, heygen, tmp_path):
    """A byte in each half minute keeps a connection alive, and nobody waiting."""

    async def drip(request):
        response = web.StreamResponse()
        response.content_length = len(FIRST)
        await response.prepare(request)
        for byte in FIRST:
            await asyncio.sleep(30)
            await response.write(bytes([byte]))
        return response

    vendor.answers = [drip]
    await fails(heygen, tmp_path, "too slow")
    assert now() < 900


async def test_a_slow_drip_of_headers_is_cut_off(vendor, heygen, tmp_path):
    """So does one that never comes to the body."""

    async def drip(request):
        request.transport.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(1000):
            await asyncio.sleep(30)
            request.transport.write(f"X-{n}: y\r\n".encode())
        raise AssertionError

    vendor.answers = [drip]
    await fails(heygen, tmp_path, "too slow")
    assert now() < 900


async def test_a_large_file_may_take_its_time(vendor, heygen, tmp_path):
    """What goes on arriving at more than a trickle is no stall, however long it takes."""
    body = BOX + bytes(4 * 1024 * 1024)

    async def slow(request):
        response = web.StreamResponse()
        response.content_length = len(body)
        await response.prepare(request)
        for start in range(0, len(body), 128 * 1024):
            await asyncio.sleep(20)
            await response.write(body[start : start + 128 * 1024])
        return response

    vendor.answers = [slow]
    path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.stat().st_size == len(body)
    assert now() > 600
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_a_file_has_a_largest_size(vendor, tmp_path, announced):
    """More than ``max_download_bytes`` is refused at once if announced, else when it comes."""
    sent = 0

    async def endless(request):
        nonlocal sent
        response = web.StreamResponse()
        response.content_length = 10**12 if announced else None
        await response.prepare(request)
        while sent < 10**8 and request.transport is not None:
            await response.write(BOX + bytes(100_000))
            sent += 100_000
        return response

    vendor.answers = [endless]
    async with HeyGen("secret", base_url=vendor.url, max_download_bytes=1_000_000) as heygen:
        await fails(heygen, tmp_path, "max_download_bytes=1,000,000")
        assert len(vendor.asked) == 1
        assert sent < 10**8
        vendor.answers = [whole(FIRST)]
        assert await heygen.videos.download("v1", tmp_path / "b.mp4")


async def test_the_total_of_a_range_counts_too(vendor, tmp_path):
    """The bound is on the file, not on one answer."""
    vendor.answers = [cut(FIRST, 1000, **STRONG), part(FIRST, **STRONG)]
    async with HeyGen("secret", base_url=vendor.url, max_download_bytes=len(FIRST)) as heygen:
        await heygen.videos.download("v1", tmp_path / "a.mp4")
    (tmp_path / "a.mp4").unlink()
    vendor.answers = [cut(FIRST, 1000, chunked=True), whole(FIRST)]
    async with HeyGen("secret", base_url=vendor.url, max_download_bytes=len(FIRST) - 1) as heygen:
        await fails(heygen, tmp_path, "max_download_bytes")


@pytest.mark.parametrize("bound", [0, -1, 1.5, "4 GiB", None])
def test_the_largest_size_is_a_number(bound):
    """Anything else is refused when the client is made."""
    with pytest.raises(InvalidRequestError, match="max_download_bytes"):
        HeyGen("secret", max_download_bytes=bound)


async def test_room_is_looked_for_first(vendor, heygen, tmp_path, monkeypatch):
    """A file that the disk cannot hold is refused before the disk is full."""
    usage = shutil.disk_usage(tmp_path)._replace(free=len(FIRST) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    written = []
    monkeypatch.setattr(PartFile, "write", lambda part, chunk: written.append(chunk))
    await fails(heygen, tmp_path, "4,012 bytes are to come, the disk has room for 4,011")
    assert not written
    assert len(vendor.asked) == 1


# Where from

PUBLIC = "127.0.0.2"
PEM = Path(__file__).parent / "cdn_example.pem"


class Internet(AbstractResolver):
    """The open internet in small: one public address, and names for it.

    It is the resolver of the lent session, for the API, and the system's, for files.
    """

    def __init__(self, vendor):
        self.vendor = vendor
        self.port = vendor.url.rpartition(":")[2]
        self.names = {"cdn.example": [[PUBLIC]], "other.example": [[PUBLIC]]}
        self.looked_up = []

    async def resolve(self, host, port=0, family=socket.AF_INET):
        assert host == "api.example"
        found = {"hostname": host, "host": PUBLIC, "port": port, "family": family}
        return [{**found, "proto": 0, "flags": 0}]

    async def close(self):
        pass

    async def getaddrinfo(self, host, port, **options):
        self.looked_up.append(host)
        answers = self.names.get(host)
        if answers is None:
            raise socket.gaierror(-2, "Name or service not known")
        ips = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]


@pytest.fixture
async def internet(monkeypatch):
    """Give an internet with a vendor in it, at the one address that counts as public."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(PEM)
    real = downloads.is_public
    monkeypatch.setattr(downloads, "is_public", lambda ip: ip == PUBLIC or real(ip))
    async with running(host=PUBLIC, ssl=context) as vendor:
        internet = Internet(vendor)
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", internet.getaddrinfo)
        yield internet


def trusting():
    """Return a context that knows the vendor's certificate."""
    context = ssl.create_default_context(cafile=PEM)
    context.verify_flags |= 0x200000  # X509_V_FLAG_NO_CHECK_TIME: it is to last
    return context


def lent(internet, **options):
    """Return a session that knows the vendor's address and certificate."""
    connector = aiohttp.TCPConnector(ssl=trusting(), resolver=internet)
    return aiohttp.ClientSession(connector=connector, **options)


def public_client(internet, session, **options):
    base_url = f"https://api.example:{internet.port}"
    return HeyGen("secret", base_url=base_url, session=session, **options)


@pytest.fixture
async def client(internet):
    async with lent(internet) as session, public_client(internet, session) as client:
        yield client


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:db8::1]",
    ],
)
@pytest.mark.parametrize("way", ["literal", "name", "beside", "redirect"])
async def test_no_file_is_fetched_from_a_private_address(internet, client, tmp_path, host, way):
    """Not by its address, not by a name for it, not by one among others, not by a redirect."""
    url = f"https://cdn.example:{internet.port}/a.mp4"
    internet.names["inside.example"] = [[host.strip("[]")]]
    if way == "literal":
        internet.vendor.urls = [f"https://{host}:{internet.port}/a.mp4"]
    elif way == "name":
        internet.vendor.urls = [f"https://inside.example:{internet.port}/a.mp4"]
    elif way == "beside":
        internet.names["cdn.example"] = [[PUBLIC, host.strip("[]")]]
        internet.vendor.urls = [url]
    else:
        internet.vendor.answers = [moved(f"//{host}:{internet.port}/a.mp4"), whole(FIRST)]
        internet.vendor.urls = [url]
    await fails(client, tmp_path, "private address.*allow_private_hosts=True")
    assert len(internet.vendor.asked) == (1 if way == "redirect" else 0)
    assert now() < 30


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example/a.mp4",
        "file:///etc/passwd",
        "ftp://cdn.example/a.mp4",
        "HTTP://cdn.example/a.mp4",
        "https://2130706433/a.mp4",
        "https://127.1/a.mp4",
        "https://0x7f.1/a.mp4",
        "https://1.2.3.0x7f/a.mp4",
        "https://017700000001/a.mp4",
    ],
)
@pytest.mark.parametrize("way", ["first", "redirect"])
async def test_files_are_fetched_by_https_from_a_plain_address(
    internet, client, tmp_path, url, way
):
    """Another scheme, or an address in a spelling that only resolvers know, is refused."""
    first = f"https://cdn.example:{internet.port}/a.mp4"
    internet.vendor.answers = [moved(url)]
    internet.vendor.urls = [url if way == "first" else first]
    await fails(client, tmp_path, "the URL of the file|https only")
    assert len(internet.vendor.asked) == (0 if way == "first" else 1)


async def test_the_address_that_was_checked_is_the_one_that_is_asked(internet, client, tmp_path):
    """A name that leads elsewhere at its second look-up is not looked up again."""
    internet.names["cdn.example"] = [[PUBLIC], ["127.0.0.1"]]
    internet.vendor.urls = [f"https://cdn.example:{internet.port}/a%2Fb.mp4?sig=%27"]
    path = await client.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == FIRST
    assert internet.looked_up == ["cdn.example"]
    assert internet.vendor.targets == ["/a%2Fb.mp4?sig=%27"]
    assert internet.vendor.asked[0].headers["Host"] == f"cdn.example:{internet.port}"
    assert "x-api-key" not in internet.vendor.asked[0].headers


async def test_the_certificate_has_to_be_the_names(internet, client, tmp_path):
    """The connection goes to an address, and is still proved to be the name's."""
    internet.names["evil.example"] = [[PUBLIC]]
    internet.vendor.urls = [f"https://evil.example:{internet.port}/a.mp4"]
    await fails(client, tmp_path, "ClientConnectorCertificateError")
    assert not internet.vendor.asked


async def test_the_next_address_is_tried(internet, client, tmp_path, monkeypatch):
    """An address of the name that takes no connection does not cost the file."""
    internet.names["cdn.example"] = [["127.0.0.3", PUBLIC]]
    real = downloads.is_public
    monkeypatch.setattr(downloads, "is_public", lambda ip: ip == "127.0.0.3" or real(ip))
    internet.vendor.urls = [f"https://cdn.example:{internet.port}/a.mp4"]
    path = await client.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == FIRST
    assert internet.looked_up == ["cdn.example"]


async def test_redirects_are_followed_and_bounded(internet, client, tmp_path):
    """Five redirects lead to the file, relative or not; a circle ends."""
    internet.vendor.urls = [f"https://cdn.example:{internet.port}/a/b/c.mp4?x=%2A"]
    hops = [
        moved(f"https://other.example:{internet.port}/%7Ea%2A?sig=%27%2B", 301),
        moved("/b", 303),
        moved("c?d", 307),
        moved("?e", 308),
        moved(f"//cdn.example:{internet.port}/last.mp4"),
    ]
    internet.vendor.answers = [*hops, whole(FIRST)]
    path = await client.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == FIRST
    assert internet.vendor.targets[1:] == ["/%7Ea%2A?sig=%27%2B", "/b", "/c?d", "/c?e", "/last.mp4"]
    path.unlink()
    internet.vendor.asked.clear()
    internet.vendor.answers = [moved("/again.mp4")]
    await fails(client, tmp_path, "more than 5 redirects")
    assert len(internet.vendor.asked) == 6 * RetryPolicy().max_attempts


async def test_private_hosts_may_be_allowed(internet, tmp_path):
    """With ``allow_private_hosts=True`` the check is left out, by http, too."""
    async with (
        running() as files,
        lent(internet) as session,
        public_client(internet, session, allow_private_hosts=True) as client,
    ):
        internet.vendor.urls = [f"{files.url}/a.mp4"]
        path = await client.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == FIRST
    assert not internet.looked_up


@pytest.mark.parametrize("by", ["session", "session's environment", "client", "environment"])
async def test_a_proxy_looks_up_names_itself(internet, tmp_path, monkeypatch, by):
    """It is used, and asked for the name; an address in the URL is checked all the same."""
    asked = []

    async def proxy(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        there, to = await asyncio.open_connection(PUBLIC, int(internet.port))
        await asyncio.gather(relay(reader, to), relay(there, writer))

    async def relay(reader, writer):
        while chunk := await reader.read(100_000):
            writer.write(chunk)
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    if "environment" in by:
        monkeypatch.setenv("https_proxy", url)
    lends = {"trust_env": True} if by == "session's environment" else {"proxy": url}
    async with contextlib.AsyncExitStack() as stack:
        options = {"ssl": trusting()} | ({"proxy": url} if by == "client" else {})
        session = None
        if by.startswith("session"):
            session, options = await stack.enter_async_context(lent(internet, **lends)), {}
        client = await stack.enter_async_context(public_client(internet, session, **options))
        internet.vendor.urls = [f"https://cdn.example:{internet.port}/a.mp4"]
        path = await client.videos.download("v1", tmp_path / "a.mp4")
        path.unlink()
        assert set(asked) == {f"api.example:{internet.port}", f"cdn.example:{internet.port}"}
        assert not internet.looked_up
        internet.vendor.urls = ["https://169.254.169.254/a.mp4"]
        await fails(client, tmp_path, "private address")
    assert not [name for name in asked if "169" in name]
    server.close()


# A poisoned URL

POISON = [
    "a.mp4",
    "//cdn.example/a.mp4",
    "cdn.example/a.mp4",
    "https:///a.mp4",
    "https://",
    "https:a.mp4",
    "mailto:a@b.example",
    f"https://{'a' * 64}.example/a.mp4",
    f"https://{'a.' * 200}example/a.mp4",
    "https://a..example/a.mp4",
    "https://\ud800.example/a.mp4",
    "https://cdn.example/\udcff.mp4?sig=1",
    "https://cdn.example/a b.mp4",
    "https://cdn.example/a\r\nX-Evil: 1\r\n.mp4",
    " https://cdn.example/a.mp4",
    "https://cdn.example/\0.mp4",
    "https://me:SECRET@cdn.example/a.mp4",
    "https://@cdn.example/a.mp4",
    "https://cdn.example:99999/a.mp4",
    "https://cdn.example:-1/a.mp4",
    "https://cdn.example:0x50/a.mp4",
    "https://[::1/a.mp4",
    "https://[v1.a]/a.mp4",
    "https://[fe80::1%25eth0]/a.mp4",
    "https://cdn\\.example/a.mp4",
    "https://a%2fb/a.mp4",
    "https://1.2.3.4.5/a.mp4",
    "https://a℀.example/a.mp4",
    "https://me:SECRET@a℀.example/a.mp4",
    "https://cdn.example/\ud800.mp4?sig=SECRET",
    "https://SECRET:me@cdn.example:port/a.mp4",
]


async def test_a_poisoned_url_is_one_outcome_and_no_end(vendor, heygen, tmp_path):
    """Whatever stands in the place of a URL: an error of its item, and the batch goes on."""
    vendor.urls = [*POISON, "/a.mp4"]
    specs = [image_video(title=str(n)) for n in range(len(POISON) + 1)]
    outcomes = [outcome async for outcome in heygen.map(specs, download_to=tmp_path)]
    assert vendor.posts == len(outcomes) == len(specs)
    assert sum(outcome.ok for outcome in outcomes) == 1
    for outcome in outcomes:
        if not outcome.ok:
            assert isinstance(outcome.error, DownloadError)
            assert "SECRET" not in str(outcome.error)
            assert str(outcome.error).isprintable()
    files = [request for request in vendor.asked if request.path != "/v3/videos"]
    assert len(list(tmp_path.iterdir())) == len(files) == 1


@pytest.mark.parametrize("way", ["renewed", "redirect"])
async def test_a_renewed_url_and_a_redirect_may_be_poisoned_too(vendor, heygen, tmp_path, way):
    """An error as well, for each of them."""
    for url in POISON:
        if way == "redirect":
            fair = url in ("a.mp4", "cdn.example/a.mp4", "https:a.mp4", "//cdn.example/a.mp4")
            if fair or not url.isprintable() or not url.isascii() or url[0] == " ":
                continue  # others cannot be sent in a header
            vendor.answers = [moved(url)]
        else:
            vendor.urls, vendor.answers = ["/old.mp4", url], [whole(b"", 403)]
        await fails(heygen, tmp_path, "the URL of the file")
    assert vendor.asked


# Byte for byte

SIGNED = "/a%2Fb/c%20d%7E~!$&'()*+,;=:@.mp4?X=%2A%27%5B%5D*'[]{}|\\^`<>\"&Sig=a+b/c==&y=%c3%bc&&z"


@pytest.mark.parametrize("way", ["first", "renewed", "redirect"])
async def test_a_signed_url_is_requested_byte_for_byte(vendor, heygen, tmp_path, way):
    """A server that signs the whole of a URL gets it as it was written."""
    vendor.urls = [SIGNED]
    if way == "renewed":
        vendor.urls, vendor.answers = ["/old.mp4", SIGNED], [whole(b"", 403), whole(FIRST)]
    elif way == "redirect":
        vendor.urls, vendor.answers = ["/old.mp4"], [moved(SIGNED), whole(FIRST)]
    await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert vendor.targets[-1] == SIGNED


async def test_only_what_cannot_be_sent_is_quoted(vendor, heygen, tmp_path):
    """Characters beyond ASCII are quoted as UTF-8, dots stay, and a fragment is not sent."""
    vendor.urls = ["/é/../x/./%zz%/ü.mp4?q=日%41#part"]
    await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert vendor.targets == ["/%C3%A9/../x/./%zz%/%C3%BC.mp4?q=%E6%97%A5%41"]


@pytest.fixture
async def tickets(vendor):
    """Give a JoggAI client whose every upload is put at the next of the vendor's ``urls``."""

    async def answer(request):
        if request.method == "PUT":
            return web.Response()
        url = vendor.urls.pop(0)
        signed = vendor.url + url if url.startswith("/a") else url
        data = {"sign_url": signed, "asset_url": "https://cdn.example/a.png"}
        return web.json_response({"code": 0, "data": data})

    vendor.answers = [answer]
    async with JoggAI("secret", base_url=vendor.url) as client:
        yield client


async def test_an_upload_goes_byte_for_byte_to_its_presigned_url(vendor, tickets):
    """The address of a PUT is signed as a whole, too."""
    vendor.urls = [SIGNED, "/a/ü.png?x=%2A"]
    await tickets.assets.upload(PNG)
    await tickets.assets.upload(PNG + b"2")
    assert vendor.targets[1::2] == [SIGNED, "/a/%C3%BC.png?x=%2A"]


async def test_a_poisoned_address_for_an_upload_is_an_answer_without_sense(vendor, tickets):
    """It is an error of this package, and not sent to."""
    for n, url in enumerate(POISON):
        vendor.urls = [url]
        with pytest.raises(ResponseError) as caught:
            await tickets.assets.upload(PNG + bytes([n]))
        assert "SECRET" not in str(caught.value)
    assert {request.method for request in vendor.asked} == {"POST"}


# A lent session, and what is left


async def test_a_fresh_url_is_tried_at_once(vendor, heygen, tmp_path):
    """The first time; one that is refused as well has to wait like any other failure."""
    vendor.urls = ["/old.mp4", "/new.mp4"]
    vendor.answers = [whole(b"", 403), whole(FIRST)]
    await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert now() < 0.2
    vendor.urls, vendor.answers = ["/old.mp4"], [whole(b"", 403)] * 2 + [whole(FIRST)]
    await heygen.videos.download("v1", tmp_path / "b.mp4")
    assert now() > 0.25


async def test_a_lent_sessions_own_defaults_do_not_count(vendor, tmp_path):
    """A session that raises for a status, or has no time, fetches files like any other."""
    vendor.urls = ["/old.mp4", "/new.mp4"]

    async def slow(request):
        await asyncio.sleep(10)
        return await whole(FIRST)(request)

    vendor.answers = [whole(b"", 403), slow]
    timeout = aiohttp.ClientTimeout(total=1)
    async with (
        aiohttp.ClientSession(raise_for_status=True, timeout=timeout) as session,
        HeyGen("secret", base_url=vendor.url, session=session) as heygen,
    ):
        path = await heygen.videos.download("v1", tmp_path / "a.mp4")
    assert path.read_bytes() == FIRST
    assert vendor.targets == ["/old.mp4", "/new.mp4"]
    assert now() < 30


async def test_a_file_is_saved_as_it_is_sent(vendor, heygen, tmp_path):
    """What was packed in spite of ``Accept-Encoding: identity`` has no length to check."""

    async def packed(request):
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        await response.write(gzip.compress(FIRST))
        return response

    vendor.answers = [packed]
    await fails(heygen, tmp_path, "by its first bytes")
    assert vendor.asked[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("setting", ["raise_for_status", "timeout"])
async def test_an_upload_asks_for_what_it_needs(emulator, setting):
    """A lent session's defaults do not reach what is sent to a presigned address."""
    options = {
        "raise_for_status": {"raise_for_status": True},
        "timeout": {"timeout": aiohttp.ClientTimeout(total=1)},
    }[setting]
    emulator.faults.add(Fault(route="POST /v3/assets", nth=1, delay=5, status=503))
    async with (
        aiohttp.ClientSession(**options) as session,
        HeyGen(emulator.api_key, base_url=emulator.url, session=session) as heygen,
    ):
        assert (await heygen.assets.upload(PORTRAIT)).mime_type == "image/jpeg"


@pytest.mark.parametrize("slow", ["open", "free", "write", "settle", None])
async def test_a_cancelled_download_leaves_nothing(
    nothing_left, vendor, tmp_path, monkeypatch, slow
):
    """No part, no open file, no connection, also if a disk is at work that cannot be stopped."""
    # One thread, so that what is to be cleaned up has to wait for the disk.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1, "asyncio"))
    release, reached = threading.Event(), threading.Event()
    if slow is not None:
        real = getattr(PartFile, slow)

        def blocked(part, *args):
            reached.set()
            release.wait(10)
            return real(part, *args)

        monkeypatch.setattr(PartFile, slow, blocked)
    else:
        vendor.answers = [stalled]
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1))
    heygen = HeyGen("secret", base_url=vendor.url, session=session)
    task = asyncio.create_task(heygen.videos.download("v1", tmp_path / "a.mp4"))
    while not (reached.is_set() or (slow is None and vendor.asked)):
        await asyncio.sleep(0)  # a timer would wait for the thread
    if slow is None:
        await asyncio.sleep(5)  # in the midst of the body
    for _ in range(3):  # once is enough, and more is no harm
        task.cancel()
        await asyncio.sleep(0)
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.1)
    async with session, heygen, asyncio.timeout(5):  # the one connection is free again
        assert await heygen.videos.get("v1")
    left = [path.name for path in tmp_path.iterdir()]
    assert left in ([], ["a.mp4"] if slow == "settle" else [])
    if left:
        assert (tmp_path / "a.mp4").read_bytes() == FIRST
    assert not [path for path in open_files() if str(tmp_path) in path]


async def stalled(request):
    response = web.StreamResponse()
    response.content_length = 10_000
    await response.prepare(request)
    await response.write(FIRST[:100])
    await asyncio.sleep(1e6)
    raise AssertionError


def open_files():
    """Yield the names of what this process has open, where the system tells."""
    for entry in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError):
            yield str(entry.readlink())


@pytest.mark.parametrize("name", ["x" * 251 + ".mp4", "日" * 83 + ".mp4"])
async def test_a_name_as_long_as_the_disk_allows(vendor, heygen, tmp_path, name):
    """The temporary name is no longer than the one that was asked for."""
    path = await heygen.videos.download("v1", tmp_path / name)
    assert path.read_bytes() == FIRST


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "\ud800"])
async def test_a_name_that_no_disk_takes(vendor, heygen, tmp_path, name):
    """It is an error of this package."""
    with pytest.raises(DownloadError, match="cannot save"):
        await heygen.videos.download("v1", tmp_path / name)
    assert list(tmp_path.iterdir()) == []
