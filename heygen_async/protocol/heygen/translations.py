"""HeyGen v3 translations and proofreads, and their kinds of jobs."""

from __future__ import annotations

from functools import partial
from typing import Any

from heygen_async.models.jobs import State
from heygen_async.models.translations import (
    Proofread,
    ProofreadResult,
    ProofreadSubtitles,
    ProofreadTranslation,
    Translation,
    VideoTranslation,
)
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.heygen.videos import VIDEO_STATUSES
from heygen_async.protocol.kinds import JobKind, read_snapshot
from heygen_async.protocol.operations import Collection, Operation

TRANSLATIONS = Collection(
    item="/v3/video-translations/{video_translation_id}", model=Translation, converter=CONVERTER
)
PROOFREADS = Collection(
    item="/v3/video-translations/proofreads/{proofread_id}",
    model=ProofreadResult,
    converter=CONVERTER,
)
LANGUAGES = Operation(
    "GET",
    "/v3/video-translations/languages",
    lambda payload: tuple(payload["data"]["languages"]),
)
SUBTITLES = Operation(
    "GET",
    PROOFREADS.item + "/srt",
    lambda payload: CONVERTER.structure(payload["data"], ProofreadSubtitles),
)
REPLACE_SUBTITLES = Operation("PUT", PROOFREADS.item + "/srt", PROOFREADS.read)


def translation_file(translation: Translation) -> str:
    """Return the field of its main file: where only the sound is translated, that is a sound."""
    return "audio_url" if translation.translate_audio_only else "video_url"


class _TranslationKind(JobKind[Translation]):
    """A kind whose job is a translation."""

    def download_url(self, result: Translation) -> str | None:
        """Return the URL of the video, or of the sound alone."""
        url: str | None = getattr(result, translation_file(result))
        return url


def _kind(name: str, spec: type[Any], **more: Any) -> JobKind[Translation]:
    return _TranslationKind(
        name=name,
        specs=(spec,),
        collection=TRANSLATIONS,
        status_map=VIDEO_STATUSES,
        snapshot=lambda found: read_snapshot(translation_file(found), found),
        file="video_url",
        more_files=("audio_url", "srt_caption_url", "vtt_caption_url"),
        statuses_limit=100,
        lists=True,
        **more,
    )


TRANSLATION = _kind(
    "heygen.translation",
    VideoTranslation,
    id_field="video_translation_ids",
    parts=lambda spec: len(spec.output_languages),
    batch_field="video_translations",
)
PROOFREAD_TRANSLATION = _kind(
    "heygen.proofread-translation",
    ProofreadTranslation,
    path=PROOFREADS.item + "/generate",
)
PROOFREAD: JobKind[ProofreadResult] = JobKind(
    name="heygen.proofread",
    specs=(Proofread,),
    collection=PROOFREADS,
    id_field="proofread_ids",
    parts=lambda spec: len(spec.output_languages),
    first_word="processing",
    status_map={"processing": State.RUNNING},
    snapshot=partial(read_snapshot, None),
)

KINDS: tuple[JobKind[Any], ...] = (TRANSLATION, PROOFREAD_TRANSLATION, PROOFREAD)
