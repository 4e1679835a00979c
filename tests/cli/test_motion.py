"""``heygen-async motion`` as a process, against an emulator in this one."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import SOON
from tests.conftest import PORTRAIT

ADA = ("--name", "Ada", "--voice", "en-US-JennyNeural", "--model", "2.0")

pytestmark = pytest.mark.real_time


@pytest.fixture
def speed():
    """Return a speed at which a job ends at once; a test sets another."""
    return 100_000.0


@pytest.fixture
def emulator(secretive):
    return secretive


@pytest.fixture
def motion(command):
    """Run ``motion``."""

    async def run(*args, **changes):
        return await command("motion", *args, *SOON, **changes)

    return run


async def test_heygen_makes_a_look_move(motion, emulator):
    """Token and changes go to stderr; the new look's id and preview to stdout."""
    ended = await motion("heygen", "photo_ada", "--prompt", "nods", "--type", "expressive")
    assert ended.code == 0, ended.err
    (job,) = emulator.jobs.values()
    assert job.request == {"id": "photo_ada", "prompt": "nods", "motion_type": "expressive"}
    told = dict(line.split(": ", 1) for line in ended.out.splitlines())
    assert told["id"] == job.id
    assert told["motion_preview_url"].startswith(emulator.files_url)
    warning, token, *changes = ended.err.splitlines()
    assert warning.startswith("Warning: HeyGen retired its v1 and v2 API")
    assert token.startswith("token: heygen.v2.motion/")
    assert token.endswith(job.id)
    assert changes[-1] == "completed (completed)"


async def test_a_new_type_of_motion_is_passed_on_with_a_warning(motion, emulator):
    """A word that is not documented costs one line on stderr, without a place in our source."""
    ended = await motion("heygen", "photo_ada", "--type", "veo3.1")
    assert ended.code == 0, ended.err
    assert ended.err.startswith("Warning: motion_type 'veo3.1' is not documented")
    assert ".py" not in ended.err
    (job,) = emulator.jobs.values()
    assert job.request["motion_type"] == "veo3.1"


async def test_heygen_saves_the_preview_and_prints_json(motion, emulator, tmp_path):
    """With ``-o`` the preview is saved; ``--json`` prints the look and the path."""
    target = tmp_path / "preview.mp4"
    ended = await motion("heygen", "photo_ada", "-o", target, "--json")
    assert ended.code == 0, ended.err
    look = json.loads(ended.out)
    assert (look["is_motion"], look["path"]) == (True, str(target))
    assert target.read_bytes()[4:8] == b"ftyp"


async def test_jogg_makes_a_portrait_move(motion, emulator):
    """A local portrait goes up first; what comes back has the number for a video."""
    ended = await motion(
        *("jogg", PORTRAIT, *ADA, "--description", "nods", "--welcome", "Hello!"), HEYGEN_API_KEY=""
    )
    assert ended.code == 0, ended.err
    (job,) = emulator.jobs.values()
    url = job.request.pop("image_url")
    assert url.startswith(emulator.files_url)
    assert job.request == {
        "name": "Ada",
        "voice_id": "en-US-JennyNeural",
        "model": "2.0",
        "description": "nods",
        "welcome_msg": "Hello!",
    }
    told = dict(line.split(": ", 1) for line in ended.out.splitlines())
    assert (told["motion_id"], told["image_url"]) == (job.id, url)
    assert told["avatar_id"].isdecimal()
    assert told["motion_preview_url"]
    assert ended.err.startswith("token: jogg.motion/")


async def test_jogg_prints_json(motion):
    """With ``--json`` the result is one object, numbers are numbers."""
    ended = await motion("jogg", "https://example.com/ada.jpg", *ADA, "--json")
    avatar = json.loads(ended.out)
    assert isinstance(avatar["avatar_id"], int)
    assert avatar["name"] == "Ada"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("heygen", " "), "id"),
        (("heygen", "photo_ada", "-o", "no/such/folder/a.mp4"), "no/such/folder"),
        (("heygen", "photo_ada", "-o", PORTRAIT), "--overwrite"),
        (("jogg", "missing.jpg", *ADA), "missing.jpg"),
        (("jogg", __file__, *ADA), "unknown type"),
        (("jogg", PORTRAIT, *ADA, "--model", "4.0"), "2.0-Pro"),
        (("jogg", PORTRAIT, *ADA, "--model", "1.0", "--description", "x" * 300), "299"),
        (("jogg", PORTRAIT, "--name", "Ada", "--model", "2.0"), "--voice"),
    ],
)
async def test_bad_input_ends_in_two_and_sends_nothing(motion, emulator, args, said):
    """What is wrong is said on stderr, and neither server hears of it."""
    ended = await motion(*args)
    assert (ended.code, ended.out) == (2, ""), ended.err
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert not emulator.counts


async def test_without_a_key_it_names_the_variable(motion):
    """Each vendor has a key of its own."""
    ended = await motion("jogg", PORTRAIT, *ADA, JOGG_API_KEY="")
    assert ended.code == 2
    assert "JOGG_API_KEY" in ended.err


@pytest.mark.parametrize("speed", [0.01])
async def test_a_wait_that_times_out_ends_in_three_with_the_token(motion, emulator):
    """The job at JoggAI goes on, and the last line has what finds it again."""
    ended = await motion("jogg", PORTRAIT, *ADA, "--timeout", "0.3", "--json")
    assert (ended.code, ended.out) == (3, ""), ended.err
    (job_id,) = emulator.jobs
    token = json.loads(ended.err.splitlines()[-1])["token"]
    assert token.startswith("jogg.motion/")
    assert token.endswith(job_id)
