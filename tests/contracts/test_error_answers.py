"""Every refusal of HeyGen's emulator, held against the contracts, and the error it becomes."""

from __future__ import annotations

import asyncio

import pytest

from heygen_async import (
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InsufficientCreditError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    SubmissionUnknownError,
)
from heygen_async.emulator import Drift, Fault
from tests.conftest import PORTRAIT, image_video

from .contract import HEYGEN, LEGACY
from .full_specs import LEGACY_PHOTO
from .refusals import heygen_at, refused
from .test_requests import sent
from .test_spec_requests import request_of

pytestmark = pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")

IMAGE_VIDEO = sent(request_of(image_video()).json)

GRAPH = {"product_graph": {"schema_version": "1"}}
BODIES = {
    "POST /v3/video-agents/{session_id}": {"message": "Hi"},
    "POST /v3/templates/{template_id}": {"variables": {}},
    "POST /v3/avatar-realtime/{stream_id}/text": {"delta": "Hi"},
    "POST /v3/workflows/{workflow_id}/versions": GRAPH,
    "PATCH /v3/workflows/{workflow_id}": {**GRAPH, "expected_revision": 0},
}
"""Good bodies for what there is not."""

OPERATIONS = sorted(HEYGEN.operations() | LEGACY.operations())


def has_id(operation):
    return "{" in operation


def has_body(operation):
    """Whether an empty object is a wrong body there, as it is where a field is required."""
    method, _, path = operation.partition(" ")
    optional = "/consent", "/generate", "/complete", "/rotate-secret", "/stop", "/cancel"
    return method == "POST" and not path.endswith(optional)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_wrong_key(operation):
    """Each operation answers 401 in the shape of its contract, whatever it was sent."""
    async with heygen_at("wrong") as (_, client, answers):
        assert isinstance(await refused(client, answers, operation), AuthenticationError)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if has_id(each)])
async def test_an_unknown_id(operation):
    """Each operation on one thing answers 404 if there is none."""
    method, _, path = operation.partition(" ")
    json = BODIES.get(operation)
    if method == "PUT":
        json = {"srt": {"type": "url", "url": "https://a.example/a.srt"}}
    elif method == "PATCH" and json is None:
        fields = HEYGEN.resolve(HEYGEN.request_schema(method, path))["properties"]
        json = {name: "Ada" for name in fields if name in ("name", "title")}
    async with heygen_at() as (_, client, answers):
        error = await refused(client, answers, operation, json=json)
    assert isinstance(error, NotFoundError)
    assert error.code.endswith("not_found")


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("operation", [each for each in OPERATIONS if has_body(each)])
async def test_an_empty_body(operation, as_text):
    """Each POST that needs fields answers 400; older ones of v2 in a plain text."""
    drift = Drift(v2_errors="text" if as_text else "object")
    async with heygen_at(drift=drift) as (_, client, answers):
        error = await refused(client, answers, operation)
    assert isinstance(error, BadRequestError)
    text = as_text and operation in LEGACY.operations()
    assert error.code == (None if text else "invalid_parameter")


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("GET /v3/videos", {"limit": 0}),
        ("GET /v3/videos", {"token": "nonsense"}),
        ("GET /v3/videos/statuses", {"video_ids": ",".join(map(str, range(101)))}),
        ("GET /v3/voices", {"type": "loud"}),
        ("GET /v3/avatars", {"limit": 51}),
        ("GET /v3/avatars/looks", {"avatar_type": "puppet"}),
        ("GET /v2/videos", {"limit": 101}),
    ],
)
async def test_a_wrong_query(operation, params):
    """A list answers 400 and names the parameter."""
    async with heygen_at() as (_, client, answers):
        error = await refused(client, answers, operation, params=params)
    assert isinstance(error, BadRequestError)
    assert error.param in params


async def test_an_empty_wallet():
    """A paid call without credit answers 402."""
    async with heygen_at(balance=0) as (_, client, answers):
        for path, body in (
            ("/v3/videos", IMAGE_VIDEO),
            ("/v3/avatars", {"type": "prompt", "name": "Ada", "prompt": "A countess"}),
            ("/v2/photo_avatar/photo/generate", sent(request_of(LEGACY_PHOTO).json)),
        ):
            error = await refused(client, answers, f"POST {path}", json=body)
            assert isinstance(error, InsufficientCreditError)
            assert error.code == "insufficient_credit"


async def test_too_many_jobs():
    """Above the limit of jobs a submission answers 429 and says how long to wait."""
    async with heygen_at(max_concurrent_jobs=1) as (_, client, answers):
        await client.request("POST", "/v3/videos", json=IMAGE_VIDEO)
        error = await refused(client, answers, "POST /v3/videos", json=IMAGE_VIDEO)
    assert isinstance(error, RateLimitError)
    assert error.retry_after >= 1


async def test_conflicts():
    """An upload that is not there yet and a key that is in use both answer 409."""
    async with heygen_at(latency=5.0) as (_, client, answers):
        body = {"filename": "a.png", "content_type": "image/png", "size_bytes": 9}
        slot = (await client.request("POST", "/v3/assets/direct-uploads", json=body))["data"]
        path = f"POST /v3/assets/{slot['asset_id']}/complete"
        error = await refused(client, answers, path)
        assert isinstance(error, ConflictError)
        assert error.code == "conflict"
        twins = (client.submit(image_video(), idempotency_key="same") for _ in range(2))
        _, error = sorted(
            await asyncio.gather(*twins, return_exceptions=True),
            key=lambda result: isinstance(result, Exception),
        )
    assert isinstance(error, SubmissionUnknownError)  # the first one goes on and may be paid
    assert isinstance(error.__cause__, ConflictError)
    assert error.__cause__.code == "request_in_progress"
    for answer in answers:
        answer.validate()


async def test_what_is_not_ones_own():
    """A public look cannot be deleted: 403, and 400 for a studio look, which cannot be renamed."""
    async with heygen_at() as (_, client, answers):
        looks = [look async for look in client.avatars.looks.list(ownership="public")]
        public = next(look.id for look in looks if look.avatar_type == "photo_avatar")
        studio = next(look.id for look in looks if look.avatar_type == "studio_avatar")
        error = await refused(client, answers, f"DELETE /v3/avatars/looks/{public}")
        assert isinstance(error, PermissionDeniedError)
        error = await refused(
            client, answers, f"PATCH /v3/avatars/looks/{studio}", json={"name": "Ada"}
        )
        assert isinstance(error, BadRequestError)


async def test_a_file_that_is_too_large():
    """An upload above the server's limit answers 413."""
    async with heygen_at(max_upload=1000) as (_, client, answers):
        with pytest.raises(BadRequestError) as caught:
            await client.assets.upload(PORTRAIT)
    assert (caught.value.status, caught.value.code) == (413, "payload_too_large")
    answers[-1].validate()


@pytest.mark.parametrize("operation", sorted(each for each in OPERATIONS if " /v2/" in each))
async def test_a_retired_version(operation):
    """Once v2 is switched off, each of its operations answers 410 in its old shape."""
    async with heygen_at(drift=Drift(v2_retired=True)) as (_, client, answers):
        error = await refused(client, answers, operation)
    assert (error.status, error.code) == (410, "gone")


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("path", ["/v3/users/me", "/v2/photo_avatar/nobody"])
async def test_a_server_in_trouble(path, status):
    """A failure of the server has the shape of every other refusal."""
    async with heygen_at() as (emulator, client, answers):
        emulator.faults.add(Fault(route="*", status=status, retry_after=7))
        error = await refused(client, answers, f"GET {path}")
    assert isinstance(error, RateLimitError if status == 429 else ServerError)
    assert error.retry_after == 7
