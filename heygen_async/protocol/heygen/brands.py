"""HeyGen v3 brand kits and glossaries, and the kind of job that imports a kit."""

from __future__ import annotations

from typing import Any

from heygen_async.models.brands import BrandGlossary, BrandKit, BrandKitImport
from heygen_async.models.jobs import State
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.kinds import JobKind, JobSnapshot, meaning
from heygen_async.protocol.operations import Collection, Operation

BRAND_KITS = Collection(item="/v3/brand-kits/{brand_kit_id}", model=BrandKit, converter=CONVERTER)
BRAND_GLOSSARIES = Collection(
    item="/v3/brand-glossaries/{brand_glossary_id}", model=BrandGlossary, converter=CONVERTER
)
CREATE_GLOSSARY = Operation("POST", BRAND_GLOSSARIES.path, BRAND_GLOSSARIES.read)


def kit_snapshot(kit: BrandKit) -> JobSnapshot[BrandKit]:
    """Read a brand kit as the state of its job."""
    word = kit.status or "completed"
    ready = meaning({}, word) is State.COMPLETED
    return JobSnapshot(word=word, result=kit if ready else None)


BRAND_KIT = JobKind(
    name="heygen.brand-kit",
    specs=(BrandKitImport,),
    collection=BRAND_KITS,
    first_word="loading",
    status_map={"loading": State.RUNNING},
    snapshot=kit_snapshot,
    more_files=("logos.url",),
    typical_duration=60.0,
)

KINDS: tuple[JobKind[Any], ...] = (BRAND_KIT,)
