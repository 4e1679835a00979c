"""The way out of the house: proxies, certificates, and what goes through them."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from base64 import b64encode

import aiohttp
import attrs
import pytest
from aiohttp import web
from yarl import URL

from heygen_async import HeyGen, InvalidRequestError, JoggAI, RetryPolicy, TransportError
from heygen_async.protocol.heygen.media import UPLOADS
from heygen_async.transport.session import Session
from tests.cli.conftest import shell  # noqa: F401 - a fixture
from tests.conftest import PORTRAIT, image_video
from tests.transport.file_server import running
from tests.transport.test_downloads import PEM, PUBLIC

HOST = "api.heygen.test"  # a name that only the proxy knows
VALID_FROM = 1795657638  # the certificate


class Proxy:
    """A forward proxy for plain http; ``seen`` are the requests it was sent, with their headers."""

    def __init__(self, emulator):
        self.seen = []
        self._known = {HOST: URL(emulator.url)}
        self._session = None

    async def forward(self, request):
        target = URL(request._message.path, encoded=True)
        self.seen.append((request.method, target, request.headers.copy()))
        there = self._known.get(target.host, target)
        kept = {
            name: value
            for name, value in request.headers.items()
            if not name.startswith("Proxy-") and name not in ("Host", "Content-Length")
        }
        async with self._session.request(
            request.method,
            target.with_host(there.host).with_port(there.port),
            headers=kept,
            data=await request.read(),
        ) as answer:
            names = ("Content-Type", "ETag", "Accept-Ranges", "Content-Range", "Last-Modified")
            headers = {name: answer.headers[name] for name in names if name in answer.headers}
            return web.Response(status=answer.status, body=await answer.read(), headers=headers)

    @contextlib.asynccontextmanager
    async def running(self):
        async with aiohttp.ClientSession(auto_decompress=False) as self._session:
            runner = web.ServerRunner(web.Server(self.forward))
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
            await runner.cleanup()


@pytest.fixture
async def proxy(emulator):
    async with Proxy(emulator).running() as proxy:
        yield proxy


@pytest.fixture
def base_url(emulator):
    return f"http://{HOST}:{URL(emulator.url).port}"


async def test_invariant_5_all_goes_by_the_proxy_and_the_key_to_the_api_alone(
    emulator, proxy, base_url, tmp_path
):
    """Requests, a file to a presigned URL, and a download."""
    async with HeyGen(emulator.api_key, base_url=base_url, proxy=proxy.url) as heygen:
        small = attrs.evolve(UPLOADS, max_posted=0)  # as if it were a large file
        heygen._transport.vendor = attrs.evolve(heygen._transport.vendor, uploads=small)
        job = await heygen.submit(image_video(image=PORTRAIT), headers={"X-Trace": "t1"})
        await job.download(tmp_path / "a.mp4")
    elsewhere = {method for method, url, _ in proxy.seen if url.host != HOST}
    assert elsewhere == {"PUT", "GET"}
    received = [*emulator.received, *emulator.files_received]
    assert len(proxy.seen) == len(received)
    for _, url, headers in proxy.seen:
        assert ("x-api-key" in headers) == (url.host == HOST)
        assert url.host == HOST or "X-Trace" not in headers
        assert headers["User-Agent"].startswith("heygen-async/")


@pytest.mark.parametrize("client", [HeyGen, JoggAI])
async def test_the_proxy_of_the_environment_is_obeyed(emulator, proxy, monkeypatch, client):
    """``HTTP_PROXY`` as it is when the client is made, without its scheme, too."""
    monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
    is_heygen = client is HeyGen
    url = URL(emulator.url if is_heygen else emulator.jogg_url)
    proxy._known[HOST] = url
    key = emulator.api_key if is_heygen else emulator.jogg_api_key
    async with client(key, base_url=f"http://{HOST}:{url.port}{url.path}") as opened:
        monkeypatch.delenv("http_proxy")
        await (opened.users.me() if is_heygen else opened.users.whoami())
    assert len(proxy.seen) == 1


async def test_some_hosts_are_reached_without_the_proxy_of_the_environment(emulator, monkeypatch):
    """What ``NO_PROXY`` names, and this machine."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
        await heygen.users.me()
    monkeypatch.setenv("no_proxy", "example.com,.heygen.test")
    session = Session("HeyGen", None)
    hosts = ("localhost", "127.3.2.1", "::1", "example.com", "a.example.com", HOST)
    assert [session.proxy_for("http", host) for host in hosts] == [None] * len(hosts)
    assert session.proxy_for("http", "heygen.com") == URL("http://127.0.0.1:1")
    assert session.proxy_for("https", "heygen.com") is None


async def test_no_login_of_netrc_goes_out(emulator, proxy, base_url, monkeypatch, tmp_path):
    """Neither to the API nor to the proxy: whoever has a file of logins did not mean these."""
    logins = tmp_path / "netrc"
    logins.write_text("default login ada password hush\n")
    monkeypatch.setenv("NETRC", str(logins))
    monkeypatch.setenv("http_proxy", proxy.url)
    async with HeyGen(emulator.api_key, base_url=base_url) as heygen:
        await heygen.users.me()
    ((_, _, headers),) = proxy.seen
    assert not {"authorization", "proxy-authorization"} & {name.lower() for name in headers}


async def test_a_login_at_the_proxy_stays_there(emulator, proxy, base_url):
    """The proxy gets it, the API does not, and no error tells it."""
    login = proxy.url.replace("//", "//ada:hush@")
    async with HeyGen(emulator.api_key, base_url=base_url, proxy=login) as heygen:
        await heygen.users.me()
    (_, _, headers), (request,) = proxy.seen[0], emulator.received
    assert headers["Proxy-Authorization"] == f"Basic {b64encode(b'ada:hush').decode()}"
    assert not {"proxy-authorization", "authorization"} & {name.lower() for name in request.headers}


async def refuse(reader, writer):
    """Refuse a CONNECT, and give what was asked."""
    head = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()
    return head


async def test_a_proxy_that_refuses_proves_that_nothing_was_sent():
    """A paid call is safe to repeat then; the key is not in what the proxy is asked."""
    heads = []

    async def note(reader, writer):
        heads.append(await refuse(reader, writer))

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with HeyGen(
        "a-secret-key",
        base_url="https://api.heygen.test",
        proxy=f"http://ada:hush@127.0.0.1:{port}",
        retry=RetryPolicy(max_attempts=2),
    ) as heygen:
        with pytest.raises(TransportError, match="the proxy answered 407") as caught:
            await heygen.submit(image_video())
    assert caught.value.maybe_sent is False
    assert "hush" not in str(caught.value)
    assert len(heads) == 2
    assert all(b"CONNECT api.heygen.test:443" in head for head in heads)
    assert not any(b"a-secret-key" in head for head in heads)
    server.close()


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "ftp://x", "http://", "a b", "", 5])
async def test_a_proxy_that_cannot_be_one_is_refused(proxy, monkeypatch):
    """At once if it is given, before anything is sent if it is the environment's."""
    with pytest.raises(InvalidRequestError, match="proxy must be an http"):
        HeyGen("k", proxy=proxy)


async def test_a_proxy_of_another_kind_in_the_environment_is_refused(monkeypatch):
    """To go past it in silence would tell the network where one goes; its login is not told."""
    monkeypatch.setenv("https_proxy", "socks5://ada:hush@127.0.0.1:1")
    with pytest.raises(InvalidRequestError, match="https_proxy must be an http") as caught:
        HeyGen("k")
    assert "hush" not in str(caught.value)


async def test_a_lent_session_has_its_own_proxy_and_certificates(emulator, monkeypatch):
    """Options for them are refused beside it, and the environment is its own matter."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with aiohttp.ClientSession() as session:
        context = ssl.create_default_context()
        for options in ({"proxy": "http://127.0.0.1:1"}, {"ssl": context}):
            with pytest.raises(InvalidRequestError, match="session that you lend"):
                HeyGen("k", session=session, **options)
        url = emulator.url.replace("127.0.0.1", "localhost")
        async with HeyGen(emulator.api_key, base_url=url, session=session) as heygen:
            await heygen.users.me()


@pytest.mark.parametrize("given", [False, True, "ca.pem"])
def test_certificates_are_given_as_a_context(given):
    """Not to check them would give the key to anybody."""
    with pytest.raises(InvalidRequestError, match="ssl must be an"):
        HeyGen("k", ssl=given)


@pytest.mark.real_time
@pytest.mark.skipif(time.time() < VALID_FROM, reason="the certificate is not valid yet")
async def test_the_command_line_obeys_its_environment(shell):  # noqa: F811
    """``HTTPS_PROXY`` is asked for the name, and ``SSL_CERT_FILE`` vouches for who answers."""
    asked = []

    async def tunnel(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        there, to = await asyncio.open_connection(PUBLIC, int(port))
        await asyncio.gather(relay(reader, to), relay(there, writer))

    async def relay(reader, writer):
        while chunk := await reader.read(100_000):
            writer.write(chunk)
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(PEM)
    async with running(host=PUBLIC, ssl=context) as vendor:
        port = vendor.url.rpartition(":")[2]
        server = await asyncio.start_server(tunnel, "127.0.0.1", 0)
        variables = {
            "HEYGEN_API_KEY": "k",
            "HEYGEN_BASE_URL": f"https://api.example:{port}",
            "HTTPS_PROXY": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        }
        token = "heygen.video/1700000000/v1"
        good = await shell("jobs", "status", token, SSL_CERT_FILE=str(PEM), **variables)
        assert (good.code, good.out) == (0, "completed (completed)\n"), good.err
        assert asked == [f"api.example:{port}"]
        server.close()
