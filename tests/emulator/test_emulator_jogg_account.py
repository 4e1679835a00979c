"""JoggAI: keys, limits, statuses of HTTP, and the lists of avatars and voices."""

from __future__ import annotations

import pytest

from heygen_async.emulator import Drift, Fault

from .conftest import pass_time, using
from .test_emulator_jogg import ADD_MOTION, GENERATE, MOTION, PHOTO

WHOAMI = "/v2/user/whoami"


async def test_the_two_apis_do_not_share_a_key(jogg, api):
    """JoggAI is another server with another key, which is no bearer token."""
    emulator = jogg.emulator
    assert len({emulator.url, emulator.jogg_url, emulator.files_url}) == 3
    bearer = {"x-api-key": "", "Authorization": f"Bearer {emulator.jogg_api_key}"}
    for headers in ({"x-api-key": emulator.api_key}, {"x-api-key": ""}, bearer):
        reply = await jogg.get(WHOAMI, headers=headers)
        assert (reply.status, reply.json["code"]) == (401, 10105)
        assert reply.json["msg"] == "Invalid API key"
    headers = {"x-api-key": emulator.jogg_api_key}
    assert (await api.get("/v3/users/me", headers=headers)).status == 401
    assert await jogg.data(WHOAMI) == {"email": "ada@example.com", "username": "emulated"}


async def test_routes_are_counted_apart(jogg, api):
    """The same path on both APIs is two routes, and each has its journal."""
    await api.post(ADD_MOTION, {"id": "photo_ada"})
    await jogg.post(ADD_MOTION, MOTION)
    await jogg.get("/v2/nothing")
    counts = jogg.emulator.counts
    assert counts[f"POST {ADD_MOTION}"] == counts[f"JOGG POST {ADD_MOTION}"] == 1
    assert counts["JOGG unmatched"] == 1
    assert [request.path for request in jogg.emulator.jogg_received] == [ADD_MOTION, "/v2/nothing"]
    assert [request.path for request in jogg.emulator.received] == [ADD_MOTION]


async def test_unknown_routes_have_the_envelope(jogg):
    """An unknown path is 404 and a wrong method 405, with a code in the envelope."""
    path = await jogg.get("/v2/nothing")
    method = await jogg.send("DELETE", WHOAMI)
    assert (path.status, path.json["code"]) == (404, 10104)
    assert (method.status, method.json["code"]) == (405, 50000)


async def test_twenty_posts_a_minute(jogg):
    """The twenty-first POST, bad ones counted, is refused and free until a minute has passed."""
    for _ in range(10):
        await jogg.post(GENERATE, PHOTO)
    pass_time(30)
    for _ in range(9):
        await jogg.post(GENERATE, PHOTO)
    await jogg.post(GENERATE, {})
    refused = await jogg.post(GENERATE, PHOTO)
    assert (refused.status, refused.json["code"], refused.json["data"]) == (429, 429, None)
    assert refused.json["msg"] == "Rate limit exceeded. Please try again later."
    assert refused.headers["Retry-After"] == "30"
    assert (await jogg.get(WHOAMI)).status == 200
    assert len(jogg.emulator.jogg_wallet.charges) == 19
    pass_time(30)
    codes = [(await jogg.post(GENERATE, PHOTO)).json["code"] for _ in range(11)]
    assert codes == [0] * 10 + [429]


@using(jogg_posts_per_minute=2, drift=Drift(jogg_retry_after=False))
async def test_the_wait_can_be_left_out(jogg):
    """By a switch a 429 does not say how long to wait; the room left is told all along."""
    replies = [await jogg.post(GENERATE, PHOTO) for _ in range(3)]
    left = [reply.headers["X-RateLimit-Remaining"] for reply in replies]
    assert ([reply.status for reply in replies], left) == ([200, 200, 429], ["1", "0", "0"])
    assert "Retry-After" not in replies[2].headers


@using(
    jogg_balance=1.0,
    jogg_posts_per_minute=2,
    drift=Drift(jogg_http={10104: 404, 10105: 403, 18020: 402, 40000: 400, 429: 200}),
)
async def test_codes_can_have_other_statuses(jogg):
    """By a switch each code comes under another HTTP status, its body unchanged."""
    replies = [
        await jogg.get("/v2/avatar_video/x"),
        await jogg.get(WHOAMI, headers={"x-api-key": "wrong"}),
        await jogg.post(ADD_MOTION, MOTION),
        await jogg.post(ADD_MOTION, {}),
        await jogg.post(ADD_MOTION, {}),
    ]
    assert [(reply.json["code"], reply.status) for reply in replies] == [
        (10104, 404),
        (10105, 403),
        (18020, 402),
        (40000, 400),
        (429, 200),
    ]


async def test_faults_strike_one_of_the_apis(jogg, api):
    """A route of JoggAI's is marked, and so is its star; the envelope is its own."""
    for route in (f"JOGG POST {ADD_MOTION}", "JOGG *"):
        jogg.emulator.faults.add(Fault(route=route, status=503, retry_after=7))
        struck = await jogg.post(ADD_MOTION, MOTION)
        assert (struck.status, struck.headers["Retry-After"]) == (503, "7")
        assert struck.json["code"] == 50000
        assert (await api.post(ADD_MOTION, {"id": "photo_ada"})).status == 200
        jogg.emulator.faults.clear()
    jogg.emulator.faults.add(Fault(route="*", status=503))
    assert (await jogg.post(ADD_MOTION, MOTION)).json["code"] == 0


async def test_photo_avatars_are_listed(jogg):
    """Items carry a number as status, the filter takes the word."""
    motions = [
        (await jogg.post(ADD_MOTION, {**MOTION, "name": name})).json["data"]
        for name in ("Ada", "Ben", "Ada II")
    ]
    jogg.emulator.complete(motions[1]["motion_id"])
    jogg.emulator.fail(motions[2]["motion_id"])
    path = "/v2/avatars/photo_avatars"
    rows = (await jogg.data(path))["avatars"]
    assert [row["id"] for row in rows] == [motion["avatar_id"] for motion in motions]
    assert [row["status"] for row in rows] == [0, 1, 2]
    for query, names in {
        "status=processing": ["Ada"],
        "status=completed": ["Ben"],
        "status=failed": ["Ada II"],
        "name=Ada": ["Ada", "Ada II"],
        "page=2&page_size=2": ["Ada II"],
        "page=3": [],
    }.items():
        found = (await jogg.data(f"{path}?{query}"))["avatars"]
        assert [row["name"] for row in found] == names, query


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [81, 82, 83, 84]),
        ("?gender=female", [81, 83]),
        ("?aspect_ratio=portrait&style=social", [84]),
        ("?age=young_adult", [83]),
        ("?scene=business&ethnicity=european", [81]),
        ("?page_size=3&page=2", [84]),
    ],
)
async def test_public_avatars_are_filtered(jogg, query, ids):
    """All given filters have to fit, also those the rows do not show."""
    rows = (await jogg.data(f"/v2/avatars/public{query}"))["avatars"]
    assert [row["id"] for row in rows] == ids
    assert all(row["aspect_ratio"] in (0, 1, 2) and "scene" not in row for row in rows)


@pytest.mark.parametrize(
    ("query", "ids"),
    [("", [9001, 9002, 9003]), ("?status=failed", [9003]), ("?name=again", [9002])],
)
async def test_custom_avatars_are_filtered(jogg, query, ids):
    """The account's instant avatars tell their status in words."""
    rows = (await jogg.data(f"/v2/avatars/custom{query}"))["avatars"]
    assert [row["id"] for row in rows] == ids
    assert all(row["avatar_status"] in ("processing", "completed", "failed") for row in rows)


@pytest.mark.parametrize(
    ("query", "names", "more"),
    [
        ("?language=german", ["Katja", "Conrad"], False),
        ("?language=english&gender=female&age=old", ["Libby"], False),
        ("?page_size=2", ["Christopher", "Jenny"], True),
        ("?page_size=5&page=3", ["Elvira", "Alvaro"], False),
        ("?page_size=6&page=2&language=english", [], False),
        ("?page_size=4&language=english", ["Christopher", "Jenny", "Ryan", "Libby"], False),
        ("?language=en-US", [], False),
        ("?use_case=podcast", [], False),
    ],
)
async def test_voices_are_filtered_and_paged(jogg, query, names, more):
    """All given filters have to fit, and has_more tells of another page."""
    data = await jogg.data(f"/v2/voices{query}")
    assert ([voice["name"] for voice in data["voices"]], data["has_more"]) == (names, more)


async def test_custom_voices_are_all_there(jogg):
    """The account's voices come with their number; a language may be empty."""
    data = await jogg.data("/v2/voices/custom")
    english = await jogg.data("/v2/voices/custom?language=english")
    assert (data["total"], len(data["voices"]), english["total"]) == (2, 2, 1)
    assert data["voices"][1]["language"] == ""


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/v2/voices?page=0", "page"),
        ("/v2/voices?page_size=101", "page_size"),
        ("/v2/voices?gender=Male", "gender"),
        ("/v2/voices?age=adult", "age"),
        ("/v2/voices?limit=5", "limit"),
        ("/v2/voices/custom?page=1", "page"),
        ("/v2/avatars/public?aspect_ratio=0", "aspect_ratio"),
        ("/v2/avatars/public?style=Social", "style"),
        ("/v2/avatars/public?scene=beach", "scene"),
        ("/v2/avatars/photo_avatars?status=1", "status"),
        ("/v2/avatars/custom?page=x", "page"),
        (f"{WHOAMI}?x=1", "x"),
        ("/v2/user/remaining_quota?x=1", "x"),
    ],
)
async def test_a_bad_query_is_a_parameter_error(jogg, path, param):
    """An unknown parameter, word or page is 40000 and named."""
    reply = await jogg.get(path)
    assert reply.json["code"] == 40000
    assert reply.json["msg"].startswith(f"Parameter error: {param}: ")
