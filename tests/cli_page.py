"""The page ``docs/cli.md``: what ``--help`` prints. ``python -m tests.cli_page`` writes it anew."""

from __future__ import annotations

import click
from click.testing import CliRunner

from heygen_async.cli.app import app
from tests.blocks import ROOT

PAGE = ROOT / "docs" / "cli.md"
WIDTH = 88

_HEAD = """\
# Command line

`pip install 'heygen-async[cli]'` brings `heygen-async`. Results go to stdout, progress, tokens and
errors to stderr. What follows is what `--help` prints.
"""


def cli_page():
    """Return the text of the page."""
    runner = CliRunner(env={"COLUMNS": str(WIDTH)})
    parts = [_HEAD]
    for words in _commands(app):
        options = {"terminal_width": WIDTH, "max_content_width": WIDTH}
        told = runner.invoke(app, [*words, "--help"], prog_name="heygen-async", **options)
        assert told.exit_code == 0
        heading = "#" * min(len(words) + 2, 3)
        name = " ".join(("heygen-async", *words))
        parts.append(f"{heading} {name}\n\n```text\n{told.output.rstrip()}\n```\n")
    return "\n".join(parts)


def _commands(command, words=()):
    """Yield the words that call each command, groups before what is in them."""
    yield words
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _commands(command.commands[name], (*words, name))


if __name__ == "__main__":
    PAGE.write_text(cli_page())
