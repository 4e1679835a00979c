"""The specs of a ``map`` go out in batches: one POST for many of them, written down as one."""

from __future__ import annotations

import asyncio
import copy
import time
import uuid
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs

from heygen_async.batch.item import ItemState, Place
from heygen_async.errors import (
    BadRequestError,
    ClaimLostError,
    HeyGenError,
    LedgerError,
    NotFoundError,
    SubmissionUnknownError,
)
from heygen_async.protocol.batches import MOST_ITEMS, batch_path, fits_batch, refusal
from heygen_async.transport.http import PostHooks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from heygen_async.batch.item import LedgerItem
    from heygen_async.jobs.job import Job
    from heygen_async.jobs.service import JobService
    from heygen_async.models.jobs import Spec
    from heygen_async.protocol.kinds import JobKind

T = TypeVar("T")

LINGER = 1.0
"""Seconds that the first spec of a batch waits for others to get their slots."""

PATIENCE = 60.0
"""Seconds after the last one for which the other specs of an interrupted batch are waited for."""


class StoppedError(Exception):
    """The run was stopped before this item was submitted: it has no outcome."""


class Packed(Protocol):
    """An item of a run, as far as its submission goes."""

    spec: Any
    idempotency_key: str | None
    line: LedgerItem | None
    job: Any
    submitting: bool
    post: asyncio.Task[Any] | None
    attempts: int
    trouble: LedgerError | None


@attrs.define(eq=False)
class _Pack(Generic[T]):
    """The items of one POST by their place in it; ``size`` is how many make it go.

    ``sent_at`` is when an earlier run sent it, ``batch_id`` what it got for it.
    """

    kind: JobKind[T]
    key: str
    size: int
    sent_at: float | None = None
    batch_id: str | None = None
    sent: bool = False
    specs: dict[int, Spec[T]] = attrs.field(factory=dict)  # their media are assets by now
    items: dict[int, Packed] = attrs.field(factory=dict)
    answers: dict[int, asyncio.Future[Job[T] | None]] = attrs.field(factory=dict)
    settled: set[int] = attrs.field(factory=set)  # whose job or refusal is known
    timer: asyncio.TimerHandle | None = None

    def answer(self, index: int, answer: Job[T] | Exception | None) -> bool:
        """Tell who waits for an item how it fared; return whether anybody does."""
        future = self.answers[index]
        if future.done():
            return not future.cancelled()
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
        return True


class Packer(Generic[T]):
    """Packs the items of a run that have got their slots, and submits each pack by one POST.

    A pack goes when it has a hundred items, or as many as there are slots, or ``LINGER`` seconds
    after its first. All of its items are written down as one before the POST, each with the key
    of all and its place, and the id of the batch after it; so a later run that has the same specs
    repeats just this POST, or only asks what became of it.
    """

    def __init__(
        self,
        service: JobService,
        write: Callable[[Mapping[Any, Mapping[str, Any]]], Awaitable[None]],
        *,
        slots: int,
        check: Callable[[bool], None],
        posts: set[asyncio.Task[None]],
        clock: Callable[[], float],
    ) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self._service = service
        self._write = write
        self._most = min(MOST_ITEMS, slots)
        self._check = check
        self._posts = posts
        self._clock = clock  # of the ledger
        self._open: dict[str, _Pack[Any]] = {}  # by the kind of their specs
        self._known: dict[str, _Pack[Any]] = {}  # of earlier runs, by their keys

    def takes(self, spec: Spec[Any]) -> bool:
        """Tell whether the spec can go out in a batch."""
        return fits_batch(self._service.kind_of(spec), spec)

    async def submit(self, item: Packed, spec: Spec[T]) -> Job[T] | None:
        """Submit an item with others, and return its job; None if it is to be submitted singly.

        ``spec`` is what is sent for it. Raises the refusal of the item, or what became of the POST.
        """
        spec = await self._service.resolve(spec)
        kind = self._service.kind_of(spec)
        pack = self._open.get(kind.name)
        if pack is None:
            pack = self._open[kind.name] = _Pack(kind, uuid.uuid4().hex, self._most)
            loop = asyncio.get_running_loop()
            pack.timer = loop.call_later(LINGER, self._send, pack)
        index = max(pack.items, default=-1) + 1
        return await self._join(pack, index, item, spec)

    async def rejoin(
        self, item: Packed, spec: Spec[T], place: Place, sent_at: float
    ) -> Job[T] | None:
        """Go on with an item of a batch that an earlier run submitted, or may have."""
        if place.batch_id is None:
            spec = await self._service.resolve(spec)
        pack: _Pack[T] | None = self._known.get(place.key)
        if pack is None:
            kind = self._service.kind_of(spec)
            pack = _Pack(kind, place.key, place.size, sent_at, place.batch_id)
            self._known[place.key] = pack
        if place.index in pack.items or place.index >= pack.size or place.size != pack.size:
            raise SubmissionUnknownError("two items have one place in a batch", spec=item.spec)
        if pack.timer is not None:
            pack.timer.cancel()
        if pack.batch_id is None and not pack.sent:
            loop = asyncio.get_running_loop()
            pack.timer = loop.call_later(PATIENCE, self._give_up, pack)
        return await self._join(pack, place.index, item, spec)

    def close(self) -> list[asyncio.Task[None]]:
        """Let nothing more go; return the tasks of what has gone, to be cancelled."""
        for pack in (*self._open.values(), *self._known.values()):
            if pack.timer is not None:
                pack.timer.cancel()
        return [*self.tasks]

    def flush(self) -> None:
        """Let what has been packed go: no more specs will come."""
        for pack in [*self._open.values()]:
            self._send(pack)

    async def _join(self, pack: _Pack[T], index: int, item: Packed, spec: Spec[T]) -> Job[T] | None:
        pack.specs[index], pack.items[index] = spec, item
        answer: asyncio.Future[Job[T] | None] = asyncio.get_running_loop().create_future()
        pack.answers[index] = answer
        if pack.batch_id is not None or len(pack.items) >= pack.size:
            self._send(pack)
        try:
            return await answer
        except asyncio.CancelledError:
            if not pack.sent:
                del pack.specs[index], pack.items[index], pack.answers[index]
            raise

    def _send(self, pack: _Pack[Any]) -> None:
        """Submit what is in a pack, in a task that a cancellation of its items does not reach."""
        if pack.timer is not None:
            pack.timer.cancel()
            pack.timer = None
        if self._open.get(pack.kind.name) is pack:
            del self._open[pack.kind.name]
        if pack.sent or not pack.items:
            return
        if pack.sent_at is None and len(pack.items) == 1:
            (answer,) = pack.answers.values()
            if not answer.done():
                answer.set_result(None)
            return
        pack.sent = True
        for item in pack.items.values():
            item.submitting = True
        task = asyncio.create_task(self._see_through(pack))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _give_up(self, pack: _Pack[Any]) -> None:
        """Tell the items of an interrupted batch that the others of it did not come."""
        if not pack.sent:
            self._known.pop(pack.key, None)
            self._settle_all(
                pack,
                lambda item: SubmissionUnknownError(
                    f"{len(pack.items)} of the {pack.size} specs are here that an earlier run sent "
                    "as one batch, and only all of them can be sent again as the same; run with "
                    "all, and with as many slots",
                    spec=item.spec,
                ),
            )

    async def _see_through(self, pack: _Pack[Any]) -> None:
        """Submit a pack, then wait for the ids of its items."""
        try:
            if pack.batch_id is None:
                await self._post(pack)
            await self._read_ids(pack)
        except asyncio.CancelledError:
            self._report(pack)
            for answer in pack.answers.values():
                answer.cancel()
            raise
        except StoppedError:
            self._settle_all(pack, lambda _item: StoppedError())
        except ClaimLostError as error:  # of some of them, before the POST
            lost = error
            self._settle_all(pack, lambda item: item.trouble and copy.copy(lost))
        except Exception as error:  # noqa: BLE001 - each item has to be told
            known = error
            # One bad item is enough to have all refused: each gets a verdict of its own. Never
            # once there is a batch, which is paid.
            singly = pack.batch_id is None and isinstance(error, BadRequestError | NotFoundError)
            self._settle_all(pack, lambda item: None if singly else self._own(pack, item, known))
        finally:
            self._known.pop(pack.key, None)

    def _settle_all(self, pack: _Pack[Any], answer: Callable[[Packed], Exception | None]) -> None:
        for index, item in pack.items.items():
            pack.answer(index, answer(item))

    def _own(self, pack: _Pack[Any], item: Packed, error: Exception) -> Exception:
        """Return what an item's outcome says of the trouble of its pack."""
        proven = isinstance(error, HeyGenError) and not isinstance(error, SubmissionUnknownError)
        if proven and pack.batch_id is None:
            return copy.copy(error)
        # No key is told: sent with this one, a single spec would be paid as another job.
        path = batch_path(pack.kind)
        unknown = SubmissionUnknownError(
            f"it was one of {len(pack.items)} specs of POST {path}, idempotency key {pack.key}, "
            f"batch {pack.batch_id or 'unknown'}, and may have become a job: {error}",
            spec=item.spec,
        )
        unknown.__cause__ = error
        return unknown

    def _report(self, pack: _Pack[Any]) -> None:
        """Tell of a batch whose run is gone, where no ledger knows it."""
        lost = [item for index, item in pack.items.items() if index not in pack.settled]
        kept = all(item.line is not None and item.trouble is None for item in lost)
        if pack.batch_id is not None and not kept:
            specs = [pack.specs[index] for index in sorted(pack.specs)]
            self._service.report_batch(specs, pack.key, pack.batch_id)

    async def _post(self, pack: _Pack[Any]) -> None:
        """Make the POST of a pack, with all of its items written down before and after."""
        order = sorted(pack.items)
        if pack.sent_at is None:  # who had joined may have left again
            for name in ("specs", "items", "answers"):
                found = getattr(pack, name)
                setattr(pack, name, {new: found[old] for new, old in enumerate(order)})
            order, pack.size = [*range(len(order))], len(order)
        items, specs = pack.items, [pack.specs[index] for index in order]
        intended = False

        async def before() -> None:
            nonlocal intended
            self._check(intended or pack.sent_at is not None)
            for item in items.values():
                item.post = asyncio.current_task()
            known = {item: item.line for item in items.values()}
            first = not intended and pack.sent_at is None
            intended = True
            at = {"intended_at": self._clock()} if first else {}
            await self._write_all(pack, state=ItemState.INTENT, error=None, **at)
            trouble = next((item.trouble for item in items.values() if item.trouble), None)
            if trouble is not None:
                for item in items.values():
                    item.line = known[item]
                await self._write({item: {} for item in items.values()})
                raise trouble  # without the ledger nothing is sent

        async def after(ended: str | HeyGenError) -> None:
            if isinstance(ended, str):
                pack.batch_id = ended
                await self._write_all(pack, error=None)
            else:
                await self._refused(pack, ended)

        def abandoned(batch_id: str | None) -> None:
            if any(item.line is None or item.trouble is not None for item in items.values()):
                self._service.report_batch(specs, pack.key, batch_id)

        for item in items.values():
            item.idempotency_key = None  # that of the batch starts no single job
        try:
            await self._service.submit_batch(
                specs,
                pack.key,
                PostHooks(before, after, abandoned, self._posts),
                key_sent_at=pack.sent_at and pack.sent_at - self._clock() + time.time(),
                queued=True,
            )
        except HeyGenError as error:
            if intended and not isinstance(error, LedgerError):
                await self._refused(pack, error)
            raise

    async def _refused(self, pack: _Pack[Any], error: HeyGenError) -> None:
        """Write what a POST without a batch proves: surely nothing was done, or nobody knows."""
        if isinstance(error, SubmissionUnknownError):
            await self._write_all(pack, error=str(error))
            return
        for item in pack.items.values():  # a new POST has a new key
            item.idempotency_key = self._service.key_for(item.spec, None)
        await self._write({item: _opened(item, str(error)) for item in pack.items.values()})

    async def _write_all(self, pack: _Pack[Any], **changes: Any) -> None:
        """Write the same of all items, and each one's place."""
        await self._write(
            {
                item: {
                    **changes,
                    "idempotency_key": None,
                    "labels": _labels(item, Place(pack.key, index, pack.size, pack.batch_id)),
                }
                for index, item in pack.items.items()
            }
        )

    async def _read_ids(self, pack: _Pack[Any]) -> None:
        """Give each item its job, or its refusal, as the vendor tells them."""
        assert pack.batch_id is not None  # noqa: S101 - it was posted
        told: Mapping[int, Any] = {}
        async for told in self._service.batch_items(pack.kind, pack.batch_id, pack.size):
            await self._take(pack, told)
        while pack.items.keys() - pack.settled:  # who has rejoined during the last write
            await self._take(pack, told)

    async def _take(self, pack: _Pack[Any], told: Mapping[int, Any]) -> None:
        changes: dict[Packed, dict[str, Any]] = {}
        answers: dict[int, Any] = {}
        for index, row in told.items():
            item = pack.items.get(index)
            if item is None or index in pack.settled:
                continue
            pack.settled.add(index)
            answers[index] = refusal(pack.kind, row)
            if answers[index] is not None:
                changes[item] = _opened(item, str(answers[index]))
                continue
            answers[index] = item.job = self._service.begun(item.spec, row.video_id)
            item.attempts += 1
            changes[item] = {
                "state": ItemState.SUBMITTED,
                "token": item.job.token,
                "submitted_at": self._clock(),
                "error": None,
            }
        if changes:
            await self._write(changes)
        for index, answer in answers.items():
            item = pack.items[index]
            heard = pack.answer(index, answer)
            if not heard and item.job is not None and (item.line is None or item.trouble):
                self._service.report_orphan(item.spec, None, item.job)


def _labels(item: Packed, place: Place | None) -> tuple[str, ...]:
    own = Place.strip(item.line.labels) if item.line else ()
    return own if place is None else (*own, str(place))


def _opened(item: Packed, error: str) -> dict[str, Any]:
    return {
        "state": ItemState.OPEN,
        "labels": _labels(item, None),
        "idempotency_key": None,
        "error": error,
    }
