"""Batches with a ledger are killed by ``SIGKILL``, at random and at each step; nothing is lost."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from heygen_async import ItemState, Ledger
from heygen_async.emulator import Emulator
from tests.batch import torture_child
from tests.cli.conftest import environment

VIDEO = Path(sys.modules[Emulator.__module__].__file__).parent / "media" / "video.mp4"
KEYLESS = ("motion", "jogg")

pytestmark = pytest.mark.real_time


@pytest.fixture
async def emulator():
    """Run an emulator whose renders take about 0.05 s, and its answers some milliseconds."""
    async with Emulator(
        seed=1,
        median=0.05,
        latency=0.005,
        max_concurrent_jobs=1000,
        max_motions=1000,
        jogg_posts_per_minute=100_000,
    ) as running:
        yield running


async def torture(emulator, kind, folder, **options):
    """Run the child to its end; return how often it was killed, and the outcomes of its keys."""
    at = (emulator.url, emulator.api_key)
    if kind == "jogg":
        at = (emulator.jogg_url, emulator.jogg_api_key)
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore::DeprecationWarning", torture_child.__file__,
        kind, *at, str(folder), *flags,
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    assert (child.returncode, err.decode()) == (0, "")
    said = json.loads(out)
    return said["killed"], said["outcomes"]


async def written(folder):
    """Return what the ledgers of a folder have, by key."""
    items = {}
    for path in folder.glob("*.sqlite"):
        async with Ledger(path, read_only=True) as ledger:
            items |= {item.key: item async for item in ledger.items()}
    return items


def charged(emulator, kind):
    """Return how often the emulator charged each key, by what it was asked to render."""
    wallet = emulator.jogg_wallet if kind == "jogg" else emulator.wallet
    field = torture_child.KINDS[kind].field
    return Counter(emulator.jobs[charge.job_id].request[field] for charge in wallet.charges)


def keys_in(items, state):
    return {key for key, item in items.items() if item.state is state}


def assert_saved(items):
    """Each completed item has a file of its own, and it is whole."""
    paths = [item.path for item in items.values() if item.state is ItemState.COMPLETED]
    assert len(set(paths)) == len(paths)
    content = VIDEO.read_bytes()
    assert all(Path(path).read_bytes() == content for path in paths)


def assert_rendered_once(emulator, outcomes, items):
    """With idempotency keys all are rendered, saved, and charged once."""
    assert set(outcomes.values()) == {None}
    assert charged(emulator, "image") == Counter(list(outcomes))
    assert len(emulator.videos) == len(outcomes)
    assert keys_in(items, ItemState.COMPLETED) == set(outcomes)
    assert_saved(items)


def assert_none_charged_twice(emulator, kind, outcomes, items):
    """Without idempotency keys all are completed or uncertain, and none is charged twice."""
    completed = keys_in(items, ItemState.COMPLETED)
    uncertain = keys_in(items, ItemState.UNCERTAIN)
    charges = charged(emulator, kind)
    assert completed | uncertain == set(outcomes)
    assert set(charges.values()) == {1}
    assert completed <= set(charges) <= completed | uncertain
    assert {key for key, error in outcomes.items() if error is not None} == uncertain
    assert {outcomes[key] for key in uncertain} <= {"SubmissionUnknownError"}
    assert_saved(items)
    return uncertain - set(charges), uncertain & set(charges)


@pytest.mark.timeout(400)
async def test_a_thousand_renders_and_two_hundred_kills(emulator, tmp_path):
    """All are rendered and charged once, with kills during submissions, waits and downloads."""
    killed, outcomes = await torture(
        emulator, "image", tmp_path, items=1000, kills=200, within=0.4, at_once=8
    )
    assert (killed, len(outcomes)) == (200, 1000)
    assert_rendered_once(emulator, outcomes, await written(tmp_path))
    # More, if kills fell between a POST and its note, as they do in ``test_a_kill_at_each_step``.
    assert emulator.count("POST /v3/videos") >= 1000


@pytest.mark.timeout(200)
@pytest.mark.parametrize("kind", KEYLESS)
async def test_random_kills_without_idempotency_keys(emulator, kind, tmp_path):
    """Nothing is charged twice, and what nobody can know is told as uncertain."""
    killed, outcomes = await torture(
        emulator, kind, tmp_path, items=200, kills=60, within=0.4, at_once=4
    )
    assert (killed, len(outcomes)) == (60, 200)
    items = await written(tmp_path)
    assert_none_charged_twice(emulator, kind, outcomes, items)
    assert len(keys_in(items, ItemState.COMPLETED)) > 100


@pytest.mark.timeout(200)
async def test_a_kill_at_each_step(emulator, tmp_path):
    """All are rendered and charged once, wherever in the writes and POSTs the kill falls."""
    killed, outcomes = await torture(emulator, "image", tmp_path, items=6)
    assert killed == 6 * 8  # three writes and a POST for each item, before and after
    assert_rendered_once(emulator, outcomes, await written(tmp_path))


@pytest.mark.timeout(200)
async def test_a_kill_at_each_step_of_batches(emulator, tmp_path):
    """The one POST is repeated with its key and all of its items, or asked what became of it."""
    killed, outcomes = await torture(emulator, "batches", tmp_path, items=6)
    # two POSTs of three items: each with its intents, its id, its ids, then an end for each item
    assert killed >= 2 * 2 * (1 + 1 + 1 + 1 + 3)
    assert_rendered_once(emulator, outcomes, await written(tmp_path))
    assert emulator.count("POST /v3/videos/batches") > killed
    assert emulator.count("POST /v3/videos") <= killed


@pytest.mark.timeout(400)
async def test_random_kills_amid_batches(emulator, tmp_path):
    """All are rendered and charged once."""
    killed, outcomes = await torture(
        emulator, "batches", tmp_path, items=100, kills=20, within=2.5, at_once=20
    )
    assert (killed, len(outcomes)) == (20, 100)
    assert_rendered_once(emulator, outcomes, await written(tmp_path))
    assert emulator.count("POST /v3/videos/batches") > 5


@pytest.mark.timeout(200)
@pytest.mark.parametrize("kind", KEYLESS)
async def test_a_kill_at_each_step_without_idempotency_keys(emulator, kind, tmp_path):
    """Only items whose POST may have been under way become uncertain, paid for or not."""
    killed, outcomes = await torture(emulator, kind, tmp_path, items=6)
    assert killed == 6 * 8
    items = await written(tmp_path)
    unpaid, paid = assert_none_charged_twice(emulator, kind, outcomes, items)
    assert unpaid  # kills between the note and the POST
    assert paid  # kills between the POST and the note
    assert max(Counter(key.rpartition("-")[0] for key in unpaid | paid).values()) <= 3
