"""Submit now, attach later: two processes, as two tasks of Airflow, with a token between them.

``submit ORDER SCRIPT`` prints the token (the XCom). ``collect TOKEN FILE`` saves the video, or
exits with 75 while it is being made: a sensor that is to be asked again, and holds no worker.
"""

from __future__ import annotations

import asyncio
import os
import sys

from _session import portrait, session

from heygen_async import HeyGen


async def submit(order: str, script: str) -> None:
    """Print a token; the same order is the same job, so the task may be tried again."""
    async with session(HeyGen) as heygen:
        job = await heygen.submit(await portrait(heygen, script), idempotency_key=order)
        print(job.token)


async def collect(token: str, file: str) -> None:
    """Save the video, if it is there."""
    async with session(HeyGen) as heygen:
        job = heygen.attach(token)
        status = await job.refresh()
        if not status.terminal:
            print(status.raw, file=sys.stderr)
            sys.exit(os.EX_TEMPFAIL)
        video = await job.wait()
        await job.download(file, overwrite=True)
        print(f"{file}: {video.duration} seconds")


match sys.argv[1:]:
    case ["submit", order, script]:
        asyncio.run(submit(order, script))
    case ["collect", token, file]:
        asyncio.run(collect(token, file))
    case _:
        sys.exit(__doc__)
