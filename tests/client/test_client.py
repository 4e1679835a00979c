"""The client: its options, its namespaces, and the way out."""

from __future__ import annotations

import asyncio
import inspect
import re

import pytest

from heygen_async import (
    HeyGen,
    InsufficientCreditError,
    InvalidRequestError,
    JoggAI,
    NotFoundError,
    PollPolicy,
    ResponseError,
    Spec,
    State,
    TransportError,
)
from heygen_async.emulator import Emulator, Fault
from heygen_async.models._words import describe
from tests.conftest import image_video


@pytest.mark.parametrize("key", [None, "", "  ", "schlüssel"])
def test_no_key_says_which_variable(key):
    """A missing key is refused at once, with the name of the variable to set."""
    with pytest.raises(InvalidRequestError, match="HEYGEN_API_KEY"):
        HeyGen(key)


@pytest.mark.parametrize(
    "url",
    ["api.heygen.com", "ftp://x", "https://", "http://Ā@x", "http://a%3Ab@x", "http://a:Ā@x", 5],
)
def test_a_base_url_must_be_one(url):
    """An address that cannot work is refused at once."""
    with pytest.raises(InvalidRequestError, match="base_url"):
        HeyGen("key", base_url=url)


@pytest.mark.parametrize("limit", [0, -1, 2.5, None])
def test_the_number_of_slots_must_be_one(limit):
    """``max_concurrent_jobs`` is a whole number from 1."""
    with pytest.raises(InvalidRequestError, match="max_concurrent_jobs"):
        HeyGen("key", max_concurrent_jobs=limit)


async def test_key_and_address_come_from_the_environment(emulator, monkeypatch):
    """HEYGEN_API_KEY and HEYGEN_BASE_URL are used where nothing is passed."""
    monkeypatch.setenv("HEYGEN_API_KEY", emulator.api_key)
    monkeypatch.setenv("HEYGEN_BASE_URL", emulator.url + "/")
    async with HeyGen() as heygen:
        assert (await heygen.submit(image_video())).id in emulator.videos


async def test_videos_are_listed_through_all_pages(heygen, emulator):
    """The iterator pages by itself, and filters by title."""
    for number in range(205):
        emulator.add_video(duration=number + 1)
    await heygen.submit(image_video(title="The one"))
    assert len([video async for video in heygen.videos.list()]) == 206
    assert emulator.count("GET /v3/videos") == 3
    assert [video.title async for video in heygen.videos.list(title="one")] == ["The one"]


async def test_a_list_that_goes_in_circles_is_noticed(heygen, emulator):
    """A cursor that comes back ends the iterator with an error, not never."""
    body = '{"data":[],"has_more":true,"next_token":"again"}'
    emulator.faults.add(
        Fault(route="GET /v3/videos", status=200, body=body, content_type="application/json")
    )
    with pytest.raises(ResponseError, match="page"):
        [video async for video in heygen.videos.list()]


async def test_videos_are_deleted_once(heygen, emulator):
    """A deleted video is gone."""
    video_id = emulator.add_video()
    await heygen.videos.delete(video_id)
    with pytest.raises(NotFoundError):
        await heygen.videos.get(video_id)


async def test_statuses_of_many_videos(heygen, emulator):
    """250 ids are three requests; unknown ids are absent."""
    ids = [emulator.add_video(duration=1000) for _ in range(250)]
    emulator.complete(ids[0])
    found = await heygen.videos.statuses([*ids, "unknown"])
    assert set(found) == set(ids)
    assert found[ids[0]].state is State.COMPLETED
    assert found[ids[1]].state is State.QUEUED
    assert emulator.count("GET /v3/videos/statuses") == 3


async def test_voices_are_listed_with_all_filters(heygen, emulator):
    """Each filter reaches the server and narrows the list."""
    voices = [voice async for voice in heygen.voices.list()]
    assert "v1" in {voice.voice_id for voice in voices}
    private = [voice async for voice in heygen.voices.list(type="private")]
    assert {voice.type for voice in private} == {"private"}
    first = voices[0]
    narrowed = [
        voice
        async for voice in heygen.voices.list(
            type="public", engine="starfish", language=first.language, gender=first.gender
        )
    ]
    assert {(voice.language, voice.gender) for voice in narrowed} <= {
        (first.language, first.gender)
    }
    assert len(narrowed) < len(voices)


async def test_any_endpoint_can_be_called(heygen, emulator):
    """The escape hatch has the same key, errors and JSON."""
    answer = await heygen.request("get", "/v3/voices", params={"limit": 1, "engine": None})
    assert len(answer["data"]) == 1
    with pytest.raises(NotFoundError):
        await heygen.request("GET", "/v3/nothing")
    with pytest.raises(InvalidRequestError, match="'/'"):
        await heygen.request("GET", "v3/voices")


async def test_no_credit_is_its_own_error():
    """402 is told apart, for nothing more should be submitted after it."""
    async with (
        Emulator(balance=0) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
    ):
        with pytest.raises(InsufficientCreditError):
            await heygen.run(image_video())


async def test_what_is_no_spec_is_refused(heygen):
    """Submitting something else names the specs there are."""

    class Mine(Spec):
        pass

    with pytest.raises(InvalidRequestError, match="ImageVideo"):
        await heygen.submit(Mine())


async def test_a_client_can_be_used_without_a_block(emulator):
    """``aclose`` does what leaving the block does, also twice."""
    heygen = HeyGen(emulator.api_key, base_url=emulator.url)
    await heygen.videos.statuses(["a"])
    await heygen.aclose()
    await heygen.aclose()
    with pytest.raises(TransportError, match="closed"):
        await heygen.videos.statuses(["a"])


@pytest.mark.usefixtures("no_pages")
async def test_statistics_add_up(heygen, emulator):
    """What the client counts is what the server saw."""
    await asyncio.gather(*(heygen.run(image_video()) for _ in range(10)))
    told = heygen.statistics()
    assert told.requests == sum(emulator.counts.values())
    assert told.jobs_submitted == told.jobs_ended == 10
    assert told.jobs_waiting == 0
    assert told.bulk_polls == emulator.count("GET /v3/videos/statuses")
    looks = emulator.count("GET /v3/videos/{video_id}")
    assert told.polls - told.bulk_polls + told.details == looks + told.pages
    assert told.pages == emulator.count("GET /v3/videos")
    assert 0 < told.bulk_fill <= 0.1


@pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")
@pytest.mark.parametrize("client", [HeyGen, JoggAI])
async def test_a_client_says_what_it_takes_and_what_hangs_on_it(client):
    """Its signature has the real defaults, and each option and each namespace has words."""
    parameters = inspect.signature(client).parameters
    assert parameters["max_concurrent_jobs"].default == 10
    assert parameters["poll"].default == PollPolicy()
    told = re.findall(r"^- ``(\w+)``", inspect.getdoc(client.__init__), flags=re.MULTILINE)
    assert told == list(parameters)
    async with client("key") as made:
        parts = {name: type(part) for name, part in vars(made).items() if name[0] != "_"}
    words = describe(client)
    assert parts.keys() == words.keys()
    for name, part in parts.items():
        assert client.__annotations__[name] == part.__name__
        assert f"\n{name}: {words[name]}\n" in client.__doc__ + "\n"
