"""Kinds of jobs: words of the vendor mean states."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import JobStatus, State
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.heygen.videos import VIDEO
from heygen_async.protocol.jogg import JOGG
from heygen_async.protocol.kinds import ENDS, meaning

KINDS = (*HEYGEN.kinds, *JOGG.kinds)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("waiting", State.QUEUED),
        ("pending", State.QUEUED),
        ("queued", State.QUEUED),
        ("processing", State.RUNNING),
        ("running", State.RUNNING),
        ("completed", State.COMPLETED),
        ("failed", State.FAILED),
        ("Completed", State.COMPLETED),
        ("FAILED", State.FAILED),
        ("not_found", State.RUNNING),
        ("rendering_v9", State.RUNNING),
        ("complete", State.RUNNING),
        ("", State.RUNNING),
    ],
)
def test_a_word_means_a_state(word, state):
    """The vendor's words in any case have their state; the vendor's own is kept in ``raw``."""
    assert VIDEO.status(word) == JobStatus(state, word)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("word", ENDS)
def test_every_kind_knows_the_words_for_an_end(kind, word):
    """The field's words mean the same for each kind, however they are written."""
    for written in (word, word.upper(), f" {word.replace('_', '-')} ", word.replace("_", " ")):
        assert kind.status(written).state is ENDS[word]
        assert kind.knows(written)


def test_a_server_that_invents_words_fills_no_memory():
    """Only so many words of a kind are remembered."""
    kind = attrs.evolve(VIDEO)
    first = kind.status("word 0")
    for number in range(5000):
        assert kind.status(f"word {number}").state is State.RUNNING
    assert kind.status("word 4999") is kind.status("word 4999")
    assert kind.status("word 0") is not first  # it was forgotten, and is made anew


@given(st.text().filter(lambda word: meaning(VIDEO.status_map, word) is None))
def test_invariant_4_an_unknown_word_means_running(word):
    """A status that nobody knows ends nothing."""
    status = VIDEO.status(word)
    assert (status.state, status.raw, status.terminal) == (State.RUNNING, word, False)


def test_equal_words_share_one_status():
    """Ten thousand waiting jobs hold a handful of statuses."""
    assert VIDEO.status("processing") is VIDEO.status("PROCESSING".lower())
