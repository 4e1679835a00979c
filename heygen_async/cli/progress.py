"""How a batch is getting on: its tally, and the views of it for a terminal and for a log."""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Protocol

import attrs
import click

from heygen_async import JobFailedError, SubmissionUnknownError
from heygen_async.cli.following import one_line
from heygen_async.cli.lines import Plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Self

    from rich.console import RenderableType

    from heygen_async import Outcome, Statistics, Submitted

LAST_FAILURES = 3


@attrs.define(kw_only=True)
class Tally:
    """What a batch has done so far; ``about`` asks the client for its statistics."""

    total: int
    concurrency: int
    about: Callable[[], Statistics]
    started_at: float = attrs.field(factory=time.monotonic)
    running: int = 0
    ended: Counter[str] = attrs.field(factory=Counter)
    failures: deque[str] = attrs.field(factory=lambda: deque(maxlen=LAST_FAILURES))

    @property
    def done(self) -> int:
        """How many rows have ended."""
        return self.ended.total()

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

    def began(self) -> None:
        """Count a job that was started or found again."""
        self.running += 1

    def finish(self, outcome: Outcome[Any]) -> None:
        """Count an outcome."""
        self.running -= outcome.job is not None and self.running > 0
        self.ended[how(outcome)] += 1
        if not outcome.ok:
            self.failures.append(f"{outcome.key}: {one_line(outcome.error)}")


def how(outcome: Outcome[Any]) -> str:
    """Return the word for how an outcome ended."""
    if outcome.ok:
        return "completed"
    if isinstance(outcome.error, SubmissionUnknownError):
        return "uncertain"
    return "failed" if isinstance(outcome.error, JobFailedError) else "error"


class View(Protocol):
    """Shows a batch while it runs."""

    def began(self, started: Submitted[Any]) -> None:
        """Show that a job was started or found again."""

    def finish(self, outcome: Outcome[Any]) -> None:
        """Show how a row ended."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class LogView(Plain):
    """Writes a line for each change to stderr."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def began(self, started: Submitted[Any]) -> None:
        """Write the job's token."""
        self._say(started.key, f"running, {started.job.token}")

    def finish(self, outcome: Outcome[Any]) -> None:
        """Write the file, or what went wrong; what an earlier run has finished is no news."""
        if outcome.ok and outcome.result is None:
            return
        told = outcome.path if outcome.ok else one_line(outcome.error)
        self._say(outcome.key, f"{how(outcome)}, {told}" if told else how(outcome))

    def _say(self, key: str | None, text: str) -> None:
        click.echo(f"{self._tally.seconds:8.1f} s  {key}: {text}", err=True)


class LiveView:
    """Draws a bar with counts, rate and time left, and the last failures, on a terminal."""

    def __init__(self, tally: Tally) -> None:
        from rich.console import Console  # noqa: PLC0415 - rich is slow to import
        from rich.live import Live  # noqa: PLC0415

        self._tally = tally
        self._live = Live(
            console=Console(stderr=True), get_renderable=self.draw, refresh_per_second=4
        )

    def began(self, started: Submitted[Any]) -> None:
        """Take note; the next picture shows it."""

    def finish(self, outcome: Outcome[Any]) -> None:
        """Take note; the next picture shows it."""

    def draw(self) -> RenderableType:
        """Return the picture of this moment."""
        from rich.console import Group  # noqa: PLC0415
        from rich.progress_bar import ProgressBar  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        tally = self._tally
        failures = (Text(line, style="red", no_wrap=True) for line in tally.failures)
        bar = ProgressBar(total=tally.total, completed=tally.done)
        return Group(bar, Text(figures(tally), no_wrap=True), *failures)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()


def figures(tally: Tally) -> str:
    """Return the line of figures under the bar."""
    counts = [f"{number} {word}" for word, number in sorted(tally.ended.items())]
    rate = tally.done / tally.seconds * 60 if tally.seconds else 0.0
    left = tally.time_left
    parts = [
        f"{tally.done} of {tally.total}",
        *counts,
        f"{tally.running} running",
        f"{rate:.1f} a minute",
        "" if left is None else f"about {_span(left)} left",
    ]
    return ", ".join(filter(None, parts))


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
