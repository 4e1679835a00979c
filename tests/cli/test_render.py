"""``heygen-async render`` as a process, against an emulator in this one."""

from __future__ import annotations

import asyncio
import json
import signal
import uuid

import pytest

from heygen_async.emulator import Emulator, Fault
from tests.cli.conftest import start
from tests.conftest import PORTRAIT

KEY = f"secret-{uuid.uuid4().hex}"
SPEECH = ("--script", "Hello!", "--voice", "v1")
SOON = ("--timeout", "1")  # the last look is well before a deadline, so nothing waits for long

pytestmark = pytest.mark.real_time


@pytest.fixture
def speed():
    """Return a speed at which a render ends at once; a test sets another."""
    return 100_000.0


@pytest.fixture
async def emulator(speed):
    async with Emulator(speed=speed, api_key=KEY) as running:
        yield running


@pytest.fixture
def render(shell, emulator):
    """Run ``render image``, or another, against the emulator."""

    async def run(*args, what="image", **options):
        known = {"HEYGEN_API_KEY": KEY, "HEYGEN_BASE_URL": emulator.url}
        ended = await shell("render", what, *SOON, *args, **(known | options))
        assert KEY not in ended.out + ended.err
        return ended

    return run


async def test_it_renders_a_picture_and_says_where_the_video_is(render, emulator, tmp_path):
    """Token and changes go to stderr, the path alone to stdout, and the file is a video."""
    target = tmp_path / "hello.mp4"
    ended = await render(PORTRAIT, *SPEECH, "-o", target)
    assert (ended.code, ended.out) == (0, f"{target}\n")
    assert target.read_bytes()[4:8] == b"ftyp"
    (video_id,) = emulator.videos
    token, first, *_, last = ended.err.splitlines()
    assert token.startswith("token: heygen.video/")
    assert token.endswith(video_id)
    assert (first, last) == ("queued (waiting)", "completed (completed)")


async def test_it_sends_what_its_options_say(render, emulator, tmp_path):
    """Each option is a field of the request; the script may come from stdin."""
    ended = await render(
        "https://example.com/ada.png",
        *("--script", "-", "--voice", "v2", "--title", "Ada", "--resolution", "720p"),
        *("--aspect-ratio", "9:16", "--motion-prompt", "nods", "--background", "#00ff88"),
        *("-o", tmp_path / "ada.mp4"),
        text="From a pipe.",
    )
    assert ended.code == 0, ended.err
    (job,) = emulator.videos.values()
    assert job.request == {
        "type": "image",
        "image": {"type": "url", "url": "https://example.com/ada.png"},
        "script": "From a pipe.",
        "voice_id": "v2",
        "title": "Ada",
        "resolution": "720p",
        "aspect_ratio": "9:16",
        "motion_prompt": "nods",
        "background": {"type": "color", "value": "#00ff88"},
    }


async def test_an_avatar_speaks_with_its_own_voice(render, emulator, tmp_path):
    """``render avatar`` shares the options, and needs no voice."""
    target = tmp_path / "ada.mp4"
    ended = await render(
        *("photo_ada", "--script", "Hello!", "--resolution", "720p", "-o", target), what="avatar"
    )
    assert (ended.code, ended.out) == (0, f"{target}\n")
    (job,) = emulator.videos.values()
    assert job.request == {
        "type": "avatar",
        "avatar_id": "photo_ada",
        "script": "Hello!",
        "resolution": "720p",
    }


async def test_an_avatar_without_a_name_is_refused(render, emulator, tmp_path):
    """An empty AVATAR_ID is bad input."""
    ended = await render("", "--script", "Hello!", "-o", tmp_path / "a.mp4", what="avatar")
    assert ended.code == 2
    assert "avatar_id" in ended.err
    assert heard(emulator) == []


async def test_json_is_the_video_and_its_path(render, emulator, tmp_path):
    """With ``--json`` stdout is one object; what the server left out is not in it."""
    target = tmp_path / "hello.mp4"
    ended = await render(PORTRAIT, *SPEECH, "-o", target, "--json")
    assert ended.code == 0, ended.err
    video = json.loads(ended.out)
    (video_id,) = emulator.videos
    assert (video["id"], video["status"], video["path"]) == (video_id, "completed", str(target))
    assert video["video_url"].startswith(emulator.files_url)
    assert None not in video.values()


async def test_the_base_url_may_be_an_option(render, emulator, tmp_path):
    """``--base-url`` wins over the variable."""
    target = tmp_path / "hello.mp4"
    there = ("--base-url", emulator.url)
    ended = await render(
        PORTRAIT, *SPEECH, "-o", target, *there, HEYGEN_BASE_URL="http://127.0.0.1:9"
    )
    assert ended.code == 0, ended.err


async def test_a_file_that_exists_is_replaced_only_on_request(render, emulator, tmp_path):
    """Without ``--overwrite`` it ends in 2 before anything is sent, with it the file is new."""
    target = tmp_path / "hello.mp4"
    target.write_text("mine")
    refused = await render(PORTRAIT, *SPEECH, "-o", target)
    assert (refused.code, target.read_text()) == (2, "mine")
    assert "--overwrite" in refused.err
    assert heard(emulator) == []
    ended = await render(PORTRAIT, *SPEECH, "-o", target, "--overwrite")
    assert ended.code == 0
    assert target.read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("missing.jpg", *SPEECH), "missing.jpg"),
        ((__file__, *SPEECH), "image/png or image/jpeg"),
        ((PORTRAIT, "--script", " ", "--voice", "v1"), "script"),
        ((PORTRAIT, *SPEECH, "--background", " "), "'--background': value must be"),
        ((PORTRAIT, *SPEECH, "--resolution", "8k"), "720p"),
        (("ftp://example.com/a.jpg", *SPEECH), "a local file is given by its name"),
        ((PORTRAIT, *SPEECH, "-o", "no/such/folder/a.mp4"), "no/such/folder"),
    ],
)
async def test_bad_input_ends_in_two_and_sends_nothing(render, emulator, tmp_path, args, said):
    """What is wrong is said on stderr, and the server hears nothing of it."""
    ended = await render("-o", tmp_path / "a.mp4", *args)
    assert ended.code == 2, ended.err
    assert said in ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert heard(emulator) == []


async def test_without_a_key_it_names_the_variable(render, emulator, tmp_path):
    """No key is bad input, and the message says where it belongs."""
    ended = await render(PORTRAIT, *SPEECH, "-o", tmp_path / "a.mp4", HEYGEN_API_KEY="")
    assert ended.code == 2
    assert "HEYGEN_API_KEY" in ended.err


async def test_a_wrong_key_ends_in_five_and_is_not_repeated_in_the_message(render, tmp_path):
    """An error of the API is one line and an exit code of its own."""
    ended = await render(PORTRAIT, *SPEECH, "-o", tmp_path / "a.mp4", HEYGEN_API_KEY="other-key")
    assert ended.code == 5
    assert len(ended.err.splitlines()) == 1
    assert "401" in ended.err
    assert "other-key" not in ended.err


async def test_a_failed_render_ends_in_seven(emulator, tmp_path):
    """A job that the vendor reports as failed says why, and leaves no file."""
    process = await start_render(emulator, tmp_path)
    token = (await process.stderr.readline()).decode()
    emulator.fail(token.strip().rpartition("/")[2], "moderation", "Not that picture.")
    _, err = await process.communicate()
    assert process.returncode == 7
    assert b"Not that picture." in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("speed", [0.01])
async def test_a_wait_that_times_out_ends_in_three_with_the_token(render, emulator, tmp_path):
    """The render goes on, and the last line is what finds it again."""
    ended = await render(PORTRAIT, *SPEECH, "-o", tmp_path / "a.mp4", "--timeout", "0.3")
    assert ended.code == 3
    (video_id,) = emulator.videos
    last = ended.err.splitlines()[-1]
    assert last.startswith("token: ")
    assert last.endswith(video_id)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("speed", [0.01])
async def test_ctrl_c_ends_in_130_after_the_token_was_printed(emulator, tmp_path):
    """Whoever interrupts it is told how to go on, and sees no traceback."""
    process = await start_render(emulator, tmp_path, "--timeout", "60")
    token = (await process.stderr.readline()).decode().removeprefix("token: ").strip()
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(10):
        _, err = await process.communicate()
    assert process.returncode == 130
    *_, told, last = err.decode().splitlines()
    assert told.endswith(f"heygen-async jobs wait {token}")
    assert last == "interrupted"
    assert b"Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_post_under_way_is_seen_through(emulator, tmp_path, number):
    """Interrupted in the middle of the POST, the command still tells the job that was paid."""
    emulator.faults.add(Fault(route="POST /v3/videos", delay=1.0))
    process = await start_render(emulator, tmp_path)
    while not any(call.route == "POST /v3/videos" for call in emulator.received):
        await asyncio.sleep(0.01)
    process.send_signal(number)
    async with asyncio.timeout(15):
        _, err = await process.communicate()
    assert process.returncode == 130
    (charge,) = emulator.wallet.charges
    told = [line for line in err.decode().splitlines() if "heygen-async jobs wait" in line]
    assert len(told) == 1
    assert told[0].endswith(f"/{charge.job_id}")


def heard(emulator):
    """Return the requests of this account; another program may knock at the wrong port."""
    return [call.path for call in emulator.received if call.headers.get("x-api-key") == KEY]


def start_render(emulator, folder, *args):
    """Return the coroutine that starts a render, to be watched while it goes on."""
    return start(
        *("render", "image", PORTRAIT, *SPEECH, *SOON, "-o", folder / "a.mp4", *args),
        HEYGEN_API_KEY=KEY,
        HEYGEN_BASE_URL=emulator.url,
    )
