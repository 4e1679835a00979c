"""HeyGen v3 brand kits and brand glossaries."""

from __future__ import annotations

import pytest

from heygen_async import (
    BrandKitImport,
    ConflictError,
    InvalidRequestError,
    JobFailedError,
    NotFoundError,
    State,
)

SPEC = BrandKitImport(url="https://example.com", name="Ada")


async def test_a_brand_kit_is_imported_changed_and_deleted(heygen):
    """Its words are loading and completed; roles can be changed when it is there."""
    job = await heygen.brand_kits.create(SPEC)
    assert (job.status.state, job.status.raw) == (State.RUNNING, "loading")
    assert (await heygen.brand_kits.update(job.id, name="Eve")).name == "Eve"
    with pytest.raises(ConflictError) as caught:
        await heygen.brand_kits.update(job.id, color_roles={})
    assert caught.value.code == "brand_kit_not_ready"
    kit = await job
    assert (kit.name, kit.logo_roles.primary) == ("Eve", kit.logos[0].logo_id)
    changed = await heygen.brand_kits.update(
        job.id, color_roles={"accent": "#ffffff"}, font_roles={"body_text": {"weight": 400}}
    )
    assert (changed.color_roles.primary, changed.color_roles.accent) == (None, "#ffffff")
    assert changed.font_roles.body_text.weight == 400
    (listed,) = [each async for each in heygen.brand_kits.list()]
    assert (listed.brand_kit_id, listed.colors) == (job.id, kit.colors)
    with pytest.raises(InvalidRequestError, match="nothing to update"):
        await heygen.brand_kits.update(job.id)
    await heygen.brand_kits.delete(job.id)
    with pytest.raises(NotFoundError):
        await heygen.brand_kits.get(job.id)


async def test_an_import_that_fails_is_an_error(heygen, emulator):
    """The vendor's word is "error"; a website is wanted."""
    job = await heygen.submit(SPEC)
    emulator.fail(job.id)
    with pytest.raises(JobFailedError):
        await job
    assert job.status.raw == "error"
    with pytest.raises(InvalidRequestError, match="url must be a non-empty str"):
        BrandKitImport(url=" ")


async def test_a_glossary_is_made_changed_and_deleted(heygen):
    """Three sorts of words, each replaced as a whole, and a name that is nobody else's."""
    glossaries = heygen.brand_glossaries
    made = await glossaries.create(
        "Ada",
        terms={"SQL": "sequel"},
        do_not_translate_terms=["HeyGen"],
        forced_translations={"colour": "Farbe"},
    )
    assert made.terms[0].pronunciation == "sequel"
    assert made.do_not_translate_terms[0].term == "HeyGen"
    assert made.forced_translations[0].translation == "Farbe"
    with pytest.raises(ConflictError):
        await glossaries.create("ADA")
    found = await glossaries.update(made.brand_glossary_id, name="Eve", forced_translations={})
    assert (found.name, found.terms, found.forced_translations) == ("Eve", made.terms, None)
    assert [each.name async for each in glossaries.list()] == ["Eve"]
    assert (await glossaries.get(found.brand_glossary_id)).name == "Eve"
    with pytest.raises(InvalidRequestError, match="nothing to update"):
        await glossaries.update(made.brand_glossary_id)
    await glossaries.delete(made.brand_glossary_id)
    assert [each async for each in glossaries.list()] == []
