"""The examples, each as a child process on an emulator of its own, as a person starts it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("[a-z]*.py"))
WARNINGS = ("-W", "error", "-W", "ignore:HeyGen retired:DeprecationWarning")
MAX_LINES = 59

pytestmark = pytest.mark.real_time


def environment(**variables):
    """Return the machine's environment without what is meant for HeyGen or JoggAI."""
    ours = ("HEYGEN_", "JOGG_", "PUBLIC_URL", "PORT")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **variables}


def start(name, *args, cwd, **variables):
    """Return the coroutine that starts an example."""
    return asyncio.create_subprocess_exec(
        sys.executable,
        *WARNINGS,
        EXAMPLES / name,
        *args,
        cwd=cwd,
        env=environment(**variables),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.fixture
def example(tmp_path):
    """Run an example on the emulator, to its end, and return the lines it prints."""

    async def run(name, *args):
        emulated = {"HEYGEN_EMULATOR": "1", "HEYGEN_EMULATOR_SPEED": "3600"}
        process = await start(name, *args, cwd=tmp_path, **emulated)
        async with asyncio.timeout(30):
            out, err = await process.communicate()
        assert (process.returncode, err.decode()) == (0, "")
        return out.decode().splitlines()

    return run


def saved(folder, pattern="*.mp4"):
    """Return the files that an example has saved, none of them empty."""
    files = sorted((folder / "out" / "emulator").rglob(pattern))
    assert all(file.stat().st_size for file in files)
    return files


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


async def test_one_video(example, tmp_path):
    """It tells the token, the changes, and the file that is there."""
    lines = await example("one_video.py")
    assert lines[0].startswith("token: heygen.video/")
    assert lines[-2] == "completed (completed)"
    assert [file.name for file in saved(tmp_path)] == ["one_video.mp4"]
    assert re.match(r"out/emulator/one_video.mp4: [\d.]+ seconds, spoken by \w+", lines[-1])
    assert (await example("one_video.py"))[-1].startswith("out/")  # a second time


async def test_photo_avatar(example, tmp_path):
    """A new avatar and one that was there give three videos."""
    lines = await example("photo_avatar.py")
    assert lines[0].startswith("a new avatar: ")
    assert lines[1] == "one of HeyGen's own: photo_ada Ada at work"
    assert sorted(lines[2:]) == [str(file.relative_to(tmp_path)) for file in saved(tmp_path)]
    assert len(lines[2:]) == 3


async def test_many_videos(example, tmp_path):
    """The first run renders the table; the second finds all of it done."""
    lines = await example("many_videos.py")
    assert lines[-2:] == ["6 completed", "6 submitted by this run"]
    assert len(saved(tmp_path)) == 6
    lines = await example("many_videos.py")
    assert lines[-2:] == ["6 completed", "0 submitted by this run"]


@pytest.mark.parametrize(
    ("args", "vendors"), [((), ["HeyGen", "JoggAI"]), (("jogg",), ["JoggAI"])], ids=["both", "one"]
)
async def test_add_motion(example, tmp_path, args, vendors):
    """Both vendors, or the one that is named, make a moving avatar and its preview."""
    lines = await example("add_motion.py", *args)
    assert sorted(line.partition(":")[0] for line in lines) == vendors
    assert len(saved(tmp_path)) == len(vendors)


async def test_pipeline(example, tmp_path):
    """Each row ends as a file with its checksum, and the last is read after the first is done."""
    lines = await example("pipeline.py")
    done = [line.split()[1:] for line in lines if line.startswith("done: ")]
    assert sorted(path for _, path in done) == [str(file) for file in saved(tmp_path)]
    assert all(digest == sha256(path) for digest, path in done)
    assert len(done) == sum(line.startswith("wanted: ") for line in lines) == 24
    first_done = next(at for at, line in enumerate(lines) if line.startswith("done: "))
    assert any(line.startswith("wanted: ") for line in lines[first_done:])


async def test_webhooks_fastapi(tmp_path):
    """The service renders, its callback is delivered to it, and Ctrl-C ends it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    emulated = {"HEYGEN_EMULATOR": "1", "HEYGEN_EMULATOR_SPEED": "600", "PORT": port}
    process = await start("webhooks_fastapi.py", cwd=tmp_path, **emulated)
    said = b""
    try:
        async with asyncio.timeout(20):
            while b"running on" not in said:
                said = await process.stderr.readline()
                assert said, "it has ended"
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
                async with http.post("/videos", params={"script": "Hello!"}) as answer:
                    assert answer.status == 202
                    token = (await answer.json())["token"]
                async with http.get("/videos", params={"token": token}) as answer:
                    video = await answer.json()
                async with http.get("/videos", params={"token": "nonsense"}) as answer:
                    assert answer.status == 502
            assert video["status"] == "completed"
            assert video["url"].startswith("http://127.0.0.1:")
            while b"POST /hooks/heygen" not in said:
                said = await process.stdout.readline()
                assert said, "it has ended"
            assert said.rstrip().endswith(b"200 OK")
            process.send_signal(signal.SIGINT)
            _, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert b"Traceback" not in err
    assert b"Finished server process" in err


@pytest.mark.parametrize("name", sorted(set(SCRIPTS) - {"webhooks_fastapi.py"}))
def test_without_the_variable_it_is_the_real_one(name, tmp_path):
    """An example that is not told to use the emulator asks for a key, and leaves nothing."""
    ended = subprocess.run(
        [sys.executable, EXAMPLES / name],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert "API key: set the environment variable" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_example_is_short_and_stands_in_the_readme(name):
    """Each has fewer than 60 lines, says what it is for, and is listed."""
    text = (EXAMPLES / name).read_text()
    assert len(text.splitlines()) <= MAX_LINES
    assert text.startswith('"""')
    assert f"| `{name}` |" in (EXAMPLES / "README.md").read_text()
