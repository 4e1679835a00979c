"""The command line as a child process, which is what a shell starts."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner

from heygen_async.batch.manifest import TableRow
from heygen_async.batch.plan import plan_rows
from heygen_async.cli.app import app
from heygen_async.emulator import Emulator

ROOT = Path(__file__).parents[2]
KEYS = {"HEYGEN_API_KEY": "secret-of-heygen", "JOGG_API_KEY": "secret-of-jogg"}
ON_TERMINAL = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))"
SOON = ("--timeout", "1")  # the last look is well before a deadline, so nothing waits for long


@attrs.frozen
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str


def rows_of(specs):
    """Return the rows of a table that has no other columns than the fields of these."""
    return [TableRow(line=line, cells={}, spec=spec) for line, spec in enumerate(specs, start=2)]


def keys_of(specs, items=()):
    """Return the keys of those rows."""
    return [row.key for row in plan_rows(rows_of(specs), items)]


def environment(**variables):
    """Return an environment without the machine's own keys and colours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEYGEN_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **variables}


def start(*args, cwd=None, stdin=None, **variables):
    """Return the coroutine that starts ``heygen-async`` with ``args``."""
    return asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "heygen_async",
        *map(str, args),
        cwd=cwd,
        env=environment(**variables),
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=_heed_ctrl_c,
    )


def _heed_ctrl_c():
    """Undo what a shell does to its background jobs: they, and their children, ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def shell():
    """Run a command to its end."""

    async def run(*args, cwd=None, text="", **variables):
        process = await start(*args, cwd=cwd, stdin=asyncio.subprocess.PIPE, **variables)
        async with asyncio.timeout(20):
            out, err = await process.communicate(text.encode())
        return Ended(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    return run


@pytest.fixture
def speed():
    """Return how fast the emulator renders; a file or a test sets another."""
    return 1.0


@pytest.fixture
async def secretive(speed):
    """Run an emulator whose keys are ``KEYS``."""
    key, jogg_key = KEYS.values()
    async with Emulator(speed=speed, api_key=key, jogg_api_key=jogg_key) as running:
        yield running


@pytest.fixture
def variables(secretive):
    """Return what both clients need of the environment."""
    return {**KEYS, "HEYGEN_BASE_URL": secretive.url, "JOGG_BASE_URL": secretive.jogg_url}


@pytest.fixture
def command(shell, variables):
    """Run a command with both keys, neither of which it prints."""

    async def run(*args, **changes):
        ended = await shell(*args, **(variables | changes))
        assert not any(key in ended.out + ended.err for key in KEYS.values())
        return ended

    return run


@pytest.fixture
def quick(variables):
    """Run a command with both keys in a thread, which is quicker than a process of its own."""

    async def run(*args, text=None, **changes):
        runner, words = CliRunner(env=variables | changes), [*map(str, args)]
        result = await asyncio.to_thread(runner.invoke, app, words, input=text)
        assert not any(key in result.output for key in KEYS.values())
        return Ended(int(result.exit_code), result.stdout, result.stderr)

    return run
