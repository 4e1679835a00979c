"""``python -m heygen_async`` and the script ``heygen-async``: the way into the command line."""

from __future__ import annotations

import importlib.util
import io
import sys


def main() -> None:
    """Run the command line, or say how to install what it needs."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # no letter is one that a terminal cannot print
            stream.reconfigure(errors="backslashreplace")
    if any(importlib.util.find_spec(name) is None for name in ("click", "rich")):
        print("the command line needs: pip install 'heygen-async[cli]'", file=sys.stderr)  # noqa: T201 - click is missing
        sys.exit(2)
    from heygen_async.cli.app import app  # noqa: PLC0415 - it needs the extra

    app(prog_name="heygen-async")


if __name__ == "__main__":
    main()
