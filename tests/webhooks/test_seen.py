"""The memory of events, by hand: what it knows, for how long, and how much."""

from __future__ import annotations

import pytest

from heygen_async.errors import WebhookError
from heygen_async.webhooks import seen
from heygen_async.webhooks.seen import CERTAIN, KEPT, SeenEvents

NOW = 1_800_000_000.0


def add(events, number, *, at=0.0, full=False):
    """Add the event of a number, so many seconds later; tell whether it is new."""
    return events.add(events.marks(b"body %d" % number, f"evt_{number}"), NOW + at, full=full)


def test_an_event_is_known_by_its_bytes_and_by_its_id():
    """Each of them alone makes it the same event; without an id the bytes do."""
    events = SeenEvents()
    assert events.add(events.marks(b"body", "id"), NOW, full=False)
    assert not events.add(events.marks(b"other", "id"), NOW, full=False)
    assert not events.add(events.marks(b"body", "other"), NOW, full=False)
    assert not events.add(events.marks(b"body", None), NOW, full=False)
    assert events.add(events.marks(b"more", None), NOW, full=False)
    assert len(events) == 3


def test_a_day_later_nothing_is_held():
    """However much it was, and not a moment before."""
    events = SeenEvents()
    for number in range(300):
        assert add(events, number)
    assert not add(events, 0, at=KEPT)
    assert len(events) == 600
    assert add(events, 0, at=KEPT + 1)
    assert len(events) == 2


def test_without_room_the_new_one_is_sent_back(monkeypatch):
    """As long as the old ones may come again; then the oldest make room."""
    monkeypatch.setattr(seen, "REMEMBERED", 6)
    events = SeenEvents()
    for number in range(3):
        assert add(events, number)
    with pytest.raises(WebhookError) as caught:
        add(events, 3, at=CERTAIN)
    assert caught.value.status == 503
    assert not add(events, 0, at=CERTAIN)
    assert add(events, 3, at=CERTAIN + 1)
    assert len(events) <= 6


def test_when_handlers_are_full_only_what_is_new_is_sent_back():
    """What came before needs no handler, and is not to be delivered again for ever."""
    events = SeenEvents()
    assert add(events, 1)
    assert not add(events, 1, full=True)
    with pytest.raises(WebhookError):
        add(events, 2, full=True)
    assert add(events, 2)


def test_a_clock_that_is_set_back_forgets_nothing():
    """Events of a time to come are young."""
    events = SeenEvents()
    assert add(events, 1, at=1000.0)
    assert not add(events, 1, at=-1000.0)
