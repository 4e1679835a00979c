"""``heygen-async webhook listen``: as a process, and its forwarding in virtual time."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner

from heygen_async.cli import webhook
from heygen_async.cli.app import app
from heygen_async.cli.webhook import HEYGEN, Forwarder, Listener, NoClient
from heygen_async.protocol.deliveries import fold
from heygen_async.webhooks import VideoEvent, WebhookReceiver
from tests.cli.conftest import start
from tests.webhooks.deliveries import JOGG_VIDEO, NOW, SECRET, VIDEO, encode, signed, video

BODY = encode(VIDEO)
URL = "https://files.heygen.example/vid_xyz789.mp4"


@pytest.fixture
async def listening():
    """Start ``webhook listen``; gives the process and the URL it says; ends what is left."""
    processes = []

    async def listen(*args, **variables):
        process = await start("webhook", "listen", "--port", "0", *args, **variables)
        processes.append(process)
        said = (await process.stderr.readline()).decode()
        assert said.startswith("listening at "), said + (await process.stderr.read()).decode()
        return process, said.removeprefix("listening at ").strip()

    yield listen
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def ended(process, number=signal.SIGTERM):
    """Stop the process and return what it had said, without the line of its address."""
    process.send_signal(number)
    async with asyncio.timeout(10):
        out, err = await process.communicate()
    assert process.returncode == 0
    return out.decode().splitlines(), err.decode().splitlines()


@pytest.mark.real_time
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_shows_what_is_signed_and_refuses_the_rest(listening, emulator, number):
    """An event is a line on stdout, a refusal one on stderr without the body; a signal ends it."""
    process, url = await listening("--path", "/hooks", "--secret", "other", "--secret", SECRET)
    assert url.endswith("/hooks")
    assert await emulator.deliver(url, VIDEO, secret=SECRET) == 200
    assert await emulator.deliver(url, VIDEO, secret=SECRET) == 200  # again: no second line
    assert await emulator.deliver(url, VIDEO, secret="whsec_wrong") == 401
    assert await emulator.deliver(url, VIDEO) == 401
    out, err = await ended(process, number)
    line = f"avatar_video.success  video_id=vid_xyz789  url={URL}  callback_id=creative_8842"
    assert out == [line]
    assert [each[:30] for each in err] == ["refused a delivery with 401: t"] * 2
    assert "vid_xyz789" not in "".join(err)


@pytest.mark.real_time
async def test_json_is_one_line_for_each_event(listening, emulator):
    """Stdout has the event's fields; the secret comes from the environment."""
    process, url = await listening("--json", HEYGEN_WEBHOOK_SECRET=f"whsec_old {SECRET}")
    assert await emulator.deliver(url, VIDEO, secret=SECRET) == 200
    assert await emulator.deliver(url, {"event_type": "new.thing"}, secret="whsec_old") == 200
    out, err = await ended(process)
    first, second = map(json.loads, out)
    assert (first["video_id"], first["url"], first["signed"]) == ("vid_xyz789", URL, True)
    assert second["event_type"] == "new.thing"
    assert err == []


@pytest.mark.real_time
async def test_deliveries_of_jogg_have_a_secret_of_their_own(listening, emulator):
    """With ``--jogg`` HeyGen's variable does not count, and HeyGen's headers do not either."""
    secrets = {"JOGG_WEBHOOK_SECRET": SECRET, "HEYGEN_WEBHOOK_SECRET": "whsec_heygen"}
    process, url = await listening("--jogg", **secrets)
    assert await emulator.deliver(url, JOGG_VIDEO, secret="whsec_heygen", jogg=True) == 401
    assert await emulator.deliver(url, JOGG_VIDEO, secret=SECRET, jogg=True) == 200
    out, _ = await ended(process)
    assert len(out) == 1
    assert out[0].startswith("generated_avatar_video_success  video_id=video_123456")


@pytest.mark.real_time
async def test_unsigned_events_are_marked(listening, emulator):
    """Where they are allowed they are shown, and no sign in them moves the cursor."""
    process, url = await listening("--allow-unsigned")
    event = {"event_type": "x\x1b[2J\n", "event_data": {"a": 1}}
    assert await emulator.deliver(url, event) == 200
    out, _ = await ended(process)
    assert out == ["unsigned  x [2J   data={'a': 1}"]


@pytest.mark.real_time
async def test_one_listener_can_forward_to_another(listening, emulator):
    """What ``--forward`` passes on is believed where it arrives."""
    behind, url = await listening("--secret", SECRET)
    _, front = await listening("--secret", SECRET, "--forward", url)
    assert await emulator.deliver(front, VIDEO, secret=SECRET) == 200
    async with asyncio.timeout(10):
        assert (await behind.stdout.readline()).startswith(b"avatar_video.success")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "set HEYGEN_WEBHOOK_SECRET, or pass --allow-unsigned"),
        (["--jogg"], "set JOGG_WEBHOOK_SECRET"),
        (["--secret", " "], "secrets must be"),
        (["--secret", SECRET, "--path", "hooks"], "--path: "),
        (["--secret", SECRET, "--forward", "localhost:80"], "--forward must be an http(s) URL"),
        (["--secret", SECRET, "--host", "192.0.2.1"], "cannot listen: "),
    ],
)
def test_bad_options_are_refused(args, said, monkeypatch):
    """They end in 2 with a line that names them, and nothing listens."""
    monkeypatch.delenv("HEYGEN_WEBHOOK_SECRET", raising=False)
    monkeypatch.delenv("JOGG_WEBHOOK_SECRET", raising=False)
    result = CliRunner().invoke(app, ["webhook", "listen", *args])
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_port_in_use_is_refused():
    """A port that another program has ends in 2, and the process's log is left as it was."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        args = ["webhook", "listen", "--allow-unsigned", "--port", port]
        result = CliRunner().invoke(app, args)
    assert result.exit_code == 2
    assert "cannot listen: " in result.stderr
    log = logging.getLogger("heygen_async.webhooks")
    assert (log.level, log.handlers) == (logging.NOTSET, [])


class Target:
    """Another server that deliveries are passed on to."""

    def __init__(self):
        self.got = []
        self.status = 200
        self.go = asyncio.Event()
        self.go.set()

    async def take(self, request):
        await self.go.wait()
        self.got.append((await request.read(), dict(request.headers)))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def target():
    """Serve a target at ``target.url``, whose query nobody may see."""
    target = Target()
    served = web.Application()
    served.router.add_post("/in", target.take)
    async with TestServer(served, host="127.0.0.1") as server:
        target.url = f"{server.make_url('/in')}?token=hidden"
        yield target


@pytest.fixture
async def deliver(target, nothing_left):
    """Give a delivery to a listener that forwards."""
    receiver = WebhookReceiver(NoClient("HeyGen"), [SECRET], clock=lambda: NOW)
    listener = Listener(receiver, Forwarder(target.url, HEYGEN), as_json=False)
    server = listener.app("/")
    async with TestServer(server, host="127.0.0.1"):

        async def deliver(number):
            await listener.handle(video(number), signed(video(number)) | {"X-Other": "1"})

        yield deliver


async def test_what_is_accepted_is_passed_on_with_its_signature(deliver, target):
    """Behind it, another receiver can check the very bytes; other headers stay behind."""
    await deliver(1)
    await deliver(2)
    await asyncio.sleep(1)
    assert [body for body, _ in target.got] == [video(1), video(2)]
    body, headers = target.got[0]
    sent = fold(headers)
    assert b"x-other" not in sent
    assert sent.items() >= fold(signed(video(1))).items()
    async with WebhookReceiver(NoClient("HeyGen"), [SECRET], clock=lambda: NOW) as behind:
        assert isinstance(await behind.handle(body, headers), VideoEvent)


async def test_a_slow_target_holds_nothing_up(deliver, target, monkeypatch, capsys):
    """Answers do not wait for it, and what is too much for the queue is dropped and said."""
    monkeypatch.setattr(webhook, "MAX_WAITING", 2)
    target.go.clear()
    before = asyncio.get_running_loop().time()
    for number in range(3):
        await deliver(number)
    assert asyncio.get_running_loop().time() - before < 1
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 3
    assert told.err.count("2 deliveries are waiting already") == 1
    target.go.set()
    await asyncio.sleep(1)
    await deliver(3)
    await asyncio.sleep(1)
    assert [body for body, _ in target.got] == [video(0), video(1), video(3)]


@pytest.mark.parametrize("status", [302, 500])
async def test_a_target_that_refuses_is_told_of(deliver, target, status, capsys):
    """Its status is said without the query of its URL, and the next delivery goes out."""
    target.status = status
    await deliver(1)
    await deliver(2)
    await asyncio.sleep(1)
    told = capsys.readouterr().err
    assert told.count(f"/in?…: the answer was {status}") == 2
    assert "hidden" not in told
    assert len(target.got) == 2


async def test_a_target_that_is_silent_or_gone_is_told_of(target, capsys):
    """It gets its time and no more; what is left at the end is counted."""
    target.go.clear()
    silent, gone = Forwarder(target.url, HEYGEN), Forwarder("http://127.0.0.1:1/", HEYGEN)
    async with silent.running(None), gone.running(None):
        for _ in range(3):
            silent.put(BODY, signed(BODY))
        gone.put(BODY, signed(BODY))
        await asyncio.sleep(webhook.FORWARD_TIMEOUT + 1)
    told = capsys.readouterr().err
    assert told.count("no answer in time") == 1
    assert told.count("http://127.0.0.1:1/: Cannot connect") == 1
    assert told.count("ended while 2 deliveries were under way") == 1
    target.go.set()
