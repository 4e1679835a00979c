"""Every refusal of JoggAI's emulator, held against the contract, and the error it becomes."""

from __future__ import annotations

import pytest

from heygen_async import (
    AuthenticationError,
    BadRequestError,
    InsufficientCreditError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from heygen_async.emulator import Drift, Fault

from .contract import JOGG
from .full_specs import JOGG_PHOTO
from .refusals import jogg_at, refused
from .test_requests import sent
from .test_spec_requests import request_of

JOGG_OPERATIONS = sorted(JOGG.operations())


@pytest.mark.parametrize("status", [200, 401, 400, 500])
@pytest.mark.parametrize("operation", JOGG_OPERATIONS)
async def test_joggs_wrong_key(operation, status):
    """Each operation of JoggAI answers 10105 in its envelope, under any HTTP status."""
    async with jogg_at("wrong", drift=Drift(jogg_http={10105: status})) as (_, client, answers):
        error = await refused(client, answers, operation)
    assert isinstance(error, AuthenticationError)
    assert (error.code, error.status) == (10105, status)
    assert error.request_id == answers[-1].body["rid"]


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("GET /v2/photo_avatar/photo", {"photo_id": "nobody"}),
        ("GET /v2/photo_avatar", {"motion_id": "nobody"}),
        ("GET /v2/avatar_video/{id}", None),
    ],
)
async def test_joggs_unknown_id(operation, params):
    """Each status call answers 10104 for a job that is not there, under HTTP 200."""
    async with jogg_at() as (_, client, answers):
        error = await refused(client, answers, operation, params=params)
    assert isinstance(error, NotFoundError)
    assert (error.code, error.status) == (10104, 200)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        *((operation, None) for operation in JOGG_OPERATIONS if operation.startswith("POST")),
        ("GET /v2/photo_avatar/photo", None),
        ("GET /v2/photo_avatar", None),
        ("GET /v2/voices", {"page": 0}),
        ("GET /v2/avatars/public", {"style": "casual"}),
        ("GET /v2/avatars/custom", {"status": "lost"}),
        ("GET /v2/avatars/photo_avatars", {"page_size": 101}),
    ],
)
async def test_joggs_wrong_parameters(operation, params):
    """A missing or wrong parameter answers 40000."""
    async with jogg_at() as (_, client, answers):
        error = await refused(client, answers, operation, params=params)
    assert isinstance(error, BadRequestError)
    assert error.code == 40000


async def test_joggs_empty_wallet_and_limit():
    """No credit is 18020; one POST too many is 429, with the wait in a header or by default."""
    body = sent(request_of(JOGG_PHOTO).json)
    operation = "POST /v2/photo_avatar/photo/generate"
    async with jogg_at(jogg_balance=0) as (_, client, answers):
        error = await refused(client, answers, operation, json=body)
        assert isinstance(error, InsufficientCreditError)
        assert error.code == 18020
    for says in (True, False):
        async with jogg_at(jogg_posts_per_minute=1, drift=Drift(jogg_retry_after=says)) as (
            _,
            client,
            answers,
        ):
            await client.request("POST", operation.partition(" ")[2], json=body)
            error = await refused(client, answers, operation, json=body)
            assert isinstance(error, RateLimitError)
            assert error.code == 429
            assert error.retry_after == 60


@pytest.mark.parametrize(
    ("status", "cls", "code"), [(403, PermissionDeniedError, 18025), (500, ServerError, 50000)]
)
async def test_joggs_other_codes(status, cls, code):
    """No permission is 18025 and a failure of the server 50000."""
    async with jogg_at() as (emulator, client, answers):
        emulator.faults.add(Fault(route="JOGG *", status=status))
        error = await refused(client, answers, "GET /v2/user/whoami")
    assert isinstance(error, cls)
    assert error.code == code
