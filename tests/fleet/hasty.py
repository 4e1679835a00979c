"""``python -m tests.fleet.hasty MODULE ARGS…``: a program that waits for seconds, not minutes."""

from __future__ import annotations

import runpy
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from heygen_async import HeyGen, Ledger, PollPolicy

if TYPE_CHECKING:
    from collections.abc import Awaitable

SPEED = 150.0
LEASE = 2.0


def hurry() -> None:
    """Let jobs be looked at as often as the emulator is fast, and the dead be found early."""
    HeyGen.__init__.__kwdefaults__["poll"] = PollPolicy().at_speed(SPEED)
    Ledger.__init__.__kwdefaults__["lease"] = LEASE


def hurry_pgqueuer() -> None:
    """Give the orders of a silent worker out again after two seconds."""
    import pgqueuer

    patience = {"heartbeat_timeout": timedelta(seconds=2), "dequeue_timeout": timedelta(seconds=1)}
    pgqueuer.run.__kwdefaults__.update(patience)


def hurry_celery() -> None:
    """Give what nobody has acknowledged out again after three seconds."""
    import celery_worker

    options = celery_worker.app.conf.broker_transport_options
    options |= {"visibility_timeout": 3, "unacked_restore_interval": 1}


def hurry_temporal() -> None:
    """Give the activities of a silent worker out again after seconds, and its workflows."""
    from temporalio import workflow
    from temporalio.worker import Worker

    patience = {"sticky_queue_schedule_to_start_timeout": timedelta(seconds=1)}
    Worker.__init__.__kwdefaults__.update(patience)
    execute = workflow.execute_activity

    def execute_hastily(name: str, **options: Any) -> Awaitable[Any]:
        return execute(name, **options | {"heartbeat_timeout": timedelta(seconds=4)})

    workflow.execute_activity = execute_hastily  # type: ignore[assignment]


if __name__ == "__main__":
    hurry()
    del sys.argv[0]
    engines = {
        "celery": hurry_celery,
        "pgqueuer_worker": hurry_pgqueuer,
        "temporal_worker": hurry_temporal,
    }
    if (engine := engines.get(sys.argv[0])) is not None:
        engine()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
