"""Async generators as a pipeline: a row is read only when a slot for its video is in sight."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import time
from typing import TYPE_CHECKING

from _session import HERE, PICTURE, out, session

from heygen_async import HeyGen, ImageVideo

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator
    from pathlib import Path

    from heygen_async import Outcome, Video


async def rows(table: Path) -> AsyncIterator[dict[str, str]]:
    """Yield the rows of a CSV file; a queue or a database would do as well."""
    with table.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield row


async def scripts(table: Path, voice_id: str) -> AsyncIterator[ImageVideo]:
    """Write the script of each row; this is where a language model would be asked."""
    async for row in rows(table):
        print("wanted:", row["title"])
        script = f"{row['title']}. {row['script']}"
        yield ImageVideo(image=PICTURE, title=row["title"], script=script, voice_id=voice_id)


async def checksums(outcomes: AsyncIterable[Outcome[Video]]) -> AsyncIterator[str]:
    """Read each file in a thread, as a transcoder would; what failed is told and left out."""
    async for outcome in outcomes:
        if outcome.path is None:
            print(f"failed: {outcome.key}, {outcome.error}")
            continue
        content = await asyncio.to_thread(outcome.path.read_bytes)
        yield f"{hashlib.sha256(content).hexdigest()}  {outcome.path}"


async def main() -> None:
    """Render a table, up to 10 videos at once, into a folder of this run."""
    async with session(HeyGen) as heygen:
        folder = out(time.strftime("pipeline-%Y%m%d-%H%M%S"))
        voice = await anext(heygen.voices.list(language="English"))
        specs = scripts(HERE / "scripts.csv", voice.voice_id)
        videos = heygen.map(specs, key=lambda spec: spec.title, download_to=folder)
        async for line in checksums(videos):
            print("done:", line)


asyncio.run(main())
