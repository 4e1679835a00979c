"""Kinds of jobs: tokens find them again, words of the vendor mean states."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import InvalidRequestError, JobStatus, State
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.heygen.videos import VIDEO
from heygen_async.protocol.jogg import JOGG
from heygen_async.protocol.kinds import ENDS, meaning

KINDS = (*HEYGEN.kinds, *JOGG.kinds)

ids = st.text(min_size=1).filter(lambda text: text.split() == [text])
times = st.integers(0, 999_999_999_999)


@given(ids, times)
def test_a_token_finds_its_job_again(job_id, created_at):
    """Any id without white space comes back as it was, and so does the time."""
    token = VIDEO.token(job_id, created_at)
    kind, found, born = HEYGEN.read_token(token)
    assert (kind, found, born) == (VIDEO, job_id, created_at)
    assert token.split() == [token]


@given(ids, st.text(" \t\r\n"), st.text(" \t\r\n"))
def test_white_space_around_a_token_does_no_harm(job_id, before, after):
    """A token read from a file with its line break is the same token."""
    token = VIDEO.token(job_id, 1_732_806_631)
    assert HEYGEN.read_token(before + token + after) == HEYGEN.read_token(token)


def test_a_token_is_the_documented_line():
    """Kind, time and id stand between slashes; an id may hold slashes itself."""
    assert VIDEO.token("a/b", 1_732_806_631) == "heygen.video/1732806631/a/b"
    assert HEYGEN.read_token("heygen.video/1732806631/a/b")[1] == "a/b"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "v1",
        "heygen.video",
        "heygen.video/1732806631",
        "heygen.video/1732806631/",
        "heygen.video//v1",
        "heygen.video/now/v1",
        "heygen.video/-5/v1",
        "heygen.video/1.5/v1",
        "heygen.video/1732806631/a b",
        "heygen.video/1732806631/a\nb",
        "heygen.video/9999999999999/v1",
        "heygen.painting/1732806631/v1",
        "HEYGEN.VIDEO/1732806631/v1",
        "https://api.heygen.com/v3/videos/v1",
        None,
        5,
        b"heygen.video/1732806631/v1",
    ],
)
def test_other_text_is_no_token(token):
    """What is no token is refused with an example of one."""
    with pytest.raises(
        InvalidRequestError,
        match=r"is no job token of the HeyGen API; one looks like 'heygen\.video/",
    ):
        HEYGEN.read_token(token)


@given(st.text())
def test_any_text_is_a_token_or_refused(text):
    """No text makes another error than ours."""
    try:
        kind, job_id, born = HEYGEN.read_token(text)
    except InvalidRequestError:
        return
    assert HEYGEN.read_token(kind.token(job_id, born)) == (kind, job_id, born)


def test_a_token_of_another_api_is_refused():
    """A HeyGen job cannot be attached to a JoggAI client, and the message says so."""
    with pytest.raises(InvalidRequestError, match="is no job token of the JoggAI API"):
        JOGG.read_token("heygen.video/1732806631/v1")


@pytest.mark.parametrize("spec", VIDEO.specs)
def test_every_video_spec_starts_a_video(spec):
    """The four specs share one kind."""
    assert HEYGEN.kind_for(spec) is VIDEO
    with pytest.raises(InvalidRequestError, match=f"{spec.__name__} is no spec of the JoggAI API"):
        JOGG.kind_for(spec)


@pytest.mark.parametrize("thing", [None, {"type": "image"}, "spec", VIDEO, VIDEO.specs[0]])
def test_other_things_are_no_specs(thing):
    """What is no spec is refused with a list of those that are."""
    with pytest.raises(
        InvalidRequestError,
        match=r"is no spec of the HeyGen API; its specs are .*AvatarVideo.*, CinematicVideo",
    ):
        HEYGEN.kind_for(type(thing))


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
