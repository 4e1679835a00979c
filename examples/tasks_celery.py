"""Celery tasks: one submits, one saves; a task that is tried again pays for nothing twice.

``celery -A tasks_celery worker`` with ``CELERY_BROKER_URL``; without it, ``python
tasks_celery.py`` runs both in this process.
"""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import ExitStack
from functools import cache

from _session import out, portrait, session
from anyio.from_thread import BlockingPortal, start_blocking_portal
from celery import Celery, chain
from celery.signals import worker_process_shutdown

from heygen_async import HeyGen, SubmissionUnknownError, TransportError

PASSING = (SubmissionUnknownError, TransportError)
BROKER = os.environ.get("CELERY_BROKER_URL")
app = Celery("videos", broker=BROKER, backend=os.environ.get("CELERY_RESULT_BACKEND"))
app.conf.update(task_acks_late=True, task_always_eager=not BROKER, task_eager_propagates=True)
stack = ExitStack()
atexit.register(stack.close)
worker_process_shutdown.connect(lambda **_: stack.close(), weak=False)


@cache
def client() -> tuple[BlockingPortal, HeyGen]:
    """Return the loop and the client of this process, made at its first task: after the fork."""
    portal = stack.enter_context(start_blocking_portal())
    return portal, stack.enter_context(portal.wrap_async_context_manager(session(HeyGen)))


@app.task(autoretry_for=PASSING, retry_backoff=True)
def submit(order: str, script: str) -> str:
    """Return the token; the order's id is the key, so a second try gives the same job."""
    portal, heygen = client()
    spec = portal.call(portrait, heygen, script)
    return portal.call(lambda: heygen.submit(spec, idempotency_key=order)).token


@app.task(autoretry_for=PASSING, retry_backoff=True)
def save(token: str) -> str:
    """Wait for the job and save its video."""
    portal, heygen = client()
    path = out("celery_" + token.rpartition("/")[2] + ".mp4")
    return str(portal.call(lambda: heygen.attach(token).download(path, overwrite=True)))


if __name__ == "__main__":
    name, text = sys.argv[1:] or ("order-1", "Hello from a queue!")
    print(chain(submit.s(name, text), save.s()).apply_async().get())
