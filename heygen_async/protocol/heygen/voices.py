"""HeyGen v3 voices, speech and sounds, and the kinds of jobs that make a voice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.models.account import Voice
from heygen_async.models.jobs import State
from heygen_async.models.voices import (
    ModelVoice,
    Sound,
    SpokenAudio,
    VoiceClone,
    VoiceDesign,
    VoiceTraining,
)
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.kinds import JobKind, JobSnapshot, meaning
from heygen_async.protocol.operations import Collection, Operation

if TYPE_CHECKING:
    from collections.abc import Callable

VOICES = Collection(item="/v3/voices/{voice_id}", model=Voice, converter=CONVERTER)
MODEL_VOICES = Collection(
    item="/v3/models/audio/voices/{voice_id}", model=ModelVoice, converter=CONVERTER
)
SOUNDS = Collection(
    item="/v3/audio/sounds/{sound_id}", model=Sound, converter=CONVERTER, page_size=50
)


def _reader(model: type) -> Callable[[Any], Any]:
    return lambda payload: CONVERTER.structure(payload["data"], model)


DESIGN: Operation[VoiceDesign] = Operation(
    "POST", VOICES.path, _reader(VoiceDesign), idempotent=True
)
SPEECH: Operation[SpokenAudio] = Operation(
    "POST", "/v3/voices/speech", _reader(SpokenAudio), paid=True
)
MODEL_SPEECH: Operation[SpokenAudio] = Operation(
    "POST", "/v3/models/audio/tts", _reader(SpokenAudio), paid=True
)


def voice_snapshot(voice: Voice) -> JobSnapshot[Voice]:
    """Read a voice as the state of its job; one without a status was never made by one."""
    word = voice.status or "complete"
    ready = meaning(CLONE_STATUSES, word) is State.COMPLETED
    return JobSnapshot(
        word=word,
        result=voice if ready else None,
        message=voice.failure_message,
        created_at=voice.created_at,
    )


def training_snapshot(voice: ModelVoice) -> JobSnapshot[ModelVoice]:
    """Read a professional voice as the state of its job.

    Times are left out: a voice that is trained again was created long before.
    """
    ready = meaning(TRAINING_STATUSES, voice.status) is State.COMPLETED
    return JobSnapshot(
        word=voice.status, result=voice if ready else None, code=voice.failure_reason
    )


CLONE_STATUSES = {"processing": State.RUNNING, "complete": State.COMPLETED}
VOICE_CLONE = JobKind(
    name="heygen.voice-clone",
    specs=(VoiceClone,),
    path="/v3/voices/clone",
    collection=VOICES,
    id_field="voice_clone_id",
    first_word="processing",
    status_map=CLONE_STATUSES,
    snapshot=voice_snapshot,
    more_files=("preview_audio_url",),
    typical_duration=60.0,
)
TRAINING_STATUSES = {"pending": State.RUNNING, "active": State.COMPLETED}
VOICE_TRAINING = JobKind(
    name="heygen.model-voice",
    specs=(VoiceTraining,),
    collection=MODEL_VOICES,
    first_word="PENDING",
    status_map=TRAINING_STATUSES,
    snapshot=training_snapshot,
    typical_duration=3600.0,
)

KINDS: tuple[JobKind[Any], ...] = (VOICE_CLONE, VOICE_TRAINING)
