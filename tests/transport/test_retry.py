"""The retry, at the transport itself: when, how often, under which key, and after a cancel."""

from __future__ import annotations

import asyncio
import gc
import itertools
import sys
from email.utils import formatdate
from time import time
from types import GeneratorType

import attrs
import pytest
from aioresponses import aioresponses

from heygen_async import (
    HeyGen,
    HeyGenError,
    RateLimitError,
    RequestEvent,
    RetryEvent,
    RetryPolicy,
    ServerError,
    SubmissionUnknownError,
    TransportError,
)
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.idempotency import KEY_LIFETIME
from heygen_async.protocol.jogg import JOGG
from heygen_async.protocol.request import Request
from heygen_async.transport.http import ApiKey, PostHooks, Transport
from tests.conftest import image_video
from tests.vendor import Answer, Vendor

BASE = "https://api.heygen.com"
VIDEO = f"{BASE}/v3/videos/v1"
CREATED = {"data": {"video_id": "v1", "status": "waiting", "output_format": "mp4"}}
FOUND = {"data": {"id": "v1", "status": "processing"}}
GET = Request(method="GET", path="/v3/videos/v1", decode=lambda payload: payload["data"]["id"])


@pytest.fixture
async def heygen():
    async with HeyGen("secret") as client:
        yield client


@pytest.fixture
def server():
    with aioresponses() as mocked:
        yield mocked


@pytest.fixture
async def vendor():
    async with Vendor() as running:
        yield running


@pytest.fixture
async def transport(request):
    """Give a function that makes a transport; all are closed at the end."""
    made = []

    def make(url=BASE, vendor=HEYGEN, **options):
        options = {"session": None, "retry": RetryPolicy(), "timeout": None} | options
        made.append(Transport(vendor, api_key=ApiKey("secret"), base_url=url, **options))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


def now() -> float:
    return asyncio.get_running_loop().time()


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


async def test_retry_after_in_seconds_is_waited_for_and_a_little_more(heygen, server):
    """429 with Retry-After: 20 is obeyed, with jitter on top."""
    server.get(VIDEO, status=429, headers={"Retry-After": "20"})
    server.get(VIDEO, payload=FOUND)
    await heygen.videos.get("v1")
    assert 20 < now() < 26


async def test_retry_after_as_a_date_is_waited_for(heygen, server):
    """An HTTP date in Retry-After means until then."""
    server.get(VIDEO, status=503, headers={"Retry-After": formatdate(time() + 40, usegmt=True)})
    server.get(VIDEO, payload=FOUND)
    await heygen.videos.get("v1")
    assert 38 < now() < 51


async def test_retry_after_has_a_cap(server):
    """A server that asks for a day is not obeyed beyond the policy."""
    async with HeyGen("secret", retry=RetryPolicy(max_retry_after=60)) as heygen:
        server.get(VIDEO, status=429, headers={"Retry-After": "86400"})
        server.get(VIDEO, payload=FOUND)
        await heygen.videos.get("v1")
    assert 60 <= now() <= 75


async def test_attempts_are_bounded(server):
    """After the last attempt the server's own error comes out."""
    async with HeyGen("secret", retry=RetryPolicy(max_attempts=3)) as heygen:
        server.get(VIDEO, status=500, repeat=True)
        with pytest.raises(ServerError):
            await heygen.videos.get("v1")
        assert heygen.statistics().requests == 3
        assert heygen.statistics().retries == 2


async def test_delays_grow_between_attempts(server):
    """The pause doubles from attempt to attempt, within its jitter."""
    async with HeyGen("secret", retry=RetryPolicy(max_attempts=5, base_delay=4)) as heygen:
        times = []
        server.get(VIDEO, status=500, repeat=True, callback=lambda *a, **k: times.append(now()))
        with pytest.raises(ServerError):
            await heygen.videos.get("v1")
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert [2 <= gaps[0] <= 4, 4 <= gaps[1] <= 8, 8 <= gaps[2] <= 16, 15 <= gaps[3] <= 30] == [
        True
    ] * 4


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_create_with_a_key_is_sent_again_with_the_same_key(heygen, server, status):
    """5xx on a keyed create leads to a second attempt under the one key."""
    keys = []

    def note(url, **options):
        keys.append(options["headers"]["Idempotency-Key"])

    server.post(f"{BASE}/v3/videos", status=status, callback=note)
    server.post(f"{BASE}/v3/videos", payload=CREATED, callback=note)
    job = await heygen.submit(image_video())
    assert job.id == "v1"
    assert len(keys) == 2
    assert len(set(keys)) == 1


async def test_429s_are_counted(heygen, server):
    """The statistics tell how often the server said too many."""
    server.get(VIDEO, status=429, repeat=True)
    with pytest.raises(RateLimitError):
        await heygen.videos.get("v1")
    assert heygen.statistics().rate_limited == heygen.statistics().requests == 8


# One call, attempt by attempt


def paid(**fields):
    """Return a paid POST without a key, whose answer is decoded to the id of the video."""
    fields = {"method": "POST", "path": "/v2/videos", "json": {}, "paid": True} | fields
    return Request(decode=lambda payload: payload["data"]["video_id"], **fields)


class Told:
    """Hooks that write down how they are called."""

    def __init__(self):
        self.calls = []
        self.hooks = PostHooks(
            self.before, self.after, lambda result: self.note("abandoned", result)
        )

    def note(self, *call):
        self.calls.append(call)

    async def before(self):
        self.note("before")

    async def after(self, ended):
        self.note("after", type(ended) if isinstance(ended, HeyGenError) else ended)


async def test_each_attempt_and_each_retry_is_told(transport, server):
    """The hook hears of three attempts and of the two delays between them, in their order."""
    told = []
    client = transport(emit=told.append)
    server.get(VIDEO, status=503)
    server.get(VIDEO, exception=TimeoutError())
    server.get(VIDEO, payload=FOUND)
    start = now()
    assert await client.send(GET) == "v1"
    assert [type(event) for event in told] == [
        *(RequestEvent, RetryEvent) * 2,
        RequestEvent,
    ]
    assert [event.status for event in told[::2]] == [503, None, 200]
    assert [event.attempt for event in told[1::2]] == [1, 2]
    assert now() - start == pytest.approx(sum(event.delay for event in told[1::2]))
    assert "no answer in time" in told[3].error


async def test_the_first_answer_that_is_good_ends_it(transport, server):
    """One attempt, at once."""
    server.get(VIDEO, payload=FOUND)
    assert await transport().send(GET) == "v1"
    assert now() == 0


async def test_the_key_is_the_same_in_each_attempt_and_new_in_each_call(transport, server):
    """Where the operation honours one; a given one is kept."""
    keys = []

    def note(url, **options):
        keys.append(options["headers"].get("Idempotency-Key"))

    client = transport()
    for url in (f"{BASE}/v3/videos", f"{BASE}/v2/videos"):
        for status in (503, 200) * 2 if "v3" in url else (200,):
            server.post(url, status=status, payload=CREATED, callback=note)
    with pytest.warns(DeprecationWarning, match="retired"):
        for call in (
            paid(path="/v3/videos"),
            paid(path="/v3/videos", idempotency_key="row-7"),
            paid(),
        ):
            assert await client.send(call) == "v1"
    minted, again, *others = keys
    assert minted == again is not None
    assert others == ["row-7", "row-7", None]


@pytest.mark.parametrize("when", ["in the delay", "in the attempt"])
async def test_a_cancelled_get_leaves_nothing(nothing_left, transport, vendor, when):
    """No task and no generator, of ours or of ``backoff``, wherever the cancel comes."""
    generators, hooks, before = [], sys.get_asyncgen_hooks(), waits()

    async def slow(request):
        await asyncio.sleep(1e6)

    client = transport(vendor.url, retry=RetryPolicy(base_delay=100.0, max_delay=100.0))
    if when == "in the attempt":
        vendor.look, vendor.jobs["v1"] = slow, {}
    else:
        vendor.jobs["v1"], vendor.finished = {}, lambda *_: 1 / 0  # 500
    sys.set_asyncgen_hooks(firstiter=generators.append)
    sending = asyncio.create_task(client.send(GET))
    await until(lambda: vendor.gets)
    await asyncio.sleep(10)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    sys.set_asyncgen_hooks(*hooks)
    await asyncio.sleep(0)  # until then the loop itself holds the exception, and its frames
    gc.collect()
    assert len(vendor.gets) == 1
    assert generators == []
    assert not [each for each in waits() if each not in before]


def waits():
    """Return the wait generators of ``backoff`` that there are, those of other tests included."""
    generators = [each for each in gc.get_objects() if isinstance(each, GeneratorType)]
    return [each for each in generators if "backoff" in each.gi_code.co_filename]


@pytest.mark.filterwarnings("ignore:HeyGen retired")
async def test_a_paid_call_is_written_down_before_each_attempt_and_after_the_last(
    transport, vendor
):
    """And nobody is told that it was abandoned."""
    vendor.plan.extend(
        [Answer(work=False, status=429, body={"error": {"code": "rate_limit_exceeded"}})] * 2
    )
    told = Told()
    assert await transport(vendor.url).send(paid(), told.hooks) == "j0"
    assert told.calls == [("before",)] * 3 + [("after", "j0")]
    assert told.hooks.tasks == set()


async def test_what_cannot_be_written_down_is_not_sent(transport, vendor):
    """The error of ``before`` comes out."""

    async def broken():
        raise OSError("disk full")

    hooks = attrs.evolve(Told().hooks, before=broken)
    with pytest.raises(OSError, match="disk full"):
        await transport(vendor.url).send(paid(), hooks)
    assert vendor.posts == []


@pytest.mark.filterwarnings("ignore:HeyGen retired")
@pytest.mark.parametrize("lost", [False, True])
async def test_a_paid_attempt_on_the_wire_is_seen_through(nothing_left, transport, vendor, lost):
    """Its caller is gone at once; the hooks hear how it ended, and no other attempt is made."""
    vendor.plan.append(Answer(delay=50, lost=lost))
    client, told = transport(vendor.url), Told()
    sending = asyncio.create_task(client.send(paid(path="/v3/videos"), told.hooks))
    await until(lambda: vendor.posts)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert len(told.hooks.tasks) == 1
    assert told.calls == [("before",)]
    await until(lambda: not told.hooks.tasks)
    ended = SubmissionUnknownError if lost else "j0"
    assert told.calls == [("before",), ("after", ended), ("abandoned", None if lost else "j0")]
    assert len(vendor.posts) == 1


@pytest.mark.parametrize(
    ("first", "abandoned"),
    [(Answer(lost=True), [("abandoned", None)]), (Answer(work=False, status=429), [])],
)
async def test_a_paid_call_that_is_cancelled_in_a_delay(transport, vendor, first, abandoned):
    """It is told of if an attempt before may have done the work, and only then."""
    vendor.plan.append(first)
    client = transport(vendor.url, retry=RetryPolicy(base_delay=100.0, max_delay=100.0))
    told = Told()
    sending = asyncio.create_task(client.send(paid(path="/v3/videos"), told.hooks))
    await until(lambda: vendor.posts)
    await asyncio.sleep(10)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await asyncio.sleep(1000)
    assert told.calls == [("before",), *abandoned]
    assert len(vendor.posts) == 1


async def test_a_caller_who_leaves_in_the_very_moment_of_the_end(transport, vendor):
    """The attempt had ended well and nobody took its result: the hooks hear of it."""
    vendor.plan.append(Answer(delay=5))
    client, told = transport(vendor.url), Told()
    sending = asyncio.create_task(client.send(paid(path="/v3/videos"), told.hooks))
    await until(lambda: vendor.posts)
    (attempt,) = told.hooks.tasks
    attempt.add_done_callback(lambda _: sending.cancel())
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert told.calls == [("before",), ("after", "j0"), ("abandoned", "j0")]


async def test_a_close_ends_the_attempts_of_a_paid_call_at_once(transport, vendor):
    """What is on the wire is waited for; its failure is final then, without the delay."""
    vendor.plan.append(Answer(work=False, status=503, delay=5))
    client = transport(vendor.url, retry=RetryPolicy(base_delay=100.0, max_delay=100.0))
    sending = asyncio.create_task(client.send(paid(path="/v3/videos"), Told().hooks))
    await until(lambda: vendor.posts)
    await client.aclose()
    with pytest.raises(SubmissionUnknownError):
        await sending
    assert now() < 20
    assert len(vendor.posts) == 1


async def test_an_attempt_that_is_aborted_says_that_it_may_be_paid(nothing_left, transport, vendor):
    """An abort does not wait for the answer; the caller and the hooks are told once."""
    vendor.plan.append(Answer(delay=50))
    client, told = transport(vendor.url), Told()
    sending = asyncio.create_task(client.send(paid(path="/v3/videos"), told.hooks))
    await until(lambda: vendor.posts)
    await client.abort()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert told.calls == [("before",), ("abandoned", None)]
    assert now() < 10


async def test_a_queued_call_is_settled_before_it_goes_back_to_its_queue(transport, vendor):
    """A 429 ends it at once, but not after an attempt that may have done the work."""
    limited = {"work": False, "status": 429, "body": {"error": {"code": "rate_limit_exceeded"}}}
    vendor.plan.extend([Answer(**limited), Answer(lost=True), Answer(**limited)])
    call, client = paid(path="/v3/videos", queued=True), transport(vendor.url)
    with pytest.raises(RateLimitError):
        await client.send(call)
    assert len(vendor.posts) == 1
    assert await client.send(call) == "j0"
    assert len(vendor.posts) == 4
    assert vendor.charges == ["j0"]


async def test_a_call_of_an_earlier_run_stays_unknown_after_a_refusal(transport, vendor):
    """With ``key_sent_at`` a 429 says nothing of what the earlier attempt did."""
    vendor.plan.append(
        Answer(work=False, status=429, body={"error": {"code": "rate_limit_exceeded"}})
    )
    call = paid(path="/v3/videos", idempotency_key="row-7", key_sent_at=time())
    with pytest.raises(SubmissionUnknownError, match="its outcome is not known") as caught:
        await transport(vendor.url, retry=RetryPolicy(max_attempts=1)).send(call)
    assert caught.value.idempotency_key == "row-7"
    assert isinstance(caught.value.__cause__, RateLimitError)


async def test_a_key_that_is_too_old_is_not_sent(transport, vendor):
    """It is judged by the wall clock directly before the attempt."""
    call = paid(path="/v3/videos", idempotency_key="row-7", key_sent_at=time() - KEY_LIFETIME - 1)
    with pytest.raises(SubmissionUnknownError, match="too old"):
        await transport(vendor.url).send(call)
    assert vendor.posts == []


async def test_no_attempt_is_made_after_the_close(transport, server):
    """What waits for its next attempt ends with the error of the last one or of the close."""
    client = transport(retry=RetryPolicy(base_delay=100.0, max_delay=100.0))
    server.get(VIDEO, status=503, repeat=True)
    sending = asyncio.create_task(client.send(GET))
    await until(lambda: client.counters.requests)
    await client.aclose()
    with pytest.raises(TransportError, match="closed"):
        await sending
    assert [len(calls) for calls in server.requests.values()] == [1]


async def test_posts_keep_to_the_vendors_window(transport, server):
    """The 21st POST of a minute waits for its turn, each retry among them; a GET does not."""
    client = transport(vendor=JOGG)
    server.post(f"{BASE}/v2/x", payload={"code": 0, "data": 1}, repeat=True)
    server.get(f"{BASE}/v2/x", payload={"code": 0, "data": 1}, repeat=True)
    call = Request(method="POST", path="/v2/x", decode=lambda payload: payload["data"])
    for number in range(21):
        assert now() == 0, number
        assert await client.send(call) == 1
        await client.send(attrs.evolve(call, method="GET"))
    assert now() == pytest.approx(60)
