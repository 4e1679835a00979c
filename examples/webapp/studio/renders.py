"""Takes orders to their videos: one ``heygen.map`` for as long as the app runs."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from heygen_async import HeyGen, HeyGenError, ItemState, Ledger, State
from studio.board import Board, Card, Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async import ImageVideo, Submitted, Video
    from studio.forms import Form
    from studio.orders import Order, Orders


class Renders:
    """The orders on their way; ``board`` shows them.

    An order is on disk before it is queued, and the ledger knows what was paid for: whenever the
    app is cut off, ``resume`` goes on, and nothing is paid twice.
    """

    def __init__(self, heygen: HeyGen, ledger: Ledger, orders: Orders, videos: Path) -> None:
        self.board = Board()
        self._heygen = heygen
        self._ledger = ledger
        self._orders = orders
        self._videos = videos
        self._placing = asyncio.Lock()
        self._queue: asyncio.Queue[ImageVideo] = asyncio.Queue()

    async def resume(self) -> None:
        """Show the orders of earlier runs, and take up those that are not finished."""
        for order in await asyncio.to_thread(self._orders.all):
            item = await self._ledger.get(order.id)
            if item is not None and item.state is ItemState.FAILED:
                self.board.show(Card(order, Stage.FAILED, item.error or ""))
            elif item is not None and item.path and await asyncio.to_thread(_is_file, item.path):
                self.board.show(Card(order, Stage.DONE, video=Path(item.path)))
            else:
                self._take(order)

    async def place(self, form: Form) -> Card:
        """Place an order and return its card; the same form sent again is the same order."""
        async with self._placing:
            if form.id not in self.board.cards:
                self._take(await asyncio.to_thread(self._orders.keep, form))
        return self.board.cards[form.id]

    async def remove(self, card: Card) -> bool:
        """Delete an order with its video, if it has ended; tell whether it had."""
        if not card.stage.ended:
            return False
        async with self._placing:
            if self.board.cards.get(card.order.id) is card:
                await asyncio.to_thread(self._orders.remove, card.order, card.video)
                self.board.remove(card.order.id)
        return True

    async def run(self) -> None:
        """Render what is ordered until cancelled; the renders go on at HeyGen."""
        async with asyncio.TaskGroup() as followers:

            def follow(started: Submitted[Video]) -> None:
                followers.create_task(self._follow(started))

            outcomes = self._heygen.map(
                self._specs(),
                key=lambda spec: str(spec.title),
                ledger=self._ledger,
                download_to=self._videos,
                on_submit=follow,
            )
            async with contextlib.aclosing(outcomes):
                async for outcome in outcomes:
                    note = "" if outcome.error is None else _reason(outcome.error)
                    stage = Stage.DONE if outcome.ok else Stage.FAILED
                    self.board.change(str(outcome.key), stage, note, outcome.path)

    def _take(self, order: Order) -> None:
        self.board.show(Card(order))
        self._queue.put_nowait(order.spec)

    async def _specs(self) -> AsyncIterator[ImageVideo]:
        while True:
            yield await self._queue.get()

    async def _follow(self, started: Submitted[Video]) -> None:
        """Show each change of a job; how it ends is for ``map`` to say."""
        with contextlib.suppress(HeyGenError):
            async for status in started.job.events():
                if not status.terminal:
                    self.board.change(str(started.key), Stage.RENDERING, status.raw)
                elif status.state is State.COMPLETED:
                    self.board.change(str(started.key), Stage.SAVING)


def _reason(error: HeyGenError) -> str:
    """Return the vendor's own sentence where there is one."""
    return getattr(error, "message", None) or str(error)


def _is_file(path: str) -> bool:
    return Path(path).is_file()
