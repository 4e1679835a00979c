"""HeyGen v3 avatars, looks, assets and the account."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from heygen_async import (
    AvatarVideo,
    BadRequestError,
    DigitalTwin,
    HeyGen,
    InvalidRequestError,
    JobFailedError,
    NotFoundError,
    PhotoAvatar,
    PromptAvatar,
    State,
    SubmissionUnknownError,
)
from heygen_async.emulator import Drift, Emulator, Fault
from tests.conftest import PORTRAIT

MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(200)


async def test_the_photo_avatar_page_in_ten_lines(heygen, emulator, tmp_path):
    """Portrait up, avatar made, waited for, rendered with motion, saved: the whole page."""
    job = await heygen.avatars.create(PhotoAvatar(name="Ada", file=PORTRAIT))
    look = await job.wait()
    assert look.preview_image_url
    path = await (
        await heygen.videos.create(
            AvatarVideo(
                avatar_id=look.id,
                script="Let me show you our results.",
                voice_id="v1",
                motion_prompt="gesturing with hands while presenting",
                expressiveness="high",
            )
        )
    ).download(tmp_path / "ada.mp4")
    assert path.stat().st_size > 1000


async def test_a_photo_is_not_usable_before_its_preview_is_there():
    """Where the preview comes late, the wait lasts until it is there, and the video works."""
    async with (
        Emulator(drift=Drift(preview_delay=40.0)) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        look = await heygen.run(PhotoAvatar(name="Ada", file=PORTRAIT))
        assert look.preview_image_url
        await heygen.submit(AvatarVideo(avatar_id=look.id, script="Hi", voice_id="v1"))


async def test_a_prompt_makes_an_avatar(heygen):
    """A description becomes a look, with a picture to resemble."""
    spec = PromptAvatar(name="Eva", prompt="A friendly teacher", reference_images=[PORTRAIT])
    look = await heygen.run(spec)
    assert look.name == "Eva"
    assert look.status == "completed"


async def test_a_twin_waits_for_consent(heygen, emulator):
    """Without consent the job needs action; events show it, the URL is there, the wait goes on."""
    job = await heygen.avatars.create(DigitalTwin(name="Ben", file=MP4))
    seen = []

    async def watch():
        async for status in job.events():
            seen.append(status)
            if status.state is State.NEEDS_ACTION:
                look = await heygen.avatars.looks.get(job.id)
                consent = await heygen.avatars.consent(look.group_id)
                assert consent.url
                emulator.consent(look.group_id)

    await watch()
    assert State.NEEDS_ACTION in [status.state for status in seen]
    assert seen[-1].state is State.COMPLETED
    assert (await job).avatar_type == "digital_twin"


async def test_a_failed_avatar_says_why(heygen, emulator):
    """Code and message of a look's error are on the exception."""
    job = await heygen.avatars.create(PhotoAvatar(name="Ada", file=PORTRAIT))
    emulator.fail(job.id, code="no_face", message="No face found.")
    with pytest.raises(JobFailedError, match="No face found") as caught:
        await job
    assert caught.value.code == "no_face"


async def test_avatars_and_looks_are_listed_renamed_and_deleted(heygen):
    """The namespaces cover the life of an avatar."""
    look = await heygen.run(PhotoAvatar(name="Ada", file=PORTRAIT))
    assert look.group_id in [group.id async for group in heygen.avatars.list(ownership="private")]
    group = await heygen.avatars.get(look.group_id)
    assert group.looks_count == 1
    looks = heygen.avatars.looks.list(group_id=group.id, avatar_type="photo_avatar")
    assert [each.id async for each in looks] == [look.id]
    assert (await heygen.avatars.looks.update(look.id, name="Countess")).name == "Countess"
    public = [each async for each in heygen.avatars.looks.list(ownership="public")]
    assert "photo_ada" in {each.id for each in public}
    second = await heygen.run(
        PhotoAvatar(name="Ada II", file=PORTRAIT, avatar_group_id=look.group_id)
    )
    await heygen.avatars.looks.delete(second.id)
    await heygen.avatars.delete(group.id)
    with pytest.raises(NotFoundError):
        await heygen.avatars.get(group.id)
    with pytest.raises(NotFoundError):
        await heygen.avatars.looks.get(look.id)


async def test_a_look_that_is_not_ready_is_refused_by_the_server(heygen):
    """Using a look too early is the vendor's 400, told as it is."""
    job = await heygen.avatars.create(PhotoAvatar(name="Ada", file=PORTRAIT))
    with pytest.raises(BadRequestError) as caught:
        await heygen.submit(AvatarVideo(avatar_id=job.id, script="Hi", voice_id="v1"))
    assert caught.value.code == "avatar_not_usable"


async def test_a_lost_answer_makes_one_avatar(heygen, emulator):
    """Avatar creation honours a key: a lost answer is sent again and is one job."""
    emulator.faults.add(Fault(route="POST /v3/avatars", nth=1, reset="after"))
    await heygen.avatars.create(PhotoAvatar(name="Ada", file=PORTRAIT))
    assert len([group async for group in heygen.avatars.list(ownership="private")]) == 1


async def test_assets_are_looked_up_and_deleted(heygen):
    """An uploaded asset can be asked for and removed."""
    asset = await heygen.assets.upload(PORTRAIT)
    found = await heygen.assets.get(asset.id)
    assert found.name
    await heygen.assets.delete(asset.id)
    with pytest.raises(NotFoundError):
        await heygen.assets.get(asset.id)
    assert (await heygen.assets.upload(PORTRAIT)).id != asset.id


async def test_large_files_go_up_directly(tmp_path):
    """Above the limit of the plain upload: ask, PUT without the key, complete; with progress."""
    from heygen_async.protocol.heygen import media

    limit = media.UPLOADS.max_posted
    film = tmp_path / "film.mp4"
    film.write_bytes(MP4 + bytes(limit + 1))
    steps = []
    async with (
        Emulator() as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        asset = await heygen.assets.upload(
            film, progress=lambda sent, total: steps.append((sent, total))
        )
        assert asset.size_bytes == film.stat().st_size
        assert emulator.count("POST /v3/assets") == 0
        assert emulator.count("POST /v3/assets/direct-uploads") == 1
        assert all("x-api-key" not in seen.headers for seen in emulator.files_received)
        again = await heygen.assets.upload(film)
        assert again.id == asset.id
        assert emulator.count("POST /v3/assets/direct-uploads") == 1
    sent = [step[0] for step in steps]
    assert sent == sorted(sent)
    assert steps[-1] == (film.stat().st_size, film.stat().st_size)


async def test_completing_too_early_is_tried_again(tmp_path):
    """409 conflict after the PUT means that the file is not seen yet."""
    from heygen_async.protocol.heygen import media

    film = tmp_path / "film.mp4"
    film.write_bytes(MP4 + bytes(media.UPLOADS.max_posted + 1))
    complete = "POST /v3/assets/{asset_id}/complete"
    conflict = '{"error":{"code":"conflict","message":"not found yet"}}'
    async with (
        Emulator() as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        emulator.faults.add(
            Fault(
                route=complete,
                nth=(1, 2),
                status=409,
                body=conflict,
                content_type="application/json",
            )
        )
        assert (await heygen.assets.upload(film)).id
        assert emulator.count(complete) == 3


async def test_the_account_is_told(heygen):
    """``users.me`` gives the user with exactly one way of paying."""
    me = await heygen.users.me()
    assert me.username
    ways = [me.wallet, me.subscription, me.usage_based]
    assert len([way for way in ways if way is not None]) == 1


@pytest.mark.parametrize("bad", ["", "  ", None, 5])
async def test_an_id_must_be_one(heygen, emulator, bad):
    """A missing id is refused before anything is sent."""
    for call in (heygen.avatars.get, heygen.avatars.looks.get, heygen.assets.get):
        with pytest.raises(InvalidRequestError):
            await call(bad)
    assert not emulator.received


async def test_many_avatars_are_polled_one_by_one_under_the_budget(heygen, emulator):
    """Kinds without a bulk status share the request budget."""
    specs = [PhotoAvatar(name=f"A{number}", file=PORTRAIT) for number in range(30)]
    looks = await asyncio.gather(*(heygen.submit(spec) for spec in specs))
    await asyncio.gather(*(job.wait() for job in looks))
    times = sorted(
        seen.at for seen in emulator.received if seen.route == "GET /v3/avatars/looks/{look_id}"
    )
    assert all(later - earlier > 0.09 for earlier, later in itertools.pairwise(times))


async def test_a_video_of_consent_goes_up_and_needs_no_page(heygen, emulator):
    """A local video that says it is uploaded; no page is left to visit, and the twin is made."""
    twin = await heygen.avatars.create(DigitalTwin(name="Bob", file=MP4))
    group_id = twin.details["avatar_group"]["id"]
    assert group_id == (await heygen.avatars.looks.get(twin.id)).group_id
    assert heygen.attach(twin.token).details == {}
    consent = await heygen.avatars.consent(group_id, consent_video=MP4)
    assert consent.url is None
    assert emulator.count("POST /v3/assets") == 1  # the same file, sent once
    assert (await twin).status == "completed"
    with pytest.raises(InvalidRequestError, match="goes without reroute_url"):
        await heygen.avatars.consent(group_id, consent_video=MP4, consent_text="Yes")


async def test_an_avatar_without_a_name_is_not_lost(heygen, emulator):
    """An answer that names no look tells nothing of the job: the key finds it again."""
    spec, route = PhotoAvatar(name="Ada", file="https://example.com/a.png"), "POST /v3/avatars"
    empty = '{"data": {"avatar_item": null, "avatar_group": {"id": "g1"}}}'
    emulator.faults.add(Fault(route=route, body=empty, content_type="application/json", until=1e4))
    with pytest.raises(SubmissionUnknownError, match="avatar_item is null") as caught:
        await heygen.submit(spec, idempotency_key="k1")
    assert caught.value.idempotency_key == "k1"
    emulator.faults.clear()
    await heygen.submit(spec, idempotency_key="k1")
    assert len(emulator.wallet.charges) == 1
