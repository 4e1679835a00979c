"""What the namespaces share, on a transport that only writes down what is sent."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest

from heygen_async import (
    ImageVideo,
    InvalidRequestError,
    LegacyVideo,
    NotFoundError,
    PollPolicy,
    RetryPolicy,
)
from heygen_async.jobs.poller import Poller
from heygen_async.jobs.service import JobService
from heygen_async.protocol.convert import make_converter
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.operations import Collection
from heygen_async.resources.collection import (
    Creatable,
    Deletable,
    Readable,
    Uploads,
)
from heygen_async.resources.heygen import Looks
from tests.conftest import image_video


@attrs.frozen(kw_only=True)
class Film:
    id: str
    name: str | None = None
    extra: dict[str, Any] = attrs.field(factory=dict)


class Films(Readable[Film], Deletable[Film], Creatable[ImageVideo, Any]):
    def list(self, **filters):
        return self._list(self._collection, **filters)


class FakeTransport:
    """Reads the answers of a script as those to what is sent; an error is raised."""

    vendor = HEYGEN

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []

    def with_options(self, **options):
        assert set(options.values()) == {None}
        return self

    async def send(self, request, hooks=None):
        self.sent.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        read = request.decode(answer)
        if hooks is not None:
            await hooks.before()
            await hooks.after(read)
        return read

    @property
    def lines(self):
        return [f"{request.method} {request.path}" for request in self.sent]


class NoUploads:
    """An uploader that has nothing to do, and says what it was asked for."""

    async def resolve(self, spec):
        return spec

    async def upload(self, file, progress):
        return file, progress


def served(*answers, cls=Films):
    """Return a namespace of films and the transport below it."""
    transport, uploader = FakeTransport(*answers), NoUploads()
    poller = Poller(transport.send, PollPolicy(), RetryPolicy())
    service = JobService(transport, uploader, None, poller, None)
    films = Collection(
        item="/v1/films/{film_id}", model=Film, converter=make_converter(requests={}), page_size=2
    )
    return cls(transport, service, films), transport


def page(*ids, token=None):
    rows = [{"id": each} for each in ids]
    return {"data": rows, "has_more": token is not None, "next_token": token}


async def test_one_is_got_by_its_id():
    """The item comes back, and so does the vendor's own refusal."""
    films, transport = served({"data": {"id": "f1", "name": "M"}}, NotFoundError("no", status=404))
    assert await films.get("f1") == Film(id="f1", name="M")
    with pytest.raises(NotFoundError):
        await films.get("f2")
    assert transport.lines == ["GET /v1/films/f1", "GET /v1/films/f2"]


async def test_a_list_goes_on_from_page_to_page():
    """Each page is asked for with the same filters, and only when the one before is used up."""
    films, transport = served(page("a", "b", token="t"), page("c"))
    found = films.list(genre="noir", year=None)
    assert transport.sent == []
    assert [(await anext(found)).id for _ in range(2)] == ["a", "b"]
    assert len(transport.sent) == 1
    assert [film.id async for film in found] == ["c"]
    assert [request.params for request in transport.sent] == [
        {"limit": "2", "genre": "noir"},
        {"limit": "2", "genre": "noir", "token": "t"},
    ]


async def test_one_is_deleted():
    """Nothing comes back."""
    films, transport = served({"data": {"id": "f1"}})
    assert await films.delete("f1") is None
    assert transport.lines == ["DELETE /v1/films/f1"]


async def test_fields_of_one_are_changed():
    """The changed item comes back; a name that is none is refused before anything is sent."""
    looks, transport = served({"data": {"id": "l1", "name": "Ada"}}, cls=Looks)
    assert (await looks.update("l1", name="Ada")).name == "Ada"
    for name in ("", " ", None):
        with pytest.raises(InvalidRequestError, match="name must be"):
            await looks.update("l1", name=name)
    (sent,) = transport.sent
    assert (sent.method, sent.path, sent.json) == ("PATCH", "/v1/films/l1", {"name": "Ada"})


@pytest.mark.parametrize("call", ["get", "delete"])
@pytest.mark.parametrize("bad", ["", "..", None])
async def test_what_is_no_id_is_refused_before_anything_is_sent(call, bad):
    """Nor does it lead to the list, or to another path."""
    films, transport = served()
    with pytest.raises(InvalidRequestError):
        await getattr(films, call)(bad)
    assert transport.sent == []


async def test_a_job_is_created_under_a_key():
    """A call has a key of its own, or the caller's; one that is none is refused unpaid."""
    made = {"data": {"video_id": "v1", "status": "waiting"}}
    films, transport = served(made, made, made)
    job = await films.create(image_video())
    await films.create(image_video())
    await films.create(image_video(), idempotency_key="row-7")
    assert (job.id, job.kind) == ("v1", "heygen.video")
    first, second, given = [request.idempotency_key for request in transport.sent]
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert (first != second, given) == (True, "row-7")
    assert transport.lines == ["POST /v3/videos"] * 3
    with pytest.raises(InvalidRequestError):
        await films.create(image_video(), idempotency_key="no key\n")
    assert len(transport.sent) == 3


async def test_where_no_key_is_honoured_none_is_sent():
    """And one that the caller gives is refused, since it would promise what nobody keeps."""
    films, transport = served({"data": {"video_id": "v1", "status": "waiting"}})
    spec = LegacyVideo(image_url="https://example.com/ada.png", script="Hi", voice_id="v1")
    await films.create(spec)
    with pytest.raises(InvalidRequestError, match="POST /v2/videos honours no idempotency key"):
        await films.create(spec, idempotency_key="row-7")
    assert [request.idempotency_key for request in transport.sent] == [None]


async def test_an_upload_is_handed_on_with_its_progress():
    """The uploader has both, and gives the asset."""
    transport = FakeTransport()
    poller = Poller(transport.send, PollPolicy(), RetryPolicy())
    uploads = Uploads(transport, JobService(transport, NoUploads(), None, poller))
    assert await uploads.upload(b"x", progress=print) == (b"x", print)
    assert await uploads.upload(b"x") == (b"x", None)
