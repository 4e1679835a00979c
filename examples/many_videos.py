"""A table of videos and a ledger: run it again after a crash or Ctrl-C, nothing is paid twice."""

from __future__ import annotations

import asyncio

import attrs
from _session import EMULATED, HERE, out, session

from heygen_async import HeyGen, ImageVideo, Ledger
from heygen_async.batch.manifest import read_manifest


async def main(specs: tuple[ImageVideo, ...]) -> None:
    """Render the specs, up to 10 at once, and tell how each of them ended."""
    # Each emulator is a server of its own, so its ledger is adopted from the one before.
    async with session(HeyGen) as heygen, Ledger(out("tour.sqlite"), adopt=EMULATED) as ledger:
        voice = await anext(heygen.voices.list(language="English"))
        outcomes = heygen.map(
            # The voices in the table are the emulator's; an account has others.
            [attrs.evolve(spec, voice_id=voice.voice_id) for spec in specs],
            key=lambda spec: spec.title,
            ledger=ledger,
            download_to=out("tour"),
        )
        async for outcome in outcomes:
            print(f"{outcome.key}: {outcome.path or outcome.error}")
        counts = await ledger.counts()
        print(", ".join(f"{number} {state}" for state, number in counts.items() if number))
        print(heygen.statistics().jobs_submitted, "submitted by this run")


# All that is wrong with the table is told here, before anything is sent.
asyncio.run(main(read_manifest(HERE / "tour.csv", ImageVideo)))
