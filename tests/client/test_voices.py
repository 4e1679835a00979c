"""HeyGen v3 voices: clones and professional ones, speech, sounds."""

from __future__ import annotations

import pytest

from heygen_async import (
    AvatarVideo,
    ConflictError,
    InvalidRequestError,
    JobFailedError,
    NotFoundError,
    PermissionDeniedError,
    State,
    SubmissionUnknownError,
    VoiceClone,
    VoiceTraining,
)
from heygen_async.emulator import Fault

SOUND = "https://example.com/a.mp3"
CLONE = VoiceClone(audio=SOUND, voice_name="Ada")


async def test_a_clone_speaks_when_it_is_complete(heygen, emulator):
    """Its word is "complete"; then it speaks, in a video too, until it is deleted."""
    job = await heygen.voices.clone(CLONE)
    assert job.status.state is State.RUNNING
    with pytest.raises(NotFoundError):
        await heygen.speech.create(text="Hi", voice_id=job.id)
    voice = await job
    assert (voice.status, voice.name, voice.voice_id) == ("complete", "Ada", job.id)
    spoken = await heygen.speech.create(text="Hi there", voice_id=job.id, speed=1.5)
    assert [each.word for each in spoken.word_timestamps] == ["Hi", "there"]
    await heygen.submit(AvatarVideo(avatar_id="photo_ada", script="Hi", voice_id=job.id))
    assert len(emulator.wallet.charges) == 3
    await heygen.voices.delete(job.id)
    with pytest.raises(NotFoundError):
        await heygen.voices.get(job.id)
    with pytest.raises(PermissionDeniedError):
        await heygen.voices.delete("v1")


async def test_a_clone_that_fails_says_why(heygen, emulator):
    """The reason is the vendor's; a key is refused, for the operation honours none."""
    job = await heygen.submit(CLONE)
    emulator.fail(job.id, message="too noisy")
    with pytest.raises(JobFailedError, match="too noisy"):
        await heygen.attach(job.token)
    with pytest.raises(InvalidRequestError, match="honours no idempotency key"):
        await heygen.submit(CLONE, idempotency_key="k")


async def test_a_public_voice_is_no_job(heygen):
    """A voice without a status is ready: a job of its id has ended."""
    assert (await heygen.job("heygen.voice-clone", "v1")).voice_id == "v1"


async def test_speech_is_never_paid_twice(heygen, emulator):
    """An answer that is lost is told as such, and the request is not sent again."""
    emulator.faults.add(Fault(route="POST /v3/voices/speech", reset="after"))
    with pytest.raises(SubmissionUnknownError):
        await heygen.speech.create(text="Hi", voice_id="v1")
    assert emulator.count("POST /v3/voices/speech") == 1


async def test_voices_are_found_by_a_description(heygen):
    """A seed gives some, the next one others."""
    found = await heygen.voices.design("A warm voice", gender="female")
    other = await heygen.voices.design("A warm voice", gender="female", seed=found.seed)
    assert {each.gender for each in found.voices} == {"female"}
    assert found.voices != other.voices


async def test_sounds_are_searched(heygen):
    """By description, type and score."""
    music = [each.id async for each in heygen.sounds.list("calm")]
    assert music == ["sound-1", "sound-2"]
    best = [each.id async for each in heygen.sounds.list("calm", min_score=0.8)]
    assert best == ["sound-1"]
    effects = [each.type async for each in heygen.sounds.list("door", type="sound_effects")]
    assert effects == ["sound_effects"]


async def test_a_professional_voice_is_trained_and_trained_again(heygen, emulator):
    """PENDING, ACTIVE, and PENDING again; it can be deleted and speak only while it is ACTIVE."""
    voices, spec = heygen.model_voices, VoiceTraining(audio=[SOUND], name="Ada", language="en")
    job = await voices.create(spec)
    assert (await job.refresh()).raw == "PENDING"
    with pytest.raises(ConflictError):
        await voices.delete(job.id)
    voice = await job
    assert (voice.status, voice.name) == ("ACTIVE", "Ada")
    assert (await voices.speak(text="Hi", voice_id=job.id, language="en")).duration
    again = await voices.create(VoiceTraining(audio=[SOUND], voice_id=job.id))
    assert again.id == job.id
    assert (await voices.get(job.id)).status == "PENDING"
    emulator.fail(job.id)
    assert (await voices.get(job.id)).failure_reason == "TRAINING_FAILED"
    assert [each.voice_id async for each in voices.list()] == [job.id]
    await voices.delete(job.id)
    assert [each async for each in voices.list()] == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: VoiceClone(audio="a.mp3", voice_name="Ada"), "Path"),
        (lambda: VoiceClone(audio=SOUND, voice_name="x" * 101), "at most 100"),
        (lambda: VoiceTraining(audio=[]), "a list of 1 to 10 items, not of 0"),
        (lambda: VoiceTraining(audio=[SOUND], mode="cheap"), "must be one of"),
    ],
)
def test_what_the_document_refuses_is_refused_at_once(make, message):
    """Bad input fails before anything is sent."""
    with pytest.raises(InvalidRequestError, match=message):
        make()
