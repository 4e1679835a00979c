"""The page ``docs/cli.md``: what ``--help`` prints. ``python -m tests.cli_page`` writes it anew."""

from __future__ import annotations

import click
from click.testing import CliRunner

from heygen_async.cli.app import app
from heygen_async.cli.errors import EXIT_CODES
from tests.blocks import ROOT

PAGE = ROOT / "docs" / "cli.md"
WIDTH = 88

_HEAD = """\
# Command line

`pip install 'heygen-async[cli]'` brings `heygen-async`. Results go to stdout; progress, tokens,
warnings and errors go to stderr.

```sh
heygen-async completion install            # Tab completes commands and options: bash, fish, zsh
heygen-async --env-file .env account       # keys from a file; what the environment has wins
heygen-async run image --spec hello.json   # the fields of a spec, nested as in Python
heygen-async jobs list --limit 5           # tokens of the last videos, for jobs wait and download
heygen-async request GET /v3/users/me      # any endpoint
```

## Exit codes

| code | what it means |
| --- | --- |
{codes}

Code 3 comes with a token, for `heygen-async jobs wait`. Code 4 says how to get the job without
paying again: by the `--idempotency-key` that it prints, or by looking at the vendor's list.

## Errors as JSON

With `--json` an error is one object on the last line of stderr; `null` is what it does not have:

```json
{{"error": "InsufficientCreditError", "code": "insufficient_credit", "message": "…", "status": 402,
 "request_id": "…", "token": null, "idempotency_key": null, "exit_code": 6}}
```

`error` is a class of the [errors](errors.md), `UsageError` for options that make no sense, or
`Interrupted` for Ctrl-C; `code` and `message` are the vendor's own where it answered.

What follows is what `--help` prints, save the exit codes.
"""


def cli_page():
    """Return the text of the page."""
    runner = CliRunner(env={"COLUMNS": str(WIDTH)})
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    parts = [_HEAD.format(codes=codes)]
    for words in _commands(app):
        options = {"terminal_width": WIDTH, "max_content_width": WIDTH}
        told = runner.invoke(app, [*words, "--help"], prog_name="heygen-async", **options)
        assert told.exit_code == 0
        heading = "#" * min(len(words) + 2, 3)
        name = " ".join(("heygen-async", *words))
        shown = told.output.partition("\n  Exit codes:")[0].rstrip()
        parts.append(f"{heading} {name}\n\n```text\n{shown}\n```\n")
    return "\n".join(parts)


def _commands(command, words=()):
    """Yield the words that call each command, groups before what is in them."""
    yield words
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _commands(command.commands[name], (*words, name))


if __name__ == "__main__":
    PAGE.write_text(cli_page())
