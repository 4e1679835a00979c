"""Three APIs at once, and a kind of job that nobody knew before."""

from __future__ import annotations

import asyncio
import warnings

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import field, frozen

from heygen_async import AddMotion, JoggMotion, Spec, State
from heygen_async.client.base import Client
from heygen_async.protocol.convert import make_converter
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.kinds import JobKind
from heygen_async.protocol.operations import Collection
from tests.client.test_legacy import photo_avatar
from tests.conftest import image_video


@pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")
async def test_a_mixed_group_finishes_under_separate_limits(heygen, jogg):
    """30 videos, 30 v2 motions and 30 JoggAI motions in one TaskGroup all finish."""
    look = await photo_avatar(heygen)
    async with asyncio.TaskGroup() as group:
        videos = [group.create_task(heygen.run(image_video())) for _ in range(30)]
        motions = [group.create_task(heygen.run(AddMotion(id=look.id))) for _ in range(30)]
        spec = JoggMotion(
            image_url="https://example.com/a.jpg",
            name="Ada",
            voice_id="en-US-ChristopherNeural",
            model="2.0",
        )
        joggs = [group.create_task(jogg.run(spec)) for _ in range(30)]
    assert len({task.result().id for task in [*videos, *motions]}) == 60
    assert len({task.result().motion_id for task in joggs}) == 30
    assert heygen.statistics().rate_limited == jogg.statistics().rate_limited == 0


@frozen(kw_only=True)
class Poem:
    """What the made-up kind makes."""

    id: str
    status: str
    text: str | None = None


@frozen(kw_only=True)
class PoemSpec(Spec[Poem]):
    """What the made-up kind takes."""

    subject: str = field()


def poem_vendor():
    """HeyGen with another kind of job, which is all that the library has to be taught."""
    converter = make_converter(requests={})
    poems = Collection(item="/v9/poems/{id}", model=Poem, converter=converter)
    kind = JobKind(
        name="test.poem",
        specs=(PoemSpec,),
        collection=poems,
        file="text",
        status_map={"done": State.COMPLETED, "broken": State.FAILED},
        typical_duration=10.0,
    )
    return attrs.evolve(HEYGEN, kinds=(*HEYGEN.kinds, kind))


class Poems(Client):
    """A client of that vendor, without namespaces."""

    @staticmethod
    def _load_vendor():
        return poem_vendor()


async def test_a_new_kind_is_one_record():
    """A record and its models are all: submit, wait, events, token and run work at once."""
    looks = []

    async def create(request):
        return web.json_response({"data": {"id": (await request.json())["subject"]}})

    async def look(request):
        looks.append(request.path)
        done = len(looks) % 3 == 0
        poem = {"id": request.match_info["id"], "status": "done" if done else "rhyming"}
        return web.json_response({"data": {**poem, "text": "O!" if done else None}})

    app = web.Application()
    app.add_routes([web.post("/v9/poems", create), web.get("/v9/poems/{id}", look)])
    async with (
        TestServer(app) as server,
        Poems("key", base_url=str(server.make_url("/"))) as api,
    ):
        job = await api.submit(PoemSpec(subject="moon"))
        assert job.kind == "test.poem"
        assert (await api.attach(job.token)).text == "O!"
        assert (await api.run(PoemSpec(subject="sun"))).text == "O!"
        seen = [status.raw async for status in (await api.submit(PoemSpec(subject="sea"))).events()]
        assert seen == ["pending", "rhyming", "done"]


@pytest.mark.filterwarnings("error")
async def test_v3_alone_gives_no_warning(heygen):
    """Only the retired API warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (await heygen.run(image_video())).status == "completed"
