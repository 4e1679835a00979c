"""Planned faults: when they strike, and what the client sees."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from heygen_async.emulator import FILES, Emulator, Fault, FaultPlan

from .conftest import until, using

pytestmark = pytest.mark.real_time  # a stall has to stay one

CREATE = "POST /v3/videos"
VOICES = "GET /v3/voices"


def plan(**fault):
    return using(faults=FaultPlan([Fault(**fault)]))


async def collect(content: aiohttp.StreamReader, into: bytearray) -> None:
    async for chunk in content.iter_any():
        into += chunk


@pytest.fixture(autouse=True)
def fresh(options):
    """Give each run its own copy of the plan, since a plan counts calls."""
    if "faults" in options:
        options["faults"] = FaultPlan(options["faults"].faults)


@plan(route=CREATE, nth=(1, 3), status=503)
async def test_a_status_strikes_at_the_nth_call(api):
    """The planned calls fail without the work, the others pass."""
    replies = [await api.create() for _ in range(4)]
    assert [reply.status for reply in replies] == [503, 200, 503, 200]
    assert replies[0].error["code"] == "internal_error"
    assert "X-Request-Id" in replies[0].headers
    assert len(api.emulator.wallet.charges) == 2


@plan(route=CREATE, nth=1, status=500, work=True)
async def test_a_status_after_the_work_leaves_the_job(api):
    """A 500 can hide a job that was made and charged, which its key brings back."""
    headers = {"Idempotency-Key": "k"}
    failed = await api.create(headers=headers)
    replayed = await api.create(headers=headers)
    assert (failed.status, replayed.status) == (500, 200)
    assert list(api.emulator.videos) == [replayed.json["data"]["video_id"]]
    assert len(api.emulator.wallet.charges) == 1


@pytest.mark.parametrize("value", [7, "Wed, 21 Oct 2026 07:28:00 GMT", "soon"])
async def test_retry_after_is_sent_as_it_stands(api, value):
    """A number, a date and nonsense all reach the client."""
    api.emulator.faults.add(Fault(route="*", status=429, retry_after=value))
    reply = await api.get("/v3/voices")
    assert (reply.status, reply.headers["Retry-After"]) == (429, str(value))
    assert reply.error["code"] == "rate_limit_exceeded"


@plan(route=CREATE, nth=1, reset="before")
async def test_a_reset_before_the_work_leaves_nothing(api):
    """The connection drops and no job was made."""
    with pytest.raises(aiohttp.ClientConnectionError):
        await api.create()
    assert not api.emulator.videos
    assert api.emulator.received[0].status is None
    assert (await api.create()).status == 200


@plan(route=CREATE, nth=1, reset="after")
async def test_a_lost_answer_leaves_the_job(api):
    """The connection drops after the work; the same key finds the job, charged once."""
    headers = {"Idempotency-Key": "k"}
    with pytest.raises(aiohttp.ClientConnectionError):
        await api.create(headers=headers)
    assert len(api.emulator.videos) == 1
    again = await api.create(headers=headers)
    assert list(api.emulator.videos) == [again.json["data"]["video_id"]]
    assert len(api.emulator.wallet.charges) == 1


@plan(route=FILES, nth=1, cut=1000)
async def test_a_cut_body_can_be_resumed(api, session):
    """The full length is announced, so many bytes come, and a range gets the rest."""
    video_id = api.emulator.add_video(0)
    url = (await api.get(f"/v3/videos/{video_id}")).json["data"]["video_url"]
    async with session.get(url) as response:
        length, start = response.content_length, bytearray()
        with pytest.raises(aiohttp.ClientPayloadError):
            await collect(response.content, start)
    async with session.get(url, headers={"Range": "bytes=1000-"}) as response:
        rest = await response.read()
    async with session.get(url) as response:
        assert start + rest == await response.read()
    assert (len(start), length) == (1000, len(start + rest))


@plan(route=VOICES, cut=0)
async def test_a_body_can_be_cut_to_nothing(api):
    """Only the headers arrive."""
    with pytest.raises(aiohttp.ClientPayloadError):
        await api.get("/v3/voices")


@plan(route=VOICES, nth=1, body='{"data": [', content_type="application/json")
async def test_an_answer_can_be_invalid_json(api):
    """The status stays, the body is not what it says it is."""
    with pytest.raises(json.JSONDecodeError):
        await api.get("/v3/voices")


@plan(route=VOICES, status=502, body="<h1>Bad Gateway</h1>")
async def test_a_gateway_answers_in_html(api):
    """A status may carry a page instead of the envelope."""
    reply = await api.get("/v3/voices")
    assert (reply.status, reply.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert reply.text == "<h1>Bad Gateway</h1>"


@plan(route=VOICES, nth=1, delay=3600)
async def test_a_stalled_request_leaves_the_server_well(api, session):
    """A client that gives up on a stall can go on with other requests."""
    url = f"{api.emulator.url}/v3/voices"
    headers = {"x-api-key": api.emulator.api_key}
    task = asyncio.create_task(session.get(url, headers=headers))
    await until(lambda: api.emulator.count(VOICES))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await api.get("/v3/voices")).status == 200


@plan(route=VOICES, nth=1, status=503, delay=3600)
async def test_an_error_can_be_late(api):
    """A planned status waits for its delay, while others are answered."""
    late = asyncio.create_task(api.get("/v3/voices"))
    await until(lambda: api.emulator.count(VOICES))
    assert (await api.get("/v3/voices")).status == 200
    assert len(api.emulator.received) == 1
    late.cancel()


async def test_a_client_that_leaves_amid_its_body_is_no_error(api, caplog):
    """Half a request makes no job and no noise."""
    host, port = api.emulator.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /v3/videos HTTP/1.1\r\nHost: x\r\nx-api-key: {api.emulator.api_key}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    writer.write(head.encode())
    await until(lambda: api.emulator.count(CREATE))
    writer.close()
    await until(lambda: api.emulator.received)
    assert api.emulator.received[0].status is None
    assert not api.emulator.videos
    assert not caplog.records


@plan(route=CREATE, nth=1, delay=0.05)
async def test_a_client_that_leaves_does_not_stop_the_work(api):
    """The job is made and charged although nobody waits for the answer."""
    task = asyncio.create_task(api.create())
    await until(lambda: api.emulator.count(CREATE))
    task.cancel()
    await until(lambda: api.emulator.received)
    assert len(api.emulator.wallet.charges) == 1


@plan(route="*", status=503)
async def test_a_star_is_the_api_and_not_the_files(api, session):
    """The file server has a route of its own."""
    async with session.get(f"{api.emulator.files_url}/video/x.mp4") as response:
        assert response.status == 403
    assert (await api.get("/v3/nothing")).status == 503


async def test_faults_come_and_go_at_run_time(api):
    """A fault added later counts from then on, and a cleared plan is harmless."""
    await api.get("/v3/voices")
    api.emulator.faults.add(Fault(route=VOICES, nth=1, status=500))
    struck = await api.get("/v3/voices")
    api.emulator.faults.add(Fault(route=VOICES, status=500))
    api.emulator.faults.clear()
    cleared = await api.get("/v3/voices")
    api.emulator.faults.add(Fault(route=VOICES, nth=1, status=500))
    struck_again = await api.get("/v3/voices")
    assert [reply.status for reply in (struck, cleared, struck_again)] == [500, 200, 500]


def test_a_window_opens_and_closes():
    """A fault strikes from after, until just before until."""
    faults = FaultPlan([Fault(route=VOICES, after=10, until=20, status=503)])
    struck = [bool(faults.strike(VOICES, elapsed=at)) for at in (9.9, 10, 19.9, 20)]
    assert struck == [False, True, True, False]


def test_a_probability_is_repeatable():
    """The same seed strikes the same calls, about as often as it should."""

    def strikes():
        faults = FaultPlan([Fault(route="*", probability=0.3, status=500)], seed=1)
        return [bool(faults.strike(VOICES, elapsed=0)) for _ in range(1000)]

    assert strikes() == strikes()
    assert 250 < sum(strikes()) < 350


def test_the_first_due_fault_strikes():
    """Each fault counts every call of its route, whichever strikes."""
    first = Fault(route=VOICES, nth=2, status=500)
    second = Fault(route="*", nth=[2, 3], status=503)
    faults = FaultPlan([first, second])
    assert [faults.strike(VOICES, elapsed=0) for _ in range(4)] == [None, first, second, None]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"route": "voices", "status": 500}, "route should be"),
        ({"route": "*", "status": 500, "nth": 0}, "nth should be"),
        ({"route": "*", "status": 500, "nth": []}, "nth should be"),
        ({"route": "*", "status": 500, "nth": "1"}, "nth should be"),
        ({"route": "*", "status": 500, "probability": 1.1}, "probability should be"),
        ({"route": "*", "status": 500, "after": -1}, "after should be"),
        ({"route": "*", "status": "500"}, "status should be"),
        ({"route": "*", "status": 99}, "status should be"),
        ({"route": "*", "status": True}, "status should be"),
        ({"route": "*", "status": 500, "retry_after": 1.5}, "retry_after should be"),
        ({"route": "*", "status": 500, "work": 1}, "work should be"),
        ({"route": "*", "delay": None}, "delay should be"),
        ({"route": "*", "cut": -1}, "cut should be"),
        ({"route": "*", "body": 1}, "body should be"),
        ({"route": "*", "reset": "during"}, "reset should be"),
        ({"route": "*", "reset": "after", "status": 500}, "reset sends no answer"),
        ({"route": "*", "delay": 1, "work": True}, "belong to a status"),
        ({"route": "*", "nth": 1}, "does nothing"),
        ({"route": "*", "status": 500, "nht": 1}, "unknown field nht"),
        ({"status": 500}, "route is missing"),
        ([], "an object is expected"),
    ],
)
def test_a_wrong_plan_says_what_is_wrong(tmp_path, fault, message):
    """Loading a plan refuses unknown keys and wrong values, with file and number."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps([{"route": "*", "status": 500}, fault]))
    with pytest.raises(ValueError, match=message) as caught:
        FaultPlan.load(path)
    assert f"{path}: fault 2: " in str(caught.value)


@pytest.mark.parametrize(("text", "message"), [("{", "not JSON"), ("{}", "a list of faults")])
def test_a_file_that_is_no_plan_is_refused(tmp_path, text, message):
    """A plan is a JSON list."""
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        FaultPlan.load(path)


def test_a_plan_is_loaded_from_json(tmp_path):
    """Every field of a fault can be written in the file."""
    path = tmp_path / "plan.json"
    rows = [
        {"route": CREATE, "nth": [1, 2], "status": 429, "retry_after": 3},
        {"route": FILES, "probability": 0.5, "after": 1, "until": 2.5, "cut": 10, "delay": 0.1},
    ]
    path.write_text(json.dumps(rows))
    assert FaultPlan.load(path).faults == (
        Fault(route=CREATE, nth=(1, 2), status=429, retry_after=3),
        Fault(route=FILES, probability=0.5, after=1, until=2.5, cut=10, delay=0.1),
    )


async def test_closing_does_not_wait_for_a_stall(session):
    """A stalled request ends with the emulator, at once."""
    loop = asyncio.get_running_loop()
    faults = FaultPlan([Fault(route="*", delay=3600)])
    async with Emulator(faults=faults) as emulator:
        headers = {"x-api-key": emulator.api_key}
        task = asyncio.create_task(session.get(f"{emulator.url}/v3/voices", headers=headers))
        await until(lambda: emulator.count(VOICES))
        closing = loop.time()
    assert loop.time() - closing < 2
    with pytest.raises(aiohttp.ClientConnectionError):
        await task
