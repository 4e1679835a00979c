"""Temporal: a workflow whose one activity is the render; retries and timeouts are Temporal's.

``python temporal_worker.py`` is a worker (``HEYGEN_LEDGER``, ``TEMPORAL_ADDRESS``). An order:
``temporal workflow start --task-queue videos --type Film --input '"order-1"' --input '"Hello!"'``.
"""

import asyncio
import os
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from heygen_async import HeyGen, ImageVideo, Ledger

UNLESS_FINAL = RetryPolicy(non_retryable_error_types=["InvalidRequestError", "JobFailedError"])


@workflow.defn
class Film:
    """An order on its way from the script to the URL of its video."""

    @workflow.run
    async def run(self, order: str, script: str) -> str:
        """Render it, and try again until that is done, or cannot be done."""
        return await workflow.execute_activity(
            "render",
            args=[order, script],
            start_to_close_timeout=timedelta(hours=8),
            heartbeat_timeout=timedelta(seconds=30),  # then it is another worker's
            retry_policy=UNLESS_FINAL,
        )


async def main() -> None:
    """Work, until it is ended; 10 jobs are in flight in all workers together."""
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    ledger = Ledger(os.environ["HEYGEN_LEDGER"], name="orders")
    async with ledger, HeyGen(max_concurrent_jobs=10) as heygen:

        @activity.defn
        async def render(order: str, script: str) -> str:
            spec = ImageVideo(image="https://example.com/ada.png", script=script, voice_id="v1")
            running = asyncio.create_task(heygen.run(spec, key=order, ledger=ledger))
            try:
                while not (await asyncio.wait([running], timeout=2))[0]:
                    activity.heartbeat()
            finally:
                running.cancel()
            return running.result().video_url or ""

        await Worker(client, task_queue="videos", workflows=[Film], activities=[render]).run()


if __name__ == "__main__":
    asyncio.run(main())
