"""One spec on its way through a batch, and what that way needs: a desk and a book."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from heygen_async.batch.items import Step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from heygen_async.batch.items import LedgerItem
    from heygen_async.errors import LedgerError
    from heygen_async.jobs.job import Job
    from heygen_async.models.jobs import Spec


class Desk(Protocol):
    """Where jobs begin."""

    async def submit(
        self,
        spec: Spec[Any],
        idempotency_key: str | None = None,
        *,
        queued: bool = False,
        before: Callable[[str | None], Awaitable[None]] | None = None,
    ) -> Job[Any]:
        """Submit ``spec``; ``before`` is awaited right before the POST, with its key."""

    def attach(self, token: str) -> Job[Any]:
        """Return the job of a token."""

    async def find(self, spec: Spec[Any], since: float) -> Sequence[Job[Any]]:
        """Return the jobs that carry the spec's label."""


class Book(Protocol):
    """What is written of the items."""

    async def get(self, key: str) -> LedgerItem | None:
        """Return the item of ``key``."""

    async def put(self, item: LedgerItem) -> None:
        """Write an item."""

    def items(self) -> AsyncIterator[LedgerItem]:
        """Yield all items."""

    claimed: set[str]
    """The keys that are being worked on."""


@attrs.define(eq=False, kw_only=True)
class Errand:
    """One spec on its way; ``item`` is what the ledger has, or would have, of it."""

    index: int
    spec: Spec[Any]
    key: str | None = None
    item: LedgerItem | None = None
    step: Step = Step.SUBMIT
    job: Job[Any] | None = None
    post: asyncio.Task[None] | None = None
    claimed: bool = False
    intended: bool = False
    trouble: LedgerError | None = None
    admitted: asyncio.Event = attrs.field(factory=asyncio.Event)

    @property
    def idle(self) -> bool:
        """Whether nothing was submitted for it, and nothing is being submitted."""
        return self.job is None and (self.post is None or self.post.done())
