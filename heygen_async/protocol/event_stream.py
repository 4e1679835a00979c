"""Server-sent events: bytes become events, as the HTML standard has it.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 16 * 1024 * 1024
"""How long one event may be; the longest known one is half a minute of sound as base64."""


@frozen(kw_only=True)
class ServerEvent:
    """One event: its ``data``, and the ``id`` from which a broken stream can go on."""

    data: str
    id: str | None = None


class EventParser:
    """Takes the bytes of a stream as they come, and gives the events that are whole."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._text = ""
        self._data: list[str] = []
        self._id: str | None = None

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """Yield the events that end in this chunk; raises ``ValueError`` for one without end."""
        text = self._text + self._decoder.decode(chunk)
        held = "\r" if text.endswith("\r") else ""  # the first half of a line's end, maybe
        *lines, rest = text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._text = rest + held
        for line in lines:
            if line:
                self._take(line)
            elif self._data:
                yield ServerEvent(data="\n".join(self._data), id=self._id)
                self._data = []
        if len(self._text) + sum(map(len, self._data)) > MOST_CHARACTERS:
            raise ValueError(f"an event has more than {MOST_CHARACTERS:,} characters")

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
