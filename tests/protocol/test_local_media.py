"""Local media: found wherever they are in a spec, and replaced by assets."""

from __future__ import annotations

from pathlib import Path

import pytest

from heygen_async import (
    Asset,
    AssetId,
    AvatarScene,
    CinematicVideo,
    ImageScene,
    ImageVideo,
    StudioVideo,
    VideoScene,
    Watermark,
)
from heygen_async.protocol.media import local_media, with_assets

URL = "https://media.example/file"
IMAGE, AUDIO, VIDEO = (frozenset({sort}) for sort in ("image", "audio", "video"))

STUDIO = StudioVideo(
    scenes=[
        ImageScene(source=Path("a.png"), audio=b"sound"),
        VideoScene(source=Path("b.mp4")),
        AvatarScene(avatar_id="look", audio=Path("c.mp3")),
        VideoScene(source=URL, script="Hello", voice_id="v"),
        ImageScene(source=AssetId("there"), duration=2),
    ],
    watermark=Watermark(image=b"logo", opacity=0.5),
    title="A title",
)


@pytest.mark.parametrize(
    ("spec", "media"),
    [
        (ImageVideo(image=URL, script="a", voice_id="v"), []),
        (ImageVideo(image=AssetId("a"), audio=Asset(id="b")), []),
        (ImageVideo(image=b"a", audio=Path("b")), [(Path("b"), AUDIO), (b"a", IMAGE)]),
        (
            CinematicVideo(prompt="p", avatar_id="a", references=[Path("a"), URL, b"b"]),
            [(Path("a"), IMAGE | VIDEO), (b"b", IMAGE | VIDEO)],
        ),
        (
            STUDIO,
            [
                (b"sound", AUDIO),
                (Path("a.png"), IMAGE),
                (Path("b.mp4"), VIDEO),
                (Path("c.mp3"), AUDIO),
                (b"logo", IMAGE),
            ],
        ),
    ],
)
def test_local_media_are_found_with_the_sorts_they_may_be(spec, media):
    """Paths and bytes are found in fields, tuples, scenes and the watermark, nothing else is."""
    found = [(medium, wanted["media"]) for medium, wanted in local_media(spec)]
    assert found == media


def test_each_medium_gives_way_to_its_asset_and_the_rest_stays():
    """The spec is the same but for its local media."""
    assets = {
        medium: AssetId(f"up-{number}") for number, (medium, _) in enumerate(local_media(STUDIO))
    }
    assert with_assets(STUDIO, assets) == StudioVideo(
        scenes=[
            ImageScene(source=AssetId("up-1"), audio=AssetId("up-0")),
            VideoScene(source=AssetId("up-2")),
            AvatarScene(avatar_id="look", audio=AssetId("up-3")),
            VideoScene(source=URL, script="Hello", voice_id="v"),
            ImageScene(source=AssetId("there"), duration=2),
        ],
        watermark=Watermark(image=AssetId("up-4"), opacity=0.5),
        title="A title",
    )


def test_references_keep_their_order():
    """In a tuple each medium is replaced in its own place."""
    spec = CinematicVideo(prompt="p", avatar_id="a", references=[Path("a"), URL, b"b", Path("a")])
    ready = with_assets(spec, {Path("a"): AssetId("1"), b"b": AssetId("2")})
    assert ready.references == (AssetId("1"), URL, AssetId("2"), AssetId("1"))


def test_a_spec_without_local_media_stays_itself():
    """Nothing is copied for nothing."""
    spec = ImageVideo(image=URL, script="a", voice_id="v", watermark=Watermark(image=URL))
    assert with_assets(spec, {}) is spec
