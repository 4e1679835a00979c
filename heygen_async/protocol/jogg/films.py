"""JoggAI v2: lip syncs, translations, templates with their videos, and music."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.models.jogg_films import (
    JoggLipSync,
    JoggLipSyncVideo,
    JoggListedVideo,
    JoggMusic,
    JoggTemplate,
    JoggTemplateResult,
    JoggTemplateVideo,
    JoggTranslatedVideo,
    JoggTranslation,
    JoggVisualStyle,
)
from heygen_async.protocol.jogg.tables import CONVERTER, STATUSES, JoggKind, NumberedCollection
from heygen_async.protocol.operations import Collection, Operation

if TYPE_CHECKING:
    from heygen_async.protocol.kinds import JobKind

KINDS: tuple[JobKind[Any], ...] = (
    JoggKind(
        name="jogg.lip-sync",
        specs=(JoggLipSync,),
        path="/v2/create_lip_sync_video",
        collection=Collection(
            item="/v2/lip_sync_video/{task_id}", model=JoggLipSyncVideo, converter=CONVERTER
        ),
        status_map=STATUSES,
        file="result_url",
    ),
    JoggKind(
        name="jogg.translation",
        specs=(JoggTranslation,),
        path="/v2/video_translate/",
        collection=Collection(
            item="/v2/video_translate/{video_translate_id}",
            model=JoggTranslatedVideo,
            converter=CONVERTER,
        ),
        status_map=STATUSES,
        file="url",
        more_files=("subtitle_url",),
        aliases={"video_url": "url"},  # in the guide
        typical_duration=900.0,
    ),
    JoggKind(
        name="jogg.template-video",
        specs=(JoggTemplateVideo,),
        path="/v2/create_video_with_template",
        collection=Collection(
            item="/v2/template_video/{video_id}", model=JoggTemplateResult, converter=CONVERTER
        ),
        status_map=STATUSES,
        file="url",
        aliases={"video_url": "url"},  # in the guide
    ),
)
LANGUAGES = Operation(
    "GET",
    "/v2/video_translate/target_languages",
    lambda payload: CONVERTER.structure(payload["data"]["languages"], tuple[str, ...]),
)
TEMPLATES = NumberedCollection(
    item="/v2/templates/{id}",
    model=JoggTemplate,
    converter=CONVERTER,
    name="templates",
    paged=False,
)
CUSTOM_TEMPLATES = NumberedCollection(
    item="/v2/templates/custom/{id}",
    model=JoggTemplate,
    converter=CONVERTER,
    name="templates",
    paged=False,
)
TEMPLATE = Operation(
    "GET",
    "/v2/template/custom/{id}",
    lambda payload: CONVERTER.structure(payload["data"], JoggTemplate),
)
TEMPLATE_VIDEOS = NumberedCollection(
    item="/v2/template_videos/{id}", model=JoggListedVideo, converter=CONVERTER, name="data"
)
MUSICS = NumberedCollection(
    item="/v2/musics/{id}", model=JoggMusic, converter=CONVERTER, name="music"
)
VISUAL_STYLES = NumberedCollection(
    item="/v2/visual_styles/{id}",
    model=JoggVisualStyle,
    converter=CONVERTER,
    name="visual_styles",
    paged=False,
)
