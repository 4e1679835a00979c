"""Messages of the library, which speak to Python programmers, in the words of a shell."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def _wait_again(found: re.Match[str]) -> str:
    return f"; wait for it again with: heygen-async jobs wait {shlex.quote(found[1])}"


# What an error says by a call or an argument is said by a command or an option here. A test reads
# all messages of the package, and fails for one with Python in it that no row knows.
_SHELL_WORDS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"or pass api_key=", "or name a file that has it with --env-file"),
    (r" or api_key=\)", ")"),
    (r"\bbase_url\b", "the base URL (--base-url)"),
    (r"\bidempotency_key=?(?!\w)", "--idempotency-key"),
    (r"pass overwrite=True", "pass --overwrite"),
    (r"pass allow_odd=True", "pass --allow-odd"),
    (r", wait for it again with attach\('([^']*)'\)", _wait_again),
    (r"; attach\('[^']*'\) finds it again", ""),  # the command itself says how
    (r", and job\.token has it", ", and the command that submitted the job printed it"),
    (r", with a longer PollPolicy\.unknown_budget if", " if"),
    (r"make the client with prepare=True", "let --prepare do it"),
    (r"\bprepare=True needs\b", "--prepare needs"),
    (r"; if that is right, set allow_private_hosts=True", ", from which no file is fetched"),
    (r": Ledger\(…, adopt=True\), or batch run --adopt", " with batch run --adopt"),
    (r", or open it with read_only=True", ""),
    (
        r"for a local file write Path\(.*\), for an uploaded asset AssetId\(.*\)",
        "a local file is given by its name, an uploaded asset as asset:<id>",
    ),
    (
        r"a pathlib\.Path, bytes(, an Asset or an AssetId| or an Asset with a URL)",
        "or the name of a file",
    ),
    (r"heygen\.voices\.list\(\) has them all", '"heygen-async voices" has them all'),
    (r"\ba non-empty str of\b", "text of"),
    (r"\ba non-empty str\b", "text that is not empty"),
    (r", an? \w+ of heygen\.voices\.list\(\)", '; "heygen-async voices" lists them'),
    (r", an? \w+ of jogg\.voices\.list\(\)", '; "heygen-async voices --jogg" lists them'),
    (r", an? \w+ of heygen\.avatars\.looks\.list\(\)", '; "heygen-async avatars" lists them'),
    (r", (an? \w+ of|as) (heygen|jogg)\.\w+\.\w+\(\)( names (it|them))?", ""),
    (r"\(default (True|False)\)", lambda found: found[0].lower()),
    (r"\bbe True or False\b", "be true or false"),
    (r"(?m)\bnot None$", "not null"),
    (r"^[A-Z]\w+: |\b[A-Z]\w+ has (?=no such field)", ""),  # the class of a spec
    (r"instead of LegacyVideo.*", 'use "render" instead'),
    (
        r"in an ImageVideo, says the guide.*",
        'with a picture: make an avatar of it by "run photo-avatar", for "render avatar"',
    ),
)


def in_shell_words(message: str) -> str:
    """Return a message of the library with commands and options in place of calls."""
    for python, shell in _SHELL_WORDS:
        message = re.sub(python, shell, message)
    return message
