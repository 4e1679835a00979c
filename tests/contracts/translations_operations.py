"""Every operation on translations and proofreads once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async import Proofread, ProofreadTranslation, VideoTranslation

from .voices_operations import lost

if TYPE_CHECKING:
    from heygen_async import HeyGen
    from heygen_async.emulator import Emulator

CLIP = "https://a.example/clip.mp4"


async def translation_operations(heygen: HeyGen, emulator: Emulator) -> None:
    """Translate, with and without a proofread; read, rename and delete."""
    translations = heygen.translations
    languages = (await translations.languages())[1:3]
    first, second = await translations.create(
        VideoTranslation(video=CLIP, output_languages=languages)
    )
    await first.refresh()
    done = await first
    await lost(emulator, second)
    await translations.get(done.id)
    assert len([each async for each in translations.list()]) == 2
    assert (await translations.statuses([first.id]))[first.id].terminal
    await translations.update(done.id, title="New")
    await translations.delete(done.id)
    proofreads = translations.proofreads
    (draft,) = await proofreads.create(
        Proofread(video=CLIP, output_languages=languages[:1], title="A draft")
    )
    await draft.refresh()
    ready = await draft
    await proofreads.get(ready.id)
    subtitles = await proofreads.srt(ready.id)
    await proofreads.replace_srt(ready.id, subtitles.srt_url)
    job = await proofreads.generate(ProofreadTranslation(proofread_id=ready.id))
    await job
