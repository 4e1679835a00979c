"""The live view of the demo's jobs on a terminal: a table that fits it, and a line of sums."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from heygen_async.cli.emulator import DemoItem, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from rich.console import RenderableType

REFRESH_RATE = 8.0
"""Pictures per second."""

_AROUND = 5  # lines: the table's head and rule, an empty one, the sums, and the cursor's
_STYLES = {
    Stage.WAITING: "dim",
    Stage.RENDERING: "yellow",
    Stage.SAVING: "cyan",
    Stage.COMPLETED: "green",
    Stage.FAILED: "bold red",
}
_URGENCY = (Stage.RENDERING, Stage.SAVING, Stage.FAILED, Stage.WAITING, Stage.COMPLETED)


class LiveTable:
    """Draws all items, or as many as the terminal has room for: those that run before others."""

    def __init__(
        self,
        items: Sequence[DemoItem],
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._items = items
        self._clock = clock
        self._start = clock()
        self._console = console or Console()
        self._whole = False
        self._live = Live(
            console=self._console, get_renderable=self.draw, refresh_per_second=REFRESH_RATE
        )

    def changed(self, item: DemoItem) -> None:
        """Take note that ``item`` has changed; the next picture shows it."""

    def draw(self) -> RenderableType:
        """Return the picture of this moment."""
        now = self._clock()
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        table.add_column("#", justify="right", no_wrap=True)
        table.add_column("title", no_wrap=True, overflow="ellipsis", ratio=3)
        table.add_column("state", no_wrap=True, min_width=9)
        table.add_column("vendor", no_wrap=True, min_width=10)
        table.add_column("age", justify="right", no_wrap=True, min_width=6)
        table.add_column("file", no_wrap=True, overflow="ellipsis", ratio=4)
        for item in self._shown():
            table.add_row(*_cells(item, now))
        return Group(table, Text(), self._sums(now))

    def _shown(self) -> Sequence[DemoItem]:
        room = max(self._console.height - _AROUND, 1)
        if self._whole or len(self._items) <= room:
            return self._items
        urgent = sorted(self._items, key=_urgency)[:room]
        return sorted(urgent, key=lambda item: item.number)

    def _sums(self, now: float) -> Text:
        counts = Counter(item.stage for item in self._items)
        parts = [f"{counts[stage]} {stage}" for stage in Stage if counts[stage]]
        return Text(f"{len(self._items)} jobs: {', '.join(parts)}; {now - self._start:.1f} s")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._whole = True
        self._live.stop()


def _urgency(item: DemoItem) -> tuple[int, float, int]:
    """Return what sorts items by stage, and the last to end before others."""
    return _URGENCY.index(item.stage), -(item.ended or 0.0), item.number


def _cells(item: DemoItem, now: float) -> Sequence[Text]:
    age = item.age(now)
    return (
        Text(f"{item.number:02}", style="dim"),
        Text(str(item.spec.title)),
        Text(item.stage, style=_STYLES[item.stage]),
        Text(item.word),
        Text("" if age is None else f"{age:.1f} s"),
        Text(item.error or item.file, style="red" if item.error else ""),
    )
