"""HeyGen v2: retired by the vendor, still working here, with one warning."""

from __future__ import annotations

import warnings

import pytest

from heygen_async import (
    AddLooks,
    AddMotion,
    AddSoundEffect,
    APIError,
    AvatarLook,
    BadRequestError,
    CreateGroup,
    HeyGen,
    InvalidRequestError,
    JobFailedError,
    LegacyPhoto,
    LegacyVideo,
    NotFoundError,
    SubmissionUnknownError,
    TrainGroup,
    UpscaleAvatar,
    VoiceSettings,
)
from heygen_async.emulator import Drift, Emulator, Fault
from tests.conftest import image_video

VIDEO = LegacyVideo(image_url="https://example.com/ada.png", script="Hello!", voice_id="v1")
PHOTO = LegacyPhoto(
    name="Ada",
    age="Young Adult",
    gender="Woman",
    ethnicity="White",
    orientation="square",
    pose="half_body",
    style="Realistic",
    appearance="A countess who computes",
)

pytestmark = pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")


async def photo_avatar(heygen):
    """Make a photo avatar the old way, and return its look."""
    pictures = await heygen.run(PHOTO)
    return await heygen.run(CreateGroup(name="Ada", image_key=pictures.image_key_list[0]))


@pytest.mark.parametrize("wrapped", [True, False])
async def test_the_old_video_page_works_wrapped_or_bare(wrapped, tmp_path):
    """``POST /v2/videos`` answers in ``data`` in the contract and bare on the page: both decode."""
    async with (
        Emulator(drift=Drift(v2_videos="wrapped" if wrapped else "bare")) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        job = await heygen.v2.videos.create(VIDEO)
        video = await job.wait()
        assert video.video_url
        assert (await job.download(tmp_path / "old.mp4")).stat().st_size > 1000
        assert (await heygen.v2.videos.get(video.id)).id == video.id
        assert video.id in [each.id async for each in heygen.v2.videos.list()]
        await heygen.v2.videos.delete(video.id)
        with pytest.raises(NotFoundError):
            await heygen.v2.videos.get(video.id)


async def test_motion_makes_a_new_look(heygen):
    """``add_motion`` ends with a look of its own that moves."""
    look = await photo_avatar(heygen)
    moving = await heygen.run(AddMotion(id=look.id, prompt="nods", motion_type="expressive"))
    assert moving.id != look.id
    assert moving.is_motion
    assert moving.motion_preview_url
    assert (await heygen.v2.photo_avatars.get(moving.id)).id == moving.id


async def test_the_rest_of_the_photo_avatar_pages(heygen):
    """Generate, group, add, train, upscale, sound: each call and its terminal word."""
    avatars = heygen.v2.photo_avatars
    pictures = await (await avatars.generate(PHOTO)).wait()
    assert len(pictures.image_url_list) == 4
    assert (await avatars.generation(pictures.id)).status == "success"
    look = await (
        await avatars.create_group(CreateGroup(name="Ada", image_key=pictures.image_key_list[0]))
    ).wait()
    added = await avatars.add_looks(
        AddLooks(group_id=look.group_id, image_keys=pictures.image_key_list[1:3], name="More")
    )
    assert len(added) == 2
    training = await (await avatars.train(TrainGroup(group_id=look.group_id))).wait()
    assert training.status == "ready"
    assert (await avatars.training(look.group_id)).status == "ready"
    moving = await (await avatars.add_motion(AddMotion(id=look.id))).wait()
    assert (await (await avatars.upscale(UpscaleAvatar(id=moving.id))).wait()).upscaled
    job = await avatars.add_sound_effect(AddSoundEffect(id=moving.id))
    assert (await job.wait()).extra["background_sound_effect"]


async def test_one_warning_per_client(emulator):
    """The first call to v1 or v2 warns and names the v3 way; later ones are silent."""
    async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
        with pytest.warns(DeprecationWarning, match="ImageVideo") as caught:
            await heygen.submit(VIDEO)
            await heygen.submit(VIDEO)
            await heygen.request("GET", "/v2/videos")
        assert len([one for one in caught if "retired" in str(one.message)]) == 1
    async with HeyGen(emulator.api_key, base_url=emulator.url) as modern:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            await modern.run(image_video())


async def test_the_retired_api_answers_410():
    """Where the vendor has switched v2 off, its own error comes out at once."""
    async with (
        Emulator(drift=Drift(v2_retired=True)) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        with pytest.raises(APIError) as caught:
            await heygen.submit(VIDEO)
        assert caught.value.status == 410


async def test_no_old_call_is_ever_repeated(heygen, emulator):
    """v2 honours no key: a lost answer is unknown, and charged at most once."""
    emulator.faults.add(Fault(route="POST /v2/videos", reset="after"))
    with pytest.raises(SubmissionUnknownError) as caught:
        await heygen.submit(VIDEO)
    assert caught.value.idempotency_key is None
    assert caught.value.spec is VIDEO
    assert emulator.count("POST /v2/videos") == 1
    assert len(emulator.wallet.charges) == 1


async def test_a_key_where_none_is_honoured_is_refused(heygen, emulator):
    """An idempotency key that would do nothing is not silently dropped."""
    with pytest.raises(InvalidRequestError, match="no idempotency key"):
        await heygen.submit(VIDEO, idempotency_key="row-1")
    assert not emulator.received


async def test_a_failed_motion_says_so(heygen, emulator):
    """A motion that fails ends the wait."""
    look = await photo_avatar(heygen)
    job = await heygen.submit(AddMotion(id=look.id))
    emulator.fail(job.id)
    with pytest.raises(JobFailedError):
        await job


async def test_errors_in_the_old_shape_are_read(heygen):
    """``{"error": {…}, "data": null}`` gives code and message like any other."""
    with pytest.raises((NotFoundError, BadRequestError)) as caught:
        await heygen.submit(AddMotion(id="no-such-look"))
    assert caught.value.code
    assert caught.value.message


def test_a_new_motion_type_is_passed_on_with_a_warning():
    """The vendor knows more engines than its page: they go through, with a word about it."""
    with pytest.warns(UserWarning, match="runway_gen4"):
        assert AddMotion(id="a", motion_type="runway_gen4").motion_type == "runway_gen4"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_url": None}, "exactly one of avatar_id, image_url, image_asset_id, not none"),
        ({"avatar_id": "a"}, "avatar_id and image_url"),
        ({"audio_url": "https://example.com/a.mp3"}, "script and audio_url"),
        ({"script": None}, "exactly one of script"),
        ({"voice_id": None}, "voice_id"),
        ({"resolution": "4k"}, "'1080p', '720p'"),
        ({"aspect_ratio": "1:1"}, "'16:9', '9:16'"),
        ({"voice_settings": VoiceSettings(engine_settings=None), "image_url": "x"}, "http"),
        (
            {
                "image_url": None,
                "avatar_id": AvatarLook(id="twin", avatar_type="digital_twin"),
                "motion_prompt": "nods",
            },
            "photo avatars",
        ),
    ],
)
def test_bad_input_is_refused(changes, message):
    """What the page rules out is refused before anything is sent."""
    import attrs

    with pytest.raises(InvalidRequestError, match=message):
        attrs.evolve(VIDEO, **changes)


async def test_a_look_can_be_given_instead_of_its_id(heygen, emulator):
    """``avatar_id`` takes a look, whose id is sent."""
    look = await heygen.avatars.looks.get("photo_ada")
    job = await heygen.submit(
        LegacyVideo(avatar_id=look, script="Hi", voice_id="v1", motion_prompt="nods")
    )
    assert emulator.videos[job.id].request["avatar_id"] == "photo_ada"
