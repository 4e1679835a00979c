"""The entry: help, version, what is missing, and what an error ends in."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

import heygen_async
from heygen_async import (
    DownloadError,
    InvalidRequestError,
    JobFailedError,
    JobTimeoutError,
    ServerError,
    SubmissionUnknownError,
)
from heygen_async.cli.app import ErrorGroup, app
from tests.cli.conftest import environment


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


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidRequestError("no such colour"), 2),
        (ServerError("broken", status=500), 1),
        (SubmissionUnknownError("lost"), 1),
        (DownloadError("full"), 1),
        (JobFailedError(FakeJob, code="x", message="y"), 1),
        (JobTimeoutError(FakeJob, 3), 3),
        (with_job(ServerError("broken\nfor long", status=500)), 3),
        (with_job(DownloadError("full")), 3),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_has_its_exit_code_and_one_line(error, code):
    """An error is one line on stderr and never a traceback; code 3 comes with the token."""

    @click.group(cls=ErrorGroup)
    def group():
        pass

    @group.command()
    def command():
        raise error

    result = CliRunner().invoke(group, ["command"])
    assert result.exit_code == code
    assert result.stdout == ""
    first, *more = result.stderr.splitlines()
    assert first == "interrupted" if code == 130 else first.startswith("Error: ")
    assert more == (["token: heygen.video/1/abc"] if code == 3 else [])
