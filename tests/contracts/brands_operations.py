"""Every operation on brand kits and brand glossaries once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from heygen_async import BrandKitImport, JobFailedError

from .full_specs import HOOK

if TYPE_CHECKING:
    from heygen_async import HeyGen
    from heygen_async.emulator import Emulator

KIT = BrandKitImport(url=HOOK)


async def brand_operations(heygen: HeyGen, emulator: Emulator) -> None:
    """Import a kit, change and delete it; the same for a glossary."""
    kits, glossaries = heygen.brand_kits, heygen.brand_glossaries
    job = await kits.create(KIT)
    await job.refresh()
    kit = await job
    await kits.update(kit.brand_kit_id, name="Ada", color_roles={"primary": "#000000"})
    assert [each async for each in kits.list()]
    await kits.get(kit.brand_kit_id)
    await kits.delete(kit.brand_kit_id)
    failed = await heygen.submit(KIT)
    emulator.fail(failed.id)
    with pytest.raises(JobFailedError):
        await failed

    glossary = await glossaries.create("Ada", terms={"SQL": "sequel"})
    await glossaries.update(glossary.brand_glossary_id, do_not_translate_terms=["HeyGen"])
    await glossaries.get(glossary.brand_glossary_id)
    assert [each async for each in glossaries.list()]
    await glossaries.delete(glossary.brand_glossary_id)
