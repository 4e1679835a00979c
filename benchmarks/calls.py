"""How many functions of how many modules a call runs through: what its reader has to follow.

``python -m benchmarks.calls [--list]`` counts distinct functions of the package, comprehensions
aside, for a ``videos.get``, a render, and a whole ``map`` of one item, begin and end included, with
a ledger. Each is done once before, so that nothing is loaded or compiled while it is counted. The
emulator is no part of it, nor what runs in threads that are there already.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import heygen_async
from heygen_async import HeyGen, ImageVideo, Ledger
from heygen_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import FrameType

ROOT = str(Path(heygen_async.__file__).parent)
EMULATOR = str(Path(ROOT) / "emulator")
INNER = ("<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>")


async def counted(call: Callable[[], Awaitable[Any]]) -> set[tuple[str, str]]:
    """Return module and name of each function of the package that ``call`` runs through."""
    seen: set[tuple[str, str]] = set()

    def profile(frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        path = code.co_filename
        inside = path.startswith(ROOT) and not path.startswith(EMULATOR)
        if event == "call" and inside and code.co_name not in INNER:
            seen.add((path[len(ROOT) + 1 :], f"{code.co_qualname}:{code.co_firstlineno}"))

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        await call()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return seen


async def measure() -> dict[str, set[tuple[str, str]]]:
    """Return what each of the calls runs through."""
    spec = ImageVideo(image="https://example.com/a.jpg", script="Hello!", voice_id="v1")
    found = {}
    async with (
        Emulator(speed=600, sigma=0.01) as emulator,
        HeyGen(api_key=emulator.api_key, base_url=emulator.url) as heygen,
    ):
        video = await heygen.run(spec)
        await heygen.videos.get(video.id)
        found["videos.get"] = await counted(lambda: heygen.videos.get(video.id))
        found["a render"] = await counted(lambda: heygen.run(spec))
        with tempfile.TemporaryDirectory() as folder:
            async with Ledger(Path(folder) / "run.sqlite") as ledger:

                async def batch(name: str, target: str | None) -> None:
                    async for outcome in heygen.map(
                        [spec], key=lambda _: name, ledger=ledger, download_to=target
                    ):
                        if outcome.error is not None:
                            raise outcome.error

                await batch("first", folder)
                found["a map item"] = await counted(lambda: batch("second", None))
                found["a map item with its file"] = await counted(lambda: batch("third", folder))
    return found


def main() -> None:
    """Print the counts, and with ``--list`` the functions, too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="name the functions")
    listed = parser.parse_args().list
    for name, seen in asyncio.run(measure()).items():
        modules = {module for module, _ in seen}
        print(f"{name}: {len(seen)} functions of {len(modules)} modules")
        for module in sorted(modules) if listed else ():
            names = sorted(function for path, function in seen if path == module)
            print(f"  {module}: {', '.join(names)}")


if __name__ == "__main__":
    main()
