"""The entry: help, version, what is missing, and what an error ends in."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

import heygen_async
from heygen_async import (
    AuthenticationError,
    DownloadError,
    InsufficientCreditError,
    InvalidRequestError,
    JobFailedError,
    JobTimeoutError,
    Ledger,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    SubmissionUnknownError,
)
from heygen_async.cli.app import ErrorGroup, app
from heygen_async.cli.errors import EXIT_CODES, ExitCode
from heygen_async.cli.options import json_option
from tests.cli.conftest import ROOT, environment


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ([], "Exit codes:"),
        (["demo"], "--concurrency"),
        (["emulator"], "--faults"),
        (["render"], "image"),
        (["render", "image"], "--motion-prompt"),
    ],
)
def test_every_command_has_a_help_that_names_its_options(command, said):
    """``--help`` ends with 0 and tells what can be given."""
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert said in result.output


def test_no_command_has_an_option_for_the_key_of_the_account():
    """Only the emulator, which has no account, takes a key; elsewhere it is never in an argv."""
    assert "api-key" not in CliRunner().invoke(app, ["render", "image", "--help"]).output
    assert "api-key" not in CliRunner().invoke(app, ["demo", "--help"]).output


def test_version_is_the_one_of_the_package():
    """``--version`` says the package's version."""
    result = CliRunner().invoke(app, ["--version"])
    assert result.output == f"heygen-async, version {heygen_async.__version__}\n"


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_it_says_what_to_install(missing):
    """Without click or rich there is one line on stderr, and exit code 2."""
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from heygen_async.__main__ import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert "pip install 'heygen-async[cli]'" in ended.stderr


def test_the_library_itself_imports_neither_click_nor_rich():
    """``import heygen_async`` works without the extra, and does not load it."""
    code = "import sys, heygen_async; print({'click', 'rich'} & set(sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True
    )
    assert ended.stdout == "set()\n"


class FakeJob:
    token = "heygen.video/1/abc"


def with_job(error):
    error.job = FakeJob
    return error


ERRORS = [
    (InvalidRequestError("no such colour"), 2),
    (ServerError("broken", status=500), 1),
    (AuthenticationError("who are you", status=401), 5),
    (PermissionDeniedError("not you", status=403), 5),
    (InsufficientCreditError("broke", status=402), 6),
    (SubmissionUnknownError("lost", idempotency_key="k1"), 4),
    (DownloadError("full"), 1),
    (JobFailedError(FakeJob, code="x", message="y"), 7),
    (with_job(NotFoundError("deleted", status=404)), 1),
    (JobTimeoutError(FakeJob, 3), 3),
    (with_job(ServerError("broken\nfor long", status=500)), 3),
    (with_job(DownloadError("full")), 3),
    (with_job(AuthenticationError("revoked", status=401)), 5),
    (click.UsageError("no such thing"), 2),
    (KeyboardInterrupt(), 130),
]
each_error = pytest.mark.parametrize(
    ("error", "code"), ERRORS, ids=lambda value: type(value).__name__
)


def end(error, *args):
    """Return how a command ends that raises ``error``."""

    @click.group(cls=ErrorGroup)
    def group():
        pass

    @group.command()
    @json_option
    def command(as_json):
        raise error

    return CliRunner().invoke(group, ["command", *args])


@each_error
def test_each_error_has_its_exit_code_and_one_line(error, code):
    """An error is one line on stderr and never a traceback; what can be done is a second."""
    result = end(error)
    assert (result.exit_code, result.stdout) == (code, "")
    lines = filter(None, result.stderr.splitlines())
    first, *more = [line for line in lines if not line.startswith(("Usage: ", "Try "))]
    assert first == "interrupted" if code == 130 else first.startswith("Error: ")
    if code == 4:
        assert more[0].endswith("the same command with --idempotency-key k1")
    else:
        goes_on = code == 3 or (code == 5 and error.job is not None)
        assert more == (["token: heygen.video/1/abc"] if goes_on else [])


@each_error
def test_each_error_is_one_object_with_json(error, code):
    """With ``--json`` stderr is one object, with the same keys whatever went wrong."""
    result = end(error, "--json")
    assert (result.exit_code, result.stdout) == (code, "")
    (line,) = result.stderr.splitlines()
    told = json.loads(line)
    keys = "error code message status request_id token idempotency_key exit_code"
    assert list(told) == keys.split()
    assert told["exit_code"] == code
    assert told["message"]
    assert told["token"] == (getattr(error, "job", None) and FakeJob.token)
    assert told["status"] == getattr(error, "status", None)


def test_what_is_no_command_is_told_as_json_too():
    """An error before any command has begun obeys ``--json`` as well."""
    result = CliRunner().invoke(app, ["voces", "--json"])
    assert result.exit_code == 2
    assert json.loads(result.stderr)["error"] == "UsageError"


def commands(command, *words):
    yield words, command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                yield from commands(command.get_command(context, name), *words, name)


EVERY = dict(commands(app))


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_help_has_the_exit_codes(words):
    """The one table stands below each command's options, and knows each code."""
    told = CliRunner().invoke(app, [*words, "--help"], terminal_width=80).output
    assert told.count("Exit codes:") == 1
    for code, meaning in EXIT_CODES.items():
        assert f"    {code:<3}  {meaning}\n" in told
    assert set(EXIT_CODES) == set(ExitCode)


def test_every_command_that_prints_knows_json():
    """``--json`` is everywhere but where another format is chosen, or a script is printed."""
    others = {("batch", "export"): "--format", ("completion", "show"): "a script of a shell"}
    for words, command in EVERY.items():
        options = {name for each in command.params for name in each.opts}
        assert isinstance(command, click.Group) or ("--json" in options) != (words in others), words


def test_warnings_of_the_log_are_lines_in_shell_words():
    """What the library logs as a warning is said once, and leaves no handler behind."""

    @click.group(cls=ErrorGroup)
    def group():
        pass

    @group.command()
    def command():
        logging.getLogger("heygen_async.jobs").warning("gone; attach(%r) finds it again", "t")

    result = CliRunner().invoke(group, ["command"])
    assert result.stderr == "Warning: gone\n"
    assert logging.getLogger("heygen_async").handlers == []


HEAD = (
    "import subprocess, sys\n"
    "run = subprocess.Popen([sys.executable, '-m', 'heygen_async', *sys.argv[1:]], stdout=-1)\n"
    "run.stdout.close()\n"
    "sys.exit(run.wait())"
)


EXAMPLES = (
    *("--picture", ROOT / "examples" / "astronaut.jpg"),
    *("--scripts", ROOT / "examples" / "scripts.csv"),  # which a wheel does not bring
)


@pytest.mark.real_time
@pytest.mark.parametrize(
    "args",
    [("--help",), ("run", "image", "--help"), ("voices", "--json"), ("batch", "export", "--format",
     "csv", "run.sqlite"), ("demo", *EXAMPLES, "--speed", "10000", "--concurrency", "10")],
    ids=lambda args: args[0],
)  # fmt: skip
async def test_a_reader_that_leaves_is_no_error(variables, tmp_path, args):
    """As with ``| head`` there is no traceback, and the exit code is that of a broken pipe."""
    async with Ledger(tmp_path / "run.sqlite"):
        pass
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HEAD, *args),
        cwd=tmp_path,
        env=environment(**variables),
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(20):
        _, err = await process.communicate()
    assert (process.returncode, err) == (141, b"")
