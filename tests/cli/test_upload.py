"""``heygen-async upload`` as a process, against an emulator in this one."""

from __future__ import annotations

import asyncio
import functools
import json
import sys

import pytest

from tests.cli.conftest import ON_TERMINAL, environment
from tests.conftest import PORTRAIT
from tests.transport.test_pictures import heic

pytestmark = pytest.mark.real_time


@pytest.fixture
def emulator(secretive):
    return secretive


@pytest.fixture
def upload(command):
    """Run ``upload``."""
    return functools.partial(command, "upload")


@pytest.fixture
def other(tmp_path):
    """Return another file that HeyGen takes."""
    path = tmp_path / "speech.mp3"
    path.write_bytes(b"ID3" + bytes(1000))
    return path


async def test_it_prints_the_id_and_the_url_of_each_file(upload, emulator, other):
    """The lines are in the order of the files; nothing goes to stderr that is no terminal."""
    ended = await upload(PORTRAIT, other)
    assert (ended.code, ended.err) == (0, "")
    rows = [line.split("\t") for line in ended.out.splitlines()]
    assert [row[0] for row in rows] == list(emulator.assets)
    assert all(row[1].startswith(emulator.files_url) for row in rows)
    first, second = emulator.assets.values()
    assert (first.content, second.content) == (PORTRAIT.read_bytes(), other.read_bytes())


async def test_json_says_which_file_became_which_asset(upload, emulator, other):
    """``--json`` gives an object for each file, with its path."""
    ended = await upload(other, PORTRAIT, "--json")
    first, second = map(json.loads, ended.out.splitlines())
    assert (first["file"], second["file"]) == (str(other), str(PORTRAIT))
    assert [first["id"], second["id"]] == list(emulator.assets)
    assert first["mime_type"] == "audio/mpeg"


async def test_at_jogg_the_url_is_all_there_is(upload, emulator):
    """The line is the URL that JoggAI's specs take."""
    ended = await upload("--jogg", PORTRAIT, HEYGEN_API_KEY="")
    assert ended.code == 0, ended.err
    assert ended.out.startswith(emulator.files_url)
    assert ended.out.split() == [ended.out.strip()]
    assert emulator.count("JOGG POST /v2/upload/asset") == 1


async def test_one_bad_file_stops_all(upload, emulator, tmp_path):
    """Everything is checked before the first file is sent; what a vendor takes differs."""
    for args, said in (
        ((PORTRAIT, __file__), "unknown type"),
        ((PORTRAIT, tmp_path / "missing.jpg"), "missing.jpg"),
        ((PORTRAIT, tmp_path), "cannot be read"),
        ((), "FILES"),
    ):
        ended = await upload(*args)
        assert (ended.code, ended.out) == (2, ""), ended.err
        assert said in ended.err
        assert "Traceback" not in ended.err
    text = tmp_path / "paper.pdf"
    text.write_bytes(b"%PDF-1.7" + bytes(100))
    assert (await upload("--jogg", PORTRAIT, text)).code == 2
    assert not emulator.counts


async def test_a_person_sees_how_far_it_is(variables):
    """On a terminal a bar with the file's name runs to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ON_TERMINAL),
        *(sys.executable, "-m", "heygen_async", "upload", str(PORTRAIT)),
        env=environment(**variables),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(10):
        out, _ = await process.communicate()
    assert process.returncode == 0
    assert PORTRAIT.name in out.decode()
    assert "100%" in out.decode()


async def test_a_picture_of_a_phone_is_prepared(upload, emulator, tmp_path):
    """``--prepare`` makes a JPEG of it; without, it is refused with that for a cure."""
    phone = tmp_path / "IMG_0001.HEIC"
    phone.write_bytes(heic())
    ended = await upload(phone)
    assert ended.code == 2
    assert "--prepare" in ended.err
    assert not emulator.assets
    ended = await upload("--prepare", phone)
    assert ended.code == 0, ended.err
    (asset,) = emulator.assets.values()
    assert asset.content.startswith(b"\xff\xd8")
