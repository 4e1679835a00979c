"""The jobs of the demo as rows, and the plain view of them: one line per change."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs
import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self


class Stage(StrEnum):
    """Where a row stands."""

    WAITING = "waiting"
    RENDERING = "rendering"
    SAVING = "saving"
    COMPLETED = "completed"
    FAILED = "failed"


@attrs.define(kw_only=True, eq=False)
class Row:
    """One job as a view shows it; ``word`` is the vendor's own for its status."""

    number: int
    title: str
    stage: Stage = Stage.WAITING
    word: str = ""
    file: str = ""
    error: str = ""
    started: float | None = None
    ended: float | None = None

    def age(self, now: float) -> float | None:
        """Return the seconds that the render has lasted, None before it began."""
        if self.started is None:
            return None
        return (now if self.ended is None else self.ended) - self.started


class Plain:
    """A view with nothing to start and nothing to stop."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None


class Lines(Plain):
    """Says each change of a row in a line of its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start = clock()

    def changed(self, row: Row) -> None:
        """Take note that ``row`` has changed."""
        passed = self._clock() - self._start
        told = row.error or row.file
        word = f" ({row.word})" if row.word else ""
        line = f"{passed:6.1f} s  {row.number:02} {row.title}: {row.stage}{word}"
        click.echo(f"{line}, {told}" if told else line)
