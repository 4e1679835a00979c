"""Specs beside the v3 videos: avatars, the retired v2, JoggAI. Words come from the contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from heygen_async import (
    AddLooks,
    AddMotion,
    AddSoundEffect,
    AiClipping,
    Asset,
    AvatarLook,
    AvatarVideo,
    BackgroundRemoval,
    BrandKitImport,
    CinematicVideo,
    CreateGroup,
    DigitalTwin,
    FillerWordRemoval,
    HyperframesRender,
    ImageVideo,
    JoggMotion,
    JoggPhoto,
    JoggProductAvatar,
    JoggScript,
    JoggVideo,
    LegacyPhoto,
    LegacyVideo,
    Lipsync,
    PhotoAvatar,
    Podcast,
    PromptAvatar,
    Proofread,
    ProofreadTranslation,
    StudioVideo,
    TemplateVideo,
    TrainGroup,
    UpscaleAvatar,
    VideoAgent,
    VideoComparison,
    VideoTranslation,
    VoiceClone,
    VoiceSettings,
    VoiceTraining,
    WorkflowRun,
)

from .contract import JOGG, LEGACY, Contract
from .full_specs import FULL
from .jogg_specs import JOGG_FULL
from .strategies import (
    Fields,
    avatar_videos,
    backgrounds,
    build,
    cinematic_videos,
    flags,
    image_videos,
    remote,
    studio_videos,
    texts,
    urls,
    word,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def words(contract: Contract, path: str, *fields: str) -> dict[str, SearchStrategy[Any]]:
    """Return for each field of the POST's body a choice among the words it may have."""
    parts = contract.request_schema("POST", path)["properties"]
    return {field: st.sampled_from(parts[field]["enum"]) for field in fields}


lipsync_options: dict[str, SearchStrategy[Any]] = {
    **dict.fromkeys(("title", "fps_mode", "folder_id", "callback_id"), texts),
    **dict.fromkeys((name for name in attrs.fields_dict(Lipsync) if "able_" in name), flags),
    "mode": word("VideoTranslationMode"),
    "keep_the_same_format": flags,
    "callback_url": urls,
    **dict.fromkeys(("start_time", "end_time"), st.floats(0.0, 86_400.0)),
}
hosted = urls | st.builds(Asset, id=texts, url=urls)
in_group = Fields({}, optional={"avatar_group_id": texts})
from_file = Fields({"name": texts, "file": remote})
prompted = Fields(
    {"name": texts, "prompt": st.text(min_size=1, max_size=1000).filter(str.strip)},
    optional={
        "reference_images": st.lists(remote, min_size=1, max_size=3),
        "avatar_id": texts,
        "aspect_ratio": word("PromptAvatarAspectRatio"),
    },
)

legacy_pictures = st.one_of(
    Fields(
        {"avatar_id": texts | st.builds(AvatarLook, id=texts, avatar_type=st.just("photo_avatar"))}
    ),
    Fields({"image_url": urls}),
    Fields({"image_asset_id": texts}),
)
legacy_voice_settings = build(
    VoiceSettings,
    Fields(
        {},
        optional={
            "speed": st.floats(0.5, 1.5),
            "pitch": st.floats(-50, 50),
            "volume": st.floats(0, 1),
            "locale": texts,
        },
    ),
)
legacy_voices = st.one_of(
    Fields(
        {"script": texts, "voice_id": texts}, optional={"voice_settings": legacy_voice_settings}
    ),
    Fields({"audio_url": urls}),
    Fields({"audio_asset_id": texts}),
)
legacy_looks = Fields(
    {},
    optional={
        "title": texts,
        "resolution": st.sampled_from(["1080p", "720p"]),
        "aspect_ratio": st.sampled_from(["16:9", "9:16"]),
        "motion_prompt": texts,
        "expressiveness": word("Expressiveness"),
        "remove_background": flags,
        "background": backgrounds,
    },
)
by_id = Fields({"id": texts})
motions = "/v2/photo_avatar/add_motion"
photos = "/v2/photo_avatar/photo/generate"

jogg_voices = st.one_of(Fields({"script": texts}), Fields({"audio": hosted}))
jogg_video_words = words(JOGG, "/v2/create_video_from_avatar", "aspect_ratio", "screen_style")


def subsets(cls: type, *always: str) -> SearchStrategy[Any]:
    """Return specs with any of the options that the full spec has, and ``always`` some."""
    full = next(spec for spec, _ in FULL if type(spec) is cls)
    optional = {
        each.name: st.just(getattr(full, each.name))
        for each in attrs.fields(cls)
        if each.default is not attrs.NOTHING
        and getattr(full, each.name) is not None
        and each.name not in always
    }
    needed = {
        each.name: st.just(getattr(full, each.name))
        for each in attrs.fields(cls)
        if each.default is attrs.NOTHING or each.name in always
    }
    return build(cls, Fields(needed, optional=optional))


agent_options: dict[str, SearchStrategy[Any]] = {
    **dict.fromkeys((name for name in attrs.fields_dict(VideoAgent) if "_id" in name), texts),
    "mode": st.sampled_from(["generate", "chat"]),
    "orientation": st.sampled_from(["landscape", "portrait"]),
    "files": st.lists(remote, max_size=20),
    "callback_url": urls,
    "incognito_mode": flags,
}

CHOICES = {JoggProductAvatar, JoggScript}
SMALL = (
    VideoTranslation,
    Proofread,
    ProofreadTranslation,
    AiClipping,
    BackgroundRemoval,
    FillerWordRemoval,
    HyperframesRender,
    TemplateVideo,
    VideoComparison,
    WorkflowRun,
    *dict.fromkeys(type(spec) for spec, _ in JOGG_FULL if type(spec) not in CHOICES),
)
"""Those whose fields are independent of each other."""

STRATEGIES: dict[type, SearchStrategy[Any]] = {
    **{cls: subsets(cls) for cls in SMALL},
    Podcast: subsets(Podcast, "topic"),
    ImageVideo: image_videos(remote),
    AvatarVideo: avatar_videos(remote),
    CinematicVideo: cinematic_videos(remote),
    StudioVideo: studio_videos(remote),
    Lipsync: build(Lipsync, Fields({"video": remote, "audio": remote}, optional=lipsync_options)),
    VideoAgent: build(VideoAgent, Fields({"prompt": texts}, optional=agent_options)),
    PhotoAvatar: build(PhotoAvatar, from_file, in_group),
    DigitalTwin: build(DigitalTwin, from_file, in_group),
    PromptAvatar: build(PromptAvatar, prompted, in_group),
    BrandKitImport: build(BrandKitImport, Fields({"url": urls}, optional={"name": texts})),
    VoiceClone: build(
        VoiceClone,
        Fields(
            {"audio": remote, "voice_name": texts},
            optional={"language": texts, "remove_background_noise": flags},
        ),
    ),
    VoiceTraining: build(
        VoiceTraining,
        Fields(
            {"audio": st.lists(remote, min_size=1, max_size=10)},
            optional={
                "name": texts,
                "language": texts,
                "mode": word("ModelAudioVoiceMode"),
                "voice_id": st.from_regex(r"[a-z0-9_]{1,64}", fullmatch=True),
            },
        ),
    ),
    LegacyVideo: build(LegacyVideo, legacy_pictures, legacy_voices, legacy_looks),
    AddMotion: build(
        AddMotion,
        by_id,
        Fields({}, optional={"prompt": texts, **words(LEGACY, motions, "motion_type")}),
    ),
    AddSoundEffect: build(AddSoundEffect, by_id),
    UpscaleAvatar: build(UpscaleAvatar, by_id),
    LegacyPhoto: build(
        LegacyPhoto,
        Fields({"name": texts, "appearance": texts}),
        Fields(words(LEGACY, photos, "age", "gender", "ethnicity", "orientation", "pose", "style")),
    ),
    CreateGroup: build(
        CreateGroup,
        Fields({"name": texts, "image_key": texts}, optional={"generation_id": texts}),
    ),
    TrainGroup: build(TrainGroup, Fields({"group_id": texts})),
    AddLooks: build(
        AddLooks,
        Fields(
            {
                "group_id": texts,
                "image_keys": st.lists(texts, min_size=1, max_size=4),
                "name": texts,
            },
            optional={"generation_id": texts},
        ),
    ),
    JoggPhoto: build(
        JoggPhoto,
        Fields(words(JOGG, photos, "age", "avatar_style", "gender", "model", "aspect_ratio")),
        Fields(
            {},
            optional={
                **words(JOGG, photos, "ethnicity"),
                "background": texts,
                "appearance": texts,
                "image_url": hosted,
            },
        ),
    ),
    JoggMotion: build(
        JoggMotion,
        Fields({"image_url": hosted, "name": texts, "voice_id": texts}),
        Fields(words(JOGG, motions, "model")),
        Fields({}, optional={"photo_id": texts, "description": texts, "welcome_msg": texts}),
    ),
    JoggProductAvatar: subsets(JoggProductAvatar, "avatar_id"),
    JoggScript: subsets(JoggScript, "name", "description"),
    JoggVideo: build(
        JoggVideo,
        Fields(
            {"avatar_id": st.integers(0, 2**53), "voice_id": texts},
            optional={
                "avatar_type": st.sampled_from(["public", "custom"]),
                **jogg_video_words,
                "caption": flags,
                "webhook_url": urls,
                "video_name": texts,
            },
        ),
        jogg_voices,
    ),
}
"""A strategy for each class of spec: what can be submitted, and ``AddLooks``."""
