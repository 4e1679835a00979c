"""How a batch is getting on, for a terminal and for a log."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from typing import TYPE_CHECKING

import attrs
import click

from heygen_async import JobFailedError, JobTimeoutError, SubmissionUnknownError
from heygen_async.cli.options import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from rich.console import RenderableType
    from rich.live import Live

    from heygen_async import Balance, Job, Outcome, Statistics, Submitted

LAST_STARTED, LAST_FAILURES = 5, 3

WIDTH = 60
"""Columns of the picture at most.

A window that gets narrower breaks the lines that are wider, and where they began is not known any
more: what is drawn then stands there twice.
"""


@attrs.define(kw_only=True)
class BatchProgress:
    """What a batch has done so far, as a picture on a terminal, else as a line for each change.

    ``about`` asks the client for its statistics, ``balance`` is what was left to spend, if it is
    known; the lines go to stderr.
    """

    total: int
    concurrency: int
    about: Callable[[], Statistics]
    balance: Balance | None = None
    started_at: float = attrs.field(factory=time.monotonic)
    running: int = 0
    jobs: dict[str | None, Job[Any]] = attrs.field(factory=dict)
    ended: Counter[str] = attrs.field(factory=Counter)
    failures: deque[str] = attrs.field(factory=lambda: deque(maxlen=LAST_FAILURES))
    _live: Live | None = attrs.field(default=None, init=False)

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415 - rich is slow to import
            from rich.live import Live  # noqa: PLC0415

            terminal = Console(stderr=True)
            if not terminal.is_dumb_terminal:
                self._live = Live(console=terminal, get_renderable=self.draw, refresh_per_second=4)
                self._live.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        if self._live is not None:
            self._live.stop()

    @property
    def done(self) -> int:
        """How many rows have ended."""
        return self.ended.total()

    @property
    def work_done(self) -> float:
        """The rows that have ended, and the shares that are done of those that run."""
        jobs = list(self.jobs.values())  # at once: it is drawn by a thread of rich's
        return self.done + sum((job.status.progress or 0.0) / 100 for job in jobs)

    @property
    def seconds(self) -> float:
        """How long the batch has run."""
        return time.monotonic() - self.started_at

    @property
    def time_left(self) -> float | None:
        """The seconds to expect until the end, from how long jobs took so far."""
        durations = [known for known in self.about().durations.values() if known.jobs]
        left = self.total - self.done
        if not durations or not left:
            return None
        usual = sum(d.p50 * d.jobs for d in durations) / sum(d.jobs for d in durations)
        return usual * max(1.0, left / self.concurrency)

    def begin(self, started: Submitted[Any]) -> None:
        """Take in a job that was started or found again."""
        self.running += started.key not in self.jobs  # else it is rendered once more
        self.jobs[started.key] = started.job
        self._say(started.key, f"running, {started.job.token}")

    def finish(self, outcome: Outcome[Any]) -> None:
        """Take in how a row ended; what an earlier run has finished is no news."""
        begun = self.jobs.pop(outcome.key, None) is not None
        self.running -= begun
        self.ended[how(outcome)] += 1
        told: object = outcome.path
        if not outcome.ok:
            told = one_line(outcome.error)
            self.failures.append(f"{outcome.key}: {told}")
        elif not begun:
            return
        self._say(outcome.key, f"{how(outcome)}, {told}" if told else how(outcome))

    def _say(self, key: str | None, text: str) -> None:
        if self._live is None:
            click.echo(printable(f"{self.seconds:8.1f} s  {key}: {text}"), err=True)

    def draw(self) -> RenderableType:
        """Return the picture of this moment: a bar, figures, the last to start and to fail."""
        from rich.console import Group  # noqa: PLC0415
        from rich.constrain import Constrain  # noqa: PLC0415
        from rich.padding import Padding  # noqa: PLC0415
        from rich.progress_bar import ProgressBar  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        bar = Padding(ProgressBar(total=self.total, completed=self.work_done), 0)  # ends its line
        running = ", ".join(map(str, list(self.jobs)[: -LAST_STARTED - 1 : -1]))
        lines = [(f"running: {running}", "dim")] if running else []
        lines += [(line, "red") for line in list(self.failures)]
        names = (
            Text(printable(line), style=style, no_wrap=True, overflow="ellipsis")
            for line, style in lines
        )
        return Constrain(Group(bar, Text(self.figures()), *names), WIDTH)

    def figures(self) -> str:
        """Return the line of figures under the bar."""
        rate = self.done / self.seconds * 60 if self.seconds else 0.0
        parts = [
            f"{self.done} of {self.total}",
            *(f"{number} {word}" for word, number in sorted(self.ended.items())),
            f"{self.running} running",
            f"{rate:.1f} a minute",
        ]
        if (left := self.time_left) is not None:
            minutes, seconds = divmod(round(left), 60)
            hours, minutes = divmod(minutes, 60)
            span = f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
            parts.append(f"about {span} left")
        if self.balance is not None:
            parts.append(f"balance {self.balance}")
        return ", ".join(parts)


def how(outcome: Outcome[Any]) -> str:
    """Return the word for how an outcome ended."""
    if outcome.ok:
        return "completed"
    if isinstance(outcome.error, SubmissionUnknownError):
        return "uncertain"
    if isinstance(outcome.error, JobTimeoutError):
        return "left"
    return "failed" if isinstance(outcome.error, JobFailedError) else "error"
