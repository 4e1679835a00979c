"""``--env-file``: keys and addresses from a file of ``KEY=VALUE`` lines."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path

import click

from heygen_async import InvalidRequestError

_OURS = ("HEYGEN_", "JOGG_")
_LINE = re.compile(
    r"""\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*
    (?:'(?P<single>[^']*)'|"(?P<double>[^"\\$`]*)"|(?P<bare>[^\s'"\\$`#]*))
    (?:\s+\#.*|\s*)""",
    re.VERBOSE,
)


def read_env_file(path: Path) -> dict[str, str]:
    r"""Return the variables of the clients that a file sets; those of other programs are skipped.

    A line is ``NAME=value``, with ``export`` before it or not, the value in quotes or not; empty
    ones and those that start with ``#`` say nothing. Nothing is expanded: a value with ``$``, a
    backtick or ``\`` stands in single quotes. Raises ``InvalidRequestError``, which never shows
    what is in the file.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InvalidRequestError(f"{path} cannot be read: {reason}") from None
    found = {}
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if match is not None and match["name"].startswith(_OURS):
            found[match["name"]] = match["single"] or match["double"] or match["bare"] or ""
        elif match is None and any(name in line.partition("#")[0] for name in _OURS):
            raise InvalidRequestError(
                f"{path}, line {number}: this is not NAME=value; a value with blanks or quotes in "
                "it stands in single quotes"
            )
    return found


def _load(context: click.Context, _option: click.Parameter, path: Path | None) -> None:
    """Set the variables for as long as the command runs."""
    found = {} if path is None or context.resilient_parsing else read_env_file(path)
    for name in found.keys() - os.environ.keys():
        os.environ[name] = found[name]
        context.call_on_close(partial(os.environ.pop, name, None))


env_file_option = click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    callback=_load,
    expose_value=False,
    help="Take the HEYGEN_… and JOGG_… variables that are not set from a file of NAME=value lines.",
)
