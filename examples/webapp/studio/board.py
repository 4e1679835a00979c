"""The board: where every order stands, and the tabs that look at it."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from studio.orders import Order

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stage(StrEnum):
    """Where an order stands."""

    WAITING = "waiting"
    RENDERING = "rendering"
    SAVING = "saving"
    DONE = "done"
    FAILED = "failed"
    DELETED = "deleted"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self in (Stage.DONE, Stage.FAILED, Stage.DELETED)


@attrs.frozen
class Card:
    """An order as the page shows it; ``note`` is HeyGen's word, or what went wrong."""

    order: Order
    stage: Stage = Stage.WAITING
    note: str = ""
    video: Path | None = None

    def public(self) -> dict[str, str | float | None]:
        """Return what the page may know."""
        name = self.order.id
        return {
            "id": name,
            "script": self.order.script,
            "voice": self.order.voice_id,
            "placed_at": self.order.placed_at,
            "stage": self.stage.value,
            "note": self.note,
            "portrait": f"/portraits/{name}",
            "video": f"/videos/{name}" if self.video else None,
        }


class Board:
    """All cards, in the order in which they were placed."""

    def __init__(self) -> None:
        self.cards: dict[str, Card] = {}
        self._tabs: set[asyncio.Queue[Card | None]] = set()

    @property
    def tabs(self) -> int:
        """How many tabs look at it."""
        return len(self._tabs)

    def show(self, card: Card) -> None:
        """Put up a card, or put it in the place of the one it had; tell every tab."""
        self.cards[card.order.id] = card
        for tab in self._tabs:
            tab.put_nowait(card)

    def change(self, name: str, stage: Stage, note: str = "", video: Path | None = None) -> None:
        """Change a card, unless it has ended or stays the same."""
        card = self.cards[name]
        changed = attrs.evolve(card, stage=stage, note=note, video=video)
        if changed != card and not card.stage.ended:
            self.show(changed)

    def remove(self, name: str) -> None:
        """Take a card down and tell every tab."""
        self.show(attrs.evolve(self.cards[name], stage=Stage.DELETED, video=None))
        del self.cards[name]

    @contextmanager
    def tab(self) -> Iterator[asyncio.Queue[Card | None]]:
        """Open a queue that gets every card as it is, then every change; None is the end."""
        queue: asyncio.Queue[Card | None] = asyncio.Queue()
        for card in self.cards.values():
            queue.put_nowait(card)
        self._tabs.add(queue)
        try:
            yield queue
        finally:
            self._tabs.discard(queue)

    def close(self) -> None:
        """End what every tab gets."""
        for tab in self._tabs:
            tab.put_nowait(None)
