"""``heygen-async voices`` and ``avatars`` as processes, in pipes and on a terminal."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from heygen_async import JoggVoice
from heygen_async.cli.options import show_rows
from tests.cli.conftest import ON_TERMINAL, environment

pytestmark = pytest.mark.real_time


@pytest.fixture
def emulator(secretive):
    return secretive


@pytest.fixture
def run(command):
    return command


def table(ended):
    assert ended.code == 0, ended.err
    return [line.split("\t") for line in ended.out.splitlines()]


async def test_voices_that_fit_are_listed(run):
    """A line has id, name, language and gender, between tabs."""
    ended = await run("voices", "--language", "Spanish", "--gender", "male")
    assert table(ended) == [["v4", "Diego", "Spanish", "male"]]
    assert ended.err == ""


async def test_voices_of_jogg_as_json(run):
    """``--json`` gives an object a line, at most ``--limit`` of them, without what is not set."""
    ended = await run("voices", "--jogg", "--limit", "2", "--json", "--language", "german")
    first, second = map(json.loads, ended.out.splitlines())
    assert (first["voice_id"], second["voice_id"]) == ("de-DE-KatjaNeural", "de-DE-ConradNeural")
    assert "extra" not in first


async def test_voices_stand_in_columns_on_a_terminal(variables):
    """Where a person reads, blanks align the columns."""
    command = (sys.executable, "-m", "heygen_async", "voices", "--gender", "female", "--limit", "5")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ON_TERMINAL, *command),
        env=environment(**variables),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(10):
        out, _ = await process.communicate()
    assert out.decode().splitlines() == [
        "v1  Ada     English   female",
        "v3  Carla   Spanish   female",
        "v5  Elise   French    female",
        "v7  Greta   German    female",
        "v9  Ichika  Japanese  female",
    ]


async def test_looks_are_the_avatars_of_heygen(run):
    """The ids are those that ``render avatar`` takes; what is not known is empty."""
    rows = table(await run("avatars", "--limit", "2"))
    assert rows == [
        ["photo_ada", "Ada at work", "photo_avatar", "female", "v1", ""],
        ["photo_silent", "Ada in silence", "photo_avatar", "female", "", ""],
    ]
    assert table(await run("avatars", "--own")) == []


async def test_avatars_of_jogg_are_public_or_own(run):
    """JoggAI's own avatars, or those of the account."""
    public = table(await run("avatars", "--jogg", "--limit", "1"))
    assert public == [["81", "Amelia", "professional", "female", "adult", ""]]
    own = table(await run("avatars", "--jogg", "--own"))
    assert [(row[0], row[-1]) for row in own] == [
        ("9001", "completed"),
        ("9002", "processing"),
        ("9003", "failed"),
    ]


@pytest.mark.parametrize(
    "args",
    [
        ("voices", "--gender", "robot"),
        ("voices", "--limit", "0"),
        ("avatars", "--limit", "many"),
        ("avatars", "--base-url", "nowhere"),
    ],
)
async def test_bad_input_ends_in_two_and_sends_nothing(run, emulator, args):
    """What is wrong is said on stderr, and neither server hears of it."""
    ended = await run(*args)
    assert (ended.code, ended.out) == (2, "")
    assert args[-1] in ended.err
    assert "Traceback" not in ended.err
    assert not emulator.counts


async def test_a_wrong_key_ends_in_five(run):
    """An error of the API is one line."""
    ended = await run("voices", "--jogg", JOGG_API_KEY="other-key")
    assert (ended.code, ended.out) == (5, "")
    assert ended.err.startswith("Error: GET /v2/voices")
    assert len(ended.err.splitlines()) == 1
    assert "other-key" not in ended.err


def test_no_value_breaks_out_of_its_column(capsys):
    """Tabs, line ends and escapes of a vendor become blanks."""
    show_rows([JoggVoice(voice_id="v", name="A\tB\n\x1b[31mC")], ("voice_id", "name", "gender"))
    assert capsys.readouterr().out == "v\tA B  [31mC\t\n"
