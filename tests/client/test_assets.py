"""HeyGen v3 assets, and what lists, searches and bulk statuses tell."""

from __future__ import annotations

import pytest

from heygen_async import (
    AvatarScene,
    AvatarVideo,
    DigitalTwin,
    ImageScene,
    NotFoundError,
    State,
    StudioVideo,
    Video,
)
from tests.conftest import PORTRAIT, image_video

URL = "https://example.com/a.png"


async def test_assets_are_listed_searched_and_looked_at_in_bulk(heygen):
    """One's own by the member's name, others by a description."""
    asset = await heygen.assets.upload(PORTRAIT)
    name = (await heygen.users.me()).username
    assert [each.id async for each in heygen.assets.list(username=name)] == [asset.id]
    found = await heygen.assets.statuses([asset.id, "unknown"])
    assert {key: status.state for key, status in found.items()} == {asset.id: State.COMPLETED}
    (icon,) = [each async for each in heygen.assets.search("a door", type="icon")]
    assert (icon.type, icon.width) == ("icon", 160)
    assert [each async for each in heygen.assets.search("a", type="icon", scope="personal")] == []


async def test_statuses_tell_why_a_video_failed(heygen, emulator):
    """The vendor's own words, beside the state; unknown batches are left out."""
    good, bad = [await heygen.submit(image_video()) for _ in range(2)]
    emulator.fail(bad.id, message="Out of luck")
    found = await heygen.videos.statuses([good.id, bad.id], batch_ids=["b1"])
    assert found.keys() == {good.id, bad.id}
    assert (found[bad.id].state, found[bad.id].error["message"]) == (State.FAILED, "Out of luck")
    assert found[good.id].error is None
    assert await heygen.videos.statuses(batch_ids=["b"] * 150) == {}
    assert emulator.count("GET /v3/videos/statuses") == 3


async def test_the_scenes_of_a_video(heygen):
    """What is in each of them, as the vendor has it now."""
    spec = StudioVideo(
        title="Two",
        scenes=[
            AvatarScene(avatar_id="photo_ada", script="Hello", voice_id="v1"),
            ImageScene(source=URL, duration=2),
        ],
    )
    job = await heygen.submit(spec)
    found = await heygen.videos.scenes(job.id)
    first, second = found.scenes
    assert (found.video.title, first.script[0]["text"]) == ("Two", "Hello")
    assert first.elements[0]["avatar_id"] == "photo_ada"
    assert second.elements == second.script == ()
    with pytest.raises(NotFoundError):
        await heygen.videos.scenes("unknown")


async def test_an_avatar_gets_a_voice(heygen):
    """Its videos need none of their own then."""
    twin = await heygen.avatars.create(DigitalTwin(name="Bob", file="https://example.com/a.mp4"))
    group_id = (await heygen.avatars.looks.get(twin.id)).group_id
    await heygen.avatars.consent(group_id, consent_video="https://example.com/a.mp4")
    await twin
    changed = await heygen.avatars.update(group_id, default_voice_id="v2")
    assert changed.default_voice_id == "v2"
    assert isinstance(await heygen.run(AvatarVideo(avatar_id=twin.id, script="Hi")), Video)
    with pytest.raises(NotFoundError):
        await heygen.avatars.update(group_id, default_voice_id="unknown")
