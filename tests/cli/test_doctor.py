"""``heygen-async doctor``: what is wrong is told with what to do, and nothing secret is."""

from __future__ import annotations

import asyncio
import json
import time
from email.utils import formatdate
from types import SimpleNamespace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from heygen_async import ItemState, Ledger, LedgerItem
from heygen_async.cli import doctor
from heygen_async.cli.doctor import Examination, Verdict
from heygen_async.emulator import Fault
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG


@pytest.fixture
def examine(emulator, monkeypatch, tmp_path):
    """Run all checks in virtual time and return the findings by their check."""
    monkeypatch.setenv("HEYGEN_API_KEY", emulator.api_key)
    monkeypatch.setenv("JOGG_API_KEY", emulator.jogg_api_key)

    async def run(vendor=HEYGEN, **changes):
        url = emulator.url if vendor is HEYGEN else emulator.jogg_url
        values = {"vendor": vendor, "base_url": url, "ledger": None, "folder": tmp_path}
        found = await Examination(**values | changes).findings()
        text = json.dumps([[finding.told, finding.cure] for finding in found])
        for secret in (emulator.api_key, emulator.jogg_api_key, "@", "hidden"):
            assert secret not in text
        found.sort(key=lambda finding: finding.verdict is Verdict.WRONG)  # of one check, the worst
        return {finding.check: finding for finding in found}

    return run


def wrong(findings):
    return {name for name, each in findings.items() if each.verdict is Verdict.WRONG}


@pytest.mark.parametrize("vendor", [HEYGEN, JOGG], ids=lambda vendor: vendor.api)
async def test_a_machine_in_good_order(examine, vendor):
    """Nothing is wrong; versions, clock, account and balance are told, the name masked."""
    found = await examine(vendor)
    assert wrong(found) == set()
    assert "Python 3." in found["versions"].told
    assert "OpenSSL" in found["versions"].told
    assert found["clock"].verdict is Verdict.OK
    assert "…: " in found["account"].told
    assert "credits" in found["account"].told
    assert "no endpoint" in found["webhook"].told


async def test_a_key_that_is_missing_or_refused(examine, monkeypatch):
    """Which variable it is, not what is in it."""
    monkeypatch.setenv("HEYGEN_API_KEY", "hidden-and-wrong")
    found = await examine()
    assert wrong(found) == {"key"}
    assert "401" in found["key"].told
    assert "HEYGEN_API_KEY" in found["key"].cure
    monkeypatch.delenv("HEYGEN_API_KEY")
    found = await examine()
    assert wrong(found) == {"key"}
    assert found["key"].told == "HEYGEN_API_KEY is not set"
    monkeypatch.setenv("HEYGEN_API_KEY", "hidden key")
    found = await examine()
    assert "blanks" in found["key"].told


async def test_hosts_of_files_are_asked_unless_the_server_is_local(examine, monkeypatch):
    """They are known from examples only, so it is worth knowing if one cannot be reached."""
    monkeypatch.setattr("heygen_async.cli.doctor.is_local", lambda _url: False)
    found = await examine()
    assert found["files"].verdict is Verdict.NOTE
    assert "its name is not known" in found["files"].told


async def test_an_empty_wallet_is_wrong(examine, emulator):
    """A submission would be refused."""
    emulator.wallet._initial = 0.0
    found = await examine()
    assert wrong(found) == {"account"}
    assert "Top up" in found["account"].cure


async def test_a_server_that_never_answers_does_not_hold_it_up(examine):
    """Each check is bounded, and says what to do."""

    async def silent(reader, writer):
        await reader.read()  # until the other side gives up
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        start = asyncio.get_running_loop().time()
        found = await examine(base_url=f"http://127.0.0.1:{port}/hidden?hidden=1")
        assert asyncio.get_running_loop().time() - start <= doctor.LONGEST + 1
        assert wrong(found) == {"server", "account"}
        assert "in time" in found["server"].told
        assert "firewall" in found["server"].cure


async def test_a_server_that_is_not_there(examine, unused_tcp_port):
    """The reason of the system is told."""
    found = await examine(base_url=f"http://127.0.0.1:{unused_tcp_port}")
    assert wrong(found) == {"server", "account"}
    assert "refused" in found["server"].told


async def test_an_address_that_is_none_is_not_repeated(examine):
    """It may hold a login."""
    found = await examine(base_url="htp://ada:hidden@nowhere")
    assert wrong(found) == {"server"}
    assert "--base-url" in found["server"].told


def test_a_clock_that_is_off_is_wrong():
    """By more than a minute; a server without a clock, or with a broken one, says nothing."""
    now = time.time()
    ahead = doctor.clock(formatdate(now - 90, usegmt=True), now)
    behind = doctor.clock(formatdate(now + 3600, usegmt=True), now)
    assert (ahead.verdict, behind.verdict) == (Verdict.WRONG, Verdict.WRONG)
    assert "s ahead of" in ahead.told
    assert "s behind" in behind.told
    assert doctor.clock(formatdate(now - 5, usegmt=True), now).verdict is Verdict.OK
    for nonsense in (None, "", "yesterday"):
        assert doctor.clock(nonsense, now).verdict is Verdict.NOTE


async def test_webhook_endpoints_are_asked(examine, emulator, heygen, monkeypatch):
    """One that takes requests is well, one that fails is not; of its URL the host is told alone."""
    status = [404]

    async def answer(request):
        assert request.method == "HEAD"
        assert "x-api-key" not in request.headers
        return web.Response(status=status[0])

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    async with TestServer(app) as server:
        url = str(server.make_url("/hidden/path?hidden=1"))
        endpoint = SimpleNamespace(url=url, status="enabled")

        async def endpoints(self):
            for _ in range(7):
                yield endpoint

        monkeypatch.setattr("heygen_async.resources.heygen.WebhookEndpoints.list", endpoints)
        found = await examine()
        assert wrong(found) == set()
        assert "2 more" in found["webhook"].told
        status[0] = 503
        assert wrong(await examine()) == {"webhook"}
    assert wrong(await examine()) == {"webhook"}  # it is gone
    endpoint.status = "disabled"
    assert wrong(await examine()) == set()


async def test_what_the_account_may_not_list_is_a_note(examine, emulator):
    """A plan without webhooks is no illness."""
    emulator.faults.add(Fault(route="GET /v3/webhooks/endpoints", status=403))
    found = await examine()
    assert wrong(found) == set()
    assert "cannot be listed" in found["webhook"].told


async def test_a_ledger_is_compared_with_its_checksums(examine, tmp_path):
    """Counts when it is whole, the error when it is not."""
    path = tmp_path / "run.sqlite"
    async with Ledger(path) as ledger:
        for state in (ItemState.COMPLETED, ItemState.UNCERTAIN):
            await ledger.put(LedgerItem(key=state, digest="d", state=state, kind="heygen.video"))
    found = await examine(ledger=path)
    assert found["ledger"].told == "whole: 1 completed, 1 uncertain"
    assert "--uncertain" in found["ledger"].cure
    path.write_bytes(path.read_bytes().replace(b"completed", b"complexed"))
    assert wrong(await examine(ledger=path)) == {"ledger"}
    assert wrong(await examine(ledger=tmp_path / "none.sqlite")) == {"ledger"}


async def test_a_full_disk_is_wrong(examine, monkeypatch):
    """Less room than a film may need."""
    usage = SimpleNamespace(free=1_000_000)
    monkeypatch.setattr("heygen_async.cli.doctor.shutil.disk_usage", lambda _folder: usage)
    assert wrong(await examine()) == {"disk"}


def test_what_is_found_is_one_line_without_signatures():
    """Whatever an error repeats."""
    found = doctor.note("ledger", "see https://a.example/b?signature=1\n\x1b[2Jnow")
    assert found.told == "see https://a.example/b?…  [2Jnow"


def test_of_a_proxy_the_host_is_told(monkeypatch):
    """Neither its login nor a value that is no URL."""
    for name in doctor.VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    assert doctor.environment().verdict is Verdict.OK
    monkeypatch.setenv("https_proxy", "http://ada:secret@proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "ada:secret@odd")
    monkeypatch.setenv("NO_PROXY", "secret.example")
    told = doctor.environment().told
    assert told == "set: HTTP_PROXY, HTTPS_PROXY (proxy.example:3128), NO_PROXY"


@pytest.mark.real_time
async def test_it_prints_lines_or_json_and_has_an_exit_code(command, secretive):
    """``command`` looks for the keys in what is printed."""
    ended = await command("doctor")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[0].startswith("ok     versions  heygen-async ")
    ended = await command("doctor", "--jogg", "--json")
    told = json.loads(ended.out)
    assert (ended.code, told["ok"]) == (0, True)
    assert {"check", "verdict", "told", "cure"} == set(told["findings"][0])
    ended = await command("doctor", HEYGEN_API_KEY="wrong-key-of-heygen")
    assert ended.code == 1
    assert "wrong-key" not in ended.out
