"""A vendor as a record: its tokens find jobs again, its specs have their kinds."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import InvalidRequestError
from heygen_async.models.jobs import Spec
from heygen_async.protocol.convert import make_converter
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.heygen.videos import VIDEO
from heygen_async.protocol.jogg import JOGG
from heygen_async.protocol.kinds import JobKind
from heygen_async.protocol.operations import Collection

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


@attrs.frozen(kw_only=True)
class FilmSpec(Spec[str]):
    pass


@attrs.frozen(kw_only=True)
class OtherFilmSpec(FilmSpec):
    pass


def test_a_vendor_is_the_sum_of_its_kinds():
    """Kinds are found by spec and by token; a subclass of a spec is no spec by that."""
    films = Collection(item="/films/{id}", model=str, converter=make_converter(requests={}))
    film, clip = (
        JobKind(name=name, specs=specs, collection=films, status_map={})
        for name, specs in (("new.film", (FilmSpec,)), ("new.clip", ()))
    )
    vendor = attrs.evolve(HEYGEN, api="New", kinds=(film, clip))
    assert vendor.specs == {FilmSpec: film}
    assert vendor.kind_for(FilmSpec) is film
    with pytest.raises(InvalidRequestError, match="OtherFilmSpec is no spec of the New API"):
        vendor.kind_for(OtherFilmSpec)
    assert vendor.read_token("new.clip/5/c1") == (clip, "c1", 5)
    assert vendor.read_token(film.token("f1", 7)) == (film, "f1", 7)
    with pytest.raises(InvalidRequestError, match=r"one looks like 'new\.film/"):
        vendor.read_token("heygen.video/5/v1")


@pytest.mark.parametrize("vendor", [HEYGEN, JOGG], ids=lambda vendor: vendor.api)
def test_no_two_kinds_share_a_name_or_a_spec(vendor):
    """Names stand in tokens that have been written down, specs say what is paid for."""
    names = [kind.name for kind in vendor.kinds]
    specs = [spec for kind in vendor.kinds for spec in kind.specs]
    assert len({*names}) == len(names)
    assert {*specs} == vendor.specs.keys()
    assert len(specs) == len(vendor.specs)
    assert vendor.base_url.startswith("https://")
