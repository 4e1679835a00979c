"""Server-sent events out of bytes, however they are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async.protocol import event_stream
from heygen_async.protocol.event_stream import EventParser, ServerEvent


def parsed(*chunks):
    parser = EventParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("data: a\n\n", [ServerEvent(data="a")]),
        ("data:a\r\n\r\n", [ServerEvent(data="a")]),
        ("data: a\rdata:  b\r\r\n", [ServerEvent(data="a\n b")]),
        ("\ufeffdata: ä\n\n", [ServerEvent(data="ä")]),
        (": still here\n\ndata\n\n", [ServerEvent(data="")]),
        ("id: 7\nevent: x\nretry: 5\ndata: a\n\ndata: b\n\n", ["7", "7"]),
        ("id: 7\ndata: a\n\nid\ndata: b\n\n", ["7", ""]),
        ("id: 7\n\ndata: a\n", []),
        ("data: cut off", []),
        ("", []),
    ],
)
def test_lines_become_events(text, events):
    """Ends of lines, comments, ids that stay, and an end that never came."""
    found = parsed(text.encode())
    assert [event.id for event in found] == events or found == events


lines = st.sampled_from(["data: ä", "data", "id: 1", "id: 2", ": x", "", "", "other: y", "data: b"])


@given(st.lists(lines), st.sampled_from(["\n", "\r\n"]), st.data())
def test_how_the_bytes_are_cut_changes_nothing(written, end, data):
    """A chunk may end in a letter or in the middle of a line's end."""
    content = "".join(line + end for line in written).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)))))
    chunks = [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    assert parsed(*chunks) == parsed(content)


@pytest.mark.parametrize("chunk", [b"data: " + b"x" * 60, b"data: xxxxx\n"])
def test_an_event_without_end_is_refused(chunk, monkeypatch):
    """A server cannot fill the memory, neither by one line nor by many."""
    monkeypatch.setattr(event_stream, "MOST_CHARACTERS", 50)
    with pytest.raises(ValueError, match="more than 50 characters"):
        parsed(*[chunk] * 60)
