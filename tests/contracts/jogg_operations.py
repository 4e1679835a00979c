"""Every operation on JoggAI's lip syncs, translations, templates and music once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from .jogg_specs import CLIP, JOGG_LIP_SYNC, JOGG_TEMPLATE, JOGG_TRANSLATION
from .voices_operations import lost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async import JoggAI
    from heygen_async.emulator import Emulator


async def listed(items: AsyncIterator[Any]) -> list[Any]:
    found = [item async for item in items]
    assert found
    return found


async def film_operations(jogg: JoggAI, emulator: Emulator) -> None:
    """Make one of each, see it in each of its states, and look at the lists."""
    spaces: list[tuple[Any, Any]] = [
        (jogg.lip_syncs, JOGG_LIP_SYNC),
        (jogg.translations, attrs.evolve(JOGG_TRANSLATION, video_url=CLIP)),
        (jogg.template_videos, JOGG_TEMPLATE),
    ]
    for space, spec in spaces:
        job = await space.create(spec)
        await job.refresh()
        await job
        await lost(emulator, await space.create(spec))
    assert "Spanish" in await jogg.translations.languages()
    for row in await listed(jogg.templates.custom(aspect_ratio="portrait")):
        assert (await jogg.templates.get(row.id)).variables
    await listed(jogg.templates.list())
    assert len(await listed(jogg.template_videos.list())) == 2
    await listed(jogg.musics.list())
    await listed(jogg.visual_styles.list())
