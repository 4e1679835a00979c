"""Every request that makes no job, held against the contracts; and that there are no others."""

from __future__ import annotations

import inspect
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async.protocol import (
    heygen_avatars,
    heygen_legacy,
    heygen_media,
    heygen_users,
    heygen_videos,
    jogg,
    jogg_vendor,
)
from heygen_async.protocol.idempotency import honours_key
from heygen_async.protocol.request import Upload

from .contract import HEYGEN, JOGG, LEGACY, contract_of
from .other_strategies import STRATEGIES
from .strategies import texts, urls
from .test_requests import nulls, sent
from .test_spec_requests import HOMES

UPLOAD = Upload(content=b"x" * 9, filename="a.png", content_type="image/png", size=9)
COMPLETION = heygen_media.complete_direct_upload("a1")

NO_CHECKSUM = "the server compares size_bytes; a checksum would mean reading the file twice"
NOT_SAID = {
    "consent_video": "the person consents on the vendor's page; a video of it is not supported",
    "checksum_sha256": NO_CHECKSUM,
    "batch_ids": "videos are submitted one by one",
}

HEYGEN_REQUESTS = {
    "GET /v3/videos": heygen_videos.list_videos(limit=100, token="t", folder_id="f", title="n"),
    "GET /v3/videos/{video_id}": heygen_videos.get_video("v1"),
    "DELETE /v3/videos/{video_id}": heygen_videos.delete_video("v1"),
    "GET /v3/videos/statuses": heygen_videos.video_words(["a", "b"]),
    "POST /v3/assets": heygen_media.upload_asset(UPLOAD),
    "GET /v3/assets/{asset_id}": heygen_media.get_asset("a1"),
    "DELETE /v3/assets/{asset_id}": heygen_media.delete_asset("a1"),
    "POST /v3/assets/direct-uploads": heygen_media.create_direct_upload(UPLOAD),
    "POST /v3/assets/{asset_id}/complete": COMPLETION,
    "GET /v3/voices": heygen_media.list_voices(
        type="private", engine="e", language="l", gender="g", limit=100, token="t"
    ),
    "GET /v3/avatars": heygen_avatars.list_groups(ownership="private", limit=50, token="t"),
    "GET /v3/avatars/{group_id}": heygen_avatars.get_group("g1"),
    "DELETE /v3/avatars/{group_id}": heygen_avatars.delete_group("g1"),
    "POST /v3/avatars/{group_id}/consent": heygen_avatars.ask_consent(
        "g1", reroute_url="https://a.example", consent_text="I agree"
    ),
    "GET /v3/avatars/looks": heygen_avatars.list_looks(
        group_id="g1", avatar_type="photo_avatar", ownership="public", limit=50, token="t"
    ),
    "GET /v3/avatars/looks/{look_id}": heygen_avatars.get_look("l1"),
    "PATCH /v3/avatars/looks/{look_id}": heygen_avatars.rename_look("l1", "Ada"),
    "DELETE /v3/avatars/looks/{look_id}": heygen_avatars.delete_look("l1"),
    "GET /v3/users/me": heygen_users.me(),
    "GET /v2/videos": heygen_legacy.list_videos(limit=100, token="t", folder_id="f", title="n"),
    "GET /v2/videos/{video_id}": heygen_legacy.get_video("v1"),
    "DELETE /v2/videos/{video_id}": heygen_legacy.delete_video("v1"),
}
LEGACY_REQUESTS = {
    "GET /v2/photo_avatar/{id}": heygen_legacy.get_photo_avatar("l1"),
    "GET /v2/photo_avatar/generation/{generation_id}": heygen_legacy.get_generation("g1"),
    "GET /v2/photo_avatar/train/status/{group_id}": heygen_legacy.get_training("g1"),
}
JOGG_REQUESTS = {
    "GET /v2/photo_avatar/photo": jogg.look_at_photo("p1"),
    "GET /v2/photo_avatar": jogg.look_at_motion("m1"),
    "GET /v2/avatar_video/{id}": jogg.look_at_video("v1"),
    "GET /v2/avatars/public": jogg.list_avatars(
        "public",
        page=1,
        size=100,
        aspect_ratio="square",
        style="social",
        gender="male",
        age="senior",
        scene="news",
        ethnicity="east_asian",
    ),
    "GET /v2/avatars/custom": jogg.list_avatars(
        "custom", page=1, size=100, name="n", status="completed"
    ),
    "GET /v2/avatars/photo_avatars": jogg.list_avatars(
        "photo_avatars", page=1, size=100, name="n", status="failed"
    ),
    "GET /v2/voices": jogg.list_voices(
        page=1, size=100, gender="female", language="english", age="old", use_case="u"
    ),
    "GET /v2/voices/custom": jogg.list_custom_voices(language="english"),
    "GET /v2/user/whoami": jogg.whoami(),
    "GET /v2/user/remaining_quota": jogg.remaining_quota(),
    "POST /v2/upload/asset": jogg_vendor.sign_upload(UPLOAD),
}
ALL = [
    *((HEYGEN, name, request) for name, request in HEYGEN_REQUESTS.items()),
    *((LEGACY, name, request) for name, request in LEGACY_REQUESTS.items()),
    *((JOGG, name, request) for name, request in JOGG_REQUESTS.items()),
]
IDS = [f"{request.method} {request.path}" for _, _, request in ALL]

BARE = [
    heygen_videos.list_videos(limit=1, token=None, folder_id=None, title=None),
    heygen_media.list_voices(
        type=None, engine=None, language=None, gender=None, limit=1, token=None
    ),
    heygen_avatars.list_groups(ownership=None, limit=1, token=None),
    heygen_avatars.list_looks(group_id=None, avatar_type=None, ownership=None, limit=1, token=None),
    heygen_avatars.ask_consent("g1", reroute_url=None, consent_text=None),
]


def check(contract: Any, request: Any) -> None:
    """Require query and body to be the contract's and in its bounds."""
    known = contract.request_parameters(request.method, request.path)
    assert request.params.keys() <= known.keys()
    for name, text in request.params.items():
        schema = known[name]["schema"]
        value = int(text) if schema.get("type") == "integer" else text
        jsonschema.Draft202012Validator(schema).validate(value)
    if request.json is not None:
        assert not nulls(request.json)
        contract.validate_request(request.method, request.path, sent(request.json))


@pytest.mark.parametrize(("contract", "name", "request_"), ALL, ids=IDS)
def test_requests_are_the_contracts(contract, name, request_):
    """Path, query and body are those of the operation, and all of its options can be given."""
    assert contract.name_of(request_.method, request_.path) == name
    check(contract, request_)
    known = contract.request_parameters(request_.method, request_.path)
    assert known.keys() - request_.params.keys() <= NOT_SAID.keys()
    if request_.json is not None:
        allowed = set(contract.walk(contract.request_schema(request_.method, request_.path)))
        missing = {field for field in allowed if field.lstrip(".") not in request_.json}
        assert all(any(part in field for part in NOT_SAID) for field in missing)


@pytest.mark.parametrize("request_", BARE, ids=lambda request: request.path)
def test_absent_options_are_left_out(request_):
    """An option that was not given is not sent, neither empty nor as None."""
    check(HEYGEN, request_)
    assert request_.params.keys() <= {"limit"}
    assert not request_.json


def test_every_operation_has_a_request_and_every_request_an_operation():
    """Requests and contracts have the same operations: nothing unchecked, nothing left over."""
    made = {(contract, name) for contract, name, _ in ALL}
    for cls in STRATEGIES:
        path = HOMES[cls.__name__]
        api = "JoggAI" if cls.__name__.startswith("Jogg") else "HeyGen"
        made.add((contract_of(api, path), f"POST {path}"))
    for contract in (HEYGEN, LEGACY, JOGG):
        assert {name for each, name in made if each is contract} == contract.operations()


@pytest.mark.parametrize(
    ("contracts", "modules"),
    [
        (
            (HEYGEN, LEGACY),
            (heygen_avatars, heygen_legacy, heygen_media, heygen_users, heygen_videos),
        ),
        ((JOGG,), (jogg, jogg_vendor)),
    ],
    ids=["heygen", "jogg"],
)
def test_no_path_of_the_package_is_forgotten(contracts, modules):
    """Each path that the protocol writes down stands in a contract, and each of those there."""
    known = {path for contract in contracts for path in contract.document["paths"]}
    sources = "".join(inspect.getsource(module) for module in modules)
    written = [re.sub(r"\{\w*\}", "[^/]+", path) for path in re.findall(r'"(/v\d/.+?)"', sources)]
    assert len(written) >= 10
    assert not [shape for shape in written if not any(re.fullmatch(shape, path) for path in known)]
    assert not [path for path in known if not any(re.fullmatch(shape, path) for shape in written)]


@given(st.binary(min_size=1, max_size=30), texts, st.sampled_from(["image/png", "video/mp4"]))
def test_any_upload_fits(content, filename, content_type):
    """A direct upload and JoggAI's signed one ask with the file's own facts."""
    upload = Upload(
        content=content, filename=filename, content_type=content_type, size=len(content)
    )
    for contract, request, size in (
        (HEYGEN, heygen_media.create_direct_upload(upload), "size_bytes"),
        (JOGG, jogg_vendor.sign_upload(upload), "file_size"),
    ):
        check(contract, request)
        assert request.json == {
            "filename": filename,
            "content_type": content_type,
            size: len(content),
        }


@given(urls | st.none(), texts | st.none(), st.from_regex(r"[a-z0-9_-]{1,40}", fullmatch=True))
def test_any_consent_fits(reroute_url, consent_text, group_id):
    """Consent is asked for with what was given and no more."""
    request = heygen_avatars.ask_consent(
        group_id, reroute_url=reroute_url, consent_text=consent_text
    )
    check(HEYGEN, request)
    assert request.path == f"/v3/avatars/{group_id}/consent"


@given(st.text(min_size=1, max_size=20).filter(str.isprintable))
def test_any_id_stays_one_part_of_the_path(text):
    """An id with a slash, a question mark or a space does not become another operation."""
    if text in {".", ".."}:
        return
    for build, name in (
        (heygen_avatars.get_look, "GET /v3/avatars/looks/{look_id}"),
        (heygen_legacy.get_training, "GET /v2/photo_avatar/train/status/{group_id}"),
    ):
        request = build(text)
        prefix = name.partition(" ")[2].partition("{")[0]
        assert request.path.startswith(prefix)
        assert not set(request.path.removeprefix(prefix)) & set("/?# ")


def test_uploads_go_as_the_contract_has_them():
    """``POST /v3/assets`` is multipart with one part, ``file``."""
    content = HEYGEN.operation("POST", "/v3/assets")["requestBody"]["content"]
    schema = content["multipart/form-data"]["schema"]
    assert schema["properties"].keys() == {"file"}
    request = HEYGEN_REQUESTS["POST /v3/assets"]
    assert request.upload is UPLOAD
    assert not UPLOAD.raw
    assert request.json is None


def test_only_v3_honours_a_key():
    """No operation of v2 or JoggAI lists the header, and none is said to honour it."""
    for contract in (LEGACY, JOGG):
        for operation in contract.operations():
            method, _, path = operation.partition(" ")
            assert "Idempotency-Key" not in contract.request_parameters(method, path, "header")
            assert not honours_key(method, path)
