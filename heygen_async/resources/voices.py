"""The namespaces of HeyGen's voices: those there are, those that are made, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from heygen_async.errors import HeyGenError, ResponseError, SubmissionUnknownError
from heygen_async.models.account import Voice
from heygen_async.models.voices import ModelVoice, VoiceTraining
from heygen_async.protocol.heygen import realtime, voices
from heygen_async.protocol.request import drop_none
from heygen_async.protocol.retry import did_nothing
from heygen_async.resources.collection import Creatable, Deletable, Namespace, Readable
from heygen_async.transport.events import events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from heygen_async.jobs.job import Job
    from heygen_async.models.voices import Sound, SpeechPart, SpokenAudio, VoiceClone, VoiceDesign


class Voices(Readable[Voice], Deletable[Voice]):
    """HeyGen v3 voices: https://developers.heygen.com/reference/list-voices."""

    def list(
        self,
        *,
        type: Literal["public", "private"] | None = None,  # noqa: A002 - the vendor's name
        engine: str | None = None,
        language: str | None = None,
        gender: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Voice]:
        """Iterate over the voices; ``language`` as ``"English"``, ``type`` public by default."""
        return self._list(
            self._collection,
            type=type,
            engine=engine,
            language=language,
            gender=gender,
            timeout=timeout,
            headers=headers,
        )

    async def clone(self, spec: VoiceClone) -> Job[Voice]:
        """Submit ``spec`` and return its job at once; the same as ``client.submit(spec)``.

        The operation honours no idempotency key.
        """
        return await self._submit(spec)

    async def design(
        self,
        prompt: str,
        *,
        gender: str | None = None,
        locale: str | None = None,
        seed: int | None = None,
    ) -> VoiceDesign:
        """Find voices that fit a description of up to 1,000 characters."""
        body = drop_none(prompt=prompt, gender=gender, locale=locale, seed=seed)
        return await self._call(voices.DESIGN, json=body)


class Speech(Namespace):
    """Speech without a video: https://developers.heygen.com/reference/create-speech."""

    async def create(
        self,
        *,
        text: str,
        voice_id: str,
        input_type: Literal["text", "ssml"] | None = None,
        speed: float | None = None,
        language: str | None = None,
        locale: str | None = None,
    ) -> SpokenAudio:
        """Let a voice speak a text of up to 5,000 characters; ``speed`` is 0.5 to 2.

        It is paid, and the operation honours no idempotency key: ``SubmissionUnknownError`` says
        that the answer was lost, and is not sent again by itself.
        """
        body = drop_none(
            text=text,
            voice_id=voice_id,
            input_type=input_type,
            speed=speed,
            language=language,
            locale=locale,
        )
        return await self._call(voices.SPEECH, json=body)


class Sounds(Namespace):
    """Music and sound effects: https://developers.heygen.com/reference/list-audio-sounds."""

    def list(
        self,
        query: str,
        *,
        type: Literal["music", "sound_effects"] | None = None,  # noqa: A002 - the vendor's name
        min_score: float | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Sound]:
        """Iterate over the sounds that fit a description, music by default, the best first."""
        return self._list(
            voices.SOUNDS,
            query=query,
            type=type,
            min_score=min_score,
            timeout=timeout,
            headers=headers,
        )


class ModelVoices(
    Creatable[VoiceTraining, ModelVoice], Readable[ModelVoice], Deletable[ModelVoice]
):
    """Professional voices: https://developers.heygen.com/reference/create-model-audio-voice."""

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[ModelVoice]:
        """Iterate over the account's professional voices, newest first."""
        return self._list(self._collection, timeout=timeout, headers=headers)

    async def speak(
        self, *, text: str, voice_id: str, language: str, seed: int | None = None
    ) -> SpokenAudio:
        """Let a voice that is ready speak a text of up to 5,000 characters.

        As ``speech.create`` it is paid, and honours no idempotency key.
        """
        body = drop_none(text=text, voice_id=voice_id, language=language, seed=seed)
        return await self._call(voices.MODEL_SPEECH, json=body)

    async def stream(
        self,
        *,
        text: str,
        voice_id: str,
        language: str,
        seed: int | None = None,
        with_timestamps: bool = False,
    ) -> AsyncIterator[SpeechPart]:
        """Iterate over the parts of a speech while they are made, each of them a WAV file.

        It is paid when it begins, and never sent again by itself: a stream that breaks off, or
        ends without its end, raises ``SubmissionUnknownError``.
        """
        body = drop_none(text=text, voice_id=voice_id, language=language, seed=seed)
        request = realtime.SPEECH_STREAM.request(json=body | {"with_timestamps": with_timestamps})
        problem: HeyGenError = ResponseError("the stream ended before its end")
        try:
            async for event in events(self._transport, request):
                if event.data == realtime.DONE:
                    return
                yield realtime.read_speech(event)
        except HeyGenError as error:
            if did_nothing(request, error):
                raise
            problem = error
        raise SubmissionUnknownError(f"the speech is not whole: {problem}") from problem
