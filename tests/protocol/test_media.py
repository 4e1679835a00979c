"""Local media: found wherever they are in a spec, checked, and replaced by assets."""

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
    InvalidRequestError,
    StudioVideo,
    VideoScene,
    Watermark,
)
from heygen_async.protocol.heygen.media import UPLOADS
from heygen_async.protocol.media import check_file, local_media, with_assets
from heygen_async.protocol.sniff import Look, mime_type

from .heads import JPEG, MP3, MP4, PDF, PNG, WAV

URL = "https://media.example/file"
IMAGE, AUDIO, VIDEO = (frozenset({sort}) for sort in ("image", "audio", "video"))


def look(head):
    return Look(mime=mime_type(head))


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
            [(Path("a"), IMAGE | VIDEO | AUDIO), (b"b", IMAGE | VIDEO | AUDIO)],
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


@pytest.mark.parametrize(
    ("head", "sorts", "mime"),
    [
        (PNG, IMAGE, "image/png"),
        (JPEG, IMAGE | VIDEO, "image/jpeg"),
        (MP4, IMAGE | VIDEO, "video/mp4"),
        (WAV, AUDIO, "audio/wav"),
        (PDF, None, "application/pdf"),
        (MP3, None, "audio/mpeg"),
    ],
)
def test_a_file_of_a_wanted_sort_is_taken(head, sorts, mime):
    """Its MIME type comes back; a file of exactly the limit is still good."""
    wanted = {"media": sorts} if sorts else {}
    for size in (1, UPLOADS.sizes[mime]):
        assert check_file("me", look(head), size, wanted, UPLOADS.sizes) == mime


@pytest.mark.parametrize(
    ("head", "size", "sorts", "message"),
    [
        (b"", 0, IMAGE, "^me.png is empty$"),
        (PNG, 0, IMAGE, "is empty"),
        (PNG, 52_428_801, IMAGE, "me.png has 52,428,801 bytes, at most 52,428,800 are taken"),
        (PNG, 52_428_801, IMAGE, "host it and pass its URL"),
        (MP4, 16, IMAGE, "is video/mp4 by its first bytes, image/png or image/jpeg is wanted"),
        (PNG, 16, AUDIO, "is image/png by its first bytes, audio/mpeg or audio/wav is wanted"),
        (PNG, 16, VIDEO, "is image/png by its first bytes, video/mp4 or video/webm is wanted"),
        (PDF, 16, IMAGE, "is application/pdf by its first bytes"),
        (b"hello", 5, IMAGE, "is of an unknown type by its first bytes, image/png or image/jpeg"),
        (b"hello", 5, None, "is of an unknown type by its first bytes"),
    ],
)
def test_a_file_that_will_not_do_is_refused(head, size, sorts, message):
    """Empty, too big or of another sort: the message names the file and what is wanted."""
    wanted = {"media": sorts} if sorts else {}
    with pytest.raises(InvalidRequestError, match=message):
        check_file("me.png", look(head), size, wanted, UPLOADS.sizes)
