"""``--env-file``: which lines are taken, and what is never shown."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from heygen_async import InvalidRequestError
from heygen_async.cli.app import app
from heygen_async.cli.env_file import read_env_file


@pytest.fixture
def file(tmp_path):
    """Write an env file and return its path."""

    def write(text):
        path = tmp_path / ".env"
        path.write_bytes(text.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("HEYGEN_API_KEY=abc", "abc"),
        ("  export  HEYGEN_API_KEY = abc  ", "abc"),
        ("HEYGEN_API_KEY='a b$c'", "a b$c"),
        ('HEYGEN_API_KEY="a b#c"  # mine', "a b#c"),
        ("HEYGEN_API_KEY=a=b==", "a=b=="),
        ("HEYGEN_API_KEY=abc # mine", "abc"),
        ("HEYGEN_API_KEY=", ""),
        ("\ufeffHEYGEN_API_KEY=abc\r", "abc"),
    ],
)
def test_a_line_is_read_as_a_shell_would(file, line, value):
    """Quotes, ``export``, blanks and comments mean what they do elsewhere."""
    assert read_env_file(file(f"{line}\n")) == {"HEYGEN_API_KEY": value}


def test_only_the_clients_variables_are_taken(file):
    """What belongs to other programs is passed over, however it is written."""
    text = "# HEYGEN_API_KEY=old\n\nPATH=/evil\nDATABASE=`x` $y 'z\nJOGG_API_KEY=j\nMY_HEYGEN_=1\n"
    assert read_env_file(file(text)) == {"JOGG_API_KEY": "j"}


@pytest.mark.parametrize(
    "line",
    [
        "HEYGEN_API_KEY=hush hush",
        'HEYGEN_API_KEY="hush',
        "HEYGEN_API_KEY=$hush",
        'HEYGEN_API_KEY="$hush"',
        "HEYGEN_API_KEY: hush",
        "HEYGEN_API_KEY",
    ],
)
def test_what_is_not_clear_is_refused_by_its_line(file, line):
    """Nothing is guessed or expanded, and the message has nothing of what is in the file."""
    with pytest.raises(InvalidRequestError, match="line 2: this is not NAME=value") as refused:
        read_env_file(file(f"A=1\n{line}\n"))
    assert "hush" not in str(refused.value)


def test_the_command_line_uses_them_unless_they_are_set(file, monkeypatch):
    """The environment wins, and is afterwards what it was."""
    monkeypatch.delenv("HEYGEN_API_KEY", raising=False)
    monkeypatch.setenv("HEYGEN_BASE_URL", "ftp://environment")
    path = file("HEYGEN_API_KEY=from-the-file\nHEYGEN_BASE_URL=ftp://file\n")
    before = dict(os.environ)
    result = CliRunner().invoke(app, ["--env-file", str(path), "account"])
    assert (result.exit_code, "ftp://environment" in result.stderr) == (2, True)
    assert "from-the-file" not in result.output
    assert dict(os.environ) == before


def test_a_file_that_is_not_there_is_bad_input(tmp_path):
    """It ends in 2 and names the file."""
    result = CliRunner().invoke(app, ["--env-file", str(tmp_path / "none"), "account"])
    assert result.exit_code == 2
    assert "none cannot be read" in result.stderr
