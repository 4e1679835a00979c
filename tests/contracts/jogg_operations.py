"""Every operation on JoggAI's films and products once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from heygen_async import JoggPreviewRender, JoggProductMedium

from .jogg_specs import (
    CLIP,
    JOGG_LIP_SYNC,
    JOGG_PREVIEWS,
    JOGG_PRODUCT_AVATAR,
    JOGG_PRODUCT_MOTION,
    JOGG_PRODUCT_VIDEO,
    JOGG_SCRIPT,
    JOGG_TEMPLATE,
    JOGG_TRANSLATION,
    PICTURE,
)
from .voices_operations import lost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async import JoggAI
    from heygen_async.emulator import Emulator


async def listed(items: AsyncIterator[Any]) -> list[Any]:
    found = [item async for item in items]
    assert found
    return found


async def both_ends(emulator: Emulator, create: Any, spec: Any) -> Any:
    """See a job on its way and done, return what it gave, and see another one fail."""
    job = await create(spec)
    await job.refresh()
    found = await job
    await lost(emulator, await create(spec))
    return found


async def film_operations(jogg: JoggAI, emulator: Emulator) -> None:
    """Make one of each, see it in each of its states, and look at the lists."""
    spaces: list[tuple[Any, Any]] = [
        (jogg.lip_syncs, JOGG_LIP_SYNC),
        (jogg.translations, attrs.evolve(JOGG_TRANSLATION, video_url=CLIP)),
        (jogg.template_videos, JOGG_TEMPLATE),
    ]
    for space, spec in spaces:
        await both_ends(emulator, space.create, spec)
    assert "Spanish" in await jogg.translations.languages()
    for row in await listed(jogg.templates.custom(aspect_ratio="portrait")):
        assert (await jogg.templates.get(row.id)).variables
    await listed(jogg.templates.list())
    assert len(await listed(jogg.template_videos.list())) == 2
    await listed(jogg.musics.list())
    await listed(jogg.visual_styles.list())


async def product_operations(jogg: JoggAI, emulator: Emulator) -> None:
    """Make a product and all that is made of it, and look at the lists."""
    media = [JoggProductMedium(type=1, url=PICTURE, name="p", description="a cup")]
    product = await jogg.products.create(name="Cup", media=media)
    await jogg.products.update(product.product_id, description="A cup")
    named = {"product_id": product.product_id}
    spec = attrs.evolve(JOGG_PRODUCT_VIDEO, **named)
    await both_ends(emulator, jogg.product_videos.create, spec)
    (preview,) = await jogg.product_videos.preview(attrs.evolve(JOGG_PREVIEWS, **named))
    emulator.complete(preview.preview_id)
    render = JoggPreviewRender(preview_id=preview.preview_id)
    await both_ends(emulator, jogg.product_videos.render_preview, render)
    assert len(await listed(jogg.product_videos.list())) == 4
    await listed(jogg.product_videos.previews(status="completed"))
    found = await both_ends(emulator, jogg.product_avatars.create, JOGG_PRODUCT_AVATAR)
    motion = attrs.evolve(JOGG_PRODUCT_MOTION, generation_id=found.generations[0].generation_id)
    await both_ends(emulator, jogg.product_avatars.add_motion, motion)
    await listed(jogg.avatars.product())
    await both_ends(emulator, jogg.scripts.create, JOGG_SCRIPT)
