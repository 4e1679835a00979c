"""HeyGen v3 clippings, background and filler word removals, podcasts and hyperframes renders."""

from __future__ import annotations

from functools import partial
from typing import Any

from heygen_async.models.edits import (
    AiClipping,
    BackgroundRemoval,
    CleanSpeech,
    Clipping,
    FillerWordRemoval,
    RemovedBackground,
)
from heygen_async.models.films import (
    HyperframesRender,
    HyperframesVideo,
    Podcast,
    PodcastVideo,
)
from heygen_async.models.jobs import State
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.heygen.videos import VIDEO_STATUSES
from heygen_async.protocol.kinds import JobKind, JobSnapshot, read_snapshot
from heygen_async.protocol.operations import Collection

CLIPPINGS = Collection(item="/v3/ai-clipping/{job_id}", model=Clipping, converter=CONVERTER)
BACKGROUND_REMOVALS = Collection(
    item="/v3/background-removals/{job_id}", model=RemovedBackground, converter=CONVERTER
)
FILLER_WORD_REMOVALS = Collection(
    item="/v3/filler-word-removals/{filler_word_removal_id}",
    model=CleanSpeech,
    converter=CONVERTER,
)
HYPERFRAMES = Collection(
    item="/v3/hyperframes/renders/{render_id}", model=HyperframesVideo, converter=CONVERTER
)
PODCASTS = Collection(item="/v3/podcasts/{podcast_id}", model=PodcastVideo, converter=CONVERTER)


def removal_snapshot(found: RemovedBackground) -> JobSnapshot[RemovedBackground]:
    """Read a background removal as the state of its job: its error is a text."""
    return JobSnapshot(
        word=found.status,
        result=found if found.layers else None,
        message=found.error,
        created_at=found.created_at,
    )


CLIPPING = JobKind(
    name="heygen.clipping",
    specs=(AiClipping,),
    collection=CLIPPINGS,
    id_field="ai_clipping_id",
    status_map=VIDEO_STATUSES,
    snapshot=partial(read_snapshot, None),  # a clipping may end without a clip
    file="clips.video_url",
    more_files=("clips.thumbnail_url",),
    typical_duration=600.0,
)
BACKGROUND_REMOVAL = JobKind(
    name="heygen.background-removal",
    specs=(BackgroundRemoval,),
    collection=BACKGROUND_REMOVALS,
    id_field="id",
    key_field="request_id",
    status_map=VIDEO_STATUSES,
    snapshot=removal_snapshot,
    more_files=("layers.foreground", "layers.mask", "layers.background"),  # those asked for
)
FILLER_WORD_REMOVAL = JobKind(
    name="heygen.filler-word-removal",
    specs=(FillerWordRemoval,),
    collection=FILLER_WORD_REMOVALS,
    status_map=VIDEO_STATUSES,
    file="video_url",
    more_files=("thumbnail_url",),
)
RENDER = JobKind(
    name="heygen.hyperframes",
    specs=(HyperframesRender,),
    collection=HYPERFRAMES,
    first_word="queued",
    status_map={"queued": State.QUEUED, "rendering": State.RUNNING},
    file="video_url",
    more_files=("thumbnail_url",),
)
PODCAST = JobKind(
    name="heygen.podcast",
    specs=(Podcast,),
    collection=PODCASTS,
    first_word="processing",
    status_map={"processing": State.RUNNING},
    file="video_url",
    more_files=("thumbnail_url",),
    typical_duration=600.0,
)

KINDS: tuple[JobKind[Any], ...] = (
    CLIPPING,
    BACKGROUND_REMOVAL,
    FILLER_WORD_REMOVAL,
    RENDER,
    PODCAST,
)
