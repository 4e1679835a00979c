"""Avatars of v3: making looks, waiting for them, consent, lists, and their use in videos."""

from __future__ import annotations

import pytest

from heygen_async.emulator import Drift

from .conftest import pass_time, using

FILE = {"type": "url", "url": "https://example.com/ada.jpg"}
PHOTO = {"type": "photo", "name": "Ada", "file": FILE}
TWIN = {"type": "digital_twin", "name": "Ben", "file": {**FILE, "url": "https://example.com/b.mp4"}}
PROMPT = {"type": "prompt", "name": "Cara", "prompt": "a baker"}
KEY = {"Idempotency-Key": "avatar-1"}
LOOKS = "/v3/avatars/looks"


async def make(api, body=PHOTO):
    """Return the look and the group that a request makes."""
    reply = await api.post("/v3/avatars", body)
    assert reply.status == 200, reply.text
    return reply.json["data"]["avatar_item"], reply.json["data"]["avatar_group"]


async def render(api, look_id):
    return await api.create(
        {"type": "avatar", "avatar_id": look_id, "script": "Hi", "voice_id": "v1"}
    )


GOOD = {
    "photo": PHOTO,
    "photo in base64": {
        **PHOTO,
        "file": {"type": "base64", "media_type": "image/png", "data": "aGk="},
    },
    "photo without a group": {**PHOTO, "avatar_group_id": None},
    "twin": TWIN,
    "prompt": PROMPT,
    "prompt with all": {
        **PROMPT,
        "prompt": "x" * 1000,
        "reference_images": [FILE] * 3,
        "avatar_id": "photo_ada",
    },
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD.keys())
async def test_a_good_request_makes_a_look(api, body):
    """Look and group are there at once, processing, and charged once."""
    look, group = await make(api, body)
    assert (look["status"], look["group_id"], look["name"]) == (
        "processing",
        group["id"],
        body["name"],
    )
    assert look["avatar_type"] == ("digital_twin" if body is TWIN else "photo_avatar")
    assert (group["looks_count"], group["status"]) == (1, "processing")
    assert look["preview_image_url"] is look["image_width"] is look["error"] is None
    assert [charge.amount for charge in api.emulator.wallet.charges_of(look["id"])] == [1.0]


BAD = [
    ({**PHOTO, "type": "video"}, "type"),
    ({**PHOTO, "file": None}, "file"),
    ({"type": "photo", "name": "Ada"}, "file"),
    ({"type": "photo", "file": FILE}, "name"),
    ({**PHOTO, "prompt": "p"}, "prompt"),
    ({**PHOTO, "file": "https://example.com/a.jpg"}, "file"),
    ({**PHOTO, "file": {**FILE, "asset_id": "a"}}, "file.asset_id"),
    (
        {**PHOTO, "file": {"type": "base64", "media_type": "video/mp4", "data": "aGk="}},
        "file.media_type",
    ),
    (
        {**TWIN, "file": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
        "file.media_type",
    ),
    ({**PROMPT, "prompt": "x" * 1001}, "prompt"),
    ({**PROMPT, "reference_images": [FILE] * 4}, "reference_images"),
    ({**PROMPT, "reference_images": [{"type": "url"}]}, "reference_images[0].url"),
    ({**PROMPT, "file": FILE}, "file"),
]


@pytest.mark.parametrize(("body", "param"), BAD)
async def test_a_bad_request_names_its_parameter(api, body, param):
    """What departs from the page is a 400, and nothing is made or charged."""
    reply = await api.post("/v3/avatars", body)
    assert (reply.status, reply.error["code"]) == (400, "invalid_parameter")
    assert reply.error["param"] == param
    assert not api.emulator.jobs
    assert not api.emulator.wallet.charges


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (
            {**PHOTO, "file": {"type": "asset_id", "asset_id": "x"}},
            "asset_not_found",
            "file.asset_id",
        ),
        ({**PHOTO, "avatar_group_id": "x"}, "avatar_group_not_found", "avatar_group_id"),
        ({**PHOTO, "avatar_group_id": "group_ada"}, "avatar_group_not_found", "avatar_group_id"),
        ({**PROMPT, "avatar_id": "x"}, "avatar_not_found", "avatar_id"),
    ],
)
async def test_what_is_named_has_to_exist(api, body, code, param):
    """An unknown asset, group or look is a 404 of its own code; a public group is not one's own."""
    reply = await api.post("/v3/avatars", body)
    assert (reply.status, reply.error["code"], reply.error["param"]) == (404, code, param)


async def test_a_key_makes_one_avatar(api):
    """A repeated POST under a key gets the first look."""
    first = await api.post("/v3/avatars", PHOTO, headers=KEY)
    second = await api.post("/v3/avatars", PHOTO, headers=KEY)
    assert first.text == second.text
    assert len(api.emulator.jobs) == len(api.emulator.wallet.charges) == 1


async def test_a_photo_is_completed_with_its_preview(api, session):
    """With completion come a picture that can be fetched and its size."""
    look, _ = await make(api)
    api.emulator.complete(look["id"])
    look = await api.data(f"{LOOKS}/{look['id']}")
    assert (look["status"], look["image_width"], look["image_height"]) == ("completed", 160, 90)
    assert look["preferred_orientation"] == "landscape"
    async with session.get(look["preview_image_url"]) as response:
        assert (response.status, response.content_type) == (200, "image/jpeg")


async def test_a_failed_look_says_why(api):
    """A failure shows on look and group."""
    look, group = await make(api)
    api.emulator.fail(look["id"], "no_face", "No face found.")
    error = {"code": "no_face", "message": "No face found."}
    for path in (f"{LOOKS}/{look['id']}", f"/v3/avatars/{group['id']}"):
        shown = await api.data(path)
        assert (shown["status"], shown["error"]) == ("failed", error)


@using(drift=Drift(preview_delay=30.0))
async def test_a_preview_can_be_late(api):
    """A photo is completed before its preview is there, and a video in between fails."""
    look, _ = await make(api)
    api.emulator.complete(look["id"])
    early = await api.data(f"{LOOKS}/{look['id']}")
    doomed = (await render(api, look["id"])).json["data"]["video_id"]
    pass_time(31)
    late = await api.data(f"{LOOKS}/{look['id']}")
    good = (await render(api, look["id"])).json["data"]["video_id"]
    assert (early["status"], early["preview_image_url"], early["image_width"]) == (
        "completed",
        None,
        None,
    )
    assert late["preview_image_url"]
    assert late["image_width"]
    assert api.emulator.videos[doomed].failure
    assert not api.emulator.videos[good].failure


async def test_a_look_can_be_used_once_it_is_completed(api):
    """Before, a video with it is a 400 avatar_not_usable, free of charge."""
    look, _ = await make(api)
    early = await render(api, look["id"])
    api.emulator.complete(look["id"])
    late = await render(api, look["id"])
    assert (early.status, early.error["code"], early.error["param"]) == (
        400,
        "avatar_not_usable",
        "avatar_id",
    )
    assert late.status == 200
    assert len(api.emulator.wallet.charges) == 2


async def test_a_twin_waits_for_its_consent(api):
    """After processing a twin is pending_consent until the test says the person agreed."""
    look, group = await make(api, TWIN)
    api.emulator.complete(look["id"])
    waiting = await api.data(f"{LOOKS}/{look['id']}")
    refused = await render(api, look["id"])
    api.emulator.consent(group["id"])
    agreed = await api.data(f"{LOOKS}/{look['id']}")
    assert (waiting["status"], agreed["status"]) == ("pending_consent", "completed")
    assert refused.error["code"] == "avatar_not_usable"
    assert (await render(api, look["id"])).status == 200
    assert (await api.data(f"/v3/avatars/{group['id']}"))["consent_status"] == "approved"


async def test_the_page_of_consent_gives_it(api, session):
    """The URL of consent, once visited, completes the twin; a forged one does not."""
    look, group = await make(api, TWIN)
    api.emulator.complete(look["id"])
    path = f"/v3/avatars/{group['id']}/consent"
    asked = (await api.post(path, {"reroute_url": "https://example.com/thanks"})).json["data"]
    assert asked["avatar_group"]["consent_status"] == "pending"
    for url, status in ((asked["url"] + "0", 403), (asked["url"], 200)):
        before = (await api.data(f"{LOOKS}/{look['id']}"))["status"]
        async with session.get(url) as response:
            assert (response.status, before) == (status, "pending_consent")
    assert (await api.data(f"{LOOKS}/{look['id']}"))["status"] == "completed"
    assert (await api.post(path, {})).json["data"]["url"] is None


async def test_a_video_of_consent_gives_it_too(api):
    """With consent_video no page has to be visited."""
    _, group = await make(api, TWIN)
    body = {"consent_video": TWIN["file"], "consent_text": "I agree"}
    data = (await api.post(f"/v3/avatars/{group['id']}/consent", body)).json["data"]
    assert (data["url"], data["avatar_group"]["consent_status"]) == (None, "approved")


async def test_consent_honours_its_key(api):
    """A repeated request under a key gets the same URL."""
    _, group = await make(api, TWIN)
    path = f"/v3/avatars/{group['id']}/consent"
    first = await api.post(path, {}, headers=KEY)
    pass_time(5)
    assert (await api.post(path, {}, headers=KEY)).text == first.text


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"consent_text": "x" * 1001}, "consent_text"),
        ({"reroute_url": "thanks"}, "reroute_url"),
        ({"consent_video": {"type": "url"}}, "consent_video.url"),
        ({"text": "x"}, "text"),
    ],
)
async def test_a_bad_consent_is_refused(api, body, param):
    """A body that departs from the page is a 400."""
    _, group = await make(api, TWIN)
    reply = await api.post(f"/v3/avatars/{group['id']}/consent", body)
    assert (reply.status, reply.error["param"]) == (400, param)


async def test_consent_is_for_twins(api):
    """A photo needs none, and an unknown group has none."""
    _, group = await make(api)
    photo = await api.post(f"/v3/avatars/{group['id']}/consent", {})
    unknown = await api.post("/v3/avatars/x/consent", {})
    assert (photo.status, photo.error["param"]) == (400, "group_id")
    assert (unknown.status, unknown.error["code"]) == (404, "avatar_group_not_found")


async def test_groups_are_listed_by_ownership(api):
    """Public groups and the account's own ones can be asked for apart."""
    _, group = await make(api)
    ids = {
        query: [row["id"] for row in (await api.get(f"/v3/avatars{query}")).json["data"]]
        for query in ("", "?ownership=public", "?ownership=private")
    }
    assert ids["?ownership=private"] == [group["id"]]
    assert ids["?ownership=public"] == ["group_ada", "group_ben", "group_greta"]
    assert ids[""] == [*ids["?ownership=public"], group["id"]]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("ownership=public&avatar_type=photo_avatar", ["photo_ada", "photo_silent"]),
        ("avatar_type=studio_avatar", ["studio_greta"]),
        ("group_id=group_ben", ["twin_ben", "twin_plain"]),
        ("group_id=nobody", []),
        ("ownership=private", []),
    ],
)
async def test_looks_are_filtered(api, query, ids):
    """All given filters have to fit."""
    assert [look["id"] for look in await api.data(f"{LOOKS}?{query}")] == ids


@pytest.mark.parametrize("path", ["/v3/avatars", LOOKS])
async def test_lists_are_paged(api, path):
    """Pages follow one another by token and are no larger than 50."""
    for _ in range(30):
        await make(api)
    first = (await api.get(path)).json
    second = (await api.get(f"{path}?limit=50&token={first['next_token']}")).json
    assert len(first["data"]) == 20
    assert first["has_more"]
    assert not second["has_more"]
    rows = [row["id"] for row in first["data"] + second["data"]]
    assert len(rows) == len(set(rows)) > 30


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/v3/avatars?limit=51", "limit"),
        ("/v3/avatars?limit=0", "limit"),
        ("/v3/avatars?ownership=mine", "ownership"),
        ("/v3/avatars?token=x", "token"),
        ("/v3/avatars?name=x", "name"),
        (f"{LOOKS}?avatar_type=photo", "avatar_type"),
        (f"{LOOKS}?limit=" + "9" * 5000, "limit"),
        (f"{LOOKS}/photo_ada?full=1", "full"),
        ("/v3/avatars/group_ada?full=1", "full"),
    ],
)
async def test_a_bad_query_is_refused(api, path, param):
    """An unknown parameter, word or size is a 400 that names it."""
    reply = await api.get(path)
    assert (reply.status, reply.error["param"]) == (400, param)


@pytest.mark.parametrize("path", ["/v3/avatars", "/v3/avatars/group_ada/consent"])
async def test_a_query_beside_a_body_is_refused(api, path):
    """A POST has no query parameters."""
    reply = await api.post(f"{path}?dry_run=1", PHOTO)
    assert (reply.status, reply.error["param"]) == (400, "dry_run")


async def test_public_looks_have_no_status(api):
    """Status is for private looks; public ones are there with preview and voice."""
    look = await api.data(f"{LOOKS}/photo_ada")
    assert (look["status"], look["default_voice_id"], look["gender"]) == (None, "v1", "female")
    assert look["preview_image_url"]


async def test_a_look_is_renamed(api):
    """PATCH gives another name; null leaves it as it is."""
    look, _ = await make(api)
    path = f"{LOOKS}/{look['id']}"
    renamed = await api.send("PATCH", path, json={"name": "Ada II"})
    await api.send("PATCH", path, json={"name": None})
    assert renamed.json["data"]["name"] == (await api.data(path))["name"] == "Ada II"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"{LOOKS}/x", 404, "not_found"),
        ("PATCH", f"{LOOKS}/x", 404, "not_found"),
        ("PATCH", f"{LOOKS}/studio_greta", 400, "invalid_parameter"),
        ("PATCH", f"{LOOKS}/photo_ada", 404, "not_found"),
        ("DELETE", f"{LOOKS}/x", 404, "not_found"),
        ("DELETE", f"{LOOKS}/studio_greta", 400, "invalid_parameter"),
        ("DELETE", f"{LOOKS}/photo_ada", 403, "forbidden"),
        ("GET", "/v3/avatars/x", 404, "avatar_group_not_found"),
        ("DELETE", "/v3/avatars/x", 404, "avatar_not_found"),
        ("DELETE", "/v3/avatars/group_ada", 404, "avatar_not_found"),
    ],
)
async def test_what_cannot_be_touched(api, method, path, status, code):
    """Unknown, public and studio avatars are refused with the codes of the pages."""
    body = {"json": {"name": "N"}} if method == "PATCH" else {}
    reply = await api.send(method, path, **body)
    assert (reply.status, reply.error["code"]) == (status, code)


@pytest.mark.parametrize(
    ("body", "param"), [({"name": "x" * 256}, "name"), ({"title": "N"}, "title")]
)
async def test_a_bad_change_is_refused(api, body, param):
    """PATCH takes a name of at most 255 characters and nothing else."""
    look, _ = await make(api)
    reply = await api.send("PATCH", f"{LOOKS}/{look['id']}", json=body)
    assert (reply.status, reply.error["param"]) == (400, param)


async def test_the_last_look_takes_its_group_along(api):
    """A second look joins a group; when both are deleted the group is gone."""
    first, group = await make(api)
    second, grown = await make(api, {**PHOTO, "avatar_group_id": group["id"]})
    assert (grown["id"], grown["looks_count"]) == (group["id"], 2)
    left = []
    for look in (first, second):
        reply = await api.send("DELETE", f"{LOOKS}/{look['id']}")
        assert reply.json["data"] == {"id": look["id"]}
        left.append((await api.get(f"/v3/avatars/{group['id']}")).status)
    assert left == [200, 404]
    assert not api.emulator.jobs


async def test_a_deleted_group_takes_its_looks_along(api):
    """The looks of a deleted group are not found any more."""
    look, group = await make(api)
    reply = await api.send("DELETE", f"/v3/avatars/{group['id']}")
    assert reply.json["data"] == {"id": group["id"]}
    assert (await api.get(f"{LOOKS}/{look['id']}")).status == 404
