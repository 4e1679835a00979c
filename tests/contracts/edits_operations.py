"""Every operation on clippings, removals, renders and podcasts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .full_specs import AI_CLIPPING, BACKGROUND_REMOVAL, FILLER_WORD_REMOVAL, HYPERFRAMES, PODCAST
from .voices_operations import lost

if TYPE_CHECKING:
    from heygen_async import HeyGen
    from heygen_async.emulator import Emulator


async def edit_operations(heygen: HeyGen, emulator: Emulator) -> None:
    """Make, look at, list and delete one of each."""
    spaces: list[tuple[Any, Any]] = [
        (heygen.clips, AI_CLIPPING),
        (heygen.background_removals, BACKGROUND_REMOVAL),
        (heygen.filler_word_removals, FILLER_WORD_REMOVAL),
        (heygen.hyperframes, HYPERFRAMES),
        (heygen.podcasts, PODCAST),
    ]
    for space, spec in spaces:
        job = await space.create(spec)
        await job.refresh()
        await job
        await space.get(job.id)
        await lost(emulator, await space.create(spec))
        if hasattr(space, "list"):
            assert len([each async for each in space.list()]) == 2
            await space.delete(job.id)
