"""What the examples share: a client, real or on an emulator, and the place for their files.

With ``HEYGEN_EMULATOR=1`` a client comes with a HeyGen and a JoggAI of its own, which cost
nothing and are ``HEYGEN_EMULATOR_SPEED`` (20) times as fast. Without it ``session(HeyGen)`` is
``HeyGen()``, with the key in ``HEYGEN_API_KEY`` (``JOGG_API_KEY`` for JoggAI).
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from heygen_async import HeyGen, ImageVideo, JoggAI, PollPolicy
from heygen_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ClientT = TypeVar("ClientT", HeyGen, JoggAI)

EMULATED = os.environ.get("HEYGEN_EMULATOR") == "1"
HERE = Path(__file__).parent
PICTURE = HERE / "astronaut.jpg"


@asynccontextmanager
async def session(client: type[ClientT], **options: Any) -> AsyncIterator[ClientT]:
    """Open a client with options of its own."""
    if not EMULATED:
        async with client(**options) as opened:
            yield opened
        return
    speed = float(os.environ.get("HEYGEN_EMULATOR_SPEED", "20"))
    async with Emulator(speed=speed) as emulator:
        key, url = emulator.api_key, emulator.url
        if client is JoggAI:
            key, url = emulator.jogg_api_key, emulator.jogg_url
        options |= {"base_url": url, "poll": PollPolicy().at_speed(speed)}
        async with client(key, **options) as opened:
            yield opened


async def portrait(heygen: HeyGen, script: str, **options: Any) -> ImageVideo:
    """Return a spec: the picture says something with the first English voice."""
    voice = await anext(heygen.voices.list(language="English"))
    return ImageVideo(image=PICTURE, script=script, voice_id=voice.voice_id, **options)


def out(name: str) -> Path:
    """Return where a file is saved; what the emulator made is kept apart."""
    path = Path("out", "emulator" if EMULATED else "real", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
