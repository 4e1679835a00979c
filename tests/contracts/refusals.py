"""Call what will be refused, and hold the refusal against its contract."""

from __future__ import annotations

import contextlib

import pytest

from heygen_async import APIError, HeyGen, JoggAI, RetryPolicy
from heygen_async.emulator import Emulator

from .recording import record

ONCE = RetryPolicy(max_attempts=1)


@contextlib.asynccontextmanager
async def heygen_at(key=None, **options):
    """Give an emulator, a client that sends once, and what the client is answered."""
    async with (
        Emulator(**options) as emulator,
        HeyGen(key or emulator.api_key, base_url=emulator.url, retry=ONCE) as client,
    ):
        yield emulator, client, record(client)


@contextlib.asynccontextmanager
async def jogg_at(key=None, **options):
    async with (
        Emulator(**options) as emulator,
        JoggAI(key or emulator.jogg_api_key, base_url=emulator.jogg_url, retry=ONCE) as client,
    ):
        yield emulator, client, record(client)


async def refused(client, answers, operation, *, json=None, params=None):
    """Call an operation that is refused; return the error, after its answer has validated."""
    method, _, path = operation.partition(" ")
    concrete = "/".join("nobody" if part.startswith("{") else part for part in path.split("/"))
    if method in ("POST", "PATCH") and json is None:
        json = {}
    with pytest.raises(APIError) as caught:
        await client.request(method, concrete, json=json, params=params)
    answer = answers[-1]
    answer.validate()
    error = caught.value
    assert error.status == answer.status
    body = answer.body
    told = body if answer.api == "JoggAI" else body["error"]
    if isinstance(told, str):
        assert (error.code, error.message) == (None, told)
    else:
        assert error.code == told["code"]
        assert error.message == told.get("message", told.get("msg"))
        assert error.param == told.get("param")
    return error
