"""Every operation on voices, speech and sounds once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from heygen_async import JobFailedError, VoiceClone, VoiceTraining

from .full_specs import SOUND

if TYPE_CHECKING:
    from heygen_async import HeyGen
    from heygen_async.emulator import Emulator

CLONE = VoiceClone(audio=SOUND, voice_name="Ada")
TRAINING = VoiceTraining(audio=[SOUND], name="Ada", language="en")


async def lost(emulator: Emulator, job: Any) -> None:
    emulator.fail(job.id, message="Out of luck")
    with pytest.raises(JobFailedError):
        await job


async def voice_operations(heygen: HeyGen, emulator: Emulator) -> None:
    """Clone, train, speak and search."""
    job = await heygen.voices.clone(CLONE)
    await job.refresh()
    clone = await job
    assert clone.voice_id in [each.voice_id async for each in heygen.voices.list(type="private")]
    assert (await heygen.speech.create(text="Hi there", voice_id=clone.voice_id)).audio_url
    await heygen.voices.delete(clone.voice_id)
    await lost(emulator, await heygen.submit(CLONE))
    assert (await heygen.voices.design("A warm voice", gender="female")).voices
    assert [each async for each in heygen.sounds.list("calm", min_score=0.5)]

    training = await heygen.model_voices.create(TRAINING)
    await training.refresh()
    voice = await training
    await heygen.model_voices.speak(text="Hi", voice_id=voice.voice_id, language="en")
    assert voice.voice_id in [each.voice_id async for each in heygen.model_voices.list()]
    await heygen.model_voices.get(voice.voice_id)
    await heygen.model_voices.delete(voice.voice_id)
    await lost(emulator, await heygen.submit(TRAINING))
