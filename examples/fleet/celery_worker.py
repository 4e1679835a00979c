"""Celery on Valkey, Redis or RabbitMQ: a task is acknowledged when its video is there.

``celery -A celery_worker worker --pool threads --concurrency 10`` with ``CELERY_BROKER_URL`` and
``HEYGEN_LEDGER``, on as many machines as you like; ``render.delay(order, script)`` in your program.
Of Redis, a dead worker's tasks are given out again after the ``visibility_timeout``. So is what
takes longer than that, which does no harm: the second try waits for the first.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any

from anyio.from_thread import start_blocking_portal
from celery import Celery
from celery.signals import worker_init, worker_shutdown

from heygen_async import HeyGen, ImageVideo, Ledger, errors

app = Celery("videos", broker=os.environ.get("CELERY_BROKER_URL"))
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_transport_options={"visibility_timeout": 600, "unacked_restore_throttle": 1},
)
stack = ExitStack()
opened: dict[str, Any] = {}


@worker_init.connect
def start(**_: object) -> None:
    """Open a loop for all threads of this worker; 10 jobs are in flight in all workers together."""
    portal = opened["portal"] = stack.enter_context(start_blocking_portal())
    parts = Ledger(os.environ["HEYGEN_LEDGER"], name="orders"), HeyGen(max_concurrent_jobs=10)
    for name, part in zip(("ledger", "heygen"), parts, strict=True):
        opened[name] = stack.enter_context(portal.wrap_async_context_manager(part))


@worker_shutdown.connect
def end(**_: object) -> None:
    """Close both, after the last task."""
    stack.close()


@app.task(
    autoretry_for=(errors.HeyGenError,),
    dont_autoretry_for=(errors.InvalidRequestError, errors.JobFailedError),
    retry_backoff=True,
    max_retries=None,
)
def render(order: str, script: str) -> None:
    """Render an order; tried again, or in two workers at once, it is the same render."""
    spec = ImageVideo(image="https://example.com/ada.png", script=script, voice_id="v1")
    run, ledger = opened["heygen"].run, opened["ledger"]
    video = opened["portal"].call(lambda: run(spec, key=order, ledger=ledger))
    print(order, video.video_url)
