"""Which deliveries have come before, as far as a bounded memory goes back."""

from __future__ import annotations

REMEMBERED = 10_000
"""How many marks are kept, the oldest forgotten first; an event leaves two at most."""


class Memory:
    """Recognises what comes again."""

    def __init__(self) -> None:
        self._marks: dict[str | bytes, None] = {}  # a dict keeps the order of arrival

    def __len__(self) -> int:
        return len(self._marks)

    def knows(self, marks: set[str | bytes]) -> bool:
        """Tell whether one of ``marks`` has been seen."""
        return any(mark in self._marks for mark in marks)

    def add(self, marks: set[str | bytes]) -> None:
        """Remember ``marks``."""
        self._marks |= dict.fromkeys(marks)
        while len(self._marks) > REMEMBERED:
            del self._marks[next(iter(self._marks))]
