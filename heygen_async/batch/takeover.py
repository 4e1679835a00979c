"""A row whose process is dead is seen out by another one, which has never seen its spec."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from heygen_async.batch.batches import StoppedError
from heygen_async.batch.item import Step, next_step
from heygen_async.batch.rendering import Rendering, Terms
from heygen_async.errors import HeyGenError

if TYPE_CHECKING:
    from heygen_async.batch.item import LedgerItem
    from heygen_async.batch.ledger import Ledger
    from heygen_async.jobs.limiter import SlotLimiter
    from heygen_async.jobs.service import JobService
    from heygen_async.models.policies import RetryPolicy

logger = logging.getLogger("heygen_async.batch")


async def see_out(
    line: LedgerItem,
    ledger: Ledger,
    *,
    service: JobService,
    slots: SlotLimiter,
    retry: RetryPolicy,
) -> None:
    """Take a row that ``ledger`` has claimed here to its end as far as it tells, and leave it.

    A job is waited for, and its end written down; its file is for whoever has the spec. What may
    have been sent is sent again as it was, under its key. Any other row is only left. What goes
    wrong is logged.
    """
    stops = (ledger.stopping,)
    slots = ledger.slots(slots.limit, slots)
    terms = Terms[object](service=service, slots=slots, retry=retry, ledger=ledger, stops=stops)
    item = Rendering(
        terms=terms,
        index=0,
        spec=None,
        key=line.key,
        idempotency_key=line.idempotency_key,
        line=line,
        attempts=line.attempts,
    )
    try:
        if not line.ended and _goes_on(line, ledger.time(), path=item.kind.path):
            logger.info("%s is seen out: its process is gone", line.key)
            await item.render()
    except (HeyGenError, StoppedError) as error:
        logger.info("%s was left: %s", line.key, error)
    finally:
        while terms.posts:  # what is paid is written, whoever does not want to wait any more
            await asyncio.wait({*terms.posts})
        item.leave(ledger, line.key)


def _goes_on(line: LedgerItem, now: float, *, path: str) -> bool:
    """Tell whether the row says enough to go on with it: its job, or the POST for it."""
    step = next_step(line, line.digest, now, path=path)
    return step is Step.ATTACH or (step is Step.RESEND and line.request is not None)
