"""The workers under ``examples/fleet/``, for real: killed in the middle, they pay nothing twice."""

from __future__ import annotations

import asyncio
import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import asyncpg
import click
import pytest

from heygen_async import ItemState, Ledger
from heygen_async.cli.app import app as command_line
from heygen_async.emulator import Emulator
from tests.fleet.hasty import SPEED
from tests.fleet.servers import MissingServerError, TemporalServer

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples" / "fleet"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_file())
ORDERS = [f"order-{number}" for number in range(24)]
LIMIT = 10
PATIENCE = 45  # seconds for an engine to do all; it needs a quarter of them

pytestmark = pytest.mark.real_time


@pytest.fixture
def emulator():
    """Let as many render at once as anybody likes: to keep the limit is the workers' business."""
    with Emulator(speed=SPEED, sigma=0.3, max_concurrent_jobs=1000) as emulator:
        yield emulator


@pytest.fixture
def workers(emulator, database, tmp_path):
    """Start workers of an engine, two at a time, and kill two of them in the middle."""
    processes = []
    address = {"HEYGEN_API_KEY": emulator.api_key, "HEYGEN_BASE_URL": emulator.url}
    places = {"HEYGEN_LEDGER": database, "PYTHONPATH": f"{ROOT}{os.pathsep}{EXAMPLES}"}
    log = tmp_path / "log"
    give_up = time.monotonic() + PATIENCE

    def until(holds):
        while not holds():
            assert all(process.poll() is None for process in processes), log.read_text()
            assert time.monotonic() < give_up, log.read_text()
            time.sleep(0.1)

    def start(*command, **variables):
        with log.open("ab") as output:
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.fleet.hasty", *command],
                    env={**os.environ, **address, **places, **variables},
                    stdout=output,
                    stderr=output,
                )
            )

    def run(*command, done, **variables):
        start(*command, **variables)
        start(*command, **variables)
        for charges in (6, 12):
            until(lambda least=charges: len(emulator.wallet.charges) >= least)
            end(processes.pop(0))
            start(*command, **variables)
        until(done)

    yield run
    for process in processes:
        end(process)


def end(process):
    """Kill a worker as a machine that fails does."""
    process.kill()
    process.wait()


def most_at_once(emulator):
    """Return how many jobs were in flight when most of them were."""
    moves = Counter()
    for job in emulator.videos.values():
        moves[job.created_at] += 1
        moves[job.finished_at] -= 1
    running = most = 0
    for moment in sorted(moves):
        most = max(most, running := running + moves[moment])
    return most


async def check(emulator, database):
    """Assert that each order was rendered and paid once, and that the limit was kept."""
    async with Ledger(database, name="orders", read_only=True) as ledger:
        assert await ledger.counts() == {ItemState.COMPLETED: len(ORDERS)}
    assert len(emulator.wallet.charges) == len(ORDERS)
    assert len(emulator.videos) == len(ORDERS)
    assert LIMIT / 2 < most_at_once(emulator) <= LIMIT


def test_pgqueuer(workers, emulator, database):
    """A worker that dies leaves its orders to the others, after a silence."""

    async def queue():
        from pgqueuer import AsyncpgDriver, Queries

        connection = await asyncpg.connect(database)
        queries = Queries(AsyncpgDriver(connection))
        await queries.install()
        payloads = [json.dumps([order, f"{order}!"]).encode() for order in ORDERS]
        await queries.enqueue(["render"] * len(ORDERS), payloads, [0] * len(ORDERS))
        await connection.close()

    async def left():
        connection = await asyncpg.connect(database)
        number = await connection.fetchval("SELECT count(*) FROM pgqueuer")
        await connection.close()
        return number

    asyncio.run(queue())
    workers("pgqueuer_worker", done=lambda: asyncio.run(left()) == 0, PGDSN=database)
    asyncio.run(check(emulator, database))


def test_celery(workers, emulator, database, valkey, monkeypatch):
    """A task is there until it is acknowledged, and given out again after a while."""
    import redis

    monkeypatch.setenv("CELERY_BROKER_URL", valkey.url)
    monkeypatch.syspath_prepend(EXAMPLES)
    import celery_worker

    for order in ORDERS:
        celery_worker.render.delay(order, f"{order}!")
    with redis.Redis(port=valkey.port) as broker:
        workers(
            *("celery", "-A", "celery_worker", "worker", "--pool", "threads"),
            *("--concurrency", "8", "--loglevel", "ERROR", "--without-mingle", "--without-gossip"),
            done=lambda: not broker.exists("celery", "unacked"),
            CELERY_BROKER_URL=valkey.url,
        )
    asyncio.run(check(emulator, database))


@pytest.fixture(scope="session")
def temporal():
    """Start a server for development, where the program is installed."""
    try:
        server = TemporalServer()
    except MissingServerError as error:
        pytest.skip(str(error))
    with server:
        yield server


def test_temporal(workers, emulator, database, temporal):
    """An activity whose worker beats no more is given to another one."""
    from temporalio.client import Client
    from temporalio.service import RPCError

    async def start():
        client = await Client.connect(temporal.address)
        for order in ORDERS:
            await client.start_workflow(
                "Film", args=[order, f"{order}!"], id=order, task_queue="videos"
            )

    async def done():
        client = await Client.connect(temporal.address)
        handles = [client.get_workflow_handle(order, result_type=str) for order in ORDERS]
        try:
            urls = await asyncio.gather(*(handle.result(rpc_timeout=None) for handle in handles))
        except RPCError:
            return False
        return all(url.startswith("http") for url in urls)

    asyncio.run(start())
    workers("temporal_worker", done=lambda: asyncio.run(done()), TEMPORAL_ADDRESS=temporal.address)
    asyncio.run(check(emulator, database))


def parse(words):
    """Have click take a command of ours, and return its options."""
    name, *words = words
    assert Path(name).name == "heygen-async"
    command = command_line
    parent = click.Context(command, **command.context_settings)
    while isinstance(command, click.Group):
        _, (name, *words), _ = command.make_parser(parent).parse_args(words)
        command = command.get_command(parent, name)
    return command.make_context(command.name, words, parent=parent).params


@pytest.fixture
def _secrets(monkeypatch):
    monkeypatch.setenv("HEYGEN_LEDGER", "postgresql://ada:secret@db/videos")


@pytest.mark.usefixtures("_secrets")
def test_the_job_of_kubernetes_runs_a_command_that_click_takes(tmp_path):
    """Its ledger is that of the secret, its table that of the volume."""
    import yaml

    job = yaml.safe_load((EXAMPLES / "kubernetes.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    pod = job["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"  # or there may be no podFailurePolicy
    (container,) = pod["containers"]
    (mount,) = container["volumeMounts"]
    assert [mount["name"]] == [volume["name"] for volume in pod["volumes"]]
    (tmp_path / "museum.csv").touch()
    words = [*container["command"], *container["args"]]
    words = [word.replace(f"{mount['mountPath']}/", f"{tmp_path}/") for word in words]
    assert parse(words)["concurrency"] == LIMIT


@pytest.mark.usefixtures("_secrets")
def test_the_unit_of_systemd_runs_a_command_that_click_takes(tmp_path):
    """And systemd has nothing to say against it, where there is one."""
    text = (EXAMPLES / "heygen-batch@.service").read_text()
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string(text)
    (tmp_path / "museum.csv").touch()
    given = {"TABLE": f"{tmp_path}/museum.csv", "STATE_DIRECTORY": str(tmp_path)}
    command = unit["Service"]["ExecStart"]
    start = re.sub(r"\$\{(\w+)\}", lambda name: given[name[1]], command)
    assert parse(shlex.split(start))["out"] == tmp_path / "videos"
    if shutil.which("systemd-analyze"):
        copy = tmp_path / "heygen-batch@.service"
        copy.write_text(re.sub(r"(?<=^ExecStart=)\S+", sys.executable, text, flags=re.MULTILINE))
        verify = ["systemd-analyze", "verify", copy]
        told = subprocess.run(verify, capture_output=True, text=True, check=False)
        assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_short_and_stands_in_the_readme(name):
    """Each has fewer than 60 lines."""
    assert len((EXAMPLES / name).read_text().splitlines()) < 60
    assert f"| `fleet/{name}` |" in (EXAMPLES.parent / "README.md").read_text()
