"""The namespace of HeyGen's avatars that speak in real time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.models.realtime import RealtimeStream
from heygen_async.protocol.heygen import realtime
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.resources.collection import Readable
from heygen_async.transport.events import events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async.jobs.service import JobService
    from heygen_async.models.realtime import RealtimeSpeech, SpokenWord
    from heygen_async.transport.http import Transport


class Realtime(Readable[RealtimeStream]):
    """HeyGen v3 avatar realtime: https://developers.heygen.com/reference/create-avatar-realtime."""

    def __init__(self, transport: Transport, service: JobService) -> None:
        super().__init__(transport, service, realtime.STREAMS)

    async def create(self, speech: RealtimeSpeech) -> str:
        """Let an avatar speak, and return the id of the stream; ``get`` tells where it plays.

        It is paid, and the operation honours no idempotency key: ``SubmissionUnknownError`` says
        that the answer was lost, and is not sent again by itself.
        """
        body = CONVERTER.unstructure(await self._service.uploader.resolve(speech))
        return await self._call(realtime.CREATE, json=body)

    async def append(self, stream_id: str, delta: str, *, final: bool = False) -> int:
        """Add text to a stream that was begun with ``more_text``; ``final`` ends it.

        Returns how many bytes wait to be spoken. Text whose answer is lost is not sent again.
        """
        return await self._call(realtime.APPEND, stream_id, json={"delta": delta, "final": final})

    async def cancel(self, stream_id: str) -> bool:
        """Stop a stream, and return whether there was anything to stop."""
        return await self._call(realtime.CANCEL, stream_id)

    async def words(self, stream_id: str) -> AsyncIterator[SpokenWord]:
        """Iterate over the words of a stream while they are spoken, until it ends.

        A connection that breaks is made again, and goes on behind the last word.
        """
        last = -1.0
        async for event in events(self._transport, realtime.WORDS.request(stream_id)):
            for word in realtime.read_words(event):
                if word.start > last:  # a server that knows no place to go on from begins anew
                    last = word.start
                    yield word
