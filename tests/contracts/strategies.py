"""Every spec there can be; the words of enums are the contract's, not the package's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from heygen_async import (
    Asset,
    AssetId,
    AvatarScene,
    AvatarVideo,
    Background,
    Caption,
    CinematicVideo,
    ElevenLabsSettings,
    Engine,
    FishSettings,
    ImageScene,
    ImageVideo,
    Playback,
    StarfishSettings,
    StudioVideo,
    VideoScene,
    VoiceSettings,
    Watermark,
    WatermarkPlacement,
)

from .contract import HEYGEN

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def word(schema: str) -> SearchStrategy[str]:
    return st.sampled_from(HEYGEN.words(schema))


texts = st.text(min_size=1, max_size=30).filter(str.strip)
flags = st.booleans()
shares = st.floats(0, 1) | st.sampled_from([0, 1])
colors = st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True)
urls = st.from_regex(r"https?://[a-z]{1,9}\.example/[a-z0-9/?=&%.]{0,20}", fullmatch=True)
remote = urls | texts.map(AssetId) | st.builds(Asset, id=texts, url=st.none() | urls)
local = st.binary(max_size=20) | st.from_regex(r"[a-z]{1,9}\.png", fullmatch=True).map(Path)

Fields = st.fixed_dictionaries


def build(cls: type, *parts: SearchStrategy[dict[str, Any]]) -> SearchStrategy[Any]:
    """Call ``cls`` with what the parts give together."""
    return st.tuples(*parts).map(
        lambda given: cls(**{k: v for part in given for k, v in part.items()})
    )


placements = build(
    WatermarkPlacement,
    Fields(
        {},
        optional={
            "position": word("WatermarkPosition"),
            "offset_x": st.floats(-1, 1),
            "offset_y": st.floats(-1, 1),
        },
    ),
)
captions = build(
    Caption,
    Fields({}, optional={"file_format": word("CaptionFileFormat"), "style": word("CaptionStyle")}),
)
backgrounds = st.one_of(
    st.builds(Background, type=st.just("color"), value=colors),
    st.builds(Background, type=st.just("image"), url=urls),
    st.builds(Background, type=st.just("image"), asset_id=texts),
)
voice_engines = st.one_of(
    build(
        ElevenLabsSettings,
        Fields(
            {"model": st.just("eleven_v3")}, optional={"stability": st.sampled_from([0, 0.5, 1])}
        ),
    ),
    build(
        ElevenLabsSettings,
        Fields(
            {},
            optional={
                "model": word("ElevenLabsModel").filter("eleven_v3".__ne__),
                "similarity_boost": shares,
                "stability": shares,
                "style": shares,
                "use_speaker_boost": flags,
            },
        ),
    ),
    build(
        FishSettings,
        Fields(
            {}, optional={"model": word("FishModel"), "stability": shares, "similarity": shares}
        ),
    ),
    st.builds(StarfishSettings),
)
voice_settings = build(
    VoiceSettings,
    Fields(
        {},
        optional={
            "speed": st.floats(0.5, 1.5),
            "pitch": st.floats(-50, 50),
            "volume": shares,
            "locale": texts,
            "engine_settings": voice_engines,
        },
    ),
)
engine_fields = st.one_of(
    Fields({"engine": st.just("avatar_iii")}),
    Fields(
        {"engine": st.just("avatar_v") | st.builds(Engine, type=st.just("avatar_v"))},
        optional={"motion_prompt": texts},
    ),
    Fields(
        {"engine": st.builds(Engine, type=st.just("avatar_v"), reference_look_id=texts)},
        optional={"motion_prompt": texts},
    ),
    Fields(
        {"motion_prompt": texts},
        optional={"engine": st.just("avatar_iv"), "expressiveness": word("Expressiveness")},
    ),
)
kept_fields = Fields(
    {},
    optional={
        "callback_url": urls,
        "callback_id": texts,
        "folder_id": texts,
        "brand_glossary_id": texts,
    },
)


def watermarks(media: SearchStrategy[Any]) -> SearchStrategy[Watermark]:
    return build(
        Watermark,
        Fields(
            {"image": media},
            optional={
                "scale": st.floats(0, 2, exclude_min=True),
                "opacity": shares,
                "placement": placements,
            },
        ),
    )


def spoken(
    media: SearchStrategy[Any], *, own_voice: bool = False
) -> SearchStrategy[dict[str, Any]]:
    """Give a script or a recording; with ``own_voice`` a script needs no voice."""
    voice = {"voice_id": texts}
    needed, free = ({}, voice) if own_voice else (voice, {})
    script = Fields(
        {"script": texts, **needed}, optional={"voice_settings": voice_settings, **free}
    )
    return script | Fields({"audio": media})


def framed(media: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Give the fields that all but cinematic videos share."""
    return Fields(
        {},
        optional={
            "title": texts,
            "resolution": word("VideoResolution"),
            "aspect_ratio": word("VideoAspectRatio"),
            "caption": captions,
            "watermark": watermarks(media),
        },
    )


backed = st.one_of(
    Fields({}, optional={"background": backgrounds, "output_format": st.just("mp4")}),
    Fields({"output_format": st.just("webm")}),
)
shown = Fields({}, optional={"fit": word("AvatarFit"), "remove_background": flags})
moving = Fields({}, optional={"motion_prompt": texts, "expressiveness": word("Expressiveness")})


def image_videos(media: SearchStrategy[Any]) -> SearchStrategy[ImageVideo]:
    return build(
        ImageVideo,
        Fields({"image": media}),
        spoken(media),
        framed(media),
        backed,
        shown,
        moving,
        kept_fields,
    )


def avatar_videos(media: SearchStrategy[Any]) -> SearchStrategy[AvatarVideo]:
    return build(
        AvatarVideo,
        Fields({"avatar_id": texts}),
        spoken(media, own_voice=True),
        framed(media),
        backed,
        shown,
        engine_fields,
        kept_fields,
    )


def cinematic_videos(media: SearchStrategy[Any]) -> SearchStrategy[CinematicVideo]:
    return build(
        CinematicVideo,
        Fields(
            {
                "prompt": texts,
                "avatar_id": texts | st.lists(texts, min_size=1, max_size=3),
            },
            optional={
                "references": st.lists(media, min_size=1, max_size=12),
                "aspect_ratio": st.sampled_from(["16:9", "9:16", "1:1"]),
                "resolution": st.sampled_from(["720p", "1080p"]),
                "enhance_prompt": flags,
                "title": texts,
                "folder_id": texts,
            },
        ),
        Fields({"duration": st.integers(4, 15)}) | Fields({}, optional={"auto_duration": flags}),
    )


def scenes(media: SearchStrategy[Any]) -> SearchStrategy[Any]:
    timed = Fields({"duration": st.floats(0, 300, exclude_min=True)})
    loudness = {"volume": shares, "mute": flags}
    playback = build(Playback, Fields({}, optional=loudness))
    modes = st.sampled_from(["freeze", "loop", "fit_to_scene"])
    over = build(Playback, Fields({}, optional={**loudness, "mode": modes}))
    return st.one_of(
        build(
            AvatarScene,
            Fields({"avatar_id": texts}, optional={"background_color": colors}),
            spoken(media, own_voice=True),
            engine_fields,
        ),
        build(ImageScene, Fields({"source": media}), timed | spoken(media)),
        build(
            VideoScene,
            Fields({"source": media}, optional={"playback": playback}),
        ),
        build(VideoScene, Fields({"source": media}, optional={"playback": over}), spoken(media)),
    )


def studio_videos(media: SearchStrategy[Any]) -> SearchStrategy[StudioVideo]:
    return build(
        StudioVideo,
        Fields({"scenes": st.lists(scenes(media), min_size=1, max_size=4)}),
        framed(media),
        kept_fields,
    )


def specs(media: SearchStrategy[Any] = remote) -> SearchStrategy[Any]:
    """Any spec of ``POST /v3/videos``, with media of the given sort."""
    return st.one_of(
        image_videos(media), avatar_videos(media), cinematic_videos(media), studio_videos(media)
    )
