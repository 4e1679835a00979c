"""``heygen-async emulator`` as a process: what it prints, serves and refuses."""

from __future__ import annotations

import asyncio
import json
import signal
import socket

import pytest

from heygen_async import (
    AuthenticationError,
    HeyGen,
    JoggAI,
    NotFoundError,
    PollPolicy,
    RateLimitError,
    RetryPolicy,
)
from tests.cli.conftest import start
from tests.conftest import image_video


async def exports(process):
    """Return what the four lines would set in a shell."""
    lines = [(await process.stdout.readline()).decode() for _ in range(4)]
    return dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)


@pytest.fixture
async def served():
    """Start emulators, and end those that a test left."""
    processes = []

    async def serve(*args):
        processes.append(await start("emulator", *args))
        return processes[-1]

    yield serve
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.real_time
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_it_is_told_to_stop(served, number):
    """A client with what it prints renders a video; a signal ends it with 0 and no noise."""
    process = await served("--speed", "3600")
    found = await exports(process)
    poll = PollPolicy(interval=0.1, max_interval=0.2, typical_duration=0.05)
    async with HeyGen(
        found["HEYGEN_API_KEY"], base_url=found["HEYGEN_BASE_URL"], poll=poll
    ) as heygen:
        video = await heygen.run(image_video())
    assert video.status == "completed"
    async with JoggAI(found["JOGG_API_KEY"], base_url=found["JOGG_BASE_URL"]) as jogg:
        assert await jogg.users.whoami()
    process.send_signal(number)
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


@pytest.mark.real_time
async def test_all_three_apis_are_there_and_json_points_at_them(served):
    """HeyGen v3 and v2 at one address, JoggAI v2 at another, each with its key."""
    process = await served("--json")
    found = json.loads(await process.stdout.readline())
    async with HeyGen(found["HEYGEN_API_KEY"], base_url=found["HEYGEN_BASE_URL"]) as heygen:
        assert await heygen.users.me()
        with pytest.warns(DeprecationWarning, match="retired"), pytest.raises(NotFoundError):
            await heygen.v2.videos.get("none")
    async with JoggAI(found["JOGG_API_KEY"], base_url=found["JOGG_BASE_URL"]) as jogg:
        assert await jogg.users.remaining_quota()


@pytest.mark.real_time
async def test_it_takes_key_and_faults_from_its_options(served, tmp_path):
    """``--api-key`` is the only key it knows, and ``--faults`` go wrong as the file says."""
    plan = tmp_path / "faults.json"
    plan.write_text(json.dumps([{"route": "POST /v3/videos", "nth": 1, "status": 429}]))
    found = await exports(await served("--api-key", "my-key", "--faults", str(plan)))
    assert found["HEYGEN_API_KEY"] == "my-key"
    url, once = found["HEYGEN_BASE_URL"], RetryPolicy(max_attempts=1)
    async with HeyGen("my-key", base_url=url, retry=once) as heygen:
        with pytest.raises(RateLimitError):
            await heygen.submit(image_video())
    async with HeyGen("other-key", base_url=url, retry=once) as heygen:
        with pytest.raises(AuthenticationError):
            await heygen.submit(image_video())


@pytest.mark.real_time
async def test_a_wrong_plan_of_faults_is_refused(shell, tmp_path):
    """A fault with a field that does not exist ends in 2 and a line that names it."""
    plan = tmp_path / "faults.json"
    plan.write_text('[{"route": "*", "colour": "red"}]')
    ended = await shell("emulator", "--faults", plan)
    assert ended.code == 2
    assert "fault 1: unknown field colour" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.real_time
async def test_a_port_in_use_is_refused(shell):
    """A port that another program has ends in 2 and one clear line."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = await shell("emulator", "--port", other.getsockname()[1])
    assert ended.code == 2
    assert "cannot serve" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.real_time
async def test_it_prints_no_key_of_the_account(served):
    """A key in the environment is not the emulator's, and is not printed."""
    process = await start("emulator", HEYGEN_API_KEY="real-secret-key")
    try:
        found = await exports(process)
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            await process.communicate()
    assert found["HEYGEN_API_KEY"] == "emulator-key"
