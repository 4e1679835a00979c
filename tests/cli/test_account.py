"""``heygen-async account``, ``videos`` and ``request``, against an emulator."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from heygen_async.emulator import Fault
from tests.cli.conftest import ON_TERMINAL, environment

pytestmark = pytest.mark.real_time


@pytest.fixture
def emulator(secretive):
    return secretive


@pytest.fixture
async def videos(emulator):
    """Return the ids of two videos: one completed, one that failed."""
    ids = [emulator.add_video(1000.0) for _ in range(2)]
    emulator.complete(ids[0])
    emulator.fail(ids[1], "moderation", "Not that picture.")
    return ids


async def test_the_account_says_what_is_left(quick):
    """HeyGen's is told by its fields, with dots into the wallet; JoggAI's has its quota."""
    ended = await quick("account")
    assert ended.code == 0, ended.err
    assert {"email: ada@example.com", "wallet.remaining_balance: 10000.0"} <= {
        *ended.out.splitlines()
    }
    jogg = await quick("account", "--jogg", "--json", HEYGEN_API_KEY="")
    assert json.loads(jogg.out)["remaining_quota"] == 10000.0


async def test_videos_are_listed_and_looked_at(quick, videos):
    """A line has id, state, time, seconds and title; one video has all of its fields."""
    ended = await quick("videos", "list")
    rows = [line.split("\t") for line in ended.out.splitlines()]
    assert {(row[0], row[1]) for row in rows} == {(videos[0], "completed"), (videos[1], "failed")}
    assert all(row[2].startswith("20") for row in rows)
    (one,) = (await quick("videos", "list", "--limit", "1", "--json")).out.splitlines()
    assert json.loads(one)["id"] in videos
    told = (await quick("videos", "get", videos[1])).out
    assert "failure_message: Not that picture." in told.splitlines()
    assert json.loads((await quick("videos", "get", videos[0], "--json")).out)["video_url"]
    assert (await quick("videos", "list", "--jogg")).code == 0
    assert (await quick("videos", "list", "--jogg", "--title", "a")).code == 2


async def test_videos_are_deleted_only_for_sure(quick, videos, emulator):
    """Where nobody can be asked, ``--yes`` has to say it; each deleted one is told."""
    refused = await quick("videos", "delete", *videos)
    assert (refused.code, len(emulator.received)) == (2, 0)
    assert "--yes" in refused.err
    ended = await quick("videos", "delete", *videos, "--yes", "--json")
    assert [json.loads(line)["id"] for line in ended.out.splitlines()] == videos
    gone = await quick("videos", "get", videos[0], "--json")
    assert (gone.code, json.loads(gone.err)["status"]) == (1, 404)


@pytest.mark.parametrize(("answer", "deleted"), [("n", 0), ("y", 1)])
async def test_a_person_is_asked(variables, videos, emulator, answer, deleted):
    """On a terminal the question names what would be deleted."""
    command = (sys.executable, "-m", "heygen_async", "videos", "delete", videos[0])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ON_TERMINAL, *command),
        env=environment(**variables),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(20):
        out, _ = await process.communicate(f"{answer}\n".encode())
    assert f"Delete {videos[0]} for good?" in out.decode()
    assert emulator.count("DELETE /v3/videos/{video_id}") == deleted


async def test_any_endpoint_can_be_called(quick, emulator, tmp_path):
    """Parameters, a body from a file or from stdin and a key go out; the JSON comes back."""
    emulator.add_video()
    listed = await quick("request", "GET", "/v3/videos", "--param", "limit=1")
    assert len(json.loads(listed.out)["data"]) == 1
    body = {"type": "avatar", "avatar_id": "photo_ada", "script": "Hello!"}
    file = tmp_path / "body.json"
    file.write_text(json.dumps(body))
    key = ("--idempotency-key", "once")
    first = await quick("request", "post", "/v3/videos", "-d", f"@{file}", *key)
    again = await quick("request", "POST", "/v3/videos", "-d", "-", *key, text=json.dumps(body))
    assert json.loads(first.out)["data"]["video_id"] == json.loads(again.out)["data"]["video_id"]
    assert len(emulator.wallet.charges) == 1
    jogg = await quick("request", "GET", "/v2/user/whoami", "--jogg")
    assert json.loads(jogg.out)["data"]["email"] == "ada@example.com"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("GET", "/v3/videos", "--param", "limit"), "name=value"),
        (("GET", "/v3/videos", "--param", "a=1", "--param", "a=2"), "given twice"),
        (("POST", "/v3/videos", "--data", "{'a': 1}"), "no JSON"),
        (("POST", "/v3/videos", "--data", "@missing.json"), "missing.json cannot be read"),
        (("GET", "v3/videos"), "path start with '/'"),
        (("POST", "/v3/videos", "--idempotency-key", "a b"), "--idempotency-key must be"),
    ],
)
async def test_a_request_that_cannot_be_is_refused(quick, emulator, args, said):
    """What is wrong is said on stderr, and nothing is sent."""
    ended = await quick("request", *args)
    assert (ended.code, ended.out) == (2, ""), ended.err
    assert said in ended.err
    assert not emulator.counts


@pytest.mark.parametrize(("status", "code"), [(402, 6), (403, 5)])
async def test_credit_and_rights_have_exit_codes(quick, emulator, status, code):
    """A shell can tell them apart without reading the message."""
    emulator.faults.add(Fault(route="GET /v3/users/me", status=status))
    ended = await quick("account", "--json")
    assert ended.code == json.loads(ended.err)["exit_code"] == code
    assert json.loads(ended.err)["request_id"]
