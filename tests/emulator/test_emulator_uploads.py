"""Direct uploads, single assets, and the account."""

from __future__ import annotations

import base64
import hashlib

import pytest

from .conftest import pass_time, using

CONTENT = b"%PDF-1.7 large"
SHA = hashlib.sha256(CONTENT).digest()
ANNOUNCED = {
    "filename": "large.pdf",
    "content_type": "application/pdf",
    "size_bytes": len(CONTENT),
    "checksum_sha256": SHA.hex(),
}
DIRECT = "/v3/assets/direct-uploads"


@pytest.fixture
async def place(api):
    reply = await api.post(DIRECT, ANNOUNCED)
    assert reply.status == 200, reply.text
    return reply.json["data"]


async def put(session, place, content=CONTENT, **options):
    """Return status and text of a PUT, with the given headers unless told otherwise."""
    headers = options.pop("headers", place["upload_headers"])
    async with session.put(place["upload_url"], data=content, headers=headers) as response:
        return response.status, await response.text()


async def complete(api, place, body=None):
    return await api.post(f"/v3/assets/{place['asset_id']}/complete", body or {})


async def test_a_direct_upload_becomes_an_asset(api, session, place):
    """Create, PUT, complete: the asset is there, and completing again changes nothing."""
    assert (place["status"], place["expires_in_seconds"]) == ("pending_upload", 3600)
    assert place["upload_url"].startswith(api.emulator.files_url)
    assert await put(session, place) == (200, "")
    done = await complete(api, place, {"checksum_sha256": SHA.hex()})
    uploaded_at = (await api.data(f"/v3/assets/{place['asset_id']}"))["uploaded_at"]
    pass_time(60)
    again = await complete(api, place)
    data = done.json["data"]
    assert (data["status"], data["mime_type"], data["size_bytes"]) == (
        "processing",
        "application/pdf",
        len(CONTENT),
    )
    assert again.json["data"]["asset_id"] == data["asset_id"] == place["asset_id"]
    assert api.emulator.assets[place["asset_id"]].uploaded_at == uploaded_at
    async with session.get(data["url"]) as response:
        assert await response.read() == CONTENT


async def test_completing_before_the_put_is_a_conflict(api, session, place):
    """It is 409 until the file has arrived, and 404 for an unknown asset."""
    early = await complete(api, place)
    await put(session, place)
    unknown = await complete(api, {"asset_id": "x"})
    assert (early.status, early.error["code"]) == (409, "conflict")
    assert (await complete(api, place)).status == 200
    assert (unknown.status, unknown.error["code"]) == (404, "asset_not_found")


REFUSED = [
    (CONTENT, {"x-api-key": "emulator-key"}, 400, "InvalidArgument"),
    (CONTENT, {"Authorization": "Bearer emulator-key"}, 400, "InvalidArgument"),
    (CONTENT, {"Content-Type": "text/plain"}, 403, "SignatureDoesNotMatch"),
    (CONTENT, {"x-amz-meta-origin": ""}, 403, "SignatureDoesNotMatch"),
    (CONTENT[:-1], {}, 400, "IncompleteBody"),
    (CONTENT + b".", {}, 400, "EntityTooLarge"),
    (CONTENT[:-1] + b"!", {}, 400, "BadDigest"),
]


@pytest.mark.parametrize("case", REFUSED)
async def test_a_put_has_to_be_the_announced_one(api, session, place, case):
    """A key, another header, size or content is refused in XML, and nothing is kept."""
    content, changes, status, code = case
    answer = await put(session, place, content, headers={**place["upload_headers"], **changes})
    assert answer[0] == status
    assert f"<Code>{code}</Code>" in answer[1]
    assert (await complete(api, place)).status == 409


async def test_a_put_needs_a_length(session, place):
    """A chunked body is refused, as presigned URLs do."""

    async def chunks():
        yield CONTENT

    status, text = await put(session, place, chunks())
    assert status == 411
    assert "MissingContentLength" in text


async def test_the_place_expires(session, place):
    """After an hour the URL is 403."""
    pass_time(3601)
    assert (await put(session, place))[0] == 403


async def test_a_place_is_only_written(session, place):
    """The presigned URL of an upload cannot be read, and a forged one not be written."""
    async with session.get(place["upload_url"]) as response:
        assert response.status == 405
    forged = {**place, "upload_url": place["upload_url"].replace("signature=", "signature=0")}
    assert (await put(session, forged))[0] == 403


async def test_the_checksum_may_be_base64(api, session):
    """Hex and base64 are both understood, and both are checked."""
    body = {**ANNOUNCED, "checksum_sha256": base64.b64encode(SHA).decode()}
    place = (await api.post(DIRECT, body)).json["data"]
    assert (await put(session, place, CONTENT[::-1]))[0] == 400
    assert (await put(session, place))[0] == 200
    wrong = await complete(api, place, {"checksum_sha256": SHA[::-1].hex()})
    assert (wrong.status, wrong.error["param"]) == (400, "checksum_sha256")


async def test_the_content_has_to_be_of_its_type(api, session):
    """A file that is not what was announced cannot be completed."""
    body = {**ANNOUNCED, "content_type": "image/png", "checksum_sha256": None}
    place = (await api.post(DIRECT, body)).json["data"]
    await put(session, place)
    reply = await complete(api, place)
    assert (reply.status, reply.error["param"]) == (400, "content_type")


async def test_direct_uploads_honour_the_key(api):
    """A repeated POST under a key gets the same place."""
    headers = {"Idempotency-Key": "upload-1"}
    first = await api.post(DIRECT, ANNOUNCED, headers=headers)
    assert (await api.post(DIRECT, ANNOUNCED, headers=headers)).text == first.text


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"filename": ""}, "filename"),
        ({"content_type": "text/plain"}, "content_type"),
        ({"size_bytes": 0}, "size_bytes"),
        ({"size_bytes": "14"}, "size_bytes"),
        ({"size_bytes": 2**40}, "size_bytes"),
        ({"checksum_sha256": "abc"}, "checksum_sha256"),
        ({"folder_id": "f"}, "folder_id"),
    ],
)
async def test_a_bad_announcement_is_refused(api, changes, param):
    """What departs from the page is a 400 that names it."""
    reply = await api.post(DIRECT, {**ANNOUNCED, **changes})
    assert (reply.status, reply.error["param"]) == (400, param)


@using(max_upload=10)
async def test_the_limit_of_plain_uploads_is_an_option(api):
    """Ten bytes go through, eleven are 413."""
    fits = await api.upload(b"%PDF-12345")
    over = await api.upload(b"%PDF-123456")
    assert (fits.status, over.status) == (200, 413)
    assert (over.error["code"], over.error["param"]) == ("payload_too_large", "file")


async def test_an_asset_is_shown_and_deleted(api, session):
    """GET tells name, type and a URL; after DELETE both are gone."""
    asset_id = (await api.upload(CONTENT)).json["data"]["asset_id"]
    shown = await api.data(f"/v3/assets/{asset_id}")
    deleted = await api.send("DELETE", f"/v3/assets/{asset_id}")
    assert (shown["id"], shown["name"], shown["type"]) == (asset_id, "upload", "application")
    assert isinstance(shown["uploaded_at"], int)
    assert deleted.json["data"] == {"id": asset_id}
    async with session.get(shown["url"]) as response:
        assert response.status == 404
    for method in ("GET", "DELETE"):
        reply = await api.send(method, f"/v3/assets/{asset_id}")
        assert (reply.status, reply.error["code"]) == (404, "asset_not_found")


async def test_the_user_pays_from_a_wallet(api):
    """Exactly one block is populated, and its balance is the wallet's."""
    await api.create()
    user = await api.data("/v3/users/me")
    assert (user["billing_type"], user["wallet"]["remaining_balance"]) == ("wallet", 9_999.0)
    assert user["subscription"] is user["usage_based"] is None
    assert (await api.get("/v3/users/me?x=1")).error["param"] == "x"
