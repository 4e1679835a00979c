"""The emulator in a thread of its own, used from the thread of a test."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from heygen_async.emulator import Emulator, Fault


def ask(emulator, path, body=None):
    """Send a request by a blocking client and return the data of the answer."""
    request = urllib.request.Request(
        emulator.url + path,
        data=body and json.dumps(body).encode(),
        headers={"X-Api-Key": emulator.api_key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)["data"]


@pytest.fixture
def endpoint():
    """Take in webhooks in a thread; yield the URL and the list of their types."""
    taken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.append(body["event_type"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", taken
        server.shutdown()
        thread.join()


def test_it_serves_a_synchronous_program():
    """Requests are answered, faults of the test's thread strike, and no thread is left."""
    before = threading.enumerate()
    with Emulator(balance=7.0) as emulator:
        assert ask(emulator, "/v3/users/me")["username"] == "emulated"
        emulator.faults.add(Fault(route="GET /v3/users/me", nth=1, status=503))
        with pytest.raises(urllib.error.HTTPError, match="503"):
            ask(emulator, "/v3/users/me")
        ask(emulator, "/v3/users/me")
        assert emulator.count("GET /v3/users/me") == 3
        assert emulator.wallet.balance == 7.0
    assert threading.enumerate() == before


def test_jobs_are_ended_from_another_thread(endpoint):
    """Their ends are answered and told to the callback at once, hours before they were due."""
    url, taken = endpoint
    spec = {
        "type": "image",
        "image": {"type": "url", "url": "https://example.com/ada.png"},
        "script": "Hello!",
        "voice_id": "v1",
        "callback_url": url,
    }
    with Emulator(median=36_000) as emulator:
        job_id = ask(emulator, "/v3/videos", spec)["video_id"]
        emulator.complete(job_id)
        assert ask(emulator, f"/v3/videos/{job_id}")["status"] == "completed"
        own = emulator.add_video(3600)
        emulator.fail(own)
        assert ask(emulator, f"/v3/videos/{own}")["status"] == "failed"
        with pytest.raises(KeyError):
            emulator.complete("unknown")
        deadline = threading.Event()
        while not taken and not deadline.wait(0.01):
            pass
    assert taken == ["avatar_video.success"]


@pytest.mark.real_time
def test_webhooks_are_delivered_from_another_loop(endpoint):
    """The call is made in the emulator's loop, whichever loop awaits it."""
    url, taken = endpoint
    with Emulator() as emulator:
        for _ in range(2):
            assert asyncio.run(emulator.deliver(url, {"event_type": "of.mine"})) == 200
    assert taken == ["of.mine"] * 2


def test_what_goes_wrong_at_the_start_is_raised_where_it_was_started():
    """A port in use is an ``OSError`` of the caller; the emulator can be started later."""
    with Emulator() as first:
        port = int(first.url.rpartition(":")[2])
        second = Emulator(port=port)
        with pytest.raises(OSError, match="in use"), second:
            pass
        with pytest.raises(RuntimeError, match="is running"), first:
            pass
        assert ask(first, "/v3/users/me")
    with second:
        assert ask(second, "/v3/users/me")


async def test_it_can_be_used_in_a_loop_after_a_thread():
    """The clock is that of the loop it serves in at the time."""
    emulator = Emulator()
    with emulator:
        emulator.add_video()
    async with emulator:
        job_id = emulator.add_video(10)
        now = asyncio.get_running_loop().time()
        assert emulator.videos[job_id].created_at == pytest.approx(now, abs=1)
