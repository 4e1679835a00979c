"""PgQueuer: orders wait in a table of the database that has the ledger, and nothing else is needed.

With the database in ``PGDSN``: ``pgq install`` once, ``python pgqueuer_worker.py`` as often as you
like, on any machine, and ``pgq queue render '["order-1", "Hello!"]'`` for each order. A worker that
dies beats no more: after 30 seconds its orders are given to another one.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
from pgqueuer import PgQueuer, run
from pgqueuer.errors import RetryRequested

from heygen_async import HeyGen, ImageVideo, Ledger, errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pgqueuer.models import Job


@asynccontextmanager
async def worker() -> AsyncIterator[PgQueuer]:
    """Open what a worker needs; 10 jobs are in flight in all workers together."""
    url = os.environ["PGDSN"]
    async with (
        asyncpg.create_pool(url, min_size=1) as pool,
        Ledger(url, name="orders") as ledger,
        HeyGen(max_concurrent_jobs=10) as heygen,
    ):
        queue = PgQueuer.from_asyncpg_pool(pool)

        @queue.entrypoint("render", accepts_context=False, on_failure="hold")
        async def render(job: Job) -> None:
            """Render an order; tried again, or in two workers at once, it is the same render."""
            order, script = json.loads(job.payload or b"")
            spec = ImageVideo(image="https://example.com/ada.png", script=script, voice_id="v1")
            try:
                video = await heygen.run(spec, key=order, ledger=ledger)
            except (errors.InvalidRequestError, errors.JobFailedError):
                raise  # the next try would end as this one did
            except errors.HeyGenError as error:
                raise RetryRequested(timedelta(minutes=1), str(error)) from error
            print(order, video.video_url, flush=True)

        yield queue


if __name__ == "__main__":
    asyncio.run(run(worker))
