"""``heygen-async completion``: scripts for three shells, and where they are written."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from heygen_async.cli.app import app

PLACES = {
    "bash": "data/bash-completion/completions/heygen-async",
    "fish": "config/fish/completions/heygen-async.fish",
    "zsh": "data/zsh/site-functions/_heygen-async",
}


@pytest.fixture
def complete(tmp_path):
    """Run ``completion`` with folders of its own."""

    def run(*args, shell=""):
        home = {"XDG_DATA_HOME": f"{tmp_path}/data", "XDG_CONFIG_HOME": f"{tmp_path}/config"}
        return CliRunner(env=home | {"SHELL": shell}).invoke(app, ["completion", *args])

    return run


@pytest.mark.parametrize("shell", PLACES)
def test_install_writes_one_file_and_says_so(complete, tmp_path, shell):
    """It holds what ``show`` prints, nothing else is touched, and a second time is harmless."""
    result = complete("install", shell=f"/usr/bin/{shell}")
    assert result.exit_code == 0, result.output
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written == [tmp_path / PLACES[shell]]
    assert written[0].read_text() == complete("show", shell).output
    assert "_HEYGEN_ASYNC_COMPLETE" in written[0].read_text()
    assert result.output.startswith(f"written: {written[0]}\n")
    assert complete("install", shell).output.startswith("is there already: ")


def test_a_file_of_another_is_kept(complete, tmp_path):
    """It is replaced only on request."""
    path = tmp_path / PLACES["fish"]
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    refused = complete("install", "fish")
    assert (refused.exit_code, path.read_text()) == (2, "mine")
    assert "--overwrite" in refused.stderr
    told = json.loads(complete("install", "fish", "--overwrite", "--json").output)
    assert told["path"] == str(path)
    assert path.read_text() != "mine"


def test_an_unknown_shell_is_asked_for(complete):
    """A shell that click has no script for is bad input."""
    result = complete("install", shell="/bin/tcsh")
    assert result.exit_code == 2
    assert "bash, fish, zsh" in result.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_script_of_bash_is_one(complete):
    """Bash takes it in, and then knows a completion for the command."""
    script = complete("show", "bash").output + "complete -p heygen-async\n"
    ended = subprocess.run(
        ["bash", "--norc"], input=script, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "heygen-async" in ended.stdout


def test_words_are_completed():
    """Commands, kinds and choices are offered, as the scripts ask for them."""
    for words, offered in (
        ("heygen-async vi", "plain,videos"),
        ("heygen-async run im", "plain,image"),
    ):
        asked = {"_HEYGEN_ASYNC_COMPLETE": "bash_complete", "COMP_WORDS": words}
        count = str(len(words.split()) - 1)
        result = CliRunner(env=asked | {"COMP_CWORD": count}).invoke(
            app, [], prog_name="heygen-async"
        )
        assert offered in result.output.splitlines()
