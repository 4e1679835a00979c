"""What holds for every kind of job: one that is added later is tested by being there."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import re
import sys

import pytest

from heygen_async import JobFailedError, Ledger, State, SubmissionUnknownError
from heygen_async.emulator import Emulator
from tests import every_kind
from tests.batch.torture_child import POLL
from tests.cli.conftest import environment
from tests.every_kind import KINDS, client_of, spec_of
from tests.webhooks.test_hybrid_wait import SOON, receiving

pytestmark = pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")

KILLED = """
import asyncio, os, pickle, signal, sys
from heygen_async import HeyGen, JoggAI, Ledger

def die(event):
    # The answer is there, and nothing of it is written down.
    if getattr(event, "method", "") == "POST" and event.error is None:
        os.kill(os.getpid(), signal.SIGKILL)

async def main(client, url, key, folder):
    with open(f"{folder}/spec", "rb") as file:
        spec = pickle.load(file)
    async with (
        {"HeyGen": HeyGen, "JoggAI": JoggAI}[client](key, base_url=url, on_event=die) as client,
        Ledger(f"{folder}/run.sqlite") as ledger,
    ):
        async for outcome in client.map([spec], key=lambda _: "a", ledger=ledger):
            print(outcome)

asyncio.run(main(*sys.argv[1:]))
"""


URL = re.compile(r'https?://[^"\\s]+')


def address(name, emulator):
    if name.startswith("jogg."):
        return emulator.jogg_url, emulator.jogg_api_key
    return emulator.url, emulator.api_key


def connect(name, emulator, **options):
    url, key = address(name, emulator)
    return client_of(name)(key, base_url=url, **options)


def charges(emulator, since=0):
    return [*emulator.wallet.charges, *emulator.jogg_wallet.charges][since:]


def rendering(emulator, job):
    """Return the emulator's id of a job: of a training it is not that of its group."""
    return job.id if job.id in emulator.jobs else list(emulator.jobs)[-1]


every = pytest.mark.parametrize("name", sorted(KINDS))


def test_every_kind_has_a_spec_here():
    """A kind that is new is missing, until it has its spec."""
    assert {*every_kind.SPECS, *every_kind.PREPARED} == set(KINDS)


@every
async def test_a_job_goes_from_its_submission_to_its_files(name, emulator, tmp_path):
    """It is charged once, awaited, written down, found by its token, and its files are saved."""
    kind = KINDS[name]
    async with connect(name, emulator) as client:
        spec = await spec_of(name, client)
        paid = len(charges(emulator))
        job = await client.submit(spec)
        assert job.kind == name
        result = await job
        assert job.status.state is State.COMPLETED
    written = json.loads(json.dumps(kind.write_result(result)))
    urls = URL.findall(json.dumps(written, ensure_ascii=False))
    assert all("?" not in url or url.endswith("?…") for url in urls)
    read = kind.read_result(written)
    assert type(read) is type(result)
    assert kind.write_result(read) == written
    assert len(charges(emulator)) - paid <= 2  # an agent's video is a charge of its own
    ids = [charge.job_id for charge in charges(emulator, paid)]
    assert len(set(ids)) == len(ids)
    async with connect(name, emulator) as later:
        again = later.attach(job.token)
        assert type(await again) is type(result)
        if kind.file_fields:
            files = kind.files(result)
            assert kind.download_url(result) == next(iter(files.values()))
            assert {name: kind.file_url(result, name) for name in files} == files
            saved = await again.download_all(tmp_path)
            assert saved
            assert all(path.stat().st_size for path in saved)


@every
async def test_a_failure_is_told_with_its_reason(name, emulator):
    """The wait ends with the vendor's words, where it has any."""
    async with connect(name, emulator) as client:
        job = await client.submit(await spec_of(name, client))
        await job.refresh()
        emulator.fail(rendering(emulator, job), message="Out of luck")
        with pytest.raises(JobFailedError):
            await job
        assert job.status.state is State.FAILED


ANNOUNCED = sorted({*KINDS} - {
    "heygen.asset",
    "heygen.background-removal",
    "heygen.brand-kit",
    "heygen.lipsync",
    "heygen.model-voice",
    "heygen.v2.group",
    "heygen.v2.sound",
    "heygen.v2.upscale",
    "heygen.video-comparison",
    "heygen.voice-clone",
    "heygen.workflow-run",
    "jogg.lip-sync",
})  # fmt: skip
"""All but those of which no vendor's event tells."""


@pytest.mark.parametrize("name", ANNOUNCED)
async def test_a_webhook_ends_the_wait(name, emulator):
    """It ends with the event, where polling alone would come later."""
    loop = asyncio.get_running_loop()
    async with connect(name, emulator) as client:
        spec = await spec_of(name, client)
        async with receiving(client):
            job = await client.submit(spec)
            await asyncio.sleep(0.2)
            waiting = asyncio.create_task(job.wait())
            await asyncio.sleep(5)
            emulator.complete(rendering(emulator, job))
            await waiting
            # Of an agent it is the end of its video, which has an event, too.
            ended = max(each.finished_at for each in emulator.jobs.values())
            assert loop.time() - ended < SOON


@every
@pytest.mark.real_time
async def test_a_map_that_is_killed_pays_once(name, tmp_path):
    """The process dies when the answer is there and nothing of it is written down.

    The next run goes on under the same key, or says that the outcome is not known; it never pays
    again.
    """
    async with Emulator(
        seed=1, median=0.05, max_concurrent_jobs=1000, jogg_posts_per_minute=100_000
    ) as emulator:
        url, key = address(name, emulator)
        async with connect(name, emulator, poll=POLL) as client:
            spec = await spec_of(name, client)
            (tmp_path / "spec").write_bytes(pickle.dumps(spec))
            paid = len(charges(emulator))
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-W", "ignore::DeprecationWarning", "-c", KILLED,
                client_of(name).__name__, url, key, os.fspath(tmp_path),
                env=environment(),
            )  # fmt: skip
            assert await child.wait() == -9
            submitted = len(charges(emulator))
            async with Ledger(tmp_path / "run.sqlite") as ledger:
                run = client.map([spec], key=lambda _: "a", ledger=ledger, timeout=20)
                (outcome,) = [each async for each in run]
        if KINDS[name].honours_key:
            assert outcome.error is None
        else:
            assert outcome.error is None or isinstance(outcome.error, SubmissionUnknownError)
        if name != "heygen.video-agent":  # whose video is a charge of its own
            assert len(charges(emulator)) == submitted
        assert submitted - paid <= 1
