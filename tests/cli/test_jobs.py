"""``heygen-async jobs`` as a process: a token is all it needs to find a job again."""

from __future__ import annotations

import asyncio
import functools
import json
import signal
import time

import attrs
import pytest

from heygen_async import ItemState, JoggAI, JoggMotion, Ledger, LedgerItem
from tests.cli.conftest import SOON, start

LONG = 100_000.0

pytestmark = pytest.mark.real_time


@pytest.fixture
def emulator(secretive):
    return secretive


@pytest.fixture
def jobs(command):
    """Run ``jobs``."""
    return functools.partial(command, "jobs")


@pytest.fixture
async def token(emulator):
    """Return the token of a video that ends only when a test says so.

    It looks old enough to end at any moment, so whoever waits for it looks at once.
    """
    return f"heygen.video/{int(time.time()) - 300}/{emulator.add_video(LONG)}"


@pytest.fixture
async def jogg_token(emulator):
    """Return the token of a motion at JoggAI, completed."""
    spec = JoggMotion(
        image_url="https://example.com/a.jpg", name="Ada", voice_id="en-US-JennyNeural", model="2.0"
    )
    async with JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url) as jogg:
        job = await jogg.submit(spec)
    emulator.complete(job.id)
    return job.token


def id_of(token):
    return token.rpartition("/")[2]


async def test_status_is_one_look(jobs, emulator, token):
    """The state and the vendor's word are printed, after one request."""
    ended = await jobs("status", token)
    assert (ended.code, ended.out, ended.err) == (0, "queued (pending)\n", "")
    assert emulator.counts.total() == 1
    emulator.fail(id_of(token))
    ended = await jobs("status", token, "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == {"state": "failed", "raw": "failed", "terminal": True}


async def test_the_token_says_which_vendor_it_is_for(jobs, jogg_token):
    """A job of JoggAI needs no key of HeyGen; blanks around a pasted token do no harm."""
    ended = await jobs("status", f" {jogg_token} ", HEYGEN_API_KEY="")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("completed (")
    refused = await jobs("status", jogg_token, JOGG_API_KEY="")
    assert refused.code == 2
    assert "JOGG_API_KEY" in refused.err


async def test_wait_prints_ids_and_urls(jobs, emulator, token):
    """A job that has ended is told at once, its changes on stderr."""
    emulator.complete(id_of(token))
    ended = await jobs("wait", token, *SOON)
    assert (ended.code, ended.err) == (0, "completed (completed)\n")
    told = dict(line.split(": ", 1) for line in ended.out.splitlines())
    assert told["id"] == id_of(token)
    assert told["video_url"].startswith(emulator.files_url)


async def test_wait_prints_json(jobs, jogg_token):
    """With ``--json`` the result is one object on stdout."""
    ended = await jobs("wait", jogg_token, *SOON, "--json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["motion_id"] == id_of(jogg_token)


async def test_download_saves_the_file(jobs, jogg_token, tmp_path):
    """The path alone is printed; a file that is there is replaced only on request."""
    target = tmp_path / "motion.mp4"
    target.write_text("mine")
    asked = ("download", jogg_token, "-o", target, *SOON)
    refused = await jobs(*asked)
    assert (refused.code, target.read_text()) == (2, "mine")
    assert "--overwrite" in refused.err
    ended = await jobs(*asked, "--overwrite")
    assert (ended.code, ended.out) == (0, f"{target}\n")
    assert target.read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("status", "abc"), "'abc' is no job token"),
        (("wait", "heygen.dream/1/abc"), "is no job token"),
        (("wait", "jogg.motion/1/abc", "--timeout", "0"), "--timeout"),
        (("download", "heygen.video/1/abc"), "--output"),
        (("download", "heygen.video/1/abc", "-o", "no/such/folder/a.mp4"), "no/such/folder"),
        (("download", "heygen.video/1/abc", "-o", __file__), "--overwrite"),
    ],
)
async def test_bad_input_ends_in_two_and_sends_nothing(jobs, emulator, args, said):
    """What is wrong is said on stderr, and neither server hears of it."""
    ended = await jobs(*args)
    assert (ended.code, ended.out) == (2, ""), ended.err
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert not emulator.counts


async def test_a_failed_job_ends_in_seven_with_its_reason(jobs, emulator, token):
    """Waiting for a job that failed says why."""
    emulator.fail(id_of(token), "moderation", "Not that picture.")
    ended = await jobs("wait", token, *SOON)
    assert (ended.code, ended.out) == (7, "")
    assert "Not that picture. (moderation)" in ended.err


async def test_a_wait_that_times_out_ends_in_three(jobs, token):
    """The last line is the token again."""
    ended = await jobs("wait", token, "--timeout", "0.3")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.splitlines()[-1] == f"token: {token}"


@pytest.mark.parametrize("kind", ["heygen.video", "jogg.video"])
async def test_a_token_that_the_vendor_does_not_know_ends_in_one_at_once(jobs, kind):
    """Nothing goes on that could be waited for again."""
    ended = await jobs("wait", f"{kind}/1732806631/nosuch")
    assert (ended.code, ended.out) == (1, "")
    assert f"{kind}/1732806631/nosuch is not there: it was deleted" in ended.err


async def test_ctrl_c_says_how_to_wait_again(variables, token):
    """Whoever interrupts a wait reads the command that takes it up, and no traceback."""
    process = await start("jobs", "wait", token, **variables)
    async with asyncio.timeout(10):
        first = await process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert (process.returncode, first) == (130, b"queued (pending)\n")
    told, last = err.decode().splitlines()
    assert told.endswith(f"heygen-async jobs wait {token}")
    assert last == "interrupted"


async def test_jobs_of_the_account_are_listed_by_their_tokens(quick, emulator, token):
    """A line has token, state, time and title; the token is one that ``status`` takes."""
    emulator.fail(emulator.add_video(LONG))
    rows = [line.split("\t") for line in (await quick("jobs", "list")).out.splitlines()]
    assert sorted(row[1] for row in rows) == ["failed", "queued"]
    (found,) = [row[0] for row in rows if row[0].endswith(id_of(token))]
    assert (await quick("jobs", "status", found)).out == "queued (pending)\n"
    (one,) = (await quick("jobs", "list", "--limit", "1", "--json")).out.splitlines()
    assert json.loads(one)["token"].startswith("heygen.video/")
    for kind in ("heygen.translation", "jogg.template-video"):
        assert (await quick("jobs", "list", "--kind", kind)).code == 0


async def test_jobs_of_a_ledger_are_listed_without_a_request(quick, emulator, tmp_path):
    """Those that have a token, by their keys."""
    item = LedgerItem(key="a", digest="d", state=ItemState.SUBMITTED, kind="heygen.video")
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        await ledger.put(attrs.evolve(item, token="heygen.video/1/x", submitted_at=0.0))
        await ledger.put(attrs.evolve(item, key="b", state=ItemState.INTENT))
    ended = await quick("jobs", "list", "--ledger", ledger.where, HEYGEN_API_KEY="")
    assert (ended.code, ended.out) == (
        0,
        "heygen.video/1/x\tsubmitted\t1970-01-01 00:00:00\ta\n",
    )
    assert not emulator.counts


async def test_an_unknown_token_says_so_at_once(quick, emulator):
    """A job that the vendor does not know, and that is not new, is an error and goes not on."""
    ended = await quick("jobs", "wait", "heygen.video/1500000000/abc")
    assert (ended.code, ended.out) == (1, "")
    assert "abc is not there" in ended.err
    assert "token:" not in ended.err
    assert emulator.counts.total() <= 2
