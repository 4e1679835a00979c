"""Run all benchmarks, and write their tables and the plot to ``benchmarks/``."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.server import ROOT

PROGRAMS = {
    "schedules": "When to look",
    "waiters": "Thousands of waits on one client",
    "transport": "What a call costs",
    "ledger": "What a ledger costs",
    "webhooks": "What webhooks save",
    "fleet": "Many processes on one account",
}
PLOT = "frontier.svg"
_PATIENCE = 3600.0
_INTRODUCTION = """# Benchmarks

`make bench` runs them all and writes this file. They use the loopback interface alone and need
no key. Figures of one table come from one run; compare rows, not machines.

![Lag against requests per job](frontier.svg)
"""


def main() -> None:
    """Run everything."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    options.add_argument("--quick", action="store_true", help="few and small: a check, no figures")
    options.add_argument("--output", type=Path, default=Path(__file__).parent, help="folder")
    given = options.parse_args()
    parts = [_INTRODUCTION, _machine()]
    with tempfile.TemporaryDirectory() as folder:
        for name, title in PROGRAMS.items():
            if name == "fleet" and given.quick:  # it wants PostgreSQL, and has a test of its own
                continue
            markdown = Path(folder, "tables.md")
            more = ["--quick"] if given.quick else []
            if name == "schedules":
                more += ["--svg", str(given.output / PLOT)]
            _run(name, "--markdown", str(markdown), *more)
            shown = f"`python -m benchmarks.{name}{' --quick' if given.quick else ''}`"
            parts.append(f"## {title}\n\n{shown}\n\n{markdown.read_text(encoding='utf-8')}")
    target = given.output / "README.md"
    target.write_text("\n".join(parts), encoding="utf-8")
    print(f"\nwrote {target}")


def _run(name: str, *more: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", *more]
    subprocess.run(command, check=True, cwd=ROOT, timeout=_PATIENCE)  # noqa: S603 - our own


def _machine() -> str:
    """Return what the figures were measured on, and when."""
    today = dt.datetime.now(tz=dt.UTC).date()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "attrs", "cattrs"))
    return (
        f"{today}, {platform.system()} on {platform.machine()} ({_processor()}), "
        f"{os.cpu_count()} cores, {platform.python_implementation()} "
        f"{platform.python_version()}, {libraries}.\n"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "processor not known")


if __name__ == "__main__":
    main()
