"""Any value anywhere in any answer, and any text in any argument: only errors of the tree leave.

The answers are the emulator's own, recorded from a call of every operation, and then served again
with one value replaced, over connections in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import warnings

import attrs
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from heygen_async import (
    AddLooks,
    AddMotion,
    AddSoundEffect,
    CreateGroup,
    HeyGen,
    HeyGenError,
    JoggAI,
    JoggVideo,
    LegacyVideo,
    PhotoAvatar,
    TrainGroup,
    UpscaleAvatar,
)
from heygen_async.emulator import Emulator
from tests.conftest import PORTRAIT, image_video
from tests.contracts.all_operations import (
    JOGG_MOTION,
    VOICE,
    all_heygen_operations,
    all_jogg_operations,
)
from tests.contracts.contract import contract_of
from tests.contracts.full_specs import JOGG_PHOTO, LEGACY_PHOTO, PICTURE
from tests.contracts.recording import record
from tests.torture.wire import ADDRESS, MemoryLoop
from tests.virtual_time import VirtualTimeLoop

WITHIN = 24 * 3600.0
"""Virtual seconds in which each call has to end, whatever it is answered."""

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


async def listed(items):
    return [item async for item in items]


async def for_a_while(outcomes):
    """Read outcomes, and leave after an hour: a job whose status tells nothing may wait long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(3600), contextlib.aclosing(outcomes):
            async for outcome in outcomes:
                repr(outcome)


HEYGEN_CALLS = {
    "run a video": lambda c: c.run(image_video(), timeout=3600),
    "submit a video": lambda c: c.submit(image_video(title="A title")),
    "map": lambda c: for_a_while(c.map([image_video()])),
    "videos.get": lambda c: c.videos.get("v1"),
    "videos.list": lambda c: listed(c.videos.list()),
    "videos.statuses": lambda c: c.videos.statuses(["v1"]),
    "videos.delete": lambda c: c.videos.delete("v1"),
    "run a photo avatar": lambda c: c.run(PhotoAvatar(name="Ada", file=PICTURE), timeout=3600),
    "upload": lambda c: c.assets.upload(PORTRAIT),
    "assets.get": lambda c: c.assets.get("a1"),
    "assets.delete": lambda c: c.assets.delete("a1"),
    "voices.list": lambda c: listed(c.voices.list()),
    "users.me": lambda c: c.users.me(),
    "avatars.list": lambda c: listed(c.avatars.list()),
    "avatars.get": lambda c: c.avatars.get("g1"),
    "avatars.consent": lambda c: c.avatars.consent("g1"),
    "avatars.delete": lambda c: c.avatars.delete("g1"),
    "looks.list": lambda c: listed(c.avatars.looks.list()),
    "looks.get": lambda c: c.avatars.looks.get("l1"),
    "looks.update": lambda c: c.avatars.looks.update("l1", name="Eve"),
    "looks.delete": lambda c: c.avatars.looks.delete("l1"),
    "run a v2 video": lambda c: c.run(
        LegacyVideo(image_url=PICTURE, script="Hi", voice_id="v1"), timeout=3600
    ),
    "v2.videos.get": lambda c: c.v2.videos.get("v1"),
    "v2.videos.list": lambda c: listed(c.v2.videos.list()),
    "run a motion": lambda c: c.run(AddMotion(id="l1", prompt="nods"), timeout=3600),
    "run a sound": lambda c: c.run(AddSoundEffect(id="l1"), timeout=3600),
    "run an upscale": lambda c: c.run(UpscaleAvatar(id="l1"), timeout=3600),
    "run v2 photos": lambda c: c.run(LEGACY_PHOTO, timeout=3600),
    "run a group": lambda c: c.run(CreateGroup(name="Ada", image_key="k1"), timeout=3600),
    "run a training": lambda c: c.run(TrainGroup(group_id="g1"), timeout=3600),
    "add_looks": lambda c: c.v2.photo_avatars.add_looks(
        AddLooks(group_id="g1", image_keys=("k1",), name="More")
    ),
    "v2.photo_avatars.get": lambda c: c.v2.photo_avatars.get("l1"),
    "v2.generation": lambda c: c.v2.photo_avatars.generation("n1"),
    "v2.training": lambda c: c.v2.photo_avatars.training("g1"),
}
JOGG_CALLS = {
    "run a photo": lambda c: c.run(JOGG_PHOTO, timeout=3600),
    "run a motion": lambda c: c.run(JOGG_MOTION, timeout=3600),
    "run a video": lambda c: c.run(
        JoggVideo(avatar_id=7, voice_id=VOICE, script="Hello"), timeout=3600
    ),
    "map": lambda c: for_a_while(c.map([JOGG_MOTION])),
    "upload": lambda c: c.assets.upload(PORTRAIT),
    "photo_avatars.list": lambda c: listed(c.photo_avatars.list()),
    "avatars.public": lambda c: listed(c.avatars.public()),
    "avatars.custom": lambda c: listed(c.avatars.custom()),
    "voices.list": lambda c: listed(c.voices.list()),
    "voices.custom": lambda c: listed(c.voices.custom()),
    "users.whoami": lambda c: c.users.whoami(),
    "users.remaining_quota": lambda c: c.users.remaining_quota(),
}


@attrs.frozen
class Recorded:
    """What an operation was answered: the parts of the path and the parameters that vary."""

    parts: tuple[str, ...]
    params: dict
    body: object


def parts_of(operation, path):
    """Return the parts of a path that its template leaves open."""
    template = operation.partition(" ")[2].split("/")
    return tuple(
        part for name, part in zip(template, path.split("/"), strict=True) if name[:1] == "{"
    )


def worth(answer):
    """Return how much an answer tells: that of a job that has gone well tells the most."""
    data = answer.body.get("data")
    word = data.get("status") if isinstance(data, dict) else None
    return word in ("completed", "success", "ready"), len(answer.text)


@functools.cache
def recorded(api):
    """Return for each operation its fullest good answer."""

    async def answers_of_all():
        async with Emulator(seed=1, max_concurrent_jobs=100) as emulator:
            key, url, cls, go = (
                (emulator.api_key, emulator.url, HeyGen, all_heygen_operations)
                if api == "HeyGen"
                else (emulator.jogg_api_key, emulator.jogg_url, JoggAI, all_jogg_operations)
            )
            async with cls(key, base_url=url) as client:
                answers = record(client)
                await go(client, emulator)
                return answers

    with warnings.catch_warnings(), asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        warnings.simplefilter("ignore", DeprecationWarning)
        answers = runner.run(answers_of_all())
    best = {}
    for answer in answers:
        known = best.get(answer.operation)
        if answer.status < 300 and (known is None or worth(answer) >= worth(known)):
            best[answer.operation] = answer
    return {
        name: Recorded(parts_of(name, answer.request.path), answer.request.params, answer.body)
        for name, answer in best.items()
    }


class Replay:
    """Serves what was recorded; after ``skip`` answers one value is another, once or from then on.

    ``place`` picks the value among those of the answer.
    """

    def __init__(self, api, *, skip=0, place=0, value=None, lasting=False):
        self.api = api
        self.answers = recorded(api)
        self.skip = skip
        self.place = place
        self.value = value
        self.lasting = lasting
        self.told = None
        self.trouble = None

    async def handle(self, request):
        try:
            return web.json_response(self.answer(request))
        except Exception as error:
            self.trouble = error
            raise

    def answer(self, request):
        try:
            name = contract_of(self.api, request.path).name_of(request.method, request.path)
            known = self.answers[name]
        except LookupError:
            return {"data": {}, "code": 0}  # files go up here, too
        text = json.dumps(known.body)
        asked = [*parts_of(name, request.path), *(request.query.get(p, "") for p in known.params)]
        for old, new in zip([*known.parts, *known.params.values()], asked, strict=True):
            if old and new:
                text = text.replace(json.dumps(str(old)), json.dumps(str(new)))
        body = json.loads(text)
        self.skip -= 1
        if self.skip < 0 and (self.told is None or (self.lasting and self.told[0] == name)):
            body = self.replaced(name, body)
        return body

    def replaced(self, name, body):
        ways = list(places(body))
        where = ways[self.place % len(ways)]
        self.told = name, where
        if not where:
            return self.value
        parent = body
        for step in where[:-1]:
            parent = parent[step]
        parent[where[-1]] = self.value
        return body


def places(node, where=()):
    """Yield the way to each value of a document, itself first."""
    yield where
    if isinstance(node, dict | list):
        for name, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(value, (*where, name))


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.sampled_from([0, 1, -1, 2**63, 10**400, 1e308, float("inf"), float("nan")]),
    st.text(st.characters(), max_size=8),
    st.sampled_from(
        ["", " ", "\x00", "a\nb", "\ud800", "..", "/", "completed", "failed", "done", "2026-01-01"]
    ),
    st.sampled_from([[], {}, [[]], [None], ["x"], {"x": "y"}, [{}], {"id": 1}]),
)


@pytest.fixture(scope="module")
def runner():
    loop = MemoryLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner_:
        yield runner_


def check(runner, api, call, replay=None, *, good=False, **options):
    """Make a call; fail if anything but an error of the tree leaves it, or nothing in time."""
    loop = runner.get_loop()

    async def answer(request):
        return await replay.handle(request) if replay else web.json_response({})

    async def go():
        loop.serve = web.Server(answer, access_log=None)
        before = asyncio.all_tasks()
        try:
            async with asyncio.timeout(WITHIN):
                cls = HeyGen if api == "HeyGen" else JoggAI
                async with cls(
                    **{"api_key": "the-key-of-the-account", "base_url": ADDRESS} | options
                ) as client:
                    given_back = call(client)
                    if asyncio.iscoroutine(given_back):
                        given_back = await given_back
                    repr(given_back)
        except HeyGenError as error:
            if good:
                raise
            str(error)
        await asyncio.sleep(0.1)
        left = {task for task in asyncio.all_tasks() - before if "RequestHandler" not in repr(task)}
        assert not left

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        runner.run(go())


SLOW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


REPLAYS = st.fixed_dictionaries(
    {
        "skip": st.integers(0, 2),
        "place": st.integers(0, 60),
        "value": ODD,
        "lasting": st.booleans(),
    }
)


def fuzz(runner, api, call, how):
    replay = Replay(api, **how)
    try:
        check(runner, api, call, replay)
    except BaseException:
        note(f"{replay.told} became {replay.value!r}")
        raise
    assert replay.trouble is None


@pytest.mark.parametrize("api", ["HeyGen", "JoggAI"])
def test_what_was_recorded_is_good(runner, api):
    """With nothing replaced each call succeeds: the answers reach what they are meant for."""
    for call in (HEYGEN_CALLS if api == "HeyGen" else JOGG_CALLS).values():
        replay = Replay(api, skip=10_000)
        check(runner, api, call, replay, good=True)
        assert replay.trouble is None


@pytest.mark.parametrize("name", HEYGEN_CALLS)
@SLOW
@given(how=REPLAYS)
def test_any_value_in_an_answer_of_heygen(runner, name, how):
    """Whatever stands in an answer, the call returns, or raises an error of the tree."""
    fuzz(runner, "HeyGen", HEYGEN_CALLS[name], how)


@pytest.mark.parametrize("name", JOGG_CALLS)
@SLOW
@given(how=REPLAYS)
def test_any_value_in_an_answer_of_jogg(runner, name, how):
    """Whatever stands in an answer, the call returns, or raises an error of the tree."""
    fuzz(runner, "JoggAI", JOGG_CALLS[name], how)


TEXT = st.one_of(
    st.text(st.characters(), max_size=20),
    st.sampled_from(["", " ", "\x00", "a\nb", "\r\nx: y", "\ud800", "..", ".", "/", "ä", "k\x7f"]),
)
TAKE_TEXT = {
    "videos.get": lambda c, text: c.videos.get(text),
    "videos.statuses": lambda c, text: c.videos.statuses([text]),
    "videos.delete": lambda c, text: c.videos.delete(text),
    "videos.list": lambda c, text: listed(c.videos.list(title=text)),
    "assets.get": lambda c, text: c.assets.get(text),
    "avatars.get": lambda c, text: c.avatars.get(text),
    "looks.update": lambda c, text: c.avatars.looks.update("l1", name=text),
    "v2.videos.get": lambda c, text: c.v2.videos.get(text),
    "attach": lambda c, text: c.attach(text),
    "attach an id": lambda c, text: c.attach(f"heygen.video/1732806631/{text}").refresh(),
    "submit": lambda c, text: c.submit(image_video(title=text, script=text)),
    "a key": lambda c, text: c.submit(image_video(), idempotency_key=text),
    "request": lambda c, text: c.request("GET", f"/{text}", params={"q": text}),
    "webhooks.create": lambda c, text: c.webhooks.endpoints.create(text),
    "map with a key": lambda c, text: listed(c.map([image_video()], key=lambda _spec: text)),
}


@pytest.mark.parametrize("name", TAKE_TEXT)
@SLOW
@given(text=TEXT)
def test_any_text_in_an_argument(runner, name, text):
    """Text of any kind is sent or refused, and never breaks what is below."""
    check(runner, "HeyGen", lambda client: TAKE_TEXT[name](client, text))


@pytest.mark.parametrize("api", ["HeyGen", "JoggAI"])
@SLOW
@given(text=TEXT)
def test_any_text_as_the_key_of_the_account(runner, api, text):
    """A key that cannot stand in a header is refused, at the latest when it is used."""
    check(
        runner,
        api,
        lambda c: c.users.me() if api == "HeyGen" else c.users.whoami(),
        api_key=text,
    )


@SLOW
@given(text=TEXT)
def test_any_text_as_the_address(runner, text):
    """An address that is none is refused."""
    check(runner, "HeyGen", lambda client: client.users.me(), base_url=f"http://{text}")


def test_an_exception_of_another_tree_is_seen(runner):
    """The check itself fails for a bare error, and for a call that never ends."""
    with pytest.raises(TypeError):
        check(runner, "HeyGen", lambda _client: hash([]))
    with pytest.raises(TimeoutError):
        check(runner, "HeyGen", lambda _client: asyncio.sleep(2 * WITHIN))
