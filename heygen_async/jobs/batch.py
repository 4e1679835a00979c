"""``Batch``: specs that one POST has submitted, and the jobs that they become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from heygen_async.protocol.batches import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heygen_async.errors import APIError
    from heygen_async.jobs.job import Job
    from heygen_async.jobs.service import JobService
    from heygen_async.models.batches import BatchDetail
    from heygen_async.models.jobs import Spec
    from heygen_async.protocol.kinds import JobKind

T = TypeVar("T")


class Batch(Generic[T]):
    """Specs that were submitted together; ``id`` is the vendor's name for them all.

    https://developers.heygen.com/reference/create-video-batch
    """

    def __init__(
        self, service: JobService, kind: JobKind[T], batch_id: str, specs: Sequence[Spec[T]]
    ) -> None:
        self.id = batch_id
        self.specs = tuple(specs)
        self._service = service
        self._kind = kind
        self._jobs: dict[int, Job[T] | APIError] = {}

    def __repr__(self) -> str:
        return f"<Batch {self.id} of {len(self.specs)} {self._kind.name}>"

    async def get(self) -> BatchDetail:
        """Return what the vendor tells of the batch and each of its items now."""
        return await self._service.read_batch(self._kind, self.id)

    async def jobs(self) -> list[Job[T] | APIError]:
        """Wait until each item has its id, and return the jobs in the order of the specs.

        In the place of an item that was refused is the error: nothing was paid for it. This may
        be called again, also after an error.
        """
        size = len(self.specs)
        if len(self._jobs) < size:
            async for items in self._service.batch_items(self._kind, self.id, size):
                for index, item in items.items():
                    if index not in self._jobs and index < size:
                        error = refusal(self._kind, item)
                        begun = self._service.begun
                        spec = self.specs[index]
                        self._jobs[index] = error or begun(spec, str(item.video_id))
        return [self._jobs[index] for index in range(size)]
