"""The examples, each as a child process on an emulator of its own, as a person starts it."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import hashlib
import inspect
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from heygen_async.emulator import Emulator

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("[a-z]*.py"))
NOTEBOOKS = ["notebook.ipynb"]
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


@pytest.fixture
def service(tmp_path):
    """Run a service on the emulator; yield a session at its address and its process."""

    @asynccontextmanager
    async def run(name, speed):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        emulated = {"HEYGEN_EMULATOR": "1", "HEYGEN_EMULATOR_SPEED": speed, "PORT": port}
        process = await start(name, cwd=tmp_path, **emulated)
        said = b""
        try:
            async with asyncio.timeout(20):
                while b"running on" not in said:
                    said = await process.stderr.readline()
                    assert said, "it has ended"
                async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
                    yield http, process
                process.send_signal(signal.SIGINT)
                _, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        assert b"Traceback" not in err
        assert b"Finished server process" in err

    return run


async def test_webhooks_fastapi(service):
    """The service renders, its callback is delivered to it, and Ctrl-C ends it."""
    async with service("webhooks_fastapi.py", "600") as (http, process):
        async with http.post("/videos", params={"script": "Hello!"}) as answer:
            assert answer.status == 202
            token = (await answer.json())["token"]
        async with http.get("/videos", params={"token": token}) as answer:
            video = await answer.json()
        async with http.get("/videos", params={"token": "nonsense"}) as answer:
            assert answer.status == 502
        assert video["status"] == "completed"
        assert video["url"].startswith("http://127.0.0.1:")
        said = b""
        while b"POST /hooks/heygen" not in said:
            said = await process.stdout.readline()
            assert said, "it has ended"
        assert said.rstrip().endswith(b"200 OK")


async def test_sse_starlette(service, tmp_path):
    """An order that is sent twice is one job, and its changes are streamed, also afterwards."""
    async with service("sse_starlette.py", "600") as (http, _):
        videos = []
        for _ in range(2):
            async with http.put("/orders/a1", params={"script": "Hello!"}) as answer:
                assert answer.status == 202
            async with http.get("/orders/a1/events") as answer:
                told = (await answer.text()).split("\n\n")
            assert told[-3] == "data: completed"
            assert told[-2].startswith("event: video\ndata: http://127.0.0.1:")
            videos.append(told[-2].partition("?")[0])
        assert videos[0] == videos[1]
        async with http.put("/orders/a2", params={"script": ""}) as answer:
            assert answer.status == 502
        async with http.get("/orders/unknown/events") as answer:
            assert answer.status == 404


async def test_views_django(service, tmp_path):
    """The view waits for the video; asked again it gives the same one, for the order has it."""
    async with service("views_django.py", "1200") as (http, _):
        urls = []
        for _ in range(2):
            async with http.post("/videos/a1", data="Hello!") as answer:
                assert answer.status == 200
                urls.append((await answer.json())["url"].partition("?")[0])
        assert urls[0] == urls[1]
        async with http.post("/videos/a2", data="") as answer:
            assert answer.status == 502
            assert "script" in (await answer.json())["error"]
    with contextlib.closing(sqlite3.connect(tmp_path / "out/emulator/django.sqlite")) as db:
        (token,), (missing,) = db.execute("SELECT token FROM orders_order ORDER BY id")
    assert token.startswith("heygen.video/")
    assert not missing


async def test_blocking_portal(example, tmp_path):
    """A program without a coroutine has two videos."""
    lines = await example("blocking_portal.py")
    assert [file.name for file in saved(tmp_path)] == ["portal_bye.mp4", "portal_hello.mp4"]
    assert all(re.fullmatch(r"out/emulator/portal_\w+.mp4: [\d.]+ seconds", line) for line in lines)


async def test_tasks_celery(example, tmp_path):
    """Both tasks run in one process where there is no broker."""
    lines = await example("tasks_celery.py", "order-7", "Hello!")
    assert lines == [str(file.relative_to(tmp_path)) for file in saved(tmp_path)]


WORKER = """
import tasks_celery as tasks
from celery import chain
from celery.contrib.testing.worker import start_worker

backends = {"broker_url": "memory://", "result_backend": "cache+memory://"}
quick = {"broker_transport_options": {"polling_interval": 0.01}}
tasks.app.conf.update(task_always_eager=False, **backends, **quick)
with start_worker(tasks.app, pool="threads", perform_ping_check=False, loglevel="ERROR"):
    twice = [tasks.submit.delay("order-7", "Hello!").get(timeout=10) for _ in range(2)]
    assert len({token.rpartition("/")[2] for token in twice}) == 1, "it was paid for twice"
    print(chain(tasks.submit.s("order-7", "Hello!"), tasks.save.s()).delay().get(timeout=10))
"""


async def test_tasks_celery_in_a_worker(tmp_path):
    """A worker runs the tasks, and a task that is delivered twice submits one job."""
    emulated = {"HEYGEN_EMULATOR": "1", "HEYGEN_EMULATOR_SPEED": "3600"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WORKER),
        cwd=tmp_path,
        env=environment(**emulated) | {"PYTHONPATH": f"{ROOT}{os.pathsep}{EXAMPLES}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert [out.decode().splitlines()[-1]] == [
        str(file.relative_to(tmp_path)) for file in saved(tmp_path)
    ]


async def test_attach_later(tmp_path):
    """One process submits, others ask; the same order is one job, and early is exit code 75."""
    async with Emulator() as emulator:
        variables = {"HEYGEN_API_KEY": emulator.api_key, "HEYGEN_BASE_URL": emulator.url}

        async def run(*args):
            process = await start("attach_later.py", *args, cwd=tmp_path, **variables)
            out, _ = await process.communicate()
            return process.returncode, out.decode().strip()

        code, token = await run("submit", "order-7", "Hello!")
        assert code == 0
        code, again = await run("submit", "order-7", "Hello!")
        assert again.rpartition("/")[2] == token.rpartition("/")[2]
        assert await run("collect", token, "video.mp4") == (os.EX_TEMPFAIL, "")
        emulator.complete(*emulator.videos)
        code, said = await run("collect", token, "video.mp4")
        assert (code, said.partition(":")[0]) == (0, "video.mp4")
        assert (tmp_path / "video.mp4").stat().st_size
        assert len(emulator.wallet.charges) == 1


async def test_bot_loop(example, tmp_path):
    """Each message is answered by a video or a reason, and nothing is left to be sent."""
    lines = await example("bot_loop.py")
    assert lines[0].startswith("to 7: Sorry: ")
    assert sorted(lines[1:]) == [f"to 7: {file.relative_to(tmp_path)}" for file in saved(tmp_path)]
    assert len(lines) == 3


async def test_bot_loop_goes_on_where_it_was(tmp_path):
    """A video that was on its way when the bot was stopped is sent at its next start."""
    (tmp_path / "out/real").mkdir(parents=True)
    async with Emulator(speed=3600) as emulator:
        video_id = emulator.add_video(0.1)
        with contextlib.closing(sqlite3.connect(tmp_path / "out/real/bot.sqlite")) as db, db:
            db.execute("CREATE TABLE tokens (name TEXT PRIMARY KEY, token)")
            token = f"heygen.video/{int(time.time()) - 60}/{video_id}"
            db.execute("INSERT INTO tokens VALUES ('9:0', ?)", (token,))
        variables = {"HEYGEN_API_KEY": emulator.api_key, "HEYGEN_BASE_URL": emulator.url}
        process = await start("bot_loop.py", cwd=tmp_path, **variables)
        out, err = await process.communicate()
        assert (process.returncode, err) == (0, b"")
        assert b"to 9: out/real/bot_9_0.mp4" in out
        assert len(emulator.wallet.charges) == 2  # the two messages that came since
        with contextlib.closing(sqlite3.connect(tmp_path / "out/real/bot.sqlite")) as db:
            assert db.execute("SELECT * FROM tokens").fetchall() == []


async def test_spans_opentelemetry(example):
    """There is a span for each request, and one for the job that ends as completed."""
    spans = re.split(
        r"^\}$", "\n".join(await example("spans_opentelemetry.py")), flags=re.MULTILINE
    )
    found = {span["name"]: span for span in map(json.loads, [f"{s}}}" for s in spans[:-1]])}
    assert {"POST /v3/videos", "heygen.video"} <= set(found)
    events = [event["name"] for event in found["heygen.video"]["events"]]
    assert (events[0], events[-1]) == ("queued", "completed")
    assert found["POST /v3/videos"]["attributes"]["http.response.status_code"] in (200, 202)


async def test_the_notebook(tmp_path, monkeypatch, capsys):
    """Its cells run one after the other, and leave three files and no client."""
    shutil.copy(EXAMPLES / "astronaut.jpg", tmp_path)
    monkeypatch.chdir(tmp_path)
    cells = json.loads((EXAMPLES / "notebook.ipynb").read_text())["cells"]
    names = {}
    for number, cell in enumerate(cells):
        assert not cell.get("outputs"), "outputs are not kept"
        if cell["cell_type"] == "code":
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            code = compile("".join(cell["source"]), f"cell {number}", "exec", flags=flags)
            running = eval(code, names)
            if inspect.iscoroutine(running):
                await running
    assert len(list(tmp_path.glob("out/notebook/*.mp4"))) == 2
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("heygen.video/")
    assert "completed" in said


OTHERS = {"attach_later.py", "sse_starlette.py", "views_django.py", "webhooks_fastapi.py"}
"""They serve, or want to be told what to do."""


@pytest.mark.parametrize("name", sorted(set(SCRIPTS) - OTHERS))
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
    assert not [path for path in tmp_path.rglob("*") if path.stat().st_size and path.is_file()]


@pytest.mark.parametrize("name", SCRIPTS + NOTEBOOKS)
def test_an_example_is_short_and_stands_in_the_readme(name):
    """Each has fewer than 60 lines, says what it is for, and is listed."""
    text = (EXAMPLES / name).read_text()
    if name in NOTEBOOKS:
        text = '"""' + "".join("".join(cell["source"]) + "\n" for cell in json.loads(text)["cells"])
    assert len(text.splitlines()) <= MAX_LINES
    assert text.startswith('"""')
    assert f"| `{name}` |" in (EXAMPLES / "README.md").read_text()
