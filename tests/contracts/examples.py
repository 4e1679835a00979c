"""Specs that use every option once, written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async import (
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

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://media.example/file"
ASSET = AssetId("asset-1")

ENGINES = (Engine(type="avatar_iii"), Engine(type="avatar_iv"))
AVATAR_V = Engine(type="avatar_v", reference_look_id="look-2")

VOICES = (
    ElevenLabsSettings(
        model="eleven_v3",
        similarity_boost=0.1,
        stability=0.5,
        style=0.3,
        use_speaker_boost=True,
    ),
    FishSettings(model="s1", stability=0.4, similarity=0.5),
    StarfishSettings(),
)


def everything_spoken() -> Iterator[dict[str, Any]]:
    for engine_settings in VOICES:
        settings = VoiceSettings(
            speed=0.9, pitch=-3, volume=0.8, locale="en-GB", engine_settings=engine_settings
        )
        yield {"script": "Hello", "voice_id": "voice-1", "voice_settings": settings}
    yield {"audio": URL}
    yield {"audio": ASSET}


def everything_moving() -> Iterator[dict[str, Any]]:
    yield from ({"engine": engine} for engine in ENGINES)
    yield {"motion_prompt": "nods", "expressiveness": "high"}
    yield {"motion_prompt": "nods", "engine": AVATAR_V}


def framed(media: str | AssetId) -> dict[str, Any]:
    placement = WatermarkPlacement(position="top_left", offset_x=-0.25, offset_y=0.75)
    return {
        "title": "A title",
        "resolution": "1080p",
        "aspect_ratio": "9:16",
        "caption": Caption(style="default"),
        "watermark": Watermark(image=media, scale=0.5, opacity=0.6, placement=placement),
        "callback_url": "https://caller.example/hook",
        "callback_id": "call-1",
    }


def rendered(background: Background) -> dict[str, Any]:
    return {
        "fit": "cover",
        "background": background,
        "remove_background": True,
        "output_format": "mp4",
    }


KEPT = {"folder_id": "folder-1", "brand_glossary_id": "glossary-1"}

BACKGROUNDS = (
    Background(type="color", value="#00ff88"),
    Background(type="image", url=URL),
    Background(type="image", asset_id="asset-2"),
)


def everything() -> Iterator[Any]:
    """Yield specs that between them say all there is to say."""
    for media in (URL, ASSET):
        for speech in everything_spoken():
            for background in BACKGROUNDS:
                common = {**framed(media), **rendered(background), **KEPT, **speech}
                yield ImageVideo(image=media, motion_prompt="nods", expressiveness="low", **common)
                for motion in everything_moving():
                    yield AvatarVideo(avatar_id="look-1", **common, **motion)
        yield CinematicVideo(
            prompt="A walk",
            avatar_id=["look-1", "look-2"],
            references=[media],
            aspect_ratio="9:16",
            resolution="1080p",
            duration=7,
            auto_duration=False,
            enhance_prompt=True,
            title="A title",
            folder_id="folder-1",
        )
        yield StudioVideo(scenes=list(everything_staged(media)), **framed(media), **KEPT)


def everything_staged(media: str | AssetId) -> Iterator[Any]:
    yield ImageScene(source=media, duration=2.5)
    for speech in everything_spoken():
        yield ImageScene(source=media, **speech)
        yield VideoScene(
            source=media, playback=Playback(mode="loop", volume=0.5, mute=True), **speech
        )
        for motion in everything_moving():
            yield AvatarScene(avatar_id="look-1", background_color="#102030", **speech, **motion)
