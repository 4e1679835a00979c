"""A HeyGen that costs nothing: a client on an emulator inside this process."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from heygen_async import HeyGen, PollPolicy
from heygen_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def emulated(speed: float, *, prepare: bool = False) -> AsyncIterator[HeyGen]:
    """Open a client on an emulator that renders ``speed`` times as fast as HeyGen."""
    poll = PollPolicy().at_speed(speed)
    async with (
        Emulator(speed=speed) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url, poll=poll, prepare=prepare) as heygen,
    ):
        yield heygen
