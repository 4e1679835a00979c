"""``heygen-async run`` as a process, against an emulator; its commands for all specs."""

from __future__ import annotations

import json
import re

import attrs
import pytest
from click.testing import CliRunner

from heygen_async.batch.manifest import cell_value
from heygen_async.cli.app import app
from heygen_async.cli.run import KINDS
from heygen_async.cli.wording import in_shell_words
from heygen_async.emulator import Emulator, Fault
from heygen_async.models._words import describe
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG
from tests.cli.conftest import KEYS, SOON
from tests.conftest import PORTRAIT

VIDEO = "https://example.com/talk.mp4"
JOGG_PHOTO = (
    *("--age", "Adult", "--gender", "Female", "--avatar-style", "Professional"),
    *("--model", "classic", "--aspect-ratio", "portrait"),
)
HELLO = ("image", "--image", PORTRAIT, "--script", "Hello", "--voice-id", "v1")


@pytest.fixture
def speed():
    """Return a speed at which a job ends at once."""
    return 100_000.0


@pytest.fixture
def run(command):
    """Run ``run``."""

    async def go(*args, **changes):
        return await command("run", *args, *SOON, **changes)

    return go


def test_each_spec_has_a_name_of_its_own():
    """The rule of names makes no two alike, and keeps those that tables have had."""
    assert set(KINDS.values()) == {*HEYGEN.specs, *JOGG.specs}
    assert len(KINDS) == len(HEYGEN.specs) + len(JOGG.specs)
    kept = "image avatar cinematic studio photo-avatar prompt-avatar digital-twin legacy-video"
    assert {*kept.split(), "motion", "jogg-photo", "jogg-motion", "jogg-video"} <= set(KINDS)
    assert KINDS["translation"].__name__ == "VideoTranslation"


@pytest.mark.parametrize("name", KINDS)
def test_each_field_is_an_option(name):
    """``--help`` tells of each field, and no field hides an option that all have."""
    told = CliRunner().invoke(app, ["run", name, "--help"])
    assert told.exit_code == 0, told.output
    output = " ".join(told.output.split())
    for field in attrs.fields(KINDS[name]):
        assert f"--{field.name.replace('_', '-')} " in told.output
        assert " ".join(describe(KINDS[name])[field.name].words.split()[:2]).strip(",.") in output
    assert told.output.count("--timeout") == told.output.count("--base-url") == 1


def test_an_option_says_what_its_field_means():
    """Words, choices once, bounds, and the default."""
    told = " ".join(CliRunner().invoke(app, ["run", "image", "--help"]).output.split())
    assert "--fit [contain|cover] How the picture fills the frame" in told
    assert "(at most 5,000 characters)" in told
    assert "one of 'contain'" not in told
    told = " ".join(CliRunner().invoke(app, ["run", "motion", "--help"]).output.split())
    assert "passed on with a warning (default 'consistent')." in told


@pytest.mark.parametrize("name", KINDS)
def test_the_columns_of_a_table_are_told(name):
    """Each field has a line with what it means; as JSON, also whether it is needed."""
    spec = KINDS[name]
    told = CliRunner().invoke(app, ["batch", "columns", name]).output
    lines = CliRunner().invoke(app, ["batch", "columns", name, "--json"]).output.splitlines()
    rows = {row["name"]: row for row in map(json.loads, lines)}
    assert rows.keys() == attrs.fields_dict(spec).keys()
    for field in attrs.fields(spec):
        assert rows[field.name]["required"] == (field.default is attrs.NOTHING)
        assert rows[field.name]["words"] == in_shell_words(str(describe(spec)[field.name]))
        assert re.search(rf"^{field.name} ", told, flags=re.MULTILINE)
        assert "heygen." not in rows[field.name]["words"]


def test_a_comma_in_brackets_divides_nothing():
    """Some languages have one in their name."""
    text = "French, Chinese (Mandarin, Simplified)"
    assert cell_value(text, [tuple[str, ...]]) == ["French", "Chinese (Mandarin, Simplified)"]


@pytest.mark.real_time
async def test_a_video_is_saved(run, secretive, tmp_path):
    """A file, a flag and JSON come to the vendor; the path goes to stdout."""
    target = tmp_path / "hello.mp4"
    more = ("--background", '{"type": "color", "value": "#102030"}', "--remove-background")
    ended = await run(*HELLO, *more, "-o", target)
    assert (ended.code, ended.out) == (0, f"{target}\n"), ended.err
    (job,) = secretive.jobs.values()
    assert job.request["background"] == {"type": "color", "value": "#102030"}
    assert job.request["remove_background"] is True
    assert target.stat().st_size
    assert (await run(*HELLO, "-o", target)).code == 2
    assert len(secretive.jobs) == 1


@pytest.mark.real_time
@pytest.mark.parametrize("end", ["", "/"])
async def test_a_translation_into_two_languages_fills_a_folder(run, secretive, tmp_path, end):
    """Each language has a folder of its own in it."""
    target = f"{tmp_path}/out{end}"
    languages = ("--output-languages", "French, German")
    ended = await run("translation", "--video", VIDEO, *languages, "-o", target)
    assert ended.code == 0, ended.err
    assert ended.err.count("token: heygen.translation/") == 2
    saved = ended.out.splitlines()
    assert {*map(str, tmp_path.rglob("*.mp4"))} == {line for line in saved if "video.mp4" in line}
    assert {(tmp_path / "out" / job).is_dir() for job in secretive.jobs} == {True}
    assert len(secretive.jobs) == 2


@pytest.mark.real_time
async def test_jogg_has_a_client_of_its_own(run, secretive):
    """Without ``-o`` the result is printed as JSON."""
    fields = (
        "--image-url",
        PORTRAIT,
        "--name",
        "Ada",
        "--voice-id",
        "en-US-JennyNeural",
        "--model",
        "2.0",
    )
    ended = await run("jogg-motion", *fields)
    assert ended.code == 0, ended.err
    assert ended.err.startswith("token: jogg.motion/")
    assert json.loads(ended.out)


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("--aspect-ratio", "7:3"), "--aspect-ratio"),
        (("--background", "{"), "background: broken JSON"),
        (("--background", '{"tpye": "color"}'), "did you mean type?"),
        (("--callback-url", "nowhere"), "callback_url"),
        (("--audio", "missing.mp3"), "missing.mp3"),
    ],
)
async def test_a_wrong_value_is_refused_before_anything_is_sent(run, secretive, wrong, told):
    """The exit code is 2, and the line names the field."""
    ended = await run(*HELLO, *wrong)
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert not secretive.received


@pytest.mark.real_time
async def test_a_failed_job_is_exit_code_7(run, speed):
    """What the vendor says of it is on stderr, and nothing on stdout."""
    key = KEYS["HEYGEN_API_KEY"]
    async with Emulator(speed=speed, api_key=key, failure_rate=1.0) as emulator:
        ended = await run(*HELLO, HEYGEN_BASE_URL=emulator.url)
    assert (ended.code, ended.out) == (7, "")
    assert "Error: " in ended.err
    assert "could not be rendered" in ended.err


@pytest.mark.real_time
@pytest.mark.parametrize("piped", [False, True])
async def test_a_spec_may_come_from_a_file(quick, secretive, tmp_path, piped):
    """Its fields are nested as in Python; a local file is seen from the folder of the spec."""
    (tmp_path / "ada.jpg").write_bytes(PORTRAIT.read_bytes())
    fields = {
        "image": str(PORTRAIT) if piped else "ada.jpg",
        "script": "Hello",
        "voice_id": "v1",
        "voice_settings": {"speed": 1.2},
    }
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(fields))
    ended = await quick(
        "run", "image", "--spec", "-" if piped else spec, *SOON, text=spec.read_text()
    )
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["status"] == "completed"
    (job,) = secretive.jobs.values()
    assert job.request["voice_settings"]["speed"] == 1.2


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("{", (), "is no JSON"),
        ("[]", (), "must hold one JSON object"),
        ('{"scirpt": "Hello"}', (), "scirpt: no such field; did you mean script?"),
        ('{"script": " "}', ("--json",), "script must be text of at most 5,000 characters"),
        ("{}", ("--title", "A", "--voice-id", "v1"), "leave out --title, --voice-id"),
    ],
)
def test_a_spec_that_cannot_be_is_refused(tmp_path, text, options, told):
    """All that is wrong is told by the names of the fields; options do not mix with a file."""
    spec = tmp_path / "spec.json"
    spec.write_text(text)
    result = CliRunner().invoke(app, ["run", "image", "--spec", str(spec), *options])
    assert result.exit_code == 2
    said = json.loads(result.stderr)["message"] if "--json" in options else result.stderr
    assert told in said.replace(f"{tmp_path}/", "")


@pytest.mark.real_time
async def test_a_lost_answer_is_code_4(quick, secretive):
    """JoggAI knows no key to try again with, so the vendor's list has to be looked at."""
    secretive.faults.add(Fault(route="JOGG POST /v2/photo_avatar/photo/generate", reset="after"))
    options = ("jogg-photo", *JOGG_PHOTO)
    lost = await quick("run", *options)
    assert (lost.code, lost.out) == (4, "")
    assert "look at the vendor's own list before you submit it again" in lost.err
    assert len(secretive.jogg_wallet.charges) == 1
    refused = await quick("run", *options, "--idempotency-key", "k")
    assert (refused.code, len(secretive.jogg_wallet.charges)) == (2, 1)


@pytest.mark.real_time
async def test_the_same_key_is_the_same_job(quick, secretive):
    """What an earlier try has paid for is found again by its key, and not paid again."""
    first = await quick("run", *HELLO, *SOON, "--idempotency-key", "mine")
    again = await quick("run", *HELLO, *SOON, "--idempotency-key", "mine")
    assert json.loads(first.out)["id"] == json.loads(again.out)["id"]
    assert len(secretive.wallet.charges) == 1
