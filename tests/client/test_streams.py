"""Event streams: avatars in real time, and speech in parts."""

from __future__ import annotations

import json

import attrs
import jsonschema
import pytest

from heygen_async import (
    BadRequestError,
    HeyGen,
    InvalidRequestError,
    NotFoundError,
    RealtimeSpeech,
    ResponseError,
    RetryPolicy,
    ServerError,
    SubmissionUnknownError,
    VoiceTraining,
)
from heygen_async.emulator import Fault
from heygen_async.protocol.event_stream import ServerEvent
from heygen_async.protocol.heygen import realtime
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.transport import events as transport_events
from tests.contracts.contract import HEYGEN

SOUND = "https://a.example/s.mp3"
TEXT = " ".join(f"word{number}" for number in range(30))
WORDS = "GET /v3/avatar-realtime/{stream_id}/words"
SPEECH = "POST /v3/models/audio/tts/stream"


@pytest.fixture
async def stream_id(heygen):
    look = await anext(heygen.avatars.looks.list(ownership="public"))
    voice = await anext(heygen.voices.list())
    return await heygen.realtime.create(
        RealtimeSpeech(avatar_id=look.id, text=TEXT, voice_id=voice.voice_id)
    )


@pytest.fixture
async def voice_id(heygen):
    return (await heygen.run(VoiceTraining(audio=[SOUND], name="Ada", language="en"))).voice_id


@pytest.mark.parametrize("cuts", [1, 3])
async def test_a_stream_that_breaks_goes_on_behind_the_last_word(heygen, emulator, stream_id, cuts):
    """However often it breaks off, each word comes once, and the last event's id is told."""
    for nth in range(1, cuts + 1):
        emulator.faults.add(Fault(route=WORDS, nth=nth, cut=500))
    words = [word.word async for word in heygen.realtime.words(stream_id)]
    assert words == TEXT.split()
    asked = [each.headers.get("Last-Event-ID") for each in emulator.received]
    assert [each for each in asked if each][:1] == ["2"]
    assert emulator.count(WORDS) == cuts + 1


async def test_a_server_that_begins_anew_repeats_no_word(heygen, emulator, stream_id, monkeypatch):
    """Without ids the words that were told are passed over by their times."""
    monkeypatch.setattr(attrs, "evolve", lambda request, **_changes: request)
    emulator.faults.add(Fault(route=WORDS, nth=1, cut=500))
    words = [word.word async for word in heygen.realtime.words(stream_id)]
    assert words == TEXT.split()


async def test_a_server_that_never_lets_it_end_is_given_up(emulator, stream_id, heygen):
    """As often in a row as a request is sent, and not for ever."""
    async with type(heygen)(
        emulator.api_key, base_url=emulator.url, retry=RetryPolicy(max_attempts=3)
    ) as impatient:
        emulator.faults.add(Fault(route=WORDS, status=503))
        with pytest.raises(ServerError):
            await anext(impatient.realtime.words(stream_id))
    assert emulator.count(WORDS) == 3


async def test_an_unknown_stream_is_an_error_at_once(heygen, emulator):
    """A refusal is no stream, and is not asked for again."""
    with pytest.raises(NotFoundError):
        await anext(heygen.realtime.words("nobody"))
    assert emulator.count(WORDS) == 1


@pytest.mark.parametrize("read", [realtime.read_words, realtime.read_speech])
@pytest.mark.parametrize("data", ["nonsense", "5", '{"words": 5, "audio": 5}', "[" * 100_000])
def test_an_event_that_makes_no_sense_is_our_error(read, data):
    """Both streams say so in the same way."""
    with pytest.raises(ResponseError, match="makes no sense"):
        read(ServerEvent(data=data))


async def test_a_refusal_that_repeats_the_key_is_told_without_it(emulator, stream_id):
    """As in every other answer, also where the answer is no stream."""
    body = json.dumps({"error": {"code": "x", "message": f"no {emulator.api_key}"}})
    emulator.faults.add(Fault(route=WORDS, status=400, body=body, content_type="application/json"))
    async with HeyGen(emulator.api_key, base_url=emulator.url) as heygen:
        with pytest.raises(BadRequestError) as caught:
            await anext(heygen.realtime.words(stream_id))
    assert "no …" in str(caught.value)
    assert emulator.api_key not in repr(caught.value) + str(caught.value)


async def test_speech_comes_in_parts_and_is_paid_once(heygen, emulator, voice_id):
    """Each part is a WAV file; with timestamps the words come, too."""
    paid = len(emulator.wallet.charges)
    parts = [
        part
        async for part in heygen.model_voices.stream(
            text=TEXT, voice_id=voice_id, language="en", with_timestamps=True
        )
    ]
    assert [part.part_index for part in parts if part.audio] == list(range(8))
    assert all(part.audio.startswith(b"RIFF") for part in parts if part.audio)
    assert [word.text for part in parts for word in part.words] == TEXT.split()
    assert len(emulator.wallet.charges) == paid + 1


@pytest.mark.parametrize("fault", [{"cut": 20_000}, {"reset": "after"}, {"cut": 0}])
async def test_speech_that_breaks_off_is_not_paid_again(heygen, emulator, voice_id, fault):
    """It is said that it may be paid, and nothing is sent again."""
    emulator.faults.add(Fault(route=SPEECH, **fault))
    with pytest.raises(SubmissionUnknownError):
        async for _ in heygen.model_voices.stream(text=TEXT, voice_id=voice_id, language="en"):
            pass
    assert emulator.count(SPEECH) == 1


async def test_a_refused_speech_is_that_refusal(heygen, emulator):
    """A voice that is unknown costs nothing."""
    with pytest.raises(NotFoundError):
        await anext(heygen.model_voices.stream(text="Hi", voice_id="nobody", language="en"))
    assert not emulator.wallet.charges


async def test_events_are_the_contracts(heygen, stream_id, voice_id, monkeypatch):
    """What the emulator streams is what the document says of its events."""
    seen = []
    parser = transport_events.EventParser

    class Spy(parser):
        def feed(self, chunk):
            for event in super().feed(chunk):
                seen.append(event.data)
                yield event

    monkeypatch.setattr(transport_events, "EventParser", Spy)
    speech = {"text": TEXT, "voice_id": voice_id, "language": "en", "with_timestamps": True}
    for stream, schema in (
        (heygen.realtime.words(stream_id), "WordBatch"),
        (heygen.model_voices.stream(**speech), "SpeechStreamEvent"),
    ):
        seen.clear()
        assert [each async for each in stream]
        for data in (json.loads(each) for each in seen if each != "[DONE]"):
            document = {**HEYGEN.document, "$ref": f"#/components/schemas/{schema}"}
            jsonschema.Draft202012Validator(document).validate(data)
        assert len(seen) > 3


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "either text or audio"),
        ({"text": "Hi", "audio": SOUND, "voice_id": "v"}, "either text or audio"),
        ({"text": "Hi"}, "voice_id with text"),
        ({"audio": SOUND, "voice_id": "v"}, "with text only"),
        ({"audio": SOUND, "more_text": True}, "more_text needs a text"),
    ],
)
def test_realtime_speech_is_checked(fields, said):
    """What the vendor cannot take is refused with what to write."""
    with pytest.raises(InvalidRequestError, match=said):
        RealtimeSpeech(avatar_id="a", **fields)


@pytest.mark.parametrize(
    ("fields", "sort"),
    [
        ({"audio": SOUND}, "audio"),
        ({"text": "Hi", "voice_id": "v"}, "tts"),
        ({"text": "Hi", "voice_id": "v", "more_text": True}, "text_stream"),
    ],
)
def test_each_sort_of_realtime_speech_is_the_contracts(fields, sort):
    """The three variants of the document are said by what is given."""
    body = CONVERTER.unstructure(RealtimeSpeech(avatar_id="a", **fields))
    assert body["type"] == sort
    HEYGEN.validate_request("POST", "/v3/avatar-realtime", body)
