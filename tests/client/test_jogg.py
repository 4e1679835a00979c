"""JoggAI: photos, motion, videos, lists, limits, and words that drift."""

from __future__ import annotations

import asyncio
import struct

import pytest

from heygen_async import (
    APIError,
    AssetId,
    AuthenticationError,
    HeyGen,
    InsufficientCreditError,
    InvalidRequestError,
    JobFailedError,
    JoggAI,
    JoggMotion,
    JoggPhoto,
    JoggVideo,
    RateLimitError,
    State,
    SubmissionUnknownError,
)
from heygen_async.emulator import Drift, Emulator, Fault
from tests.conftest import PORTRAIT, image_video

URL = "https://example.com/ada.jpg"
PHOTO = JoggPhoto(
    age="Adult",
    gender="Female",
    avatar_style="Professional",
    model="modern",
    aspect_ratio="portrait",
)
MOTION = JoggMotion(image_url=URL, name="Ada", voice_id="en-US-ChristopherNeural", model="2.0")
END = b"\0\0\0\0IEND\xaeB`\x82"
MOTION_ROUTE = "JOGG POST /v2/photo_avatar/add_motion"


def png(width, height):
    return (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + bytes(9) + END
    )


def posts(emulator):
    return [seen for seen in emulator.jogg_received if seen.method == "POST"]


def test_no_key_says_which_variable():
    """JoggAI has a variable of its own."""
    with pytest.raises(InvalidRequestError, match="JOGG_API_KEY"):
        JoggAI()


@pytest.mark.parametrize("words", ["documented", "live", "odd"])
async def test_photo_motion_and_video_whatever_the_words(words, tmp_path):
    """The whole way of the pages, with the status words of the pages and of the live server."""
    async with (
        Emulator(drift=Drift(jogg_words=words)) as emulator,
        JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url) as jogg,
    ):
        photos = await (await jogg.photo_avatars.generate(PHOTO)).wait()
        assert len(photos.image_urls) == 4
        motion = await (
            await jogg.photo_avatars.add_motion(
                JoggMotion(
                    image_url=photos.image_urls[0],
                    photo_id=photos.photo_id,
                    name="Ada",
                    voice_id="en-US-ChristopherNeural",
                    model="2.0",
                    description="A countess",
                    welcome_msg="Hello!",
                )
            )
        ).wait()
        assert isinstance(motion.avatar_id, int)
        job = await jogg.videos.create(
            JoggVideo(
                avatar_id=motion.avatar_id, voice_id="en-US-ChristopherNeural", script="Hello!"
            )
        )
        assert (await job.download(tmp_path / "jogg.mp4")).stat().st_size > 1000
        assert motion.avatar_id in [avatar.id async for avatar in jogg.photo_avatars.list()]


@pytest.mark.parametrize("model", ["1.0", "2.0", "2.0-Pro", "3.0"])
async def test_all_four_models_are_charged_their_price(jogg, emulator, model):
    """Each model is accepted and costs what the page says."""
    job = await jogg.submit(
        JoggMotion(image_url=URL, name="A", voice_id="en-US-ChristopherNeural", model=model)
    )
    (charge,) = emulator.jogg_wallet.charges_of(job.id)
    assert charge.amount == (3 if model == "2.0-Pro" else 2)


async def test_a_local_portrait_goes_up_by_sign_and_put(jogg, emulator):
    """A path is uploaded, and the motion refers to its URL; no key goes to the file server."""
    job = await jogg.submit(
        JoggMotion(image_url=PORTRAIT, name="Ada", voice_id="en-US-ChristopherNeural", model="3.0")
    )
    assert await job
    assert emulator.count("JOGG POST /v2/upload/asset") == 1
    puts = [seen for seen in emulator.files_received if seen.method == "PUT"]
    assert len(puts) == 1
    assert "x-api-key" not in puts[0].headers
    asset = await jogg.assets.upload(PORTRAIT)
    assert asset.url
    assert emulator.count("JOGG POST /v2/upload/asset") == 1


async def test_lists_and_the_account(jogg):
    """Avatars, voices and the account can be looked up."""
    public = [avatar async for avatar in jogg.avatars.public(gender="female")]
    assert public
    assert {avatar.gender for avatar in public} == {"female"}
    assert isinstance([avatar async for avatar in jogg.avatars.custom()], list)
    voices = [voice async for voice in jogg.voices.list(language="english")]
    assert "en-US-ChristopherNeural" in {voice.voice_id for voice in voices}
    assert isinstance([voice async for voice in jogg.voices.custom()], list)
    assert (await jogg.users.whoami()).username
    assert await jogg.users.remaining_quota() > 0


async def test_a_batch_keeps_to_twenty_posts_a_minute(jogg, emulator):
    """Fifty motions never meet a 429, and take as long as the limit makes them."""
    jobs = await asyncio.gather(*(jogg.submit(MOTION) for _ in range(50)))
    assert len({job.id for job in jobs}) == 50
    assert jogg.statistics().rate_limited == 0
    assert 120 <= asyncio.get_running_loop().time() <= 125
    times = [seen.at for seen in posts(emulator)]
    assert all(times[at + 20] - times[at] >= 60 for at in range(30))


@pytest.mark.parametrize("says_how_long", [True, False])
async def test_a_429_is_waited_out_as_documented(says_how_long):
    """Another process used the budget up: the documented wait, then the one job."""
    async with Emulator(drift=Drift(jogg_retry_after=says_how_long)) as emulator:
        for _ in range(2):
            async with JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url) as jogg:
                await asyncio.gather(*(jogg.submit(MOTION) for _ in range(15)))
        assert len(emulator.jogg_wallet.charges) == 30
        assert jogg.statistics().rate_limited > 0
        assert asyncio.get_running_loop().time() < 200


@pytest.mark.parametrize(
    "fault", [{"reset": "after"}, {"status": 500}, {"status": 503}, {"cut": 5}, {"delay": 500.0}]
)
async def test_no_post_is_ever_sent_again(jogg, emulator, fault):
    """A lost answer, a 5xx, garbage, silence: unknown, and charged at most once."""
    emulator.faults.add(Fault(route=MOTION_ROUTE, **fault))
    with pytest.raises(SubmissionUnknownError) as caught:
        await jogg.submit(MOTION)
    assert caught.value.spec is MOTION
    await asyncio.sleep(600)  # a request that was given up is still being worked on
    assert len(posts(emulator)) == 1
    assert len(emulator.jogg_wallet.charges) <= 1


@pytest.mark.parametrize("status", [200, 400, 401, 500])
async def test_the_envelope_decides_whatever_the_http_status(status):
    """Code 18020 is missing credit under any HTTP status."""
    async with (
        Emulator(jogg_balance=1.0, drift=Drift(jogg_http={18020: status})) as emulator,
        JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url) as jogg,
    ):
        with pytest.raises(InsufficientCreditError) as caught:
            await jogg.submit(MOTION)
        assert caught.value.code == 18020
        assert caught.value.status == status


async def test_a_wrong_key_is_an_authentication_error(emulator):
    """Code 10105 says so."""
    async with JoggAI("wrong", base_url=emulator.jogg_url) as jogg:
        with pytest.raises(AuthenticationError) as caught:
            await jogg.users.whoami()
    assert caught.value.code == 10105


async def test_an_unknown_code_keeps_its_number(jogg, emulator):
    """A code that no page lists is an APIError with the number and the message."""
    body = '{"code":19999,"msg":"Moon in the wrong phase","data":null}'
    emulator.faults.add(
        Fault(route="JOGG *", status=200, body=body, content_type="application/json")
    )
    with pytest.raises(APIError, match="wrong phase") as caught:
        await jogg.users.whoami()
    assert caught.value.code == 19999


async def test_a_failed_motion_says_why(jogg, emulator):
    """The reason of a failure is found where JoggAI puts it."""
    job = await jogg.submit(MOTION)
    emulator.fail(job.id, message="No face detected in photo")
    with pytest.raises(JobFailedError, match="No face detected"):
        await job
    assert job.status.state is State.FAILED


async def test_a_token_finds_a_motion_again(jogg, emulator):
    """Tokens work for JoggAI, and only there."""
    job = await jogg.submit(MOTION)
    async with JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url) as other:
        assert (await other.attach(job.token)).motion_id == job.id
    async with HeyGen("key") as heygen:
        with pytest.raises(InvalidRequestError, match="no job token of the HeyGen API"):
            heygen.attach(job.token)
        with pytest.raises(InvalidRequestError, match="no spec of the HeyGen API"):
            await heygen.submit(MOTION)
    with pytest.raises(InvalidRequestError, match="no spec of the JoggAI API"):
        await jogg.submit(image_video())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: JoggMotion(image_url="a.jpg", name="A", voice_id="v", model="2.0"), "Path"),
        (lambda: JoggMotion(image_url=AssetId("a"), name="A", voice_id="v", model="2.0"), "URL"),
        (lambda: JoggMotion(image_url=URL, name="A", voice_id="v", model="4.0"), "'3.0'"),
        (
            lambda: JoggMotion(
                image_url=URL, name="A", voice_id="v", model="1.0", description="é" * 150
            ),
            "300 bytes",
        ),
        (
            lambda: JoggMotion(
                image_url=URL, name="A", voice_id="v", model="2.0", description="x" * 1501
            ),
            "1501 bytes",
        ),
        (lambda: JoggVideo(avatar_id="abc", voice_id="v", script="Hi"), "avatar_id"),
        (lambda: JoggVideo(avatar_id=1, voice_id="v"), "script or audio"),
        (lambda: JoggVideo(avatar_id=1, voice_id="v", script="Hi", audio=URL), "script or audio"),
        (lambda: JoggVideo(avatar_id=1, voice_id="v", script="Hi", screen_style=4), "screen_style"),
    ],
)
def test_bad_input_is_refused(make, message):
    """What the pages rule out is refused before anything is sent."""
    with pytest.raises(InvalidRequestError, match=message):
        make()


def test_an_id_may_be_given_as_text():
    """A table gives numbers as text; digits are taken for one."""
    assert JoggVideo(avatar_id="445593", voice_id="v", script="Hi").avatar_id == 445593


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (png(511, 2000), "511 by 2000"),
        (png(600, 300), "600 by 300"),
        (png(600, 600) + bytes(10 * 1024 * 1024), "10,485,760"),
    ],
)
async def test_a_photo_that_is_too_small_or_too_large_is_refused(
    jogg, emulator, tmp_path, content, message
):
    """A local photo below 512 pixels or above 10 MB costs no request."""
    path = tmp_path / "ada.png"
    path.write_bytes(content)
    for medium in (path, content):
        with pytest.raises(InvalidRequestError, match=message):
            await jogg.submit(JoggMotion(image_url=medium, name="A", voice_id="v", model="2.0"))
    assert not emulator.jogg_received


async def test_a_429_that_lasts_is_told(emulator):
    """When the budget stays used up the error is the rate limit, and nothing was charged."""
    from heygen_async import RetryPolicy

    emulator.faults.add(Fault(route=MOTION_ROUTE, status=429))
    async with JoggAI(
        emulator.jogg_api_key, base_url=emulator.jogg_url, retry=RetryPolicy(max_attempts=2)
    ) as jogg:
        with pytest.raises(RateLimitError):
            await jogg.submit(MOTION)
    assert not emulator.jogg_wallet.charges


async def test_the_avatar_of_a_motion_is_known_from_its_submission(jogg):
    """The answer to add_motion names it, which need not wait for the result."""
    job = await jogg.photo_avatars.add_motion(MOTION)
    known = job.details["avatar_id"]
    assert known == (await job).avatar_id
