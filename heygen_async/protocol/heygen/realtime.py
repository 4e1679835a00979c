"""HeyGen v3 avatar realtime and the stream of speech: what is asked, and what their events hold."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, TypeVar

from heygen_async.errors import ResponseError
from heygen_async.models.realtime import RealtimeStream, SpokenWord
from heygen_async.models.voices import SpeechPart, WordAlignment
from heygen_async.protocol.convert import UNREADABLE
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.operations import Collection, Operation, decode_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from heygen_async.protocol.event_stream import ServerEvent

T = TypeVar("T")

STREAMS = Collection(
    item="/v3/avatar-realtime/{stream_id}", model=RealtimeStream, converter=CONVERTER
)
CREATE = Operation(
    "POST", STREAMS.path, lambda payload: str(payload["data"]["stream_id"]), paid=True
)
APPEND = Operation(
    "POST", STREAMS.item + "/text", lambda payload: int(payload["data"]["buffered_bytes"])
)
CANCEL = Operation(
    "POST", STREAMS.item + "/cancel", lambda payload: bool(payload["data"]["cancelled"])
)
WORDS = Operation("GET", STREAMS.item + "/words", decode_none)
SPEECH_STREAM = Operation("POST", "/v3/models/audio/tts/stream", decode_none)

DONE = "[DONE]"


def read_words(event: ServerEvent) -> tuple[SpokenWord, ...]:
    """Return the words that an event of a stream tells; raises ``ResponseError``."""
    return _read(event, lambda data: CONVERTER.structure(data["words"], tuple[SpokenWord, ...]))


def read_speech(event: ServerEvent) -> SpeechPart:
    """Return the sound or the words that an event tells; raises ``ResponseError``."""
    return _read(event, _speech_part)


def _speech_part(data: dict[str, Any]) -> SpeechPart:
    if data.get("type") == "error":
        raise ResponseError(f"the voice stopped speaking: {data.get('detail')}")
    words = data.get("word_alignments") or []
    return SpeechPart(
        audio=base64.b64decode(data["audio"], validate=True) if "audio" in data else None,
        part_index=data.get("part_index"),
        words=CONVERTER.structure(words, tuple[WordAlignment, ...]),
    )


def _read(event: ServerEvent, build: Callable[[dict[str, Any]], T]) -> T:
    """Return what ``build`` makes of an event's JSON object."""
    try:
        return build(json.loads(event.data))
    except (*UNREADABLE, RecursionError) as error:
        raise ResponseError(f"an event of the stream makes no sense: {error!r}") from None
