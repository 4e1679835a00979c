"""``heygen-async completion``: words that the shell completes, by click's own scripts."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import click
from click.shell_completion import get_completion_class

from heygen_async.cli.options import json_option

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROGRAM = "heygen-async"
VARIABLE = "_HEYGEN_ASYNC_COMPLETE"

# Folders that the shells look into by themselves; zsh has none of a user's own.
_PLACES: Mapping[str, tuple[str, str, str]] = {
    "bash": ("XDG_DATA_HOME", ".local/share", f"bash-completion/completions/{PROGRAM}"),
    "fish": ("XDG_CONFIG_HOME", ".config", f"fish/completions/{PROGRAM}.fish"),
    "zsh": ("XDG_DATA_HOME", ".local/share", f"zsh/site-functions/_{PROGRAM}"),
}
_NEXT = {
    "bash": "new shells know it where the package bash-completion is installed; else add to "
    "~/.bashrc: source {path}",
    "fish": "new shells know it",
    "zsh": "add to ~/.zshrc, before compinit if that is there: "
    "fpath=({folder} $fpath); autoload -Uz compinit; compinit",
}


def _shell_argument(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.argument("shell", type=click.Choice(sorted(_PLACES)), required=required)


@click.group()
def completion() -> None:
    """Let the shell complete commands and options with the Tab key."""


@completion.command()
@_shell_argument(required=True)
def show(shell: str) -> None:
    """Print the script for SHELL."""
    click.echo(_script(shell))


@completion.command()
@_shell_argument(required=False)
@click.option("--overwrite", is_flag=True, help="Replace a file that is not the same.")
@json_option
def install(shell: str | None, *, overwrite: bool, as_json: bool) -> None:
    """Write the script to where SHELL looks for it, and say where that is.

    SHELL is by default the one of the variable SHELL. No other file is touched: if a line is to be
    added to one, it is printed.
    """
    shell = shell or PurePath(os.environ.get("SHELL", "")).name
    if shell not in _PLACES:
        raise click.UsageError(f"say which shell: {', '.join(sorted(_PLACES))}")
    path, script = _place(shell), _script(shell) + "\n"
    try:
        there = path.read_text() if path.exists() else None
        if there not in (None, script) and not overwrite:
            raise click.UsageError(f"{path} holds something else; --overwrite replaces it")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot write {path}: {error}") from None
    then = _NEXT[shell].format(path=path, folder=path.parent)
    if as_json:
        click.echo(json.dumps({"shell": shell, "path": str(path), "next": then}))
        return
    click.echo(f"{'is there already' if there == script else 'written'}: {path}")
    click.echo(then)


def _place(shell: str) -> Path:
    variable, usual, name = _PLACES[shell]
    return Path(os.environ.get(variable) or Path.home() / usual) / name


def _script(shell: str) -> str:
    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 - click has all three
    command = click.get_current_context().find_root().command
    return made(command, {}, PROGRAM, VARIABLE).source()
